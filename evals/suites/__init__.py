"""Suites: prompts, seeds and metrics, read and written.

::

    files    suites: file ↔ type, and whether their metrics can score them
    frames   where a suite says that its start frames lie
    prompts  lists of prompts in the field's formats
    imports  a list of prompts → a suite of one's own
    animate  pictures that a model made → a suite that begins with them
    own      suites of one's own, written whole or not at all
"""
