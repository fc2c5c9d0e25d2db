"""The prompts that ship: balanced, varied, and checkable by eye."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from evals import registry
from evals.calibration import suite as calibration
from evals.home import data_root
from evals.types import Prompt, Suite

DOMAINS = {
    "photoreal",
    "animation",
    "fantasy",
    "product",
    "typography",
    "people",
    "composition",
}


@pytest.fixture(scope="module")
def everyday() -> Suite:
    """The shipped suite for models of the market."""
    return registry.load(Path("no such home")).suite("everyday")


def words(prompt: Prompt) -> set[str]:
    """What a prompt speaks of."""
    return set(re.findall(r"[\w']{3,}", prompt.text.lower())) - {"the", "and", "with", "its"}


def test_there_are_enough_of_every_domain(everyday: Suite) -> None:
    assert len(everyday.prompts) >= 120
    counts = Counter(domain for prompt in everyday.prompts for domain in prompt.domains)
    assert set(counts) == DOMAINS
    assert min(counts.values()) >= 16
    first = Counter(prompt.domains[0] for prompt in everyday.prompts)
    assert min(first.values()) >= 16
    assert {len(prompt.domains) for prompt in everyday.prompts} == {1, 2}


def test_ids_are_short(everyday: Suite) -> None:
    assert max(len(prompt.id) for prompt in everyday.prompts) <= 4


def test_no_two_prompts_are_nearly_the_same(everyday: Suite) -> None:
    for one, other in combinations(everyday.prompts, 2):
        shared, either = words(one) & words(other), words(one) | words(other)
        assert len(shared) / len(either) < 0.45, f"{one.id} and {other.id}"


def test_prompts_vary_in_length(everyday: Suite) -> None:
    lengths = [len(prompt.text.split()) for prompt in everyday.prompts]
    assert min(lengths) < 10
    assert max(lengths) > 50


def test_typography_states_the_words_to_be_drawn(everyday: Suite) -> None:
    for prompt in everyday.prompts:
        if "typography" in prompt.domains:
            assert re.search(r'"[^"]+"', prompt.text), prompt.id


def test_clips_are_asked_for_in_the_same_kinds_of_work() -> None:
    suite = registry.load(Path("no such home")).suite("everyday-video")
    counts = Counter(domain for prompt in suite.prompts for domain in prompt.domains)
    assert suite.task == "text-to-video"
    assert set(counts) == DOMAINS - {"people", "composition"}
    assert set(counts.values()) == {8}
    for one, other in combinations(suite.prompts, 2):
        shared, either = words(one) & words(other), words(one) | words(other)
        assert len(shared) / len(either) < 0.45, f"{one.id} and {other.id}"
    for prompt in suite.prompts:
        if "typography" in prompt.domains:
            assert re.search(r'"[^"]+"', prompt.text), prompt.id


@pytest.mark.parametrize("name", calibration.SUITES)
def test_a_calibration_suite_is_what_its_module_writes(name: str) -> None:
    shipped = (data_root() / "suites" / f"{name}.toml").read_text(encoding="utf-8")
    assert shipped == calibration.as_toml(calibration.SUITES[name])
