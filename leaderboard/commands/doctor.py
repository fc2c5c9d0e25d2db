"""`doctor`: is the set-up sound, and does the ranking agree with the truth?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from leaderboard.options import HomeOption, JsonOption

CALIBRATION_SUITE = "calibration"
TRUTH = "caption_accuracy"


def register(app: typer.Typer) -> None:
    """Mount the command on `app`."""
    app.command("doctor")(doctor)


def doctor(
    calibration: Annotated[
        bool,
        typer.Option("--calibration", help="Compare the ratings with the exact caption accuracy"),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check this installation and home; exit code 1 when something is wrong."""
    from evals.home import resolve_home

    if calibration:
        _calibration(resolve_home(home), as_json)
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


def _calibration(home: Path, as_json: bool) -> None:
    from evals.errors import NotFoundError
    from leaderboard import queries
    from leaderboard.agreement import agreement

    with queries.open_edition(home) as opened:
        scores = queries.scores(opened, CALIBRATION_SUITE, TRUTH)
        name = opened.name
    found = agreement(scores)
    if found is None:
        raise NotFoundError(
            f"{name}: fewer than three trained models of suite {CALIBRATION_SUITE} have both a"
            f" rating and {TRUTH}; run `churnboard eval --suite {CALIBRATION_SUITE}` and refresh"
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
            "models": models,
        }
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    from leaderboard import tables

    tables.show_agreement(scores, found)
