"""Churn.

How fast the top of a board turns over: the half-life of a place with the noise taken out, who
held which place, who is about to fall, and what the boards themselves have wrong with them.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from leaderboard.answers import SnapshotRow
from leaderboard.churn.answers import ChurnReport
from leaderboard.dashboard import (
    bump,
    churn_tables,
    churn_words,
    credits,
    places,
    reads,
    survival_charts,
    text,
    widgets,
)
from leaderboard.edition import Edition
from leaderboard.history.made import RESERVED

ORDER = 4
ICON = ":material/swap_vert:"


def show(edition: Edition) -> None:
    """Draw the page."""
    st.title("How long the top lasts", anchor=False)
    reports = reads.churn(edition)
    if not reports:
        st.markdown("No board has a history yet. Import one, and refresh:")
        st.code(
            "churnboard import arena-monthly data/history/arena_monthly_top8.csv\n"
            "churnboard refresh",
            language="shell",
        )
        return
    report = _choose(reports)
    rows = reads.history(edition, report.source, report.arena)
    _numbers(report)
    _bump(rows, report)
    survival, through_time = st.columns(2, gap="large")
    with survival:
        _survival(report)
    with through_time:
        _through_time(report)
    at_risk, causes = st.columns([3, 2], gap="large")
    with at_risk:
        churn_tables.at_risk(report)
    with causes:
        churn_tables.causes(report)
    churn_tables.noise(report)
    churn_tables.details(rows, report)


def _choose(reports: Sequence[ChurnReport]) -> ChurnReport:
    with st.container(horizontal=True, gap="medium"):
        # Outside boards first: own boards are the newest, and a replay is simulated.
        sources = sorted({r.source for r in reports}, key=lambda name: (name in RESERVED, name))
        source = widgets.choice("Source", sources, key="source", format_func=credits.named)
        reports = [report for report in reports if report.source == source]
        arenas = text.ordered({report.arena for report in reports})
        arena = widgets.choice("Arena", arenas, key="arena", format_func=text.title)
        reports = [report for report in reports if report.arena == arena]
        tops = [str(top) for top in sorted({report.top for report in reports}, key=_five_first)]
        top = widgets.choice("Top", tops, key="top", format_func=lambda k: f"Top {k}")
    return next(report for report in reports if str(report.top) == top)


def _five_first(top: int) -> tuple[bool, int]:
    return top != 5, top


def _numbers(report: ChurnReport) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if report.simulated:
            widgets.simulated_badge()
        st.caption(text.plain(churn_words.provenance(report)), width="stretch")
    half, naive = report.half_life.estimate, report.as_published.exponential
    columns = st.columns(4)
    with columns[0]:
        _metric(
            "half-life of a place",
            churn_words.amount(half),
            churn_words.below_headline(report),
            f"Median stay of a model that enters the top {report.top}, measurement noise taken "
            "out, whether it is displaced or withdrawn.",
        )
    with columns[1]:
        _metric(
            f"half of the top {report.top} gone",
            churn_words.amount(report.replaced_half_time),
            churn_words.interval(report.replaced_half_time),
            f"Time until half of the top {report.top} of a date has gone; {report.replaced_by}.",
        )
    with columns[2]:
        _metric(
            "replaced within 30 days",
            churn_words.share(report.replaced_in_30_days.days),
            churn_words.share_interval(report.replaced_in_30_days),
            f"Share of the top {report.top} of a date that has gone 30 days later; "
            f"{report.replaced_by}.",
        )
    with columns[3]:
        _metric(
            "naive, as published",
            churn_words.amount(naive),
            churn_words.interval(naive),
            "ln 2 × model-days / exits over the boards as printed: ties at the edge, renames and "
            "the sampling of the boards all move it.",
        )
    st.markdown(text.plain(f"{churn_words.headline(report)} {churn_words.claim(report)}"))


def _metric(label: str, value: str, below: str, help: str) -> None:
    st.metric(
        label,
        text.plain(value),
        delta=text.plain(below) or None,
        delta_color="off",
        delta_arrow="off",
        help=help,
    )


def _bump(rows: Sequence[SnapshotRow], report: ChurnReport) -> None:
    st.subheader("Who held which place", anchor=False)
    drawn = places.places(rows, report.top)
    if len({place.published_at for place in drawn}) < 2:
        st.caption("Places over time need two boards that are kept as published, so no chart.")
        return
    known = list(bump.vendors(drawn))
    lit: Sequence[str] = ()
    if len(known) > 1:
        lit = st.pills(
            "Vendors",
            known,
            selection_mode="multi",
            key="vendor",
            format_func=text.plain,
            label_visibility="collapsed",
        )
    widgets.figure(
        bump.bump(drawn, report.top, frozenset(lit)),
        key="bump",
        alt=f"The top places of the board over time, one line per model, the edge below place "
        f"{report.top} marked.",
    )
    sure = (
        f"Thin, with hollow dots: its published interval reaches across the edge of the top "
        f"{report.top} (dashed), so the side it stands on is not certain. "
        if any(row.score_low is not None for row in rows)
        else "No interval is published, so how certain a place is cannot be shown. "
    )
    shade = "vendor" if len(known) > 1 else "model"
    st.caption(
        f"One line per unbroken stay, coloured by {shade}; names along the top are earlier "
        f"leaders. {sure}Lines stop where boards are more than ten weeks apart. Places, not "
        "scores: sources re-centre their scales, so scores of two dates cannot be compared."
    )
    credit = credits.credit(report.source)
    if credit is not None:
        st.caption(credit)


def _survival(report: ChurnReport) -> None:
    st.subheader("How long entrants stay", anchor=False)
    if not report.curve_published and not report.curve:
        st.caption("No model was seen entering the top, so there is no curve.")
        return
    widgets.figure(
        survival_charts.survival(
            report.curve_published,
            report.curve,
            (report.as_published.kaplan_meier, report.half_life.estimate),
        ),
        key="survival",
        alt="Share of entrants still in the top by days since they entered, as published and with "
        "the noise taken out.",
    )
    published = report.as_published
    st.caption(
        f"As published: Kaplan-Meier over {published.entered} spells that were seen to begin, "
        f"{published.entered_exits} of them ended. A dot marks where half have left."
    )


def _through_time(report: ChurnReport) -> None:
    st.subheader("Half-life through time", anchor=False)
    known = [w for w in report.windows if w.estimate.days or w.estimate.at_least_days]
    if known:
        widgets.figure(
            survival_charts.through_time(known),
            key="through-time",
            alt="Half-life in a sliding window, with 95 % intervals.",
        )
        width = max((window.ends - window.begins).days for window in known)
        st.caption(
            f"Each dot: the exits of {width} days, exponential, with its 95 % interval; a "
            "triangle: no exit, so longer than that. Hollow and dotted: provisional, because the "
            "window reaches the last board."
        )
    else:
        st.caption("Too few exits for a half-life in any stretch of this history.")
    st.markdown(text.plain(churn_words.change(report.change)))
