"""Boards: evidence or an outside snapshot, rated, with what is said of each model on it.

::

    rated         evidence -> a rated board
    rows          what it says of each model (clip_costs: and of its clips)
    billed        the same board at another day's prices
    environments  which environments' scores may stand on one board
    registered    what the registry says today of a suite's metrics
    fooled        which metrics degraded copies fool
    agreement     does the ranking agree with the truth?
    outside       a snapshot of an outside board, with its rank sets
"""
