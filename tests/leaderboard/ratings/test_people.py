"""How far metrics agree with people, and people with each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import numpy as np
import pytest

from leaderboard.evidence import PersonVote
from leaderboard.ratings.people import agreement, ceiling, people
from leaderboard.ratings.verdicts import Mark, Outcome
from tests.leaderboard.factory import CLIP, START, TRUTH
from tests.leaderboard.ratings.opinions import SIGHTS, specs, vote, votes, world


def pair(left: float, right: float, prompt: str = "p") -> list[Outcome]:
    values = {"a": left, "b": right}
    return [
        Outcome(model, prompt, 0, False, {"clip_score": Mark(value, "same")})
        for model, value in values.items()
    ]


@pytest.mark.parametrize(
    ("scores", "outcome", "expected"),
    [
        ((22.0, 20.0), "left", 1.0),
        ((22.0, 20.0), "right", 0.0),
        ((20.0, 20.1), "right", 0.5),
    ],
)
def test_one_vote(scores: tuple[float, float], outcome: str, expected: float) -> None:
    (found,) = agreement([vote(outcome)], pair(*scores), [CLIP])
    assert found.share is not None
    assert (found.share.value, found.share.count) == (expected, 1)
    # One prompt cannot be resampled.
    assert found.share.low is found.share.high is None


def test_ties_of_people_and_pairs_without_scores_count_for_nothing() -> None:
    cast = [vote("tie"), vote("both_bad", "q"), vote("left", "unscored")]
    (found,) = agreement(cast, pair(22, 20), [CLIP])
    assert found.share is None


def test_scores_of_two_judges_are_not_compared() -> None:
    left, right = pair(22, 20)
    other = replace(right, marks={"clip_score": Mark(20, "other judge")})
    assert agreement([vote()], [left, other], [CLIP])[0].share is None


def test_agreement_follows_the_metrics_sight() -> None:
    outcomes, truth = world(0)
    found = agreement(votes(truth, 1500, 0), outcomes, specs())
    shares = {each.metric: each.share.value for each in found if each.share}
    assert shares["keen"] > shares["fair"] > shares["dim"] > shares["blind"]
    assert shares["blind"] == pytest.approx(0.5, abs=0.06)


def test_intervals_cover_the_agreement_of_endless_votes() -> None:
    """60 worlds, nominal 95 %: what prompts add by chance is inside the interval."""
    sights = {"fair": SIGHTS["fair"]}
    shares = []
    for seed in range(60):
        outcomes, truth = world(seed, prompts=40, sights=sights)
        shares.append(agreement(votes(truth, 250, seed), outcomes, specs(sights))[0].share)
    true = np.mean([share.value for share in shares if share])
    covered = [share.low <= true <= share.high for share in shares if share and share.low]
    assert len(covered) == 60
    assert 0.87 <= np.mean(covered) <= 1.0


def test_a_few_prompts_that_agree_prove_little() -> None:
    cast = [vote(prompt=f"p{n}") for n in range(4)]
    made = [one for n in range(4) for one in pair(22, 20, f"p{n}")]
    share = agreement(cast, made, [CLIP])[0].share
    assert share is not None
    assert share.value == 1.0
    assert share.low is not None
    assert share.low < 0.6


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("left", "left"), 1.0),
        (("left", "right"), 0.0),
        (("left", "tie"), 0.5),
        (("left", "left", "right"), 1 / 3),
        (("left", "left", "both_bad"), (2 + 4 * 0.5 / 2) / 4),
    ],
)
def test_the_ceiling_by_hand(said: tuple[str, ...], expected: float) -> None:
    """Every decisive vote is held against every other voter's vote on the same pair."""
    for order in permutations(said):
        cast = [vote(outcome, voter=f"v{n}") for n, outcome in enumerate(order)]
        found, reason = ceiling(cast)
        assert reason is None
        assert found is not None
        assert found.value == pytest.approx(expected)


def test_sides_do_not_matter_to_the_ceiling() -> None:
    turned = vote("right", voter="w", left="b", right="a")
    found, _ = ceiling([vote("left"), turned])
    assert found is not None
    assert found.value == 1.0


@pytest.mark.parametrize(
    "cast",
    [
        [vote("left")],
        [vote("left"), vote("right", id="again")],
        [vote("tie"), vote("both_bad", voter="w")],
        [vote("left"), vote("left", voter="w", right_seed=1)],
    ],
    ids=["one vote", "one voter twice", "nobody chose", "other generations"],
)
def test_no_ceiling_without_two_people_on_one_pair(cast: list[PersonVote]) -> None:
    found, reason = ceiling(cast)
    assert found is None
    assert "no two people" in (reason or "")


def test_the_last_word_of_a_voter_counts() -> None:
    later = vote("right", id="later", at=START + timedelta(hours=1))
    found, _ = ceiling([later, vote("left"), vote("right", voter="w")])
    assert found is not None
    assert (found.value, found.count) == (1.0, 2)


def test_voters_of_one_mind_reach_a_higher_ceiling() -> None:
    _, truth = world(0, models=3, prompts=20)
    clear, _ = ceiling(votes(truth, 1500, 0, noise=0.1))
    noisy, _ = ceiling(votes(truth, 1500, 0, noise=1.5))
    assert clear is not None
    assert noisy is not None
    assert clear.value > noisy.value + 0.1


def test_the_report_counts_and_carries_everything() -> None:
    outcomes, truth = world(0)
    cast = votes(truth, 260, 0, voters=4)
    audit = replace(TRUTH, name="keen")
    whole = replace(CLIP, name="fid", level="model")
    report = people("s", "v1", cast, outcomes, [*specs()[1:], audit, whole], specs()[1:])
    assert (report.votes, report.voters) == (260, 4)
    assert report.decisive == sum(one.outcome in ("left", "right") for one in cast)
    assert report.prompts == len({one.prompt for one in cast})
    # Audits are measured and never weighed; a metric of whole models can be neither.
    assert {each.metric for each in report.agreement} == set(SIGHTS)
    assert report.fit is not None
    assert set(report.fit.weights) == set(SIGHTS) - {"keen"}
    assert report == people("s", "v1", cast, outcomes, [whole, audit, *specs()[1:]], specs()[1:])
