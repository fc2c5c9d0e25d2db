"""What the object of a clip does -> the words for its motion and speed, or None: it never guesses.

Three things are measured over the clip: how far the centre goes, by what factor the radius grows,
and by how many degrees the object turns. Exactly one of them may happen, steadily, for the clip to
show that motion; none, for it to stand still. Half-way between the renderer's slow and its fast
lies the bound between the two words, with a gap in which no word is right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.calibration.evidence import Field
from evals.calibration.motions import BLINK, GROWTH, SPEEDS, STILL, TRAVEL, TURN
from evals.calibration.track import SYMMETRY, Track

Words = tuple[str | None, str | None]
"""Motion and speed; the latter is None of what stands still and where it is not clear."""
NOTHING: Words = (None, None)

QUIET = 0.45
"""Share of the slow motion up to which nothing happens."""
CLEAR = 0.65
"""Share of the slow motion from which on something does."""
GAP = 0.1
"""Half the gap between slow and fast, as a share of the distance between the two."""
MISSED = 1 / 8
"""Share of frames that may fail to show the object, or break the rhythm in which it blinks."""
ASKEW = 0.4
"""Most that an object moves across its way, as a share of its way."""
JITTER = 1.6
"""Root mean square deviation from a steady way, in pixels, that a clip may have at all."""
UNEVEN = 0.12
"""The same as a share of the way: an object that jumps deviates by more."""
SIZE_JITTER = 0.06
"""The same for the logarithm of the radius."""
COHERENT = 0.75
"""Length of the mean of the angles' unit vectors, from which on the object turns steadily."""
FASTEST_TURN = 260.0
"""Degrees in a whole clip up to which a turn is looked for."""


@dataclass(frozen=True)
class _Change:
    """Of one quantity over the whole clip."""

    amount: float
    """From the first frame to the last, along the line that fits best."""
    jitter: float
    """Root mean square deviation from that line."""


def read(track: Track, shape: str | None) -> Words:
    """Name what the object does and how fast.

    Args:
        track: of the object.
        shape: of the object; None where it has none that is known, so that nobody can say whether
            it turns: it may still be seen to move, grow or blink.
    """
    if len(track.shown) < 2:
        return NOTHING
    times = track.shown / (track.frames - 1)
    across, down = (_line(times, track.centres[:, axis]) for axis in (0, 1))
    growth = _line(times, np.log(track.areas) / 2)
    turn = _turn(times, track.angles(shape), SYMMETRY[shape]) if shape is not None else None
    way = float(np.hypot(across.amount, down.amount))
    wobble = float(np.hypot(across.jitter, down.jitter))
    slowest = np.log(GROWTH["slowly"])
    stays = way <= QUIET * TRAVEL["slowly"] and wobble <= JITTER
    keeps_size = abs(growth.amount) <= QUIET * slowest and growth.jitter <= SIZE_JITTER
    turned = 0.0 if turn is None else turn
    keeps_angle = abs(turned) <= QUIET * TURN["slowly"]

    if len(track.shown) < (1 - MISSED) * track.frames:
        rhythm = _rhythm(track)
        return ("blinking", rhythm) if rhythm and stays and keeps_size and keeps_angle else NOTHING
    if stays and keeps_size and keeps_angle:
        return (STILL, None) if turn is not None else NOTHING
    if keeps_size and keeps_angle and wobble <= max(JITTER, UNEVEN * way):
        return _named(_heading(across.amount, down.amount), way, TRAVEL)
    if stays and keeps_angle and growth.jitter <= max(SIZE_JITTER, UNEVEN * growth.amount):
        logarithms = {speed: float(np.log(factor)) for speed, factor in GROWTH.items()}
        return _named("growing", growth.amount, logarithms)
    if stays and keeps_size:
        return _named("rotating", turned, TURN)
    return NOTHING


def _line(times: Field, values: Field) -> _Change:
    """Least squares; `times` run from 0 at the first frame of the clip to 1 at the last."""
    early = times - times.mean()
    slope = float((early * values).sum() / np.square(early).sum())
    rest = values - values.mean() - slope * early
    return _Change(slope, float(np.sqrt(np.square(rest).mean())))


def _turn(times: Field, angles: Field, symmetry: int) -> float | None:
    """Degrees by which the object turns clockwise in the whole clip; None where it is not steady.

    The turn is the one after which the angles agree best, each taken as a direction modulo the
    symmetry: so neither a frame that is missing nor one that is misread leads it astray.
    """
    if symmetry == 0:
        return 0.0
    turns = np.arange(-FASTEST_TURN, FASTEST_TURN + 1, 2.0)
    phases = 2 * np.pi / symmetry * (angles - turns[:, None] * times)
    agreement = np.abs(np.exp(1j * phases).mean(axis=1))
    best = int(agreement.argmax())
    return float(turns[best]) if agreement[best] >= COHERENT else None


def _heading(across: float, down: float) -> str | None:
    """The direction of a way, unless it is slanting."""
    if min(abs(across), abs(down)) > ASKEW * max(abs(across), abs(down)):
        return None
    if abs(across) > abs(down):
        return "moving right" if across > 0 else "moving left"
    return "moving down" if down > 0 else "moving up"


def _named(motion: str | None, amount: float, amounts: dict[str, float]) -> Words:
    """The motion and its speed, given how much of it there is and how much each speed would be."""
    slow, fast = (amounts[speed] for speed in SPEEDS)
    if motion is None or amount < CLEAR * slow:
        return NOTHING
    share = (amount - slow) / (fast - slow)
    if abs(share - 0.5) < GAP:
        return motion, None
    return motion, SPEEDS[0] if share < 0.5 else SPEEDS[1]


def _rhythm(track: Track) -> str | None:
    """The speed at which the object blinks: the one rhythm, begun anywhere, that nearly all fits.

    Frames of which nobody can say whether they show the object fit any rhythm.
    """
    most = int(MISSED * track.frames)
    if len(track.shown) + len(track.hidden) < track.frames - most:
        return None
    misfits = {speed: _misfits(track.shown, track.hidden, BLINK[speed]) for speed in SPEEDS}
    first, second = sorted(SPEEDS, key=misfits.__getitem__)
    clear = misfits[first] <= most / 2 and misfits[second] > most
    return first if clear else None


def _misfits(shown: NDArray[np.int64], hidden: NDArray[np.int64], length: int) -> int:
    """Least number of frames against the rhythm `length` frames shown, `length` hidden."""
    return min(
        int(((shown + start) // length % 2).sum() + (1 - (hidden + start) // length % 2).sum())
        for start in range(2 * length)
    )
