"""What may be picked: policy.toml, checked."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from evals import tomlfile
from evals.home import data_root

FILE = "policy.toml"


class Candidates(tomlfile.Strict):
    """Who may be picked at all."""

    max_failure_rate: float = Field(default=0.05, ge=0, le=1)
    min_prompts: int = Field(default=10, ge=1)
    min_comparisons: int = Field(default=40, ge=1)
    refuse: list[str] = Field(default_factory=list[str])


class Hero(tomlfile.Strict):
    """For the final output: the highest chance of being the best."""

    max_cost_usd: float | None = Field(default=None, gt=0)


class Workhorse(tomlfile.Strict):
    """For volume: the cheapest that is surely good enough."""

    win_rate_floor: float = Field(default=0.35, gt=0, le=0.5)
    confidence: float = Field(default=0.90, gt=0, lt=1)


class Policy(tomlfile.Strict):
    """The whole file; a key that is left out keeps its default."""

    candidates: Candidates = Field(default_factory=Candidates)
    hero: Hero = Field(default_factory=Hero)
    workhorse: Workhorse = Field(default_factory=Workhorse)


def policy_path(home: Path) -> Path:
    """The home's own policy.toml where there is one, else the shipped file."""
    own = home / FILE
    return own if own.is_file() else data_root() / FILE


def load_policy(home: Path) -> Policy:
    """The policy in force. Raises `RegistryError` naming the file and the key."""
    path = policy_path(home)
    return tomlfile.validate(path, tomlfile.read(path), Policy)
