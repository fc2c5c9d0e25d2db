"""May a router obey this file? What speaks against it, in one line (pure, but for the schemas).

In order: it is JSON of an object, of a version that is known, as its schema says, with the digest
of its own content, and names nobody who did not qualify; it is of the past, not past its expiry,
and no older than the last one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from leaderboard.errors import ExportError
from leaderboard.routing.recommendations import SCHEMA_VERSION, digest, faults
from leaderboard.wire import plain

SCHEMAS = {
    version: Path(__file__).parents[1] / "schema" / f"recommendations-{version}.schema.json"
    for version in ("0.1", "0.2", SCHEMA_VERSION)
}
"""Version -> what a file of it must look like. Files of earlier ones can still be read."""
TOLERANCE = timedelta(minutes=5)
"""By which two clocks may differ."""


@dataclass(frozen=True)
class Seen:
    """The last file that was found good."""

    sequence: int
    sha256: str | None = None
    """`None` = not known: the same sequence again is a replay."""


def parse(data: bytes, name: str) -> dict[str, Any]:
    """The object in a file. Raises `ExportError`: no JSON, not one object, of a newer version."""
    try:
        document: Any = json.loads(data, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        reason = str(error) or type(error).__name__
        raise ExportError(f"{name}: not JSON ({reason}); run `churnboard export`") from error
    if not isinstance(document, dict):
        raise ExportError(f"{name}: not an object; run `churnboard export`")
    table = cast(dict[str, Any], document)
    version = table.get("schema_version")
    if _is_newer(version):
        raise ExportError(
            f"{name}: schema_version {version} is newer than {SCHEMA_VERSION}; upgrade churnboard"
        )
    return table


def validate(document: object, name: str = "recommendations.json") -> None:
    """Check against the schema of the version that it names, or of the newest, and its digest.

    Raises `ExportError` naming the place of a fault.
    """
    # Imported here: only a write or a check needs it, and it costs a tenth of a second.
    import jsonschema

    named = cast(dict[str, Any], document) if isinstance(document, dict) else {}
    path = SCHEMAS.get(str(named.get("schema_version")), SCHEMAS[SCHEMA_VERSION])
    schema = json.loads(path.read_text(encoding="utf-8"))
    checker = jsonschema.Draft202012Validator(schema)
    fault = min(
        checker.iter_errors(cast(Any, document)),
        key=lambda fault: str(fault.json_path),
        default=None,
    )
    if fault is not None:
        raise ExportError(f"{name}: {fault.json_path}: {fault.message}")
    if named["schema_version"] == SCHEMA_VERSION:
        _check_content(named, name)


def check_time(document: dict[str, Any], name: str, at: datetime) -> None:
    """Raises `ExportError`: made in the future, or expired, at a time. Of this version alone."""
    try:
        made, ends = (
            datetime.fromisoformat(document[key]) for key in ("generated_at", "expires_at")
        )
    except KeyError as error:
        raise ExportError(
            f"{name}: schema_version {document['schema_version']} has no digest and no expiry;"
            " run `churnboard export` to write a new file"
        ) from error
    except ValueError as error:
        raise ExportError(f"{name}: a time that is none ({error})") from error
    if made > at + TOLERANCE:
        raise ExportError(
            f"{name}: from the future: made at {plain(made)}, and it is {plain(at)}; set the clock"
        )
    if ends <= at:
        raise ExportError(
            f"{name}: expired at {plain(ends)}; run `churnboard refresh` where it was made"
        )


def check_sequence(document: dict[str, Any], name: str, last: Seen | None) -> None:
    """Raises `ExportError`: replayed, for it is no newer than the last one, nor the same."""
    if last is None:
        return
    sequence: int = document["sequence"]
    same = sequence == last.sequence and document["sha256"] == last.sha256
    if sequence <= last.sequence and not same:
        raise ExportError(
            f"{name}: replayed: its sequence is {sequence}, and {last.sequence} was seen before;"
            " take the newest file"
        )


def _check_content(document: dict[str, Any], name: str) -> None:
    try:
        found = digest(document)
    except ValueError as error:
        raise ExportError(f"{name}: a number that is none ({error})") from error
    if found != document["sha256"]:
        raise ExportError(
            f"{name}: edited: its content does not have the digest that it names;"
            " run `churnboard export` to write it anew"
        )
    wrong = faults(document)
    if wrong:
        raise ExportError(f"{name}: {wrong[0]}")


def _is_newer(version: object) -> bool:
    parts = str(version).split(".")
    if not all(part.isdecimal() and part.isascii() for part in parts):
        return False
    return tuple(map(int, parts)) > tuple(map(int, SCHEMA_VERSION.split(".")))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers may take different ones of two values of one key."""
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return table


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")
