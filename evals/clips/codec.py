"""Clips: checked, encoded, stored by content, decoded within limits.

What a model returned is checked before it is encoded. What is read back is checked from its headers
before a frame is decoded, because a small file can hold a clip that fills the memory.

Clips are stored as VP9 in RGB without loss, in MP4: what is decoded is what was made, to the bit,
so no score depends on an encoder, and Chromium shows just those pixels. Lossless YUV is already off
by up to 2 of 255 levels, lossy codings by 10 and more; H.264 in RGB is shown in wrong colours, and
libx264 makes different files of one small clip. WebM rounds times to a millisecond and does not say
how many frames it holds. Measured on one core:

======================================  ============  ============  ============
clip                                    bytes         encoding      decoding
======================================  ============  ============  ============
16 × 64 × 64 of the calibration world   1.5 to 18 k   0.015 s       0.002 s
121 × 480 × 704, smooth, moving         0.7 M         1.3 s         0.5 s
121 × 480 × 704, grain of one level     41 M          13 s          3 s
======================================  ============  ============  ============
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals import media
from evals.clips import limits as clip_limits
from evals.clips import reader as clip_reader
from evals.errors import MediaError
from evals.types import Media

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    Frames = NDArray[np.uint8]

MIME = "video/mp4"
_VP9 = {"lossless": "1", "deadline": "good", "cpu-used": "5"}
"""`realtime` is twice as fast, and its files of grainy clips 40 % larger."""


@dataclass(frozen=True)
class Clip:
    """Pictures in a row, and how fast they follow each other."""

    frames: Frames
    """frames × height × width × 3 uint8, RGB; at least 2."""
    fps: float


def to_clip(pixels: NDArray[Any], fps: float | None) -> Clip:
    """What a model returned, as a clip.

    A frame of one colour is fine (objects blink, scenes fade); a clip of nothing else is not.

    Args:
        pixels: frames × height × width × 3, RGB; uint8, or floating point in [0, 1].
        fps: frames per second, above 0 and at most 240; kept to the nearest fraction with a
            denominator up to 1001.

    Raises:
        MediaError: another shape or type, fewer than two frames, too large, too long, NaN or
            infinite, out of range, no usable rate, or nothing to be seen in any frame.
    """
    import numpy as np

    media.check_array(pixels)
    if pixels.ndim != 4 or pixels.shape[3] != 3 or 0 in pixels.shape[1:]:
        raise MediaError(f"not frames × height × width × 3 but {pixels.shape}")
    count, height, width = pixels.shape[:3]
    clip_limits.check_count(count)
    media.check_size(width, height)
    clip_limits.check_memory(count, width, height)
    rate = clip_limits.rate(fps)
    clip_limits.check_seconds(float(count / rate))
    frames = pixels if pixels.dtype == np.uint8 else _to_levels(pixels)
    if all(map(media.is_flat, frames)):
        colour = "black" if int(frames.max()) <= media.FLATTEST else "one colour"
        raise MediaError(f"every frame of the clip is all {colour}")
    return Clip(frames, float(rate))


def _to_levels(pixels: NDArray[Any]) -> Frames:
    import numpy as np

    frames = np.empty(pixels.shape, np.uint8)
    # Frame by frame: rounding takes several times the memory of what is rounded.
    for index, frame in enumerate(pixels):
        try:
            frames[index] = media.to_levels(frame)
        except MediaError as error:
            raise MediaError(f"frame {index + 1}: {error}") from error
    return frames


def encode(clip: Clip) -> bytes:
    """The clip without loss, as an MP4; the same clip gives the same bytes."""
    import av
    from av.codec.context import Flags

    buffer = io.BytesIO()
    _, height, width = clip.frames.shape[:3]
    # Bit-exact: no date, and no version of the writing library, in the headers.
    options = {"fflags": "+bitexact"}
    with av.open(buffer, "w", format="mp4", container_options=options) as container:
        stream = container.add_stream("libvpx-vp9", rate=clip_limits.rate(clip.fps))
        stream.width, stream.height, stream.pix_fmt = width, height, "gbrp"
        stream.thread_count = 1
        stream.codec_context.flags |= Flags.bitexact
        stream.options = dict(_VP9)
        for index, picture in enumerate(clip.frames):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="gbrp", threads=1)
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def decode(data: bytes) -> Clip:
    """A clip file's frames, at whatever rate it was made; `evals.clips.reader` says what is read.

    Raises:
        MediaError: empty, of no allowed format, too large, too long, damaged, or cut off.
    """
    return Clip(*clip_reader.read(data))


def store(clip: Clip, run_folder: Path) -> Media:
    """Write the clip under `media/` of a run by its content; the same clip twice is one file.

    As with pictures, the bytes are on disk when this returns.

    Raises:
        MediaError: the file is larger than one that is read: it could never be scored.
    """
    data = encode(clip)
    if len(data) > media.LARGEST_BYTES:
        raise MediaError(
            f"{len(data):,} bytes without loss are over the limit of {media.LARGEST_BYTES:,}"
        )
    name, relative = media.keep(data, ".mp4", run_folder)
    count, height, width = clip.frames.shape[:3]
    return Media(name, relative, MIME, width, height, len(data), frames=count, fps=clip.fps)


def poster(clip: Clip | Path) -> Picture:
    """One picture that stands for the clip in a list (height × width × 3 uint8, RGB).

    The first frame that is not all one colour; a file is decoded no further than that.

    Raises:
        MediaError: the file is damaged or no clip.
        OSError: the file cannot be read.
    """
    if isinstance(clip, Path):
        return clip_reader.first_shown(clip.read_bytes())
    return next((frame for frame in clip.frames if not media.is_flat(frame)), clip.frames[0])
