"""How long a pick may be believed, and what is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from leaderboard.pick_answers import ROLES, Outlook, Role
from leaderboard.picks.decision import decide
from leaderboard.picks.due import due
from leaderboard.picks.outlook import outlooks, probability
from leaderboard.picks.policy import Rules
from leaderboard.picks.prospect import Prospect
from leaderboard.picks.standing import Incumbent, standing
from tests.leaderboard.picks.fields import NOW, candidate, field

BEST, CHEAP = candidate("best", 1200, 0.10), candidate("cheap", 1150, 0.01)
QUIET = Prospect(
    exits=8,
    cadence=7.0,
    releases=1000,
    watched=1e12,
    level=1000.0,
    slope=0.0,
    spread=10.0,
    gaps=np.array([-100.0]),
    noise=np.full(2, 100.0),
    entry_noise=100.0,
    lasting=np.zeros(2),
    wander=0.0,
    withdrawals=0,
    listed=1e9,
    prices=np.array([0.05]),
    factors=np.zeros(0),
    priced=1e9,
)
"""A board to which nothing comes and from which nobody goes."""


def told(coming: Prospect | str, day: int = 0, rules: Rules | None = None) -> tuple[Outlook, ...]:
    at = NOW + timedelta(days=day)
    found = field(BEST, CHEAP)
    wants = rules or Rules()
    since = NOW - timedelta(days=100)
    held: dict[Role, Incumbent] = {
        "hero": Incumbent("best", since),
        "workhorse": Incumbent("cheap", since, None, 0.01),
    }
    made = decide(found, wants, at, held).decisions
    answer = outlooks(standing(found, wants, at), made, coming)
    assert None not in answer
    return tuple(one for one in answer if one is not None)


def test_where_nothing_happens_picks_stay() -> None:
    for one in told(QUIET):
        assert min(one.days_7 or 0, one.days_30 or 0) > 0.90
        assert one.revalidate_by == NOW + timedelta(days=30)


def test_better_and_cheaper_releases_end_stays_at_the_rate_they_come() -> None:
    """One release in thirty days on average, far better and nearly free: it takes both roles on
    the first board it is on, so P(kept) is that of no arrival until the last board.
    """
    coming = replace(
        QUIET, releases=30_000, watched=900_000.0, level=1500.0, prices=np.array([0.0001])
    )
    rules = Rules.model_validate({"stability": {"min_dwell_days": 0}})
    for role, one in zip(ROLES, told(coming, rules=rules), strict=True):
        assert one.days_7 == pytest.approx(probability(role, np.exp(-7 / 30), 7), abs=0.06)
        assert one.days_30 == pytest.approx(probability(role, np.exp(-28 / 30), 28), abs=0.07)
        assert one.revalidate_by in (NOW + timedelta(days=7), NOW + timedelta(days=14))


def test_withdrawals_end_stays() -> None:
    hero, _ = told(replace(QUIET, withdrawals=10_000, listed=1_000_000.0))
    assert hero.days_30 == pytest.approx(probability("hero", np.exp(-28 / 100), 28), abs=0.06)


def test_old_evidence_is_worth_less() -> None:
    coming = replace(QUIET, releases=30_000, watched=900_000.0, level=1500.0)
    fresh, _ = told(coming)
    old, _ = told(coming, day=20)
    assert old.days_7 is not None
    assert fresh.days_7 is not None
    assert old.days_7 < fresh.days_7


def test_evidence_past_its_age_says_nothing_of_today() -> None:
    for one in told(QUIET, day=60):
        assert (one.days_7, one.days_30) == (None, None)
        assert "60 days old" in (one.reason or "")
        assert one.revalidate_by == NOW + timedelta(days=30)


def test_what_is_not_known_is_none_with_its_reason() -> None:
    for one in told("too little history: 3 departures from the top 5, 5 needed"):
        assert (one.days_7, one.days_30) == (None, None)
        assert "5 needed" in (one.reason or "")
        assert one.revalidate_by == NOW + timedelta(days=30)


def test_the_most_doubtful_is_due_first_and_who_is_not_due_is_not_named() -> None:
    made = decide(field(BEST, CHEAP), Rules(), NOW).decisions

    def placed(domain: str, chance: float | None, day: int) -> list[object]:
        outlook = Outlook(chance, chance, 9, None, NOW + timedelta(days=day))
        return [replace(one, domain=domain, outlook=outlook) for one in made]

    decisions = [*placed("a", 0.7, 1), *placed("b", 0.4, 5), *placed("c", 0.1, 20)]
    found = due(decisions, NOW + timedelta(days=6))  # type: ignore[arg-type]
    assert [one.domain for one in found] == ["b", "a"]
    assert found[0].models == ("best", "cheap")
    unknown = due([*decisions, *placed("d", None, 2)], NOW + timedelta(days=6))  # type: ignore[arg-type,list-item]
    assert unknown[0].domain == "d"


def test_what_is_due_is_kept_apart_by_whose_board_decided_it() -> None:
    outlook = Outlook(0.5, 0.5, 9, None, NOW)
    own = [
        replace(one, outlook=outlook) for one in decide(field(BEST, CHEAP), Rules(), NOW).decisions
    ]
    outside = [replace(one, source="arena") for one in own]
    found = due([*own, *outside], NOW)
    assert sorted(one.source for one in found) == sorted({own[0].source, "arena"})
