"""Clip files → frames: headers and packets are checked before a frame is decoded.

What is defined where files differ:

- frames are as stored: an edit list is not followed, pixels that are not square stay as they are;
- a clip that is marked as rotated is turned, as players turn it;
- an alpha channel is dropped, sound is ignored, of several video tracks the main one is read;
- a frame rate that varies becomes the mean rate; no frame is dropped or repeated;
- YUV without a named colour space is BT.601 of any size: that is what FFmpeg makes of RGB, and
  what writes no name is FFmpeg called from Python;
- a damaged or cut-off file is an error that says how many frames were whole: half a clip is not
  what the model made.
"""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from evals import media
from evals.clips import containers as clip_containers
from evals.clips import limits as clip_limits
from evals.errors import MediaError

if TYPE_CHECKING:
    import numpy as np
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    Frames = NDArray[np.uint8]

CODECS = ("h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4", "mjpeg")
"""FFmpeg's decoders that are used; a track that needs any other is refused undecoded."""
_NO_SPACE = 2
"""FFmpeg's number for a colour space that is not named."""


def read(data: bytes) -> tuple[Frames, float]:
    """All frames (frames × height × width × 3 uint8, RGB) and how many there are in a second.

    Peak memory is the clip itself (2 GB at most), a few frames of decoding, and the file.

    Raises:
        MediaError: too large, too long, too fast, damaged, cut off, or no clip.
    """
    import numpy as np

    listed = _listed(data)
    times: list[Fraction] = []
    with _opened(data) as (container, stream):
        pictures = _decoded(container, stream)
        time, first = next(pictures)
        media.check_size(first.shape[1], first.shape[0])
        clip_limits.check_memory(listed, first.shape[1], first.shape[0])
        frames = np.empty((listed, *first.shape), np.uint8)
        frames[0] = first
        times.append(time)
        for time, picture in pictures:
            if picture.shape != first.shape:
                raise MediaError(
                    f"frame {len(times) + 1} is {_size(picture)} and the first {_size(first)}"
                )
            if len(times) == listed:
                raise MediaError(f"the file holds more frames than the {listed:,} it lists")
            frames[len(times)] = picture
            times.append(time)
        fps = _fps(times, stream)
    clip_limits.check_count(len(times))
    clip_limits.check_seconds(float(len(times) / fps))
    return frames[: len(times)], float(fps)


def first_shown(data: bytes) -> Picture:
    """The first frame that is not all one colour, or the very first where there is none.

    Decodes no further than that frame.

    Raises:
        MediaError: too large, damaged before that frame, or no clip.
    """
    with _opened(data) as (container, stream):
        pictures = islice(_decoded(container, stream), clip_limits.MOST_FRAMES)
        _, first = next(pictures)
        if not media.is_flat(first):
            return first
        return next((picture for _, picture in pictures if not media.is_flat(picture)), first)


def _listed(data: bytes) -> int:
    """Frames that the file lists, counted without decoding one, once all limits are checked."""
    from av.error import FFmpegError

    count, reason = 0, ""
    times: list[int] = []
    with _opened(data) as (container, stream):
        told = stream.frames
        clip_limits.check_count(told or 2)
        try:
            for packet in container.demux(stream):
                if packet.is_corrupt:
                    reason = "a frame's bytes end too early"
                    break
                if packet.size:
                    count += 1
                    clip_limits.check_count(max(2, count))
                    if packet.pts is not None:
                        times.append(packet.pts)
        except FFmpegError as error:
            reason = error.strerror or "unreadable"
        if times and stream.time_base is not None:
            clip_limits.check_seconds(float((max(times) - min(times)) * stream.time_base))
        clip_limits.check_memory(count, stream.width, stream.height)
    if told > count:
        reason = reason or f"it lists {told:,}"
    reason = _cut_off(data) or reason
    if reason:
        raise MediaError(f"the clip is damaged after {_whole(count)}: {reason}")
    clip_limits.check_count(count)
    return count


