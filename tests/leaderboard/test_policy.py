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
