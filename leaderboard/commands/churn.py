"""`half-life`: how fast the top of a board turns over."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from leaderboard.options import EditionOption, HomeOption, JsonOption

if TYPE_CHECKING:
    from leaderboard.churn.answers import ChurnReport
    from leaderboard.snapshots import Feed, Finding, Snapshot

TOP = 5


def register(app: typer.Typer) -> None:
    """Mount the command on `app`."""
    app.command("half-life")(half_life)


def half_life(
    source: Annotated[
        str | None, typer.Option("--source", "-s", help="Only this source, such as `arena`")
    ] = None,
    arena: Annotated[
        str | None,
        typer.Option("--arena", "--task", "-t", help="Only this arena, such as text-to-image"),
    ] = None,
    top: Annotated[int, typer.Option("--top", "-k", min=1, help="Places that count as the top")] = (
        TOP
    ),
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], help="Boards from this day on (UTC)"),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--until", formats=["%Y-%m-%d"], help="Boards up to and with this day (UTC)"),
    ] = None,
    by: Annotated[
        Literal["rank", "score"],
        typer.Option("--by", help="Places by the published rank, or by the published score"),
    ] = "rank",
    aliases: Annotated[
        bool,
        typer.Option("--aliases/--no-aliases", help="Take renamed models as one (aliases.toml)"),
    ] = True,
    observations: Annotated[
        Path | None,
        typer.Option("--observations", help="A tidy CSV or Parquet file instead of the database"),
    ] = None,
    edition: EditionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how long a place in the top of each board lasts, measurement noise taken out.

    Without options that change what is measured, the answer is the edition's own.
    """
    from evals.errors import InputError, NotFoundError
    from evals.home import resolve_home
    from leaderboard import queries
    from leaderboard.wire import half_lives_json

    if observations is not None and edition is not None:
        raise InputError("--edition and --observations: give one of the two")
    stored = (top, since, until, by, aliases, observations) == (TOP, None, None, "rank", True, None)
    folder = resolve_home(home)
    name: str | None = None
    if stored:
        with queries.open_edition(folder, edition) as opened:
            name, reports = opened.name, queries.churn(opened)
        boards = [(one.source, one.arena) for one in reports]
    else:
        feed, name = _feed(folder, edition, observations)
        boards = sorted({(board.source, board.arena) for board in feed})
        chosen = [board for board in feed if _asked(board, source, arena, since, until)]
        reports = _measured(chosen, feed.findings, folder, top, by == "score", aliases)
        if chosen and not reports:
            raise NotFoundError(f"{name or observations}: every board is empty or cut off")
    found = [one for one in reports if source in (None, one.source) and arena in (None, one.arena)]
    if not found and (boards or source or arena):
        there = ", ".join("/".join(board) for board in boards) or "none"
        days = " in these days" if since or until else ""
        raise NotFoundError(f"{name or observations}: no such board{days}; there are: {there}")
    if as_json:
        typer.echo(json.dumps(half_lives_json(found, name), indent=2, ensure_ascii=False))
        return
    from leaderboard import tables

    if not found:
        typer.echo(
            f"{name}: no half-lives; import a history with `churnboard import`, then refresh"
        )
        return
    tables.show_half_lives(found)


def _feed(home: Path, edition: str | None, observations: Path | None) -> tuple[Feed, str | None]:
    """The boards to measure, and the edition that they are from."""
    if observations is not None:
        from leaderboard.sources import tidy

        return tidy.read(observations, datetime.now(UTC)), None
    from leaderboard import queries
    from leaderboard.snapshots import Feed
    from leaderboard.sources import selections

    chosen = selections()
    with queries.open_edition(home, edition) as opened:
        every = queries.snapshots(opened)
        return Feed(tuple(one for one in every if one.source not in chosen)), opened.name


def _asked(
    board: Snapshot,
    source: str | None,
    arena: str | None,
    since: datetime | None,
    until: datetime | None,
) -> bool:
    at = board.published_at
    return (
        source in (None, board.source)
        and arena in (None, board.arena)
        and (since is None or at >= since.replace(tzinfo=UTC))
        and (until is None or at < until.replace(tzinfo=UTC) + timedelta(days=1))
    )


def _measured(
    snapshots: list[Snapshot],
    findings: tuple[Finding, ...],
    home: Path,
    top: int,
    scored: bool,
    aliases: bool,
) -> tuple[ChurnReport, ...]:
    """A report for every board; what was found on reading their file stands in each."""
    from leaderboard.churn.answers import FindingRow
    from leaderboard.churn.report import churn_reports
    from leaderboard.identity import load_aliases

    known = load_aliases(home) if aliases else ()
    read = tuple(FindingRow(one.check, one.count, one.detail, one.examples) for one in findings)
    return tuple(
        replace(one, findings=(*read, *one.findings))
        for one in churn_reports(snapshots, top, known, scored=scored)
    )
