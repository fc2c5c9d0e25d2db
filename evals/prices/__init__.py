"""The price book: what is asked for a generation, since when, and who says so.

::

    types     price lists, and which of their prices count on a day
    tiers     up to which size and length a price is, and at which quality
    files     price lists written by people
    sources   one file per outside price list (table: cells, with the place of every fault)
    imports   an outside price list → the home's history of it
    history   imported prices, from which day on; append-only
    book      all price lists, laid over each other
    views     the price book as rows (report: as one answer; answers: its form)
    words     how costs follow, in words
    commands  `churnboard prices`

`evals.pricing` turns quantities into dollars by it.
"""
