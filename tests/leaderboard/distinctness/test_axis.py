"""Style and content apart: each moves its own number and leaves the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.distinctness.axis import content_drift, style
from leaderboard.distinctness.layout import Floats, Paired
from tests.leaderboard.distinctness.worlds import made


def moved(it: Paired, step: Floats) -> Paired:
    return Paired(it.base, it.variant + step, it.prompt)


@given(st.integers(0, 10_000), st.floats(0.5, 5.0))
def test_a_step_of_every_picture_is_style_and_no_content(seed: int, length: float) -> None:
    it = made(np.random.default_rng(seed), 60)
    axis: Floats = np.random.default_rng(seed + 1).normal(size=it.base.shape[1])
    styled = moved(it, length * axis / np.linalg.norm(axis))
    assert style(styled).distance == pytest.approx(length, abs=0.1)
    assert content_drift(styled) == pytest.approx(content_drift(it), abs=1e-6)


@given(st.integers(0, 10_000))
def test_pictures_of_other_prompts_are_content_and_no_style(seed: int) -> None:
    rng = np.random.default_rng(seed)
    it = made(rng, 200)
    order = rng.permutation(200)
    rows = np.concatenate([np.flatnonzero(it.prompt == p) for p in order])
    mixed = Paired(it.base, it.variant[rows], it.prompt)
    drift, before = content_drift(mixed), content_drift(it)
    assert drift is not None
    assert before is not None
    assert drift == pytest.approx(1.0, abs=0.12)
    assert before < 0.15
    ratio = style(mixed).ratio
    assert ratio is not None
    assert ratio < 1.0  # the halves lie on opposite sides, as all steps together are none


def test_a_look_that_brings_all_pictures_nearer_is_no_drift() -> None:
    it = made(np.random.default_rng(6), 100, content=0.4)
    paler = Paired(it.base, 0.2 * it.variant + 3.0, it.prompt)
    assert content_drift(paler) == pytest.approx(content_drift(it), abs=1e-6)


def test_drift_is_one_less_the_correlation_of_what_prompts_do() -> None:
    """With so many seeds that their means are what the prompt explains."""
    rng = np.random.default_rng(7)
    before, after = rng.normal(size=(2, 60, 5))
    after = 0.6 * before + 0.8 * after
    prompt = np.repeat(np.arange(60), 40)
    noise = 0.2 * rng.normal(size=(2, len(prompt), 5))
    found = content_drift(Paired(before[prompt] + noise[0], after[prompt] + noise[1], prompt))
    moved, other = before - before.mean(axis=0), after - after.mean(axis=0)
    expected = 1 - (moved * other).sum() / np.sqrt((moved**2).sum() * (other**2).sum())
    assert found == pytest.approx(expected, abs=0.01)


def test_content_leaves_the_style_of_a_styled_variant_as_it_is() -> None:
    one = made(np.random.default_rng(4), 300, style=1.0)
    both = made(np.random.default_rng(4), 300, style=1.0, content=0.7)
    first, second = style(one), style(both)
    assert second.distance == pytest.approx(first.distance, rel=0.15)
    drifts = content_drift(one), content_drift(both)
    assert drifts[0] is not None
    assert drifts[1] is not None
    assert drifts[0] < 0.05 < 0.25 < drifts[1]


def test_without_a_style_the_distance_is_zero_on_average() -> None:
    """The axis is measured at prompts that did not choose it, so chance has no sign."""
    found = [style(made(np.random.default_rng([5, n]), 20)).distance for n in range(300)]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(len(found))


def test_the_unit_is_what_a_seed_changes() -> None:
    rng = np.random.default_rng(8)
    it = made(rng, 400, style=2.0, common=0.0)
    found = style(it)
    # Two pictures that differ by noise of deviation 0.3 each.
    assert found.seed_distance == pytest.approx(0.3 * np.sqrt(2), rel=0.1)
    assert found.ratio == pytest.approx(2.0 / (0.3 * np.sqrt(2)), rel=0.1)


@given(st.integers(0, 1000), st.floats(0.1, 10.0))
def test_nothing_depends_on_the_unit_of_the_judges_or_on_their_axes(
    seed: int, scale: float
) -> None:
    rng = np.random.default_rng(seed)
    it = made(rng, 30, style=0.5, content=0.3)
    turned = np.linalg.qr(rng.normal(size=(it.base.shape[1],) * 2))[0] * scale
    other = Paired(it.base @ turned, it.variant @ turned, it.prompt)
    assert style(other).ratio == pytest.approx(style(it).ratio, rel=1e-6)
    assert style(other).distance == pytest.approx(scale * style(it).distance, rel=1e-6)
    assert content_drift(other) == pytest.approx(content_drift(it), rel=1e-6)


def test_what_cannot_be_told_is_absent() -> None:
    it = made(np.random.default_rng(0), 10, 1)
    assert style(it).seed_distance is None
    assert style(it).ratio is None
    assert content_drift(it) is None
    still = Paired(np.ones((8, 2)), np.ones((8, 2)) * 2, np.repeat(np.arange(4), 2))
    assert style(still).seed_distance == 0.0
    assert style(still).ratio is None
    assert content_drift(still) is None


def test_prompts_with_one_seed_count_for_style_alone() -> None:
    it = made(np.random.default_rng(2), 40, 2, style=1.0)
    keep = np.ones(len(it.prompt), dtype=bool)
    keep[1::8] = False
    some = Paired(it.base[keep], it.variant[keep], it.prompt[keep])
    assert style(some).distance == pytest.approx(1.0, abs=0.15)
    left = np.bincount(some.prompt)[some.prompt] > 1
    whole = Paired(
        some.base[left], some.variant[left], np.unique(some.prompt[left], return_inverse=True)[1]
    )
    assert content_drift(some) == content_drift(whole)
