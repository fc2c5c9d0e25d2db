"""What people look at: a reading of the current edition, and nothing that writes.

::

    app.py  ->  navigation    which pages there are, and the page of an empty home
                pages/        one file a page: picks, board, churn, runs
                gallery       one prompt and seed, side by side for all models
                churn_tables  the tables of the Churn page; churn_words: its sentences
                widgets       choices, badges and figures that several pages draw alike
                charts, bump  figures: answers in, plotly figure out; places: what bump draws;
                              survival_charts: survival, and half-life through time
                credits       what sources are called, and whom they are to be credited to
                text          numbers and words for people; data is shown, never interpreted
                reads         cached reads, keyed by the edition's real path
"""
