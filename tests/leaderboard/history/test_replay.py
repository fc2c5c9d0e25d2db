"""Boards under a declared clock: who is on them, how they scatter, and that they say simulated."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from evals import registry
from evals.errors import RegistryError
from leaderboard.boards.rated import Rated, rated_board
from leaderboard.errors import RatingError
from leaderboard.evidence import ModelFacts, Sample, SuiteEvidence
from leaderboard.history.replay import Clock, check_models, clock_path, load_clock, replayed_boards
from tests.leaderboard.factory import CLIP, START, outcomes
from tests.leaderboard.history.replays import CLOCK, STRENGTHS, written


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return load_clock(written(tmp_path))


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
