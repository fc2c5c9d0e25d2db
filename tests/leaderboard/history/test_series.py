"""One board through time: what is refused, what repeats, and what every check says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.history.findings import common_shift
from leaderboard.history.series import Series, by_arena, by_score, series, sift
from leaderboard.snapshots import Entry, Snapshot
from leaderboard.sources import source
from tests.leaderboard.history.histories import DAY0, NOW, REAL, board, needs_real


def found(one: Series) -> dict[str, int]:
    """Findings by name and count."""
    assert len({finding.check for finding in one.findings}) == len(one.findings)
    return {finding.check: finding.count for finding in one.findings}


def scored(day: int, **scores: float) -> Snapshot:
    """A board from scores."""
    entries = sorted(scores.items(), key=lambda item: -item[1])
    return board(day, *(Entry(n, m, score=s) for n, (m, s) in enumerate(entries, start=1)))


def test_a_faultless_series_says_nothing() -> None:
    one = series([board(day, *names) for day, names in enumerate(("abc", "bac", "bca"))])
    assert one.findings == ()
    assert one.distinct == one.snapshots


def test_repeats_are_dropped_and_the_first_date_stays() -> None:
    one = series([board(day, *names) for day, names in enumerate(("ab", "ab", "ba", "ba", "ab"))])
    assert [(s.published_at - DAY0).days for s in one.distinct] == [0, 2, 4]
    assert len(one.snapshots) == 5
    assert found(one) == {"repeated-boards": 2}


def test_a_change_of_votes_alone_is_another_board() -> None:
    first = board(0, Entry(1, "a", votes=5))
    one = series([first, board(1, Entry(1, "a", votes=6)), board(2, Entry(1, "a", votes=6))])
    assert len(one.distinct) == 2


def test_an_empty_board_is_refused_and_the_one_before_stands() -> None:
    one = series([board(0, *"abcd"), board(1), board(2, *"abdc")])
    assert [(s.published_at - DAY0).days for s in one.snapshots] == [0, 2]
    assert found(one) == {"empty-feed": 1}
    assert one.findings[0].examples == ("text-to-image of 2026-01-02",)


def test_a_truncated_board_is_judged_against_the_last_usable_one() -> None:
    one = series([board(0, *"abcdefgh"), board(1, *"abc"), board(2, *"ab"), board(3, *"abcd")])
    assert [len(s.entries) for s in one.snapshots] == [8, 4]
    assert found(one) == {"truncated-feed": 2}


def test_boards_that_stand_are_compared_with_and_not_judged() -> None:
    new = [board(1, *"abc"), board(3, *"abcdefg")]
    sifted = sift(new, {("x", "text-to-image", DAY0): 8})
    assert sifted.kept == (new[1],)
    other = sift(new, {("x", "image-edit", DAY0): 8})
    assert other.kept == tuple(new)
    later = sift(new, {("x", "text-to-image", DAY0 + timedelta(days=2)): 20})
    assert later.kept == (new[0],)


@given(st.permutations(range(5)))
def test_the_order_of_boards_changes_nothing(order: list[int]) -> None:
    boards = [board(0, *"abcd"), board(1), board(2, "a"), board(3, *"abc"), board(4, *"abcd")]
    assert series([boards[i] for i in order]) == series(boards)


def test_a_series_is_of_one_board() -> None:
    with pytest.raises(ValueError, match="of one board, not of 2"):
        series([board(0, "a"), board(0, "a", arena="image-edit")])
    with pytest.raises(ValueError, match="not of 0"):
        series([])


def test_unranked_lines_are_counted() -> None:
    one = series([board(0, "a", Entry(None, "b", score=2000.0)), board(1, "a", Entry(None, "b"))])
    assert found(one) == {"unranked-rows": 2}


def test_ranks_that_nobody_holds_are_said_and_ties_are_no_gaps() -> None:
    gap = board(0, Entry(1, "a"), Entry(3, "b"))
    assert found(series([gap])) == {"rank-gaps": 1}
    tie = board(0, Entry(1, "a"), Entry(1, "b"), Entry(3, "c"))
    assert found(series([tie])) == {"tied-ranks": 1}
    dense = board(0, Entry(1, "a"), Entry(1, "b"), Entry(2, "c"))
    assert found(series([dense])) == {"tied-ranks": 1}


def test_a_scale_that_moves_for_all_is_told_from_models_that_move() -> None:
    before = {"a": 1200.0, "b": 1150.0, "c": 1100.0, "d": 1050.0, "e": 1000.0}
    moved = {name: score - 50 + place for place, (name, score) in enumerate(before.items())}
    one = series([scored(0, **before), scored(1, **moved)])
    (finding,) = one.findings
    assert finding.check == "re-centred"
    assert finding.examples[0].startswith("2026-01-02: -48.0 points")
    alone = series([scored(0, **before), scored(1, **(before | {"a": 1100.5}))])
    assert found(alone) == {}


def test_the_common_shift_is_the_median_with_its_error() -> None:
    before, after = scored(0, a=0, b=0, c=0, d=9), scored(1, a=10, b=11, c=15, e=99)
    shift = common_shift(before, after)
    assert shift is not None
    assert shift[0] == 11
    # Deviations 1, 0, 4: MAD 1.
    assert shift[1] == pytest.approx(1.2533 * 1.4826 / 3**0.5)
    assert common_shift(before, scored(1, a=10, b=11, e=1)) is None


def test_small_shifts_are_no_change_of_scale() -> None:
    before = {"a": 1200.0, "b": 1150.0, "c": 1100.0}
    after = {name: score - 10 for name, score in before.items()}
    assert found(series([scored(0, **before), scored(1, **after)])) == {}


def test_models_that_move_each_on_their_own_are_no_change_of_scale() -> None:
    before = {"a": 1200.0, "b": 1150.0, "c": 1100.0, "d": 1050.0, "e": 1000.0}
    moves = (-20, -15, -11, 30, 60)
    after = {n: score + move for (n, score), move in zip(before.items(), moves, strict=True)}
    assert common_shift(scored(0, **before), scored(1, **after)) is not None
    assert found(series([scored(0, **before), scored(1, **after)])) == {}


def votes(day: int, *counts: int) -> Snapshot:
    """A board whose models have these votes."""
    return board(day, *(Entry(n, f"m{n}", votes=v) for n, v in enumerate(counts, start=1)))


def test_votes_that_fall_are_said_for_all_and_for_one() -> None:
    assert found(series([votes(0, 100, 100), votes(1, 96, 96)])) == {}
    both = series([votes(0, 100, 100), votes(1, 60, 120)])
    assert found(both) == {"dropped-votes": 1, "model-votes-fell": 1}
    one = series([votes(0, 100, 1000), votes(1, 60, 1000)])
    assert found(one) == {"model-votes-fell": 1}
    gone = series([votes(0, 100, 1000), votes(1, 100)])
    assert found(gone) == {}


def test_a_jump_beyond_both_intervals_is_said() -> None:
    def at(day: int, score: float) -> Snapshot:
        rest = [Entry(n, f"m{n}", None, 1000.0, 990.0, 1010.0) for n in (2, 3, 4)]
        return board(day, Entry(1, "a", None, score, score - 20, score + 20), *rest)

    assert found(series([at(0, 1500), at(1, 1391)])) == {"score-jumps": 1}
    assert found(series([at(0, 1500), at(1, 1465)])) == {}


def test_ids_that_change_under_a_name_and_names_under_an_id() -> None:
    first = board(0, Entry(1, "a", model_id="1"), Entry(2, "b", model_id="2"))
    changed = board(1, Entry(1, "a", model_id="9"), Entry(2, "b", model_id="2"))
    assert found(series([first, changed])) == {"repeated-boards": 1, "changed-identity": 1}
    renamed = board(1, Entry(1, "c", model_id="1"), Entry(2, "b", model_id="2"))
    assert found(series([first, renamed])) == {"shared-identity": 1}


def test_vendors_in_several_spellings() -> None:
    one = series([board(0, Entry(1, "a", "OpenAI"), Entry(2, "b", "open ai"), Entry(3, "c", "Z"))])
    assert one.findings[0].examples == ("OpenAI / open ai",)
    blank = series([board(0, Entry(1, "a", "Acme")), board(1, Entry(1, "a", None, 5.0))])
    assert blank.findings[0].examples == ("a: Acme / blank",)


def test_prices_that_are_none_are_told_apart() -> None:
    def priced(*prices: float | None) -> Series:
        entries = (Entry(n, f"m{n}", price_usd=p) for n, p in enumerate(prices, start=1))
        return series([board(0, *entries)])

    assert found(priced(1.0, None, 0.0, 0.0, -2.0)) == {
        "price-missing": 1,
        "price-zero": 2,
        "price-negative": 1,
    }
    # A source without prices lacks none.
    assert found(priced(None, None)) == {}


def test_missing_days_are_measured_by_the_usual_cadence() -> None:
    names = ["ab", "ba", "ab", "ba", "ab"]
    days = [0, 1, 2, 6, 7]
    one = series([board(day, *name) for day, name in zip(days, names, strict=True)])
    assert found(one) == {"missing-days": 1}
    weekly = series([board(7 * day, *name) for day, name in enumerate(names)])
    assert found(weekly) == {}


def test_an_arena_that_falls_silent_is_said() -> None:
    loud = [board(day, "ab"[day % 2], "ba"[day % 2], arena="loud") for day in range(10)]
    quiet = [replace(one, arena="quiet") for one in loud[:5]]
    first, second = by_arena([*quiet, *loud])
    assert (first.arena, found(first)) == ("loud", {})
    assert (second.arena, found(second)) == ("quiet", {"arena-silent": 5})
    elsewhere = by_arena([*(replace(one, source="y") for one in quiet), *loud])
    assert all(found(one) == {} for one in elsewhere)


def test_places_by_score() -> None:
    entries = (Entry(1, "a", score=5.0), Entry(2, "b", score=7.0), Entry(3, "c"))
    (one,) = by_score([board(0, *entries, Entry(None, "d", score=6.0), Entry(4, "e", score=5.0))])
    assert [(entry.model, entry.rank) for entry in one.entries] == [
        ("b", 1),
        ("d", 2),
        ("a", 3),
        ("e", 4),
        ("c", None),
    ]


@needs_real
def test_the_real_scrapes_hold_few_distinct_boards() -> None:
    every = by_arena(source("arena-scrape").read(REAL / "arena_ai_daily.csv", NOW))
    assert {one.arena: (len(one.snapshots), len(one.distinct)) for one in every} == {
        "image-edit": (153, 21),
        "image-to-video": (153, 13),
        "text-to-image": (153, 29),
        "text-to-video": (153, 12),
        "video-edit": (153, 7),
    }
    image = next(one for one in every if one.arena == "text-to-image")
    jumps = next(finding for finding in image.findings if finding.check == "score-jumps")
    assert jumps.examples[0] == "2026-05-06: gpt-image-2 (medium) -109 points"


@needs_real
def test_the_real_prices_ranks_and_silences() -> None:
    every = by_arena(source("artificial-analysis").read(REAL / "aa_web_spring.csv", NOW))
    counts = [found(one) for one in every]
    assert sum(count.get("unranked-rows", 0) for count in counts) == 1463
    assert sum(count.get("price-missing", 0) for count in counts) == 1394
    assert sum(count.get("price-zero", 0) for count in counts) == 205
    assert {one.arena for one in every if "arena-silent" in found(one)} == {
        "image-to-video",
        "text-to-video",
    }
