"""Cycles under a declared clock: what is due is evaluated once, and nothing else is done."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals import record
from evals.budget import Limits
from evals.errors import BusyError, InputError, LoadError
from evals.request import Request
from evals.run import Outcome, Progress
from leaderboard import cycle, queries
from leaderboard.cli import build
from leaderboard.cycles import log as cycle_log
from leaderboard.export import read_recommendations, recommendations_path
from tests.leaderboard.cycles.homes import (
    BEGIN,
    DAILY,
    DAY,
    STRENGTHS,
    Ticking,
    at_slot,
    evaluate,
    runs,
)

ROOT = Path(__file__).parents[3]
EVERYBODY = tuple(sorted(STRENGTHS))


def sequence(home: Path) -> int:
    return int(read_recommendations(recommendations_path(home))["sequence"])


def events(home: Path) -> list[str]:
    return [entry.event for entry in cycle_log.read_log(home)]


@pytest.mark.slow
def test_three_weeks_of_slots_leave_exactly_the_expected_runs(fresh: Path) -> None:
    """Two slots are missed, that in which picks are due among them, and two cycles overlap."""
    aged, last, refused = fresh, 0, 0

    def beside(home: Path, request: Request, **named: Any) -> Outcome:
        nonlocal refused
        with pytest.raises(BusyError):
            at_slot(home, 6)
        refused += 1
        return evaluate(home, request, **named)

    for day in range(21):
        if day in (12, 13):
            continue
        done = at_slot(aged, day, do=beside if day == 6 else evaluate)
        assert done.ran
        assert done.failed == ()
        assert (done.missed.count if done.missed else 0) == (2 if day == 14 else 0)
        # A second call in the same slot does nothing.
        assert not at_slot(aged, day + 0.5).ran
        assert sequence(aged) >= last
        last = sequence(aged)
    found = runs(aged)
    assert [(day, epoch) for day, epoch, _ in found] == [(-1, 1), (6, 2), (14, 3)]
    assert refused > 0
    assert found[0][2] == EVERYBODY
    # The holders and who cannot be told apart from them; nobody far below is paid for.
    assert all("tiny" not in models and "large" in models for _, _, models in found[1:])
    done = [entry.slot for entry in cycle_log.read_log(aged) if entry.event == "done"]
    assert len(done) == len(set(done)) == 19
    assert events(aged).count("missed") == 1


def test_nothing_due_and_nothing_new_publishes_nothing(aged: Path) -> None:
    done = at_slot(aged, 1)
    assert (done.ran, done.edition, done.evaluated) == (True, None, ())
    assert done.recommendations == recommendations_path(aged)
    assert sequence(aged) == 1


@pytest.mark.parametrize("change", ["record", "policy", "model"])
def test_what_is_new_is_refreshed(aged: Path, change: str) -> None:
    assert at_slot(aged, 1).edition is None
    if change == "record":
        evaluate(aged, Request("small", models=("tiny",), new_epoch=True), clock=Ticking(BEGIN))
    elif change == "policy":
        text = (aged / "policy.toml").read_text()
        (aged / "policy.toml").write_text(text + "[hero]\nmax_cost_usd = 0.01\n")
    else:
        path = aged / "models" / "tiny.toml"
        path.write_text('licence = "MIT"\n' + path.read_text())
    assert at_slot(aged, 2).edition is not None
    assert at_slot(aged, 3).edition is None


def test_a_lost_file_is_written_again_without_a_fall_of_its_sequence(aged: Path) -> None:
    before = sequence(aged)
    recommendations_path(aged).unlink()
    at_slot(aged, 1)
    assert sequence(aged) > before


def test_an_evaluation_that_was_cut_off_goes_on_in_its_epoch(aged: Path) -> None:

    class Killed(BaseException):
        pass

    def dies(
        home: Path,
        request: Request,
        *,
        progress: Callable[[Progress], None],
        clock: Callable[[], object],
    ) -> Outcome:
        evaluate(
            home, replace(request, prompts=7), progress=progress, clock=Ticking(BEGIN + 7 * DAY)
        )
        raise Killed

    with pytest.raises(Killed):
        cycle.cycle(aged, DAILY, Ticking(BEGIN + 7 * DAY), dies)
    again = at_slot(aged, 7.2)
    assert again.continued
    assert [one.epoch for one in again.evaluated] == [2]
    results = record.results_of(record.read_all(aged))
    keys = [result.trial.key for result in results if result.trial.epoch == 2]
    assert len(keys) == len(set(keys)) == sum(one.generations for one in again.evaluated) + 28
    assert not at_slot(aged, 7.3).ran


def test_after_the_evaluation_it_is_not_made_again(aged: Path) -> None:

    class Killed(BaseException):
        pass

    def die(step: str) -> None:
        if step == "refreshed":
            raise Killed

    with pytest.raises(Killed):
        cycle.cycle(aged, DAILY, Ticking(BEGIN + 7 * DAY), evaluate, tell=die)
    made = runs(aged)
    again = at_slot(aged, 7.2)
    assert (again.continued, again.evaluated) == (True, ())
    assert runs(aged) == made


def test_what_fails_is_said_and_the_slot_stays_open(aged: Path) -> None:
    before = sequence(aged)

    def fails(home: Path, request: Request, **named: Any) -> Outcome:
        evaluate(home, replace(request, prompts=7), **named)
        raise LoadError("the judge is missing")

    done = cycle.cycle(aged, DAILY, Ticking(BEGIN + 7 * DAY), fails)
    assert "small: the judge is missing" in done.failed
    assert events(aged)[-1] == "failed"
    # What was made is published, and made once all the same.
    assert done.edition is not None
    assert sequence(aged) >= before
    again = at_slot(aged, 7.5)
    assert (again.ran, again.failed) == (True, ())
    results = record.results_of(record.read_all(aged))
    keys = [result.trial.key for result in results if result.trial.epoch > 1]
    assert len(keys) == len(set(keys)) == 80
    assert {result.trial.epoch for result in results} == {1, 2}


def test_a_refresh_that_fails_leaves_the_last_good_file(aged: Path) -> None:
    before = recommendations_path(aged).read_bytes()
    results = record.folders(aged)[0] / record.RESULTS
    kept = results.read_bytes()
    results.write_bytes(b"garbage\n" + kept)
    done = at_slot(aged, 1)
    assert any("line 1" in why for why in done.failed)
    assert recommendations_path(aged).read_bytes() == before
    results.write_bytes(kept)
    assert at_slot(aged, 1.2).failed == ()


def test_a_wrong_policy_is_wrong_input(aged: Path) -> None:
    before = recommendations_path(aged).read_bytes()
    (aged / "policy.toml").write_text("[hero]\nchalenger = 0.9\n")
    with pytest.raises(InputError, match="chal"):
        at_slot(aged, 1)
    assert recommendations_path(aged).read_bytes() == before


def test_a_budget_holds_for_all_jobs_together(aged: Path) -> None:
    at_slot(aged, 7, replace(DAILY, limits=Limits(usd=0.2)))
    costs = [
        result.generation.cost_usd or 0.0
        for result in record.results_of(record.read_all(aged))
        if result.trial.epoch == 2
    ]
    assert 0 < sum(costs) <= 0.2


def test_the_second_of_two_cycles_ends_with_75(aged: Path) -> None:
    codes: list[int] = []

    def meanwhile(home: Path, request: Request, **named: object) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "leaderboard.cli", "cycle", "--home", str(home)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        codes.append(done.returncode)
        assert "another cycle is at work" in done.stderr
        return evaluate(home, request, clock=Ticking(BEGIN + 7 * DAY))

    done = cycle.cycle(aged, DAILY, Ticking(BEGIN + 7 * DAY), meanwhile)
    assert set(codes) == {75}
    assert done.failed == ()


def test_a_run_that_holds_the_home_leaves_the_slot_open(aged: Path) -> None:
    with record.lock(aged), pytest.raises(BusyError):
        at_slot(aged, 7)
    assert at_slot(aged, 7.1).continued


def test_changes_are_told_once_and_again_where_that_failed(fresh: Path, tmp_path: Path) -> None:
    aged = fresh
    told = tmp_path / "told.jsonl"
    at_slot(aged, 0, replace(DAILY, notify=str(tmp_path / "no" / "such")))
    wishes = replace(DAILY, notify=str(told))
    done = at_slot(aged, 1, wishes)
    assert done.changes > 0
    at_slot(aged, 2, wishes)
    (line,) = told.read_text().splitlines()
    found = json.loads(line)
    assert len(found["changes"]) == done.changes
    assert {change["action"] for change in found["changes"]} == {"chosen"}


def test_a_webhook_that_cannot_be_told_fails_nothing(fresh: Path) -> None:
    done = at_slot(fresh, 0, replace(DAILY, notify="http://10.0.0.1/secret"))
    assert done.failed == ()
    assert any("not told" in note and "private" in note for note in done.notes)
    assert not any("secret" in note for note in done.notes)


def test_eval_due_goes_on_with_an_epoch_that_no_edition_has_seen(aged: Path) -> None:
    from leaderboard.cycles import revalidate

    at = BEGIN + 7 * DAY
    work = revalidate.find_due(aged, at)
    assert [job.epoch for job in work.jobs] == [2]
    first = revalidate.evaluate_due(aged, work, Limits(), Ticking(at), evaluate)
    assert first[0].generations > 0
    again = revalidate.find_due(aged, at + timedelta(hours=1))
    assert again.jobs == work.jobs
    second = revalidate.evaluate_due(aged, again, Limits(), Ticking(at), evaluate)
    assert second[0].generations == 0
    at_slot(aged, 7)
    assert revalidate.find_due(aged, at + timedelta(hours=2)).due == ()


def test_a_model_that_is_registered_no_more_is_said(aged: Path) -> None:
    from leaderboard.cycles import revalidate

    with queries.open_edition(aged) as edition:
        hero = next(pick.model for pick in queries.picks(edition).picks if pick.role == "hero")
    (aged / "models" / f"{hero}.toml").unlink()
    work = revalidate.find_due(aged, BEGIN + 8 * DAY)
    assert any(hero in why for why in work.cannot)
    assert all(hero not in job.models for job in work.jobs)


def test_eval_due_by_the_command_line(aged: Path) -> None:
    runner = CliRunner()
    assert isinstance(runner.invoke(build(), ["eval"]).exception, InputError)
    both = runner.invoke(build(), ["eval", "--due", "--suite", "small"])
    assert isinstance(both.exception, InputError)
    assert "--due decides" in str(both.exception)


@pytest.mark.slow
def test_a_cycle_with_nothing_due_imports_nothing_heavy(aged: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "leaderboard.cli", "cycle", "--json"]
    command += ["--home", str(aged), "--at", (BEGIN + DAY).isoformat()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert (answer["ran"], answer["due"], answer["edition"]) == (True, [], None)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not imported & {"torch", "pandas", "lifelines", "scipy", "diffusers"}
