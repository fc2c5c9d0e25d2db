"""The whole report of one board: what is said, what is not said and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from random import Random

import numpy as np
import pytest

from benchmarks import markets
from leaderboard.answers import EVALS
from leaderboard.churn.answers import ChurnReport, HalfLife
from leaderboard.churn.report import churn_report, churn_reports
from leaderboard.history.series import by_arena
from leaderboard.identity import Alias
from leaderboard.snapshots import SIMULATED, Entry, Snapshot
from leaderboard.sources import source
from tests.leaderboard.history.histories import DAY0, NOW, REAL, board, needs_real

DAY = timedelta(days=1)
DRAWS = 40


def market(
    seed: int = 0,
    weeks: int = 40,
    error: float = 6.0,
    of: str = "x",
    known_release: bool = True,
) -> tuple[Snapshot, ...]:
    """Weekly boards: every second week a model is released, a little stronger than before on
    average; ratings scatter around strengths by a published error."""
    rng = np.random.default_rng(seed)
    count = 12 + weeks // 2
    born = np.concatenate([np.full(12, -30.0), np.arange(weeks // 2) * 14.0 + 3])
    strength = 1000 + 0.3 * born + 15 * rng.normal(size=count)
    boards = []
    for week in range(weeks):
        listed = np.flatnonzero(born <= 7 * week)
        rating = strength[listed] + error * rng.normal(size=len(listed))
        entries = [
            Entry(
                place,
                f"m{listed[i]:02}",
                organization="Acme" if listed[i] % 2 else None,
                score=float(rating[i]),
                score_low=float(rating[i]) - 1.96 * error,
                score_high=float(rating[i]) + 1.96 * error,
                released=(DAY0 + float(born[listed[i]]) * DAY).date() if known_release else None,
            )
            for place, i in enumerate(np.argsort(-rating), start=1)
        ]
        boards.append(board(7 * week, *entries, source=of))
    return tuple(boards)


def report(boards: Sequence[Snapshot], k: int = 5, aliases: Sequence[Alias] = ()) -> ChurnReport:
    (found,) = churn_reports(boards, k, aliases, draws=DRAWS)
    return found


def changed(boards: Sequence[Snapshot], **fields: object) -> tuple[Snapshot, ...]:
    """The boards with some fields of every entry set."""
    return tuple(
        replace(one, entries=tuple(replace(entry, **fields) for entry in one.entries))  # type: ignore[arg-type]
        for one in boards
    )


@cache
def usual() -> ChurnReport:
    return report(market())


def test_a_usual_board_has_an_answer_to_everything() -> None:
    found = usual()
    assert (found.source, found.arena, found.top) == ("x", "text-to-image", 5)
    assert (found.snapshots, found.distinct_boards) == (40, 40)
    assert (found.begins, found.ends) == (DAY0, DAY0 + 273 * DAY)
    low, high = found.half_life.estimate.interval or (0.0, None)
    assert 0 < low < (found.half_life.estimate.days or 0) < (high or 0)
    assert found.half_life.method in ("frozen strengths", "drifting strengths")
    assert found.half_life.draws == DRAWS
    assert (found.half_life.exits or 0) > 3
    assert found.half_life.missing_exits == 0
    assert found.replaced_by == "noise taken out"
    assert found.claim_30_days in ("below", "inside", "above")
    assert 0 < (found.replaced_in_30_days.days or 0) < 1
    assert found.windows[-1].provisional
    assert found.change is not None
    assert not found.by_score
    assert not found.simulated


def test_noise_is_taken_out() -> None:
    # Places that are exchanged by measurement alone end spells as published, not in the headline.
    found = usual()
    naive = found.as_published
    assert naive.exits > 1.5 * (found.half_life.exits or 0)
    assert (found.half_life.estimate.days or 0) > 1.5 * (naive.kaplan_meier.days or 0)
    assert found.noise.reentries > 5
    assert (found.noise.tied_exits_share or 0) > 0.5
    assert found.noise.error == pytest.approx(6, rel=0.2)


def test_the_curve_and_the_median_are_of_one_piece() -> None:
    found = usual()
    assert (found.curve[0].days, found.curve[0].share) == (0.0, 1.0)
    left = [point.share for point in found.curve]
    assert left == sorted(left, reverse=True)
    for point in found.curve:
        assert 0 <= (point.low or 0) <= point.share + 1e-9
        assert point.share - 1e-9 <= (point.high or 0) <= 1
    crossing = next(point.days for point in found.curve if point.share <= 0.5)
    assert crossing == pytest.approx(found.half_life.estimate.days, rel=0.1)
    within = {share.cause: share for share in found.causes}
    assert set(within) == {"displaced", "withdrawn"}
    assert (within["displaced"].within_30 or 0) <= (within["displaced"].within_90 or 0)
    assert within["withdrawn"].within_90 == 0


def test_who_is_in_the_top_now() -> None:
    found = usual()
    assert [row.rank for row in found.at_risk] == [1, 2, 3, 4, 5]
    for row in found.at_risk:
        assert 0 <= (row.p_top or 0) <= 1
        assert row.p_leaves_30 is not None
        assert row.p_leaves_30 >= 0
    assert found.at_risk[0].p_leaves_30 < found.at_risk[-1].p_leaves_30  # type: ignore[operator]
    assert {row.model for row in found.spells if not row.ended} == {
        row.model for row in found.at_risk
    }
    for spell in found.spells:
        assert (spell.cause is None) == (not spell.ended)
        assert spell.days == (spell.until - spell.entered_at) / DAY


def test_the_same_boards_give_the_same_report_in_any_order() -> None:
    boards = list(market())
    assert report(boards) == usual()
    Random(1).shuffle(boards)
    assert report(boards) == usual()


def test_repeating_boards_adds_nothing_but_snapshots() -> None:
    boards = market(weeks=12)
    repeated = [replace(one, published_at=one.published_at + 2 * DAY) for one in boards[:-1]]
    once, twice = report(boards), report([*boards, *repeated])
    assert (twice.snapshots, twice.distinct_boards) == (23, 12)
    for name in ("half_life", "replaced_half_time", "interval_censored", "at_risk", "noise"):
        assert getattr(twice, name) == getattr(once, name), name


def test_ranks_alone_give_no_headline() -> None:
    found = report(changed(market(), score=None, score_low=None, score_high=None))
    assert found.half_life.estimate.days is None
    assert "only ranks are published" in (found.half_life.estimate.reason or "")
    assert (found.half_life.method, found.half_life.draws, found.curve) == ("none", 0, ())
    assert found.replaced_by == "as published"
    assert found.replaced_half_time.days is not None
    assert found.noise.chi2_per_df is None
    assert found.as_published == usual().as_published
    assert all(row.p_top is None and row.p_leaves_30 is None for row in found.at_risk)


def test_a_board_that_ranks_nobody_has_no_headline() -> None:
    rows = (Entry(None, "a", score=2.0), Entry(None, "b", score=1.0))
    boards = [board(7 * t, *(replace(row, score=float(t)) for row in rows)) for t in range(9)]
    (found,) = churn_reports(boards, draws=DRAWS)
    assert found.half_life.estimate.days is None
    assert found.half_life.estimate.reason == "no line has a rank: nobody is in the top"


def test_own_boards_need_release_dates() -> None:
    found = report(market(of=EVALS, known_release=False))
    assert found.half_life.estimate.days is None
    assert "release dates unknown for 32 models" in (found.half_life.estimate.reason or "")
    assert report(market(of=EVALS)).half_life.estimate.days is not None


def test_too_few_boards() -> None:
    found = report(market(weeks=2))
    assert found.half_life.estimate.days is None
    assert found.half_life.estimate.reason == (
        "too little history: 1 more distinct board at least, and exits on them, are needed"
    )
    assert found.half_life.missing_exits == 2
    one = report(market(weeks=1))
    assert "2 more distinct boards" in (one.half_life.estimate.reason or "")
    assert one.claim_30_days == "unknown"
    assert one.replaced_half_time.days is None
    assert one.replaced_half_time.reason
    assert one.windows == ()
    assert one.change is None


def test_too_few_exits_say_how_many_are_missing() -> None:
    boards = [
        board(7 * week, *(Entry(n, f"m{n}", score=1000.0 - 50 * n + week % 2) for n in range(1, 9)))
        for week in range(8)
    ]
    found = report(boards)
    assert found.half_life.estimate.days is None
    assert found.half_life.estimate.reason == "too little history: 0.0 exits, 2 more are needed"
    assert found.half_life.missing_exits == 2
    assert found.half_life.exits == 0
    assert found.curve == ()


def test_a_board_with_no_more_models_than_places() -> None:
    boards = [board(7 * n, "a", "b", "c") for n in range(5)]
    boards = [
        replace(one, entries=tuple(replace(e, score=(e.score or 0) + n) for e in one.entries))
        for n, one in enumerate(boards)
    ]
    found = report(boards)
    assert "only 3 models in all: nobody can be outside the top 5" in (
        found.half_life.estimate.reason or ""
    )


def test_what_is_simulated_is_said_to_be() -> None:
    assert report(changed(market(weeks=4), kind=SIMULATED)).simulated


def test_aliases_count_except_as_published() -> None:
    boards = market(weeks=12)
    old = boards[0].entries[0].model
    renamed = tuple(
        replace(
            one,
            entries=tuple(
                replace(e, model="new-name") if e.model == old and n >= 5 else e
                for e in one.entries
            ),
        )
        for n, one in enumerate(boards)
    )
    alias = Alias(None, None, (old,), "new-name", "rename", "it was renamed")
    plain, merged = report(renamed), report(renamed, aliases=[alias])
    assert merged.as_published == plain.as_published
    assert merged.noise.reentries == plain.noise.reentries
    assert len(merged.aliases) == 1
    assert "new-name" in merged.aliases[0]
    assert plain.aliases == ()
    assert merged.bridged.spells < plain.bridged.spells
    assert any(finding.check for finding in merged.findings)
    assert old not in {row.model for row in merged.spells}


def test_every_board_of_every_source_has_its_report() -> None:
    boards = [*market(weeks=4), *market(weeks=5, of="y")]
    assert [(one.source, one.snapshots) for one in churn_reports(boards, draws=DRAWS)] == [
        ("x", 4),
        ("y", 5),
    ]
    assert churn_reports([], draws=DRAWS) == ()


@cache
def daily() -> dict[str, ChurnReport]:
    feed = source("tidy").read(REAL / "arena_ai_daily.csv", NOW)
    return {one.arena: churn_report(one) for one in by_arena(feed)}


@needs_real
@pytest.mark.parametrize(
    "arena", ["text-to-image", "image-edit", "text-to-video", "image-to-video"]
)
def test_the_arenas_have_a_headline_with_interval_and_method(arena: str) -> None:
    found = daily()[arena].half_life
    low, high = found.estimate.interval or (0.0, None)
    assert 0 < low <= (found.estimate.days or 0)
    assert high is None or high >= (found.estimate.days or 0)
    assert found.method in ("frozen strengths", "drifting strengths")
    assert found.draws == 200


@needs_real
def test_by_score_the_unranked_count() -> None:
    feed = source("tidy").read(REAL / "aa_web_spring.csv", NOW)
    chosen = [one for one in feed if one.arena == "text-to-image"]
    (ranked,) = churn_reports(chosen, draws=DRAWS)
    (scored,) = churn_reports(chosen, draws=DRAWS, scored=True)
    assert scored.by_score
    assert not ranked.by_score
    assert {row.model for row in scored.spells} != {row.model for row in ranked.spells}
    assert scored.as_published != ranked.as_published


@pytest.mark.slow
@pytest.mark.parametrize("drift", [False, True], ids=["frozen", "drifting"])
def test_the_scale_of_the_scores_does_not_matter(drift: bool) -> None:
    cell = markets.cell("weekly, drifting strengths" if drift else "weekly, constant noise")
    boards = markets.boards(cell, 3)[:60]

    def scaled(factor: float) -> HalfLife:
        return report(
            [
                replace(
                    one,
                    entries=tuple(
                        replace(
                            e,
                            score=(e.score or 0.0) * factor,
                            score_low=(e.score_low or 0.0) * factor,
                            score_high=(e.score_high or 0.0) * factor,
                        )
                        for e in one.entries
                    ),
                )
                for one in boards
            ]
        ).half_life

    usual = scaled(1.0)
    assert usual.method == ("drifting strengths" if drift else "frozen strengths")
    for factor in (1e-4, 1e3):
        other = scaled(factor)
        assert other.method == usual.method
        assert other.estimate.days == pytest.approx(usual.estimate.days, rel=1e-3)
