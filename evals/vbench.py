"""VBench's totals from its sixteen dimensions: arithmetic alone.

Huang et al. 2024, VBench, arXiv:2311.17982; limits and weights as in `scripts/constant.py` of
https://github.com/Vchitect/VBench.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evals.errors import ScoreError
from evals.names import hint

Part = Literal["quality", "semantic"]


@dataclass(frozen=True)
class Dimension:
    """One of the sixteen, and how it enters the totals."""

    part: Part
    low: float = 0.0
    """Raw score that counts as 0: what the authors found to be the least reachable."""
    high: float = 1.0
    """Raw score that counts as 1."""
    weight: float = 1.0
    """Within its part."""


DIMENSIONS: Mapping[str, Dimension] = {
    "subject_consistency": Dimension("quality", low=0.1462),
    "background_consistency": Dimension("quality", low=0.2615),
    "temporal_flickering": Dimension("quality", low=0.6293),
    "motion_smoothness": Dimension("quality", low=0.706, high=0.9975),
    "dynamic_degree": Dimension("quality", weight=0.5),
    "aesthetic_quality": Dimension("quality"),
    "imaging_quality": Dimension("quality"),
    "object_class": Dimension("semantic"),
    "multiple_objects": Dimension("semantic"),
    "human_action": Dimension("semantic"),
    "color": Dimension("semantic"),
    "spatial_relationship": Dimension("semantic"),
    "scene": Dimension("semantic", high=0.8222),
    "appearance_style": Dimension("semantic", low=0.0009, high=0.2855),
    "temporal_style": Dimension("semantic", high=0.364),
    "overall_consistency": Dimension("semantic", high=0.364),
}
"""By the names that VBench's own result files use."""
QUALITY_WEIGHT = 4.0
"""Of the quality score in the total; the semantic score has 1."""


def normalised(name: str, raw: float) -> float:
    """(raw − low) / (high − low) of one dimension: not cut off at 0 or 1, as VBench does not.

    Args:
        name: of the dimension.
        raw: as measured, a fraction (tables print 100 times as much).

    Raises:
        ScoreError: there is no such dimension, or `raw` is not finite.
    """
    if name not in DIMENSIONS:
        raise ScoreError(f'VBench has no dimension "{name}"{hint(name, DIMENSIONS)}')
    if not math.isfinite(raw):
        raise ScoreError(f"VBench's {name} is {raw}, which is no score")
    dimension = DIMENSIONS[name]
    return (raw - dimension.low) / (dimension.high - dimension.low)


def quality(raw: Mapping[str, float], weights: Mapping[str, float] | None = None) -> float:
    """The quality score: weighted mean of seven normalised dimensions (weights sum to 6.5).

    Args:
        raw: dimension -> as measured, a fraction.
        weights: of dimensions, in place of VBench's own.

    Raises:
        ScoreError: one of them has no score, and nothing stands in for it; or all weigh nothing.
    """
    return _mean("quality", raw, weights or {})


def semantic(raw: Mapping[str, float], weights: Mapping[str, float] | None = None) -> float:
    """The semantic score: mean of nine normalised dimensions. Arguments and errors: `quality`."""
    return _mean("semantic", raw, weights or {})


def total(raw: Mapping[str, float]) -> float:
    """The total score: (4 · quality + semantic) / 5.

    >>> round(total({name: dimension.high for name, dimension in DIMENSIONS.items()}), 4)
    1.0

    Raises:
        ScoreError: one of the sixteen has no score.
    """
    return combined(quality(raw), semantic(raw))


def combined(quality: float, semantic: float, weight: float = QUALITY_WEIGHT) -> float:
    """Quality and semantic scores, on one scale, as one: their mean, quality weighing `weight`.

    >>> combined(84.11, 75.17)
    82.322
    """
    return (weight * quality + semantic) / (weight + 1)


def _mean(part: Part, raw: Mapping[str, float], changed: Mapping[str, float]) -> float:
    names = [name for name, dimension in DIMENSIONS.items() if dimension.part == part]
    missing = [name for name in names if name not in raw]
    if missing:
        raise ScoreError(f"VBench's {part} score needs {missing[0]}, which has no score")
    weights = [changed.get(name, DIMENSIONS[name].weight) for name in names]
    if not sum(weights):
        raise ScoreError(f"VBench's {part} score: every dimension weighs 0; give one of them more")
    values = [normalised(name, raw[name]) for name in names]
    return sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)
