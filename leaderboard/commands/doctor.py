"""`doctor`: is the set-up sound, and does the ranking agree with the truth?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from leaderboard.options import HomeOption, JsonOption

CALIBRATION_SUITE = "calibration"


def register(app: typer.Typer) -> None:
    """Mount the command on `app`."""
    app.command("doctor")(doctor)


def doctor(
    calibration: Annotated[
        bool,
        typer.Option("--calibration", help="Compare the ratings with the exact caption accuracy"),
    ] = False,
    suite: Annotated[
        str, typer.Option("--suite", help="With --calibration: of this suite of that world")
    ] = CALIBRATION_SUITE,
    motion: Annotated[
        bool, typer.Option("--motion", help="With --calibration: the truth is the motion alone")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check this installation and home; exit code 1 when something is wrong."""
    from evals.home import resolve_home

    if calibration:
        _calibration(resolve_home(home), suite, motion, as_json)
        return
    from leaderboard.checks import check_all
    from leaderboard.wire import plain

    checks = check_all(resolve_home(home))
    fine = all(check.ok for check in checks)
    if as_json:
        answer = {"ok": fine, "checks": plain(checks)}
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        for check in checks:
            typer.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.detail}")
    if not fine:
        raise typer.Exit(1)


def _calibration(home: Path, suite: str, motion: bool, as_json: bool) -> None:
    from evals import metrics, registry
    from evals.errors import NotFoundError
    from leaderboard import queries
    from leaderboard.boards.agreement import agreement

    task = registry.load(home).suite(suite).task
    truth = "motion_accuracy" if motion else metrics.truth(task)
    with queries.open_edition(home) as opened:
        scores = queries.scores(opened, suite, truth)
        name = opened.name
    found = agreement(scores)
    if found is None:
        raise NotFoundError(
            f"{name}: fewer than three trained models of suite {suite} have both a"
            f" rating and {truth}; run `churnboard eval --suite {suite}` and refresh"
        )
    if as_json:
        models: list[dict[str, Any]] = [
            {
                "model": score.model,
                "anchor": score.anchor is not None,
                "rating": score.rating,
                "accuracy": score.value,
                "counted": score.model in found.models,
            }
            for score in scores
        ]
        answer = {
            "spearman": found.spearman,
            "interval": [found.low, found.high],
            "truth": truth,
            "models": models,
        }
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    from leaderboard import tables

    tables.show_agreement(scores, found)
