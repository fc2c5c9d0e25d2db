"""From a router's log to what picks got, how they did, and how long traffic takes to follow (pure,
but for `kept`, `kept_counts` and `copies`).

::

    calls       one logged call, checked (rates: Wilson's interval)
    files       a router's JSONL, or a CSV of counts per day -> calls
    kept        calls -> the home and the store; a second time changes nothing (copies: the files)
    counts      counts of work by date, as somebody keeps them (kept_counts: in the home)
    shift       counts -> shares through time, and what they say of the claim (logistic: the curve
                that a share follows, where counts support one; shift_answers: the frozen rows;
                shift_words: the same in words)
    days        calls counted by day, as the store hands them out
    names       what a router calls a model, and a role -> which model, which role
    traffic     who got which share, through time
    measured    failure rate and latency in production -> the field of candidates
    adoption    how long until traffic follows a switch of a pick, or a rise in rank
    report      all of it for one task: what an edition keeps (answers: its frozen rows;
                words: the same in words)
"""
