"""What is done to the order of a clip's frames leaves every frame as it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from evals.canaries.disorders import DISORDERS, frozen, shuffled

CLIPS = st.integers(2, 12).flatmap(
    lambda count: arrays.arrays(np.uint8, (count, 4, 5, 3), elements=st.integers(0, 255))
)


@pytest.mark.parametrize("name", DISORDERS)
@given(frames=CLIPS)
def test_a_copy_is_made_of_frames_of_the_clip_and_begins_like_it(
    name: str, frames: np.ndarray
) -> None:
    copy = DISORDERS[name](frames)
    assert copy.shape == frames.shape
    assert np.array_equal(copy[0], frames[0])
    assert {frame.tobytes() for frame in copy} <= {frame.tobytes() for frame in frames}
    assert np.array_equal(copy, DISORDERS[name](frames.copy()))


@given(frames=CLIPS)
def test_a_frozen_clip_shows_one_frame_and_a_shuffled_one_all(frames: np.ndarray) -> None:
    assert len({frame.tobytes() for frame in frozen(frames)}) == 1
    assert sorted(f.tobytes() for f in shuffled(frames)) == sorted(f.tobytes() for f in frames)


def test_a_long_clip_does_not_stay_in_order() -> None:
    frames = np.arange(16, dtype=np.uint8)[:, None, None, None].repeat(3, axis=3)
    order = shuffled(frames)[:, 0, 0, 0]
    assert list(order) != sorted(order)
    other = shuffled(frames + 1)[:, 0, 0, 0] - 1
    assert list(other) != list(order)
