"""Telling somebody that picks have changed: a line in a file, or a message to a webhook.

A webhook is reached the way endpoints are: over http or https, at public addresses (or where the
target itself is this machine, or a host that was named as trusted), within ten seconds, and no
redirect is followed. Its address is often a secret, so only its host is ever said.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from evals.errors import BackendError, InputError
from evals.home import shown
from leaderboard.pick_answers import LogEntry
from leaderboard.wire import plain

SCHEMA_VERSION = "1.0"
DEADLINE_S = 10.0
MOST = 200
"""Changes in one message; of more, the newest."""
_CHANGES = frozenset({"chosen", "switched", "dropped"})


def changes(log: Sequence[LogEntry]) -> tuple[LogEntry, ...]:
    """The entries by which a role changed hands (pure)."""
    return tuple(entry for entry in log if entry.action in _CHANGES)


def message(found: Sequence[LogEntry], at: datetime, edition: str) -> dict[str, Any]:
    """What is sent (pure). `text` is what chat services show."""
    return {
        "schema_version": SCHEMA_VERSION,
        "event": "picks_changed",
        "at": plain(at),
        "edition": edition,
        "text": "\n".join(_line(entry) for entry in found[-MOST:]),
        "left_out": max(0, len(found) - MOST),
        "changes": [plain(entry) for entry in found[-MOST:]],
    }


def check_target(target: str) -> None:
    """Raise `InputError` where a target is neither an http(s) address nor a path."""
    if _is_address(target):
        parts = urlsplit(target)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError(
                f"--notify: {parts.scheme}: is no webhook; give an http(s) address or a file"
            )
        if parts.username is not None:
            raise InputError("--notify: an address with a name or password in it is not supported")


def name_of(target: str) -> str:
    """The target as it may be said."""
    return urlsplit(target).hostname or "?" if _is_address(target) else shown(Path(target))


def tell(target: str, told: dict[str, Any], trusted: Iterable[str] = ()) -> str | None:
    """Send a message; returns why it could not be, or None.

    Args:
        target: an http(s) address, or a file to append to.
        told: of `message`.
        trusted: hosts that may be at private addresses.
    """
    body = json.dumps(told, ensure_ascii=False, allow_nan=False)
    if not _is_address(target):
        return _append(Path(target), body)
    try:
        status = _post(target, body.encode(), frozenset(host.lower() for host in trusted))
    except BackendError as error:
        # What follows is advice for files of models.
        return str(error).partition(";")[0]
    return None if 200 <= status < 300 else f"answered {status}"


def _post(url: str, body: bytes, trusted: frozenset[str]) -> int:
    """The status of the answer; its body is not read."""
    import httpcore
    import httpx

    from evals.endpoints import calls
    from evals.endpoints.addresses import Trust, is_loopback
    from evals.endpoints.keys import Redactor
    from evals.endpoints.sockets import GuardedBackend
    from evals.endpoints.timing import REAL
    from evals.errors import GenerationError

    guard = GuardedBackend(Trust(is_loopback(url), trusted))
    call = calls.Call(REAL, DEADLINE_S, threading.Event(), "notify", True, Redactor())
    headers = [("Host", urlsplit(url).netloc.rpartition("@")[2])]
    headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    headers += [("User-Agent", "churnboard")]
    try:
        with (
            calls.active(call),
            httpcore.ConnectionPool(
                ssl_context=httpx.create_ssl_context(), network_backend=guard
            ) as pool,
            pool.stream("POST", url, headers=headers, content=body) as response,
        ):
            return response.status
    except GenerationError as error:
        if error.kind == "timeout":
            raise BackendError(f"no answer within {DEADLINE_S:g} s") from error
        raise
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.TimeoutException,
        httpcore.UnsupportedProtocol,
        OSError,
        ValueError,
    ) as error:
        raise BackendError(type(error).__name__) from error


def _append(path: Path, line: str) -> str | None:
    try:
        with path.open("ab") as file:
            file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.strerror or type(error).__name__
    return None


def _is_address(target: str) -> bool:
    return "://" in target


def _line(entry: LogEntry) -> str:
    role = f"{entry.task}, {entry.domain}: {entry.role}"
    if entry.model is None:
        return f"{role} {entry.previous or 'nobody'} dropped: {entry.reason}"
    before = f", before {entry.previous}" if entry.previous else ""
    return f"{role} is now {entry.model}{before}: {entry.reason}"
