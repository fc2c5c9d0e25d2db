"""What the price book says on a day, as rows for a table or JSON (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from evals.errors import InputError
from evals.metrics import modality
from evals.names import fold, hint
from evals.prices.tiers import ANY, told
from evals.prices.types import WORDS, Entry, Price, Status, in_force
from evals.pricing import estimate, estimate_of
from evals.types import Model

MADE = {"image": "picture", "video": "clip"}
STATUSES: tuple[Status, ...] = ("current", "expired", "unknown")


def price_rows(entries: Iterable[Entry], day: date) -> list[dict[str, Any]]:
    """One row per list, unit and tier in force on the day; prices of machines left out.

    A tier that is listed under an id of its own is a row there and not of its model, too.
    """
    return [
        _row(entry, price, day)
        for entry in entries
        if entry.modality is not None
        for price in in_force(replace(entry, tiers=()), day)
    ]


def hardware_rows(entries: Iterable[Entry], day: date) -> list[dict[str, Any]]:
    """One row per list of hours, with or without a price in force on the day."""
    rows: list[dict[str, Any]] = []
    for entry in entries:
        if entry.modality is not None:
            continue
        price = next(iter(in_force(entry, day)), None)
        usable = price is not None and price.status(day) == "current"
        rows.append(
            {
                "id": entry.id,
                "name": entry.name,
                "device": entry.device,
                "usd_per_hour": price.usd if price is not None and usable else None,
                "effective_from": price.effective_from.isoformat() if price else None,
                "status": "unknown" if price is None else price.status(day),
                "source": price.source if price else None,
            }
        )
    return rows


def summary(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How many models are priced, by modality and status; a model with any price counts as such."""
    best: dict[tuple[str, str], Status] = {}
    for row in rows:
        key = (row["modality"], row["model"])
        seen = best.get(key, "unknown")
        best[key] = min(seen, row["status"], key=STATUSES.index)
    counts = Counter((modality, status) for (modality, _), status in best.items())
    return [
        {"modality": modality, **{status: counts[modality, status] for status in STATUSES}}
        for modality in sorted({modality for modality, _ in counts})
    ]


def _row(entry: Entry, price: Price, day: date) -> dict[str, Any]:
    tier = price.tier
    return {
        "model": entry.id,
        "name": entry.name,
        "provider": entry.provider,
        "modality": entry.modality,
        "unit": price.unit,
        "usd": price.usd if price.known else None,
        "tier": None if tier == ANY else told(tier),
        "size": tier.size,
        "quality": tier.quality,
        "up_to_lines": tier.up_to_lines,
        "up_to_seconds": tier.up_to_seconds,
        "effective_from": price.effective_from.isoformat(),
        "expires": price.expires.isoformat() if price.expires else None,
        "status": price.status(day),
        "source": price.source,
        "reason": price.reason or None,
    }


def for_people(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same rows with fewer and shorter cells, for a table."""
    return [
        {
            "model": row["model"],
            "price": None if row["usd"] is None else f"{row['usd']:.4g} USD/{_unit(row)}",
            "tier": row["tier"],
            "known_since": row["effective_from"],
            "status": _status(row),
        }
        for row in rows
    ]


def _unit(row: Mapping[str, Any]) -> str:
    return next(word for unit, word in WORDS.items() if unit == row["unit"])


def _status(row: Mapping[str, Any]) -> str:
    if row["status"] == "unknown":
        return f"unknown: {row['reason'] or 'no price'}"
    if row["status"] == "expired":
        return f"expired {row['expires']}" + (f" ({row['reason']})" if row["reason"] else "")
    return "current" if row["expires"] is None else f"until {row['expires']}"


def narrowed(
    rows: Iterable[dict[str, Any]],
    modality_: str | None = None,
    provider: str | None = None,
    status: str | None = None,
) -> list[dict[str, Any]]:
    """The rows that fit, in order of their ids.

    Raises:
        InputError: a word that nothing has; names those there are.
    """
    found = list(rows)
    for key, wanted, words in (
        ("modality", modality_, list(MADE)),
        ("provider", provider, sorted({row["provider"] or "" for row in found})),
        ("status", status, list(STATUSES)),
    ):
        if wanted is None:
            continue
        if fold(wanted) not in map(fold, words):
            raise InputError(f'--{key} "{wanted}": there is none{hint(wanted, words)}')
        found = [row for row in found if fold(row[key] or "") == fold(wanted)]
    return found


def what_one_costs(entry: Entry | None, model: Model | None, day: date) -> dict[str, Any]:
    """At most what one generation costs: of a model as its settings say, else of a usual size."""
    if model is not None:
        what, cost = f"one {MADE[modality(model.task)]}", estimate_of(entry, model, day)
    elif entry is not None and entry.modality == "video":
        what = "one clip of 5 s at 1280 × 720"
        cost = estimate(entry, "text-to-video", day, width=1280, height=720, frames=121, fps=24.0)
    elif entry is not None and entry.modality == "image":
        cost = estimate(entry, "text-to-image", day, width=1024, height=1024)
        what = "one picture of 1024 × 1024"
    else:
        what = "one hour of computing"
        cost = estimate(entry, "text-to-image", day, compute_seconds=3600)
    return {"what": what, "usd": cost.usd, "basis": cost.basis}
