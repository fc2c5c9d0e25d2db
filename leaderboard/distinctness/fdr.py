"""Many tests at once: the false discovery rate (pure).

Benjamini and Hochberg, Controlling the False Discovery Rate, JRSS B 57, 1995. It holds for tests
that are independent or positively dependent, as tests of variants against one base are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def q_values(p: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values, in step: rejecting all up to a rate keeps false discoveries below it.

    >>> [round(q, 3) for q in q_values([0.01, 0.04, 0.03, 0.5])]
    [0.04, 0.053, 0.053, 0.5]
    """
    values = np.asarray(p, dtype=float)
    order = np.argsort(values, kind="stable")[::-1]
    ranks = np.arange(len(values), 0, -1)
    scaled = np.minimum.accumulate(np.minimum(1.0, values[order] * len(values) / ranks))
    found = np.empty_like(values)
    found[order] = scaled
    return tuple(float(q) for q in found)
