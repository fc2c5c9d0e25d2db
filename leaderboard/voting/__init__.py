"""People's votes, from the question to the file.

::

    ballots   which two generations a person compares next
    box       where the answers are kept, append-only, the first to a ballot counting
    rows      a vote as a flat row
    files     votes as CSV and Parquet
    counts    how many there are
"""
