"""Clip files as other programs make them, good and bad, written with PyAV itself."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np

Frames = np.ndarray


def pattern(count: int, height: int = 32, width: int = 48) -> Frames:
    """Smooth colours that move from frame to frame: every frame differs from every other."""
    y, x = np.mgrid[:height, :width].astype(float)
    frames = [
        np.stack([128 + 80 * np.sin((u + 2 * i + 9 * c) / 9) for c, u in enumerate((x, y, x + y))])
        for i in range(count)
    ]
    return np.rint(np.moveaxis(frames, 1, -1)).astype(np.uint8)


def noise(*shape: int) -> Frames:
    """Frames that no coding can make small."""
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def written(
    frames: Frames,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    kind: str = "mp4",
    *,
    rate: int | Fraction = 8,
    at_ms: Sequence[int] | None = None,
    rotation: int = 0,
    sound_s: int = 0,
    options: dict[str, str] | None = None,
    container: dict[str, str] | None = None,
) -> bytes:
    """A file of `frames`: at a constant rate, or each at its own time."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=kind, container_options=container or {}) as out:
        stream = out.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], pixels
        stream.thread_count, stream.options = 1, options or {}
        tick = Fraction(1, 1000) if at_ms is not None else 1 / Fraction(rate)
        stream.codec_context.time_base = tick
        if rotation:
            stream.set_display_rotation(rotation)
        sound = out.add_stream("aac", rate=48_000, layout="mono") if sound_s else None
        for index, picture in enumerate(frames):
            kept = "rgba" if picture.shape[-1] == 4 else "rgb24"
            frame = av.VideoFrame.from_ndarray(picture, kept).reformat(format=pixels)
            frame.pts, frame.time_base = at_ms[index] if at_ms is not None else index, tick
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if sound is not None:
            silence = np.zeros((1, 48_000 * sound_s), np.float32)
            chunk = av.AudioFrame.from_ndarray(silence, "fltp", "mono")
            chunk.sample_rate, chunk.pts = 48_000, 0
            out.mux(sound.encode(chunk))
            out.mux(sound.encode(None))
    return buffer.getvalue()


def repeated(frame: Frames, times: int) -> bytes:
    """A clip of one frame again and again, coded only once: long clips made cheaply."""
    buffer = io.BytesIO()
    source = written(frame[None], "mjpeg", "yuvj420p", "mov")
    with av.open(io.BytesIO(source)) as read, av.open(buffer, "w", format="mov") as out:
        track = read.streams.video[0]
        packet = next(read.demux(track))
        coded = bytes(packet)
        stream = out.add_stream_from_template(track)
        stream.time_base = Fraction(1, 24)
        for index in range(times):
            again = av.Packet(coded)
            again.stream, again.time_base = stream, Fraction(1, 24)
            again.pts = again.dts = index
            again.duration, again.is_keyframe = 1, True
            out.mux(again)
    return buffer.getvalue()


def timed_alike(data: bytes) -> bytes:
    """The same WebM with every frame at time 0: it does not say how fast it plays."""
    buffer = io.BytesIO()
    with av.open(io.BytesIO(data)) as read, av.open(buffer, "w", format="webm") as out:
        track = read.streams.video[0]
        stream = out.add_stream_from_template(track)
        for packet in read.demux(track):
            if packet.size:
                packet.pts = packet.dts = packet.duration = 0
                packet.stream = stream
                out.mux(packet)
    return buffer.getvalue()


def no_frames(kind: str = "mp4") -> bytes:
    """A header for a video track, and no frame."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=kind) as out:
        stream = out.add_stream("libx264" if kind == "mp4" else "libvpx-vp9", rate=8)
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        out.start_encoding()
    return buffer.getvalue()


def sound_only() -> bytes:
    """An MP4 that holds no video."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as out:
        sound = out.add_stream("aac", rate=48_000, layout="mono")
        chunk = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.float32), "fltp", "mono")
        chunk.sample_rate, chunk.pts = 48_000, 0
        out.mux(sound.encode(chunk))
        out.mux(sound.encode(None))
    return buffer.getvalue()


def spoilt(data: bytes, frame: int) -> bytes:
    """The same file with the first bytes of one frame's code (counted from 0) overwritten."""
    with av.open(io.BytesIO(data)) as read:
        packets = [packet for packet in read.demux(video=0) if packet.size]
        start = packets[frame].pos
    assert start is not None
    return data[:start] + bytes(8) + data[start + 8 :]


def patched(data: bytes, box: bytes, offset: int, *numbers: int) -> bytes:
    """The same file with 32-bit numbers written at `offset` into the contents of an MP4 box."""
    start = data.index(box) + len(box) + offset
    fresh = b"".join(number.to_bytes(4, "big") for number in numbers)
    return data[:start] + fresh + data[start + len(fresh) :]


def claiming(data: bytes, samples: int) -> bytes:
    """The same MP4 with tables that say it holds so many samples of one byte each."""
    data = patched(data, b"stsz", 4, 1, samples)
    data = patched(data, b"stsc", 8, 1, samples)
    return patched(data, b"stts", 8, samples)
