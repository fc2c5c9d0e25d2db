"""What backends behind an address share: the keys, the guard, the patience, the reading of answers.

A call goes down this list, and its answer comes back up::

    settings    what a model's file says of an endpoint; keys have no place in it
    keys        keys from the environment, and their removal from every text
    endpoint    one opened model: begins calls, counts failures, turns answers into media
    breaker     after failures in a row nothing is asked for a while
    calls       one call: its deadline, whether it was cancelled, what may have been billed
    inputs      what a model is asked for, in the words of its maker
    hub_switch  the hub's own HTTP client, lent to calls
    jobs        work that is handed in, asked after, and fetched
    answers     where the media, the refusal, the cost and the version are in an answer
    pixels      bytes of a picture or clip → pixels and quantities billed
    transport   HTTP: sends, waits, sends again, reads within limits
    verdicts    an answer that is no success → a kind, a blame, whether it may be billed
    patience    how long to wait before the next try
    bodies      bodies read within caps on bytes and on time
    sockets     connections: to allowed addresses only, and never past the deadline
    addresses   which addresses are allowed
    timing      clocks and waits, so that tests need none

The clients of the providers speak their wire formats; all of them send through `transport`. They
see successes alone: what else comes back is judged before they do, and raised as an error of ours,
so that no client repeats a call that costs money or sleeps for as long as a server says.
"""
