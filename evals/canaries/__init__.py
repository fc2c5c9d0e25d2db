"""Canaries: does a metric prefer degraded copies to the originals?

::

    degradations  what is done to a picture, at fixed strengths
    disorders     what is done to the order of a clip's frames
    pairs         which copies stand beside which originals
    verdict       wins and ties of the copies, with a lower bound of their share
    examine       composes them over what models made of a suite

A metric meets only the canaries of what it measures. One that is fooled is not broken for every
use: it rewards something that people do not want, and a model could win by it.
"""

from evals.canaries.degradations import EDITION
from evals.canaries.examine import AT_MOST, expected_pairs, run_canaries
from evals.canaries.pairs import met_by

__all__ = ["AT_MOST", "EDITION", "expected_pairs", "met_by", "run_canaries"]
