"""Answers as tables for people. Names and reasons come from others, so they are drawn as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from leaderboard.answers import Board, BoardRow, ModelScore
from leaderboard.churn.answers import ChurnReport, Estimate
from leaderboard.wording import clip_size, decimals, number, odds, place, silent_changes

if TYPE_CHECKING:
    from leaderboard.boards.agreement import Agreement

UNKNOWN = "–"
LEAST = {
    "model": 22,
    "variant": 14,
    "board": 14,
    "verdict": 12,
    "role": 9,
    "domain": 8,
    "kind": 8,
    "for": 14,
}
"""Least width of a column: a board whose names are broken says little."""


def show_board(board: Board, prices_at: date | None = None) -> None:
    """One board: rank set, rating with interval, odds, scores, failures, latency, cost.

    Args:
        board: what is shown.
        prices_at: the day whose prices its costs are at; None for the days of the generations.
    """
    console = Console()
    name = f"{board.task} · {board.domain}"
    if board.suite_id:
        name += f" · suite {board.suite_id} {board.suite_version}"
    else:
        name += f" · {board.source}, published {board.at:%Y-%m-%d}"
    if board.simulated:
        name += " · simulated models"
    if prices_at is not None and board.suite_id:
        name += f" · prices of {prices_at.isoformat()}"
    if board.suite_id:
        table = _own_board(board, name, console.width)
    else:
        table = _outside_board(board, name, console.width)
    console.print(table)
    for line in silent_changes(board):
        console.print(Text(line, style="yellow"))
    for entry in board.left_out:
        console.print(Text(f"left out: {entry.what}: {entry.reason}", style="dim"))


def _outside_board(board: Board, title: str, width: int) -> Table:
    # Some sources publish no interval; columns of dashes would say nothing.
    known = any(row.rating_low is not None for row in board.rows)
    roomy = width >= 100 or not known
    table = new_table(
        title,
        ("rank", "right"),
        "model",
        *(("vendor",) if roomy else ()),
        ("score", "right"),
        *((("95 %", "right"), ("P(best)", "right")) if known else ()),
    )
    digits = max(1, decimals(row.rating for row in board.rows))
    for row in board.rows:
        add_row(
            table,
            _rank(row),
            row.name,
            *((row.vendor or UNKNOWN,) if roomy else ()),
            f"{row.rating:.{digits}f}",
            *((interval(row.rating_low, row.rating_high), _odds(row.p_best)) if known else ()),
        )
    return table


def _own_board(board: Board, title: str, width: int) -> Table:
    # Where there is no room the means of the metrics go first, then failures and latency; the
    # name of a model never does.
    metrics = sorted({metric for row in board.rows for metric in row.scores})
    metrics = metrics if width >= 100 + 18 * len(metrics) else []
    roomy = width >= 100
    # A board of clips also says what a second of clip costs, in dollars and in computing.
    clips = any(row.clip_seconds is not None for row in board.rows)
    table = new_table(
        title,
        ("rank", "right"),
        "model",
        ("rating", "right"),
        ("95 %", "right"),
        ("P(best)", "right"),
        *((metric.replace("_", " "), "right") for metric in metrics),
        *((("fails", "right"), ("p50 s", "right")) if roomy else ()),
        *((("clip", "right"), ("s/clip s", "right")) if clips and roomy else ()),
        *((("$/clip s", "right"),) if clips else ()),
        *((("$/1000", "right"),) if roomy or not clips else ()),
    )
    for row in board.rows:
        add_row(
            table,
            _rank(row),
            row.name,
            f"{row.rating:.0f}",
            interval(row.rating_low, row.rating_high),
            _odds(row.p_best),
            *(digits(row.scores.get(metric)) for metric in metrics),
            *((_percent(row.failure_rate), digits(row.latency_p50_s)) if roomy else ()),
            *((_clip(row), digits(row.compute_s_per_clip_second)) if clips and roomy else ()),
            *((dollars(row.usd_per_clip_second),) if clips else ()),
            *((per_thousand(row.cost_usd),) if roomy or not clips else ()),
            style="dim" if row.anchor else "",
        )
    return table


def show_half_lives(reports: Sequence[ChurnReport]) -> None:
    """The headline of each board beside the plainer figures, and why a number is missing."""
    console = Console()
    roomy = console.width >= 110
    for source, top in dict.fromkeys((one.source, one.top) for one in reports):
        group = [one for one in reports if (one.source, one.top) == (source, top)]
        title = f"Days in the top {top} on {source}"
        if any(one.simulated for one in group):
            title += " · simulated models"
        table = new_table(
            title,
            "board",
            ("half-life [95 %]", "right"),
            ("half gone [95 %]", "right"),
            *((("gone in 30 d", "right"),) if roomy else ()),
            ("published", "right"),
            ("exits", "right"),
            *((("boards", "right"),) if roomy else ()),
        )
        for one in group:
            add_row(
                table,
                one.arena,
                _estimate(one.half_life.estimate),
                _estimate(one.replaced_half_time),
                *((_percent(one.replaced_in_30_days.days),) if roomy else ()),
                _days(one.as_published.exponential),
                f"{one.as_published.exits} of {one.as_published.spells}",
                *((f"{one.distinct_boards} of {one.snapshots}",) if roomy else ()),
            )
        console.print(table)
        for one in group:
            if one.half_life.estimate.reason:
                note = f"{one.arena}: no half-life: {one.half_life.estimate.reason}"
                console.print(Text(note, style="dim"))
    legend = (
        "half-life: median stay of a model that enters, noise taken out; half gone: until half of a"
        " date's top has gone; published: ln 2 x model-days / exits, names and dates as they stand;"
        " exits: of spells, as published. More with --json and on the Churn page."
    )
    console.print(Text(legend, style="dim"))


def show_agreement(scores: Sequence[ModelScore], found: Agreement) -> None:
    """Rating beside the exact truth, and how far they agree."""
    columns = ("model", ("rating", "right"), ("accuracy", "right"), "")
    table = new_table("Rating against truth", *columns)
    for score in scores:
        note = "" if score.model in found.models else "not counted: another checkpoint"
        add_row(
            table,
            score.name,
            f"{score.rating:.0f}",
            f"{score.value:.1%}",
            "not counted: anchor" if score.anchor else note,
            style="" if score.model in found.models else "dim",
        )
    console = Console()
    console.print(table)
    console.print(
        f"Spearman {found.spearman:.3f}, 95 % [{found.low:.3f}, {found.high:.3f}]"
        f" over {len(found.models)} models"
    )


def interval(low: float | None, high: float | None) -> str:
    """`[low, high]` in whole numbers; a side that is unknown or unreached is a dash."""
    if low is None and high is None:
        return UNKNOWN
    ends = (UNKNOWN if end is None else f"{end:.0f}" for end in (low, high))
    return f"[{', '.join(ends)}]"


def _days(found: Estimate) -> str:
    if found.days is not None:
        return number(found.days)
    return UNKNOWN if found.at_least_days is None else f"> {number(found.at_least_days)}"


def _estimate(found: Estimate) -> str:
    if found.interval is None:
        return _days(found)
    low, high = found.interval
    return f"{_days(found)} [{number(low)}, {UNKNOWN if high is None else number(high)}]"


def per_thousand(cost_usd: float | None) -> str:
    """US dollars per thousand generations, or `unknown`."""
    if cost_usd is None:
        return "unknown"
    price = 1000 * cost_usd
    return f"{price:,.0f}" if price >= 10 else f"{price:.2g}"


def dollars(value: float | None) -> str:
    """US dollars to two digits, or `unknown`."""
    return "unknown" if value is None else f"{value:.2g}"


def _clip(row: BoardRow) -> str:
    return clip_size(row.clip_seconds, row.clip_width, row.clip_height) or UNKNOWN


def _rank(row: BoardRow) -> str:
    if row.anchor:
        return "anchor"
    if row.rank_low is None or row.rank_high is None:
        return str(row.rank)
    return place(row.rank_low, row.rank_high)


def _odds(probability: float | None) -> str:
    return UNKNOWN if probability is None else odds(probability)


def _percent(share: float | None) -> str:
    return UNKNOWN if share is None else f"{share:.0%}"


def digits(value: float | None) -> str:
    """A number to three digits, or a dash."""
    return UNKNOWN if value is None else f"{value:.3g}"


def new_table(title: str, *columns: str | tuple[str, str]) -> Table:
    """An empty table; a column is its name, or its name and `right` for numbers."""
    # Two blanks between columns: what is saved keeps names and numbers whole on eighty.
    gap = (0, 0, 0, 1)
    table = Table(
        title=Text(title), title_justify="left", box=SIMPLE_HEAD, padding=gap, pad_edge=False
    )
    for column in columns:
        if isinstance(column, str):
            table.add_column(Text(column), overflow="fold", min_width=LEAST.get(column))
        else:
            # Numbers stay whole: names give way.
            table.add_column(Text(column[0]), justify="right", no_wrap=True)
    return table


def add_row(table: Table, *cells: str, style: str = "") -> None:
    """One row, every cell as plain text."""
    table.add_row(*(Text(cell) for cell in cells), style=style)
