"""Kinds of judges: one file each, found by its name; none imports torch until a judge is loaded.

A kind is a module with

- `KIND`: what a judge's file writes as `kind`;
- `BESIDE`: names of files that must lie in the judge's folder beside the weights, unless the judge
  names an architecture;
- `load(judge, device)`: a `Network`, in float32 and in evaluation mode. Raises LoadError.

`evals.encoders` decides what is encoded when, in which batches and on how many threads; a network
only computes. Published checkpoints are opened as safetensors, or by torch with `weights_only`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

from evals import plugins
from evals.errors import NotFoundError
from evals.names import hint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from evals.judges.pins import Judge

ENTRY_POINTS = "churnboard.encoder_kinds"


class Network(Protocol):
    """A loaded judge. Whatever a kind cannot do raises ScoreError and says so."""

    @property
    def width(self) -> int:
        """Length of an embedding; 0 where there are none (LPIPS compares, and embeds nothing)."""
        ...

    @property
    def logit_scale(self) -> float:
        """Factor on cosines that the weights learnt, already exponentiated."""
        ...

    def preprocess(self, picture: NDArray[np.uint8]) -> Tensor:
        """Height x width x 3 uint8 RGB -> the float32 input of the network, of a fixed shape."""
        ...

    def images(self, inputs: Tensor) -> Tensor:
        """(n, *input shape) on the judge's device -> (n, width) float32, not normalised."""
        ...

    def texts(self, texts: Sequence[str]) -> Tensor:
        """(n, width) float32, not normalised."""
        ...

    def distance(self, one: Tensor, other: Tensor) -> Tensor:
        """(n, *input shape) twice -> (n,) perceptual distances, 0 for equal pictures."""
        ...


class EncoderKind(Protocol):
    """What the module of a kind offers."""

    KIND: str
    BESIDE: tuple[str, ...]

    def load(self, judge: Judge, device: str) -> Network:
        """The judge, ready to compute on `device`."""
        ...


@lru_cache(maxsize=1)
def discover() -> Mapping[str, EncoderKind]:
    """Every kind by name.

    Raises:
        InputError: two share a name, or an entry point cannot be imported.
    """
    found = plugins.modules(__name__, __path__, ENTRY_POINTS)
    named = plugins.by_name("kind of judge", ((module.KIND, module) for module in found))
    return cast("Mapping[str, EncoderKind]", named)


def get(name: str) -> EncoderKind:
    """The kind called `name`.

    Raises:
        NotFoundError: there is none; says the nearest.
    """
    known = discover()
    if name not in known:
        raise NotFoundError(f'no kind of judge is called "{name}"{hint(name, known)}')
    return known[name]
