"""Recorded models and embeddings of pictures -> what an edition says of variants (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from evals.types import Model, digest
from leaderboard.distinctness.answers import Families, Variant, Verdict
from leaderboard.distinctness.kinds import LOOKS, kind_of
from leaderboard.distinctness.layout import Floats, Key, paired
from leaderboard.distinctness.measure import FACTOR, LEAST_PROMPTS, RATE, conclude, measure
from leaderboard.distinctness.mmd import PERMUTATIONS


@dataclass(frozen=True)
class Made:
    """What one model made of a suite, as the judges see it."""

    embeddings: Mapping[Key, Floats]
    """Prompt and seed -> all judges side by side. Empty with a reason."""
    reason: str | None = None
    """Why there are none."""
    marks: Mapping[str, Mapping[Key, float]] = field(default_factory=dict[str, Mapping[Key, float]])
    """Metric of alignment -> its scores."""


@dataclass(frozen=True)
class Evaluated:
    """One suite: who was evaluated on it."""

    suite_id: str
    suite_version: str
    judges: tuple[str, ...]
    """Whose embeddings these are; none: no judge of the suite keeps any."""
    models: Mapping[str, Model]
    """As they were recorded last."""
    made: Mapping[str, Made]
    """Of every one of `models`."""


def families(
    registered: Mapping[str, Model],
    suites: Sequence[Evaluated],
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Families:
    """Every variant on every suite on which it was evaluated, and those that never were.

    Args:
        registered: models by id; who is a variant of whom is taken from here where it can be.
        suites: what was evaluated.
        permutations: of each test.
        seed: of them.
    """
    rows: list[Variant] = []
    for suite in suites:
        for name, model in suite.models.items():
            base = registered.get(name, model).base
            if base is not None:
                rows.append(_one(suite, model, base, registered, permutations, seed))
    seen = {row.variant for row in rows}
    rows += [
        _never(model, registered)
        for model in registered.values()
        if model.base is not None and model.id not in seen
    ]
    rows = _concluded(rows)
    order = sorted(rows, key=lambda row: (row.base, row.variant, row.suite_id or ""))
    order = _once(order, {suite.suite_id: suite.models for suite in suites})
    return Families(tuple(order), permutations, RATE, FACTOR, LEAST_PROMPTS)


def _one(
    suite: Evaluated,
    model: Model,
    base: str,
    registered: Mapping[str, Model],
    permutations: int,
    seed: int,
) -> Variant:
    """A row without its conclusion: what it measured, or why nothing was."""
    told = suite.models.get(base) or registered.get(base)
    blank = Variant(
        variant=model.id,
        name=model.name,
        base=base,
        base_name=base if told is None else told.name,
        kind="fine-tune" if told is None else kind_of(model, told),
        adapters=model.adapters,
        simulated=model.simulated,
        suite_id=suite.suite_id,
        suite_version=suite.suite_version,
        verdict="not measured",
        own_row=True,
        reason="",
        judges=suite.judges,
    )
    if base not in suite.made:
        return replace(
            blank,
            reason=f"its base made nothing of this suite; churnboard eval --suite {suite.suite_id}"
            f" --model {base}",
        )
    if not suite.judges:
        return replace(blank, reason="no judge of this suite looks at pictures one by one")
    own, before = suite.made[model.id], suite.made[base]
    for made in (own, before):
        if made.reason is not None:
            return replace(blank, reason=made.reason)
    both = own.embeddings.keys() & before.embeddings.keys()
    prompts = len({prompt for prompt, _ in both})
    if prompts < LEAST_PROMPTS:
        few = f"{prompts} prompts that both made something of, of {LEAST_PROMPTS} at least"
        return replace(blank, reason=few)
    made = paired(before.embeddings, own.embeddings)
    return replace(blank, measured=measure(made, _alignment(own, before), permutations, seed))


def _alignment(own: Made, before: Made) -> dict[str, float]:
    found: dict[str, float] = {}
    for metric in sorted(own.marks.keys() & before.marks.keys()):
        mine, theirs = own.marks[metric], before.marks[metric]
        both = sorted(mine.keys() & theirs.keys())
        if both:
            found[metric] = float(np.mean([mine[key] - theirs[key] for key in both]))
    return found


def _never(model: Model, registered: Mapping[str, Model]) -> Variant:
    base = registered[model.base or ""]
    suite = next(iter(model.suites), "<suite>")
    return Variant(
        variant=model.id,
        name=model.name,
        base=base.id,
        base_name=base.name,
        kind=kind_of(model, base),
        adapters=model.adapters,
        simulated=model.simulated,
        suite_id=None,
        suite_version=None,
        verdict="not measured",
        own_row=True,
        reason=f"nothing of it was evaluated; churnboard eval --suite {suite}"
        f" --model {base.id} --model {model.id}",
    )


def _concluded(rows: Sequence[Variant]) -> list[Variant]:
    """The rows, with what the tests say together."""
    tested = [one.measured for one in rows if one.measured is not None]
    said = iter(conclude(tested))
    return [row if row.measured is None else _with(row, *next(said)) for row in rows]


def _once(rows: Sequence[Variant], models: Mapping[str, Mapping[str, Model]]) -> list[Variant]:
    """One row for one key: the same adapters at the same strength, sampled alike, over one base."""
    first: dict[str, str] = {}
    found: list[Variant] = []
    for row in rows:
        if row.suite_id is None or not row.adapters or not row.own_row:
            found.append(row)
            continue
        settings = dict(models[row.suite_id][row.variant].settings)
        settings.pop("adapters", None)
        key = digest(
            [row.suite_id, row.base, settings, [[a.content, a.strength] for a in row.adapters]]
        )
        if first.setdefault(key, row.variant) == row.variant:
            found.append(row)
        else:
            same = f"{row.reason}; but its adapter, strength and settings are those of {first[key]}"
            found.append(replace(row, own_row=False, reason=same))
    return found


def _with(row: Variant, q: float, verdict: Verdict, reason: str) -> Variant:
    own = verdict != "not distinct" or row.kind not in LOOKS
    if verdict == "not distinct" and own:
        reason += "; it keeps its row, as it is made for speed or price and not for looks"
    return replace(row, q=q, verdict=verdict, own_row=own, reason=reason)
