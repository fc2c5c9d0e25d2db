"""Picks among real models from public boards: who decides, what stands first, how old it is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.prices.types import Entry, Price
from leaderboard import queries
from leaderboard.answers import EVALS, NoPick, Pick
from leaderboard.cli import build
from leaderboard.crosswalk.file import load_crosswalk
from leaderboard.export import read_recommendations
from leaderboard.history.imports import import_boards
from leaderboard.outside_picks import newest_boards, outside_cases
from leaderboard.pick_answers import Call
from leaderboard.pick_words import calling, evidence, grounds_of, saving
from leaderboard.picks.conclude import conclude
from leaderboard.picks.policy import Policy
from leaderboard.refresh import refresh
from leaderboard.snapshots import SIMULATED
from leaderboard.sources import source
from tests.leaderboard.history.histories import board

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
HISTORY = Path(__file__).parents[2] / "data" / "history" / "arena_monthly_top8.csv"
PRICES = {
    "fal_ai/openai/gpt-image-2.5/sunburst/text-to-image": 0.05,
    "azure_ai/MAI-Image-2.6": 0.02,
    "meta/muse-image-1.0": 0.01,
}
PICK = Pick(
    task="text-to-image",
    domain="all",
    role="hero",
    model="a",
    name="A",
    rating=1400.0,
    rating_low=None,
    rating_high=None,
    p_best=0.9,
    p_floor=None,
    cost_usd=0.05,
    cost_basis=None,
    latency_p50_s=None,
    reason="best",
    runner_up=None,
    evidence="outside board",
    simulated=False,
    decided_at=AT,
    source="arena",
    evidence_at=AT - timedelta(days=54, hours=3),
)


def book(prices: dict[str, float]) -> dict[str, Entry]:
    since = date(2026, 1, 1)
    return {
        name: Entry(name, name, (Price("image", usd, since, "test"),), "acme", "image")
        for name, usd in prices.items()
    }


def test_the_shipped_boards_pick_real_models_and_never_one_without_a_price() -> None:
    feed = source("arena-monthly").read(HISTORY, AT)
    cases, problems = outside_cases(
        feed.snapshots, (), load_crosswalk(Path("no such home")), book(PRICES), AT.date()
    )
    assert not problems
    assert {case.field.task for case in cases} == {
        "text-to-image",
        "image-edit",
        "text-to-video",
        "image-to-video",
    }
    found = conclude(cases, Policy(), AT, {})
    assert {pick.task for pick in found.picks} == {"text-to-image", "image-edit"}
    (hero,) = (p for p in found.picks if (p.task, p.role) == ("text-to-image", "hero"))
    assert hero.model == "gpt-image-2.5-sunburst"
    assert hero.call is not None
    assert hero.call.quality == "high"
    assert hero.evidence == "outside board"
    assert hero.evidence_at == datetime(2026, 10, 7, tzinfo=UTC)
    refused = {one.model: one.reason for one in found.refused if one.task == "text-to-image"}
    assert "nothing of Reve" in refused["reve-2.1"]
    assert "not in the price book" in refused["gpt-image-2.5-flare"]


def test_of_two_fresh_sources_the_one_seen_most_often_decides_and_a_stale_one_never() -> None:
    often = [board(190, "a", "b", source="often"), board(195, "b", "a", source="often")]
    once = [board(200, "a", "b", source="once")]
    stale = [board(n, *("ab" if n % 2 else "ba"), source="stale") for n in range(5)]
    found = newest_boards([*often, *once, *stale])
    assert {task: one.source for task, one in found.items()} == {"text-to-image": "often"}


def test_boards_of_simulated_models_own_ones_and_somebodys_choice_decide_nothing() -> None:
    own = board(1, "a", source=EVALS)
    made = board(1, "a", source="replayed")
    made = replace(made, entries=tuple(replace(e, kind=SIMULATED) for e in made.entries))
    chosen = board(1, "a", source="vbench")
    assert newest_boards([own, made, chosen], selections=("vbench",)) == {}


def test_a_refresh_of_a_public_history_and_prices_answers_with_age_and_saving(
    tmp_path: Path,
) -> None:
    import_boards(tmp_path, "arena-monthly", str(HISTORY), AT)
    (tmp_path / "prices").mkdir()
    lists = "\n".join(
        f'["{name}"]\nname = "{name}"\nmodality = "image"\n[["{name}".prices]]\n'
        f'usd_per_image = {usd}\neffective_from = 2026-01-01\nsource = "test"'
        for name, usd in PRICES.items()
    )
    (tmp_path / "prices" / "own.toml").write_text(lists)
    refresh(tmp_path, AT, draws=50)
    with queries.open_edition(tmp_path) as edition:
        found = queries.picks(edition)
    first = next(pick for pick in found.picks if pick.task == "text-to-image")
    assert (first.role, first.model, first.source) == ("hero", "gpt-image-2.5-sunburst", "arena")
    shown = CliRunner().invoke(
        build(), ["picks", "--home", str(tmp_path), "-n", "500"], env={"COLUMNS": "200"}
    )
    assert shown.exit_code == 0, shown.output
    assert "evidence: outside board arena of 2026-10-07," in shown.output
    told = read_recommendations(tmp_path / "exports" / "recommendations.json")
    places = [(one["task"], one["domain"], one["role"]) for one in told["picks"]]
    assert len(places) == len(set(places))
    listed = CliRunner().invoke(build(), ["crosswalk", "--home", str(tmp_path), "--json"])
    assert json.loads(listed.output)["unmapped"] == []
    # Nothing new: nobody loses a role, and nothing is logged twice.
    assert refresh(tmp_path, AT + timedelta(hours=1), draws=50).changes == ()


def test_real_models_come_before_simulated_ones_and_what_has_picks_before_what_has_none() -> None:
    own = replace(PICK, source=EVALS)
    toy = replace(own, simulated=True)
    gap = NoPick("text-to-image", "all", "hero", "none", "arena")
    assert grounds_of([toy, PICK, own], []) == ("own", "outside", "simulated")
    assert grounds_of([toy], [gap]) == ("simulated", "outside")


def test_evidence_is_dated_with_its_age() -> None:
    assert evidence(PICK, AT) == "evidence: outside board arena of 2026-10-07, 54 days old"
    fresh = replace(PICK, evidence_at=AT - timedelta(hours=2))
    assert evidence(fresh, AT).endswith("of today")


@pytest.mark.parametrize(
    ("cost", "line"),
    [
        (0.02, "switching saves $300 a month at 10,000 generations (B in place of A)"),
        (0.07, "switching costs $200 a month at 10,000 generations (B in place of A)"),
        (0.04999999, "switching saves $0.0001 a month at 10,000 generations (B in place of A)"),
    ],
)
def test_what_a_switch_saves(cost: float, line: str) -> None:
    assert saving(PICK, replace(PICK, model="b", name="B", cost_usd=cost)) == line


def test_one_model_in_both_roles_saves_nothing() -> None:
    assert "nothing to save" in saving(PICK, replace(PICK, role="workhorse"))


def test_how_a_pick_is_called() -> None:
    call = Call(litellm="fal_ai/x", size="1024x1024", quality="high")
    assert calling(replace(PICK, call=call)) == "fal_ai/x at 1024x1024, high quality"
    assert calling(PICK) is None
