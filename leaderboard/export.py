"""recommendations.json: the one file that routers read.

The file is written beside itself, validated, and moved into place in one step, so whoever reads it
at any moment gets one whole valid file. Its sequence never falls, also when the file was lost or
damaged: every export is first noted in an append-only log, which is kept for ever.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from filelock import FileLock, Timeout

from evals.errors import BusyError
from evals.home import shown
from leaderboard import queries
from leaderboard.edition import Edition
from leaderboard.errors import ExportError
from leaderboard.wire import decisions, plain

SCHEMA_VERSION = "0.2"
SCHEMAS = {
    version: Path(__file__).parent / "schema" / f"recommendations-{version}.schema.json"
    for version in ("0.1", SCHEMA_VERSION)
}
"""Version -> what a file of it must look like. Files of earlier ones can still be read."""
FILE = "recommendations.json"
LOG = "log.jsonl"


def recommendations_path(home: Path) -> Path:
    """Where the file of a home lies."""
    return home / "exports" / FILE


def export(edition: Edition, at: datetime) -> Path:
    """Write the recommendations of `edition`, unless the file says just that; return its path.

    Raises `ExportError` when the file there was written by a newer version or what would be
    written is not valid (the old file then stays), and `BusyError` when another process exports.
    """
    path = recommendations_path(edition.home)
    found = decisions(queries.picks(edition))
    old = _read_or_none(path)
    if old is not None and _same(old, edition.name, found):
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.parent / ".lock", timeout=10):
            last = max([0, *_logged(path.parent / LOG), *_sequence(_read_or_none(path))])
            document = {
                "schema_version": SCHEMA_VERSION,
                "sequence": last + 1,
                "generated_at": plain(at),
                "edition": edition.name,
                **found,
            }
            validate(document)
            _append(path.parent / LOG, document)
            _replace(path, document)
    except Timeout as error:
        raise BusyError(f"{shown(path)}: another process is exporting; try again") from error
    except OSError as error:
        raise ExportError(f"{shown(path)}: cannot be written: {error.strerror}") from error
    return path


def read_recommendations(path: Path) -> dict[str, Any]:
    """Read and validate a file. Raises `ExportError`: damaged, invalid, or from a newer version."""
    document = _parse(path)
    validate(document, shown(path))
    return document


def validate(document: object, name: str = FILE) -> None:
    """Check against the shipped schema of the version that it names, or of the newest.

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


def _parse(path: Path) -> dict[str, Any]:
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ExportError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ExportError(f"{shown(path)}: not JSON ({error}); run `churnboard export`") from error
    if not isinstance(document, dict):
        raise ExportError(f"{shown(path)}: not an object; run `churnboard export`")
    table = cast(dict[str, Any], document)
    version = table.get("schema_version")
    if _is_newer(version):
        raise ExportError(
            f"{shown(path)}: schema_version {version} is newer than {SCHEMA_VERSION};"
            " upgrade churnboard"
        )
    return table


def _is_newer(version: object) -> bool:
    parts = str(version).split(".")
    if not all(part.isdecimal() for part in parts):
        return False
    return tuple(map(int, parts)) > tuple(map(int, SCHEMA_VERSION.split(".")))


def _read_or_none(path: Path) -> dict[str, Any] | None:
    """The file there, or `None` when it is absent or damaged and may be written anew."""
    try:
        return _parse(path)
    except ExportError as error:
        if "upgrade" in str(error):
            raise
        return None


def _same(old: dict[str, Any], edition: str, found: dict[str, Any]) -> bool:
    return old == {
        "schema_version": SCHEMA_VERSION,
        "sequence": old.get("sequence"),
        "generated_at": old.get("generated_at"),
        "edition": edition,
        **found,
    }


def _sequence(document: dict[str, Any] | None) -> Iterator[int]:
    value = (document or {}).get("sequence")
    if isinstance(value, int):
        yield value


def _logged(log: Path) -> Iterator[int]:
    """Sequences noted so far. A last line torn by a crash was never followed by its file."""
    if not log.exists():
        return
    for line in log.read_bytes().splitlines():
        try:
            yield from _sequence(json.loads(line))
        except ValueError:
            continue


def _append(log: Path, document: dict[str, Any]) -> None:
    line = json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True)
    torn = log.exists() and not log.read_bytes().endswith(b"\n") and log.stat().st_size > 0
    with log.open("ab") as file:
        file.write((b"\n" if torn else b"") + line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, document: dict[str, Any]) -> None:
    scratch = path.with_name(f".{path.name}.tmp")
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    with scratch.open("w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    validate(json.loads(scratch.read_text(encoding="utf-8")))
    scratch.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
