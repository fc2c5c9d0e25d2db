"""What prompts begin with, and what is wanted of them: found beside the suite, kept with the run.

A run's record holds the start frames that it showed and the targets that it was scored against, so
that what it made can be judged for ever, whatever becomes of the suite.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from evals import media
from evals.errors import MediaError
from evals.home import shown
from evals.types import Prompt, StartFrame

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

START_FRAME, TARGET = "start frame", "target"
"""What a picture is to its prompt, in words."""


@dataclass
class StartFrames:
    """The start frames of a suite, kept with a run as they are used; and the targets with them."""

    suite_folder: Path
    run_folder: Path
    _pictures: dict[str, NDArray[np.uint8]] = field(default_factory=dict[str, "NDArray[np.uint8]"])

    def of(self, prompt: Prompt) -> NDArray[np.uint8] | None:
        """Height x width x 3 uint8; None where the prompt begins with nothing.

        Raises:
            MediaError: as `keep`.
        """
        if prompt.target is not None:
            self._kept(prompt.target, TARGET)
        frame = prompt.start_frame
        return None if frame is None else self._kept(frame, START_FRAME)

    def _kept(self, frame: StartFrame, role: str) -> NDArray[np.uint8]:
        if frame.sha256 not in self._pictures:
            picture = keep(frame, self.suite_folder, self.run_folder, role)
            self._pictures[frame.sha256] = picture
        return self._pictures[frame.sha256]


def read(frame: StartFrame, folder: Path, role: str = START_FRAME) -> bytes:
    """The file of a picture that a prompt comes with.

    Args:
        frame: of a prompt.
        folder: that of the suite's file.
        role: what it is to the prompt, for errors: `START_FRAME` or `TARGET`.

    Raises:
        MediaError: it is missing, or is not the file that the suite was read with.
    """
    path = folder / frame.path
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MediaError(f"{role} {shown(path)}: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != frame.sha256:
        raise MediaError(f"{role} {shown(path)} has changed while it was in use")
    return data


def keep(
    frame: StartFrame, folder: Path, run_folder: Path, role: str = START_FRAME
) -> NDArray[np.uint8]:
    """Copy a picture from beside the suite into a run; returns height x width x 3 uint8.

    Raises:
        MediaError: as `read`, or it is no picture.
    """
    data = read(frame, folder, role)
    picture = media.decode(data)
    path = run_folder / path_in_run(frame)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_bytes(data)
        partial.replace(path)
    return picture


def kept(frame: StartFrame, run_folder: Path, role: str = START_FRAME) -> NDArray[np.uint8]:
    """A start frame or target as a run kept it; MediaError if it is gone or damaged."""
    path = run_folder / path_in_run(frame)
    try:
        return media.decode(path.read_bytes())
    except OSError as error:
        raise MediaError(f"{role} {shown(path)}: {error.strerror}") from error


def path_in_run(frame: StartFrame) -> str:
    """Where a run that used the frame keeps it, relative to the run's folder, with slashes."""
    suffix = PurePosixPath(frame.path).suffix.lower()
    return f"media/{frame.sha256[:2]}/{frame.sha256}{suffix}"
