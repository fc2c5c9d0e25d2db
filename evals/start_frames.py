"""Start frames of image-to-video: found beside the suite, and kept with the run that showed them.

A run's record holds the frames it used, so that its clips can be judged for ever, whatever becomes
of the suite.
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


@dataclass
class StartFrames:
    """The start frames of a suite, kept with a run as they are used."""

    suite_folder: Path
    run_folder: Path
    _pictures: dict[str, NDArray[np.uint8]] = field(default_factory=dict[str, "NDArray[np.uint8]"])

    def of(self, prompt: Prompt) -> NDArray[np.uint8] | None:
        """Height x width x 3 uint8; None where the prompt begins with nothing.

        Raises:
            MediaError: as `keep`.
        """
        frame = prompt.start_frame
        if frame is None:
            return None
        if frame.sha256 not in self._pictures:
            self._pictures[frame.sha256] = keep(frame, self.suite_folder, self.run_folder)
        return self._pictures[frame.sha256]


def read(frame: StartFrame, folder: Path) -> bytes:
    """The file of a start frame.

    Args:
        frame: of a prompt.
        folder: that of the suite's file.

    Raises:
        MediaError: it is missing, or is not the file that the suite was read with.
    """
    path = folder / frame.path
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MediaError(f"start frame {shown(path)}: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != frame.sha256:
        raise MediaError(f"start frame {shown(path)} has changed while it was in use")
    return data


def keep(frame: StartFrame, folder: Path, run_folder: Path) -> NDArray[np.uint8]:
    """Copy a start frame from beside the suite into a run; returns height x width x 3 uint8.

    Raises:
        MediaError: as `read`, or it is no picture.
    """
    data = read(frame, folder)
    picture = media.decode(data)
    path = run_folder / path_in_run(frame)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_bytes(data)
        partial.replace(path)
    return picture


def kept(frame: StartFrame, run_folder: Path) -> NDArray[np.uint8]:
    """A start frame as a run kept it; MediaError if it is gone or damaged."""
    path = run_folder / path_in_run(frame)
    try:
        return media.decode(path.read_bytes())
    except OSError as error:
        raise MediaError(f"start frame {shown(path)}: {error.strerror}") from error


def path_in_run(frame: StartFrame) -> str:
    """Where a run that used the frame keeps it, relative to the run's folder, with slashes."""
    suffix = PurePosixPath(frame.path).suffix.lower()
    return f"media/{frame.sha256[:2]}/{frame.sha256}{suffix}"
