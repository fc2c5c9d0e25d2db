"""A report in words: each sentence says what the number says, and never a number where none is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leaderboard.churn.answers import Change, Claim, Estimate, SpellRow
from leaderboard.dashboard import churn_words as words
from tests.leaderboard.dashboard import report_factory
from tests.leaderboard.dashboard.report_factory import DAY, START

FULL, BARE = report_factory.full(), report_factory.bare()


@pytest.mark.parametrize(
    ("where", "told", "expected"),
    [
        (
            "below",
            Estimate(61.0, (40.0, 97.0)),
            "below the interval of the time until half of the top 5 has gone (40–97 days)",
        ),
        (
            "inside",
            Estimate(34.0, (27.0, 45.0)),
            "inside the interval of the time until half of the top 5 has gone (27–45 days)",
        ),
        (
            "above",
            Estimate(14.0, (9.0, 22.0)),
            "above the interval of the time until half of the top 5 has gone (9–22 days)",
        ),
        ("unknown", Estimate(None, reason="too few exits"), "cannot be judged"),
    ],
)
def test_the_claim_is_judged_against_the_interval_of_the_replaced_half_time(
    where: Claim, told: Estimate, expected: str
) -> None:
    report = replace(FULL, claim_30_days=where, replaced_half_time=told)
    assert expected in words.claim(report)


def test_slower_and_faster_are_not_swapped() -> None:
    assert "more slowly" in words.claim(replace(FULL, claim_30_days="below"))
    assert "faster" in words.claim(replace(FULL, claim_30_days="above"))


def test_a_headline_carries_its_interval_and_method() -> None:
    for part in ("top 5", "54 days", "33–91 days", "frozen strengths, 200 draws"):
        assert part in words.headline(FULL)


def test_a_missing_headline_says_why_and_how_many_exits_are_missing() -> None:
    assert "ranks only" in words.headline(BARE)
    assert words.below_headline(BARE) == "3 exits missing"
    assert words.below_headline(FULL) == "95 %: 33–91 days"


def test_a_change_is_claimed_only_where_it_is_significant() -> None:
    at = START + 70 * DAY
    assert words.change(Change(at, 35.0, 80.0, 0.31)).startswith("No change")
    told = words.change(Change(at, 35.0, 80.0, 0.004))
    assert told.startswith("The rate of exits changed")
    for part in ("28 May 2026", "35 days", "80 days", "< 0.01"):
        assert part in told
    assert "cannot be tested" in words.change(None)


def test_the_estimators_keep_each_count_with_its_own_figure() -> None:
    rows = {row["figure"]: row for row in words.estimators(FULL)}
    assert (
        rows["As published, exponential"]["spells"],
        rows["As published, exponential"]["exits"],
    ) == (
        "17",
        "12",
    )
    assert rows["As published, Kaplan-Meier"]["exits"] == "7"
    assert rows["Bridged, exponential"]["days"] == "54"
    assert rows["Noise taken out (the headline)"]["95 % interval"] == "33–91 days"
    assert rows["As published, Weibull"]["days"] == "over 60"
    assert "did not converge" in rows["As published, Weibull"]["how"]


def test_the_noise_meter_never_turns_unknown_into_zero() -> None:
    told = {what: value for what, value, _ in words.noise(BARE.noise, 5)}
    assert told["Tied exits"] == "no interval published"
    assert told["Error of a rating"] == "unknown"
    assert told["Drift in 30 days"] == words.NONE
    told = {what: value for what, value, _ in words.noise(FULL.noise, 5)}
    assert told["Tied exits"] == "10, 83 % of the exits that can be judged"
    assert told["Came back"] == "3 of 12 exits"


def test_a_board_read_by_score_says_so_and_repeats_are_counted() -> None:
    assert "153 boards, 29 of them distinct" in words.provenance(FULL)
    assert "distinct" not in words.provenance(BARE)
    assert "published scores" in words.provenance(replace(FULL, by_score=True))


def test_a_spell_shows_an_entry_only_if_it_was_seen() -> None:
    running = SpellRow("m", None, START, False, START + 9 * DAY, 9.0, False, None, None)
    assert words.spell(running)["entered"] is None
    assert words.spell(running)["ending"] == "still there"
    ended = replace(running, entry_seen=True, ended=True, cause="displaced", tied=True)
    assert words.spell(ended)["entered"] == START.date()
    assert words.spell(ended)["ending"] == "displaced, tied"
