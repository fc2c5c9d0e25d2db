"""Inception v3 as FID and KID define it: the 2048 features of the network ported from TensorFlow.

Its blocks are torchvision's but for the pooling in them: averages do not count the padding, and the
last block takes the maximum. So the published file (`weights-inception-2015-12-05`) fits name by
name, and is read as weights only; the package it was published for would unpickle it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evals.encoder_kinds._fill import fill
from evals.encoder_kinds._refusing import Refusing
from evals.errors import LoadError
from evals.judges import checkpoints, preprocessing
from evals.judges.pins import Judge

if TYPE_CHECKING:
    from torch import Tensor

    from evals.encoder_kinds import Network

KIND = "inception"
BESIDE = ()
WIDTH = 2048
CLASSES = 1008
"""TensorFlow's classifier, which the file holds and features do not need."""


class Inception(Refusing):
    """The FID network up to its last pooling."""

    def __init__(self, judge: Judge, network: Any) -> None:
        super().__init__(judge)
        self._network = network

    @property
    def width(self) -> int:
        """2048."""
        return WIDTH

    def images(self, inputs: Tensor) -> Tensor:
        """(n, 3, 299, 299) -> (n, 2048)."""
        return self._network(inputs)


def load(judge: Judge, device: str) -> Network:
    """The judge's weights in the FID network.

    Raises:
        LoadError: weights of another network, or no word on how pictures are prepared.
    """
    import torch

    if judge.weights.path is None:
        raise LoadError(f"judge {judge.id}: {judge.weights.wanted} is not on this machine")
    preprocessing.required(judge)
    network = build()
    fill(judge, network, checkpoints.read(judge.weights.path))
    network.fc = torch.nn.Identity()
    return Inception(judge, network.to(device).eval().requires_grad_(False))


def build() -> Any:
    """The network with random weights: (n, 3, 299, 299) -> (n, 1008), features before `fc`."""
    from torch.nn import functional
    from torchvision.models import inception as blocks

    class Averages:
        """A block whose last branch leaves the padding out of its average."""

        def _forward(self, x: Tensor) -> list[Tensor]:
            kept = super()._forward(x)[:-1]  # pyright: ignore
            pooled = functional.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)
            return [*kept, self.branch_pool(pooled)]  # pyright: ignore

    class Maximum:
        """A block whose last branch takes the maximum."""

        def _forward(self, x: Tensor) -> list[Tensor]:
            kept = super()._forward(x)[:-1]  # pyright: ignore
            pooled = functional.max_pool2d(x, 3, stride=1, padding=1)
            return [*kept, self.branch_pool(pooled)]  # pyright: ignore

    class AveragesA(Averages, blocks.InceptionA): ...

    class AveragesC(Averages, blocks.InceptionC): ...

    class AveragesE(Averages, blocks.InceptionE): ...

    class MaximumE(Maximum, blocks.InceptionE): ...

    network = blocks.Inception3(
        num_classes=CLASSES,
        aux_logits=False,
        inception_blocks=[
            blocks.BasicConv2d,
            AveragesA,
            blocks.InceptionB,
            AveragesC,
            blocks.InceptionD,
            AveragesE,
            blocks.InceptionAux,
        ],
        init_weights=False,
    )
    network.Mixed_7c = MaximumE(2048)
    return network
