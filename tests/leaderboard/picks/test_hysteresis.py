"""Who holds a role keeps it until somebody is surely better or cheaper; what goes before that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from leaderboard.pick_answers import Decision, Role
from leaderboard.picks.decision import decide, holders
from leaderboard.picks.field import Candidate, without
from leaderboard.picks.policy import Rules
from leaderboard.picks.standing import Incumbent
from tests.leaderboard.picks.fields import NOW, candidate, field

LONG_AGO = NOW - timedelta(days=100)


def holding(model: str, price: float = 0.01, days: float = 100) -> Incumbent:
    return Incumbent(model, NOW - timedelta(days=days), None, price)


def decided(
    *people: Candidate,
    hero: Incumbent | None = None,
    workhorse: Incumbent | None = None,
    rules: Rules | None = None,
) -> Mapping[Role, Decision]:
    held: dict[Role, Incumbent] = {}
    if hero:
        held["hero"] = hero
    if workhorse:
        held["workhorse"] = workhorse
    found = decide(field(*people), rules or Rules(), NOW, held)
    return {one.role: one for one in found.decisions}


def rules(**sections: Mapping[str, object]) -> Rules:
    return Rules.model_validate(sections)


OLD = candidate("old", 1000, 0.10)


def test_a_hero_that_is_perhaps_beaten_stays_and_the_refusal_says_so() -> None:
    made = decided(OLD, candidate("new", 1010, 0.10), hero=holding("old"))["hero"]
    assert (made.model, made.action, made.challenger) == ("old", "held", "new")
    assert made.since == LONG_AGO
    assert "90 % are needed" in made.reason
    assert made.tied == ("new",)


def test_a_hero_that_is_surely_beaten_goes() -> None:
    made = decided(OLD, candidate("new", 1060, 0.10), hero=holding("old"))["hero"]
    assert (made.model, made.action, made.cause, made.previous) == (
        "new",
        "switched",
        "better",
        "old",
    )
    assert made.since == NOW
    assert "replaces OLD" in made.reason


def test_a_new_hero_is_left_alone_for_the_minimum_dwell() -> None:
    made = decided(OLD, candidate("new", 1060, 0.10), hero=holding("old", days=3))["hero"]
    assert (made.model, made.action) == ("old", "held")
    assert "3 of at least 7 days" in made.reason


@pytest.mark.parametrize(
    ("gone", "cause", "words"),
    [
        (None, "gone", "no longer on the board"),
        (replace(OLD, failure_rate=0.5), "unqualified", "fails 50.0%"),
        (replace(OLD, withdrawn=NOW.date()), "unqualified", "withdrawn on 2026-04-01"),
        (replace(OLD, cost_usd=None), "unqualified", "cost unknown"),
    ],
)
def test_leaving_and_failing_go_before_dwell(
    gone: Candidate | None, cause: str, words: str
) -> None:
    people = [candidate("new", 900, 0.10), *([gone] if gone else [])]
    made = decided(*people, hero=holding("old", days=1))["hero"]
    assert (made.model, made.cause, made.previous) == ("new", cause, "old")
    assert words in made.reason


def test_a_ban_and_a_pin_go_before_everything() -> None:
    people = OLD, candidate("new", 1010, 0.10)
    banned = decided(
        *people, hero=holding("old", days=1), rules=rules(candidates={"banned": ["old"]})
    )
    assert banned["hero"].model == "new"
    pinned = decided(*people, hero=holding("old", days=1), rules=rules(hero={"pinned": "new"}))
    assert (pinned["hero"].model, pinned["hero"].cause) == ("new", "pinned")


def test_a_pin_on_who_does_not_qualify_is_said_and_not_obeyed() -> None:
    people = OLD, candidate("new", 1010, 0.10, failure_rate=0.9)
    made = decided(*people, rules=rules(hero={"pinned": "new"}))["hero"]
    assert made.model == "old"
    assert made.reason.startswith("new is pinned and cannot be picked (fails")


BEST = candidate("best", 1200, 0.50)


def test_a_workhorse_goes_for_a_saving_of_a_tenth_and_not_for_less() -> None:
    cheap, cheaper = candidate("cheap", 1150, 0.0100), candidate("other", 1150, 0.0095)
    held = decided(BEST, cheap, cheaper, workhorse=holding("cheap"))["workhorse"]
    assert (held.model, held.action, held.challenger) == ("cheap", "held", "other")
    assert "10 % are needed" in held.reason
    saved = decided(BEST, cheap, replace(cheaper, cost_usd=0.009), workhorse=holding("cheap"))
    assert (saved["workhorse"].model, saved["workhorse"].cause) == ("other", "cheaper")


def test_a_workhorse_stays_with_a_probability_that_would_not_let_it_in() -> None:
    # 1090 is 110 points below: just about at the floor of 107.5.
    near, sure = candidate("near", 1112, 0.01), candidate("sure", 1170, 0.02)
    first = decided(BEST, near, sure)["workhorse"]
    stays = decided(BEST, near, sure, workhorse=holding("near"))["workhorse"]
    assert 0.75 <= (stays.p_floor or 0) < 0.9
    assert (first.model, stays.model, stays.action) == ("sure", "near", "held")
    assert "are enough to stay" in stays.reason
    fallen = decided(BEST, replace(near, rating=1095), sure, workhorse=holding("near", days=1))
    assert (fallen["workhorse"].model, fallen["workhorse"].cause) == ("sure", "floor")


def test_a_rise_in_price_ends_a_stay_whatever_the_saving() -> None:
    risen, other = candidate("risen", 1150, 0.0110), candidate("other", 1150, 0.0108)
    made = decided(BEST, risen, other, workhorse=holding("risen", 0.01, days=1))["workhorse"]
    assert (made.model, made.cause) == ("other", "repriced")
    alone = decided(BEST, risen, workhorse=holding("risen", 0.01, days=1))["workhorse"]
    assert (alone.model, alone.price, alone.since) == ("risen", 0.0110, NOW - timedelta(days=1))


def test_everybody_else_gets_a_reason() -> None:
    people = BEST, candidate("cheap", 1150, 0.01), candidate("far", 800, 0.001)
    made = decided(*people)
    assert {rival.model for rival in made["hero"].rivals} == {"cheap", "far"}
    why = {rival.model: rival.reason for rival in made["workhorse"].rivals}
    assert "90 % needed" in why["far"]
    assert "costs 50.0 times as much" in why["best"]


def test_the_incumbents_of_the_next_decision_follow_from_this_one() -> None:
    first = decide(field(BEST, OLD), Rules(), NOW - timedelta(days=40)).decisions
    assert first[0].action == "chosen"
    second = decide(field(BEST, OLD), Rules(), NOW, holders(first)).decisions
    assert (second[0].action, second[0].since) == ("kept", NOW - timedelta(days=40))
    third = decide(without(field(BEST, OLD), ["best"]), Rules(), NOW, holders(second)).decisions
    assert (third[0].model, third[0].previous) == ("old", "best")


def test_a_field_without_prices_decides_the_hero_alone() -> None:
    people = [replace(one, cost_usd=None) for one in (BEST, OLD)]
    found = decide(replace(field(*people), priced=False), Rules(), NOW)
    assert found.picks == ()
    assert [(one.role, one.model) for one in found.decisions] == [("hero", "best")]
