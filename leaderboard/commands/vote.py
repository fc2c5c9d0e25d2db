"""`vote`: people's comparisons: where to vote, how many there are, files of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leaderboard.options import HomeOption, JsonOption

if TYPE_CHECKING:
    from leaderboard.voting.files import VotedSuite

PAGE = "arena"
"""The page's address below the dashboard's."""
SuiteOption = Annotated[str | None, typer.Option("--suite", "-s", help="Only this suite")]


def register(app: typer.Typer) -> None:
    """Mount the group on `app`."""
    group = typer.Typer(no_args_is_help=True, help="People's votes: show, status, export, import.")
    group.command("show")(show)
    group.command("status")(status)
    group.command("export")(export)
    group.command("import")(import_votes)
    app.add_typer(group, name="vote")


def show(
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="Port of the dashboard")
    ] = 8501,
    serve: Annotated[bool, typer.Option("--serve", help="Serve the dashboard there")] = False,
    home: HomeOption = None,
) -> None:
    """Say the address of the page on which people vote; `--serve` starts the dashboard."""
    typer.echo(f"http://localhost:{port}/{PAGE}")
    if serve:
        from leaderboard.commands.dashboard import dashboard

        dashboard(port, home)


def status(suite: SuiteOption = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Count votes, voters and pairs, and say how many are missing until weights are fitted."""
    from evals.home import resolve_home
    from leaderboard.voting.box import BallotBox
    from leaderboard.voting.counts import vote_counts

    counts = vote_counts(BallotBox(resolve_home(home)).votes(suite))
    if as_json:
        from leaderboard.wire import SCHEMA_VERSION, plain

        answer = {"schema_version": SCHEMA_VERSION, "suites": plain(counts)}
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    for one in counts:
        more = f"{one.missing} more until" if one.missing else "enough for"
        typer.echo(
            f"{one.suite} {one.suite_version}: {one.votes} votes by {one.voters} voters on"
            f" {one.prompts} prompts and {one.pairs} pairs of models; {one.repeated} pairs of"
            f" generations judged by two people or more; {more} fitted weights"
        )
    if not counts:
        typer.echo("no votes yet; `churnboard vote show --serve` opens the page to cast them on")


def export(
    file: Annotated[Path, typer.Argument(help="Where to: ends in .csv or .parquet")],
    suite: SuiteOption = None,
    home: HomeOption = None,
) -> None:
    """Write the votes to a file. Prints how many, and the file's path last."""
    from evals.home import resolve_home
    from leaderboard.voting.box import BallotBox
    from leaderboard.voting.files import write_votes

    votes = BallotBox(resolve_home(home)).votes(suite)
    write_votes(file, votes)
    typer.echo(f"{len(votes)} votes", err=True)
    typer.echo(str(file))


def import_votes(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet, as `vote export` writes it")],
    suite: Annotated[
        str | None,
        typer.Option(
            "--suite",
            "-s",
            help="Suite that every vote is on; a file without suites and revisions then means the"
            " current ones",
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Add the votes in a file to the ballot box; a second time changes nothing."""
    from evals.home import resolve_home
    from leaderboard.voting.box import BallotBox
    from leaderboard.voting.files import read_votes

    folder = resolve_home(home)
    box = BallotBox(folder)
    voted = _voted_suite(folder, suite) if suite is not None else None
    there = box.votes()
    votes = read_votes(file, datetime.now(UTC), voted, there)
    known = {vote.ballot.id: vote.outcome for vote in there}
    other = sum(known.get(vote.ballot.id, vote.outcome) != vote.outcome for vote in votes)
    new = box.cast_all(votes)
    typer.echo(f"{new} new votes; {len(votes) - new} were there before")
    if other:
        typer.echo(
            f"{other} of those were answered otherwise there: the first answer counts", err=True
        )
    if new:
        typer.echo("next: churnboard refresh")


def _voted_suite(home: Path, suite: str) -> VotedSuite:
    """What the current edition says of a suite.

    Raises `NotFoundError` naming the suites there are.
    """
    from evals.errors import NotFoundError
    from evals.names import hint
    from leaderboard import queries
    from leaderboard.voting.files import VotedSuite

    with queries.open_edition(home) as edition:
        versions = {row.id: row.version for row in queries.suites(edition)}
        if suite not in versions:
            known = hint(suite, versions)
            raise NotFoundError(f'{edition.name}: suite "{suite}" has no results{known}')
        prompts = frozenset(prompt.id for prompt in queries.prompts(edition, suite))
        return VotedSuite(suite, versions[suite], prompts, queries.revisions(edition, suite))
