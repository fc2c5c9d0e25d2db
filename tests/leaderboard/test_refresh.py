"""The whole path: records and files in, an edition and recommendations out."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from evals.errors import ChurnboardError
from evals.home import data_root
from leaderboard import queries
from leaderboard.answers import Picks
from leaderboard.export import read_recommendations
from leaderboard.history.imports import import_boards
from leaderboard.refresh import refresh
from leaderboard.store.database import FILE
from tests.leaderboard.factory import START, WORLD, Made, run_record, suite, write

HISTORY = data_root() / "history" / "arena_monthly_top8.csv"
# After the last board of the embedded history.
LATER = START + timedelta(days=270)


def refreshed(home: Path, day: int = 0) -> Picks:
    refresh(home, LATER + timedelta(days=day), draws=200)
    with queries.open_edition(home) as edition:
        return queries.picks(edition)


def test_an_empty_home_gives_an_empty_edition(home: Path) -> None:
    done = refresh(home, LATER)
    assert (done.boards, done.picks) == (0, 0)
    assert read_recommendations(done.recommendations)["picks"] == []


def test_from_records_to_picks(home: Path) -> None:
    write(home, run_record())
    done = refresh(home, LATER, draws=200)
    assert done.runs == ("run-1",)
    document = read_recommendations(done.recommendations)
    heroes = {p["domain"]: p["model"] for p in document["picks"] if p["role"] == "hero"}
    assert set(heroes) == {"all", "flat", "shaded"}
    named = {pick["model"] for pick in document["picks"]}
    assert named <= {"large", "middle", "small"}
    assert document["edition"] == done.edition.stem


def test_refreshing_again_decides_the_same(home: Path) -> None:
    write(home, run_record())
    first, second = refreshed(home), refreshed(home, 1)
    assert [(p.domain, p.role, p.model, p.rating, p.p_best, p.p_floor) for p in first.picks] == [
        (p.domain, p.role, p.model, p.rating, p.p_best, p.p_floor) for p in second.picks
    ]
    assert refresh(home, LATER + timedelta(days=2)).runs == ()


def test_outside_boards_and_half_lives(home: Path) -> None:
    stored = import_boards(home, "arena-monthly", str(HISTORY), LATER)
    assert (stored.boards, stored.rows) == (54, 432)
    assert import_boards(home, "arena-monthly", str(HISTORY), LATER).rows == 0
    refresh(home, LATER)
    with queries.open_edition(home) as edition:
        keys = queries.boards(edition)
        assert {key.source for key in keys} == {"arena"}
        board = queries.board(edition, "text-to-image", source="arena")
        assert [row.rank for row in board.rows] == list(range(1, 9))
        reports = queries.churn(edition)
        assert {one.arena for one in reports} == {key.task for key in keys}
        (found,) = (one for one in reports if one.arena == "text-to-image")
        assert found.as_published.kaplan_meier.days == 72
        assert found.distinct_boards == 22
        assert len(queries.history(edition, "arena")) == 432


def test_a_contradicting_file_stores_nothing(home: Path, tmp_path: Path) -> None:
    import_boards(home, "arena-monthly", str(HISTORY), LATER)
    other = tmp_path / "other.csv"
    other.write_text(HISTORY.read_text().replace("1105.16", "1999.99"))
    with pytest.raises(
        ChurnboardError, match=r"row 2, column score: .* on text-to-image of 2025-01-28 differs"
    ):
        import_boards(home, "arena-monthly", str(other), LATER)
    refresh(home, LATER)
    with queries.open_edition(home) as edition:
        assert max(row.score or 0 for row in queries.history(edition, "arena")) < 1999


def test_a_lost_database_is_made_again_from_records_and_kept_files(home: Path) -> None:
    write(home, run_record())
    import_boards(home, "arena-monthly", str(HISTORY), LATER)
    before = refreshed(home)
    (home / FILE).unlink()
    after = refreshed(home, 1)
    assert [(p.domain, p.role, p.model) for p in after.picks] == [
        (p.domain, p.role, p.model) for p in before.picks
    ]
    with queries.open_edition(home) as edition:
        assert len(queries.history(edition, "arena")) == 432


def test_a_damaged_database_is_said_and_healed(home: Path) -> None:
    write(home, run_record())
    before = refreshed(home)
    (home / FILE).write_bytes(b"garbage" * 5000)
    done = refresh(home, LATER + timedelta(days=1), draws=200)
    assert "damaged" in done.notes[0]
    with queries.open_edition(home) as edition:
        assert len(queries.picks(edition).picks) == len(before.picks)


def test_a_failed_refresh_leaves_edition_and_export(home: Path) -> None:
    write(home, run_record())
    done = refresh(home, LATER, draws=200)
    before = done.recommendations.read_bytes()
    (home / "policy.toml").write_text("[hero]\nmax_cost = 1\n")
    with pytest.raises(ChurnboardError, match="max_cost"):
        refresh(home, LATER + timedelta(days=1))
    assert done.recommendations.read_bytes() == before
    assert (home / "editions" / "current").resolve() == done.edition


def test_a_suite_of_real_models_decides_over_a_simulated_one(home: Path) -> None:
    stand_ins = tuple(Made(f"sim-{made.id}", made.strength, simulated=True) for made in WORLD[2:])
    write(home, run_record(stand_ins, id="simulated", at=START + timedelta(days=2)))
    write(home, run_record(WORLD[2:], suite(id="mine"), "real"))
    picks = refreshed(home)
    assert {pick.suite_id for pick in picks.picks} == {"mine"}
    with queries.open_edition(home) as edition:
        assert queries.board(edition, "text-to-image").suite_id == "mine"
        assert queries.board(edition, "text-to-image", suite="calibration").simulated


def test_readers_are_answered(home: Path) -> None:
    folder = write(home, run_record((*WORLD, Made("flaky", 22.0, failing=0.3))))
    refresh(home, LATER, draws=50)
    with queries.open_edition(home) as edition:
        (run,) = queries.runs(edition)
        failures = queries.failures(edition, run.id)
        assert (run.status, run.planned, run.ok + run.failed) == ("finished", 240, 240)
        assert len(failures) == run.failed > 0
        assert {failure.kind for failure in failures} == {"invalid_media"}
        (suite_row,) = queries.suites(edition)
        prompts = queries.prompts(edition, suite_row.id)
        assert len(prompts) == 20
        assert prompts[0].seeds == (0, 1)
        items = queries.gallery(edition, suite_row.id, "p00", 0)
        assert items[0].model == "renderer"
        assert all(item.path is None and item.reason for item in items)
        made = next(item for item in items if item.model == "large")
        row = edition.cursor().execute(
            "SELECT media_path FROM generations"
            " WHERE model_id = 'large' AND prompt_id = 'p00' AND seed = 0"
        )
        place = folder / row.fetchall()[0][0]
        place.parent.mkdir(parents=True)
        place.write_bytes(b"a picture")
        found = {item.model: item for item in queries.gallery(edition, suite_row.id, "p00", 0)}
        assert found["large"].path == place
        assert found["large"].scores == made.scores
        scores = queries.scores(edition, suite_row.id, "caption_accuracy")
        assert scores[0].model == "renderer"
        with pytest.raises(ChurnboardError, match="there are: evals/text-to-image/all"):
            queries.board(edition, "text-to-video")
    shutil.rmtree(folder)
    with queries.open_edition(home) as edition:
        assert queries.gallery(edition, suite_row.id, "p00", 0)[0].path is None


def test_who_holds_a_role_is_remembered_even_by_a_new_database(home: Path) -> None:
    write(home, run_record())
    refreshed(home)
    with queries.open_edition(home) as edition:
        first = {(p.domain, p.role): p.since for p in queries.picks(edition).decisions}
        log = queries.pick_log(edition)
    assert {entry.action for entry in log} == {"chosen"}
    assert len(log) == len(first) == 6
    (home / FILE).unlink()
    again = refreshed(home, 40)
    assert {(p.domain, p.role): p.since for p in again.decisions} == first
    assert {made.action for made in again.decisions} <= {"kept", "held"}
    for made in again.decisions:
        assert made.outlook is not None
        assert made.outlook.reason
        assert {rival.model for rival in made.rivals} | {made.model} == {"large", "middle", "small"}
    (home / "policy.toml").write_text('[candidates]\nbanned = ["large"]\n')
    after = refreshed(home, 41)
    assert "large" not in {pick.model for pick in after.picks}
    with queries.open_edition(home) as edition:
        assert queries.pick_log(edition)[: len(log)] == log
        assert {entry.cause for entry in queries.pick_log(edition)[len(log) :]} >= {"unqualified"}
