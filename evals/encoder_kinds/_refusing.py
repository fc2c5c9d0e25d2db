"""What a network refuses: every kind starts from this and overrides what it can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from evals.errors import ScoreError
from evals.judges import preprocessing
from evals.judges.pins import Judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor


class Refusing:
    """A `Network` that can prepare pictures by the judge's file, and nothing else."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge

    @property
    def width(self) -> int:
        """0: it embeds nothing."""
        return 0

    @property
    def logit_scale(self) -> float:
        """Refused."""
        self._refuse("learnt no factor on cosines")

    def preprocess(self, picture: NDArray[np.uint8]) -> Tensor:
        """Float32 (3, size, size) by the table `preprocessing` of the judge's file."""
        return preprocessing.prepare(picture, preprocessing.required(self.judge))

    def images(self, inputs: Tensor) -> Tensor:
        """Refused."""
        self._refuse("embeds no pictures")

    def texts(self, texts: Sequence[str]) -> Tensor:
        """Refused."""
        self._refuse("reads no texts")

    def distance(self, one: Tensor, other: Tensor) -> Tensor:
        """Refused."""
        self._refuse("measures no distance between two pictures")

    def _refuse(self, what: str) -> NoReturn:
        raise ScoreError(f"judge {self.judge.id} is of kind {self.judge.kind}, which {what}")
