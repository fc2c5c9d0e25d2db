"""A picture becomes a network's input: resized, made square, normalised; the same everywhere.

What libraries leave to their version (antialiasing, who rounds, where the half pixel goes) is
written out here, as it moves scores: see `judges.Preprocessing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.errors import LoadError
from evals.judges.pins import Judge, Preprocessing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor


def required(judge: Judge) -> Preprocessing:
    """The preprocessing that the judge's file gives.

    Raises:
        LoadError: it gives none, and nothing else says it.
    """
    if judge.preprocessing is None:
        raise LoadError(f"judge {judge.id}: its file needs a table [preprocessing]")
    return judge.preprocessing


def prepare(picture: NDArray[np.uint8], how: Preprocessing) -> Tensor:
    """The picture as a network takes it: float32 (3, size, size), (value - mean) / std.

    Args:
        picture: height x width x 3, RGB.
        how: what is done to it; its mean and std are of values in [0, 1].
    """
    import torch

    square = _square(_resized(picture, how), how.size)
    mean, std = (torch.tensor(row).view(3, 1, 1) for row in (how.mean, how.std))
    return (square - mean) / std


def resized(height: int, width: int, how: Preprocessing) -> tuple[int, int]:
    """Height and width after resizing, before cutting or padding; each at least 1.

    The other side is cut off below `crop`, as torchvision does, and rounded for `pad`, as HPS does.

    >>> resized(300, 200, Preprocessing(100)), resized(300, 200, Preprocessing(100, "pad"))
    ((150, 100), (100, 67))
    """
    if how.resize == "squash":
        return how.size, how.size
    short, long = sorted((height, width))
    if how.resize == "crop":
        sides = how.size, int(how.size * long / short)
    else:
        sides = max(1, round(short * (how.size / long))), how.size
    return sides if height <= width else (sides[1], sides[0])


def _resized(picture: NDArray[np.uint8], how: Preprocessing) -> Tensor:
    """float32 (3, height, width); in [0, 1] but for what bicubic overshoots between floats."""
    import numpy as np
    import torch
    from PIL import Image

    height, width = resized(picture.shape[0], picture.shape[1], how)
    if how.resized_as == "uint8":
        filters = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
        image = Image.fromarray(picture)
        if image.size != (width, height):
            image = image.resize((width, height), filters[how.interpolation])
        picture = np.array(image)
    pixels = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1).float().div(255)
    if pixels.shape[1:] == (height, width):
        return pixels
    return torch.nn.functional.interpolate(
        pixels[None],
        size=(height, width),
        mode=how.interpolation,
        align_corners=False,
        antialias=how.antialias,
    )[0]


def _square(pixels: Tensor, size: int) -> Tensor:
    """The middle `size` x `size` of (3, height, width), with zeros around where it is smaller."""
    from torch.nn import functional

    height, width = pixels.shape[1:]
    left, top = (max(0, size - side) // 2 for side in (width, height))
    right, bottom = max(0, size - width) - left, max(0, size - height) - top
    padded = functional.pad(pixels, (left, right, top, bottom))
    # Rounded half to even, as torchvision's centre crop does.
    start, across = (round(max(0, side - size) / 2) for side in (height, width))
    return padded[:, start : start + size, across : across + size]
