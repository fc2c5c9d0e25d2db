"""Which share of generations reaches the floor: by hand, by an oracle, and by chance alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.types import MetricSpec
from leaderboard.advantage.acceptance import Floor, acceptances, accepted, floor_share, interval
from leaderboard.evidence import PersonVote, Sample
from leaderboard.picks.policy import Workhorse
from leaderboard.ratings.rate import SCALE
from leaderboard.ratings.verdicts import Mark
from tests.leaderboard.factory import CLIP, START, TRUTH

BARE = replace(CLIP, tie_band=0.0)


def sample(model: str, prompt: str, seed: int, value: float | None, **more: float) -> Sample:
    marks = {CLIP.name: Mark(value, "same")} if value is not None else {}
    marks |= {name: Mark(mark, "same") for name, mark in more.items()}
    return Sample(model, prompt, seed, "ok", START, marks=marks)


def floor(share: float = 0.35, *specs: MetricSpec, votes: tuple[PersonVote, ...] = ()) -> Floor:
    every = specs or (CLIP,)
    return Floor("hero", share, every, {one.name: 1.0 for one in every if one.in_rating}, votes)


def test_a_try_is_held_against_the_heros_other_tries() -> None:
    found = accepted(
        [
            sample("hero", "p", 0, 10.0),
            sample("hero", "p", 1, 12.0),
            sample("other", "p", 0, 11.0),
            sample("other", "p", 1, 12.1),
            sample("other", "q", 0, 99.0),
        ],
        floor(),
    )
    # Within the tie band of 0.2 is half a win, which is above the floor of 0.35.
    assert found == {"hero": {"p": [0.0, 1.0]}, "other": {"p": [0.5, 1.0]}}


def test_a_failure_a_missing_fact_and_what_people_found_bad_are_not_accepted() -> None:
    heroes = [sample("hero", "p", seed, 10.0) for seed in (0, 1)]
    failed = replace(sample("a", "p", 0, None), state="failed")
    missing = replace(sample("a", "p", 1, None), state="missing")
    wrong = sample("b", "p", 0, 50.0, caption_accuracy=0.9)
    right = sample("b", "p", 1, 50.0, caption_accuracy=1.0)
    bad = PersonVote("v", "x", "p", "hero", 0, "c", 0, "both_bad", START)
    good = PersonVote("w", "x", "p", "c", 0, "b", 1, "left", START)
    rest = [sample("c", "p", 0, 50.0)]
    every = [*heroes, failed, missing, wrong, right, *rest]
    found = accepted(every, floor(0.35, CLIP, TRUTH, votes=(bad,)))
    assert found["a"] == {"p": [0.0]}
    assert found["b"] == {"p": [0.0, 1.0]}
    assert found["c"] == {"p": [0.0]}
    # Half of its votes is not more than half.
    assert accepted(every, floor(0.35, CLIP, TRUTH, votes=(bad, good)))["c"] == {"p": [1.0]}


def test_a_family_shares_its_weight_and_scores_of_two_judges_are_not_compared() -> None:
    twin = replace(CLIP, name="twin")
    other = replace(CLIP, name="other", family="other", judge="other", higher_is_better=False)
    held = Floor("hero", 0.4, (CLIP, twin, other), {"clip_score": 0.25, "twin": 0.25, "other": 0.5})
    hero = [sample("hero", "p", 0, 10.0, twin=10.0, other=10.0)]
    one = sample("a", "p", 0, 20.0, twin=0.0, other=20.0)
    assert accepted([*hero, one], held)["a"] == {"p": [0.0]}  # 0.25 of 1
    lone = replace(one, marks={"clip_score": Mark(20.0, "same"), "other": Mark(20.0, "same")})
    assert accepted([*hero, lone], held)["a"] == {"p": [1.0]}  # twin's half is clip_score's
    strange = replace(one, marks={"clip_score": Mark(20.0, "another")})
    assert "a" not in accepted([*hero, strange], held)


def test_the_floor_is_the_policys() -> None:
    assert floor_share(Workhorse()) == 0.35
    assert floor_share(Workhorse(max_rating_gap=100)) == pytest.approx(
        1 / (1 + np.exp(100 / SCALE))
    )


def test_too_few_prompts_say_so() -> None:
    few = [sample(m, f"p{n}", s, 1.0) for m in ("hero", "a") for n in range(4) for s in (0, 1)]
    found = acceptances(few, floor())
    assert found["a"] == "4 prompts on which it can be held against hero; an acceptance needs 5"
    alone = [sample("hero", f"p{n}", 0, 1.0) for n in range(9)]
    assert str(acceptances(alone, floor())["hero"]).startswith("0 prompts")


@given(
    st.lists(
        st.tuples(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3)),
        min_size=5,
        max_size=9,
    ),
    st.floats(0.05, 0.5),
)
def test_with_one_metric_it_is_what_counting_by_hand_says(scores, share: float) -> None:
    samples = [
        sample(model, f"p{n}", seed, row[column])
        for n, row in enumerate(scores)
        for column, (model, seed) in enumerate(product(("hero", "a"), (0, 1)))
    ]
    found = acceptances(samples, floor(share, BARE))["a"]
    wins = [a >= h for h0, h1, a0, a1 in scores for a in (a0, a1) for h in (h0, h1)]
    assert not isinstance(found, str)
    assert found.share == pytest.approx(np.mean(wins))
    assert found.low <= found.share <= found.high


def test_who_is_as_good_as_the_hero_is_accepted_as_often() -> None:
    """Exchangeable scores: the hero has one other try to be held against, the others two."""
    random = np.random.default_rng(0)
    samples = [
        sample(model, f"p{n:04}", seed, float(random.normal()))
        for model in ("hero", "twin")
        for n in range(2000)
        for seed in (0, 1)
    ]
    found = acceptances(samples, floor(0.35, BARE))
    hero, twin = found["hero"], found["twin"]
    assert not isinstance(hero, str)
    assert not isinstance(twin, str)
    assert hero.share == pytest.approx(0.5, abs=0.001)  # of two tries one wins
    assert twin.share == pytest.approx(0.5, abs=0.02)  # two standard errors and a half


@pytest.mark.parametrize("prompts", [6, 12, 24])
@pytest.mark.parametrize("share", [0.3, 0.8, 0.95])
@pytest.mark.parametrize("alike", [0.01, 0.3, 0.8])
def test_the_interval_covers_when_tries_of_a_prompt_go_together(
    prompts: int, share: float, alike: float
) -> None:
    """Beta-binomial tries, three a prompt, of every strength of going together."""
    random = np.random.default_rng(prompts)
    spread = (1 - alike) / alike
    covered = 0
    for _ in range(300):
        chance = random.beta(share * spread, (1 - share) * spread, prompts)
        found = interval([float(one) for one in random.binomial(3, chance) / 3], 3 * prompts)
        covered += found.low <= share <= found.high
    assert covered / 300 >= 0.90


def test_all_or_nothing_still_has_an_interval() -> None:
    sure, none = interval([1.0] * 8, 16), interval([0.0] * 8, 16)
    assert (sure.share, sure.high, none.share, none.low) == (1.0, 1.0, 0.0, 0.0)
    assert 0.5 < sure.low < 1
    assert none.high == pytest.approx(1 - sure.low)


def test_the_acceptance_of_a_whole_simulation_is_covered() -> None:
    """From scores to interval: P(a beats a try of the hero), known in closed form."""
    from scipy.special import ndtr

    random = np.random.default_rng(1)
    gap, of_prompt = 0.5, 1.0
    # Prompts move the two apart: what is asked is the mean over prompts.
    truth = float(ndtr(gap / np.sqrt(2 + of_prompt**2)))
    covered = 0
    for _ in range(150):
        shift = random.normal(gap, of_prompt, 16)
        samples = [
            sample(m, f"p{n}", s, float(random.normal() + (shift[n] if m == "a" else 0)))
            for m in ("hero", "a")
            for n in range(16)
            for s in (0, 1)
        ]
        found = acceptances(samples, floor(0.35, BARE))["a"]
        assert not isinstance(found, str)
        covered += found.low <= truth <= found.high
    assert covered / 150 >= 0.92
