"""Votes -> strengths and covariance, against a brute force, other libraries and simulation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import evalica
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.errors import RatingError
from leaderboard.ratings.bradley_terry import solve
from leaderboard.ratings.rate import SCALE
from leaderboard.ratings.votes import VoteRatings, Votes, rate_votes, vote_draws

NAMES = ("a", "b", "c", "d")
STRENGTHS = np.array([-0.6, -0.1, 0.2, 0.5])
TIES = -0.5


def world(
    seed: int,
    count: int = 400,
    prompts: int = 40,
    voters: int = 25,
    shared: float = 0.0,
    ties: bool = True,
) -> Votes:
    """Votes by Davidson's model; `shared` is the spread of what a prompt or a voter adds to each
    model."""
    random = np.random.default_rng(seed)
    m = len(STRENGTHS)
    left = random.integers(0, m, count)
    right = (left + random.integers(1, m, count)) % m
    prompt, voter = random.integers(0, prompts, count), random.integers(0, voters, count)
    by_prompt, by_voter = (shared * random.normal(size=(n, m)) for n in (prompts, voters))
    of_left = STRENGTHS[left] + by_prompt[prompt, left] + by_voter[voter, left]
    of_right = STRENGTHS[right] + by_prompt[prompt, right] + by_voter[voter, right]
    win, loss, _ = chances_of(of_left - of_right, np.exp(TIES) if ties else 0.0)
    drawn = random.random(count)
    outcome = np.where(drawn < win, 1, np.where(drawn < win + loss, -1, 0))
    return Votes(NAMES, left, right, outcome, prompt, voter)


def chances_of(lead: Any, nu: float) -> tuple[Any, Any, Any]:
    """Davidson's formula as it is printed, in strengths."""
    pi = np.exp(lead)
    norm = 1 + pi + nu * np.sqrt(pi)
    return pi / norm, 1 / norm, nu * np.sqrt(pi) / norm


def log_likelihood(theta: np.ndarray, eta: float, votes: Votes, one: int) -> float:
    lead = theta[votes.left[one]] - theta[votes.right[one]]
    win, loss, tie = chances_of(lead, np.exp(eta))
    return float(np.log({1: win, 0: tie, -1: loss}[int(votes.outcome[one])]))


def brute_force(votes: Votes, found: VoteRatings, kinds: tuple[str, ...]) -> np.ndarray:
    """The sandwich by finite differences of single votes and loops over clusters."""
    at = np.append(found.theta, found.eta)
    m, count, step = len(found.theta), len(votes.left), 1e-4

    def total(point: np.ndarray) -> float:
        return sum(log_likelihood(point[:m], point[m], votes, one) for one in range(count))

    scores = np.zeros((count, m + 1))
    hessian = np.zeros((m + 1, m + 1))
    for i, up in enumerate(step * np.eye(m + 1)):
        for one in range(count):
            high, low = ((at + sign * up) for sign in (1, -1))
            scores[one, i] = (
                log_likelihood(high[:m], high[m], votes, one)
                - log_likelihood(low[:m], low[m], votes, one)
            ) / (2 * step)
        for j, right in enumerate(step * np.eye(m + 1)):
            corners = [total(at + s * up + t * right) * s * t for s in (1, -1) for t in (1, -1)]
            hessian[i, j] = -sum(corners) / (4 * step**2)

    def meat(labels: list[Any]) -> np.ndarray:
        sums = {label: np.zeros(m + 1) for label in labels}
        for one, label in enumerate(labels):
            sums[label] += scores[one]
        return sum((np.outer(s, s) for s in sums.values()), np.zeros((m + 1, m + 1)))

    labels = [list(getattr(votes, kind)) for kind in kinds] or [list(range(count))]
    middle = sum((meat(each) for each in labels), np.zeros((m + 1, m + 1)))
    if len(labels) == 2:
        middle -= meat(list(zip(*labels, strict=True)))
    fewest = min(len(set(each)) for each in labels)
    bread = np.linalg.pinv(hessian, rcond=1e-6)
    return (bread @ middle @ bread * fewest / (fewest - 1))[:m, :m]


