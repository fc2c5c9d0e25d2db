"""The log of picks: what is noted, that it lasts, and what damage does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from leaderboard.errors import PickLogError
from leaderboard.pick_answers import LogEntry
from leaderboard.pick_log import append_log, log_path, news, read_log
from leaderboard.picks.conclude import Place, incumbents
from leaderboard.picks.decision import decide
from leaderboard.picks.policy import Rules
from tests.leaderboard.picks.fields import NOW, candidate, field

PLACE: Place = ("text-to-image", "all", "own")
OLD, NEAR = candidate("old", 1000), candidate("near", 1010)
RULES = Rules()


def told(log: tuple[LogEntry, ...], day: int, *people: object) -> tuple[LogEntry, ...]:
    """What a decision on a day adds to the log."""
    held = incumbents(log).get(PLACE)
    found = decide(field(*people), RULES, NOW + timedelta(days=day), held)  # type: ignore[arg-type]
    return news(found.decisions, log)


def test_the_first_pick_a_refusal_and_a_switch_are_noted_and_nothing_twice() -> None:
    log = told((), 0, OLD)
    assert [(entry.role, entry.action) for entry in log] == [
        ("hero", "chosen"),
        ("workhorse", "chosen"),
    ]
    assert told(log, 1, OLD) == ()
    held = told(log, 10, OLD, NEAR)
    assert [(entry.role, entry.action, entry.challenger) for entry in held] == [
        ("hero", "held", "near")
    ]
    assert told((*log, *held), 11, OLD, NEAR) == ()
    switched = told((*log, *held), 20, OLD, candidate("best", 1200))
    assert ("hero", "switched", "best", "old") in [
        (entry.role, entry.action, entry.model, entry.previous) for entry in switched
    ]
    dropped = told((*log, *held, *switched), 30)
    assert {entry.action for entry in dropped} == {"dropped"}
    assert incumbents((*log, *held, *switched, *dropped))[PLACE] == {}


def test_what_is_appended_is_read_back_and_a_torn_line_is_cut(home: Path) -> None:
    log = told((), 0, OLD)
    append_log(home, log)
    with log_path(home).open("ab") as file:
        file.write(b'{"torn')
    assert read_log(home) == log
    more = told(log, 20, OLD, candidate("best", 1200))
    append_log(home, more)
    assert read_log(home) == (*log, *more)


def test_a_damaged_line_is_named(home: Path) -> None:
    append_log(home, told((), 0, OLD))
    log_path(home).write_bytes(b"{}\n" + log_path(home).read_bytes())
    with pytest.raises(PickLogError, match=r"log\.jsonl: line 1 is damaged"):
        read_log(home)
