"""Is a metric fooled? Wins and ties of the copies, and a lower bound of their share (pure).

The bound is one-sided: a metric that copies truly fool half the time is called fooled in about one
suite of twenty. Pairs of one prompt resemble each other, so prompts are resampled and not pairs,
and the percentile is moved outwards for small numbers of prompts, which a plain bootstrap flatters
(Hesterberg 2015, "What teachers should know about the bootstrap", The American Statistician 69).
Prompts that all agree leave a bootstrap nothing to vary; then, and wherever it is lower, the bound
is the exact one for that many unanimous prompts (Clopper and Pearson 1934): of four prompts
nothing follows, however clear they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, stdtrit

from evals.canaries.degradations import EDITION
from evals.record_types import CanaryResult
from evals.types import MetricSpec, Suite

if TYPE_CHECKING:
    from evals.instruments import Instrument

CONFIDENCE = 0.95
DRAWS = 4000


@dataclass(frozen=True)
class Pair:
    """One metric's scores of an original and its copy."""

    cluster: str
    """Prompt or block of prompts."""
    original: float
    copy: float


def points(spec: MetricSpec, pair: Pair) -> float:
    """What the copy makes of the pair: 1 for a win, 1/2 for a tie (within the tie band), 0."""
    gain = pair.copy - pair.original if spec.higher_is_better else pair.original - pair.copy
    if abs(gain) <= spec.tie_band:
        return 0.5
    return 1.0 if gain > 0 else 0.0


def verdict(
    instrument: Instrument, suite: Suite, canary: str, pairs: Sequence[Pair], seed: int = 0
) -> CanaryResult | None:
    """How one metric fared against one canary; None without a pair that could be scored."""
    if not pairs:
        return None
    shares: dict[str, list[float]] = {}
    for pair in pairs:
        shares.setdefault(pair.cluster, []).append(points(instrument.spec, pair))
    scored = [value for group in shares.values() for value in group]
    return CanaryResult(
        metric=instrument.spec.name,
        fingerprint=instrument.fingerprint,
        suite_id=suite.id,
        suite_version=suite.version,
        canary=canary,
        pairs=len(scored),
        wins=scored.count(1.0),
        ties=scored.count(0.5),
        low=lower_bound(shares, seed),
        edition=EDITION,
    )


def lower_bound(shares: Mapping[str, Sequence[float]], seed: int = 0) -> float:
    """One-sided lower 95 % bound of the mean over all pairs, in [0, 1].

    Args:
        shares: cluster -> points of its pairs, each in [0, 1]; at least one cluster.
        seed: of the resampling.

    >>> lower_bound({"a": [1.0], "b": [1.0], "c": [1.0]}) < 0.5
    True
    >>> round(lower_bound({str(prompt): [1.0] for prompt in range(20)}), 3)
    0.861
    """
    clusters = len(shares)
    unanimous = (1 - CONFIDENCE) ** (1 / clusters)
    groups = [shares[name] for name in sorted(shares)]
    total = np.array([math.fsum(group) for group in groups])
    size = np.array([float(len(group)) for group in groups])
    if clusters == 1:
        return min(unanimous, float(total[0] / size[0]))
    random = np.random.default_rng(seed)
    times = random.multinomial(clusters, np.full(clusters, 1 / clusters), size=DRAWS)
    means = (times @ total) / (times @ size)
    widened = math.sqrt(clusters / (clusters - 1)) * float(stdtrit(clusters - 1, 1 - CONFIDENCE))
    # The draw below the percentile: means of few prompts come in steps, and the step above would
    # claim more than the confidence.
    low = float(np.quantile(means, float(ndtr(widened)), method="lower"))
    return min(low, unanimous)
