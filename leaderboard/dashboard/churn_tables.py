"""The tables of the Churn page: who is about to fall, the noise meter, every figure, the checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from leaderboard.answers import SnapshotRow
from leaderboard.churn.answers import ChurnReport
from leaderboard.dashboard import churn_words, text


def at_risk(report: ChurnReport) -> None:
    """The models of the last board's top by their odds of leaving it."""
    st.subheader("Who is about to fall", anchor=False)
    if all(row.p_top is None and row.p_leaves_30 is None for row in report.at_risk):
        st.caption("Odds need strengths with the noise taken out, which this board does not give.")
        return
    _table(
        [
            {
                "place": str(row.rank),
                "model": row.model,
                "vendor": row.organization or "",
                f"in the top {report.top} now": churn_words.odds(row.p_top),
                "out in 30 days": churn_words.odds(row.p_leaves_30),
            }
            for row in sorted(report.at_risk, key=lambda r: (-(r.p_leaves_30 or 0.0), r.rank))
        ]
    )
    st.caption(
        f"Now: its strength is among the best {report.top}. In 30 days: it is outside them thirty "
        "days after the last board, if new models come as they did before."
    )


def causes(report: ChurnReport) -> None:
    """Displaced or withdrawn."""
    st.subheader("How places are lost", anchor=False)
    if not report.causes:
        st.caption("No exit was seen.")
        return
    _table(
        [
            {
                "way": cause.cause,
                "within 30 days": churn_words.share(cause.within_30),
                "within 90 days": churn_words.share(cause.within_90),
            }
            for cause in report.causes
        ]
    )
    st.caption(
        "Share of entrants that left so (Aalen-Johansen): pushed out, or taken off the board."
    )


def noise(report: ChurnReport) -> None:
    """The noise meter, a line a reading."""
    st.subheader("How much of it is noise", anchor=False)
    _table(
        [
            {"reading": what, "value": value, "what it says": reading}
            for what, value, reading in churn_words.noise(report.noise, report.top)
        ]
    )


def details(rows: Sequence[SnapshotRow], report: ChurnReport) -> None:
    """Every estimator side by side, then what they all rest on, folded."""
    st.subheader("Every figure and what it rests on", anchor=False)
    _table(churn_words.estimators(report))
    with st.expander(f"What the checks found ({len(report.findings)})"):
        _findings(report)
    with st.expander(f"Names taken as one model ({len(report.aliases)})"):
        _aliases(report)
    with st.expander(f"Spells, aliases merged and gaps of a week closed ({len(report.spells)})"):
        st.dataframe(
            [churn_words.spell(row) for row in report.spells],
            column_config={
                "entered": st.column_config.DateColumn(help="Empty: before the first board."),
                "days": st.column_config.NumberColumn(format="%.0f"),
            },
            hide_index=True,
            placeholder="–",
        )
    with st.expander("Every board as published"):
        st.dataframe(
            [
                {
                    "published": row.published_at.date(),
                    "rank": row.rank,
                    "model": row.model,
                    "vendor": row.organization,
                    "score": row.score,
                }
                for row in reversed(rows)
            ],
            hide_index=True,
            placeholder="–",
        )


def _findings(report: ChurnReport) -> None:
    if not report.findings:
        st.caption("Nothing.")
        return
    _table(
        [
            {
                "check": found.check,
                "count": str(found.count),
                "what": found.detail,
                "for example": " · ".join(found.examples),
            }
            for found in report.findings
        ]
    )


def _aliases(report: ChurnReport) -> None:
    if not report.aliases:
        st.caption("None: every published name is a model of its own.")
        return
    st.caption("In the bridged and the noise-corrected figures; never in those as published.")
    st.markdown("\n".join(f"- {text.plain(alias)}" for alias in report.aliases))


def _table(rows: Sequence[Mapping[str, str]]) -> None:
    """A small table whose cells wrap, so that long names and reasons stay whole."""
    st.table(
        [{column: text.plain(cell) for column, cell in row.items()} for row in rows],
        border="horizontal",
        hide_index=True,
    )
