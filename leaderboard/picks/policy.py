"""What may be picked, when a pick is exchanged and when it is checked again: policy.toml, checked.

The file states rules for everything; `[task.X.…]` and `[task.X.domain.Y.…]` state what is other
for one task or one domain of it. `Policy.rules` answers with the rules in force at one place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import Field, model_validator

from evals import registry, tomlfile
from evals.home import data_root
from evals.names import hint
from evals.types import TASKS
from leaderboard.answers import ALL_DOMAINS

FILE = "policy.toml"


class Candidates(tomlfile.Strict):
    """Who may be picked at all."""

    max_failure_rate: float = Field(default=0.05, ge=0, le=1)
    min_prompts: int = Field(default=10, ge=1)
    min_prompt_share: float = Field(default=0.8, ge=0, le=1)
    min_comparisons: int = Field(default=40, ge=1)
    max_age_days: float = Field(default=365, gt=0)
    max_latency_p95_s: float | None = Field(default=None, gt=0)
    commercial: bool = True
    licences_allowed: list[str] = Field(default_factory=list[str])
    licences_denied: list[str] = Field(default_factory=list[str])
    providers: list[str] = Field(default_factory=list[str])
    regions: list[str] = Field(default_factory=list[str])
    banned: list[str] = Field(default_factory=list[str])


class Hero(tomlfile.Strict):
    """For the final output: the likeliest best."""

    objective: Literal["p_best", "rating"] = "p_best"
    max_cost_usd: float | None = Field(default=None, gt=0)
    challenger: float = Field(default=0.90, ge=0.5, lt=1)
    pinned: str | None = Field(default=None, min_length=1)


class Workhorse(tomlfile.Strict):
    """For volume: the cheapest that is surely good enough."""

    objective: Literal["cost", "latency"] = "cost"
    win_rate_floor: float = Field(default=0.35, gt=0, le=0.5)
    max_rating_gap: float | None = Field(default=None, ge=0)
    confidence: float = Field(default=0.90, gt=0, lt=1)
    keep: float = Field(default=0.75, gt=0, lt=1)
    saving: float = Field(default=0.10, ge=0, lt=1)
    pinned: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _a_floor_to_stay_is_no_higher(self) -> Workhorse:
        if self.keep > self.confidence:
            raise ValueError(f"keep {self.keep:g} is above confidence {self.confidence:g}")
        return self


class Stability(tomlfile.Strict):
    """How long a pick is left alone, whatever the boards say."""

    min_dwell_days: float = Field(default=7, ge=0)


class Revalidate(tomlfile.Strict):
    """When a pick should be checked again."""

    below: float = Field(default=0.80, gt=0, lt=1)
    max_days: float = Field(default=30, gt=0)


class Usage(tomlfile.Strict):
    """From when on what routers log stands in the place of what evaluations measured."""

    window_days: int = Field(default=30, ge=1, le=3650)
    min_calls: int = Field(default=100, ge=10)


class Volume(tomlfile.Strict):
    """How much is generated, for what a switch saves. Decides nothing."""

    generations_per_month: int = Field(default=10_000, ge=1)


class Rules(tomlfile.Strict):
    """The rules for one task and domain; a key that is left out keeps its default."""

    candidates: Candidates = Field(default_factory=Candidates)
    hero: Hero = Field(default_factory=Hero)
    workhorse: Workhorse = Field(default_factory=Workhorse)
    stability: Stability = Field(default_factory=Stability)
    revalidate: Revalidate = Field(default_factory=Revalidate)
    usage: Usage = Field(default_factory=Usage)
    volume: Volume = Field(default_factory=Volume)


@dataclass(frozen=True)
class Policy:
    """The whole file."""

    base: Rules = field(default_factory=Rules)
    tasks: Mapping[str, Rules] | None = None
    """Task -> its rules, where the file says something of the task."""
    domains: Mapping[tuple[str, str], Rules] | None = None
    """Task and domain -> its rules, where the file says something of the domain."""

    def rules(self, task: str, domain: str = ALL_DOMAINS) -> Rules:
        """The rules in force: the domain's, else the task's, else those for everything."""
        of_domain = (self.domains or {}).get((task, domain))
        return of_domain or (self.tasks or {}).get(task) or self.base


def policy_path(home: Path) -> Path:
    """The home's own policy.toml where there is one, else the shipped file."""
    own = home / FILE
    return own if own.is_file() else data_root() / FILE


