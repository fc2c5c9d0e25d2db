"""One file a page, found by its name.

::

    picks      which model to call: hero and workhorse per task and domain
    board      how the models compare, with what they made of the same prompts
    arena      people compare two pictures, blind: the only page that keeps anything
    churn      how fast the top of a board turns over, and who is about to fall
    runs       what was evaluated, when, and what failed
    usage      what routers called, and whether work moves to AI
    domains    what generation saves against traditional work, by domain
"""
