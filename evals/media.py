"""Pictures: checked, encoded, stored by content, decoded within limits.

What a model returned is checked before it is encoded, because NaN becomes a colour on the way. What
is read back is checked before it is decoded, because a small file can hold a picture that fills the
memory.
"""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.errors import MediaError
from evals.types import Media

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LARGEST_SIDE = 16_384
LARGEST_PIXELS = 64_000_000
LARGEST_BYTES = 256_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
"""Formats that are decoded; everything else is refused unread (Pillow opens EPS by default)."""
FLATTEST = 1
"""A picture whose channels each span at most so many of 255 levels shows nothing."""


def to_picture(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """What a model returned, as a picture.

    Args:
        pixels: height × width × 3, RGB; uint8, or floating point in [0, 1].

    Returns:
        uint8 array of the same shape.

    Raises:
        MediaError: another shape or type, too large, NaN or infinite, out of range, or one colour
            all over (which is what a failed decoder and a safety filter return).
    """
    check_array(pixels)
    if pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        raise MediaError(f"not height × width × 3 but {pixels.shape}")
    check_size(pixels.shape[1], pixels.shape[0])
    picture = to_levels(pixels)
    if is_flat(picture):
        colour = "black" if int(picture.max()) <= FLATTEST else "one colour"
        raise MediaError(f"the picture is all {colour}")
    return picture


def check_array(pixels: object) -> None:
    """Refuse what a backend of another package may hand over in place of an array; MediaError."""
    import numpy as np

    if not isinstance(pixels, np.ndarray):
        raise MediaError(f"pixels are a {type(pixels).__name__}, not an array of numpy")


def to_levels(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Pixels as uint8; floating point in [0, 1] is rounded to 255 levels.

    Raises:
        MediaError: another type, NaN or infinite, or out of range.
    """
    import numpy as np

    if pixels.dtype == np.uint8:
        return pixels
    if not np.issubdtype(pixels.dtype, np.floating):
        raise MediaError(f"pixels are {pixels.dtype}, not uint8 or floating point")
    if not np.isfinite(pixels).all():
        raise MediaError("the picture holds NaN or infinite values")
    low, high = float(pixels.min()), float(pixels.max())
    if low < -1e-3 or high > 1 + 1e-3:
        raise MediaError(f"values from {low:.3g} to {high:.3g} are not within [0, 1]")
    # Rounded in float32: half precision cannot hold every level.
    scaled = np.clip(pixels.astype(np.float32), 0, 1) * 255
    return np.rint(scaled).astype(np.uint8)


def is_flat(picture: NDArray[np.uint8]) -> bool:
    """Whether a picture (height × width × 3) shows nothing: it is one colour all over."""
    spans = picture.max(axis=(0, 1)).astype(int) - picture.min(axis=(0, 1))
    return int(spans.max()) <= FLATTEST


def check_size(width: int, height: int) -> None:
    """Refuse a picture over the limits; MediaError."""
    if max(width, height) > LARGEST_SIDE or width * height > LARGEST_PIXELS:
        raise MediaError(
            f"{width} × {height} is over the limit of {LARGEST_SIDE} a side and"
            f" {LARGEST_PIXELS:,} pixels"
        )


def encode_png(picture: NDArray[np.uint8]) -> bytes:
    """Lossless bytes; quick rather than small, as this happens between two calls of a model."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()


def decode(data: bytes) -> NDArray[np.uint8]:
    """A picture file's pixels: height × width × 3 uint8, RGB.

    Raises:
        MediaError: empty, too large, of no allowed format, truncated or damaged.
    """
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    if not data:
        raise MediaError("the file is empty")
    if len(data) > LARGEST_BYTES:
        raise MediaError(f"{len(data):,} bytes are over the limit of {LARGEST_BYTES:,}")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            check_size(*image.size)
            return np.asarray(image.convert("RGB"))
    except UnidentifiedImageError as error:
        raise MediaError(f"not a picture in {', '.join(FORMATS)}") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise MediaError(f"the picture is damaged: {error}") from error


def store(picture: NDArray[np.uint8], run_folder: Path) -> Media:
    """Write the picture under `media/` of a run by its content; the same picture twice is one file.

    The bytes are on disk when this returns, so that a recorded line never names missing media. A
    file torn by a crash is named by no line, and lies in a record to which nothing is added again.
    """
    data = encode_png(picture)
    name, relative = keep(data, ".png", run_folder)
    height, width = picture.shape[:2]
    return Media(name, relative, "image/png", width, height, len(data))


def keep(data: bytes, suffix: str, run_folder: Path) -> tuple[str, str]:
    """Write `data` under `media/` of a run, unless it is there: its sha256 and relative path."""
    name = hashlib.sha256(data).hexdigest()
    relative = Path("media") / name[:2] / f"{name}{suffix}"
    path = run_folder / relative
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as handle:
            handle.write(data)
            handle.flush()
            # Journaling file systems commit a new file's name with its first sync; one of the
            # folder too would double the wait between two generations.
            os.fsync(handle.fileno())
    return name, relative.as_posix()


def sync_folder(folder: Path) -> None:
    """Make new names in `folder` survive a power cut (a file's own fsync does not)."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
