"""Judges: the encoders and reward models behind metrics, as files that pin them.

::

    pins           what is pinned of a judge, and whether it is here
    files          the files that describe judges, read strictly
    fetch          weights from the hub, and their pin
    checkpoints    files of weights → tensors by name
    preprocessing  a picture → a network's input, pixel by pixel

`evals.encoder_kinds` knows how each kind is built, `evals.encoders` runs them.
"""
