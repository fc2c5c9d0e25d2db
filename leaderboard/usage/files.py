"""A router's log -> calls: JSONL with one object per call, or a CSV of counts per day.

Which of the two a file is, is told from its first character. Errors name file, line and key.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn, cast

from evals.home import shown
from evals.names import hint
from leaderboard.errors import UsageError
from leaderboard.history.cells import LARGEST_FILE
from leaderboard.usage.calls import Fault, Logged, content, hashed, logged

NEEDED = ("day", "model", "calls")
COLUMNS = (*NEEDED, "failed", "alias", "task", "class", "cost")
"""Of a CSV. Without `failed` nothing is known of failures."""


@dataclass(frozen=True)
class Log:
    """The calls of one file."""

    name: str
    """As errors call it."""
    calls: tuple[Logged, ...]
    """In the order of the file."""
    lines: tuple[int, ...]
    """Where each stands, from 1."""


def read_log(path: Path, now: datetime) -> Log:
    """The calls in a file.

    A line without an id gets one from what it says and from how many like it stand before it, so
    that reading it again, or its lines in another order, gives the same calls.

    Args:
        path: JSONL or CSV.
        now: no call may be later; a day of a CSV must be over.

    Raises:
        UsageError: the file cannot be read, or by line and key what is wrong in it.
    """
    body = text_of(path)
    name = shown(path)
    found = _calls(name, body, now) if body.lstrip()[:1] == "{" else _counts(name, body, now)
    calls: list[Logged] = []
    lines: list[int] = []
    repeats: dict[str, int] = {}
    seen: dict[str, Logged] = {}
    for line, call in found:
        if not call.id:
            what = content(call)
            repeats[what] = repeats.get(what, 0) + 1
            call = replace(call, id=hashed("line", what, str(repeats[what])))
        known = seen.setdefault(call.id, call)
        if known != call:
            raise fault_at(name, line, "id", "stands twice, for different calls")
        if known is call:
            calls.append(call)
            lines.append(line)
    if not calls:
        raise fault_at(name, 1, "at", "the file has no call")
    return Log(name, tuple(calls), tuple(lines))


def text_of(path: Path) -> str:
    """What a file says, without the mark that a spreadsheet puts first. Raises `UsageError`."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UsageError(f"{shown(path)}: larger than {LARGEST_FILE:,} bytes; split it")
        return path.read_text(encoding="utf-8").removeprefix("\ufeff")
    except OSError as error:
        raise UsageError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown(path)}: not UTF-8 at byte {error.start}") from error


def objects(name: str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON objects of a text, one a line, with the line's number; blank lines are passed over.

    Raises `UsageError` naming file and line.
    """
    for number, line in enumerate(io.StringIO(text), start=1):
        if not line.strip():
            continue
        try:
            cells: Any = json.loads(line, parse_constant=no_number)
        except (ValueError, RecursionError) as error:
            # The reason of json quotes nothing of the line.
            reason = getattr(error, "msg", "nested too deeply or no number")
            raise fault_at(name, number, "line", f"no JSON: {reason}") from error
        if not isinstance(cells, dict):
            raise fault_at(name, number, "line", "no object, such as {...}")
        yield number, cast("dict[str, Any]", cells)


def _calls(name: str, text: str, now: datetime) -> Iterator[tuple[int, Logged]]:
    for number, cells in objects(name, text):
        try:
            yield number, logged(cells, now)
        except Fault as fault:
            raise fault_at(name, number, fault.key, str(fault)) from fault


def no_number(constant: str) -> NoReturn:
    """For `json.loads`: NaN and its like are no numbers."""
    raise ValueError(constant)


def _counts(name: str, text: str, now: datetime) -> Iterator[tuple[int, Logged]]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    seen: set[tuple[str, ...]] = set()
    try:
        for cells in rows:
            line, stripped = rows.line_num, [cell.strip() for cell in cells]
            if not header:
                header = stripped
                _check_header(name, header)
                continue
            if not any(stripped):
                continue
            if len(cells) != len(header):
                wanted = f"{len(cells)} cells, the header has {len(header)}"
                raise fault_at(name, line, "line", wanted)
            row = {key: cell for key, cell in zip(header, stripped, strict=True) if cell}
            try:
                key = _whose(row)
                if key in seen:
                    raise Fault("day", "that day, alias, model, task and class stand twice")
                seen.add(key)
                for call in _of_row(row, key, now):
                    yield line, call
            except Fault as fault:
                raise fault_at(name, line, fault.key, str(fault)) from fault
    except csv.Error as error:
        raise fault_at(name, rows.line_num, "line", f"no CSV: {error}") from error
    if not header:
        raise fault_at(name, 1, "line", "the file is empty")


def _check_header(name: str, header: Iterable[str]) -> None:
    known = list(header)
    for column in known:
        if column not in COLUMNS:
            raise fault_at(name, 1, column, f"no column of counts{hint(column, COLUMNS)}")
        if known.count(column) > 1:
            raise fault_at(name, 1, column, "the column stands twice")
    for column in NEEDED:
        if column not in known:
            raise fault_at(name, 1, column, "the column is missing")


def _whose(row: dict[str, str]) -> tuple[str, ...]:
    """What no two rows share. The count is no part of it: a day has one."""
    return tuple(row.get(key, "") for key in ("day", "alias", "model", "task", "class"))


def _of_row(row: dict[str, str], key: tuple[str, ...], now: datetime) -> Iterator[Logged]:
    """The calls of a day that succeeded and those that failed, or all where that is not known."""
    day = _day(row.get("day", ""), now)
    calls = _whole(row, "calls")
    failed = _whole(row, "failed") if "failed" in row else None
    if failed is not None and failed > calls:
        raise Fault("failed", f"{failed} of {calls} calls")
    names = {k: row[k] for k in ("alias", "model", "task", "class") if k in row}
    at = f"{day.isoformat()}T00:00:00Z"
    parts = ((None, calls),) if failed is None else ((True, calls - failed), (False, failed))
    cost = _dollars(row) if "cost" in row else None
    for ok, count in parts:
        if count:
            # The bill is of the whole row.
            share = None if cost is None else cost * count / calls
            cells = {"at": at, "ok": ok, "count": count, "cost": share, **names}
            # A count of all and a count of successes are of the same calls, so they share an id.
            which = "failed" if ok is False else "rest"
            yield replace(logged(cells, now), id=hashed("day", *key, which))


def _day(text: str, now: datetime) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Fault("day", f"{text!r} is no day such as 2026-03-01") from error
    if day >= now.date():
        raise Fault("day", f"{text} is not over: its counts may still grow")
    if day < now.date() - timedelta(days=36525):
        raise Fault("day", f"{text} is a century ago")
    return day


def _whole(row: dict[str, str], key: str) -> int:
    text = row.get(key, "")
    if not (text.isascii() and text.isdecimal()) or len(text) > 12:
        raise Fault(key, f"{text[:20]!r} is no count: a whole number from 0")
    return int(text)


def _dollars(row: dict[str, str]) -> float:
    try:
        return float(row["cost"])
    except ValueError as error:
        raise Fault("cost", f"{row['cost'][:20]!r} is no number") from error


def fault_at(name: str, line: int, key: str, message: str) -> UsageError:
    """The one line for what is wrong in a file."""
    return UsageError(f"{name}: line {line}, key {key}: {message}; nothing stored")
