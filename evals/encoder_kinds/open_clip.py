"""Judges that open_clip runs: a folder with its configuration, or a named architecture and a file.

The file may be safetensors or torch's own, wrapped in a `state_dict` or not (HPS), with the names
of open_clip or those of a transformers `CLIPModel`, which are converted. A TorchScript archive, as
OpenAI serves them, is code and is refused: the same weights are on the hub as safetensors.

Names of architectures mean what they say: weights trained with QuickGELU (OpenAI's) need the one
that ends in `-quickgelu`, as open_clip no longer changes the activation for them.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from evals.encoder_kinds._convert import is_transformers_clip, to_open_clip
from evals.encoder_kinds._fill import fill
from evals.encoder_kinds._refusing import Refusing
from evals.errors import LoadError
from evals.judges import checkpoints, preprocessing
from evals.judges.pins import CONFIG, Judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from evals.encoder_kinds import Network

KIND = "open_clip"
BESIDE = (CONFIG,)
PARALLEL = "module."
"""What names start with that were saved while training on several devices."""


class OpenClip(Refusing):
    """An open_clip model with its tokenizer; `own` prepares pictures as its folder says."""

    def __init__(self, judge: Judge, model: Any, tokenizer: Any, own: Any | None) -> None:
        super().__init__(judge)
        self._model = model
        self._tokenizer = tokenizer
        self._own = own
        self._width = int(self.texts([""]).shape[1])

    @property
    def width(self) -> int:
        """Length of an embedding."""
        return self._width

    @property
    def logit_scale(self) -> float:
        """Learnt factor on cosines, exponentiated."""
        return float(self._model.logit_scale.detach().exp())

    def preprocess(self, picture: NDArray[np.uint8]) -> Tensor:
        """By the judge's file where it says how, else by the folder's configuration."""
        if self._own is None:
            return super().preprocess(picture)
        from PIL import Image

        return cast("Tensor", self._own(Image.fromarray(picture)))

    def images(self, inputs: Tensor) -> Tensor:
        """(n, 3, size, size) -> (n, width)."""
        return self._model.encode_image(inputs)

    def texts(self, texts: Sequence[str]) -> Tensor:
        """(n, width); what does not fit into the model's context is cut off."""
        tokens = self._tokenizer(list(texts)).to(self._model.logit_scale.device)
        return self._model.encode_text(tokens)


def load(judge: Judge, device: str) -> Network:
    """The judge's weights in the architecture that it names, or that its folder describes.

    Raises:
        LoadError: weights of another architecture, or no word on how pictures are prepared.
    """
    import open_clip
    from open_clip.transform import PreprocessCfg, image_transform_v2

    if judge.weights.path is None:
        raise LoadError(f"judge {judge.id}: {judge.weights.wanted} is not on this machine")
    name = judge.architecture or f"local-dir:{judge.folder}"
    # Only the pinned file is ever read: open_clip would pick one in the folder by itself.
    with _unwarned():
        model: Any = open_clip.create_model(name, load_weights=False, pretrained_text=False)
    fill(judge, model, _named(checkpoints.read(judge.weights.path)))
    tokenizer: Any = open_clip.get_tokenizer(name)
    own: Any = None
    if judge.preprocessing is None and judge.architecture is None:
        own = image_transform_v2(PreprocessCfg(**model.visual.preprocess_cfg), is_train=False)
    else:
        preprocessing.required(judge)
    return OpenClip(judge, model.to(device).eval(), tokenizer, own)


@contextlib.contextmanager
def _unwarned() -> Generator[None]:
    """open_clip warns that the weights are random, which they are until they are filled in."""

    def other(record: logging.LogRecord) -> bool:
        return "No pretrained weights loaded" not in record.getMessage()

    root = logging.getLogger()
    root.addFilter(other)
    try:
        yield
    finally:
        root.removeFilter(other)


def _named(weights: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """The weights by open_clip's names."""
    if is_transformers_clip(weights):
        return to_open_clip(weights)
    if all(name.startswith(PARALLEL) for name in weights):
        return {name.removeprefix(PARALLEL): value for name, value in weights.items()}
    return weights
