"""policy.toml: shipped, replaced by the home's own, and strict."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.errors import RegistryError
from leaderboard.picks.policy import Policy, Rules, load_policy


def test_the_shipped_file_says_the_defaults(home: Path) -> None:
    assert load_policy(home) == Policy()
    assert load_policy(home).rules("text-to-image") == Rules()


def test_the_home_wins_and_what_it_leaves_out_keeps_its_default(home: Path) -> None:
    home.mkdir()
    (home / "policy.toml").write_text("[hero]\nmax_cost_usd = 0.5\n")
    policy = load_policy(home).base
    assert policy.hero.max_cost_usd == 0.5
    assert policy.workhorse.win_rate_floor == 0.35


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[workhorse]\nconfidnce = 0.9", ["workhorse.confidnce", 'did you mean "confidence"']),
        ("[workhorse]\nconfidence = 1.5", ["workhorse.confidence", "less than 1"]),
        ("[workhorse]\nconfidence = '0.9'", ["workhorse.confidence", "valid number"]),
        ("[hero]\nmax_cost_usd = 0", ["hero.max_cost_usd", "greater than 0"]),
        ("[heroes]", ["heroes", 'did you mean "hero"']),
        ("[hero", ["not TOML"]),
    ],
)
def test_a_wrong_file_names_the_file_and_the_key(home: Path, text: str, words: list[str]) -> None:
    home.mkdir()
    (home / "policy.toml").write_text(text)
    with pytest.raises(RegistryError) as caught:
        load_policy(home)
    for word in ["policy.toml", *words]:
        assert word in str(caught.value)


OVERRIDES = """
[hero]
max_cost_usd = 0.5

[task.text-to-image.workhorse]
win_rate_floor = 0.4

[task.text-to-image.domain.all.workhorse]
keep = 0.8
"""


def write(home: Path, text: str) -> None:
    home.mkdir()
    (home / "policy.toml").write_text(text)


def test_a_task_and_a_domain_change_what_they_name_and_keep_the_rest(home: Path) -> None:
    write(home, OVERRIDES)
    policy = load_policy(home)
    task, domain = policy.rules("text-to-image", "flat"), policy.rules("text-to-image")
    other = policy.rules("text-to-video")
    assert [one.hero.max_cost_usd for one in (task, domain, other)] == [0.5, 0.5, 0.5]
    assert [one.workhorse.win_rate_floor for one in (task, domain, other)] == [0.4, 0.4, 0.35]
    assert [one.workhorse.keep for one in (task, domain, other)] == [0.75, 0.8, 0.75]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[task.text-to-imge.hero]", ["task.text-to-imge", 'did you mean "text-to-image"']),
        (
            "[task.text-to-image.domain.alll.hero]",
            ["task.text-to-image.domain.alll", 'did you mean "all"'],
        ),
        (
            "[task.text-to-image.hero]\nmax_cost = 1",
            ["task.text-to-image.hero.max_cost", 'did you mean "max_cost_usd"'],
        ),
        ("[workhorse]\nkeep = 0.95", ["keep 0.95 is above confidence 0.9"]),
        (
            "[task.text-to-image.workhorse]\nkeep = 0.95",
            ["task.text-to-image", "keep 0.95 is above confidence 0.9"],
        ),
        (
            '[candidates]\nbanned = ["x"]\n[task.text-to-image.hero]\npinned = "x"',
            ["task.text-to-image.hero.pinned", '"x" is banned'],
        ),
        ("task = 1", ["task", "should be a table"]),
    ],
)
def test_a_wrong_override_names_its_place(home: Path, text: str, words: list[str]) -> None:
    write(home, text)
    with pytest.raises(RegistryError) as caught:
        load_policy(home)
    for word in ["policy.toml", *words]:
        assert word in str(caught.value)
