"""Judges that transformers runs: a `CLIPModel` in the hub's layout (OpenAI's own, PickScore)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from evals.encoder_kinds._convert import without_positions
from evals.encoder_kinds._fill import fill
from evals.encoder_kinds._refusing import Refusing
from evals.errors import LoadError
from evals.judges import checkpoints, preprocessing
from evals.judges.pins import Judge

if TYPE_CHECKING:
    from torch import Tensor

    from evals.encoder_kinds import Network

KIND = "transformers_clip"
BESIDE = ("config.json", "tokenizer.json", "tokenizer_config.json")


class TransformersClip(Refusing):
    """A transformers `CLIPModel` and its tokenizer."""

    def __init__(self, judge: Judge, model: Any, tokenizer: Any) -> None:
        super().__init__(judge)
        self._model = model
        self._tokenizer = tokenizer

    @property
    def width(self) -> int:
        """Length of an embedding."""
        return int(self._model.config.projection_dim)

    @property
    def logit_scale(self) -> float:
        """Learnt factor on cosines, exponentiated."""
        return float(self._model.logit_scale.detach().exp())

    def images(self, inputs: Tensor) -> Tensor:
        """(n, 3, size, size) -> (n, width)."""
        return cast("Tensor", self._model.get_image_features(pixel_values=inputs).pooler_output)

    def texts(self, texts: Sequence[str]) -> Tensor:
        """(n, width); what does not fit into the model's context is cut off."""
        tokens = self._tokenizer(
            list(texts),
            padding="max_length",
            truncation=True,
            max_length=self._model.config.text_config.max_position_embeddings,
            return_tensors="pt",
        ).to(self._model.device)
        return cast("Tensor", self._model.get_text_features(**tokens).pooler_output)


def load(judge: Judge, device: str) -> Network:
    """The judge's weights in the network that the configuration beside them describes.

    Raises:
        LoadError: weights of another network, or no word on how pictures are prepared.
    """
    from transformers import AutoTokenizer, CLIPConfig, CLIPModel

    if judge.weights.path is None or judge.folder is None:
        raise LoadError(f"judge {judge.id}: {judge.weights.wanted} is not on this machine")
    preprocessing.required(judge)
    folder = str(judge.folder)
    model: Any = CLIPModel(CLIPConfig.from_pretrained(folder, local_files_only=True))
    fill(judge, model, without_positions(checkpoints.read(judge.weights.path)))
    tokenizer = cast("Any", AutoTokenizer).from_pretrained(folder, local_files_only=True)
    return TransformersClip(judge, model.to(device).eval(), tokenizer)
