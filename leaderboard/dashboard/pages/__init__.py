"""One file a page, found by its name.

::

    picks      which model to call: hero and workhorse per task and domain
    board      how the models compare, with what they made of the same prompts
    history    how fast the top of a public board turns over
    runs       what was evaluated, when, and what failed
"""
