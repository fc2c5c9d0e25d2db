"""What a reader is told of the judges behind a board: frozen answers, as in `leaderboard.answers`.

How much each metric weighs, how far it agrees with people, and how the order of a board moves when
the weights do. `None` means "not known" or "does not apply", never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PEOPLE = "people"
"""The family of people's votes, and the name of their weight."""

Feature = Literal["verdicts", "differences"]
Kind = Literal["own", "equal", "alone", "without"]


@dataclass(frozen=True)
class MetricWeight:
    """What one metric, or people's votes, weigh in the rating of one board."""

    metric: str
    """`people` for people's votes."""
    family: str
    weight: float
    """Share of the rating, 0..1; those of a board sum to 1, or are all 0: then nothing votes."""
    fooled_by: tuple[str, ...]
    """Canaries that the metric, as it is computed today, prefers to the originals."""
    why: str
    """One line: where the weight comes from."""


@dataclass(frozen=True)
class Share:
    """A counted share with its 95 % interval over resampled prompts."""

    value: float
    low: float | None
    high: float | None
    """`None` with fewer than two prompts: they cannot be resampled."""
    count: int
    """How many votes, or pairs of votes, it was counted over."""


@dataclass(frozen=True)
class MetricAgreement:
    """How often a metric names the winner that a person named."""

    metric: str
    share: Share | None
    """Of people's decisive votes, those the metric agrees with, its own ties being half; `None`
    where it scored no pair that somebody voted on."""


@dataclass(frozen=True)
class Held:
    """How well one set of weights foretold votes on prompts it was not fitted to."""

    log_loss: float
    """Nats per vote, ties being half of each; guessing gives 0.693."""
    accuracy: float
    """Share of decisive votes that the weighted verdicts get right, level ones being half."""


@dataclass(frozen=True)
class Fit:
    """The metrics' weights as people's votes say."""

    weights: dict[str, float]
    """Metric -> weight, 0..1, summing to 1."""
    feature: Feature
    """What the regression saw: each metric's verdict (1, 0, -1 by its tie band), or the difference
    of its two scores in standard deviations; whichever foretold held-out votes better."""
    ridge: float | None
    """Strength of the pull towards families that share alike; `None`: the votes did not beat it by
    more than one standard error over prompts, and the weights are those."""
    held_out: Held
    """Of weights fitted like these, cross-validated by prompt; each part's pull and feature are
    chosen without it."""
    equal: Held
    """Of families that share alike, on the same votes."""
    folds: int


@dataclass(frozen=True)
class People:
    """What people's votes on one suite say about its judges."""

    suite_id: str
    suite_version: str
    votes: int
    decisive: int
    """Votes that name a winner; the others are ties, or found both bad."""
    voters: int
    prompts: int
    agreement: tuple[MetricAgreement, ...]
    """By metric name."""
    ceiling: Share | None
    """The same share for another person in the place of the metric."""
    ceiling_reason: str | None
    """Why there is no ceiling."""
    fit: Fit | None
    fit_reason: str | None
    """Why there is no fit."""


@dataclass(frozen=True)
class Weighting:
    """The order of the models under one weighting."""

    kind: Kind
    """The board's own; families that share alike; one metric alone; all but one family."""
    name: str
    """The metric or the family; the kind itself for `own` and `equal`."""
    order: tuple[str, ...]
    """Models, best first. Empty where the weighting compares too few pairs to rank them all."""


@dataclass(frozen=True)
class PlaceRange:
    """Where one model lands when the weights vary."""

    model: str
    place: int
    """On the board itself, 1 = best."""
    low: int
    high: int
    """Best and worst place over all weightings, the named ones and the drawn ones."""
    shares: tuple[float, ...]
    """Share of the drawn weightings that put it at each place, from the first on; sums to 1."""
    robust: bool
    """At least 90 % of the drawn weightings leave it at its place."""

    @property
    def kept(self) -> float:
        """Share of the drawn weightings that leave the model where the board has it."""
        return self.shares[self.place - 1]


@dataclass(frozen=True)
class Swap:
    """The smallest change of one metric's weight that swaps the first two places."""

    metric: str
    weight: float
    """On the board."""
    needed: float
    """The weight at which they are level; all others keep their proportions."""


@dataclass(frozen=True)
class Sensitivity:
    """How the order of a board changes with the weights of what votes."""

    draws: int
    """How many weightings were drawn."""
    models: tuple[PlaceRange, ...]
    """By place; empty with a `reason`."""
    weightings: tuple[Weighting, ...]
    swap: Swap | None
    """`None`: no single metric can swap the first two."""
    reason: str | None = None
    """Why there is nothing to vary."""
    disagreement: float | None = None
    """Standard deviation, in rating points, of one family of judges' bias towards a model, as the
    families' disagreement shows it; `None` where it cannot be told."""