@pytest.mark.parametrize("kinds", [(), ("prompt",), ("voter",), ("prompt", "voter")])
def test_the_sandwich_of_a_brute_force(kinds: Any) -> None:
    votes = world(1, count=150, prompts=20, voters=15, shared=1.0)
    found = rate_votes(votes, kinds)
    assert not found.repaired
    expected = brute_force(votes, found, kinds)
    np.testing.assert_allclose(found.covariance, expected, rtol=1e-3, atol=1e-5)
    assert tuple(found.clusters) == kinds


def test_votes_by_themselves_have_the_covariance_of_the_model_where_it_holds() -> None:
    # The information matrix is an independent route to the same variances.
    votes = world(2, count=20_000)
    found = rate_votes(votes, ())
    lead = found.theta[votes.left] - found.theta[votes.right]
    win, loss, tie = chances_of(lead, np.exp(found.eta))
    design = np.zeros((len(lead), 5))
    design[np.arange(len(lead)), votes.left] = 0.5
    design[np.arange(len(lead)), votes.right] = -0.5
    information = np.zeros((5, 5))
    for outcome, chance in ((1, win), (-1, loss), (0, tie)):
        score = design * (outcome - (win - loss))[:, None]
        score[:, 4] = (outcome == 0) - tie
        information += (score * chance[:, None]).T @ score
    expected = np.linalg.pinv(information, rcond=1e-10, hermitian=True)[:4, :4]
    np.testing.assert_allclose(found.covariance, expected, rtol=0.1, atol=1e-5)


def test_the_point_agrees_with_newman_of_evalica() -> None:
    votes = world(3)
    winners = [
        {1: evalica.Winner.X, 0: evalica.Winner.Draw, -1: evalica.Winner.Y}[int(each)]
        for each in votes.outcome
    ]
    names = [[NAMES[code] for code in side] for side in (votes.left, votes.right)]
    theirs = evalica.newman(*names, winners, tolerance=1e-12, limit=10_000)
    scores = np.log(theirs.scores[list(NAMES)].to_numpy())
    found = rate_votes(votes)
    assert found.theta == pytest.approx(scores - scores.mean(), abs=1e-6)
    assert np.exp(found.eta) == pytest.approx(2 * theirs.v, abs=1e-6)


def test_the_point_agrees_with_bradley_terry_of_evalica_where_nothing_tied() -> None:
    votes = world(4, ties=False)
    winners = [evalica.Winner.X if each == 1 else evalica.Winner.Y for each in votes.outcome]
    names = [[NAMES[code] for code in side] for side in (votes.left, votes.right)]
    theirs = evalica.bradley_terry(*names, winners, tolerance=1e-12, limit=10_000)
    scores = np.log(theirs.scores[list(NAMES)].to_numpy())
    found = rate_votes(votes)
    assert found.theta == pytest.approx(scores - scores.mean(), abs=1e-6)
    assert found.eta == -np.inf


def test_the_worked_example_of_wikipedia() -> None:
    wins = {"ab": 2, "ad": 1, "ba": 3, "bc": 5, "cb": 3, "cd": 1, "da": 4, "dc": 3}
    pairs = [pair for pair, count in wins.items() for _ in range(count)]
    left, right = (np.array(["abcd".index(pair[side]) for pair in pairs]) for side in (0, 1))
    found = rate_votes(Votes(NAMES, left, right, np.ones(len(pairs), dtype=np.int8)))
    assert np.exp(found.theta) == pytest.approx([0.640, 1.043, 0.660, 2.270], abs=5e-4)
    assert found.clusters == {}
    assert found.freedom == len(pairs) - 1


