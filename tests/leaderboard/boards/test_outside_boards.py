"""An outside snapshot -> a board."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from leaderboard.answers import Board
from leaderboard.boards.outside import outside_board
from leaderboard.snapshots import Entry, Snapshot
from tests.leaderboard.factory import START

# Two that nobody can tell apart, one clearly below, and the model that the scale hangs on.
CLOSE = (
    Entry(1, "a", "Acme", 1104.0, 1094.0, 1114.0, votes=900),
    Entry(2, "b", None, 1100.0, 1090.0, 1110.0),
    Entry(3, "c", None, 1050.0, 1044.0, 1056.0),
    Entry(4, "fixed", None, 1000.0, 1000.0, 1000.0),
)


def board(*entries: Entry) -> Board:
    return outside_board(Snapshot("arena", "text-to-image", START, entries))


def reasons(of: Board) -> dict[str, str]:
    return {entry.what: entry.reason for entry in of.left_out}


def test_it_stays_as_published() -> None:
    found = board(*CLOSE)
    assert [(row.rank, row.model, row.rating) for row in found.rows] == [
        (entry.rank, entry.model, entry.score) for entry in CLOSE
    ]
    assert (found.rows[0].rating_low, found.rows[0].rating_high) == (1094.0, 1114.0)
    assert found.rows[0].comparisons == 900


def test_published_intervals_give_rank_sets_and_odds() -> None:
    rows = board(*CLOSE).rows
    assert [(row.rank_low, row.rank_high) for row in rows] == [(1, 2), (1, 2), (3, 3), (4, 4)]
    # Half-widths of 10 are standard errors of 5.1 each; 4 / 7.2 = 0.55 of them: P = 0.71.
    assert rows[0].p_best == pytest.approx(0.71, abs=0.04)
    assert sum(row.p_best or 0 for row in rows) == pytest.approx(1)
    assert [row.p_top5 for row in rows] == pytest.approx([1, 1, 1, 1])


def test_independence_is_said() -> None:
    assert "independent" in reasons(board(*CLOSE))["covariance between models"]


def test_without_intervals_there_are_no_sets_and_nothing_to_say() -> None:
    found = board(*(replace(entry, score_low=None, score_high=None) for entry in CLOSE))
    assert {(row.rank_low, row.rank_high, row.p_best, row.p_top5) for row in found.rows} == {
        (None, None, None, None)
    }
    assert found.left_out == ()


def test_one_missing_interval_closes_the_sets_and_is_said() -> None:
    found = board(*CLOSE[:2], replace(CLOSE[2], score_low=None))
    assert [row.rank_low for row in found.rows] == [None, None, None]
    assert found.rows[0].rating_low == 1094.0
    assert reasons(found) == {
        "rank sets and odds": "1 of 3 models are published without an interval: c"
    }


def test_models_without_a_score_or_a_rank_are_left_out_and_said() -> None:
    high = [Entry(None, f"retired {n}", None, 2000.0, 1990.0, 2010.0) for n in range(5)]
    found = board(*CLOSE, Entry(5, "new"), *high)
    assert [row.model for row in found.rows] == ["a", "b", "c", "fixed"]
    # A score without a rank takes nobody's place.
    assert found.rows[0].rank_low == 1
    assert reasons(found)["new"] == "published without a score"
    assert reasons(found)["5 unranked"].endswith("retired 0, retired 1, retired 2 and 2 more")


def test_draws_belong_to_the_model_and_not_to_its_place() -> None:
    # The ranks here are the source's, so the same models may come in another order.
    turned = [replace(e, rank=rank) for rank, e in enumerate(reversed(CLOSE), start=1)]
    one, two = board(*CLOSE), board(*turned)
    odds = {row.model: row.p_best for row in one.rows}
    assert {row.model: row.p_best for row in two.rows} == odds


def test_a_board_of_nothing_but_unranked_models_is_empty() -> None:
    found = board(Entry(None, "a", None, 1000.0, 990.0, 1010.0))
    assert found.rows == ()
    assert "1 unranked" in reasons(found)


def test_rank_sets_hold_the_true_ranks_of_simulated_boards() -> None:
    """300 boards of independent errors: nominal 95 % for all sets at once."""
    random = np.random.default_rng(0)
    truth, errors = np.array([1060.0, 1050.0, 1030.0, 1000.0]), np.array([5.0, 8.0, 6.0, 4.0])
    held, sharp = 0, 0
    for _ in range(300):
        scores = truth + errors * random.normal(size=4)
        entries = [
            Entry(
                rank,
                "abcd"[k],
                None,
                scores[k],
                scores[k] - 1.96 * errors[k],
                scores[k] + 1.96 * errors[k],
            )
            for rank, k in enumerate(np.argsort(-scores), start=1)
        ]
        sets = {row.model: (row.rank_low or 0, row.rank_high or 9) for row in board(*entries).rows}
        held += all(sets[name][0] <= rank <= sets[name][1] for rank, name in enumerate("abcd", 1))
        sharp += sets["d"] == (4, 4)
    assert held / 300 >= 0.93
    assert sharp / 300 >= 0.5
