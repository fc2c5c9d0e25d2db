"""Own boards through time: what is news is kept, as outside boards are, and nothing else is."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.record_types import RunRecord
from leaderboard import queries
from leaderboard.answers import EVALS, SnapshotRow
from leaderboard.boards.rated import Rated, rated_board
from leaderboard.errors import SnapshotError
from leaderboard.evidence import ModelFacts, Sample, SuiteEvidence
from leaderboard.history.imports import import_boards
from leaderboard.history.made import as_tidy
from leaderboard.history.own import told_by
from leaderboard.ratings.verdicts import Mark
from leaderboard.refresh import Refreshed, refresh
from leaderboard.snapshots import Entry, Snapshot
from leaderboard.sources.tidy import read
from leaderboard.store.database import FILE
from tests.leaderboard.factory import DOMAINS, START, WORLD, Made, run_record, suite, write

ARENA = f"text-to-image/calibration@{suite().version}"
DAYS = {"large": date(2026, 2, 3), "small": date(2025, 12, 24)}
NEWCOMER = Made("newcomer", 24.0)


def dated(record: RunRecord) -> RunRecord:
    """The record with the days on which some of its models were released."""
    models = tuple(replace(m, released=DAYS.get(m.id)) for m in record.run.models)
    return replace(record, run=replace(record.run, models=models))


def refreshed(home: Path, day: int) -> Refreshed:
    return refresh(home, START + timedelta(days=day), draws=100)


def kept(home: Path, domain: str | None = None) -> tuple[SnapshotRow, ...]:
    """The lines of all domains together, or of one."""
    with queries.open_edition(home) as edition:
        rows = queries.history(edition, EVALS)
    ends = [f"/{one}" for one in ([domain] if domain else DOMAINS)]
    return tuple(row for row in rows if any(map(row.arena.endswith, ends)) == (domain is not None))


def test_a_refresh_keeps_its_board_without_anchors(home: Path) -> None:
    write(home, dated(run_record()))
    refreshed(home, 1)
    rows = kept(home)
    assert {(row.arena, row.published_at, row.kind) for row in rows} == {
        (ARENA, START + timedelta(days=1), "own")
    }
    assert [row.rank for row in rows] == [1, 2, 3]
    assert {row.model: row.released for row in rows} == {"middle": None, **DAYS}
    with queries.open_edition(home) as edition:
        board = {row.model: row for row in queries.board(edition, "text-to-image").rows}
        assert {key.source for key in queries.boards(edition)} == {EVALS}
    for row in rows:
        of = board[row.model]
        assert row.rank == of.rank
        assert (row.score, row.score_low, row.score_high) == pytest.approx(
            (of.rating, of.rating_low, of.rating_high), abs=0.005
        )


def test_every_domain_has_a_history_and_a_half_life_of_its_own(home: Path) -> None:
    write(home, run_record())
    refreshed(home, 1)
    write(home, run_record((NEWCOMER,), id="run-2", at=START + timedelta(days=2)))
    refreshed(home, 3)
    with queries.open_edition(home) as edition:
        reports = {one.arena: one for one in queries.churn(edition)}
        decided = queries.picks(edition).decisions
    assert set(reports) == {ARENA, *(f"{ARENA}/{domain}" for domain in DOMAINS)}
    for domain in DOMAINS:
        assert {row.arena for row in kept(home, domain)} == {f"{ARENA}/{domain}"}
        assert {row.published_at for row in kept(home, domain)} == {
            START + timedelta(days=day) for day in (1, 3)
        }
    # How long a pick may be believed follows from the history of its own domain.
    told = {one.domain: one.outlook.reason for one in decided if one.outlook is not None}
    assert set(told) == {"all", *DOMAINS}
    assert not any("all domains together" in (reason or "") for reason in told.values())


def test_only_news_is_kept(home: Path) -> None:
    write(home, run_record())
    refreshed(home, 1)
    files = sorted((home / "history").rglob("*.csv"))
    refreshed(home, 2)
    assert {row.published_at for row in kept(home)} == {START + timedelta(days=1)}
    assert sorted((home / "history").rglob("*.csv")) == files
    write(home, run_record((NEWCOMER,), id="run-2", at=START + timedelta(days=2)))
    refreshed(home, 3)
    rows = kept(home)
    assert {row.published_at for row in rows} == {START + timedelta(days=day) for day in (1, 3)}
    assert sum(row.model == "newcomer" for row in rows) == 1


def test_a_lost_database_is_made_again_with_its_history(home: Path) -> None:
    write(home, run_record())
    refreshed(home, 1)
    write(home, run_record((NEWCOMER,), id="run-2", at=START + timedelta(days=2)))
    refreshed(home, 3)
    before = kept(home)
    (home / FILE).unlink()
    refreshed(home, 4)
    assert kept(home) == before


def test_simulated_models_are_marked(home: Path) -> None:
    stand_ins = tuple(replace(made, simulated=True) for made in WORLD)
    write(home, run_record(stand_ins))
    refreshed(home, 1)
    assert {row.kind for row in kept(home)} == {"simulated"}


def test_new_prompts_begin_a_history_of_their_own(home: Path) -> None:
    write(home, run_record())
    refreshed(home, 1)
    longer = suite(24)
    later = START + timedelta(days=2)
    write(home, run_record(WORLD[2:4], longer, "run-2", later))
    done = refreshed(home, 3)
    by_arena = {row.arena: row.published_at for row in kept(home)}
    assert by_arena == {
        ARENA: START + timedelta(days=1),
        f"text-to-image/calibration@{longer.version}": START + timedelta(days=3),
    }
    assert done.notes == ()


def rated(models: int) -> tuple[SuiteEvidence, Rated]:
    """Evidence of so many equal models, and their board."""
    world = tuple(Made(f"m{number}", 20.0) for number in range(models))
    record = run_record(world, suite(5))
    samples = tuple(
        Sample(
            r.trial.model_id,
            r.trial.prompt_id,
            r.trial.seed,
            "ok",
            START,
            marks={"clip_score": Mark(r.scores[0].value or 0.0, "same")},
        )
        for r in record.results
    )
    evidence = SuiteEvidence(
        suite_id="calibration",
        suite_version="v",
        task="text-to-image",
        reference=None,
        models=tuple(ModelFacts(made.id, made.id) for made in world),
        specs=record.run.metrics,
        domains={},
        samples=samples,
    )
    board = rated_board(evidence, "all", draws=20)
    assert isinstance(board, Rated)
    return evidence, board


def test_a_board_cut_off_is_not_kept_and_that_is_said() -> None:
    (many, full), (few, short) = rated(5), rated(2)
    first = told_by([full.board], [many], (), START)
    assert (len(first.news), first.notes) == (1, ())
    then = told_by([short.board], [few], first.news, START + timedelta(days=1))
    assert then.news == ()
    assert then.notes == (
        "text-to-image/calibration@v: not kept in the history: 2 models, after 5",
    )


def test_a_domain_is_an_arena_and_boards_of_others_are_not_kept() -> None:
    evidence, made = rated(3)
    flat = replace(made.board, domain="flat")
    outside = replace(made.board, source="arena")
    (news,) = told_by([flat, outside], [evidence], (), START).news
    assert news.arena == f"{made.board.task}/{made.board.suite_id}@v/flat"
    assert told_by([flat], [evidence], (news,), START).news == ()


@pytest.mark.parametrize("source", ["evals", "replay"])
def test_a_file_cannot_pass_for_boards_of_our_own(home: Path, tmp_path: Path, source: str) -> None:
    path = tmp_path / "sly.csv"
    path.write_text(
        "source,arena,snapshot_date,model,rank\n"
        "arena,text-to-image,2026-01-01,a,1\n"
        f"{source},text-to-image,2026-01-02,a,1\n"
    )
    with pytest.raises(SnapshotError, match=rf"sly\.csv: row 3, column source: '{source}'"):
        import_boards(home, "tidy", str(path), START)
    assert not (home / "history").exists()


words = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8)
numbers = st.none() | st.floats(-3000, 3000)
entries = st.builds(
    Entry,
    rank=st.none() | st.integers(1, 99),
    model=words,
    organization=st.none() | words,
    score=st.floats(-3000, 3000),
    votes=st.none() | st.integers(0, 10**9),
    licence=st.none() | words,
    price_usd=numbers,
    price_unit=st.none() | words,
    released=st.none() | st.dates(date(2000, 1, 1)),
    model_id=st.none() | words,
    kind=st.none() | words,
)
times = st.datetimes(datetime(2000, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants its bounds naive


@given(words, words, times, st.lists(entries, min_size=1, max_size=5, unique_by=lambda e: e.model))
def test_what_is_written_is_read_back(
    source: str, arena: str, at: datetime, lines: list[Entry]
) -> None:
    board = Snapshot(source, arena, at, tuple(lines))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "boards.csv"
        path.write_bytes(as_tidy([board]).encode())
        (back,) = read(path, START)
    assert back.key == board.key
    assert {e.model: e for e in back.entries} == {e.model: e for e in board.entries}
