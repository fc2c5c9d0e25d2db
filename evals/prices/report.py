"""The whole price book as one answer: what one usual generation of every model costs (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from evals.prices.answers import PricedModel, PriceReport, Tier
from evals.prices.tiers import ANY, told
from evals.prices.types import WORDS, Entry, Modality, Price, Status, in_force
from evals.prices.views import STATUSES, what_one_costs


def price_report(entries: Iterable[Entry], day: date) -> PriceReport | None:
    """The book on a day; None where nobody's prices are in it yet."""
    said: dict[Modality, str] = {}
    models: list[PricedModel] = []
    for entry in entries:
        prices = in_force(replace(entry, tiers=()), day)
        if entry.modality is None or not prices:
            continue
        one = what_one_costs(entry, None, day)
        statuses: list[Status] = [price.status(day) for price in prices]
        said[entry.modality] = one["what"]
        models.append(
            PricedModel(
                entry.id,
                entry.name,
                entry.provider,
                entry.modality,
                min(statuses, key=STATUSES.index),
                one["usd"],
                one["basis"],
                tuple(_tier(price, day) for price in prices),
                prices[0].source,
            )
        )
    if not models:
        return None
    ordered = tuple(sorted(models, key=lambda model: model.id))
    return PriceReport(day, said.get("image", ""), said.get("video", ""), ordered)


def _tier(price: Price, day: date) -> Tier:
    return Tier(
        None if price.tier == ANY else told(price.tier),
        price.usd if price.known else None,
        WORDS[price.unit],
        price.effective_from,
        price.expires,
        price.status(day),
    )
