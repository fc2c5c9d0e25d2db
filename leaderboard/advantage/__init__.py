"""What generation saves against traditional work, by domain (pure, but for `costs` and `tables`).

::

    costs       what traditional work costs: a file, strictly read
    acceptance  recorded scores -> which share of a model's generations reaches the floor
    index       both, and what generations cost -> how many times cheaper, with the span
    verdict     is the advantage in non-photorealistic work?
    answers     the frozen rows (words: in words; tables: on a screen)
"""
