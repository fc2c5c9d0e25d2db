"""Hero and workhorse from joint draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.answers import Board, BoardRow, Pick, Picks, Role
from leaderboard.picks.decision import decide
from leaderboard.picks.field import Field, own_field
from leaderboard.picks.policy import Rules
from leaderboard.picks.standing import Incumbent
from leaderboard.ratings.rate import Ratings

NOW = datetime(2026, 4, 1, tzinfo=UTC)
DRAWS = 400


def row(model: str, rating: float, cost: float | None = 0.01, **more: object) -> BoardRow:
    blank = BoardRow(
        model=model,
        name=model.upper(),
        vendor=None,
        anchor=None,
        simulated=False,
        rank=1,
        rank_low=1,
        rank_high=1,
        rating=rating,
        rating_low=rating - 20,
        rating_high=rating + 20,
        p_best=None,
        p_top5=None,
        comparisons=200,
        prompts=40,
        failure_rate=0.0,
        latency_p50_s=1.0,
        latency_p95_s=2.0,
        cost_usd=cost,
        cost_basis="a price",
    )
    return replace(blank, **more)  # type: ignore[arg-type]


def board(*rows: BoardRow) -> Board:
    return Board(
        source="evals",
        task="text-to-image",
        domain="all",
        at=NOW,
        suite_id="calibration",
        suite_version="1",
        simulated=False,
        reference=None,
        metrics=("clip_score",),
        rows=rows,
        left_out=(),
    )


def ratings(rows: tuple[BoardRow, ...], spread: float = 15.0, seed: int = 0) -> Ratings:
    """Draws around the ratings; those of a model follow from its name alone."""
    models = tuple(sorted(one.model for one in rows))
    point = {one.model: one.rating for one in rows}
    draws = [
        point[m] + spread * np.random.default_rng([seed, *m.encode()]).normal(size=DRAWS)
        for m in models
    ]
    anchor = {one.model: one.anchor is not None for one in rows}
    return Ratings(
        models,
        np.array([anchor[m] for m in models]),
        None,
        np.array([point[m] for m in models]),
        np.stack(draws, axis=1),
        np.full(DRAWS, -np.inf),
    )


def field(*rows: BoardRow, seed: int = 0) -> Field:
    return own_field(board(*rows), ratings(rows, seed=seed))


def made(
    *rows: BoardRow,
    policy: Rules | None = None,
    seed: int = 0,
    held: Mapping[Role, Incumbent] | None = None,
) -> Picks:
    return decide(field(*rows, seed=seed), policy or Rules(), NOW, held)


def by_role(picks: Picks) -> Mapping[str, Pick]:
    return {pick.role: pick for pick in picks.picks}


def changed(**sections: Mapping[str, object]) -> Rules:
    return Rules.model_validate(sections)


BEST = row("best", 1100, 0.10)
NEAR = row("near", 1050, 0.01)
FAR = row("far", 600, 0.001)


def test_the_hero_is_likeliest_best_and_the_workhorse_cheap_and_near() -> None:
    found = by_role(made(BEST, NEAR, FAR))
    assert found["hero"].model == "best"
    assert found["hero"].runner_up == "near"
    assert found["workhorse"].model == "near"
    assert found["workhorse"].p_floor is not None
    assert found["workhorse"].p_floor >= 0.9
    assert "10 %" in found["workhorse"].reason


def test_the_hero_does_its_own_volume_when_nothing_cheaper_is_near() -> None:
    found = by_role(made(BEST, FAR))
    assert found["workhorse"].model == "best"
    assert found["workhorse"].p_floor == 1.0
    assert found["workhorse"].reason.startswith("the hero itself")
    assert "FAR" in found["workhorse"].reason


def test_the_odds_of_the_picks_are_those_of_the_draws() -> None:
    rows = (row("a", 1010), row("b", 1000), row("c", 990))
    found = by_role(made(*rows))["hero"]
    draws = ratings(rows).draws
    assert found.model == "a"
    assert found.p_best == pytest.approx(np.mean(draws.argmax(axis=1) == 0))


def test_an_anchor_is_no_candidate_and_not_even_refused() -> None:
    found = made(row("renderer", 2000, 0.0001, anchor="upper"), BEST, NEAR)
    assert by_role(found)["hero"].model == "best"
    assert found.refused == ()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row("x", 1500, None, cost_basis="no price for its hardware"), "cost unknown: no price"),
        (row("x", 1500, 0.0), "no price"),
        (row("x", 1500, -1.0), "no price"),
        (row("x", 1500, 0.001, failure_rate=0.2), "fails 20.0%"),
        (row("x", 1500, 0.001, prompts=3), "3 prompts, at least 10"),
        (row("x", 1500, 0.001, prompts=31), "in part: compared on 31 of 40"),
        (row("x", 1500, 0.001, comparisons=9), "9 comparisons, at least 40"),
    ],
)
def test_who_does_not_qualify_is_refused_with_the_reason(bad: BoardRow, reason: str) -> None:
    found = made(bad, BEST, NEAR)
    assert {pick.model for pick in found.picks} == {"best", "near"}
    assert [entry.model for entry in found.refused] == ["x"]
    assert reason in found.refused[0].reason


def test_the_policy_can_refuse_a_model() -> None:
    found = made(BEST, NEAR, policy=changed(candidates={"banned": ["best"]}))
    assert by_role(found)["hero"].model == "near"
    assert found.refused[0].reason == "banned by the policy"


def test_the_cap_binds_the_hero() -> None:
    found = by_role(made(BEST, NEAR, FAR, policy=changed(hero={"max_cost_usd": 0.05})))
    assert found["hero"].model == "near"
    assert "$0.05" in found["hero"].reason


def test_nobody_is_picked_when_nobody_qualifies() -> None:
    found = made(row("x", 1500, None))
    assert found.picks == ()
    assert [entry.role for entry in found.none] == ["hero", "workhorse"]
    assert "none of 1" in found.none[0].reason
    alone = made(row("renderer", 2000, 0.0001, anchor="upper"))
    assert "anchors only" in alone.none[0].reason
    capped = made(BEST, policy=changed(hero={"max_cost_usd": 0.01}))
    assert capped.picks == ()
    assert "$0.01" in capped.none[0].reason


def test_a_simulated_model_is_marked() -> None:
    found = by_role(made(replace(BEST, simulated=True), NEAR))
    assert found["hero"].simulated
    assert not found["workhorse"].simulated


models = st.lists(
    st.tuples(st.floats(800, 1200), st.floats(0.001, 1.0)), min_size=2, max_size=6
).map(lambda made: tuple(row(f"m{n}", rating, cost) for n, (rating, cost) in enumerate(made)))


@given(models, st.integers(0, 50))
@settings(max_examples=40, deadline=None)
def test_a_dominated_model_never_changes_the_hero(rows: tuple[BoardRow, ...], seed: int) -> None:
    worst = row("worst", min(one.rating for one in rows) - 500, 2.0)
    before, after = made(*rows, seed=seed), made(*rows, worst, seed=seed)
    assert by_role(after)["hero"].model == by_role(before)["hero"].model
    assert by_role(after)["workhorse"].model == by_role(before)["workhorse"].model


@given(models, st.integers(0, 50))
@settings(max_examples=40, deadline=None)
def test_an_unknown_price_is_never_picked(rows: tuple[BoardRow, ...], seed: int) -> None:
    free = replace(rows[0], cost_usd=None)
    found = made(free, *rows[1:], seed=seed)
    assert free.model not in {pick.model for pick in found.picks}


@given(models, st.integers(0, 50), st.sampled_from([0.001, 0.5, 3.0, 1000.0]))
@settings(max_examples=40, deadline=None)
def test_the_unit_of_prices_changes_nothing(
    rows: tuple[BoardRow, ...], seed: int, factor: float
) -> None:
    scaled = tuple(replace(one, cost_usd=(one.cost_usd or 0) * factor) for one in rows)
    for before, after in zip(
        made(*rows, seed=seed).picks, made(*scaled, seed=seed).picks, strict=True
    ):
        assert (after.model, after.role, after.p_floor) == (
            before.model,
            before.role,
            before.p_floor,
        )


@given(models, st.integers(0, 50), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_changes_nothing(
    rows: tuple[BoardRow, ...], seed: int, random: object
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert made(*shuffled, seed=seed) == made(*rows, seed=seed)


def test_clips_are_compared_by_what_a_second_costs() -> None:
    """Of two equals the dearer clip is five times as long, so its second is cheaper."""
    short = row("short", 1000, 0.010, usd_per_clip_second=0.005)
    long = row("long", 1000, 0.020, usd_per_clip_second=0.002)
    assert by_role(made(short, long))["workhorse"].model == "long"
    as_pictures = [replace(one, usd_per_clip_second=None) for one in (short, long)]
    assert by_role(made(*as_pictures))["workhorse"].model == "short"
