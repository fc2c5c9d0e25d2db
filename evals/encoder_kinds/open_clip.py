"""open_clip models: an ordinary folder, or a published checkpoint of a named architecture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from evals.errors import ScoreError
from evals.judges import Judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

KIND = "open_clip"
BESIDE = ("open_clip_config.json",)


@dataclass
class OpenClip:
    """A network with two towers."""

    model: Any
    transform: Any
    tokenizer: Any
    device: str
    width: int

    @property
    def logit_scale(self) -> float:
        """Factor on cosines that the weights learnt."""
        return float(self.model.logit_scale.exp())

    def preprocess(self, picture: NDArray[np.uint8]) -> Tensor:
        """Height x width x 3 uint8 RGB -> 3 x size x size."""
        from PIL import Image

        return self.transform(Image.fromarray(picture))

    def images(self, inputs: Tensor) -> Tensor:
        """(n, 3, size, size) -> (n, width)."""
        return cast("Tensor", self.model.encode_image(inputs))

    def texts(self, texts: Sequence[str]) -> Tensor:
        """(n, width)."""
        return cast("Tensor", self.model.encode_text(self.tokenizer(list(texts)).to(self.device)))

    def distance(self, one: Tensor, other: Tensor) -> Tensor:
        """Not what this network is for."""
        raise ScoreError("an open_clip judge gives no perceptual distance")


def load(judge: Judge, device: str) -> OpenClip:
    """Load the folder with open_clip's own loader."""
    import open_clip

    name = f"local-dir:{judge.folder}"
    loaded = open_clip.create_model_from_pretrained(name, precision="fp32", device=device)
    model, transform = cast("tuple[Any, Any]", loaded)
    model.eval()
    width = int(model.text_projection.shape[-1])
    return OpenClip(model, transform, open_clip.get_tokenizer(name), device, width)
