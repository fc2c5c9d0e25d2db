"""Boards under a declared clock: who is on them, how they scatter, and that they say simulated."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from evals import record, registry, revision
from evals.errors import ChurnboardError, RegistryError
from evals.record_types import RunRecord
from evals.types import Run
from leaderboard import queries
from leaderboard.answers import SnapshotRow
from leaderboard.boards import Rated, rated_board
from leaderboard.cli import build
from leaderboard.errors import RatingError
from leaderboard.evidence import ModelFacts, Sample, SuiteEvidence
from leaderboard.refresh import refresh
from leaderboard.replay import Clock, check_models, clock_path, load_clock, replayed_boards
from leaderboard.store import made as made_store
from leaderboard.store.database import FILE
from tests.leaderboard.factory import CLIP, START, TRUTH, Made, outcomes, result, write

STRENGTHS = {"first": 0.0, "second": 0.4, "third": 0.8, "best": 1.2}
CLOCK = """\
simulated = true
first_board = 2025-01-06
every_days = 7
boards = 8
prompts = 20

[[release]]
model = "first"
released = 2024-12-01

[[release]]
model = "second"
released = 2024-12-15

[[release]]
model = "third"
released = 2025-01-13
withdrawn = 2025-02-03

[[release]]
model = "best"
released = 2025-01-21
"""


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return load_clock(written(tmp_path))


def written(folder: Path, text: str = CLOCK) -> Path:
    path = folder / "clock.toml"
    path.write_text(text)
    return path


def evidence(prompts: int = 60) -> SuiteEvidence:
    """Results that follow a Bradley-Terry model with the strengths above."""
    return SuiteEvidence(
        suite_id="made",
        suite_version="v",
        task="text-to-image",
        reference="first",
        models=tuple(ModelFacts(name, name, simulated=True) for name in STRENGTHS),
        specs=(replace(CLIP, tie_band=0.0),),
        domains={},
        samples=tuple(
            Sample(o.model, o.prompt, o.seed, "ok", START, marks=o.marks)
            for o in outcomes(STRENGTHS, prompts, seeds=2)
        ),
    )


def test_a_board_lists_who_is_out_by_its_day(clock: Clock) -> None:
    boards = replayed_boards(evidence(), clock)
    assert [board.published_at for board in boards] == [
        datetime(2025, 1, 6, tzinfo=UTC) + timedelta(weeks=week) for week in range(8)
    ]
    early = {"first", "second"}
    # `third` comes on a board's own day and goes on one; `best` comes between two boards.
    listed = [early, early | {"third"}, early | {"third"}, early | {"third", "best"}]
    listed += 4 * [early | {"best"}]
    assert [{entry.model for entry in board.entries} for board in boards] == listed
    for board in boards:
        assert (board.source, board.arena) == ("replay", "text-to-image")
        assert [entry.rank for entry in board.entries] == list(range(1, len(board.entries) + 1))
        scores = [entry.score or 0.0 for entry in board.entries]
        assert scores == sorted(scores, reverse=True)
        assert np.mean(scores) == pytest.approx(1000, abs=0.01)
    released = {e.model: e.released for board in boards for e in board.entries}
    assert released == {release.model: release.released for release in clock.release}


def test_every_line_says_simulated(clock: Clock) -> None:
    real = evidence()
    real = replace(real, models=tuple(replace(m, simulated=False) for m in real.models))
    assert all(e.simulated for board in replayed_boards(real, clock) for e in board.entries)


def test_a_board_depends_on_nothing_that_comes_later(clock: Clock) -> None:
    whole = replayed_boards(evidence(), clock)
    assert replayed_boards(evidence(), clock, until=date(2025, 2, 2)) == whole[:4]
    assert replayed_boards(evidence(), clock, until=date(2025, 1, 5)) == ()
    later = [r.model_copy(update={"released": date(2025, 2, 10)}) for r in clock.release[3:]]
    other = clock.model_copy(update={"release": [*clock.release[:3], *later]})
    assert replayed_boards(evidence(), other)[:3] == whole[:3]


def test_boards_are_a_function_of_evidence_clock_and_seed(clock: Clock) -> None:
    made = evidence()
    boards = replayed_boards(made, clock)
    assert replayed_boards(replace(made, samples=made.samples[::-1]), clock) == boards
    assert replayed_boards(made, clock, seed=1) != boards


def test_boards_scatter_around_the_whole_suite_as_their_intervals_say(clock: Clock) -> None:
    """Of intervals from 40 drawn prompts, nineteen in twenty hold what all 60 prompts say.

    Drawn without replacement, nearly all of them would.
    """
    steady = clock.model_copy(
        update={
            "boards": 150,
            "prompts": 40,
            "release": [
                r.model_copy(update={"released": date(2024, 1, 1), "withdrawn": None})
                for r in clock.release
            ],
        }
    )
    made = evidence()
    boards = replayed_boards(made, steady)
    whole = rated_board(replace(made, reference=None), "all")
    assert isinstance(whole, Rated)
    truth = {row.model: row.rating for row in whole.board.rows}
    held = [
        (e.score_low or 0.0) <= truth[e.model] <= (e.score_high or 0.0)
        for board in boards
        for e in board.entries
    ]
    assert 0.90 <= np.mean(held) <= 0.97
    for model, rating in truth.items():
        scores = [e.score or 0.0 for board in boards for e in board.entries if e.model == model]
        assert np.std(scores) > 10
        assert np.mean(scores) == pytest.approx(rating, abs=4 * np.std(scores) / 150**0.5 + 3)
    orders = {tuple(entry.model for entry in board.entries) for board in boards}
    assert len(orders) > 1


def test_a_model_without_results_is_named(clock: Clock) -> None:
    made = evidence()
    gone = replace(made, samples=tuple(s for s in made.samples if s.model != "third"))
    with pytest.raises(RatingError, match="2025-01-13 cannot be made: third cannot be compared"):
        replayed_boards(gone, clock)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("simulated = true", "simulated = false", 'key "simulated"'),
        ("simulated = true\n", "", 'key "simulated" is missing'),
        ("every_days = 7", "every_day = 7", 'unknown key "every_day"; did you mean "every_days"?'),
        ("every_days = 7", "every_days = 0", 'key "every_days"'),
        ("prompts = 20", "prompts = 4", 'key "prompts"'),
        ("2025-02-03", "2025-01-13", r'release\[2\]\.withdrawn": "third" is released after'),
        ('"second"', '"first"', r'release\[0\]\.model": "first" stands twice'),
        ("2024-12-15", "2025-01-07", "the board of 2025-01-06 needs at least 2 models"),
    ],
)
def test_a_clock_is_refused_by_file_and_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in CLOCK
    with pytest.raises(RegistryError, match=rf"clock\.toml: .*{message}"):
        load_clock(written(tmp_path, CLOCK.replace(old, new)))


def test_the_shipped_clock_is_of_registered_simulated_models(home: Path) -> None:
    clock = load_clock(clock_path())
    known = registry.load(home).models
    check_models(clock, clock_path(), known)
    last = clock.days()[-1]
    assert last < START.date()
    assert clock.listed(last) < set(clock.models)
    assert max(release.released for release in clock.release) < last


# -- the command ----------------------------------------------------------------------------------

WORLD = tuple(Made(name, 20 + 2 * strength) for name, strength in STRENGTHS.items())


def registered(home: Path, **changes: str) -> None:
    """Four models and a suite of the home's own; `changes` replace a model's `simulated` line."""
    (home / "models").mkdir(parents=True)
    (home / "suites").mkdir()
    for name in STRENGTHS:
        (home / "models" / f"{name}.toml").write_text(
            f'name = "{name.title()}"\ntask = "text-to-image"\nbackend = "procedural"\n'
            f'suites = ["made"]\n{changes.get(name, "simulated = true")}\n'
            '[settings]\nkind = "renderer"\n'
        )
    prompts = "".join(
        f'[[prompts]]\nid = "p{n:02}"\ntext = "one red circle number {n}"\n' for n in range(30)
    )
    (home / "suites" / "made.toml").write_text(
        f'title = "Made up"\ntask = "text-to-image"\nseeds = [0, 1]\n'
        f'metrics = ["caption_accuracy"]\n{prompts}'
    )


def recorded(home: Path) -> None:
    """A record in which every trial of the registered models is done."""
    known = registry.load(home)
    suite = known.suites["made"]
    models = tuple(revision.pinned(known, known.model(made.id)) for made in WORLD)
    results = tuple(
        result(made, suite, prompt.id, seed, revision=model.revision)
        for made, model in zip(WORLD, models, strict=True)
        for prompt in suite.prompts
        for seed in suite.seeds
    )
    run = Run("run-1", START, START, 1, suite, models, (CLIP, TRUTH), len(results))
    write(home, RunRecord(run, results))


@pytest.fixture
def market(home: Path, tmp_path: Path) -> Path:
    """A home in which all results of the clock's models are recorded; returns the clock's file."""
    registered(home)
    recorded(home)
    return written(tmp_path)


def command(*arguments: str) -> str:
    done = CliRunner().invoke(
        build(), ["replay", "--suite", "made", *arguments], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return done.stdout


def answer(path: Path, *arguments: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(command("--clock", str(path), "--json", *arguments))
    return parsed


def kept(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (home / "history").rglob("*") if path.is_file()}


def shown(home: Path, day: int = 0) -> tuple[SnapshotRow, ...]:
    refresh(home, START + timedelta(days=1 + day), draws=50)
    with queries.open_edition(home) as edition:
        return queries.history(edition, "replay")


def test_the_command_evaluates_nothing_twice_and_keeps_its_boards(home: Path, market: Path) -> None:
    first = answer(market)
    assert first == {
        "suite": "made",
        "simulated": True,
        "models": list(STRENGTHS),
        "evaluated": 0,
        "boards": 8,
        "from": "2025-01-06",
        "to": "2025-02-24",
        "changed": True,
    }
    before = kept(home)
    assert len(before) == 1
    assert not (home / "exports").exists()
    assert not (home / "editions").exists()
    assert answer(market) == first | {"changed": False}
    assert "nothing new" in command("--clock", str(market))
    assert kept(home) == before
    assert len(record.folders(home)) == 1


def test_its_boards_are_marked_and_no_pick_is_made_from_them(home: Path, market: Path) -> None:
    refresh(home, START, draws=50)
    with queries.open_edition(home) as edition:
        before = queries.picks(edition)
    recommendations = home / "exports" / "recommendations.json"
    exported = recommendations.read_bytes()
    command("--clock", str(market))
    assert recommendations.read_bytes() == exported
    rows = shown(home)
    assert {row.kind for row in rows} == {"simulated"}
    assert len({row.published_at for row in rows}) == 8
    with queries.open_edition(home) as edition:
        board = queries.board(edition, "text-to-image", source="replay")
        picks = queries.picks(edition)
    assert board.simulated
    assert all(row.simulated for row in board.rows)
    undated = [replace(pick, decided_at=START) for pick in picks.picks]
    assert undated == [replace(pick, decided_at=START) for pick in before.picks]
    assert (picks.none, picks.refused) == (before.none, before.refused)


def test_another_replay_takes_the_place_of_the_last(home: Path, market: Path) -> None:
    command("--clock", str(market))
    whole = shown(home)
    assert answer(market, "--until", "2025-01-31")["boards"] == 4
    part = shown(home, 1)
    assert part == tuple(
        row for row in whole if row.published_at < datetime(2025, 2, 1, tzinfo=UTC)
    )
    market.write_text(CLOCK.replace("2025-01-21", "2025-02-20"))
    assert answer(market)["changed"]
    (best,) = {row.published_at for row in shown(home, 2) if row.model == "best"}
    assert best == datetime(2025, 2, 24, tzinfo=UTC)


def test_a_lost_database_is_made_again_with_the_replay(home: Path, market: Path) -> None:
    command("--clock", str(market))
    before = shown(home)
    (home / FILE).unlink()
    assert shown(home, 1) == before
    assert not answer(market)["changed"]


def test_cut_short_it_can_be_done_again(
    home: Path, market: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("--clock", str(market))
    with monkeypatch.context() as broken:
        broken.setattr(made_store.history, "keep_file", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            command("--clock", str(market), "--until", "2025-01-31")
    refresh(home, START + timedelta(days=1), draws=50)
    assert answer(market)["changed"]
    assert len({row.published_at for row in shown(home, 1)}) == 8


def test_what_is_no_simulated_model_is_refused(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path)
    cases = {
        "simulated = false": r'"third" is not marked simulated',
        'simulated = true\nanchor = "upper"': '"third" is an anchor',
    }
    monkeypatch.setattr("evals.run.evaluate", lambda *_, **__: pytest.fail("evaluated"))
    for line, message in cases.items():
        registered(home, third=line)
        with pytest.raises(RegistryError, match=rf"clock\.toml: .*release\[2\]\.model.*{message}"):
            command("--clock", str(path))
        shutil.rmtree(home)
    registered(home)
    path.write_text(CLOCK.replace('"third"', '"thrid"'))
    with pytest.raises(RegistryError, match='no model "thrid"; did you mean "third"'):
        command("--clock", str(path))


def test_a_day_before_the_first_board_is_refused_before_anything_runs(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(home)
    monkeypatch.setattr("evals.run.evaluate", lambda *_, **__: pytest.fail("evaluated"))
    with pytest.raises(ChurnboardError, match=r"no board by 2025-01-05: .* first is of 2025-01-06"):
        command("--clock", str(written(tmp_path)), "--until", "2025-01-05")
