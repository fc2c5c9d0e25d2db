"""A browser plays stored clips, and shows exactly the pixels that are scored."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from playwright.sync_api import Page

from evals.clips import codec as clips
from evals.clips.codec import Clip
from tests.browser.chromium import chromium
from tests.evals.clips.clip_files import noise, pattern, written

pytestmark = pytest.mark.browser

PLAY = """
async ([data, mime]) => {
  const video = document.createElement("video");
  const event = name => new Promise((done, failed) => {
    video.addEventListener(name, done, { once: true });
    video.onerror = () => failed(new Error(video.error.message));
  });
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
  video.muted = true;
  video.src = URL.createObjectURL(new Blob([bytes], { type: mime }));
  await event("canplaythrough");
  const ended = event("ended");
  await video.play();
  await ended;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const painter = canvas.getContext("2d", { willReadFrequently: true });
  const frames = [];
  for (const at of TIMES) {
    // The new frame is there when it has been presented, which may be after `seeked`.
    const shown = new Promise(done => video.requestVideoFrameCallback(done));
    video.currentTime = at;
    await shown;
    painter.drawImage(video, 0, 0);
    const pixels = painter.getImageData(0, 0, canvas.width, canvas.height).data;
    frames.push(Array.from(pixels));
  }
  return { size: [canvas.height, canvas.width], seconds: video.duration, frames };
}
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_page()


def shown(page: Page, data: bytes, mime: str, clip: Clip, indices: list[int]) -> np.ndarray:
    """What the browser shows in the middle of some of the clip's frames."""
    times = [(index + 0.5) / clip.fps for index in indices]
    answer = page.evaluate(
        PLAY.replace("TIMES", str(times)), [base64.b64encode(data).decode(), mime]
    )
    assert answer["seconds"] == pytest.approx(len(clip.frames) / clip.fps, abs=0.002)
    frames = np.array(answer["frames"], np.uint8)
    return frames.reshape(len(indices), *answer["size"], 4)[..., :3]


@pytest.mark.parametrize("size", [(64, 64), (37, 51)])
def test_a_stored_clip_is_shown_to_the_bit(page: Page, size: tuple[int, int]) -> None:
    clip = clips.to_clip(noise(6, *size, 3), 8)
    seen = shown(page, clips.encode(clip), clips.MIME, clip, [0, 3, 5])
    assert np.array_equal(seen, clip.frames[[0, 3, 5]])


@pytest.mark.parametrize("rotation", [0, 90, 180, -90])
def test_a_rotated_clip_is_read_as_it_is_shown(page: Page, rotation: int) -> None:
    data = written(
        pattern(5, 48, 64), "libvpx-vp9", rate=Fraction(8), rotation=rotation, options={"b": "4M"}
    )
    clip = clips.decode(data)
    seen = shown(page, data, "video/mp4", clip, [0, 4])
    assert seen.shape == clip.frames[[0, 4]].shape
    # Browsers enlarge chroma their own way; a wrong turn is off by 50 levels.
    assert np.abs(seen.astype(int) - clip.frames[[0, 4]]).mean() < 4


@pytest.mark.parametrize("height", [48, 720])
def test_colours_without_a_name_are_read_as_they_are_shown(page: Page, height: int) -> None:
    data = written(np.full((3, height, 64, 3), (200, 60, 90), np.uint8), "libvpx-vp9")
    clip = clips.decode(data)
    seen = shown(page, data, "video/mp4", clip, [1])
    # Another matrix is off by 11 levels.
    assert np.abs(seen[0].astype(int) - clip.frames[1]).max() <= 3
