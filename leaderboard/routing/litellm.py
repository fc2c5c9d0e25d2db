"""Recommendations as a configuration of LiteLLM's router and proxy (pure).

Each role is an alias, `hero-<task>` or `workhorse-<task>`, with `-<domain>` behind it where it is
of one domain; each model is a group of its own, named `<model>:<task>`. LiteLLM checks none of the
names, so they are checked here. What it cannot call is left out, and said so; then the next in
line stands in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from leaderboard.answers import ALL_DOMAINS, EVALS
from leaderboard.errors import ExportError
from leaderboard.routing.routes import CALLED_BY_LITELLM, LOCAL, MODES

NO_KEY = "no-key-needed"
"""What a server without a key is sent: with nothing, LiteLLM would send it OpenAI's."""
_ENVIRONMENT = "os.environ/"


@dataclass(frozen=True)
class Exported:
    """A configuration, and what could not be put into it."""

    config: dict[str, Any]
    """`model_list` and `router_settings`."""
    left_out: tuple[str, ...]


@dataclass
class _Config:
    """The configuration as it grows."""

    head: Mapping[str, Any]
    models: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    fallbacks: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    left_out: dict[str, None] = field(default_factory=dict[str, None])

    def add(self, pick: Mapping[str, Any]) -> None:
        """One pick, its line, and the alias of its role."""
        named = [self._model(one, pick) for one in (pick, *pick["fallbacks"])]
        line = [name for name in named if name is not None]
        alias = alias_of(pick["task"], pick["domain"], pick["role"])
        if not line:
            self.left_out[f"{alias}: LiteLLM can call nobody in its line"] = None
            return
        if named[0] is None:
            self.left_out[f"{alias}: {line[0]}, the next in line, stands in"] = None
        first, *others = line
        self.aliases[alias] = first
        if others:
            self.fallbacks[alias] = others
            # LiteLLM does not look behind an alias for them.
            self.fallbacks.setdefault(first, others)

    def _model(self, one: Mapping[str, Any], pick: Mapping[str, Any]) -> str | None:
        """The name of its group, or `None` where LiteLLM cannot call it."""
        why = _uncallable(one["call"], pick["task"])
        if why is not None:
            self.left_out[f"{one['model']}: {why}"] = None
            return None
        params = _params(one["call"], pick["task"])
        name = _free(self.models, f"{one['model']}:{pick['task']}", params)
        entry = self.models.setdefault(
            name, {"model_name": name, "litellm_params": params, "model_info": {}}
        )
        info = entry["model_info"] or self._info(name, one, pick)
        if one is pick:
            info["churnboard"] |= _evidence(pick)
            info["churnboard"]["roles"].append(alias_of(pick["task"], pick["domain"], pick["role"]))
        entry["model_info"] = info
        return name

    def _info(self, name: str, one: Mapping[str, Any], pick: Mapping[str, Any]) -> dict[str, Any]:
        mode = MODES[pick["task"]]
        info: dict[str, Any] = {"id": name, "mode": mode}
        if pick["source"] == EVALS:
            # Its own map prices what it sells by size and quality; what it does not know, we say.
            clip = one["usd_per_clip_second"]
            if mode != "video_generation":
                info["output_cost_per_image"] = one["cost_usd"]
            elif clip is not None:
                info["output_cost_per_second"] = clip
        told = ("cost_usd", "cost_basis", "usd_per_clip_second", "p_best")
        info["churnboard"] = {
            **{key: self.head[key] for key in ("edition", "sequence", "expires_at")},
            "evidence": pick["evidence"],
            "evidence_at": pick["evidence_at"],
            "simulated": pick["simulated"],
            **{key: one[key] for key in told},
            "roles": [],
        }
        return info


def litellm_config(document: Mapping[str, Any]) -> Exported:
    """The configuration that follows from recommendations of this version.

    Raises `ExportError` when a name in it leads nowhere.
    """
    made = _Config(document)
    for pick in sorted(document["picks"], key=_prominence):
        made.add(pick)
    config = {
        "model_list": list(made.models.values()),
        "router_settings": {
            "model_group_alias": made.aliases,
            "fallbacks": [{name: line} for name, line in made.fallbacks.items()],
        },
    }
    for fault in faults(config):
        raise ExportError(f"litellm: {fault}")
    return Exported(config, tuple(made.left_out))


