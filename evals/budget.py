"""What of a plan fits into money and time, and in which order it is done (pure).

A budget is of one epoch of a suite: what the epoch has cost already counts, so that the same
command run again after a crash stays within it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from evals.types import Trial

FIRST_ROUND = 4
"""Prompts of the first round; each later one has twice as many, so that a model is loaded about
log2 as often as there are prompts."""


@dataclass(frozen=True)
class Limits:
    """What a run may take."""

    usd: float | None = None
    """US dollars for the epoch; None = no limit."""
    seconds: float | None = None
    """Wall seconds of this run's calls; None = no limit."""

    def __bool__(self) -> bool:
        return self.usd is not None or self.seconds is not None


@dataclass(frozen=True)
class Expected:
    """What one call of a model will take, so far as that is known before."""

    usd: float | None
    """At most so many US dollars; None = unknown."""
    seconds: float | None
    """Usual wall seconds; None = it was never run."""
    paid: bool
    """Whether somebody else bills every call."""
    basis: str = ""
    """How the dollars follow, or why they are unknown."""
    at_once: int = 1
    """Calls in flight together, which end in the time of one."""

    def lasts(self, calls: int) -> float | None:
        """Wall seconds that so many calls take; None = it was never run."""
        return None if self.seconds is None else calls * self.seconds / self.at_once


@dataclass(frozen=True)
class LeftOut:
    """Trials of one model that limits leave out."""

    model: str
    trials: int
    reason: str


@dataclass(frozen=True)
class Admission:
    """The part of a plan that fits."""

    trials: tuple[Trial, ...]
    left_out: tuple[LeftOut, ...]


def admit(
    missing: Sequence[Trial],
    expected: Mapping[str, Expected],
    limits: Limits,
    spent: float = 0.0,
    counted: Collection[str] = (),
    held_there: Collection[str] = (),
) -> Admission:
    """The first prompts for which every model's trials fit together.

    A model whose paid calls have no known price is left out of a budget in dollars altogether; the
    others get the same prompts, so that what is made can be compared. A model on this machine whose
    cost or time is unknown counts nothing ahead; the run itself watches what it takes.

    Args:
        missing: trials to do, of any models.
        expected: by model id.
        limits: money and time.
        spent: US dollars that the epoch has cost so far.
        counted: keys of trials whose call is part of that already, as it was begun.
        held_there: keys of trials whose work an endpoint holds, paid already and for a while only:
            no limit leaves them out.
    """
    if not limits:
        return Admission(tuple(missing), ())
    unpriced = {
        name
        for name, item in expected.items()
        if limits.usd is not None and item.paid and item.usd is None
    }
    candidates = [trial for trial in missing if trial.model_id not in unpriced]
    money, seconds = spent, 0.0
    admitted: set[str] = set()
    over = ""
    for prompt in dict.fromkeys(trial.prompt_id for trial in candidates):
        together = [trial for trial in candidates if trial.prompt_id == prompt]
        money += sum(
            expected[trial.model_id].usd or 0.0 for trial in together if trial.key not in counted
        )
        seconds += sum(expected[trial.model_id].lasts(1) or 0.0 for trial in together)
        over = _over(money, seconds, limits)
        if over:
            break
        admitted.add(prompt)
    chosen = tuple(
        trial
        for trial in missing
        if trial.key in held_there
        or (trial.model_id not in unpriced and trial.prompt_id in admitted)
    )
    reasons = {name: f"its price is unknown: {expected[name].basis}" for name in unpriced}
    return Admission(chosen, _left_out(missing, chosen, reasons, over))


def _over(usd: float, seconds: float, limits: Limits) -> str:
    """Which limit is passed, in words; empty if none is."""
    # Sums of prices differ from their product in the last bits.
    if limits.usd is not None and usd > limits.usd * (1 + 1e-12):
        return f"the budget of {limits.usd:g} USD ends before"
    if limits.seconds is not None and seconds > limits.seconds:
        return f"the {limits.seconds:g} seconds end before"
    return ""


def _left_out(
    missing: Iterable[Trial], chosen: Collection[Trial], reasons: Mapping[str, str], over: str
) -> tuple[LeftOut, ...]:
    kept = {trial.key for trial in chosen}
    counts: dict[str, int] = {}
    for trial in missing:
        if trial.key not in kept:
            counts[trial.model_id] = counts.get(trial.model_id, 0) + 1
    return tuple(LeftOut(name, count, reasons.get(name, over)) for name, count in counts.items())


def in_rounds(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """The same trials, so ordered that a run stopped at any time has compared all models.

    Rounds of 4, 8, 16, … prompts, in each every model's trials together. With it, a run that ends
    early has the same prompts of every model but for the round in which it ended.
    """
    prompts = list(dict.fromkeys(trial.prompt_id for trial in trials))
    round_of = {prompt: _round(place) for place, prompt in enumerate(prompts)}
    models = {name: place for place, name in enumerate(dict.fromkeys(t.model_id for t in trials))}
    return tuple(
        sorted(trials, key=lambda trial: (round_of[trial.prompt_id], models[trial.model_id]))
    )


def _round(place: int) -> int:
    """Round of the prompt at `place`, counted from 0.

    >>> [_round(place) for place in (0, 3, 4, 11, 12, 27, 28)]
    [0, 0, 1, 1, 2, 2, 3]
    """
    return (place // FIRST_ROUND + 1).bit_length() - 1


def by_model(trials: Iterable[Trial]) -> list[tuple[str, tuple[Trial, ...]]]:
    """Neighbouring trials of one model together, in their order."""
    grouped = groupby(trials, key=lambda trial: trial.model_id)
    return [(name, tuple(group)) for name, group in grouped]
