"""Spells and the naive half-life, against a Kaplan-Meier written out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.home import data_root
from leaderboard.churn.spells import Spell, spells
from leaderboard.churn.survival import naive_half_life
from leaderboard.snapshots import Entry, Snapshot
from leaderboard.sources import source

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def history(*boards: str, days: Sequence[int] | None = None) -> list[Snapshot]:
    """One board per string, a model per letter, the best first; ten days apart."""
    days = days or [10 * number for number in range(len(boards))]
    return [
        Snapshot(
            "arena",
            "text-to-image",
            DAY + timedelta(days=day),
            tuple(Entry(rank, model) for rank, model in enumerate(board, start=1)),
        )
        for day, board in zip(days, boards, strict=True)
    ]


def by_hand(found: Sequence[Spell]) -> float | None:
    """The first time at which the product-limit estimate is at most one half."""
    survival = 1.0
    for day in sorted({spell.days for spell in found if spell.ended}):
        at_risk = sum(spell.days >= day for spell in found)
        survival *= 1 - sum(spell.days == day and spell.ended for spell in found) / at_risk
        if survival <= 0.5:
            return day
    return None


def test_a_spell_runs_from_the_first_board_with_it_to_the_first_without() -> None:
    found = {(s.model, s.entered_at): s for s in spells(history("ab", "ac", "bc", "bc"), k=2)}
    a = found["a", DAY]
    assert (a.days, a.ended, a.entry_seen) == (20, True, False)
    c = found["c", DAY + timedelta(days=10)]
    assert (c.days, c.ended, c.entry_seen) == (20, False, True)
    assert len([key for key in found if key[0] == "b"]) == 2


def test_only_the_top_k_counts() -> None:
    assert {spell.model for spell in spells(history("abcdef", "abdcef"), k=3)} == set("abcd")


def test_the_order_of_boards_does_not_matter() -> None:
    boards = history("ab", "ac", "bc")
    assert spells(boards[::-1], 2) == spells(boards, 2)


def test_those_on_the_first_board_have_no_known_age() -> None:
    found = naive_half_life(history("ab", "ab", "ab"), k=2)
    assert found is None


def test_one_board_says_nothing() -> None:
    assert naive_half_life(history("ab"), k=2) is None
    assert naive_half_life([], k=2) is None


def test_an_unreached_median_is_none_with_a_bound() -> None:
    found = naive_half_life(history("ab", "ac", "ac", "ac"), k=2)
    assert found is not None
    assert found.median_days is None
    assert found.at_least_days == 20
    assert (found.spells, found.exits) == (1, 0)


@given(st.lists(st.permutations("abcdef"), min_size=4, max_size=12))
@settings(max_examples=10, deadline=None)
def test_the_median_is_that_of_kaplan_and_meier(boards: list[list[str]]) -> None:
    snapshots = history(*("".join(board) for board in boards))
    seen = [spell for spell in spells(snapshots, 3) if spell.entry_seen]
    found = naive_half_life(snapshots, 3)
    if not seen:
        assert found is None
        return
    assert found is not None
    assert found.median_days == by_hand(seen)
    assert (found.median_days is None) == (found.at_least_days is not None)


def test_a_curve_that_touches_one_half_has_reached_it() -> None:
    # 1 - 1/3, then 1 - 1/4, ...: the product is one half only in exact arithmetic.
    snapshots = history("bcdaef", "adebcf", "abcdef", "dbeacf", "abdcef")
    found = naive_half_life(snapshots, 3)
    assert found is not None
    assert found.median_days == 10


@pytest.fixture(scope="module")
def embedded() -> dict[str, list[Snapshot]]:
    path: Path = data_root() / "history" / "arena_monthly_top8.csv"
    boards = source("arena-monthly").read(path, datetime(2026, 12, 1, tzinfo=UTC))
    return {arena: list(group) for arena, group in groupby(boards, key=lambda one: one.arena)}


def test_the_embedded_history(embedded: dict[str, list[Snapshot]]) -> None:
    assert len(embedded["text-to-image"]) == 22
    for arena in embedded.values():
        found = naive_half_life(arena)
        assert found is not None
        expected = by_hand([spell for spell in spells(arena, 5) if spell.entry_seen])
        assert found.median_days == expected
        assert found.low_days is not None
        assert found.low_days <= found.median_days
        assert found.label == "naive, as published"
