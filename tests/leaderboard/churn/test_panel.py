"""The arrays that the strength model reads say what the boards said."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from leaderboard.churn.panel import Panel, panel
from leaderboard.snapshots import Entry, Snapshot
from tests.leaderboard.history.histories import DAY0, board


def scored(
    model: str,
    score: float | None,
    half: float | None = None,
    rank: int | None = 1,
    released: int | None = None,
) -> Entry:
    """A row with an interval of +/- `half`, released so many days after the first board."""
    told = score is not None and half is not None
    return Entry(
        rank,
        model,
        score=score,
        score_low=score - half if told else None,
        score_high=score + half if told else None,
        released=None if released is None else (DAY0 + timedelta(days=released)).date(),
    )


def of(data: Panel, model: str) -> int:
    return data.models.index(model)


def listed(*boards: str) -> list[Snapshot]:
    """A board every ten days, a model per letter."""
    return [board(10 * t, *names) for t, names in enumerate(boards)]


def test_a_model_is_listed_from_its_first_to_its_last_board() -> None:
    data = panel(listed("ab", "ac", "ab", "a", "a"))
    assert data.models == ("a", "b", "c")
    assert_array_equal(data.days, [0, 10, 20, 30, 40])
    assert_array_equal(data.appeared[of(data, "a")], [-np.inf, -np.inf])
    assert_array_equal(data.left[of(data, "a")], [np.inf, np.inf])
    assert_array_equal(data.left[of(data, "b")], [20, 30])
    assert_array_equal(data.appeared[of(data, "c")], [0, 10])
    assert_array_equal(data.left[of(data, "c")], [10, 20])


def test_a_hole_is_no_leaving_but_has_no_rating() -> None:
    data = panel(listed("ab", "a", "ab"))
    assert_array_equal(np.isfinite(data.rating[:, of(data, "b")]), [True, False, True])
    assert_array_equal(data.left[of(data, "b")], [np.inf, np.inf])


@given(st.lists(st.sets(st.sampled_from("abcdef")), min_size=2, max_size=8))
def test_lives_agree_with_a_loop_over_boards(present: list[set[str]]) -> None:
    # "z" is on every board, so that none is empty.
    boards = [board(10 * t, "z", *sorted(names)) for t, names in enumerate(present)]
    data = panel(boards)
    for i, model in enumerate(data.models):
        on = [t for t, names in enumerate(present) if model == "z" or model in names]
        assert list(np.flatnonzero(np.isfinite(data.rating[:, i]))) == on
        came = [10.0 * (on[0] - 1), 10.0 * on[0]] if on[0] else [-np.inf, -np.inf]
        went = [10.0 * on[-1], 10.0 * (on[-1] + 1)]
        assert list(data.appeared[i]) == came
        assert list(data.left[i]) == (went if on[-1] + 1 < len(present) else [np.inf, np.inf])


def test_rows_without_a_rank_or_a_score_are_left_out() -> None:
    data = panel(
        [
            board(0, scored("a", 1000, 10), scored("b", 990, 10, rank=None)),
            board(10, scored("a", 1001, 10), scored("b", 990, 10), scored("c", None)),
            board(20, scored("a", 1002, 10), scored("b", 991, 10, rank=None)),
        ]
    )
    assert data.models == ("a", "b")
    b = of(data, "b")
    assert_array_equal(np.isfinite(data.rating[:, b]), [False, True, False])
    assert_array_equal(data.appeared[b], [0, 10])
    assert_array_equal(data.left[b], [10, 20])


def test_boards_without_any_usable_row_are_refused() -> None:
    with pytest.raises(ValueError, match="text-to-image: no line has both a rank and a score"):
        panel([board(t, scored("a", 1000, rank=None), scored("b", None)) for t in (0, 10)])


def test_intervals_become_squared_standard_errors() -> None:
    data = panel([board(0, scored("a", 1000, 19.59964), scored("b", 900, 9.79982))])
    assert data.variance is not None
    assert_allclose(data.variance[0], [100.0, 25.0], rtol=1e-6)


def test_a_missing_interval_takes_the_models_median_and_else_everybodys() -> None:
    rows = [scored(f"m{i:02}", 1000 - i, 19.59964) for i in range(18)]
    data = panel(
        [
            board(0, *rows, scored("own", 900, 9.79982), scored("none", 890)),
            board(10, *rows, scored("own", 900), scored("own2", 890, 9.79982)),
        ]
    )
    assert data.variance is not None
    assert data.variance[1, of(data, "own")] == pytest.approx(25, rel=1e-6)
    assert data.variance[0, of(data, "none")] == pytest.approx(100, rel=1e-6)
    # Where nothing is listed there is nothing to fill.
    assert np.isnan(data.variance[1, of(data, "none")])


@pytest.mark.parametrize(("with_interval", "kept"), [(9, True), (8, False)])
def test_intervals_count_as_published_when_nine_in_ten_rows_have_one(
    with_interval: int, kept: bool
) -> None:
    rows = [scored(f"m{i}", 1000 - i, 10 if i < with_interval else None) for i in range(10)]
    assert (panel([board(0, *rows), board(10, *rows)]).variance is not None) is kept


def test_a_full_board_without_any_interval_has_no_variance() -> None:
    assert panel(listed("ab", "ab")).variance is None


def test_the_model_that_defines_the_scale_is_exact_but_not_infinitely_so() -> None:
    rows = [scored("anchor", 1000, 0.0), *(scored(f"m{i}", 900, 19.59964) for i in range(4))]
    data = panel([board(0, *rows)])
    assert data.variance is not None
    assert data.variance[0, of(data, "anchor")] == pytest.approx(1.0, rel=1e-6)


def test_widths_that_are_all_nought_are_none() -> None:
    rows = [scored(f"m{i}", 900, 0.0) for i in range(4)]
    assert panel([board(0, *rows), board(10, *rows)]).variance is None


@pytest.mark.parametrize(
    ("released", "own", "expected"),
    [
        pytest.param(14, False, [14, 14], id="between the two boards: that is when"),
        pytest.param(20, False, [20, 20], id="on the day of the board"),
        pytest.param(3, False, [10, 20], id="older: the board was late"),
        pytest.param(10, False, [10, 20], id="on the day of the board without it"),
        pytest.param(25, False, [10, 20], id="after it was seen: not to be believed"),
        pytest.param(3, True, [3, 3], id="own board: registered late, released then"),
        pytest.param(-30, True, [-30, -30], id="own board: before all boards"),
        pytest.param(25, True, [10, 20], id="own board: after it was seen"),
    ],
)
def test_release_dates_pin_arrivals(released: int, own: bool, expected: list[float]) -> None:
    data = panel(
        [board(0, "a"), board(10, "a"), board(20, "a", scored("b", 900, released=released))], own
    )
    assert_array_equal(data.appeared[of(data, "b")], expected)


def test_a_release_before_the_first_board_dates_who_stands_on_it() -> None:
    data = panel([board(0, scored("a", 1000, released=-40), scored("b", 990)), board(10, "a", "b")])
    assert_array_equal(data.appeared[of(data, "a")], [-40, -40])
    assert_array_equal(data.appeared[of(data, "b")], [-np.inf, -np.inf])


@pytest.mark.parametrize(
    ("boards", "truncated"),
    [(("ab", "ac", "bc"), True), (("ab", "ab"), False), (("ab", "abc", "abc"), False)],
)
def test_a_board_of_fixed_length_with_changing_names_is_truncated(
    boards: tuple[str, ...], truncated: bool
) -> None:
    assert panel(listed(*boards)).truncated is truncated


def test_only_some_models_keep_their_own_columns() -> None:
    rows = [scored(name, 1000 - i, 10 + i) for i, name in enumerate("abcd")]
    data = panel([board(0, *rows[:2]), board(10, *rows), board(20, *rows[1:])])
    part = data.only(np.array([3, 1]))
    assert part.models == ("d", "b")
    assert part.variance is not None
    assert data.variance is not None
    for column, i in enumerate((3, 1)):
        assert_array_equal(part.rating[:, column], data.rating[:, i])
        assert_array_equal(part.variance[:, column], data.variance[:, i])
        assert_array_equal(part.appeared[column], data.appeared[i])
        assert_array_equal(part.left[column], data.left[i])
    assert (part.days is data.days, part.start, part.truncated) == (True, data.start, False)


def test_one_missing_line_does_not_undo_the_publishers_cut() -> None:
    assert panel(listed("abc", "abd", "abe", "ab", "abf", "abg")).truncated
    assert not panel(listed("abc", "abd", "ab", "a", "abfgh", "abg")).truncated


UNIT = float(np.std([3.0, -3.0, 4.5, -4.5])) / 100
"""Of the boards below at factor 1: how far ratings lie from the mean of their date, by 100."""


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_a_standard_panel_does_not_depend_on_the_scale_of_the_scores(factor: float) -> None:
    rows = [
        [scored("a", 10.0 * factor, 2.0 * factor), scored("b", 4.0 * factor, factor, rank=2)],
        [scored("a", 12.0 * factor, 2.0 * factor), scored("b", 3.0 * factor, factor, rank=2)],
    ]
    data = panel(
        [Snapshot("s", "a", DAY0 + timedelta(days=t), tuple(r)) for t, r in enumerate(rows)]
    )
    standard = data.standard()
    assert np.nanmean(standard.rating) == pytest.approx(0.0)
    assert standard.unit == pytest.approx(factor * UNIT)
    assert_allclose(standard.rating * standard.unit, data.rating - data.rating.mean())
    assert standard.variance is not None
    assert data.variance is not None
    assert_allclose(standard.variance * standard.unit**2, data.variance)
