"""A clip's contact sheet: which frames are on it, and where."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.clips import contact_sheet
from evals.clips.contact_sheet import sheet, shown

counts = st.integers(1, 400)
cells = st.integers(2, 30)


def clip(frames: int, height: int = 2, width: int = 3) -> np.ndarray:
    """Frames whose green and blue hold their number, and whose red holds the column."""
    made = np.empty((frames, height, width, 3), dtype=np.uint8)
    made[:] = np.arange(frames, dtype=np.uint8)[:, None, None, None]
    made[..., 0] = np.arange(width)
    return made


@given(counts, cells)
def test_the_first_and_the_last_frame_are_shown_and_time_never_runs_back(
    frames: int, count: int
) -> None:
    numbers = shown(frames, count)
    assert len(numbers) == count
    assert numbers[0] == 0
    assert numbers[-1] == frames - 1
    assert numbers == sorted(numbers)


@given(counts, cells)
def test_no_frame_is_further_than_half_a_frame_from_its_even_share(frames: int, count: int) -> None:
    for cell, number in enumerate(shown(frames, count)):
        exact = Fraction(cell * (frames - 1), count - 1)
        assert -Fraction(1, 2) < number - exact <= Fraction(1, 2) or frames == 1


@given(counts, cells)
def test_every_frame_is_shown_where_there_is_room_and_none_twice_where_there_is_not(
    frames: int, count: int
) -> None:
    numbers = set(shown(frames, count))
    assert len(numbers) == min(frames, count)


@given(st.integers(1, 30), st.integers(1, 4), st.integers(2, 4))
def test_cells_are_the_shown_frames_in_reading_order(frames: int, rows: int, columns: int) -> None:
    made = clip(frames)
    grid = sheet(made, rows, columns)
    assert grid.shape == (rows * 2, columns * 3, 3)
    assert grid.dtype == np.uint8
    for cell, number in enumerate(shown(frames, rows * columns)):
        y, x = 2 * (cell // columns), 3 * (cell % columns)
        assert np.array_equal(grid[y : y + 2, x : x + 3], made[number])


def test_nine_frames_is_what_a_sheet_shows_unless_told() -> None:
    assert sheet(clip(16, 64, 64)).shape == (192, 192, 3)
    assert shown(16) == [0, 2, 4, 6, 8, 9, 11, 13, 15]


def test_a_sheet_is_no_view_of_the_clip() -> None:
    made = clip(9)
    grid = sheet(made)
    before = grid.copy()
    made[:] = 255
    assert np.array_equal(grid, before)


def test_edition_stays_while_sheets_do() -> None:
    """Embeddings are kept under it: another layout must go by another edition."""
    assert contact_sheet.EDITION == "contact sheet 3x3, 1"
    assert sheet(clip(5, 1, 1))[..., 1].tolist() == [[0, 1, 1], [2, 2, 3], [3, 4, 4]]


@pytest.mark.parametrize(
    "wrong",
    [
        clip(3)[0],
        clip(3).astype(np.float32),
        clip(3)[None],
        clip(3)[:0],
    ],
    ids=["picture", "float", "batch", "empty"],
)
def test_what_is_no_clip_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"a clip is|shows no motion"):
        sheet(wrong)
