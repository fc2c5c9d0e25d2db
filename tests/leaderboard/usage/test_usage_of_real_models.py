"""Usage of models on a public board: told by their call strings, and held against them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from evals.home import data_root
from evals.prices.types import Entry, Price
from leaderboard.crosswalk.file import load_crosswalk
from leaderboard.identity import load_aliases
from leaderboard.outside_picks import outside_cases
from leaderboard.pick_answers import LogEntry
from leaderboard.pick_log import news
from leaderboard.picks.conclude import conclude, incumbents
from leaderboard.picks.policy import Policy
from leaderboard.sources import source
from leaderboard.usage.days import Day
from leaderboard.usage.report import as_used, reports, usage_of

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
HISTORY = data_root() / "history" / "arena_monthly_top8.csv"
HERO = "fal_ai/openai/gpt-image-2.5/sunburst/text-to-image"
PRICES = {HERO: 0.05, "azure_ai/MAI-Image-2.6": 0.02}


def listed(name: str, usd: float) -> Entry:
    return Entry(name, name, (Price("image", usd, date(2026, 1, 1), "t"),), "acme", "image")


def test_a_failing_hero_of_a_public_board_is_replaced_within_its_dwell(tmp_path: Path) -> None:
    crosswalk, aliases = load_crosswalk(tmp_path), load_aliases(tmp_path)
    book = {name: listed(name, usd) for name, usd in PRICES.items()}
    feed = source("arena-monthly").read(HISTORY, AT)
    every, _ = outside_cases(feed, aliases, crosswalk, book, AT.date())
    cases = [case for case in every if case.field.task == "text-to-image"]
    policy = Policy()
    first = conclude(cases, policy, AT, {})
    log: tuple[LogEntry, ...] = news(first.decisions, ())
    hero = next(pick for pick in first.picks if pick.role == "hero")
    assert hero.call is not None
    assert hero.call.litellm == HERO
    # As a router says it without the provider, for a client that named no alias.
    said = HERO.partition("/")[2]
    days = [Day(AT.date(), None, said, "text-to-image", "ai", 200, 200, 60, 10.0, 200)]
    usage = usage_of(days, cases, crosswalk, aliases, {})
    decided = as_used(cases, usage, log, policy, AT)
    after = conclude(decided, policy, AT, incumbents(log))
    replaced = next(made for made in after.decisions if made.role == "hero")
    assert (replaced.action, replaced.cause) == ("switched", "unqualified")
    assert replaced.model != hero.model
    assert "30.0% of 200 calls in production" in replaced.reason
    (report,) = reports(decided, usage, after.picks, log, policy, AT)
    assert [(one.model, one.calls) for one in report.models] == [(hero.model, 200)]
    assert report.models[0].usd_per_call == 0.05
    assert {point.model for point in report.ranks} == {hero.model}
    assert report.unmatched == ()