def load_policy(home: Path, domains: Mapping[str, Collection[str]] | None = None) -> Policy:
    """The policy in force.

    Args:
        home: whose policy.toml wins over the shipped one.
        domains: task -> its domains; those of the registered suites when `None`.

    Raises `RegistryError` naming the file, the key and the nearest valid one: an unknown key, task
    or domain, a value out of range, a model that is pinned and banned.
    """
    path = policy_path(home)
    table = tomlfile.read(path)
    if "task" not in table:
        return Policy(_checked(path, table, ""))
    return parse(path, table, registered_domains(home) if domains is None else domains)


def registered_domains(home: Path) -> dict[str, set[str]]:
    """Task -> `all` and the tags of its registered suites' prompts."""
    found: dict[str, set[str]] = {task: {ALL_DOMAINS} for task in TASKS}
    for suite in registry.load(home).suites.values():
        for prompt in suite.prompts:
            found[suite.task].update(prompt.domains)
    return found


def parse(path: Path, table: Mapping[str, Any], domains: Mapping[str, Collection[str]]) -> Policy:
    """What a file says; `path` only names it in errors. Raises as `load_policy`."""
    plain = {key: value for key, value in table.items() if key != "task"}
    base = _checked(path, plain, "")
    tasks: dict[str, Rules] = {}
    by_domain: dict[tuple[str, str], Rules] = {}
    for task, value in _tables(path, table.get("task", {}), "task").items():
        where = f"task.{task}"
        if task not in domains:
            raise tomlfile.key_error(path, where, f"no task is called so{hint(task, domains)}")
        own = {key: one for key, one in value.items() if key != "domain"}
        _checked(path, own, where)
        merged = _merged(plain, own)
        tasks[task] = _checked(path, merged, where)
        inner = _tables(path, value.get("domain", {}), f"{where}.domain")
        for domain, changes in inner.items():
            place = f"{where}.domain.{domain}"
            if domain not in domains[task]:
                fault = f"{task} has no such domain{hint(domain, domains[task])}"
                raise tomlfile.key_error(path, place, fault)
            _checked(path, changes, place)
            by_domain[task, domain] = _checked(path, _merged(merged, changes), place)
    return Policy(base, tasks, by_domain)


def _checked(path: Path, table: Mapping[str, Any], at: str) -> Rules:
    rules = tomlfile.validate(path, table, Rules, at)
    for role, pinned in (("hero", rules.hero.pinned), ("workhorse", rules.workhorse.pinned)):
        if pinned is not None and pinned in rules.candidates.banned:
            key = f"{at}.{role}.pinned" if at else f"{role}.pinned"
            raise tomlfile.key_error(path, key, f'"{pinned}" is banned by candidates.banned')
    return rules


def _tables(path: Path, value: object, at: str) -> dict[str, dict[str, Any]]:
    if not isinstance(value, dict):
        raise tomlfile.key_error(path, at, "should be a table")
    found = cast(dict[str, Any], value)
    for name, inner in found.items():
        if not isinstance(inner, dict):
            raise tomlfile.key_error(path, f"{at}.{name}", "should be a table")
    return found


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Section by section, key by key; lists are replaced as a whole."""
    both = {key: dict(value) for key, value in below.items()}
    for key, value in above.items():
        both[key] = {**both.get(key, {}), **value}
    return both
