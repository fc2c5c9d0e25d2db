"""What `picks` prints of the log: what changed and what was refused, not what is said above."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leaderboard.pick_answers import Action, LogEntry
from leaderboard.pick_tables import show_log


def entry(action: Action, model: str, reason: str, **more: str) -> LogEntry:
    return LogEntry(
        at=datetime(2026, 3, 1, tzinfo=UTC),
        task="text-to-image",
        domain="all",
        role="hero",
        source="s",
        action=action,
        cause="better",
        model=model,
        previous=more.get("previous"),
        challenger=more.get("challenger"),
        reason=reason,
        since=None,
        price=None,
        evidence_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


def test_switches_and_refusals_are_told_and_first_choices_are_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    show_log([entry("chosen", "first", "the only one")])
    assert capsys.readouterr().out == ""
    show_log(
        [
            entry("chosen", "first", "the only one"),
            entry("switched", "second", "surely better [x]", previous="first"),
            entry("held", "second", "not surely beaten", challenger="third"),
        ]
    )
    out = capsys.readouterr().out
    assert "26-03-01 text-to-image hero: first to second: surely better [x]" in out
    assert "26-03-01 text-to-image hero: second kept before third: not surely beaten" in out
    assert "the only one" not in out
