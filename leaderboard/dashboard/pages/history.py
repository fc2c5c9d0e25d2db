"""History.

How fast the top of a public board of real models turns over: who held which place, board by
board, and the naive half-life of its top places.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from leaderboard.answers import EVALS, HalfLife, SnapshotRow
from leaderboard.dashboard import bump, reads, text, widgets
from leaderboard.edition import Edition

ORDER = 3
ICON = ":material/history:"

ATTRIBUTION = (
    "Boards: [Arena](https://arena.ai), public leaderboard dataset "
    "`lmarena-ai/leaderboard-dataset`, "
    "[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/); the top eight of each month-end "
    "board, retyped."
)


def show(edition: Edition) -> None:
    """Draw the page."""
    st.title("How long the top lasts", anchor=False)
    sources = sorted({key.source for key in reads.boards(edition)} - {EVALS})
    if not sources:
        st.markdown("No public board was imported yet.")
        st.code(
            "churnboard import arena-monthly data/history/arena_monthly_top8.csv\n"
            "churnboard refresh",
            language="shell",
        )
        return
    source = widgets.choice("Source", sources, key="source", format_func=text.title)
    every = reads.history(edition, source)
    arenas = text.ordered({row.arena for row in every})
    arena = widgets.choice("Arena", arenas, key="arena", format_func=text.title)
    rows = [row for row in every if row.arena == arena]
    _numbers(rows, [h for h in reads.half_lives(edition) if (h.source, h.arena) == (source, arena)])
    _chart(rows)
    if source == "arena":
        st.caption(ATTRIBUTION)
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
        )


def _numbers(rows: Sequence[SnapshotRow], lives: Sequence[HalfLife]) -> None:
    first, last = min(r.published_at for r in rows), max(r.published_at for r in rows)
    reigns = bump.leaders(rows)
    boards = len({row.published_at for row in rows})
    columns = st.columns(4)
    columns[0].metric("boards", boards, help=f"{text.day(first)} to {text.day(last)}")
    columns[1].metric("leaders", len(reigns), help="Changes of first place, plus one.")
    for life in lives[:1]:
        columns[2].metric(
            f"half-life of the top {life.k}, naive",
            _days(life),
            help="Kaplan-Meier median over the boards as published. Renames, the month between two "
            "boards and ties at the edge are not corrected for, and each of them moves it.",
        )
        columns[3].metric(
            "left the top, of those seen entering",
            f"{life.exits} of {life.spells}",
            help=f"Over {life.snapshots} boards.",
        )
        st.caption(text.plain(f"Half-life: {life.label}. {_interval(life)}"))


def _days(life: HalfLife) -> str:
    if life.median_days is not None:
        return f"{life.median_days:.0f} days"
    if life.at_least_days is not None:
        return f"over {life.at_least_days:.0f} days"
    return "not reached"


def _interval(life: HalfLife) -> str:
    if life.low_days is None:
        return ""
    high = "no upper end" if life.high_days is None else f"{life.high_days:.0f} days"
    return f"95 % interval {life.low_days:.0f} days to {high}."


def _chart(rows: Sequence[SnapshotRow]) -> None:
    vendors = list(bump.vendors(rows))
    lit = st.pills(
        "Vendors",
        vendors,
        selection_mode="multi",
        key="vendor",
        format_func=text.plain,
        label_visibility="collapsed",
    )
    widgets.figure(
        bump.bump(rows, frozenset(lit)),
        key="bump",
        alt="Places one to eight of the public board over time, one line per model.",
    )
    st.caption(
        "One line per unbroken stay, coloured by vendor; names along the top are the leaders. "
        "Lines stop where boards are more than ten weeks apart. Places, not scores: the source "
        "re-centres its scale, so scores of two dates cannot be compared."
    )
