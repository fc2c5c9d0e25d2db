"""Which copies stand beside which originals."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.canaries.degradations import DEGRADATIONS
from evals.canaries.pairs import BLOCKS, OTHER_PROMPT, Exhibit, blocks, sets_of_seeds, singles
from evals.needs import Shown
from evals.types import Prompt
from tests.evals.canaries.exhibition import made_by, prompts

IDS = [prompt.id for prompt in prompts()]
THREE = ("one", "two", "three")


def name(item: Exhibit) -> tuple[str, tuple[tuple[str, int], ...]]:
    return item.model, tuple((one.prompt.id, one.seed) for one in item.shown)


def test_single_generations_are_spread_evenly() -> None:
    chosen = singles(made_by(THREE), seed=0, at_most=60)
    assert Counter(item.model for item in chosen) == dict.fromkeys(THREE, 20)
    assert max(Counter(name(item) for item in chosen).values()) == 1
    more = singles(made_by(THREE), seed=0, at_most=90)
    for model in THREE:
        times = Counter(item.cluster for item in more if item.model == model)
        assert set(times) == set(IDS)
        assert set(times.values()) == {1, 2}


def test_nothing_is_left_out_where_there_is_room() -> None:
    made = made_by(THREE)
    chosen = {name(item) for item in singles(made, seed=0, at_most=1000)}
    assert chosen == {(m, ((s.prompt.id, s.seed),)) for m, group in made.items() for s in group}


@settings(max_examples=30)
@given(st.integers(0, 5), st.integers(1, 150), st.permutations([*THREE, "four"]))
def test_another_model_changes_nobody_elses_pairs(
    seed: int, at_most: int, order: list[str]
) -> None:
    few, many = made_by(THREE), made_by(order)
    for choose in (singles, sets_of_seeds, lambda g, s, n: blocks(g, IDS, s, n)):
        before = {name(item): item for item in choose(few, seed, at_most)}
        after = {name(item): item for item in choose(many, seed, at_most)}
        for key in after.keys() & before.keys():
            assert recipes(after[key]) == recipes(before[key])
        if at_most < sum(map(len, few.values())):
            kept = {key for key in after if key[0] != "four"}
            assert kept <= before.keys()
    roomy = {name(item) for item in singles(many, seed, 1000)}
    assert {name(item) for item in singles(few, seed, 1000)} == {k for k in roomy if k[0] != "four"}


def recipes(item: Exhibit) -> dict[str, list[tuple[str, str]]]:
    return {
        canary: [(one.prompt.id, one.media_sha256) for one in copies]
        for canary, copies in item.copies.items()
    }


@given(st.integers(0, 20))
def test_the_other_prompt_asks_for_another_picture(seed: int) -> None:
    """Copies keep prompt and seed, and show what the model made of a prompt that differs."""
    text, facts = "Two  blue STARS ", {"colour": "blue"}
    alike = [
        Prompt("a", "two blue stars", facts=facts),
        Prompt("b", text, facts=facts),
        Prompt("c", "a pair of blue stars", facts=facts),
        Prompt("d", "one red cross", facts={"colour": "red"}),
        Prompt("e", "two blue stars", facts={"colour": "navy"}),
        Prompt("f", "a picture of nothing"),
    ]
    pool = {"m": [Shown(p, s, f"{p.id}{s}", _never) for p in alike for s in (0, 1)]}
    by_media = {item.media_sha256: item for item in pool["m"]}
    allowed = {"a": "df", "b": "df", "c": "def", "d": "abcef", "e": "cdf", "f": "abcde"}
    for item in singles(pool, seed, at_most=100):
        original, (copy,) = item.shown[0], item.copies[OTHER_PROMPT]
        assert (copy.prompt, copy.seed) == (original.prompt, original.seed)
        source = by_media[copy.media_sha256]
        assert source.seed == original.seed
        assert source.prompt.id in allowed[original.prompt.id]


def test_without_another_picture_there_is_no_such_copy() -> None:
    same = [Prompt("a", "a cat"), Prompt("b", "A cat")]
    pool = {"m": [Shown(prompt, 0, prompt.id, _never) for prompt in same]}
    assert all(OTHER_PROMPT not in item.copies for item in singles(pool, 0, 10))


def test_each_picture_is_as_often_the_wrong_one_as_the_right_one() -> None:
    chosen = singles(made_by(["one"]), seed=0, at_most=100)
    right = Counter(item.shown[0].media_sha256 for item in chosen)
    assert Counter(item.copies[OTHER_PROMPT][0].media_sha256 for item in chosen) == right


def test_degraded_copies_are_named_by_original_and_recipe_and_made_late() -> None:
    pool = {"m": [Shown(Prompt("a", "a cat"), 0, sha, _never) for sha in ("", "f" * 64)]}
    nameless, named = sorted(singles(pool, 0, 10), key=lambda item: item.shown[0].media_sha256)
    keys = {copies[0].media_sha256 for copies in named.copies.values()}
    assert len(keys) == len(DEGRADATIONS)
    assert all(len(key) == 64 and key != "f" * 64 for key in keys)
    assert {copies[0].media_sha256 for copies in nameless.copies.values()} == {""}


def test_blocks_part_the_prompts_and_all_models_share_them() -> None:
    found = blocks(made_by(THREE), IDS, seed=0, at_most=1000)
    assert len(found) == 3 * BLOCKS
    of: dict[str, set[frozenset[str]]] = {}
    for item in found:
        of.setdefault(item.cluster, set()).add(frozenset(s.prompt.id for s in item.shown))
        assert {len(copies) for copies in item.copies.values()} == {len(item.shown)}
    parts = [part for (part,) in of.values()]
    assert sorted(prompt for part in parts for prompt in part) == sorted(IDS)
    assert {len(part) for part in parts} == {3}


def test_blocks_need_two_prompts_each() -> None:
    few = made_by(["one"], 24)
    fifteen = {"one": [item for item in few["one"] if item.prompt.id in IDS[:15]]}
    sixteen = {"one": [item for item in few["one"] if item.prompt.id in IDS[:16]]}
    assert blocks(fifteen, IDS[:15], 0, 1000) == ()
    assert len(blocks(sixteen, IDS[:16], 0, 1000)) == BLOCKS


@pytest.mark.parametrize(("at_most", "models"), [(30, 1), (48, 1), (95, 1), (96, 2), (144, 3)])
def test_blocks_take_models_whole_while_there_is_room(at_most: int, models: int) -> None:
    found = blocks(made_by(THREE), IDS, seed=0, at_most=at_most)
    assert len({item.model for item in found}) == models
    assert sum(len(item.shown) for item in found) == min(at_most, 48 * models)


def test_seeds_of_one_prompt_become_one_picture() -> None:
    made = made_by(["one"])
    made["one"] = [item for item in made["one"] if (item.prompt.id, item.seed) != (IDS[0], 1)]
    found = sets_of_seeds(made, seed=0, at_most=1000)
    assert {item.cluster for item in found} == set(IDS[1:])
    for item in found:
        copies = item.copies["same_picture"]
        assert [(c.prompt, c.seed) for c in copies] == [(s.prompt, s.seed) for s in item.shown]
        assert {c.media_sha256 for c in copies} == {item.shown[0].media_sha256}
        assert item.shown[0].seed == 0
    assert len(sets_of_seeds(made, seed=0, at_most=5)) == 5


def test_the_seed_changes_the_choice() -> None:
    made = made_by(THREE)
    assert singles(made, 0, 10) != singles(made, 1, 10)
    turned = {model: [replace(item) for item in reversed(made[model])] for model in reversed(THREE)}
    assert [name(i) for i in singles(turned, 0, 10)] == [name(i) for i in singles(made, 0, 10)]


def _never() -> None:
    raise AssertionError("nothing is decoded to choose pairs")


def test_a_frozen_copy_is_shown_of_clips_in_which_something_happens() -> None:
    def exhibit(motion: str) -> Exhibit:
        (item,) = made_by(("one",))["one"][:1]
        asked = Prompt("p", "text", facts={"motion": motion})
        clip = replace(item, prompt=asked, fps=8.0, frames=4)
        return singles({"one": [clip]}, seed=0, at_most=1)[0]

    assert {"frozen", "shuffled"} <= set(exhibit("blinking").copies)
    assert not {"frozen", "shuffled"} & set(exhibit("standing still").copies)
    (picture,) = made_by(("one",))["one"][:1]
    assert not {"frozen", "shuffled"} & set(singles({"one": [picture]}, 0, 1)[0].copies)
