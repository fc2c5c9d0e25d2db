"""A suite changed is a new version, and no rating mixes versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evals.record_types import RunRecord
from evals.types import Suite
from leaderboard import queries
from leaderboard.answers import Board, Picks
from leaderboard.refresh import refresh
from tests.leaderboard.factory import START, WORLD, Made, run_record, suite, write

OLD = suite(16)
# One prompt reworded: same ids, same number.
NEW = replace(OLD, prompts=(replace(OLD.prompts[0], text="another caption"), *OLD.prompts[1:]))
LATER = START + timedelta(days=3)
# Under the old prompts the smallest model was by far the best.
TURNED = tuple(replace(made, strength=40.0) if made.id == "small" else made for made in WORLD)


def concluded(home: Path, *records: RunRecord) -> tuple[dict[str, Board], Picks]:
    """Boards by domain, and picks, after a refresh."""
    for record in records:
        write(home, record)
    refresh(home, START + timedelta(days=10), draws=200)
    with queries.open_edition(home) as edition:
        boards = [queries.board(edition, "text-to-image", name) for name in ("all", "flat")]
        return {board.domain: board for board in boards}, queries.picks(edition)


@pytest.mark.parametrize(
    "new",
    [
        NEW,
        replace(OLD, prompts=(replace(OLD.prompts[0], domains=("flat", "new")), *OLD.prompts[1:])),
    ],
    ids=["reworded", "another tag"],
)
def test_results_of_the_old_prompts_move_nothing(tmp_path: Path, new: Suite) -> None:
    assert new.version != OLD.version
    today = run_record(of=new, id="new", at=LATER)
    before = run_record((*TURNED, Made("gone", 50.0)), OLD, "old")
    alone, picks_alone = concluded(tmp_path / "alone", today)
    both, picks_both = concluded(tmp_path / "both", before, today)
    for domain, board in both.items():
        assert board.suite_version == new.version
        assert replace(board, left_out=()) == replace(alone[domain], left_out=())
        assert "gone" not in {row.model for row in board.rows}
        (left_out,) = set(board.left_out) - set(alone[domain].left_out)
        assert OLD.version in left_out.what
    assert [(p.domain, p.role, p.model, p.p_best) for p in picks_both.picks] == [
        (p.domain, p.role, p.model, p.p_best) for p in picks_alone.picks
    ]


def test_the_same_prompts_with_other_settings_are_the_same_version(tmp_path: Path) -> None:
    same = replace(OLD, title="Renamed", metrics=("clip_score",), seeds=(0, 1, 2))
    assert same.version == OLD.version
    first = run_record(WORLD[:3], OLD, "first")
    second = run_record(WORLD[3:], same, "second", LATER)
    boards, _ = concluded(tmp_path, first, second)
    assert {row.model for row in boards["all"].rows} == {made.id for made in WORLD}
