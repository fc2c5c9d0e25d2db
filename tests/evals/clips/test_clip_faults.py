"""Every clip file that is not as it should be gets a named error or a defined clip."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.clips import codec as clips
from evals.errors import MediaError
from tests.evals.clips import clip_files
from tests.evals.clips.clip_files import claiming, patched, pattern, repeated, written

FRAMES = pattern(16)
MP4 = written(FRAMES)
WEBM = written(FRAMES, "libvpx-vp9", kind="webm")
OWN = clips.encode(clips.to_clip(FRAMES, 8))
IN_FRAGMENTS = written(
    FRAMES, options={"g": "4"}, container={"movflags": "frag_keyframe+empty_moov"}
)


def closeness(clip: clips.Clip, frames: np.ndarray) -> float:
    """Mean difference in levels of 255."""
    return float(np.abs(clip.frames.astype(int) - frames).mean())


@pytest.mark.parametrize(
    ("codec", "pixels", "kind"),
    [
        ("libx264", "yuv420p", "mp4"),
        ("libx264", "yuv444p", "mov"),
        ("libvpx", "yuv420p", "webm"),
        ("libvpx-vp9", "yuv420p", "webm"),
        ("libvpx-vp9", "yuv420p", "mp4"),
        ("mpeg4", "yuv420p", "matroska"),
        ("mjpeg", "yuvj420p", "mov"),
    ],
)
@pytest.mark.parametrize("size", [(32, 48), (34, 50)])
def test_clips_of_other_makers_are_read(
    codec: str, pixels: str, kind: str, size: tuple[int, int]
) -> None:
    frames = pattern(16, *size)
    clip = clips.decode(written(frames, codec, pixels, kind, options={"b": "4M"}))
    assert clip.frames.shape == frames.shape
    assert clip.fps == 8
    assert closeness(clip, frames) < 6


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"<html><video src='clip.mp4'>", "not a clip in MP4"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/clip.ts\n", "not a clip in MP4"),
        (b"ffconcat version 1.0\nfile '/etc/hostname'\n", "not a clip in MP4"),
        (written(FRAMES, "mpeg4", kind="avi"), "not a clip in MP4"),
        (written(FRAMES, "ffv1", "bgr0", "matroska"), "coded in ffv1, which is not one of h264"),
        (clip_files.sound_only(), "no video"),
        (clip_files.no_frames(), "no video"),
        (clip_files.no_frames("webm"), "damaged: End of file"),
        (claiming(MP4, 0), "holds no frame"),
        (written(FRAMES[:1]), "one frame"),
        (written(FRAMES[:1], "libvpx-vp9", kind="webm"), "one frame"),
        (b"\x1a\x45\xdf\xa3" + bytes(100), "damaged"),
        (b"\x00\x00\x00\x10ftypmp42" + bytes(100), "damaged"),
    ],
)
def test_what_is_no_clip_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=reason):
        clips.decode(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (claiming(MP4, 10**6), "1,000,000 frames are over the limit of 3,000"),
        (claiming(MP4, 2**27), "the file claims .* samples"),
        (patched(MP4, b"stsz", 4, 1, 2**32 - 1), "the file claims 4,294,967,.* samples"),
        (patched(IN_FRAGMENTS, b"trun", 4, 2**30), "the file claims 1,073,.* samples"),
        (repeated(FRAMES[0], 3_001), "3,001 frames are over the limit of 3,000"),
        (
            repeated(np.full((1080, 1920, 3), 90, np.uint8), 400),
            "400 frames of 1920 × 1080 are over .* 2 GB",
        ),
        (written(FRAMES, rate=Fraction(1, 5760)), "86,400.0 seconds are over"),
        (repeated(FRAMES[0], 2_900), "120.8 seconds are over"),
        (written(FRAMES, rate=1000), "1000 frames a second"),
        (written(np.zeros((2, 16, 16_500, 3), np.uint8), "libvpx-vp9"), "over the limit"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_too_much_is_refused_before_it_is_decoded(
    data: bytes, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(*_: object) -> None:
        raise AssertionError("a frame was decoded")

    if "a second" not in reason:
        monkeypatch.setattr("evals.clips.reader._decoded", decoded)
    with pytest.raises(MediaError, match=reason):
        clips.decode(data)


def test_a_file_over_the_limit_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evals.media.LARGEST_BYTES", len(MP4) - 1)
    with pytest.raises(MediaError, match="bytes are over the limit"):
        clips.decode(MP4)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (patched(OWN, b"stts", 12, 0), "how many frames a second"),
        (patched(written(FRAMES, options={"bf": "0"}), b"stts", 12, 0), "how many frames"),
        (patched(MP4, b"stts", 12, 0), "is timed before the one ahead"),
        (clip_files.timed_alike(WEBM), "how many frames a second"),
    ],
)
def test_a_clip_that_does_not_say_how_fast_it_plays_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=reason):
        clips.decode(data)


@pytest.mark.parametrize(("codec", "kind"), [("libx264", "mp4"), ("libvpx-vp9", "webm")])
def test_a_rate_that_varies_becomes_the_mean_rate(codec: str, kind: str) -> None:
    clip = clips.decode(written(FRAMES[:5], codec, kind=kind, at_ms=[0, 100, 150, 400, 1000]))
    assert (len(clip.frames), clip.fps) == (5, 4.0)
    assert closeness(clip, FRAMES[:5]) < 6


@pytest.mark.parametrize("rate", [Fraction(24_000, 1001), Fraction(30), Fraction(25, 2)])
@pytest.mark.parametrize(("codec", "kind"), [("libx264", "mp4"), ("libvpx-vp9", "webm")])
def test_a_constant_rate_is_exact_even_where_times_are_rounded(
    codec: str, kind: str, rate: Fraction
) -> None:
    assert clips.decode(written(FRAMES, codec, kind=kind, rate=rate)).fps == float(rate)


def test_an_alpha_channel_is_dropped() -> None:
    see_through = np.concatenate([FRAMES, np.full((*FRAMES.shape[:3], 1), 60, np.uint8)], axis=-1)
    clip = clips.decode(written(see_through, "libvpx-vp9", "yuva420p", "webm"))
    assert closeness(clip, FRAMES) < 6


def test_an_odd_size_stays_odd() -> None:
    frames = pattern(5, 37, 51)
    assert closeness(clips.decode(written(frames, "libvpx-vp9", kind="webm")), frames) < 6


def test_sound_is_ignored() -> None:
    clip = clips.decode(written(FRAMES, "mpeg4", sound_s=5))
    assert np.array_equal(clip.frames, clips.decode(written(FRAMES, "mpeg4")).frames)
    assert clip.fps == 8


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_clip_marked_as_rotated_is_turned(turns: int) -> None:
    clip = clips.decode(written(FRAMES, "mpeg4", rotation=90 * turns))
    upright = clips.decode(written(FRAMES, "mpeg4"))
    assert np.array_equal(clip.frames, np.rot90(upright.frames, turns, axes=(1, 2)))


@pytest.mark.parametrize("level", [0, 128])
def test_a_clip_of_one_colour_is_read_and_is_no_generation(level: int) -> None:
    clip = clips.decode(written(np.full((4, 16, 16, 3), level, np.uint8)))
    with pytest.raises(MediaError, match="every frame of the clip is all"):
        clips.to_clip(clip.frames, clip.fps)


@pytest.mark.parametrize("data", [MP4, WEBM, OWN, IN_FRAGMENTS], ids=["mp4", "webm", "own", "frag"])
@settings(max_examples=40, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_clip_cut_anywhere_is_an_error_or_whole_in_parts(data: bytes, share: float) -> None:
    """Only a file in fragments can end between two of them and look complete."""
    cut = data[: int(len(data) * share)]
    if data is IN_FRAGMENTS:
        try:
            clip = clips.decode(cut)
        except MediaError:
            return
        assert len(clip.frames) % 4 == 0
        assert np.array_equal(clip.frames, clips.decode(data).frames[: len(clip.frames)])
    else:
        with pytest.raises(MediaError):
            clips.decode(cut)


def test_a_tail_that_is_cut_off_is_counted(tmp_path: Path) -> None:
    """Makers put the header first, so that a clip plays while it loads; its end is what is lost."""
    path = tmp_path / "clip.mp4"
    with av.open(path, "w", container_options={"movflags": "faststart"}) as out:
        stream = out.add_stream("mpeg4", rate=8)
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        for picture in FRAMES:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        out.mux(stream.encode(None))
    data = path.read_bytes()
    with av.open(path) as read:
        starts = [packet.pos or 0 for packet in read.demux(video=0) if packet.size]
    with pytest.raises(MediaError, match="damaged: its end is missing"):
        clips.decode(data[: starts[0] + 5])
    for whole in (1, 9, 15):
        with pytest.raises(MediaError, match=rf"after {whole} whole frames?: its end is missing"):
            clips.decode(data[: starts[whole] + 5])


@pytest.mark.parametrize("codec", ["libx264", "mpeg4", "libvpx-vp9"])
def test_a_frame_that_is_spoilt_is_counted(codec: str) -> None:
    data = clip_files.spoilt(written(FRAMES, codec, options={"bf": "0"}), frame=9)
    with pytest.raises(MediaError, match="damaged after 9 whole frames"):
        clips.decode(data)


@pytest.mark.parametrize("data", [MP4, WEBM, OWN], ids=["mp4", "webm", "own"])
@settings(max_examples=60, deadline=None)
@given(
    spots=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=9)
)
def test_overwritten_bytes_give_a_clip_or_a_named_error(
    data: bytes, spots: list[tuple[float, int]]
) -> None:
    changed = bytearray(data)
    for share, value in spots:
        changed[int(len(data) * share)] = value
    try:
        clip = clips.decode(bytes(changed))
    except MediaError:
        return
    assert clip.frames.ndim == 4
    assert len(clip.frames) >= 2
    assert 0 < clip.fps <= 240
