"""Usage.

Which models routers really called, beside their rank on the board, and how long traffic takes to
follow a switch of a pick or a rise in rank.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from leaderboard.dashboard import reads, text, usage_charts, widgets
from leaderboard.edition import Edition
from leaderboard.usage import shift_words
from leaderboard.usage.answers import Lag, UsageReport
from leaderboard.usage.shift_answers import CLAIM, AdoptionReport
from leaderboard.usage.words import percent, traffic_lines, typical_words

ORDER = 6
ICON = ":material/moving:"


def show(edition: Edition) -> None:
    """Draw the page."""
    st.title("Who is really called", anchor=False)
    reports = reads.usage(edition)
    if reports:
        _calls(reports)
    else:
        st.markdown("No router's log was imported, or it names no model that is known here.")
        st.code("churnboard usage import calls.jsonl\nchurnboard refresh", language="shell")
    _adoption(reads.adoption(edition))


def _calls(reports: Sequence[UsageReport]) -> None:
    labels = {_label(one): one for one in reports}
    report = labels[widgets.menu("Board", list(labels), key="board")]
    if report.simulated:
        widgets.simulated_note()
    st.caption(
        f"{report.calls:,} calls from {report.begins:%Y-%m-%d} to {report.ends:%Y-%m-%d}, as your"
        " routers logged them."
    )
    for line in traffic_lines(report):
        st.text(text.sentence(line))
    _traffic(report)
    _models(report)
    st.subheader("How long until traffic follows", anchor=False)
    st.markdown(text.plain(typical_words("a switch of a pick", report.typical_switch)))
    st.markdown(text.plain(typical_words("a rise in rank", report.typical_rise)))
    _lags((*report.switches, *report.rises))


def _adoption(found: Sequence[AdoptionReport]) -> None:
    st.subheader("Does work move to AI?", anchor=False)
    st.markdown(f"**Claim.** {text.plain(CLAIM)}")
    st.markdown(
        "**Measurement.** AI's share of your own counts, beside traditional work, and the logistic "
        "curve that it follows, where enough dates support one better than no change, a straight "
        "line or a share that wanders."
    )
    for line in shift_words.answers(found):
        st.markdown(f"**Verdict.** {text.plain(text.sentence(line))}")
    if not found:
        st.code("churnboard usage import counts.csv\nchurnboard refresh", language="shell")
        return
    names = [f"{one.series}{' · log' if one.origin == 'log' else ''}" for one in found]
    chosen = widgets.choice("Series", names, key="series")
    report = found[names.index(chosen)]
    drawn = [one for one in report.trends if one.points]
    for what, title in (("class", "AI's share of all work"), ("model", "Shares of AI's work")):
        own = [one for one in drawn if one.what == what]
        if own:
            st.caption(title)
            widgets.figure(
                usage_charts.shares(own),
                key=f"share-{what}",
                alt=f"{title} by date, with the curve where one is supported",
            )
    st.dataframe(
        [
            {
                "share of": shift_words.name(one),
                "dates": len(one.points),
                "first": percent(one.points[0].share),
                "last": percent(one.points[-1].share),
                "rank": "" if one.points[-1].rank is None else str(one.points[-1].rank),
                "curve": shift_words.curve(one),
            }
            for one in drawn
        ],
        hide_index=True,
    )
    for note in report.notes:
        st.caption(text.plain(text.sentence(note)))


def _label(one: UsageReport) -> str:
    return f"{text.title(one.task)} · {one.source}{' · simulated' if one.simulated else ''}"


def _traffic(report: UsageReport) -> None:
    st.subheader("Traffic beside rank", anchor=False)
    colour = usage_charts.colours(report.weeks)
    if report.weeks:
        widgets.figure(
            usage_charts.traffic(report.weeks, colour),
            key="traffic",
            alt="Share of each week's calls by model",
        )
    if report.ranks:
        widgets.figure(
            usage_charts.ranks(report.ranks, colour), key="ranks", alt="Rank on the board by model"
        )
    if len({one.name for one in report.classes}) > 1:
        st.caption("The same by class: AI against traditional work, where the log says so.")
        widgets.figure(
            usage_charts.traffic(report.classes, usage_charts.colours(report.classes)),
            key="classes",
            alt="Share of each week's work by class",
        )


def _models(report: UsageReport) -> None:
    st.subheader("In production", anchor=False)
    st.caption(
        f"The last {report.window_days} days before this edition. Where enough is known, these"
        " failures and latencies decide in the place of those of evaluations."
    )
    st.dataframe(
        [
            {
                "model": one.model,
                "calls": one.calls,
                "share": percent(one.share),
                "failures": percent(one.failure_rate),
                "95 %": f"{percent(one.failure_low)} to {percent(one.failure_high)}",
                "p50 s": one.latency_p50_s,
                "p95 s": one.latency_p95_s,
                "decides nothing yet": one.reason or "",
            }
            for one in report.models
        ],
        hide_index=True,
    )
    if report.unmatched:
        names = ", ".join(f"{one.name} ({one.calls:,})" for one in report.unmatched[:10])
        st.caption(text.plain(f"No model of this board, or not known which: {names}."))


def _lags(lags: Sequence[Lag]) -> None:
    if not lags:
        return
    st.dataframe(
        [
            {
                "day": lag.at,
                "model": lag.model,
                "what": f"{lag.role}, {lag.domain}" if lag.role else f"rank {lag.rank}",
                "days": lag.days,
                "share before": percent(lag.before),
                "after": percent(lag.after),
                "why not": lag.reason or "",
            }
            for lag in lags
        ],
        hide_index=True,
    )
