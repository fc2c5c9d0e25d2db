"""Cost, latency and quality of a chain by mode, and the best of them under a budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from evals.prices.tiers import Tier
from evals.prices.types import Entry, Price
from leaderboard.answers import NoPick, Picks
from leaderboard.crosswalk.entries import Crosswalk, Offer, Standard
from leaderboard.crosswalk.entries import Known as Line
from leaderboard.errors import WorkflowError
from leaderboard.workflows.ask import answer
from leaderboard.workflows.chain import Step
from leaderboard.workflows.offers import win_rate
from tests.leaderboard.workflows.made import chain, known, line, row

MARKET = {
    "text-to-image": {"fine": (1200.0, 0.05), "mid": (1150.0, 0.02), "cheap": (1000.0, 0.01)},
    "upscale": {"big": (1100.0, 0.10), "small": (1000.0, 0.01)},
}
CHAIN = chain(
    Step("draw", "text-to-image", count=4),
    Step("enlarge", "upscale", ("draw",), role="hero"),
)


def test_modes_are_staffed_by_role_and_costs_count_generations() -> None:
    found = answer(known(MARKET, latency=2.0), CHAIN)
    models = {one.plan: [c.model for c in one.choices] for one in found.bills}
    assert models == {
        "draft": ["cheap", "small"],
        "mixed": ["cheap", "big"],
        "final": ["fine", "big"],
    }
    draft, mixed, final = found.bills
    assert (draft.usd, mixed.usd, final.usd) == pytest.approx((0.05, 0.14, 0.30))
    assert not final.at_least
    assert final.quality == 0.5
    assert draft.quality == pytest.approx((win_rate(-200) + win_rate(-100)) / 2)
    # The four drawings at once, then the enlargement; or all five one after the other.
    assert (final.latency_s, final.serial_s, final.path) == (4.0, 10.0, ("draw", "enlarge"))


def test_weights_weigh_the_quality() -> None:
    heavy = chain(replace(CHAIN.steps[0], weight=3.0), CHAIN.steps[1])
    draft = answer(known(MARKET), heavy).bills[0]
    assert draft.quality == pytest.approx((3 * win_rate(-200) + win_rate(-100)) / 4)


def test_what_is_not_evaluated_is_named_and_never_free() -> None:
    more = chain(
        *CHAIN.steps, Step("say", "audio", ("draw",)), Step("smooth", "interpolate", ("enlarge",))
    )
    found = answer(known(MARKET), more, budget=1.0)
    for bill in found.bills:
        assert bill.at_least
        assert [one.split(":")[0] for one in bill.unpriced] == ["say", "smooth"]
        assert {c.usd for c in bill.choices if c.step in ("say", "smooth")} == {None}
        assert bill.judged == 2
    assert "not evaluated: audio" in found.bills[0].unpriced[0]
    only = answer(known(MARKET), chain(Step("say", "audio"))).bills[0]
    assert (only.usd, only.quality, only.latency_s, only.at_least) == (None, None, None, True)


def test_why_nobody_is_picked_is_passed_on() -> None:
    base = known(MARKET)
    none = NoPick("interpolate", "all", "hero", "none of 3 models qualifies", "arena", False)
    told = replace(base, picks=Picks(base.picks.picks, (none,), (), (), base.picks.frontier))
    found = answer(told, line("text-to-image", "interpolate"))
    assert found.bills[0].unpriced == ("s1: arena: none of 3 models qualifies",)


def test_the_best_plan_spends_the_budget_where_it_counts() -> None:
    everything = answer(known(MARKET), CHAIN, budget=10).bill("best")
    assert everything is not None
    assert (everything.usd, everything.quality) == (pytest.approx(0.30), 0.5)
    # For 0.20 either the enlargement by the better model, or better drawings; not both.
    some = answer(known(MARKET), CHAIN, budget=0.20).bill("best")
    assert some is not None
    ways = [
        (4 * c1 + c2, (win_rate(r1 - 1200) + win_rate(r2 - 1100)) / 2)
        for r1, c1 in MARKET["text-to-image"].values()
        for r2, c2 in MARKET["upscale"].values()
    ]
    assert some.quality == pytest.approx(max(q for c, q in ways if c <= 0.20))
    broke = answer(known(MARKET), CHAIN, budget=0.01)
    assert broke.bill("best") is None
    assert broke.refused == "the cheapest way costs $0.05, the budget is $0.01"
    with pytest.raises(WorkflowError, match="a budget of -1"):
        answer(known(MARKET), CHAIN, budget=-1)


def test_a_named_model_does_its_step_in_every_plan_and_an_unknown_one_is_refused() -> None:
    pinned = chain(replace(CHAIN.steps[0], model="mid"), CHAIN.steps[1])
    found = answer(known(MARKET), pinned, budget=10)
    assert {bill.choices[0].model for bill in found.bills} == {"mid"}
    wrong = chain(replace(CHAIN.steps[0], model="midd"), CHAIN.steps[1])
    with pytest.raises(
        WorkflowError, match='step "draw": no model is called "midd"; did you mean "mid"'
    ):
        answer(known(MARKET), wrong)


def test_a_named_model_without_a_price_is_named_as_such() -> None:
    base = known(MARKET)
    place = next(iter(base.boards))
    board = replace(
        base.boards[place], rows=(*base.boards[place].rows, row("open", 1180, None, None))
    )
    pinned = chain(replace(CHAIN.steps[0], model="open"), CHAIN.steps[1])
    bill = answer(replace(base, boards={**base.boards, place: board}), pinned).bill("final")
    assert bill is not None
    assert (bill.choices[0].usd, bill.at_least, bill.judged) == (None, True, 2)
    assert bill.choices[0].win_rate == pytest.approx(win_rate(-20))


def test_another_domain_is_used_where_its_own_has_no_picks_and_that_is_said() -> None:
    found = answer(known(MARKET), chain(replace(CHAIN.steps[0], domain="typography")))
    assert found.notes == ("draw: no picks for typography: those for all prompts",)
    assert found.bills[0].choices[0].model == "cheap"


def test_simulated_chains_take_no_real_models_and_the_other_way_round() -> None:
    found = answer(known(MARKET), chain(*CHAIN.steps, simulated=True))
    assert found.bills[0].usd is None
    assert "no simulated model is picked for text-to-image" in found.bills[0].unpriced[0]


def test_prices_follow_the_size_and_length_that_a_step_asks_for() -> None:
    task = "text-to-video"
    market = {task: {"reel": (1100.0, 0.5)}}
    since = date(2026, 1, 1)
    entry = Entry(
        "reel-list",
        "Reel",
        (
            Price("second", 0.1, since, "test", Tier("720p")),
            Price("second", 0.3, since, "test", Tier("1080p")),
        ),
        "acme",
        "video",
    )
    offer = Offer(
        "text-to-video", "reel-list", None, Standard("720p", seconds=5), None, "page", None
    )
    walk = Crosswalk(
        (Line("reel", "acme", None, (None, None), {task: offer}, None, "page", None, "file"),)
    )
    base = replace(known(market), crosswalk=walk, prices={"reel-list": entry})

    def each(**more: object) -> float | None:
        return answer(base, chain(replace(Step("a", task), **more))).bills[0].choices[0].usd_each  # type: ignore[arg-type]

    assert each() == 0.5  # as the board was priced
    assert each(seconds=10.0) == pytest.approx(1.0)
    assert each(size="1080p", seconds=4.0) == pytest.approx(1.2)
    assert each(size="4k") is None  # no tier holds it: unknown, not the nearest
