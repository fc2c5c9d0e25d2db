"""How many different pictures a model makes: the Vendi score (pure).

Friedman and Dieng, The Vendi Score, TMLR 2023: exp of the entropy of the eigenvalues of K / n, with
the cosine of embeddings as K. Between 1, all the same, and n, all different.
"""

from __future__ import annotations

import numpy as np

from leaderboard.distinctness.layout import Floats, Paired

_NOTHING = 1e-12


def vendi(rows: Floats) -> float:
    """The score of pictures x width, no row of zeros.

    >>> round(vendi(np.eye(3)), 6), round(vendi(np.ones((3, 2))), 6)
    (3.0, 1.0)
    """
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    # Both products have the same eigenvalues above 0; the smaller is faster.
    product = unit.T @ unit if unit.shape[0] > unit.shape[1] else unit @ unit.T
    values = np.linalg.eigvalsh(product / len(unit))
    values = values[values > _NOTHING]
    return float(np.exp(-(values * np.log(values)).sum()))


def vendi_ratio(made: Paired) -> float:
    """The variant's score over the base's: below 1 its pictures have collapsed."""
    return vendi(made.variant) / vendi(made.base)