@contextmanager
def _opened(data: bytes) -> Generator[tuple[InputContainer, VideoStream]]:
    """The file's main video track, its header checked and its decoder held to the limits."""
    import av
    from av.error import FFmpegError
    from av.video.stream import VideoStream

    if len(data) > media.LARGEST_BYTES:
        raise MediaError(f"{len(data):,} bytes are over the limit of {media.LARGEST_BYTES:,}")
    kind = clip_containers.container(data)
    clip_containers.check_claims(data)
    limits = {"max_pixels": str(media.LARGEST_PIXELS)}
    # Nothing but these bytes is read: an MP4 may name other files, which FFmpeg leaves alone unless
    # told otherwise, and no protocol could open them.
    options = {"codec_whitelist": ",".join(CODECS), "protocol_whitelist": "none", **limits}
    if kind == "mov":
        # Following an edit list, FFmpeg copies the table of samples once for each edit.
        options["advanced_editlist"] = "0"
    try:
        container = av.open(
            io.BytesIO(data),
            "r",
            format=kind,
            options=options,
            metadata_errors="ignore",
        )
    except FFmpegError as error:
        raise MediaError(f"the clip is damaged: {_cut_off(data) or error.strerror}") from error
    with container:
        stream = container.streams.best("video")
        if not isinstance(stream, VideoStream):
            raise MediaError("the file holds no video")
        codec = stream.codec_context.name if stream.codec_context else "an unknown codec"
        if codec not in CODECS:
            raise MediaError(f"coded in {codec}, which is not one of {', '.join(CODECS)}")
        if not (stream.width and stream.height):
            # What FFmpeg makes of a size over `max_pixels`, and of a track without any bytes.
            reason = _cut_off(data) or "frames have no size, or one over the limit"
            raise MediaError(f"the clip is damaged: {reason}")
        media.check_size(stream.width, stream.height)
        # One thread: no frames held back in others, and the other cores are the models'.
        stream.thread_count = 1
        stream.codec_context.options = {**limits, "err_detect": "explode"}
        yield container, stream


def _cut_off(data: bytes) -> str | None:
    lost = clip_containers.missing(data)
    return f"its end is missing ({lost:,} B)" if lost else None


def _decoded(container: InputContainer, stream: VideoStream) -> Iterator[tuple[Fraction, Picture]]:
    """When each frame is shown (seconds), and what; at least one."""
    from av.error import FFmpegError

    whole = 0
    try:
        for frame in container.decode(stream):
            if frame.is_corrupt:
                raise MediaError(f"the clip is damaged after {_whole(whole)}")
            if frame.pts is None or frame.time_base is None:
                raise MediaError(f"frame {whole + 1} of the clip has no time")
            yield frame.pts * frame.time_base, _picture(frame)
            whole += 1
    except FFmpegError as error:
        raise MediaError(f"the clip is damaged after {_whole(whole)}: {error.strerror}") from error
    if whole == 0:
        raise MediaError("the clip holds no frame that can be decoded")


def _picture(frame: VideoFrame) -> Picture:
    import numpy as np
    from av.video.reformatter import Interpolation

    named = frame.format.is_rgb or frame.colorspace != _NO_SPACE
    # These flags give the same pixels on every processor; without them swscale takes short cuts
    # that differ between instruction sets.
    exact = (
        Interpolation.BICUBIC
        | Interpolation.ACCURATE_RND
        | Interpolation.FULL_CHR_H_INT
        | Interpolation.BITEXACT
    )
    pixels = frame.to_ndarray(
        format="rgb24",
        src_colorspace=None if named else "ITU601",
        interpolation=exact,
        threads=1,
    )
    return np.rot90(pixels.astype(np.uint8, copy=False), round(frame.rotation / 90))


def _fps(times: Sequence[Fraction], stream: VideoStream) -> Fraction:
    """The rate that the file declares where its frames keep it, else the mean of what they keep.

    Frames are timed in ticks (of a millisecond, in WebM), so their mean alone would be rough.
    """
    for number, (before, after) in enumerate(pairwise(times), start=2):
        if after < before:
            raise MediaError(f"frame {number} of the clip is timed before the one ahead of it")
    span = times[-1] - times[0]
    if span <= 0:
        return clip_limits.rate(None)
    gaps = len(times) - 1
    declared, tick = stream.average_rate, stream.time_base
    if declared and tick and abs(gaps / declared - span) <= tick:
        return clip_limits.rate(float(declared))
    return clip_limits.rate(float(gaps / span))


def _size(picture: Picture) -> str:
    return f"{picture.shape[1]} × {picture.shape[0]}"


def _whole(frames: int) -> str:
    return f"{frames:,} whole frame{'' if frames == 1 else 's'}"
