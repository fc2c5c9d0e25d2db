"""What an edition says of variants: frozen rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from evals.types import PinnedAdapter

Kind = Literal["LoRA", "fine-tune", "distilled", "sampling"]
"""How a variant comes from its base; `sampling`: the same weights, otherwise sampled."""
Verdict = Literal["distinct", "not distinct", "not measured"]


@dataclass(frozen=True)
class Measured:
    """One variant against its base on one suite."""

    prompts: int
    pictures: int
    """Of each of the two: pairs of one prompt and one seed."""
    mmd2: float
    """Unbiased squared MMD, over pairs of different prompts; may fall below 0."""
    seed_mmd2: float | None
    """The same of the base against itself with another seed; `None` with one seed a prompt."""
    p: float
    """Of the permutation test, in (0, 1]."""
    style_distance: float
    """From base to variant along the variant's style; about 0 where there is none."""
    seed_distance: float | None
    """Base against base with another seed, along the same axis; `None` with one seed a prompt."""
    ratio: float | None
    """Style distance over seed-to-seed distance."""
    content_drift: float | None
    """0: prompts part its pictures as they part the base's; 1: as if of other prompts."""
    vendi_ratio: float
    """How many different pictures, variant over base; below 1: collapse."""
    alignment: Mapping[str, float] = field(default_factory=dict[str, float])
    """Metric of alignment -> mean difference, variant less base, at the same prompt and seed."""


@dataclass(frozen=True)
class Variant:
    """What is said of one variant on one suite."""

    variant: str
    name: str
    base: str
    base_name: str
    kind: Kind
    adapters: tuple[PinnedAdapter, ...]
    """With the base, the key of a row on a board: content and strength of what lies over it."""
    simulated: bool
    suite_id: str | None
    """`None` where nothing of it was evaluated."""
    suite_version: str | None
    verdict: Verdict
    own_row: bool
    """Whether boards list it; else it is folded under its base."""
    reason: str
    """Why this verdict, in one line."""
    q: float | None = None
    """p, held against all variants that were tested (Benjamini and Hochberg)."""
    judges: tuple[str, ...] = ()
    """Whose embeddings were compared."""
    measured: Measured | None = None


@dataclass(frozen=True)
class Families:
    """All variants of all bases, and the rule that they were held to."""

    variants: tuple[Variant, ...]
    """By base, then variant, then suite."""
    permutations: int
    rate: float
    """Largest false discovery rate."""
    factor: float
    """Least style distance, in seed-to-seed distances."""
    least_prompts: int