def alias_of(task: str, domain: str, role: str) -> str:
    """What a caller asks for.

    >>> alias_of("text-to-image", "all", "hero"), alias_of("text-to-image", "flat", "workhorse")
    ('hero-text-to-image', 'workhorse-text-to-image-flat')
    """
    return f"{role}-{task}" if domain == ALL_DOMAINS else f"{role}-{task}-{domain}"


def faults(config: Mapping[str, Any]) -> Iterator[str]:
    """What LiteLLM would accept and stumble over later."""
    modes: dict[str, str] = {}
    for entry in config["model_list"]:
        name, mode = entry["model_name"], entry["model_info"].get("mode")
        if name in modes:
            yield f"{name}: stands twice, and would be called by turns"
        if mode not in CALLED_BY_LITELLM:
            yield f"{name}: no mode is called {mode}"
        key = entry["litellm_params"].get("api_key", NO_KEY)
        if key != NO_KEY and not key.startswith(_ENVIRONMENT):
            yield f"{name}: its api_key is no {_ENVIRONMENT}NAME"
        modes[name] = mode
    settings = config["router_settings"]
    aliases: Mapping[str, str] = settings["model_group_alias"]
    for alias, name in aliases.items():
        if alias in modes:
            yield f"{alias}: an alias and a model"
        if name not in modes:
            yield f"{alias}: leads to {name}, which is no model here"
    for line in settings["fallbacks"]:
        for name, others in line.items():
            own = aliases.get(name, name)
            if own not in modes:
                yield f"fallbacks of {name}, which is no model here"
            for other in others:
                if other not in modes:
                    yield f"{name}: falls back to {other}, which is no model here"
                elif modes[other] != modes.get(own):
                    yield f"{name}: falls back to {other}, which makes something else"
                elif other == own:
                    yield f"{name}: falls back to itself"


def as_text(exported: Exported, suffix: str) -> str:
    """The configuration as JSON for `.json`, else as YAML with what was left out above it."""
    if suffix.lower() == ".json":
        return json.dumps(exported.config, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    head = ["# Written by churnboard for LiteLLM. Keys come from the environment.\n"]
    head += [f"# Left out: {' '.join(line.split())}\n" for line in exported.left_out]
    return "".join((*head, *_yaml(exported.config, 0)))


def _prominence(pick: Mapping[str, Any]) -> tuple[Any, ...]:
    """All domains before one, heroes before workhorses: the first says a model's own line."""
    return pick["domain"] != ALL_DOMAINS, pick["task"], pick["domain"], pick["role"]


def _uncallable(call: Mapping[str, Any] | None, task: str) -> str | None:
    if call is None:
        return "nobody knows how it is called"
    if call["provider"] == LOCAL:
        return "runs on a machine of one's own; put a server before it and register that"
    if task not in MODES:
        return f"LiteLLM has no {task}"
    if call["litellm"] is None:
        return f"LiteLLM has no {task} of {call['provider']}"
    return None


def _params(call: Mapping[str, Any], task: str) -> dict[str, Any]:
    params = dict(call["litellm"])
    if call["key_env"] is not None:
        params["api_key"] = f"{_ENVIRONMENT}{call['key_env']}"
    elif call["api_base"] is not None:
        params["api_key"] = NO_KEY
    return params


def _free(models: Mapping[str, Mapping[str, Any]], name: str, params: Mapping[str, Any]) -> str:
    """The name, or the next one that no other call has."""
    number, free = 1, name
    while free in models and models[free]["litellm_params"] != params:
        number += 1
        free = f"{name}:{number}"
    return free


def _evidence(pick: Mapping[str, Any]) -> dict[str, Any]:
    told = (
        *("rating", "rating_low", "rating_high", "p_best", "p_still_right_7_days"),
        *("p_still_right_30_days", "revalidate_by", "stale", "since", "latency_p50_s"),
        "latency_p95_s",
    )
    return {key: pick[key] for key in told}


def _yaml(value: Any, depth: int) -> Iterator[str]:
    """Blocks of quoted scalars: JSON's own words, which YAML reads the same."""
    pad = "  " * depth
    if isinstance(value, Mapping):
        for key, item in cast("Mapping[str, Any]", value).items():
            yield from _yaml_item(f"{pad}{json.dumps(key)}:", item, depth)
    else:
        for item in cast("list[Any]", value):
            yield from _yaml_item(f"{pad}-", item, depth)


def _yaml_item(start: str, item: Any, depth: int) -> Iterator[str]:
    if isinstance(item, Mapping | list) and item:
        yield f"{start}\n"
        yield from _yaml(item, depth + 1)
    else:
        yield f"{start} {json.dumps(item, allow_nan=False)}\n"
