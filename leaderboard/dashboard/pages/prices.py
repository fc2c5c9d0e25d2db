"""Prices.

What one generation of every model in the price book is sold for, by whom, and until when.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from evals.prices.answers import PricedModel, PriceReport
from leaderboard.dashboard import price_charts, reads, text, widgets
from leaderboard.edition import Edition

ORDER = 7
ICON = ":material/sell:"
KINDS = {"image": "Pictures", "video": "Clips"}
EVERY = "Every seller"
STATUSES = ("current", "expired", "unknown")


def show(edition: Edition) -> None:
    """Draw the page."""
    st.title("What a generation is sold for", anchor=False)
    report = reads.prices(edition)
    if report is None:
        st.markdown("Nobody's prices are in the price book yet. LiteLLM's list needs no account:")
        st.code("churnboard prices import litellm\nchurnboard refresh", language="shell")
        return
    st.caption(
        f"List prices on {report.at.isoformat()}, at most, without the text tokens of prompts. A"
        f" usual generation: {report.picture or 'no pictures'}; {report.clip or 'no clips'}."
    )
    kinds = [kind for kind in KINDS if any(one.modality == kind for one in report.models)]
    kind = widgets.choice("Of what", kinds, key="made", format_func=lambda key: KINDS[key])
    models = [one for one in report.models if one.modality == kind]
    _counts(models)
    found = sorted(_chosen(models), key=lambda one: (one.usd is None, one.usd or 0.0, one.id))
    current = [one for one in found if one.status == "current"]
    if any(one.usd is not None for one in current):
        what = report.picture if kind == "image" else report.clip
        widgets.figure(
            price_charts.strip(current, what),
            key="strip",
            alt="What one generation costs, every model a point, one row a seller",
        )
    _table(found)
    if found:
        _one(found, report)


def _counts(models: Sequence[PricedModel]) -> None:
    counts = Counter(one.status for one in models)
    for column, status in zip(st.columns(len(STATUSES)), STATUSES, strict=True):
        column.metric(f"{status} models", counts[status])


def _chosen(models: Sequence[PricedModel]) -> list[PricedModel]:
    """The models that the reader's seller and word leave."""
    left, right = st.columns(2)
    with left:
        seller = widgets.menu("Seller", [EVERY, *price_charts.sellers(models)], key="seller")
    with right:
        word = st.text_input(
            "Part of a name", key="name", placeholder="Part of a name", label_visibility="collapsed"
        )
    return [
        one
        for one in models
        if seller in (EVERY, one.provider or price_charts.NOBODY)
        and word.strip().casefold() in f"{one.id} {one.name}".casefold()
    ]


def _table(models: Sequence[PricedModel]) -> None:
    if not models:
        st.markdown("No model is called that.")
        return
    st.dataframe(
        [
            {
                "model": one.id,
                "seller": one.provider,
                "one generation": one.usd,
                "prices": len(one.tiers),
                "status": _status(one),
            }
            for one in models
        ],
        column_config={
            "one generation": st.column_config.NumberColumn(format="$%.4g"),
            "model": st.column_config.TextColumn(width="large"),
        },
        hide_index=True,
    )


def _status(one: PricedModel) -> str:
    ends = sorted(tier.expires for tier in one.tiers if tier.expires is not None)
    if one.status == "expired":
        return f"expired {ends[-1].isoformat()}"
    if one.status == "current" and ends and len(ends) == len(one.tiers):
        return f"until {ends[-1].isoformat()}"
    return one.status


def _one(models: Sequence[PricedModel], report: PriceReport) -> None:
    st.subheader("One model", anchor=False)
    ids = [one.id for one in models]
    chosen = widgets.menu("Model", ids, key="model")
    one = next(one for one in models if one.id == chosen)
    what = report.picture if one.modality == "image" else report.clip
    cost = "unknown" if one.usd is None else text.usd(one.usd)
    st.markdown(f"{text.plain(what.capitalize())}: **{text.plain(cost)}**")
    st.caption(text.plain(one.basis))
    st.dataframe(
        [
            {
                "price": None if tier.usd is None else f"{tier.usd:.4g} USD/{tier.unit}",
                "for": tier.tier or "any",
                "known since": tier.since,
                "until": "" if tier.expires is None else tier.expires.isoformat(),
                "status": tier.status,
            }
            for tier in one.tiers
        ],
        hide_index=True,
    )
    st.caption(text.plain(f"Source: {one.source}"))
