"""The only writer of DuckDB.

::

    database    open as the one writer; set a damaged file aside
    migrations  the schema brought up to date (steps: the schema itself, after first_steps;
                usage_steps: that of usage)
    staging     rows in bulk
    ingest      run records -> tables (scores: their scores, checks and canaries)
    history     imported files and their snapshots -> tables
    made        boards of our own making, kept and stored like imported ones
    votes       the ballot box -> a table -> evidence
    usage       calls of routers -> a table -> counts by day
    evidence    tables -> what boards are made from
    epochs      tables -> what models made of a suite in each of its epochs
    derived     what a refresh concludes -> tables
    picks       decisions, frontiers and the log of picks, within that
    editions    immutable copies, and the link to the current one
"""
