"""How ratings scatter is found on boards whose noise is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from leaderboard.churn.scatter import LEVEL, Scatter, fit_scatter
from tests.leaderboard.churn.panels import Errors, Simulated, made, simulated


def total(scatter: Scatter, world: Simulated) -> tuple[float, float, float]:
    """Mean independent, shared and true variance over the listed rows."""
    known = np.isfinite(world.panel.rating)
    return (
        float(scatter.independent[known].mean()),
        float(scatter.shared[known].mean()),
        float(world.error[known].mean()),
    )


@pytest.mark.parametrize("errors", ["constant", "independent"])
@pytest.mark.parametrize("published", [True, False])
def test_errors_drawn_anew_are_found_independent(errors: Errors, published: bool) -> None:
    world = simulated(1, errors=errors, published=published)
    independent, shared, true = total(fit_scatter(world.panel), world)
    assert shared < 0.1 * true
    assert independent == pytest.approx(true, rel=0.15)


@pytest.mark.parametrize("published", [True, False])
def test_errors_of_votes_that_add_up_are_found_shared(published: bool) -> None:
    world = simulated(2, models=60, errors="cumulative", published=published)
    independent, shared, true = total(fit_scatter(world.panel), world)
    assert independent < 0.1 * true
    assert shared == pytest.approx(true, rel=0.25)


def test_the_scatter_that_shifts_take_along_is_given_back() -> None:
    """With eight models a fitted shift takes an eighth of the variance with it."""
    found = [
        fit_scatter(simulated(seed, 80, 8, published=False, new=0.0).panel).independent.mean()
        for seed in range(40)
    ]
    assert np.mean(found) == pytest.approx(900.0, rel=0.05)


def test_errors_that_fade_are_told_from_strengths_that_wander() -> None:
    drifting, memories = 0, []
    for seed in range(6):
        world = simulated(seed, 100, 60, errors="passing", new=0.2)
        found = fit_scatter(world.panel)
        drifting += found.drift > 0
        known = np.isfinite(world.panel.rating)
        true = float(world.error[known].mean())
        assert float(found.passing[known].mean()) > 0.7 * true
        assert total(found, world)[1] < 0.1 * true
        assert (found.lasting < 0.15 * true).all()
        memories.append(found.memory)
    assert drifting == 0
    # Three boards of seven days.
    assert 15.0 < np.median(memories) < 30.0


def test_without_intervals_the_residuals_tell_the_variance() -> None:
    for seed in range(3):
        world = simulated(seed, published=False, noise=25.0)
        found = fit_scatter(world.panel)
        independent, shared, true = total(found, world)
        assert not found.published
        assert found.chi2_per_df is None
        assert independent + shared == pytest.approx(true, rel=0.15)


@pytest.mark.parametrize(("true_share", "expected"), [(1.0, 1.0), (0.25, 0.25), (2.0, 2.0)])
def test_chi2_compares_the_scatter_with_what_is_published(
    true_share: float, expected: float
) -> None:
    world = simulated(3)
    assert world.panel.variance is not None
    told = replace(world.panel, variance=world.panel.variance / true_share)
    found = fit_scatter(told).chi2_per_df
    assert found == pytest.approx(expected, rel=0.1)


def test_variance_that_is_published_but_never_seen_lasts() -> None:
    world = simulated(4)
    assert world.panel.variance is not None
    told = replace(world.panel, variance=4 * world.panel.variance)
    found = fit_scatter(told)
    # Ratings move by a quarter of the variance told: the rest is an error that no board corrects.
    assert_allclose(found.lasting, 0.75 * 4 * 900, rtol=0.1)
    assert_allclose(fit_scatter(world.panel).lasting, 0.0, atol=0.1 * 900)


@pytest.mark.parametrize("errors", ["constant", "independent", "cumulative"])
@pytest.mark.parametrize("published", [True, False])
def test_drift_is_found_at_its_size(errors: Errors, published: bool) -> None:
    found = []
    for seed in range(6):
        world = simulated(seed, 80, 60, errors=errors, drift=4.0, published=published)
        scatter = fit_scatter(world.panel)
        assert scatter.drift_p is not None
        assert scatter.drift_p < LEVEL
        found.append(scatter.drift)
    assert np.median(found) == pytest.approx(4.0, rel=0.2)


@pytest.mark.parametrize("errors", ["constant", "independent", "cumulative"])
def test_the_tests_for_drift_and_for_errors_that_fade_hold_their_level(errors: Errors) -> None:
    worlds = (simulated(seed, 30, 30, errors=errors) for seed in range(100))
    found = [fit_scatter(world.panel) for world in worlds]
    alarms = [one for one in found if one.drift_p is not None and one.drift_p < LEVEL]
    assert all(one.drift_p is not None for one in found)
    assert len(alarms) <= 5
    assert sum(bool((one.passing > 0).any()) for one in found) <= 5


def test_errors_that_fade_raise_no_alarm_of_drift_on_long_histories() -> None:
    worlds = (simulated(seed, 100, 60, errors="passing") for seed in range(1000, 1018))
    assert sum(fit_scatter(world.panel).drift > 0 for world in worlds) <= 1


def test_drift_is_nought_unless_it_is_significant() -> None:
    for seed in range(20):
        found = fit_scatter(simulated(seed, 30, 30, drift=0.05).panel)
        assert found.drift_p is not None
        assert (found.drift > 0) <= (found.drift_p < LEVEL)


def test_too_few_models_give_no_p_value() -> None:
    found = fit_scatter(simulated(1, 30, 4).panel)
    assert found.drift_p is None
    assert found.drift == 0


@pytest.mark.parametrize("errors", ["constant", "cumulative"])
def test_shifts_are_exact_without_noise(errors: Errors) -> None:
    world = simulated(5, noise=0.0, errors=errors, shifting=100.0)
    told = replace(world.panel, variance=np.where(np.isfinite(world.panel.rating), 100.0, np.nan))
    found = fit_scatter(told)
    assert_allclose(found.shift, world.shift - world.shift.mean(), atol=1e-6)


@pytest.mark.parametrize("errors", ["constant", "cumulative"])
def test_shifts_with_noise_are_as_near_as_their_standard_error(errors: Errors) -> None:
    off = []
    for seed in range(5):
        world = simulated(seed, errors=errors, models=60, new=0.3)
        off.append(fit_scatter(world.panel).shift - (world.shift - world.shift.mean()))
    # Sixty ratings a date with an error of 30 points; what votes share cannot be averaged out.
    assert np.std(off) < 1.5 * 30 / np.sqrt(42)


def test_a_constant_added_to_a_date_changes_its_shift_and_nothing_else() -> None:
    world = simulated(8, errors="independent")
    moved = world.panel.rating.copy()
    moved[17] += 500.0
    before, after = fit_scatter(world.panel), fit_scatter(replace(world.panel, rating=moved))
    expected = before.shift + 500.0 * (np.arange(60) == 17)
    assert_allclose(after.shift - after.shift.mean(), expected - expected.mean(), atol=1e-4)
    for name in ("independent", "shared", "lasting", "drift", "drift_p", "chi2_per_df"):
        assert_allclose(getattr(after, name), getattr(before, name), rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("published", [True, False])
def test_one_model_exchanged_under_its_name_does_not_become_a_law(published: bool) -> None:
    drifting = 0
    for seed in range(10):
        world = simulated(seed, models=40, noise=15.0, published=published, new=0.0)
        moved = world.panel.rating.copy()
        moved[30:, 11] += 200.0
        found = fit_scatter(replace(world.panel, rating=moved))
        drifting += found.drift > 0
        independent, shared, true = total(found, world)
        assert independent + shared < 1.5 * true
    assert drifting == 0


def test_no_model_is_passed_over_where_there_are_many_pairs() -> None:
    world = simulated(9, 150, 90, noise=10.0, new=0.0)
    order = np.random.default_rng(0).permutation(90)
    before, after = fit_scatter(world.panel), fit_scatter(world.panel.only(order))
    assert_allclose(after.independent, before.independent[:, order], rtol=1e-6)
    assert after.drift_p == pytest.approx(before.drift_p, rel=1e-4)
    # One model in two is noisier: all of them are seen.
    rating = world.panel.rating.copy()
    rating[:, ::2] += np.random.default_rng(1).normal(size=(150, 45)) * 20.0
    found = fit_scatter(replace(world.panel, rating=rating))
    assert found.independent.mean() == pytest.approx(100 + 400 / 2, rel=0.1)


def test_one_board_has_no_scatter_to_speak_of() -> None:
    found = fit_scatter(made(np.array([[1000.0, 990.0, 980.0]])))
    assert (found.drift, found.drift_p) == (0.0, None)
    assert_allclose(found.shift, [0.0])
