"""Clip -> the words of its caption that it honours, word by word, or None: it never guesses.

The object is followed through the frames (`track`); what it does is decided from where it goes, how
it grows and how it turns (`motion_reading`); what it is, from each frame in which it is shown, by
vote. Nothing here has been trained, so no model can have learnt to please it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np

from evals.calibration import evidence, motion_reading, track
from evals.calibration.evidence import Field, Mask
from evals.calibration.readback import Reading
from evals.calibration.scenes import SIZE
from evals.calibration.track import Frames, Track

ATTRIBUTES = ("colour", "shape", "place", "background", "style", "motion", "speed")
"""What is read, in caption order."""
FEWEST = 8
"""Frames below which the slower blinking and a single hidden frame could not be told apart."""
AGREED = 0.6
"""Share of the votes that a word needs; a frame that says nothing votes against every word."""
ALIKE, ALIKER = 0.74, 0.025
"""Least mean overlap of the object with its shape, and by how much it exceeds any other's."""
BEGINNING = 3
"""Frames in which the object is first shown that say where it starts."""
UNSETTLED = 7.0
"""Most pixels between two of these, beyond which it starts nowhere."""


def read(frames: Frames) -> Reading:
    """Say word by word what a clip shows.

    Args:
        frames: uint8, T x SIZE x SIZE x 3, RGB, with T of at least `FEWEST`; tuned at 16.

    Returns:
        attribute -> word, for each of `ATTRIBUTES`; None where the clip does not say. An object
        that stands still has no speed. Rotating is clockwise, as the renderer turns; blinking is
        blinking whether the clip begins with the object shown or hidden.

    Raises:
        ValueError: the array is not such a clip.

    On rendered clips at most 2 % of the words are wrong or None (measured by the tests).
    """
    if frames.ndim != 4 or frames.shape[1:] != (SIZE, SIZE, 3) or frames.dtype != np.uint8:
        raise ValueError(
            f"clip readback takes T x {SIZE} x {SIZE} x 3 uint8, got {frames.shape} {frames.dtype}"
        )
    if len(frames) < FEWEST:
        raise ValueError(f"clip readback takes at least {FEWEST} frames, got {len(frames)}")
    # Two metrics ask of one clip, one after the other.
    return dict(_reading(frames.tobytes(), len(frames)))


@lru_cache(maxsize=4)
def _reading(content: bytes, count: int) -> Reading:
    frames: Frames = np.frombuffer(content, np.uint8).reshape(count, SIZE, SIZE, 3)
    papers: list[Field | None] = [evidence.paper(frame.astype(float)) for frame in frames]
    words: Reading = dict.fromkeys(ATTRIBUTES)
    if sum(paper is None for paper in papers) > (1 - AGREED) * len(frames):
        return words
    words["background"] = _vote(
        None if paper is None else evidence.background(paper) for paper in papers
    )
    found = track.follow(frames)
    shown = [int(number) for number in found.shown]
    if not shown:
        return words
    words["shape"] = _shape(found)
    words["place"] = _place(found)
    words["colour"] = _vote(
        evidence.colour(frames[number].astype(float), ink)
        for number, ink in zip(shown, found.inks, strict=True)
    )
    words["style"] = _vote(
        _style(frames[number].astype(float), papers[number], mask)
        for number, mask in zip(shown, found.masks, strict=True)
    )
    words["motion"], words["speed"] = motion_reading.read(found, words["shape"])
    return words


def accuracy(frames: Frames, words: Mapping[str, str]) -> float:
    """Share of the words that the clip honours, in [0, 1].

    Raises:
        ValueError: no words, a word of an attribute that is not read, or not such a clip.
    """
    if not words:
        raise ValueError("accuracy needs at least one word")
    unknown = sorted(set(words) - set(ATTRIBUTES))
    if unknown:
        raise ValueError(f"clip readback knows no attribute {unknown[0]!r}")
    found = read(frames)
    return sum(found[attribute] == word for attribute, word in words.items()) / len(words)


def _vote(words: Iterable[str | None]) -> str | None:
    """The word of a clear majority of frames."""
    votes = Counter(words)
    word, count = votes.most_common(1)[0]
    return word if count >= AGREED * votes.total() else None


def _shape(found: Track) -> str | None:
    likeness = found.likeness()
    second, first = sorted(likeness, key=likeness.__getitem__)[-2:]
    if likeness[first] < ALIKE or likeness[first] - likeness[second] < ALIKER:
        return None
    return first


def _place(found: Track) -> str | None:
    start = found.centres[:BEGINNING]
    if np.ptp(start, axis=0).max() > UNSETTLED:
        return None
    x, y = np.median(start, axis=0)
    return evidence.place(float(x), float(y))


def _style(pixels: Field, paper: Field | None, mask: Mask) -> str | None:
    """Style of the object in one frame, measured in a window around it."""
    if paper is None:
        return None
    rows, columns = np.nonzero(mask)
    window = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
    inside = np.pad(mask[window], 1)
    coloured = np.pad(pixels[window], ((1, 1), (1, 1), (0, 0)))
    away = np.pad(np.linalg.norm(pixels[window] - paper[window[0], None], axis=2), 1)
    hollow = evidence.hollowness(away, inside)
    if hollow is None:
        return None
    radius = float(np.sqrt(len(rows) / np.pi))
    return evidence.style(hollow, evidence.fall_of_light(coloured.mean(2), inside, radius))