@given(st.integers(0, 10_000), st.permutations(range(4)))
@settings(max_examples=20, deadline=None)
def test_relabelling_permutes(seed: int, order: list[int]) -> None:
    votes = world(seed)
    moved = np.array(order)
    renamed = replace(votes, left=moved[votes.left], right=moved[votes.right])
    one, two = rate_votes(votes), rate_votes(renamed)
    np.testing.assert_allclose(two.theta[moved], one.theta, atol=1e-8)
    np.testing.assert_allclose(two.covariance[np.ix_(moved, moved)], one.covariance, atol=1e-8)


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_which_side_a_model_stood_on_changes_nothing(seed: int) -> None:
    votes = world(seed)
    turned = replace(votes, left=votes.right, right=votes.left, outcome=-votes.outcome)
    one, two = rate_votes(votes), rate_votes(turned)
    np.testing.assert_allclose(two.theta, one.theta, atol=1e-8)
    np.testing.assert_allclose(two.covariance, one.covariance, atol=1e-8)


def repeated(votes: Votes, times: int) -> Votes:
    columns = ("left", "right", "outcome", "prompt", "voter")
    return replace(votes, **{name: np.tile(getattr(votes, name), times) for name in columns})


@given(st.integers(0, 10_000), st.integers(2, 5))
@settings(max_examples=20, deadline=None)
def test_votes_repeated_within_their_clusters_are_no_evidence(seed: int, times: int) -> None:
    votes = world(seed)
    once, often = rate_votes(votes), rate_votes(repeated(votes, times))
    np.testing.assert_allclose(often.theta, once.theta, atol=1e-7)
    np.testing.assert_allclose(often.covariance, once.covariance, rtol=1e-5, atol=1e-9)
    # Taken for votes of their own they would seem to be.
    apart = rate_votes(repeated(votes, times), ())
    assert apart.covariance[0, 0] < 1.1 * rate_votes(votes, ()).covariance[0, 0] / times


def test_a_weight_is_a_number_of_votes_in_the_point_and_codes_may_have_gaps() -> None:
    votes = world(5)
    doubled = rate_votes(replace(votes, weight=np.full(400, 2.0), prompt=7 * votes.prompt + 100))
    once = rate_votes(votes)
    np.testing.assert_allclose(doubled.theta, once.theta, atol=1e-8)
    np.testing.assert_allclose(doubled.covariance, once.covariance, atol=1e-10)
    heavy = np.where(np.arange(400) < 100, 3.0, 1.0)
    thrice = Votes(
        NAMES,
        *(
            np.concatenate([column, np.tile(column[:100], 2)])
            for column in (votes.left, votes.right, votes.outcome, votes.prompt, votes.voter)
        ),
    )
    weighted, counted = rate_votes(replace(votes, weight=heavy)), rate_votes(thrice)
    np.testing.assert_allclose(weighted.theta, counted.theta, atol=1e-8)
    np.testing.assert_allclose(weighted.covariance, counted.covariance, atol=1e-9)


def test_many_clusters_are_summed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    votes = world(6)
    whole = rate_votes(votes)
    monkeypatch.setattr("leaderboard.ratings.votes._CELLS", 11)
    np.testing.assert_allclose(rate_votes(votes).covariance, whole.covariance, atol=1e-12)


def test_negative_variances_are_repaired_and_said() -> None:
    # Prompts and voters crossed once each, with outcomes that cancel within every cluster.
    prompt, voter = np.divmod(np.arange(4), 2)
    outcome = np.where((prompt + voter) % 2 == 0, 1, -1)
    found = rate_votes(Votes(("a", "b"), 0 * prompt, 0 * prompt + 1, outcome, prompt, voter))
    assert found.repaired
    assert (np.linalg.eigvalsh(found.covariance) >= -1e-12).all()


