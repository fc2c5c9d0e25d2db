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
from pathlib import Path, PurePosixPath
from typing import Any, cast

from filelock import FileLock, Timeout

from evals import registry
from evals.errors import BusyError
from evals.home import shown
from leaderboard import queries
from leaderboard.answers import EVALS
from leaderboard.documents import from_document, to_document
from leaderboard.edition import Edition
from leaderboard.errors import ExportError
from leaderboard.pick_answers import Call
from leaderboard.routing import deliver
from leaderboard.routing.litellm import as_text, litellm_config
from leaderboard.routing.recommendations import (
    RENEWED_AFTER,
    SCHEMA_VERSION,
    Router,
    build,
    digest,
)
from leaderboard.routing.routes import Route, route_of_call, route_of_model
from leaderboard.routing.verification import (
    SCHEMAS,
    Seen,
    check_sequence,
    check_time,
    parse,
    validate,
)

__all__ = ["SCHEMAS", "SCHEMA_VERSION", "validate"]

FILE = "recommendations.json"
LOG = "log.jsonl"
VERIFIED = "verified.json"


def recommendations_path(home: Path) -> Path:
    """Where the file of a home lies."""
    return home / "exports" / FILE


def export(edition: Edition, at: datetime) -> Path:
    """Write the recommendations of `edition`, unless the file says just that; return its path.

    A file that says just that is written anew when half its life is over, or a pick went stale.

    Raises `ExportError` when the file there was written by a newer version or what would be
    written is not valid (the old file then stays), and `BusyError` when another process exports.
    """
    path = recommendations_path(edition.home)
    route = router(edition.home)
    picks, kept = queries.picks(edition), queries.pick_log(edition)

    def made(sequence: int, when: datetime) -> dict[str, Any]:
        return build(edition.name, picks, kept, route, sequence, when)

    old = _read_or_none(path)
    if old is not None and _says(old, made(1, at)) and at < _renewal(old, at):
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.parent / ".lock", timeout=10):
            last = max([0, *_logged(path.parent / LOG), *_sequence(_read_or_none(path))])
            document = made(last + 1, at)
            validate(document)
            text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
            # As a reader will see it.
            validate(parse(text.encode(), FILE))
            _append(path.parent / LOG, document)
            deliver.replace(path, text.encode())
    except Timeout as error:
        raise BusyError(f"{shown(path)}: another process is exporting; try again") from error
    except OSError as error:
        raise ExportError(f"{shown(path)}: cannot be written: {error.strerror}") from error
    return path


def export_to(edition: Edition, at: datetime, target: str) -> None:
    """Bring the home's file up to date and put a copy at a path or an address.

    Raises as `export`, and `ExportError` when what lies there is newer: of another home, or this
    one has lost its log.
    """
    path = export(edition, at)
    data = path.read_bytes()
    there = deliver.read(target)
    if there == data:
        return
    if there is not None:
        try:
            old = parse(there, deliver.told(target))
        except ExportError as error:
            if "upgrade" in str(error):
                raise
            old = {}
        mine, last = json.loads(data)["sequence"], max(_sequence(old), default=0)
        if last >= mine:
            raise ExportError(
                f"{deliver.told(target)}: has sequence {last}, and this home's is {mine}: another"
                " home writes there; remove that file first if that is over"
            )
    deliver.write(target, data)


def export_litellm(
    edition: Edition, at: datetime, target: str | None = None
) -> tuple[str, tuple[str, ...]]:
    """Write a configuration of LiteLLM; return where, and what could not be put into it.

    Args:
        edition: whose recommendations; the home's file is brought up to date first.
        at: the time.
        target: path or address; `exports/litellm.yaml` of the home where it is left out.
    """
    found = litellm_config(read_recommendations(export(edition, at)))
    place = target or str(edition.home / "exports" / "litellm.yaml")
    data = as_text(found, PurePosixPath(place).suffix).encode()
    if deliver.read(place) != data:
        deliver.write(place, data)
    return place, found.left_out


def router(home: Path) -> Router:
    """How models are called: own ones by the registry of `home`, others by the crosswalk."""
    models = registry.load_priced(home).models

    def route(model: str, task: str, source: str, call: Call | None) -> Route | None:
        if call is not None:
            return route_of_call(call, task)
        known = models.get(model) if source == EVALS else None
        return None if known is None else route_of_model(known)

    return route


def read_recommendations(path: Path) -> dict[str, Any]:
    """Read and validate a file. Raises `ExportError`: damaged, invalid, or from a newer version."""
    document = _parse(path)
    validate(document, shown(path))
    return document


def verify(target: str, at: datetime, home: Path, after: int | None = None) -> dict[str, Any]:
    """A file that may be obeyed at a time; it is remembered as the last one seen in `home`.

    Args:
        target: path or address.
        at: the time.
        home: where the last one seen is remembered.
        after: the sequence last seen; with it nothing is remembered.

    Raises `ExportError` with the one reason why it may not be obeyed.
    """
    name = deliver.told(target)
    data = deliver.read(target)
    if data is None:
        raise ExportError(f"{name}: there is no such file; run `churnboard export`")
    document = parse(data, name)
    validate(document, name)
    check_time(document, name, at)
    if after is not None:
        check_sequence(document, name, Seen(after))
        return document
    memory = home / "exports" / VERIFIED
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(memory.parent / f".{VERIFIED}.lock", timeout=10):
            last = _remembered(memory)
            check_sequence(document, name, last)
            now = Seen(document["sequence"], document["sha256"])
            if now != last:
                deliver.replace(memory, to_document(now).encode() + b"\n")
    except Timeout as error:
        raise BusyError(f"{shown(memory)}: another process is verifying; try again") from error
    except OSError as error:
        raise ExportError(f"{shown(memory)}: cannot be written: {error.strerror}") from error
    return document


def _remembered(memory: Path) -> Seen | None:
    try:
        return from_document(Seen, memory.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ExportError(
            f"{shown(memory)}: damaged, so a replay could not be seen; remove it, or give --after"
        ) from error


def _parse(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ExportError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    return parse(data, shown(path))


def _read_or_none(path: Path) -> dict[str, Any] | None:
    """The file there, or `None` when it is absent or damaged and may be written anew."""
    try:
        return _parse(path)
    except ExportError as error:
        if "upgrade" in str(error):
            raise
        return None


def _says(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether a whole file says what a new one would."""
    mine = ("sequence", "generated_at", "expires_at", "sha256")
    as_new = {**new, **{key: old.get(key) for key in mine}}
    try:
        return old == as_new and old["sha256"] == digest(old)
    except ValueError:
        return False


def _renewal(old: dict[str, Any], at: datetime) -> datetime:
    """When a whole file is written anew although it says the same."""
    try:
        return datetime.fromisoformat(cast(str, old["generated_at"])) + RENEWED_AFTER
    except ValueError:
        return at


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
