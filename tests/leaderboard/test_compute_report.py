"""What was counted in a home is in its next edition."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from evals.compute import survey
from leaderboard.queries import compute, open_edition
from leaderboard.refresh import refresh
from tests.evals.compute.made_up import fill

AT = datetime(2026, 12, 1, tzinfo=UTC)


def test_an_edition_holds_what_was_counted_when_it_was_made(home: Path) -> None:
    refresh(home, AT)
    with open_edition(home) as edition:
        assert compute(edition) is None
    refresh(fill(home), AT.replace(hour=1))
    with open_edition(home) as edition:
        report = compute(edition)
    assert report is not None
    assert report == survey.kept_report(home, AT.date())
    assert report.ladder is not None
