"""What the bytes of a clip file tell before any library opens it: which container, how much of it.

Two kinds are read, MP4/MOV and WebM/Matroska, known by their first bytes and opened as nothing
else: formats that name further files or addresses (playlists, HLS, concat) cannot be reached.

An MP4 states in a few bytes how many samples it has, and demuxers make a table of that length on
opening: 3 kB that claim 67 million samples cost 4.4 GB and 17 seconds (measured, FFmpeg 8.1). So
the claims are added up here first. Matroska has no such counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from evals.clips.limits import MOST_FRAMES
from evals.errors import MediaError

Container = Literal["mov", "matroska"]
"""As FFmpeg calls its demuxers."""

MOST_CLAIMED = 12_000_000
"""Samples in all tables of an MP4 together: two minutes of uncompressed sound at 48 kHz are listed
in two tables of 5.76 million. Opening a file that claims as many takes 0.8 GB."""

_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"moof", b"wide", b"free", b"skip")
_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT = b"\x18\x53\x80\x67"

_PARENTS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"})
_DEEPEST = 6
"""Levels of boxes down to a table of samples."""
_COUNT_AT = {b"stsz": 8, b"stz2": 8, b"trun": 4}
"""Tables of samples, and where in them the number of samples stands."""
_RUNS = frozenset({b"stts", b"ctts"})
"""Tables of runs: from byte 8 on, pairs of a number of samples and what they share."""


def container(data: bytes) -> Container:
    """Which container the file is, by its first bytes.

    Raises:
        MediaError: empty, or neither of the two.
    """
    if not data:
        raise MediaError("the file is empty")
    if data[4:8] in _FIRST_BOXES:
        return "mov"
    if data.startswith(_EBML):
        return "matroska"
    raise MediaError("not a clip in MP4, MOV, WebM or MKV")


def missing(data: bytes) -> int:
    """Bytes that the container says it has beyond the end of the file: how much was cut off.

    0 where it does not say (a WebM written while it was streamed).
    """
    if container(data) == "mov":
        ends = [box.end for box in _boxes(data, 0, len(data)) if box.kind in (b"moov", b"mdat")]
        return max(0, *ends, len(data)) - len(data)
    header = _vint(data, len(_EBML))
    if header is None or header.value is None:
        return 0
    at = header.end + header.value
    if data[at : at + len(_SEGMENT)] != _SEGMENT:
        return 0
    body = _vint(data, at + len(_SEGMENT))
    if body is None or body.value is None:
        return 0
    return max(0, body.end + body.value - len(data))


def check_claims(data: bytes) -> None:
    """Refuse an MP4 that claims more samples than a clip can have; MediaError."""
    if container(data) == "mov":
        claimed = _claimed(data, 0, len(data), _DEEPEST)
        if claimed > MOST_CLAIMED:
            raise MediaError(
                f"the file claims {claimed:,} samples: over the limit of {MOST_FRAMES:,} frames"
                " with their sound"
            )


@dataclass(frozen=True)
class _Box:
    kind: bytes
    start: int
    """Where its contents begin."""
    end: int
    """Where it says that it ends."""


def _boxes(data: bytes, start: int, end: int) -> Iterator[_Box]:
    """The boxes that lie one after the other from `start` on."""
    while start + 8 <= end:
        size, kind, head = _uint(data, start, 4), data[start + 4 : start + 8], 8
        if size == 1 and start + 16 <= end:
            size, head = _uint(data, start + 8, 8), 16
        elif size == 0:
            size = end - start
        if size < head:
            return
        yield _Box(kind, start + head, start + size)
        start += size


def _claimed(data: bytes, start: int, end: int, levels: int) -> int:
    total = 0
    for box in _boxes(data, start, end):
        stop = min(box.end, end)
        if box.kind in _PARENTS and levels > 0:
            total += _claimed(data, box.start, stop, levels - 1)
        elif box.kind in _COUNT_AT:
            total += _uint(data, box.start + _COUNT_AT[box.kind], 4)
        elif box.kind in _RUNS:
            total += _in_runs(data[box.start + 8 : stop])
    return total


def _in_runs(pairs: bytes) -> int:
    import numpy as np

    whole = len(pairs) // 8 * 2
    return int(np.frombuffer(pairs, ">u4", count=whole)[::2].sum(dtype=np.uint64))


@dataclass(frozen=True)
class _Vint:
    value: int | None
    """None for the number that means "unknown"."""
    end: int


def _vint(data: bytes, at: int) -> _Vint | None:
    """The number of EBML's own coding at `at`; None where there is none."""
    if at >= len(data) or data[at] == 0:
        return None
    length = 9 - data[at].bit_length()
    bits = 7 * length
    value = _uint(data, at, length) & ((1 << bits) - 1)
    return _Vint(None if value == (1 << bits) - 1 else value, at + length)


def _uint(data: bytes, at: int, length: int) -> int:
    return int.from_bytes(data[at : at + length], "big")
