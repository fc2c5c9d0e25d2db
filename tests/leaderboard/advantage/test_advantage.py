"""What generation saves: arithmetic, spans, the verdict, and where there is none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from leaderboard import queries
from leaderboard.advantage import words
from leaderboard.advantage.acceptance import interval
from leaderboard.advantage.answers import (
    Acceptance,
    AdvantageReport,
    DomainAdvantage,
    ProductionCost,
)
from leaderboard.advantage.index import UNKNOWN, advantage
from leaderboard.advantage.verdict import verdict
from leaderboard.cli import build
from tests.leaderboard.domain_worlds import MARKET, market_home

COST = ProductionCost("image", "animation", 50.0, 200.0, False, "x", "y", date(2026, 11, 1))
HALF = Acceptance(0.5, 0.3, 0.7, 20, 40)
money = st.floats(1e-4, 1e3)


def test_the_index_is_what_a_calculator_says() -> None:
    found = advantage("m", "M", ("hero",), 0.04, "b", COST, HALF)
    # An accepted picture costs 0.04 / 0.5 = 0.08; by hand 100 at the geometric middle.
    assert found.index == pytest.approx(100 / 0.08)
    assert (found.index_low, found.index_high) == pytest.approx((50 * 0.3 / 0.04, 200 * 0.7 / 0.04))
    assert (found.break_even_low, found.break_even_high) == pytest.approx((0.04 / 200, 0.04 / 50))
    assert (found.upper_bound, found.reason) == (False, None)


@given(money, money, st.floats(0.01, 1), st.floats(1.01, 100))
def test_it_scales_with_both_costs_and_breaks_even_where_it_says(
    usd: float, low: float, share: float, times: float
) -> None:
    cost = replace(COST, usd_low=low, usd_high=low * times)
    told = Acceptance(share, share, share, 9, 18)
    found = advantage("m", "M", (), usd, None, cost, told)
    dearer = advantage("m", "M", (), usd * times, None, cost, told)
    assert found.index is not None
    assert found.index_low is not None
    assert found.index_high is not None
    assert dearer.index == pytest.approx(found.index / times)
    assert found.index_low <= found.index * (1 + 1e-9)
    assert found.index <= found.index_high * (1 + 1e-9)
    # At the acceptance where it breaks even, with the low traditional cost, the index is 1.
    even = found.break_even_high or 0
    edge = advantage("m", "M", (), usd, None, cost, Acceptance(even, even, even, 9, 18))
    assert edge.index_low == pytest.approx(1)


def test_without_judged_generations_there_is_an_upper_bound_only() -> None:
    found = advantage("m", "M", (), 0.04, None, COST, UNKNOWN)
    assert (found.upper_bound, found.reason, found.acceptance) == (True, UNKNOWN, None)
    assert (found.index_low, found.index_high) == pytest.approx((50 / 0.04, 200 / 0.04))
    assert words.index(found).startswith("≤ ")


def test_nothing_accepted_is_no_index_and_no_cost_is_none_either() -> None:
    none = advantage("m", "M", (), 0.04, None, COST, Acceptance(0.0, 0.0, 0.2, 10, 20))
    assert (none.index, none.index_low) == (None, 0.0)
    assert none.index_high == pytest.approx(200 * 0.2 / 0.04)
    assert none.reason == "none of its 20 generations was accepted"
    for usd in (None, 0.0, -1.0):
        free = advantage("m", "M", (), usd, "no price", COST, HALF)
        assert (free.usd, free.index, free.index_high) == (None, None, None)
        assert free.reason == "its cost is unknown: no price"
    dear = advantage("m", "M", (), 500.0, None, COST, HALF)
    assert words.break_even(dear) == "never cheaper"


def domain(
    name: str, photoreal: bool, low: float, high: float, absolute: bool = True
) -> DomainAdvantage:
    cost = replace(COST, domain=name, photoreal=photoreal, usd_low=1.0, usd_high=1.0)
    one = advantage("m", "M", ("workhorse",), 1.0, None, cost, HALF)
    one = replace(one, index_low=low, index_high=high, index=(low + high) / 2)
    return DomainAdvantage(name, cost, ("a check",), absolute, (one,), None)


def test_the_verdict_follows_from_the_intervals() -> None:
    photo, cartoon, magic = (
        domain("photo", True, 1, 2),
        *(domain(name, False, 3, 4) for name in ("cartoon", "magic")),
    )
    assert verdict((photo, cartoon, magic)).answer == "confirmed"
    assert verdict((domain("photo", True, 5, 6), cartoon, magic)).answer == "refuted"
    over = verdict((domain("photo", True, 1, 3.5), cartoon, magic))
    assert over.answer == "not decided"
    assert over.why.startswith("0 of 2 pairs of domains lie apart")
    # One of two is not all, and the highest is not a photorealistic one.
    mixed = verdict((photo, cartoon, domain("magic", False, 1, 9)))
    assert (mixed.answer, mixed.why[:6]) == ("not decided", "1 of 2")


def test_a_relative_floor_is_said_with_the_verdict() -> None:
    found = verdict((domain("photo", True, 1, 2, absolute=False), domain("magic", False, 3, 4)))
    assert found.answer == "confirmed"
    assert "provided that the hero's own work is good enough for a buyer in photo" in found.why


def test_a_wide_cost_is_named_where_it_decides_nothing() -> None:
    wide = domain("photo", True, 1, 9)
    wide = replace(wide, traditional=replace(COST, photoreal=True, usd_low=1.0, usd_high=150.0))
    assert "span up to 150-fold" in verdict((wide, domain("magic", False, 3, 4))).why


def test_one_side_alone_decides_nothing() -> None:
    assert "no photorealistic domain" in verdict((domain("magic", False, 3, 4),)).why
    assert "no non-photorealistic" in verdict((domain("photo", True, 3, 4),)).why
    assert verdict(()).why == "the board has no domains"


@given(st.floats(1, 9), st.floats(1, 9), st.floats(1, 9), st.floats(1, 9))
def test_of_two_domains_the_other_side_gets_the_other_answer(a, b, c, d) -> None:
    (one, two), (three, four) = sorted((a, b)), sorted((c, d))
    found = verdict((domain("x", True, one, two), domain("y", False, three, four))).answer
    turned = verdict((domain("x", False, one, two), domain("y", True, three, four))).answer
    assert turned == {"confirmed": "refuted", "refuted": "confirmed"}.get(found, found)


def test_where_all_domains_are_alike_the_verdict_is_hardly_ever_for_one_side() -> None:
    """The null: one index in two photorealistic and two other domains, costs by hand known."""
    random = np.random.default_rng(0)
    decided = 0
    for _ in range(400):
        made: list[DomainAdvantage] = []
        for number in range(4):
            cost = replace(COST, photoreal=number < 2, usd_low=80.0, usd_high=80.0)
            chance = random.beta(3, 2, 16)
            told = interval([float(one) for one in random.binomial(2, chance) / 2], 32)
            one = advantage("m", "M", ("workhorse",), 0.04, None, cost, told)
            made.append(DomainAdvantage(f"d{number}", cost, ("c",), True, (one,), None))
        decided += verdict(made).answer != "not decided"
    assert decided / 400 <= 0.05


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("market")
    market_home(home)
    return home


def asked(home: Path, *arguments: str) -> dict:
    done = CliRunner().invoke(build(), ["advantage", "--json", "--home", str(home), *arguments])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_every_domain_is_told_with_picks_bounds_and_reasons(market: Path) -> None:
    (board,) = asked(market)["boards"]
    domains = {one["domain"]: one for one in board["domains"]}
    assert domains["composition"]["reason"] == (
        "no traditional cost is given for domain composition (image)"
    )
    for name in ("photoreal", "animation", "fantasy"):
        models = {one["model"]: one for one in domains[name]["models"]}
        assert set(models) == {made.id for made in MARKET}
        assert models["unpriced"]["index"] is None
        assert models["unpriced"]["reason"].startswith("its cost is unknown")
        held = [role for one in models.values() for role in one["roles"]]
        assert sorted(held) == ["hero", "workhorse"]
        for one in models.values():
            if one["index"] is not None:
                assert one["index_low"] <= one["index"] <= one["index_high"]
        assert not domains[name]["absolute"]
    # The shipped costs span a hundredfold and more.
    assert board["verdict"]["answer"] == "not decided"
    assert asked(market, "--task", "upscale")["boards"] == []


def test_own_figures_decide_where_they_are_narrow(market: Path) -> None:
    from leaderboard.refresh import refresh

    rows = "".join(
        f"[image.{name}]\nusd_low = {usd}\nusd_high = {usd}\nphotoreal = {photo}\n"
        'what = "x"\nsource = "our invoices"\ndate = 2026-11-01\n'
        for name, usd, photo in (("photoreal", 10, "true"), ("fantasy", 90000, "false"))
    )
    (market / "production_costs.toml").write_text(rows)
    try:
        refresh(market, datetime(2026, 3, 9, tzinfo=UTC), draws=100)
        with queries.open_edition(market) as edition:
            (report,) = queries.advantage(edition)
        assert report.verdict.answer == "confirmed"
        assert report.verdict.why.startswith("fantasy lie above photoreal")
    finally:
        (market / "production_costs.toml").unlink()


def test_simulated_domains_have_no_cost_by_hand_and_public_boards_a_bound(
    published_home: Path,
) -> None:
    with queries.open_edition(published_home) as edition:
        found = {(one.task, one.source): one for one in queries.advantage(edition)}
    own = found["text-to-image", "evals"]
    assert {one.domain: one.reason for one in own.domains} == {
        name: f"no traditional cost is given for domain {name} (image)"
        for name in ("flat", "shaded", "sketch")
    }
    outside: AdvantageReport = found["text-to-video", "arena"]
    assert outside.per == "second of clip"
    assert {one.domain for one in outside.domains} >= {"photoreal", "animation", "fantasy"}
    assert all(one.upper_bound for domain in outside.domains for one in domain.models)
    assert outside.verdict.answer == "not decided"
    table = CliRunner().invoke(build(), ["advantage", "--home", str(published_home)])
    assert table.exit_code == 0
    assert "not decided by this board of clips" in " ".join(table.output.split())
