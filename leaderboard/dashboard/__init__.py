"""What people look at: a reading of the current edition, and nothing that writes.

::

    app.py  ->  navigation    which pages there are, and the page of an empty home
                pages/        one file a page: picks, board, history, runs
                gallery       one prompt and seed, side by side for all models
                widgets       choices, badges and figures that several pages draw alike
                charts, bump  figures: answers in, plotly figure out
                text          numbers and words for people; data is shown, never interpreted
                reads         cached reads, keyed by the edition's real path
"""
