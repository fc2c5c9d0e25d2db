"""The section of a board on its judges: who votes, what other weights would do, what people say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from leaderboard import judge_words, wording
from leaderboard.answers import Board
from leaderboard.dashboard import judge_charts, reads, text, widgets
from leaderboard.edition import Edition
from leaderboard.trust import People, Sensitivity


def flags(board: Board) -> None:
    """One line for every metric of the board that degraded copies fool."""
    for line in judge_words.fooled(board.weights):
        st.caption(f":orange[:material/warning:] {text.plain(line)}.")


def changes(board: Board) -> None:
    """One line for every model of the board that was changed under its name, or is cached."""
    for line in wording.silent_changes(board):
        st.caption(f":orange[:material/warning:] {text.plain(line)}.")


def show(edition: Edition, board: Board) -> None:
    """Draw the section of one own board."""
    if not board.weights:
        return
    st.subheader("How much the judges matter", anchor=False)
    people = reads.people(edition, board.suite_id) if board.suite_id is not None else None
    names = {row.model: row.name for row in board.rows}
    left, right = st.columns([3, 2], gap="large")
    with left:
        if board.sensitivity is not None:
            _places(board.sensitivity, names)
    with right:
        _weights(board, people)
        if people is not None:
            _say(judge_words.voices(people), judge_words.fit(people))


def _places(told: Sensitivity, names: Mapping[str, str]) -> None:
    if told.reason is not None:
        st.caption(text.plain(f"Other weights: {told.reason}."))
        return
    widgets.figure(
        judge_charts.places(told, names),
        key="places",
        alt="How often each model is at each place when the weights of the metrics are drawn.",
    )
    st.caption(
        f"{told.draws} weightings drawn at random over the families of judges and their metrics. "
        "Outlined: the place on the board above. Same pictures, same prompts."
    )
    _say(*judge_words.places(told, names)[:3], judge_words.swap(told, names))
    _say(judge_words.bias(told))


def _weights(board: Board, people: People | None) -> None:
    agreed = {one.metric: one for one in people.agreement} if people is not None else {}
    records: list[dict[str, str | None]] = []
    for one in sorted(board.weights, key=lambda one: (-one.weight, one.metric)):
        record = {"metric": text.measure(one.metric), "weight": f"{one.weight:.0%}"}
        if people is not None:
            found = agreed.get(one.metric)
            said = None if found is None else judge_words.agreement(found)
            record |= {"agrees with people": said}
        records.append({**record, "why": one.why})
    st.dataframe(records, hide_index=True, height="content", placeholder="–")


def _say(*lines: str) -> None:
    said: Sequence[str] = [line for line in lines if line]
    if said:
        st.markdown("  \n".join(text.plain(line) for line in said))
