"""Small logs of routers for tests."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from leaderboard.usage.calls import Kind
from leaderboard.usage.days import Day
from leaderboard.usage.names import Holders, Names
from leaderboard.usage.traffic import Flow, flows

DAY0 = date(2026, 1, 1)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
NAMES: Names = {"a": ("a",), "b": ("b",), "vendor/a": ("a",)}
NOBODY = Holders({})


def call(**more: Any) -> dict[str, Any]:
    """One line of a log."""
    body: dict[str, Any] = {
        "at": "2026-03-01T12:00:00Z",
        "alias": "hero-text-to-image",
        "model": "a",
        "ok": True,
        "latency": 2.5,
        "cost": 0.04,
    }
    return body | more


def write_log(path: Path, lines: Iterable[dict[str, Any]]) -> Path:
    """A JSONL of these lines."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def day(
    number: int,
    model: str,
    calls: int,
    *,
    alias: str | None = "hero-text-to-image",
    failed: int = 0,
    task: str | None = None,
    kind: Kind = "ai",
    latencies: tuple[float, ...] = (),
) -> Day:
    """Calls of the day `number` days after the first."""
    at = DAY0 + timedelta(days=number)
    return Day(at, alias, model, task, kind, calls, calls, failed, None, 0, latencies)


def flowing(days: Iterable[Day], names: Names = NAMES) -> tuple[Flow, ...]:
    """Those for text-to-image."""
    return flows(days, "text-to-image", names, NOBODY)