def pseudo_true(shared: float) -> np.ndarray:
    """What the fit tends to when prompts and voters add to each model: the strengths that fit the
    expected shares of outcomes, which the extra spread pulls towards one half."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    lead = (STRENGTHS[:, None] - STRENGTHS)[:, :, None] + 2 * shared * nodes
    win, _, tie = (part @ weights / weights.sum() for part in chances_of(lead, np.exp(TIES)))
    apart = 1 - np.eye(len(STRENGTHS))
    return solve((win * apart)[None], (tie * apart)[None], 0.0).theta[0]


def test_clustered_intervals_cover_where_votes_by_themselves_do_not() -> None:
    """200 worlds x 6 differences; prompts and voters both sway their votes."""
    shared, worlds = 0.8, 200
    truth = SCALE * pseudo_true(shared)
    hit = dict.fromkeys(((), ("prompt",), ("prompt", "voter")), 0.0)
    i, j = np.triu_indices(4, 1)
    for seed in range(worlds):
        votes = world(seed, count=1500, prompts=60, voters=50, shared=shared)
        for kinds in hit:
            found = rate_votes(votes, kinds)
            spread = found.rating_covariance
            error = np.sqrt(spread[i, i] + spread[j, j] - 2 * spread[i, j])
            gap = (found.rating - truth)[i] - (found.rating - truth)[j]
            hit[kinds] += float((np.abs(gap) <= 1.96 * error).mean()) / worlds
    assert 0.90 <= hit["prompt", "voter"] <= 0.99
    assert hit[()] < 0.80
    assert hit[("prompt",)] < 0.90


def test_intervals_hold_the_mean_of_the_models_still() -> None:
    found = rate_votes(world(7))
    assert found.rating.mean() == pytest.approx(1000)
    np.testing.assert_allclose(found.covariance.sum(axis=1), 0, atol=1e-9)
    wide, narrow = found.intervals(0.99), found.intervals(0.5)
    assert (wide[:, 0] < narrow[:, 0]).all()
    assert (narrow[:, 1] < wide[:, 1]).all()
    # Student's t with 24 degrees of freedom, from a printed table.
    half = (found.intervals(0.95)[0, 1] - found.rating[0]) / np.sqrt(found.rating_covariance[0, 0])
    assert found.freedom == 24
    assert half == pytest.approx(2.064, abs=1e-3)


def test_resampled_worlds_agree_with_the_sandwich() -> None:
    votes = world(8, count=3000, prompts=200, voters=1, shared=0.6)
    draws = vote_draws(votes, 300, seed=0, cluster=("prompt",))
    found = rate_votes(votes, ("prompt",))
    ratio = draws.std(axis=0) / np.sqrt(np.diagonal(found.covariance))
    assert ratio == pytest.approx(1.0, abs=0.15)
    np.testing.assert_allclose(draws, vote_draws(votes, 300, seed=0, cluster=("prompt",)))
    assert not np.allclose(draws[:5], vote_draws(votes, 5, seed=1, cluster=("prompt",)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"right": np.zeros(3, dtype=int)}, "right has shape"),
        ({"prompt": np.zeros(3, dtype=int)}, "prompt has shape"),
        ({"left": np.full(400, 4)}, "left holds a code that is none of the 4 models"),
        ({"left": np.zeros(400, int), "right": np.zeros(400, int)}, "number 0 compares a model"),
        ({"outcome": np.full(400, 2)}, "outcome is none of"),
        ({"voter": np.full(400, -1)}, "voter holds a code outside"),
        ({"weight": np.zeros(400)}, "weight is not above 0"),
        ({"voter": np.zeros(400, dtype=int)}, "one cluster"),
        ({"outcome": np.where(world(0).left == 0, 1, np.where(world(0).right == 0, -1, 0))}, "won"),
    ],
)
def test_columns_that_cannot_be_rated_are_an_error(change: dict[str, Any], words: str) -> None:
    with pytest.raises(RatingError, match=words):
        rate_votes(replace(world(0), **change))


def test_a_ridge_keeps_a_model_that_won_everything_at_a_finite_place() -> None:
    votes = world(0)
    best = np.where(votes.left == 0, 1, np.where(votes.right == 0, -1, votes.outcome))
    found = rate_votes(replace(votes, outcome=best), ridge=0.001)
    assert np.isfinite(found.theta).all()
    assert found.theta.argmax() == 0
    assert np.isfinite(found.covariance).all()


def test_no_vote_is_an_error() -> None:
    none = np.zeros(0, dtype=int)
    with pytest.raises(RatingError, match="no vote"):
        rate_votes(Votes(NAMES, none, none, none))
