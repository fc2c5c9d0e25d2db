"""What metrics that look at pixels share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor


def luma(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Height x width x 3 uint8 RGB -> height x width, 0 to 255 (ITU-R BT.601)."""
    import numpy as np

    return pixels.astype(np.float64) @ np.array([0.299, 0.587, 0.114])


def as_tensors(pixels: NDArray[np.uint8], target: NDArray[np.uint8]) -> tuple[Tensor, Tensor]:
    """Two pictures as torchmetrics takes them: 1 x 3 x height x width float64, 0 to 255.

    Raises:
        ValueError: they differ in size.
    """
    import numpy as np
    import torch

    def tensor(picture: NDArray[np.uint8]) -> Tensor:
        array: NDArray[Any] = np.ascontiguousarray(picture.transpose(2, 0, 1)[None])
        return torch.from_numpy(array).double()  # pyright: ignore[reportUnknownMemberType]

    if pixels.shape != target.shape:
        raise ValueError(f"picture and target differ in size: {pixels.shape} and {target.shape}")
    return tensor(pixels), tensor(target)
