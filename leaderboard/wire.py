"""Answers as JSON, for `--json` and for recommendations.json. Described in docs/json.md.

Keys are only ever added within a major version. `null` means not known or not applicable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from leaderboard.answers import Board, HalfLife, Picks

SCHEMA_VERSION = "1.0"


def boards_json(edition: str, boards: Sequence[Board]) -> dict[str, Any]:
    """What `churnboard board --json` prints."""
    return {
        "schema_version": SCHEMA_VERSION,
        "edition": edition,
        "boards": [_board(board) for board in boards],
    }


def picks_json(edition: str, picks: Picks) -> dict[str, Any]:
    """What `churnboard picks --json` prints."""
    return {"schema_version": SCHEMA_VERSION, "edition": edition, **decisions(picks)}


def half_lives_json(edition: str, half_lives: Sequence[HalfLife]) -> dict[str, Any]:
    """What `churnboard half-life --json` prints."""
    return {
        "schema_version": SCHEMA_VERSION,
        "edition": edition,
        "half_lives": [plain(half_life) for half_life in half_lives],
    }


def decisions(picks: Picks) -> dict[str, Any]:
    """Picks, roles without one, and refusals: the part shared with recommendations.json."""
    picked = [cast(dict[str, Any], plain(pick)) for pick in picks.picks]
    return {
        "picks": [{"suite": pick.pop("suite_id"), **pick} for pick in picked],
        "none": [plain(entry) for entry in picks.none],
        "refused": [plain(entry) for entry in picks.refused],
    }


def plain(value: Any) -> Any:
    """Dataclasses, times and paths as JSON knows them; times in UTC with a `Z`."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in cast(Mapping[Any, Any], value).items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in cast(Sequence[Any], value)]
    return value


def _board(board: Board) -> dict[str, Any]:
    suite = {"id": board.suite_id, "version": board.suite_version} if board.suite_id else None
    return {
        "source": board.source,
        "task": board.task,
        "domain": board.domain,
        "at": plain(board.at),
        "suite": suite,
        "simulated": board.simulated,
        "reference": board.reference,
        "metrics": list(board.metrics),
        "left_out": [plain(entry) for entry in board.left_out],
        "rows": [plain(row) for row in board.rows],
    }
