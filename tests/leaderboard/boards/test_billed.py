"""A board at another day's prices: what is billed is kept, and what is unknown stays unknown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from evals.prices.tiers import Tier
from evals.prices.types import Entry, Price
from leaderboard import queries, refresh
from leaderboard.answers import Board
from leaderboard.boards.billed import billed_of, repriced
from leaderboard.cli import build
from leaderboard.evidence import Sample
from tests.leaderboard.factory import START, run_record, write
from tests.leaderboard.test_tables import ROW

DAY = date(2026, 7, 1)
sizes = st.sampled_from([(64, 64, 1, None), (128, 64, 1, None), (64, 64, 16, 8.0)])
made = st.lists(st.tuples(sizes, st.floats(0.5, 30), st.booleans()), min_size=1, max_size=20)


Measures = tuple[int, int, int, float | None]


def sample(size: Measures, seconds: float, counted: bool = True) -> Sample:
    width, height, frames, fps = size
    quantities = {"seconds": seconds} | ({"steps": 9.0} if counted else {})
    return Sample("m", "p", 0, "ok", START, width=width, height=height, frames=frames, fps=fps,
                  device="cpu", quantities=quantities,
                  clip_seconds=None if fps is None else frames / fps)  # fmt: skip


def board(samples: list[Sample]) -> Board:
    row = replace(ROW, model="m", cost_usd=9.0, billed=billed_of(samples))
    return Board("evals", "text-to-image", "all", START, "s", "v", False, None, (), (row,), ())


def hours(usd: float, day: date = DAY, device: str = "cpu") -> Entry:
    price = Price("gpu_hour", usd, day, "made up")
    return Entry("box", "Box", (price,), device=device)  # type: ignore[arg-type]


@given(made)
def test_the_quantities_of_a_row_are_those_of_its_generations(
    drawn: list[tuple[Measures, float, bool]],
) -> None:
    samples = [sample(*one) for one in drawn]
    found = billed_of(samples)
    assert sum(one.generations for one in found) == len(samples)
    total = sum(one.generations * one.quantities["seconds"] for one in found)
    assert total == pytest.approx(sum(seconds for _, seconds, _ in drawn))
    for one in found:
        of_size = [counted for size, _, counted in drawn
                   if size == (one.width, one.height, one.frames, one.fps)]  # fmt: skip
        assert ("steps" in one.quantities) == all(of_size)


@given(made, st.floats(0.01, 50), st.floats(0.5, 4))
def test_a_board_costs_what_its_generations_would_have(
    drawn: list[tuple[Measures, float, bool]], usd: float, factor: float
) -> None:
    samples = [sample(*one) for one in drawn]
    before = repriced(board(samples), {"m": hours(usd)}, DAY).rows[0]
    mean = sum(seconds for _, seconds, _ in drawn) / len(drawn)
    assert before.cost_usd == pytest.approx(mean * usd / 3600)
    assert "prices of 2026-07-01" in (before.cost_basis or "")
    later = hours(usd * factor, DAY + timedelta(9))
    entry = replace(later, prices=(*hours(usd).prices, *later.prices))
    assert repriced(board(samples), {"m": entry}, DAY).rows[0].cost_usd == before.cost_usd
    after = repriced(board(samples), {"m": entry}, DAY + timedelta(9)).rows[0]
    assert after.cost_usd == pytest.approx(mean * usd * factor / 3600)


def test_every_size_has_its_own_tier_and_a_second_of_clip_its_share() -> None:
    entry = Entry(
        "api",
        "API",
        (
            Price("second", 0.1, DAY, "s", Tier(up_to_lines=64)),
            Price("second", 0.4, DAY, "s", Tier(up_to_lines=128)),
        ),
    )
    clips = [sample((64, 64, 16, 8.0), 1.0)] * 3 + [sample((128, 128, 16, 8.0), 1.0)]
    row = repriced(board(clips), {"m": entry}, DAY).rows[0]
    assert row.cost_usd == pytest.approx((3 * 0.2 + 0.8) / 4)
    assert row.usd_per_clip_second == pytest.approx((3 * 0.2 + 0.8) / 8)


@pytest.mark.parametrize(
    ("prices", "samples", "reason"),
    [
        ({}, 1, "not registered here"),
        ({"m": None}, 1, "no hardware or price"),
        ({"m": hours(1.0, DAY + timedelta(1))}, 1, "first one is from 2026-07-02"),
        ({"m": hours(0.0)}, 1, "not a price"),
        ({"m": hours(1.0, device="cuda")}, 1, "ran on cpu"),
        ({"m": hours(1.0)}, 0, "no quantities are kept"),
    ],
)
def test_what_is_unknown_stays_unknown_with_the_reason(
    prices: dict[str, Entry | None], samples: int, reason: str
) -> None:
    whole = board([sample((64, 64, 1, None), 2.0)] * samples)
    row = repriced(whole, prices, DAY).rows[0]
    assert (row.cost_usd, row.usd_per_clip_second) == (None, None)
    assert reason in (row.cost_basis or "")


def test_an_outside_board_stays_as_it_was_published() -> None:
    outside = replace(board([]), suite_id=None, source="arena")
    assert repriced(outside, {"m": hours(1.0)}, DAY) == outside


def test_the_command_prices_the_stored_board_as_of_a_day(home: Path) -> None:
    write(home, run_record())
    refresh.refresh(home, START)
    (home / "models").mkdir()
    (home / "prices").mkdir()
    (home / "models" / "large.toml").write_text(
        'name = "Large"\ntask = "text-to-image"\nbackend = "procedural"\nprice = "api"\n'
        '[settings]\nkind = "noise"\n'
    )
    (home / "prices" / "own.toml").write_text(
        '[api]\nname = "API"\n'
        + "".join(
            f'[[api.prices]]\nusd_per_image = {usd}\neffective_from = {day}\nsource = "s"\n'
            for usd, day in ((0.05, "2026-01-01"), (0.03, "2026-06-01"))
        )
    )

    def costs(*words: str) -> dict[str, tuple[float | None, str]]:
        call = ["board", "--source", "evals", "--domain", "all", *words, "--json"]
        done = CliRunner().invoke(build(), [*call, "--home", str(home)], catch_exceptions=False)
        body = json.loads(done.stdout)
        assert body["prices_at"] == (words[1] if words else None)
        return {
            row["model"]: (row["cost_usd"], row["cost_basis"]) for row in body["boards"][0]["rows"]
        }

    assert costs()["large"][0] == pytest.approx(0.02)
    for day, usd in (("2026-03-01", 0.05), ("2026-06-01", 0.03), ("2025-12-31", None)):
        assert costs("--prices-at", day)["large"][0] == (usd and pytest.approx(usd))
    assert costs("--prices-at", "2026-03-01")["middle"] == (
        None,
        "middle is not registered here, so nothing says its price",
    )
    with queries.open_edition(home) as opened:
        stored = queries.board(opened, "text-to-image")
    assert {one.generations for row in stored.rows for one in row.billed} == {40}
    call = ["board", "--prices-at", "2026-06-01", "--home", str(home)]
    shown = CliRunner().invoke(build(), call, catch_exceptions=False).stdout
    assert "prices of 2026-06-01" in " ".join(shown.split())
