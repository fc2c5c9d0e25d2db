"""The judge at work: one embedding per picture and per text, shared by every metric that wants it.

Pictures are encoded one at a time, in float32 on the processor with a fixed number of threads:
a score must not depend on what else is in the batch, on the machine's size or on its accelerator.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from evals import judges
from evals.errors import LoadError
from evals.judges import Judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor


@dataclass
class Encoder:
    """A loaded judge. Embeddings are raw (not normalised) float32 vectors of the judge's width."""

    judge: Judge
    _model: Any
    _preprocess: Any
    _tokenizer: Any
    _texts: dict[str, Tensor] = field(default_factory=dict[str, "Tensor"])

    def image(self, picture: NDArray[np.uint8]) -> Tensor:
        """Embedding of height × width × 3 uint8 RGB, by the judge's own preprocessing."""
        import torch
        from PIL import Image

        pixels = self._preprocess(Image.fromarray(picture)).unsqueeze(0)
        with torch.inference_mode(), _threads(self.judge.threads):
            return cast("Tensor", self._model.encode_image(pixels)[0].float())

    def text(self, text: str) -> Tensor:
        """Embedding of a caption; made once per text."""
        import torch

        if text not in self._texts:
            with torch.inference_mode(), _threads(self.judge.threads):
                tokens = self._tokenizer([text])
                self._texts[text] = self._model.encode_text(tokens)[0].float()
        return self._texts[text]


def open_judge(judge: Judge) -> Encoder:
    """Load the judge's folder with open_clip's own loader, after checking its pinned hash.

    Raises:
        LoadError: files missing, weights that are not the pinned ones, or a folder that open_clip
            cannot load.
    """
    import open_clip

    judges.check(judge)
    name = f"local-dir:{judge.folder}"
    try:
        loaded = open_clip.create_model_from_pretrained(name, precision="fp32", device="cpu")
        model, preprocess = cast("tuple[Any, Any]", loaded)
        tokenizer: Any = open_clip.get_tokenizer(name)
    except Exception as error:
        detail = (str(error).strip().splitlines() or [""])[0][:300]
        raise LoadError(
            f"judge {judge.id}: open_clip cannot load {judge.folder}:"
            f" {type(error).__name__}: {detail}"
        ) from error
    model.eval()
    return Encoder(judge, model, preprocess, tokenizer)


@contextlib.contextmanager
def _threads(count: int) -> Generator[None]:
    """Compute on `count` threads, then as many as before."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
