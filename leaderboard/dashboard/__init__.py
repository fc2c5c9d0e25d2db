"""What people look at: a reading of the current edition, and nothing that writes.

::

    app.py  ->  navigation    which pages there are
                pages/        one file a page: picks, board, history, runs
                reads         cached reads, keyed by the edition's real path
                charts        figures: data in, plotly figure out
                text          numbers and words for people; data is shown, never interpreted
"""
