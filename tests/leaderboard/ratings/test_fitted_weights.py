"""Weights fitted to people's votes: they must be worth more than families that share alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from leaderboard.evidence import PersonVote
from leaderboard.ratings.fitted_weights import fit
from leaderboard.ratings.judged_votes import judged_votes
from leaderboard.ratings.weighting import LEAST_VOTES, equal_weights
from leaderboard.trust import Fit
from tests.leaderboard.ratings.opinions import SIGHTS, Sight, specs, votes, world

WORLDS = 24


def fitted(cast: Sequence[PersonVote], outcomes: object, of: object = None) -> Fit:
    found, reason = fit(cast, outcomes, of or specs())  # type: ignore[arg-type]
    assert found is not None, reason
    return found


def foretold(
    weights: Mapping[str, float], cast: Sequence[PersonVote], outcomes: object
) -> tuple[float, float]:
    """Log loss at the best slope, and accuracy, of the weighted verdicts: an oracle of its own."""
    order = specs()
    seen = judged_votes(cast, outcomes, order)  # type: ignore[arg-type]
    signs = np.where(seen.calls == -2, 0, seen.calls).astype(float)
    score = signs @ np.array([weights[spec.name] for spec in order])
    losses = [
        np.mean(np.log1p(np.exp(slope * score)) - seen.target * slope * score)
        for slope in np.linspace(0, 8, 161)
    ]
    said = seen.target != 0.5
    right = np.where(score == 0, 0.5, (score > 0) == (seen.target == 1))[said]
    return float(min(losses)), float(right.mean())


@cache
def held_out() -> np.ndarray:
    """(worlds, 2 weightings, 2): log loss and accuracy of fitted and equal weights on the votes of
    a third of the prompts, which the fit has not seen."""
    rows = []
    for seed in range(WORLDS):
        outcomes, truth = world(seed)
        cast = votes(truth, 600, seed)
        known = [vote for vote in cast if vote.prompt < "p060"]
        unseen = [vote for vote in cast if vote.prompt >= "p060"]
        rows.append(
            [
                foretold(fitted(known, outcomes).weights, unseen, outcomes),
                foretold(equal_weights(specs()), unseen, outcomes),
            ]
        )
    return np.array(rows)


def test_fitted_weights_beat_equal_ones_on_unseen_prompts() -> None:
    """In 24 worlds: better in all but a few, and by more than four standard errors in the mean."""
    gain = held_out()[:, 1, 0] - held_out()[:, 0, 0]
    right = held_out()[:, 0, 1] - held_out()[:, 1, 1]
    assert (gain > 0).mean() >= 0.9
    for each in (gain, right):
        assert each.mean() > 4 * each.std(ddof=1) / np.sqrt(WORLDS)


def test_noise_gets_little_and_the_keen_most() -> None:
    outcomes, truth = world(0)
    found = fitted(votes(truth, 1500, 0), outcomes).weights
    assert max(found, key=found.__getitem__) == "keen"
    assert found["blind"] + found["blinder"] < 0.2
    assert sum(found.values()) == pytest.approx(1)
    assert min(found.values()) >= 0


def test_votes_that_say_nothing_leave_the_families_alike() -> None:
    """People who toss coins: no weighting foretells them, so none is learnt from them."""
    close = []
    for seed in range(6):
        outcomes, truth = world(seed)
        found = fitted(votes(dict.fromkeys(truth, 0.0), 300, seed, noise=2.0), outcomes)
        equal = equal_weights(specs())
        close.append(max(abs(found.weights[name] - equal[name]) for name in equal))
        assert found.held_out.log_loss == pytest.approx(np.log(2), abs=0.03)
    assert np.median(close) < 0.15


def test_a_fit_is_seldom_taken_on_coin_tosses() -> None:
    """20 worlds; taken wherever it beats equal shares by any margin, it is in two of five."""
    taken = []
    for seed in range(20):
        outcomes, truth = world(seed)
        found = fitted(votes(dict.fromkeys(truth, 0.0), 300, seed, noise=2.0), outcomes)
        taken.append(found.ridge is not None)
        if found.ridge is None:
            assert found.weights == pytest.approx(equal_weights(specs()))
            assert found.held_out == found.equal
    assert np.mean(taken) <= 0.2


def test_what_a_fit_claims_is_what_it_does_on_unseen_votes() -> None:
    """Mean over worlds of the claimed log loss, against that on votes the fit has not seen."""
    claimed, done = [], []
    for seed in range(8):
        outcomes, truth = world(seed)
        cast = votes(truth, 600, seed)
        found = fitted([vote for vote in cast if vote.prompt < "p060"], outcomes)
        assert found.ridge is not None
        assert found.held_out.log_loss < found.equal.log_loss
        claimed.append(found.held_out.log_loss)
        unseen = [vote for vote in votes(truth, 4000, 100 + seed) if vote.prompt >= "p060"]
        done.append(foretold(found.weights, unseen, outcomes)[0])
    assert np.mean(claimed) == pytest.approx(np.mean(done), abs=0.02)


def test_swapping_sides_changes_nothing() -> None:
    outcomes, truth = world(1)
    cast = votes(truth, 300, 1)
    turned = {"left": "right", "right": "left", "tie": "tie", "both_bad": "both_bad"}
    other = [
        replace(
            vote,
            left=vote.right,
            left_seed=vote.right_seed,
            right=vote.left,
            right_seed=vote.left_seed,
            outcome=turned[vote.outcome],
        )
        for vote in cast
    ]
    one, two = fitted(cast, outcomes), fitted(other, outcomes)
    assert one.weights == pytest.approx(two.weights, abs=1e-4)


def test_the_order_of_votes_and_metrics_changes_nothing() -> None:
    outcomes, truth = world(2)
    cast = votes(truth, 300, 2)
    one = fitted(cast, outcomes)
    other = fitted(cast[::-1], outcomes[::-1], specs()[::-1])
    assert one.weights == pytest.approx(other.weights, abs=1e-4)


def test_a_metric_with_the_better_low_is_turned() -> None:
    outcomes, truth = world(4)
    cast = votes(truth, 400, 4)
    lower = [replace(s, higher_is_better=s.name != "keen") for s in specs()]
    marks = [
        replace(
            one,
            marks={
                **one.marks,
                "keen": replace(one.marks["keen"], value=-one.marks["keen"].value),
            },
        )
        for one in outcomes
    ]
    assert fitted(cast, marks, lower).weights == pytest.approx(
        fitted(cast, outcomes).weights, abs=1e-4
    )


def test_too_little_gives_a_reason() -> None:
    outcomes, truth = world(0)
    cast = votes(truth, LEAST_VOTES, 0)
    cases = {
        f"{LEAST_VOTES - 1} votes": (cast[1:], specs()),
        "nothing to weigh": (cast, specs()[:1]),
        "one prompt": ([replace(vote, prompt="p000") for vote in cast], specs()),
        "name no winner": ([replace(vote, outcome="both_bad") for vote in cast], specs()),
    }
    for said, (some, of) in cases.items():
        found, reason = fit(some, outcomes, of)
        assert found is None
        assert said in (reason or "")


def test_votes_that_one_metric_foretells_perfectly_converge() -> None:
    sights = {"exact": Sight("one", 0.0), "blind": SIGHTS["blind"]}
    outcomes, truth = world(5, sights=sights)
    found = fitted(votes(truth, 400, 5, noise=0.0), outcomes, specs(sights))
    assert found.weights["exact"] > 0.9
