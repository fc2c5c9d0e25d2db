"""Variants in words: the same in the terminal and on pages (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leaderboard.distinctness.answers import Families, Variant
from leaderboard.distinctness.kinds import LOOKS

CLAIM = (
    "Fine-tunes of visual models are tangibly distinct from their base; those of language models"
    " are not."
)
NO_LANGUAGE = (
    "The half about language models is not measured: churnboard evaluates pictures and clips."
)


@dataclass(frozen=True)
class Told:
    """A claim held against what was measured."""

    measurement: str
    verdict: str
    """Begins with `holds`, `holds only when`, `does not hold` or `not measured`."""


def claim_told(found: Families | None) -> Told:
    """What the measured LoRAs and fine-tunes say about the claim's first half.

    A variant that was measured on several suites counts once: distinct where it is so anywhere.
    """
    looks = [] if found is None else _looks(found)
    tested = {one.variant for one in looks}
    distinct = {one.variant for one in looks if one.verdict == "distinct"}
    if found is None or not tested:
        return Told(
            "No LoRA or fine-tune was evaluated beside its base.",
            "not measured: evaluate a base and its variants on one suite, then refresh",
        )
    marks = " (simulated stand-ins)" if all(one.simulated for one in looks) else ""
    measurement = (
        f"{len(distinct)} of {len(tested)} LoRAs and fine-tunes{marks} are distinct: pictures of"
        " the same prompts and seeds differ by more than chance, with at most"
        f" {_percent(found.rate)} of such findings false, and their style lies at"
        f" least {found.factor:g} times as far off as another seed moves the base."
    )
    if distinct == tested:
        return Told(measurement, "holds for every one that was measured")
    if not distinct:
        return Told(measurement, "does not hold for any that was measured")
    others = ", ".join(sorted(tested - distinct))
    return Told(
        measurement,
        "holds only when the training changed the look: a fine-tune as such is no other model"
        f" ({others})",
    )


def _looks(found: Families) -> list[Variant]:
    return [one for one in found.variants if one.kind in LOOKS and one.verdict != "not measured"]


def key_of(one: Variant) -> str:
    """What a row is keyed by beside its base: adapters by content, each with its strength.

    A dash for a variant without adapters, whose weights are its own.
    """
    return ", ".join(f"{a.content[:12]} × {a.strength:g}" for a in one.adapters) or "–"


def rows_told(variants: Sequence[Variant]) -> tuple[str, ...]:
    """Which of these have no row on boards, one line per base and suite."""
    places = sorted({(one.base, one.suite_id or "") for one in variants if not one.own_row})
    lines: list[str] = []
    for base, suite in places:
        names = [
            one.variant
            for one in variants
            if not one.own_row and (one.base, one.suite_id or "") == (base, suite)
        ]
        many = "variant" if len(names) == 1 else "variants"
        lines.append(
            f"on suite {suite}: {len(names)} {many} not distinct from {base}, folded under it:"
            f" {', '.join(names)}"
        )
    return tuple(lines)


def number(value: float | None, digits: int = 2) -> str:
    """A number for people; a dash where it is unknown.

    >>> number(0.01234), number(None), number(-0.0001)
    ('0.012', '–', '-0.0001')
    """
    return "–" if value is None else f"{value:.{digits}g}"


def _percent(share: float) -> str:
    return f"{100 * share:g} %"
