"""`vbench`: a published VBench table under its own weights and under yours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leaderboard.options import EditionOption, HomeOption, JsonOption

if TYPE_CHECKING:
    from leaderboard.history.vbench_weights import Comparison, Weights
    from leaderboard.snapshots import Snapshot


def register(app: typer.Typer) -> None:
    """Mount the command on `app`."""
    app.command("vbench")(vbench)


def vbench(
    quality_weight: Annotated[
        float, typer.Option("--quality-weight", "-q", help="Of quality; semantic has 1")
    ] = 4.0,
    weight: Annotated[
        list[str] | None,
        typer.Option("--weight", "-w", help="Of a dimension in its part: dynamic_degree=1"),
    ] = None,
    table: Annotated[
        Path | None, typer.Option("--table", help="A VBench table instead of the database")
    ] = None,
    edition: EditionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the newest VBench table: totals, ranks, and at which weights the order turns."""
    from evals.errors import InputError
    from evals.home import resolve_home
    from leaderboard.history import vbench_weights
    from leaderboard.history.vbench_weights import Weights

    if table is not None and edition is not None:
        raise InputError("--edition and --table: give one of the two")
    weights = vbench_weights.checked(Weights(quality_weight, _weights(weight or [])))
    if table is not None:
        from leaderboard.sources import vbench as reader

        name, board = None, reader.read(table, datetime.now(UTC))[0]
    else:
        name, board = _newest(resolve_home(home), edition)
    raw = {entry.model: entry.scores for entry in board.entries}
    found = vbench_weights.compare(raw, weights)
    if as_json:
        answer = _answer(name, board, weights, found)
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        _show(board, weights, found)


def _weights(given: Sequence[str]) -> dict[str, float]:
    """`name=weight` of each option."""
    from evals.errors import InputError

    found: dict[str, float] = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            number = float(value)
        except ValueError as error:
            raise InputError(f"--weight {text}: give NAME=WEIGHT, as dynamic_degree=1") from error
        if name in found:
            raise InputError(f"--weight {text}: {name} is given twice")
        found[name] = number
    return found


def _newest(home: Path, edition: str | None) -> tuple[str, Snapshot]:
    from evals.errors import NotFoundError
    from leaderboard import queries
    from leaderboard.sources.vbench import NAME

    with queries.open_edition(home, edition) as opened:
        boards = queries.snapshots(opened, NAME)
        if not boards:
            raise NotFoundError(
                f"{opened.name}: no VBench table; `churnboard import vbench FILE`, then refresh"
            )
        return opened.name, max(boards, key=lambda board: board.published_at)


def _answer(
    edition: str | None, board: Snapshot, weights: Weights, found: Comparison
) -> dict[str, Any]:
    from leaderboard.wire import plain

    return {
        "edition": edition,
        "published_at": plain(board.published_at),
        "weights": {"semantic": 1.0, **plain(weights)},
        "models": [
            {
                **plain(one),
                "vbench_rank": found.by_vbench[one.model].rank,
                "vbench_total": found.by_vbench[one.model].total,
            }
            for one in found.order
        ],
        "without_total": plain(found.without_total),
        "turns": plain(found.turns),
        "leads": plain(found.leads),
    }


def _show(board: Snapshot, weights: Weights, found: Comparison) -> None:
    from rich.console import Console
    from rich.text import Text

    from leaderboard.history.vbench_weights import VBENCH
    from leaderboard.tables import UNKNOWN, add_row, new_table

    console = Console()
    changed = weights != VBENCH
    roomy = console.width >= 100 or not changed
    heading = f"VBench table of {board.published_at:%Y-%m-%d} · quality {weights.quality:g} : 1"
    heading += "".join(f" · {name} {weight:g}" for name, weight in weights.dimensions.items())
    table = new_table(
        heading,
        ("rank", "right"),
        "model",
        *((("quality", "right"), ("semantic", "right")) if roomy else ()),
        ("total", "right"),
        *((("VBench's", "right"),) if changed else ()),
        ("overtakes", "right"),
    )
    # The first has nobody above it.
    for one, turn in zip(found.order, (None, *found.turns), strict=False):
        theirs = found.by_vbench[one.model]
        overtakes = UNKNOWN if turn is None else "never"
        if turn is not None and turn.at is not None:
            overtakes = f"{turn.side} {turn.at:.4g}"
        add_row(
            table,
            str(one.rank),
            one.model,
            *((f"{one.quality:.2f}", f"{one.semantic:.2f}") if roomy else ()),
            f"{one.total:.2f}",
            *((f"{theirs.total:.2f} ({theirs.rank})",) if changed else ()),
            overtakes,
        )
    console.print(table)
    for model, names in found.without_total.items():
        console.print(Text(f"no total: {model}: no score of {', '.join(names)}", style="dim"))
    stretches = [
        f"{lead.model} from {lead.low:.4g}" + ("" if lead.high is None else f" to {lead.high:.4g}")
        for lead in found.leads
    ]
    if stretches:
        console.print(Text(f"first, by the weight of quality: {'; '.join(stretches)}"))
    legend = (
        "overtakes: the weights of quality at which a model is ahead of the one above it;"
        " semantic weighs 1"
    )
    console.print(Text(legend, style="dim"))
