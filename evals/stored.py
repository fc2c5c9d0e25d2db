"""Kept media → pixels, whatever they are of; and a generation as it is shown to judges."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from evals import media, start_frames
from evals.clips import codec as clips
from evals.errors import MediaError
from evals.needs import Shown
from evals.types import Media, Prompt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]


def read(item: Media, run_folder: Path) -> Pixels:
    """Height x width x 3 uint8 of a picture, frames x height x width x 3 of a clip.

    Raises:
        MediaError: the file is gone, or is not what it was.
    """
    try:
        data = (run_folder / item.path).read_bytes()
    except OSError as error:
        raise MediaError(f"the media is no longer in the run's folder: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != item.sha256:
        # A clip has no check of its own: with a bit flipped it may well decode, to other pixels.
        raise MediaError("the media in the run's folder is damaged: not what was recorded")
    return media.decode(data) if item.fps is None else clips.decode(data).frames


def shown(
    prompt: Prompt, seed: int, item: Media, run_folder: Path, picture: Pixels | None = None
) -> Shown:
    """A kept generation, to be read when a metric needs its pixels.

    `picture` is what it shows, where that is still in memory.
    """
    frame, target = prompt.start_frame, prompt.target
    return Shown(
        prompt,
        seed,
        item.sha256,
        lambda: read(item, run_folder) if picture is None else picture,
        fps=item.fps,
        frames=item.frames,
        size=3 * item.width * item.height * item.frames,
        start=None if frame is None else lambda: start_frames.kept(frame, run_folder),
        target=None
        if target is None
        else lambda: start_frames.kept(target, run_folder, start_frames.TARGET),
    )
