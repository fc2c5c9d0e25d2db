"""`churnboard replay`: nothing is done twice, boards are marked, what is wrong is refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals import record, registry, revision
from evals.errors import ChurnboardError, RegistryError
from evals.record_types import RunRecord
from evals.types import Run
from leaderboard import queries
from leaderboard.answers import SnapshotRow
from leaderboard.cli import build
from leaderboard.refresh import refresh
from leaderboard.store import made as made_store
from leaderboard.store.database import FILE
from tests.leaderboard.factory import CLIP, START, TRUTH, Made, result, write
from tests.leaderboard.history.replays import CLOCK, STRENGTHS, written

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
