"""The policy through a history: no look ahead, plain counts, and the certificate in small."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from benchmarks.pick_markets import KINDS, kind, market
from benchmarks.picks import CERTIFIED, judge, reliability, together
from leaderboard.history.series import by_arena
from leaderboard.identity import apply_aliases, load_aliases
from leaderboard.picks.backtest import (
    Backtest,
    backtest,
    best_under,
    flaps,
    rating_per_dollar,
    switches,
    top_one,
    walk,
)
from leaderboard.picks.outside_field import outside_field
from leaderboard.picks.policy import Rules
from leaderboard.snapshots import Entry
from leaderboard.sources import source
from tests.leaderboard.history.histories import DAY0, NOW, REAL, board, needs_real

SMALL = kind("weekly, noise 15", days=120.0)


def test_a_decision_sees_no_board_after_its_own() -> None:
    boards = market(SMALL, 3).boards
    whole, part = walk(boards, Rules(), True), walk(boards[:10], Rules(), True)
    assert [step.decisions for step in whole[: len(part)]] == [step.decisions for step in part]


def test_switches_and_flaps_are_counted_as_they_are_meant() -> None:
    days = [DAY0 + timedelta(days=day) for day in (0, 10, 20, 90, 100, 110)]
    moves = switches(days, ["a", "b", "a", "c", None, "a"])
    assert [(old, new) for _, old, new in moves] == [("a", "b"), ("b", "a"), ("a", "c"), ("c", "a")]
    assert flaps(moves) == 2
    assert flaps(switches(days[:4], ["a", "b", "b", "a"])) == 0


def test_plain_policies_are_plain() -> None:
    lines = [
        (Entry(1, "dear", score=1100.0), 0.10),
        (Entry(2, "middle", score=1050.0), 0.02),
        (Entry(3, "cheap", score=900.0), 0.001),
        (Entry(4, "free", score=1000.0), None),
    ]
    assert top_one(lines) == "dear"
    assert best_under(0.05)(lines) == "middle"
    assert rating_per_dollar(lines) == "cheap"
    assert top_one([]) is None


def test_a_board_with_prices_decides_both_roles_and_one_without_the_hero() -> None:
    boards = market(SMALL, 4).boards
    found = backtest(boards, Rules())
    assert isinstance(found, Backtest)
    assert [(one.policy.split(" $")[0], one.role) for one in found.lines] == [
        ("this policy", "hero"),
        ("this policy", "workhorse"),
        ("always top-1", "hero"),
        ("best under", "workhorse"),
        ("best rating per dollar", "workhorse"),
    ]
    assert all(one.regret_points is None or one.regret_points >= 0 for one in found.lines)


def test_one_board_counts_by_its_intervals_and_nothing_by_no_intervals() -> None:
    bare = board(0, Entry(1, "a", score=1100.0), Entry(2, "b", score=1000.0))
    assert "noise cannot be told" in str(outside_field([bare]))
    known = board(
        0, Entry(1, "a", None, 1100.0, 1080.0, 1120.0), Entry(2, "b", None, 1000.0, 990.0, 1010.0)
    )
    found = outside_field([known])
    assert not isinstance(found, str)
    assert found.draws.std(axis=0) == pytest.approx([10.2, 5.1], rel=0.1)
    shares = board(0, Entry(1, "a", score=82.0), Entry(2, "b", score=81.0))
    assert "no ratings" in str(outside_field([shares]))


def test_a_models_draws_do_not_depend_on_who_else_is_listed() -> None:
    lines = [Entry(n + 1, f"m{n}", None, 1100.0 - n, 1080.0 - n, 1120.0 - n) for n in range(5)]
    few, many = outside_field([board(0, *lines[:3])]), outside_field([board(0, *lines)])
    assert not isinstance(few, str)
    assert not isinstance(many, str)
    assert np.array_equal(few.draws, many.draws[:, :3])


@pytest.mark.slow
def test_the_certificate_in_small() -> None:
    """Two markets of four kinds; the whole is `make torture`, its table in docs/picks.md."""
    found = together(
        judge(KINDS[number], CERTIFIED + seed, ahead=False)
        for number in (1, 2, 3, 6)
        for seed in (0, 1)
    )
    ours, theirs = found.policy, found.plain
    assert theirs.close >= 20
    assert ours.close <= theirs.close / 3
    assert ours.flaps <= theirs.flaps / 2
    assert ours.regret <= theirs.regret


@pytest.mark.torture
def test_the_whole_certificate() -> None:
    found = together(judge(one, seed) for one in KINDS for seed in range(CERTIFIED, CERTIFIED + 30))
    ours, theirs = found.policy, found.plain
    assert ours.markets >= 200
    assert ours.close <= theirs.close / 3
    assert ours.flaps <= theirs.flaps / 2
    assert ours.regret <= theirs.regret
    for days in (7, 30):
        rows = reliability([claim for claim in found.claims if claim[1] == days])
        assert all(abs(one.said - one.true) <= 0.05 for one in rows if one.claims >= 500)


@needs_real
@pytest.mark.slow
def test_on_real_boards_the_policy_switches_no_more_than_top_one() -> None:
    read = source("arena-scrape").read(REAL / "arena_ai_daily.csv", NOW)
    aliases = load_aliases(REAL)
    for one in by_arena(read):
        found = backtest(apply_aliases(one.distinct, aliases)[0], Rules())
        assert isinstance(found, Backtest)
        ours, plain = found.lines
        assert ours.switches <= plain.switches
        assert ours.flaps <= plain.flaps
