"""Counts of work through time, as somebody keeps them: CSV or JSONL -> counts, checked.

A row is a date, a count, and whose it is: a `model`, or a `class` (`ai`, `traditional`), or both.
Unlike a router's log it may count by the month, and it decides no pick: it shows how work moves
from one to the other. Errors name file, line and key.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from evals.home import shown
from evals.names import hint
from leaderboard.usage.calls import KINDS, LONGEST, MOST, Fault, Kind, hashed
from leaderboard.usage.files import fault_at, objects, text_of

KEYS = ("date", "count", "model", "class", "series")
SERIES = "counts"
"""Of rows that name none."""


@dataclass(frozen=True)
class Count:
    """How much of one kind was made by a date's count."""

    series: str
    """Whose counts they are; shares are within one series."""
    day: date
    """First day of what is counted."""
    model: str | None
    """`None` = all of the class together."""
    kind: Kind
    count: int

    @property
    def id(self) -> str:
        """What no two counts share."""
        return hashed("count", self.series, self.day.isoformat(), self.model or "", self.kind)


def holds_counts(path: Path) -> bool:
    """Whether a file holds counts through time, and not a router's log: it has the key `date`."""
    head = text_of(path).lstrip().partition("\n")[0]
    if head.startswith("{"):
        try:
            return "date" in json.loads(head)
        except (ValueError, RecursionError):
            return False
    return "date" in [cell.strip() for cell in head.split(",")]


def read_counts(path: Path, now: datetime) -> tuple[tuple[int, Count], ...]:
    """The counts in a file, each with its line.

    Args:
        path: CSV or JSONL.
        now: what is counted must be over: a day before today, a month before this one.

    Raises:
        UsageError: by line and key what is wrong.
    """
    name, text = shown(path), text_of(path)
    rows = _objects(name, text) if text.lstrip()[:1] == "{" else _cells(name, text)
    found: list[tuple[int, Count]] = []
    seen: dict[str, int] = {}
    for line, cells in rows:
        try:
            count = _count(cells, now)
        except Fault as fault:
            raise fault_at(name, line, fault.key, str(fault)) from fault
        first = seen.setdefault(count.id, line)
        if first != line:
            raise fault_at(name, line, "date", f"the same is counted in line {first} already")
        found.append((line, count))
    if not found:
        raise fault_at(name, 1, "count", "the file has no count")
    return tuple(found)


def twice(counts: Iterable[Count]) -> Count | None:
    """A count of a whole class beside counts of its models, of one date: both would count."""
    every = list(counts)
    parts = {(one.series, one.day, one.kind) for one in every if one.model is not None}
    wholes = (one for one in every if one.model is None)
    return next((one for one in wholes if (one.series, one.day, one.kind) in parts), None)


def _objects(name: str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, found in objects(name, text):
        _check_keys(name, number, found)
        yield number, {key: value for key, value in found.items() if value is not None}


def _cells(name: str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    try:
        for cells in rows:
            stripped = [cell.strip() for cell in cells]
            if not header:
                header = stripped
                _check_keys(name, 1, header)
                for key in ("date", "count"):
                    if key not in header:
                        raise fault_at(name, 1, key, "the column is missing")
                continue
            if not any(stripped):
                continue
            if len(cells) != len(header):
                wrong = f"{len(cells)} cells, the header has {len(header)}"
                raise fault_at(name, rows.line_num, "line", wrong)
            row: dict[str, Any] = {k: c for k, c in zip(header, stripped, strict=True) if c}
            text_of_count = row.get("count", "")
            if text_of_count.isascii() and text_of_count.isdecimal():
                row["count"] = int(text_of_count[:20])
            yield rows.line_num, row
    except csv.Error as error:
        raise fault_at(name, rows.line_num, "line", f"no CSV: {error}") from error


def _check_keys(name: str, line: int, keys: Iterable[str]) -> None:
    listed = list(keys)
    for key in listed:
        if key not in KEYS:
            raise fault_at(name, line, key[:LONGEST], f"no key of counts{hint(key, KEYS)}")
        if listed.count(key) > 1:
            raise fault_at(name, line, key, "the column stands twice")


def _count(cells: Mapping[str, Any], now: datetime) -> Count:
    value = cells.get("count")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise Fault("count", f"{value!r:.60} should be a whole number from 0")
    model, said = _name(cells, "model"), _name(cells, "class")
    if model is None and said is None:
        raise Fault("model", "is missing, and so is class: whose is the count?")
    kind = KINDS.get(said or "ai")
    if kind is None:
        raise Fault("class", f"{said!r:.60} is none of {', '.join(KINDS)}")
    return Count(_name(cells, "series") or SERIES, _day(cells, now), model, kind, value)


def _name(cells: Mapping[str, Any], key: str) -> str | None:
    value = cells.get(key)
    if value is None:
        return None
    good = isinstance(value, str) and value.isprintable() and value == value.strip()
    if not good or not 1 <= len(value) <= LONGEST:
        raise Fault(key, f"is no line of 1 to {LONGEST} printable characters without outer spaces")
    return value


def _day(cells: Mapping[str, Any], now: datetime) -> date:
    text = cells.get("date")
    if not isinstance(text, str):
        raise Fault("date", "is missing: a day such as 2026-03-01, or a month such as 2026-03")
    month = len(text) == len("2026-03")
    try:
        day = date.fromisoformat(f"{text}-01" if month else text)
    except ValueError as error:
        raise Fault("date", f"{text!r:.60} is no day and no month, such as 2026-03") from error
    today = now.date()
    if day >= (today.replace(day=1) if month else today):
        raise Fault("date", f"{text} is not over: its count may still grow")
    if day < today - timedelta(days=36525):
        raise Fault("date", f"{text} is a century ago")
    return day
