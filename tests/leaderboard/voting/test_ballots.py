"""Which pair comes next: nothing twice, nothing lost on reload, sides and pairs in balance."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.voting.ballots import (
    REPEAT_EVERY,
    Ballot,
    CastVote,
    Choice,
    Outcome,
    Side,
    next_ballot,
    pair_of,
)
from tests.leaderboard.ratings.polls import SUITE, VERSION, choices, poll, vote

worlds = st.lists(
    st.builds(
        Choice,
        st.sampled_from(["p0", "p1", "p2"]),
        st.sampled_from(["a", "b", "c", "d"]),
        st.just("r1"),
        st.integers(0, 2),
    ),
    max_size=25,
)


def shown(ballot: Ballot) -> tuple[str, frozenset[Side]]:
    return ballot.prompt_id, frozenset((ballot.left, ballot.right))


@settings(max_examples=60, deadline=None)
@given(worlds, st.lists(st.sampled_from(["ann", "bob"]), max_size=12))
def test_everyone_can_judge_every_pair_on_every_prompt_once(
    offered: list[Choice], others: list[str]
) -> None:
    cast: list[CastVote] = []
    for voter in others:
        cast += poll(offered, voter, 1, cast)
    cast += poll(offered, "ann", 1000, cast)
    mine = [one.ballot for one in cast if one.voter == "ann"]
    made = {(choice.prompt_id, choice.model) for choice in offered}
    expected = {
        (prompt, pair)
        for prompt in {choice.prompt_id for choice in offered}
        for pair in combinations(sorted(m for p, m in made if p == prompt), 2)
    }
    assert Counter((b.prompt_id, pair_of(b)) for b in mine) == Counter(expected)
    assert len({one.ballot.id for one in cast}) == len(cast)
    for ballot in mine:
        for side in (ballot.left, ballot.right):
            assert Choice(ballot.prompt_id, side.model, side.revision, side.seed) in offered
        seeds = [
            {c.seed for c in offered if (c.prompt_id, c.model) == (ballot.prompt_id, model)}
            for model in pair_of(ballot)
        ]
        assert (ballot.left.seed == ballot.right.seed) == bool(seeds[0] & seeds[1])


@settings(max_examples=60, deadline=None)
@given(worlds, st.integers(0, 10), st.randoms(use_true_random=False))
def test_a_reload_shows_the_same_ballot(
    offered: list[Choice], before: int, shuffler: random.Random
) -> None:
    cast = poll(offered, "bob", 3) if before else []
    cast += poll(offered, "ann", before, cast)
    first = next_ballot(SUITE, VERSION, offered, cast, "ann")
    shuffler.shuffle(offered)
    shuffler.shuffle(cast)
    assert next_ballot(SUITE, VERSION, offered + offered[:2], cast, "ann") == first


def test_what_is_of_another_suite_version_or_revision_counts_for_nothing() -> None:
    offered = choices("abc", 4)
    first = next_ballot(SUITE, VERSION, offered, [], "ann")
    assert first is not None
    plain = CastVote(first, "left", "ann", vote().at)
    elsewhere = [
        replace(plain, ballot=replace(first, suite_id="other")),
        replace(plain, ballot=replace(first, suite_version="v0")),
        replace(plain, ballot=replace(first, left=replace(first.left, revision="r0"))),
        replace(plain, ballot=replace(first, right=replace(first.right, model="gone"))),
    ]
    assert next_ballot(SUITE, VERSION, offered, elsewhere, "ann") == first
    assert next_ballot(SUITE, VERSION, offered, [plain], "ann") != first


def test_two_people_never_share_an_id() -> None:
    offered = choices("ab", 1)
    (one,), (other,) = poll(offered, "ann", 1), poll(offered, "bob", 1)
    assert one.ballot.prompt_id == other.ballot.prompt_id
    assert one.ballot.id != other.ballot.id


@pytest.mark.parametrize("voter", ["bob", "cid", "dan"])
def test_one_ballot_in_five_repeats_what_another_judged(voter: str) -> None:
    offered = choices("abcd", 60)
    cast = poll(offered, "ann", 100)
    seen = {shown(one.ballot) for one in cast}
    second = [shown(one.ballot) for one in poll(offered, voter, 50, cast)]
    places = [place for place, what in enumerate(second) if what in seen]
    assert len(places) == 50 // REPEAT_EVERY
    assert {after - before for before, after in pairwise(places)} == {REPEAT_EVERY}


def test_repeats_are_spread_over_what_fewest_have_judged() -> None:
    offered = choices("abcd", 60)
    cast = poll(offered, "ann", 10)
    for number in range(8):
        cast += poll(offered, f"voter {number}", 5, cast)
    times = Counter(shown(one.ballot) for one in cast)
    # Eight repeats on some fifty pairs of generations: nobody need meet one that two have judged.
    assert max(times.values()) == 2
    assert list(times.values()).count(2) == 8


def test_nobody_meets_their_own_ballots_again_as_repeats() -> None:
    offered = choices("abc", 30)
    cast = poll(offered, "ann", 60)
    assert max(Counter(shown(one.ballot) for one in cast).values()) == 1


def test_sides_are_balanced_and_differ_between_people() -> None:
    offered = choices("ab", 60)
    cast = [one for n in range(5) for one in poll(offered, f"voter {n}", 60)]
    first = sum(one.ballot.left.model == "a" for one in cast)
    assert abs(first - len(cast) / 2) < 4 * math.sqrt(len(cast) / 4)
    by_prompt: dict[str, set[str]] = {}
    for one in cast:
        by_prompt.setdefault(one.ballot.prompt_id, set()).add(one.ballot.left.model)
    assert any(len(sides) == 2 for sides in by_prompt.values())


def test_pairs_of_equals_share_the_votes() -> None:
    offered = choices("abcde", 30)
    pairs = Counter(pair_of(one.ballot) for one in poll(offered, "ann", 100))
    assert len(pairs) == 10
    assert max(pairs.values()) - min(pairs.values()) <= 1


def test_prompts_share_the_votes() -> None:
    offered = choices("ab", 20)
    cast = poll(offered, "ann", 10)
    cast += poll(offered, "bob", 10, cast)
    prompts = Counter(one.ballot.prompt_id for one in cast)
    # Two of bob's ten repeat one of ann's; his others are on prompts that nobody judged.
    assert len(prompts) == 18


def test_a_pair_is_asked_about_on_prompts_with_few_votes_on_other_pairs() -> None:
    cast = poll(choices("abc", 30), "ann", 30)
    # Three pairs took turns; not one of them was sent to a prompt that another had been on.
    assert len({pair_of(one.ballot) for one in cast}) == 3
    assert len({one.ballot.prompt_id for one in cast}) == 30


def test_close_pairs_are_asked_about_more_than_clear_ones() -> None:
    strength = {"best": 2, "good": 1, "fair": 1, "noise": 0}

    def answer(ballot: Ballot) -> Outcome:
        lead = strength[ballot.left.model] - strength[ballot.right.model]
        return "tie" if lead == 0 else "left" if lead > 0 else "right"

    cast = poll(choices(sorted(strength), 60), "ann", 120, answer=answer)
    pairs = Counter(pair_of(one.ballot) for one in cast)
    assert pairs.most_common(1)[0][0] == ("fair", "good")
    others = [count for pair, count in pairs.items() if pair != ("best", "noise")]
    assert pairs["best", "noise"] < min(others)
    assert len(others) == 5


@pytest.mark.parametrize(
    "offered",
    [[], choices("a", 3), [Choice("p0", "a", "r1", 0), Choice("p1", "b", "r1", 0)]],
    ids=["nothing", "one model", "no prompt in common"],
)
def test_nothing_to_ask(offered: list[Choice]) -> None:
    assert next_ballot(SUITE, VERSION, offered, [], "ann") is None


def test_different_seeds_where_there_are_no_common_ones() -> None:
    offered = choices("ab", 1, {"a": (0,), "b": (7,)})
    (one,) = poll(offered, "ann", 1)
    assert {side.seed for side in (one.ballot.left, one.ballot.right)} == {0, 7}
