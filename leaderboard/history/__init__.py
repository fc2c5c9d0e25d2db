"""Boards through time: outside ones imported, own ones kept, and what is odd about either.

::

    imports        outside boards -> kept copies and the store (fetch: from an address)
    cells          CSV and Parquet as text
    tidy           what the sources of boards share (vbench_cells: the unit a VBench table is in)
    own            own boards -> snapshots, kept like outside ones (made: how they look there)
    replay         simulated models under a declared clock -> the boards there would have been
    series         one board through time
    findings       the checks on it
    vbench_weights  a VBench table under other weights, and where its order turns
"""
