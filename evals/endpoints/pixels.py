"""Bytes that an endpoint returned → pixels, and the quantities that they are billed by."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evals import media
from evals.backends import RawMedia
from evals.clips import reader as clip_reader
from evals.endpoints.settings import STARTED_TASKS, VIDEO_TASKS
from evals.errors import GenerationError, MediaError
from evals.types import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Made:
    """What a provider returned for one call, still encoded."""

    data: bytes
    quantities: dict[str, float] = field(default_factory=dict[str, float])
    """What it says that it bills: tokens, seconds of computing."""
    cost_usd: float | None = None
    served_by: str | None = None


def to_media(made: Made, task: Task, asked_size: tuple[int, int] | None) -> RawMedia:
    """Decode within the limits, in the formats that are read.

    Raises:
        GenerationError: `invalid_media`: the model answered, and with no picture or clip.
    """
    try:
        if task in VIDEO_TASKS:
            frames, fps = clip_reader.read(made.data)
            count, height, width = frames.shape[:3]
            counted = {"clips": 1.0, "frames": float(count), "clip_seconds": count / fps}
            pixels, rate = frames, fps
        else:
            pixels, rate = media.decode(made.data), None
            count, (height, width) = 1, pixels.shape[:2]
            counted = {"images": 1.0}
        counted |= {"input_images": 1.0} if task in STARTED_TASKS else {}
    except MediaError as error:
        raise GenerationError(
            str(error), kind="invalid_media", blame="model", billed=True
        ) from error
    return RawMedia(
        pixels=pixels,
        quantities={**counted, "pixels": float(width * height * count), **made.quantities},
        fps=rate,
        cost_usd=made.cost_usd,
        asked_size=asked_size,
        served_by=made.served_by,
    )


def of_image(image: Any) -> bytes:
    """The file that a picture of Pillow was opened from, which is not decoded yet.

    Raises:
        GenerationError: it was opened from none.
    """
    source = getattr(image, "fp", None)
    if not isinstance(source, io.BytesIO):
        raise GenerationError(
            "the client returned a picture without its bytes", kind="bad_answer", billed=True
        )
    return source.getvalue()


def start_png(start: NDArray[np.uint8] | None, task: Task) -> bytes | None:
    """The picture to begin with as it is sent; None where the task begins with none.

    Raises:
        GenerationError: the task begins with one, and the prompt came without.
    """
    if task not in STARTED_TASKS:
        return None
    if start is None:
        raise GenerationError(
            f"{task} begins with a picture, and the prompt came without one", kind="no_start"
        )
    return media.encode_png(start)
