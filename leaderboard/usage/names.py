"""What a router calls a model, and a role -> which model of a board, which role (pure).

A router names a model by its id in the registry, by its published name, or by the string that it
calls. One call string may be that of several models of a board (one endpoint, two qualities): then
the one is meant that held the role asked for on that day, and else none can be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from evals.types import TASKS, Model
from leaderboard.answers import ALL_DOMAINS, EVALS
from leaderboard.crosswalk.entries import Crosswalk
from leaderboard.identity import Alias
from leaderboard.pick_answers import ROLES, Call, LogEntry, Role
from leaderboard.picks.field import Field

Names = Mapping[str, tuple[str, ...]]
"""What a router may say -> the models of one board that it may mean, sorted."""
_PREFIXES = {"openai_api": "openai/", "fal": "fal_ai/", "replicate": "replicate/"}
"""Backend -> how LiteLLM begins the names that it calls there."""


@dataclass(frozen=True)
class Asked:
    """What an alias asks for."""

    role: Role
    task: str
    domain: str


def asked(alias: str | None) -> Asked | None:
    """The role that an alias stands for; `None` for any other.

    >>> asked("hero-text-to-image")
    Asked(role='hero', task='text-to-image', domain='all')
    >>> asked("workhorse-text-to-image-flat").domain
    'flat'
    """
    for role in ROLES:
        rest = (alias or "").removeprefix(f"{role}-")
        for task in TASKS:
            if rest != alias and (rest == task or rest.startswith(f"{task}-")):
                return Asked(role, task, rest[len(task) + 1 :] or ALL_DOMAINS)
    return None


def names_of(
    fields: Iterable[Field],
    crosswalk: Crosswalk,
    aliases: Sequence[Alias],
    registered: Mapping[str, Model],
) -> Names:
    """What models of one board are called.

    Args:
        fields: of one task and source.
        crosswalk: which outside name is called how.
        aliases: earlier names of a model.
        registered: models by id, for own boards.
    """
    found: dict[str, set[str]] = {}
    for field in fields:
        for one in field.candidates:
            strings = [one.model, one.name, *_calls(one.call)]
            if field.source == EVALS and one.model in registered:
                strings += _endpoint(registered[one.model])
            _add(found, strings, one.model)
        if field.source == EVALS:
            continue
        for known in crosswalk.lines:
            if known.scope[0] in (None, field.source) and known.scope[1] in (None, field.task):
                offer = known.offer(field.task)
                calls = [] if offer is None else _calls(offer.call)
                _add(found, [known.name, *calls], known.name)
        for alias in aliases:
            merged = alias.kind in ("rename", "preview-to-ga")
            here = alias.source in (None, field.source) and alias.arena in (None, field.task)
            if merged and here:
                for name in alias.names:
                    found[name] = {alias.same_as}
    return {string: tuple(sorted(models)) for string, models in found.items()}


@dataclass(frozen=True)
class Holders:
    """Who held each role when, as the log of picks tells."""

    turns: Mapping[tuple[Role, str], tuple[tuple[date, str | None], ...]]

    def on(self, role: Role, domain: str, day: date) -> str | None:
        """Who held it at the end of that day."""
        held = [model for since, model in self.turns.get((role, domain), ()) if since <= day]
        return held[-1] if held else None


def holders(log: Iterable[LogEntry]) -> Holders:
    """The terms of one task and ground, from its entries in order of time."""
    turns: dict[tuple[Role, str], list[tuple[date, str | None]]] = {}
    for entry in log:
        turns.setdefault((entry.role, entry.domain), []).append((entry.at.date(), entry.model))
    return Holders({place: tuple(held) for place, held in turns.items()})


def meant(
    string: str, names: Names, wanted: Asked | None, day: date, held: Holders
) -> tuple[str | None, Literal["one", "several", "none"]]:
    """The model that a router's name stands for on a day, and how many it could."""
    models = names.get(string, ())
    if len(models) == 1:
        return models[0], "one"
    if not models:
        return None, "none"
    holder = None if wanted is None else held.on(wanted.role, wanted.domain, day)
    return (holder if holder in models else None), "several"


def _calls(call: Call | None) -> list[str]:
    """The strings of a call. Routers often leave the provider out that LiteLLM begins with."""
    if call is None:
        return []
    bare = (call.litellm or "").partition("/")[2]
    return [one for one in (call.litellm, call.fal, call.replicate, bare) if one]


def _endpoint(model: Model) -> list[str]:
    name = model.settings.get("model")
    if not isinstance(name, str) or model.backend not in _PREFIXES:
        return []
    return [name, _PREFIXES[model.backend] + name]


def _add(found: dict[str, set[str]], strings: Iterable[str], model: str) -> None:
    for string in strings:
        found.setdefault(string, set()).add(model)
