"""One variant measured; several, and who of them is distinct (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leaderboard.distinctness.answers import Measured, Verdict
from leaderboard.distinctness.axis import content_drift, style
from leaderboard.distinctness.fdr import q_values
from leaderboard.distinctness.layout import Paired
from leaderboard.distinctness.mmd import PERMUTATIONS, between_seeds, discrepancy
from leaderboard.distinctness.vendi import vendi_ratio

RATE = 0.05
"""Largest false discovery rate among the variants that are called distinct."""
FACTOR = 2.0
"""Least style distance of a distinct variant, in seed-to-seed distances of its base: the style then
moves a picture twice as far as another seed would, along its own axis."""
LEAST_PROMPTS = 20
"""Fewer say too little of what is alike at every prompt."""


def measure(
    made: Paired, alignment: Mapping[str, float], permutations: int = PERMUTATIONS, seed: int = 0
) -> Measured:
    """All that is measured of one variant; 2 prompts at least.

    Args:
        made: by base and variant.
        alignment: metric -> mean difference.
        permutations: of the test.
        seed: of the permutations.
    """
    found = discrepancy(made, permutations, seed)
    apart = style(made)
    return Measured(
        prompts=made.prompts,
        pictures=len(made.prompt),
        mmd2=found.mmd2,
        seed_mmd2=between_seeds(made, found.bandwidth),
        p=found.p,
        style_distance=apart.distance,
        seed_distance=apart.seed_distance,
        ratio=apart.ratio,
        content_drift=content_drift(made),
        vendi_ratio=vendi_ratio(made),
        alignment=dict(alignment),
    )


def conclude(measured: Sequence[Measured]) -> list[tuple[float, Verdict, str]]:
    """q, verdict and why, in step; tested together.

    Args:
        measured: every variant that was measured, whatever its base.
    """
    found = q_values([one.p for one in measured])
    return [(q, *_verdict(one, q)) for one, q in zip(measured, found, strict=True)]


def _verdict(one: Measured, q: float) -> tuple[Verdict, str]:
    if one.ratio is None:
        if one.seed_distance is None:
            return "not measured", (
                "its base made one seed of each prompt, so nobody knows what a seed changes;"
                " evaluate both with --seeds 0,1"
            )
        return "not measured", "seeds change nothing in its base, so there is no unit of distance"
    told = f"style {one.ratio:.2g} × what a seed changes, q {q:.2g}"
    if q > RATE:
        return "not distinct", f"{told}: nothing that chance would not show"
    if one.ratio < FACTOR:
        return "not distinct", f"{told}: a difference, but below {FACTOR:g} × what a seed changes"
    return "distinct", told
