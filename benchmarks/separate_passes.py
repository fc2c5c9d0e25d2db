"""Six metrics as six programs would compute them, for `benchmarks.shared_encoding` to be beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.judges.pins import Judge
from evals.needs import Shown

BATCH = 32


class Separate:
    """Six programs that know nothing of each other, on weights that are loaded once."""

    def __init__(self, judge: Judge, made: Sequence[Shown], reference: Sequence[Shown]) -> None:
        import open_clip

        source = f"local-dir:{judge.folder}"
        self.model, self.preprocess = open_clip.create_model_from_pretrained(source)
        self.model.eval()
        self.tokenizer = open_clip.get_tokenizer(source)
        self.antonyms, self.made, self.reference = judge.antonyms, made, reference
        self.encoded = 0
        """Pictures that went through the network so far."""

    def inputs(self, pictures: Sequence[NDArray[np.uint8]]) -> Any:
        """A batch as the network takes it."""
        import torch
        from PIL import Image

        return torch.stack([self.preprocess(Image.fromarray(picture)) for picture in pictures])

    def images(self, inputs: Any) -> Any:
        """Embeddings of a batch at length 1."""
        self.encoded += len(inputs)
        return self.model.encode_image(inputs, normalize=True)

    def texts(self, texts: Sequence[str]) -> Any:
        """Embeddings of texts at length 1."""
        return self.model.encode_text(self.tokenizer(list(texts)), normalize=True)

    def batches(self, items: Sequence[Shown]) -> Iterator[tuple[list[str], Any]]:
        """Texts and inputs, 32 pictures at a time."""
        for start in range(0, len(items), BATCH):
            part = items[start : start + BATCH]
            yield [item.prompt.text for item in part], self.inputs([i.pixels() for i in part])

    def run(self) -> dict[str, float]:
        """One number per metric: the mean, or that of the set."""
        import torch

        passes: Mapping[str, Callable[[], Any]] = {
            "clip_score": self.clip_score,
            "clip_score_hessel": self.clip_score_hessel,
            "clip_iqa": self.clip_iqa,
            "vendi": self.vendi,
            "fid": self.fid,
            "cmmd": self.cmmd,
        }
        with torch.inference_mode():
            return {name: float(pass_()) for name, pass_ in passes.items()}

    def clip_score(self) -> Any:
        """By torchmetrics, which takes a callable for the model."""
        import torch
        from torchmetrics.multimodal.clip_score import CLIPScore

        outer = self

        class Adapter(torch.nn.Module):
            config = None

            def get_image_features(self, pixel_values: Any) -> Any:
                return outer.images(pixel_values)

            def get_text_features(self, input_ids: Any, mask: Any) -> Any:
                return outer.model.encode_text(input_ids)

        def processor(text: Any = None, images: Any = None, **_: Any) -> dict[str, Any]:
            if images is not None:
                pictures = [image.permute(1, 2, 0).numpy() for image in images]
                return {"pixel_values": outer.inputs(pictures)}
            ids = outer.tokenizer(text)
            return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}

        metric = CLIPScore(model_name_or_path=lambda: (Adapter(), processor))  # type: ignore[arg-type]
        for start in range(0, len(self.made), BATCH):
            part = self.made[start : start + BATCH]
            pictures = [torch.from_numpy(item.pixels()).permute(2, 0, 1) for item in part]
            metric.update(pictures, [item.prompt.text for item in part])
        return metric.compute()

    def clip_score_hessel(self) -> Any:
        """2.5 · max(cosine, 0), with the authors' prefix."""
        import torch

        rows = [
            (self.images(inputs) * self.texts([f"A photo depicts {text}" for text in texts])).sum(1)
            for texts, inputs in self.batches(self.made)
        ]
        return 2.5 * torch.cat(rows).clamp(min=0).mean()

    def clip_iqa(self) -> Any:
        """Probability of the good description."""
        import torch

        anchors = self.texts(self.antonyms)
        rows = [self.images(inputs) for _, inputs in self.batches(self.made)]
        return (100 * torch.cat(rows) @ anchors.T).softmax(dim=1)[:, 0].mean()

    def vendi(self) -> Any:
        """Exponential of the entropy of the kernel's eigenvalues."""
        import torch

        rows = torch.cat([self.images(inputs) for _, inputs in self.batches(self.made)])
        values = torch.linalg.eigvalsh(rows.double() @ rows.double().T / len(rows)).clamp(min=0)
        return torch.special.entr(values).sum().exp()

    def fid(self) -> Any:
        """By torchmetrics, with the encoder as its network."""
        import torch
        from torchmetrics.image.fid import FrechetInceptionDistance

        outer = self

        class Features(torch.nn.Module):
            num_features = int(self.texts(["a"]).shape[1])

            def forward(self, inputs: Any) -> Any:
                outer.encoded += len(inputs)
                return outer.model.encode_image(inputs).double()

        metric = FrechetInceptionDistance(feature=Features())
        for items, real in ((self.reference, True), (self.made, False)):
            for _, inputs in self.batches(items):
                metric.update(inputs, real=real)
        return metric.compute()

    def cmmd(self) -> Any:
        """1000 · biased squared MMD."""
        import torch

        x, y = (
            torch.cat([self.images(inputs) for _, inputs in self.batches(items)]).double()
            for items in (self.reference, self.made)
        )

        def kernel(one: Any, other: Any) -> Any:
            return torch.exp((one @ other.T - 1) / 100).mean()

        return 1000 * (kernel(x, x) + kernel(y, y) - 2 * kernel(x, y))
