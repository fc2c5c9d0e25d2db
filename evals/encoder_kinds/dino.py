"""Judges that transformers runs: a `ViTModel` in the hub's layout, without words (DINO)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from evals.encoder_kinds._fill import fill
from evals.encoder_kinds._refusing import Refusing
from evals.errors import LoadError
from evals.judges import checkpoints, preprocessing
from evals.judges.pins import Judge

if TYPE_CHECKING:
    from torch import Tensor

    from evals.encoder_kinds import Network

KIND = "dino"
BESIDE = ("config.json",)
POOLER = "pooler."
"""Weights that transformers saves with the published network, and that were never trained."""
_LAYER = re.compile(r"encoder\.layer\.(\d+)\.(.+)\.(weight|bias)")
_PARTS = {
    "attention.attention.query": "attention.q_proj",
    "attention.attention.key": "attention.k_proj",
    "attention.attention.value": "attention.v_proj",
    "attention.output.dense": "attention.o_proj",
    "intermediate.dense": "mlp.fc1",
    "output.dense": "mlp.fc2",
}
"""Names in the hub's files -> names in the network since transformers 5."""


class Dino(Refusing):
    """A vision transformer whose first token, after the last normalisation, is the embedding."""

    def __init__(self, judge: Judge, model: Any) -> None:
        super().__init__(judge)
        self._model = model

    @property
    def width(self) -> int:
        """Length of an embedding."""
        return int(self._model.config.hidden_size)

    def images(self, inputs: Tensor) -> Tensor:
        """(n, 3, size, size) -> (n, width)."""
        return cast("Tensor", self._model(pixel_values=inputs).last_hidden_state[:, 0])


def load(judge: Judge, device: str) -> Network:
    """The judge's weights in the network that the configuration beside them describes.

    Raises:
        LoadError: weights of another network, no word on how pictures are prepared, or pictures of
            another size than the network was made for.
    """
    from transformers import ViTConfig, ViTModel

    if judge.weights.path is None or judge.folder is None:
        raise LoadError(f"judge {judge.id}: {judge.weights.wanted} is not on this machine")
    size = preprocessing.required(judge).size
    config: Any = ViTConfig.from_pretrained(str(judge.folder), local_files_only=True)
    if config.image_size != size:
        raise LoadError(
            f"judge {judge.id}: preprocessing.size is {size}, and the network is for"
            f" {config.image_size}"
        )
    model: Any = ViTModel(config, add_pooling_layer=False)
    fill(judge, model, renamed(checkpoints.read(judge.weights.path)))
    return Dino(judge, model.to(device).eval().requires_grad_(False))


def renamed(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights as the hub has them, by the network's names and less the pooler."""
    return {_name(name): value for name, value in weights.items() if not name.startswith(POOLER)}


def _name(published: str) -> str:
    match = _LAYER.fullmatch(published)
    if match is None:
        return published
    number, part, kind = match.groups()
    return f"layers.{number}.{_PARTS.get(part, part)}.{kind}"
