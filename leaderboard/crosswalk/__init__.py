"""Which published name is which model, with its vendor, price and call.

::

    entries  the crosswalk, and how a name is looked up in it
    file     read from TOML
    suggest  what a name that is not in it may be
"""
