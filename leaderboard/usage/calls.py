"""One call that a router made, or some of one kind, with the checks on what a log says (pure).

Only the keys below are ever kept: a log may hold prompts, keys and addresses beside them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from evals.names import hint
from evals.types import TASKS

Kind = Literal["ai", "traditional"]
KINDS: Mapping[str, Kind] = {"ai": "ai", "traditional": "traditional"}
LONGEST = 200
"""Characters of a name."""
MOST = 10**12
"""The largest count, latency and cost that is believed."""


class Fault(ValueError):
    """What is wrong with one key of a line."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True)
class Logged:
    """One line of a log. `None` = the log does not say."""

    id: str
    """What makes it the same call in every log: a hash, of the router's id where it gives one."""
    at: datetime
    alias: str | None
    """What the client asked for, such as `hero-text-to-image`."""
    model: str
    """Who answered, in the router's words."""
    ok: bool | None
    latency_s: float | None
    cost_usd: float | None
    """US dollars of all its calls together."""
    task: str | None
    kind: Kind
    calls: int
    """How many calls the line stands for."""


def logged(cells: Mapping[str, Any], now: datetime) -> Logged:
    """The call that an object of a log tells, without its repeat: `numbered` gives that.

    Args:
        cells: key -> value, as JSON has them. Other keys than those of a call are not looked at.
        now: no call may be later.

    Raises:
        Fault: a key that is missing or holds what it cannot hold. Values of other keys are never
            quoted.
    """
    calls = _count(cells)
    at = _time(cells, now)
    ok = cells.get("ok")
    if "ok" not in cells:
        raise Fault("ok", "is missing: true, false, or null where it is not known")
    if ok is not None and not isinstance(ok, bool):
        raise Fault("ok", f"{_quoted(ok)} is neither true nor false")
    task = _name(cells, "task")
    if task is not None and task not in TASKS:
        raise Fault("task", f"no task is called {task!r}{hint(task, TASKS)}")
    kind = KINDS.get(_name(cells, "class") or "ai")
    if kind is None:
        raise Fault("class", f"{_quoted(cells['class'])} is none of {', '.join(KINDS)}")
    model = _name(cells, "model")
    if model is None:
        raise Fault("model", "is missing: the model that answered")
    return Logged(
        id=_given(cells),
        at=at,
        alias=_name(cells, "alias"),
        model=model,
        ok=ok,
        latency_s=_number(cells, "latency"),
        cost_usd=_number(cells, "cost"),
        task=task,
        kind=kind,
        calls=calls,
    )


def content(call: Logged) -> str:
    """All that a line says, in one spelling, whatever its id."""
    at = call.at.astimezone(UTC).isoformat()
    values = (at, call.alias, call.model, call.ok, call.latency_s, call.cost_usd)
    return json.dumps([*values, call.task, call.kind, call.calls], ensure_ascii=False)


def hashed(*parts: str) -> str:
    """The id of what these parts say: 32 hexadecimal digits."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def moment(text: str) -> datetime:
    """A time in ISO 8601 with its zone, in UTC. Raises `Fault` on key `at`."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Fault("at", f"{text[:LONGEST]!r} is no time such as 2026-03-01T12:00:00Z") from error
    if found.tzinfo is None:
        raise Fault("at", f"{text!r} has no zone; add Z for UTC")
    try:
        return found.astimezone(UTC)
    except OverflowError as error:
        raise Fault("at", f"{text!r} is no time in UTC") from error


def _time(cells: Mapping[str, Any], now: datetime) -> datetime:
    value = cells.get("at")
    if not isinstance(value, str):
        raise Fault("at", "is missing: a time such as 2026-03-01T12:00:00Z")
    at = moment(value)
    if at > now:
        raise Fault("at", f"{value} is in the future")
    return at


def _given(cells: Mapping[str, Any]) -> str:
    """Hashed, so that what a router puts into its ids is not kept; empty where it gives none."""
    value = cells.get("id")
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise Fault("id", "is no text and no whole number")
    return hashed("id", str(value))


def _name(cells: Mapping[str, Any], key: str) -> str | None:
    value = cells.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Fault(key, f"{_quoted(value)} is no text")
    if not value or len(value) > LONGEST or not value.isprintable() or value != value.strip():
        raise Fault(key, f"is no line of 1 to {LONGEST} printable characters without outer spaces")
    return value


def _number(cells: Mapping[str, Any], key: str) -> float | None:
    value = cells.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Fault(key, f"{_quoted(value)} is no number")
    if not 0 <= value <= MOST or not math.isfinite(value):
        raise Fault(key, f"{_quoted(value)} should be from 0 to {MOST:g}")
    return float(value)


def _count(cells: Mapping[str, Any]) -> int:
    value = cells.get("count")
    if value is None:
        return 1
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST:
        raise Fault("count", f"{_quoted(value)} should be a whole number from 1")
    return value


def _quoted(value: object) -> str:
    return repr(value)[:60]
