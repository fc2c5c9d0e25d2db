"""What is known of a board's judges, as tables for people."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from leaderboard import judge_words
from leaderboard.answers import Board
from leaderboard.tables import add_row, new_table
from leaderboard.trust import MetricWeight, People, Sensitivity


def show_votes(board: Board) -> None:
    """Two lines beneath a board: who votes, and whom canaries fool."""
    console = Console()
    voting = judge_words.weights(board.weights)
    if voting:
        console.print(Text(f"votes: {voting}", style="dim"))
    for line in judge_words.fooled(board.weights):
        console.print(Text(line, style="yellow"))


def show_judges(board: Board, people: People | None) -> None:
    """How much the judges of one board matter: weights, places under other weights, people."""
    console = Console()
    names = {row.model: row.name for row in board.rows}
    _weights(board.weights, people, console)
    if people is not None:
        console.print(Text(judge_words.voices(people)))
        console.print(Text(judge_words.fit(people)))
    if board.sensitivity is not None:
        _places(board.sensitivity, names, console)


def _weights(found: tuple[MetricWeight, ...], people: People | None, console: Console) -> None:
    agreed = {one.metric: one for one in people.agreement} if people else {}
    shown = new_table(
        "What votes",
        "metric",
        "family",
        ("weight", "right"),
        *((("agrees with people", "right"),) if people else ()),
        "why",
    )
    for one in found:
        told = agreed.get(one.metric)
        add_row(
            shown,
            one.metric,
            one.family,
            f"{one.weight:.0%}",
            *(("" if told is None else judge_words.agreement(told),) if people else ()),
            one.why,
            style="" if one.weight else "dim",
        )
    console.print(shown)


def _places(told: Sensitivity, names: dict[str, str], console: Console) -> None:
    if told.reason is not None:
        console.print(Text(f"Other weights: {told.reason}."))
        return
    shown = new_table(
        f"Places under {told.draws} weightings",
        ("place", "right"),
        "model",
        ("range", "right"),
        ("kept", "right"),
        "",
    )
    for one in told.models:
        add_row(
            shown,
            str(one.place),
            names[one.model],
            str(one.low) if one.low == one.high else f"{one.low}–{one.high}",
            f"{one.kept:.0%}",
            "robust" if one.robust else "open",
        )
    console.print(shown)
    for line in (judge_words.swap(told, names), judge_words.bias(told)):
        if line:
            console.print(Text(line))
