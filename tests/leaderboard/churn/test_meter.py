"""The noise meter on boards made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from leaderboard.churn.meter import noise, reentries, tied_exits
from leaderboard.churn.panel import panel
from leaderboard.churn.scatter import fit_scatter
from leaderboard.churn.spells import spells
from leaderboard.snapshots import Entry, Snapshot
from tests.leaderboard.history.histories import board


def rated(day: int, **scores: float | tuple[float, float]) -> Snapshot:
    """A board by falling score; a pair is a score and half of its interval."""
    pairs = {m: s if isinstance(s, tuple) else (s, None) for m, s in scores.items()}
    order = sorted(pairs, key=lambda m: -pairs[m][0])
    return board(
        day,
        *(
            Entry(
                rank,
                m,
                score=at,
                score_low=None if w is None else at - w,
                score_high=None if w is None else at + w,
            )
            for rank, m in enumerate(order, start=1)
            for at, w in [pairs[m]]
        ),
    )


def verdict(*boards: Snapshot, k: int = 1, model: str = "a") -> bool | None:
    """Was the one exit of a model tied?"""
    found = spells(boards, k)
    (one,) = (
        tied
        for spell, tied in zip(found, tied_exits(found, boards, k), strict=True)
        if spell.model == model and spell.ended
    )
    return one


def test_an_exit_between_overlapping_intervals_is_tied() -> None:
    first = rated(0, a=(1010, 10), b=(1000, 10))
    assert verdict(first, rated(7, a=(1000, 10), b=(1015, 10))) is True
    assert verdict(first, rated(7, a=(1000, 10), b=(1020, 10))) is True
    assert verdict(first, rated(7, a=(1000, 10), b=(1021, 10))) is False


def test_the_leaver_is_compared_with_the_new_last_of_the_top() -> None:
    boards = rated(0, a=(40, 1), b=(30, 1), c=(20, 1)), rated(7, b=(90, 1), c=(41.5, 1), a=(40, 1))
    assert verdict(*boards, k=2) is True
    boards = rated(0, a=(40, 1), b=(30, 1), c=(20, 1)), rated(7, b=(41, 1), c=(90, 9), a=(38.5, 1))
    assert verdict(*boards, k=2) is False


def test_a_withdrawal_is_no_tie() -> None:
    assert verdict(rated(0, a=(1010, 10), b=(1000, 10)), rated(7, b=(1000, 10))) is False


@pytest.mark.parametrize("after", [rated(7, a=10, b=20), rated(7, b=20), rated(7, b=(20, 5), a=9)])
def test_without_intervals_nothing_is_said_of_ties(after: Snapshot) -> None:
    assert verdict(rated(0, a=20, b=10), after) is None


def test_a_running_spell_has_no_verdict() -> None:
    boards = [rated(0, a=(10, 1), b=(5, 1))]
    assert tied_exits(spells(boards, 1), boards, 1) == (None,)


def with_ids(day: int, *models: tuple[str, str | None]) -> Snapshot:
    return board(day, *(Entry(rank, m, model_id=i) for rank, (m, i) in enumerate(models, start=1)))


@pytest.mark.parametrize(("id_then", "count"), [("v1", 1), ("v2", 0)])
def test_another_version_under_the_same_name_is_no_reentry(id_then: str, count: int) -> None:
    boards = [
        with_ids(0, ("a", "v1"), ("b", "b")),
        with_ids(7, ("b", "b"), ("a", "v1")),
        with_ids(14, ("a", id_then), ("b", "b")),
    ]
    assert reentries(spells(boards, 1), boards) == count


def test_every_coming_back_counts() -> None:
    boards = [board(7 * n, *names) for n, names in enumerate(("ab", "ba", "ab", "ba", "ab"))]
    assert reentries(spells(boards, 1), boards) == 2 + 1
    assert reentries((), []) == 0


def test_the_meter_without_intervals_or_scores() -> None:
    boards = [rated(0, a=3, b=2), rated(7, b=3, a=2), rated(14, a=3, b=2)]
    found = noise(spells(boards, 1), boards, 1, None, None)
    assert (found.reentries, found.exits) == (1, 2)
    assert (found.tied_exits, found.tied_exits_share, found.chi2_per_df) == (None, None, None)
    assert (found.error, found.error_source, found.autocorrelation) == (None, None, None)
    assert (found.drift_per_month, found.drift_p) == (None, None)


def test_the_share_is_of_exits_that_can_be_judged() -> None:
    boards = [
        rated(0, a=(30, 5), b=(20, 5)),
        rated(7, b=(31, 5), a=(29, 5)),  # a falls, tied
        rated(14, a=(90, 5), b=(31, 5)),  # b falls, not tied
        rated(21, a=20, b=25),  # a falls, not to be judged
    ]
    found = noise(spells(boards, 1), boards, 1, None, None)
    assert (found.exits, found.tied_exits, found.tied_exits_share) == (3, 1, 0.5)


def test_the_meter_reads_the_law_of_the_errors() -> None:
    rng = np.random.default_rng(0)
    strength = 1000 + 20 * np.arange(30)
    boards = [
        rated(
            7 * n,
            **{f"m{i:02}": (x, 9.8) for i, x in enumerate(strength + 5 * rng.normal(size=30))},
        )
        for n in range(25)
    ]
    data = panel(boards)
    scatter = fit_scatter(data)
    found = noise(spells(boards, 5), boards, 5, data, scatter)
    assert found.error == pytest.approx(5, rel=0.15)
    assert found.error_source == "published intervals"
    assert found.chi2_per_df == pytest.approx(1, rel=0.2)
    assert found.autocorrelation == pytest.approx(0, abs=0.15)
    assert found.drift_per_month == pytest.approx((30 * scatter.drift) ** 0.5)
    bare = [
        replace(
            one, entries=tuple(replace(e, score_low=None, score_high=None) for e in one.entries)
        )
        for one in boards
    ]
    data = panel(bare)
    found = noise(spells(bare, 5), bare, 5, data, fit_scatter(data))
    assert found.error_source == "residuals"
    assert found.error == pytest.approx(5, rel=0.2)
    assert found.tied_exits is None
