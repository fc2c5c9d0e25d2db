"""LPIPS: how different two pictures look, by torchmetrics' own network (Zhang et al. 2018).

`architecture` names its trunk: `alex`, `vgg` or `squeeze`. The judge's weights are those of the
trunk as torchvision publishes it for ImageNet, with the linear layers on top of it as the head of
`lpips_diversity`; or both in one file, under torchmetrics' names. Pictures are compared at one
size, as the distance depends on it and models answer in sizes of their own.
"""

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

KIND = "lpips"
BESIDE = ()
TRUNKS = ("alex", "vgg", "squeeze")
HEAD = "lpips_diversity"
_SLICE = re.compile(r"net\.(?:slice\d+|slices\.\d+)\.")
"""torchmetrics cuts a trunk into slices and keeps the numbers of its layers."""
_AGAIN = re.compile(r"^lins\.(\d+)\.")


class Lpips(Refusing):
    """torchmetrics' LPIPS network. Inputs are what the preprocessing makes: values in [-1, 1]."""

    def __init__(self, judge: Judge, network: Any) -> None:
        super().__init__(judge)
        self._network = network

    def distance(self, one: Tensor, other: Tensor) -> Tensor:
        """(n, 3, size, size) twice -> (n,), 0 for equal pictures."""
        return cast("Tensor", self._network(one, other)).flatten()


def load(judge: Judge, device: str) -> Network:
    """The judge's trunk and linear layers in torchmetrics' network.

    Raises:
        LoadError: no such trunk, weights of another one, or pictures not scaled to [-1, 1].
    """
    from torchmetrics.functional.image.lpips import (
        _LPIPS,  # pyright: ignore[reportPrivateUsage]
    )

    if judge.weights.path is None:
        raise LoadError(f"judge {judge.id}: {judge.weights.wanted} is not on this machine")
    if judge.architecture not in TRUNKS:
        raise LoadError(f"judge {judge.id}: architecture must be one of {', '.join(TRUNKS)}")
    how = preprocessing.required(judge)
    if set(how.mean + how.std) != {0.5}:
        raise LoadError(f"judge {judge.id}: LPIPS takes [-1, 1]: mean and std are 0.5 throughout")
    network: Any = _LPIPS(pretrained=False, net=judge.architecture, pnet_rand=True)
    head = judge.heads.get(HEAD)
    given = dict(checkpoints.read(judge.weights.path))
    if head is not None and head.path is not None:
        given |= checkpoints.read(head.path)
    fill(judge, network, _named(network.state_dict(), given))
    return Lpips(judge, network.to(device).eval())


def _named(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights by the names of torchmetrics' network, as far as there are any.

    Its list `lins` holds the layers `lin0`, `lin1`, … a second time. The classifier, which
    torchvision's file ends in, is left out: LPIPS has none.
    """
    found: dict[str, Tensor] = {}
    for name in wanted:
        also = _SLICE.sub("features.", _AGAIN.sub(r"lin\1.", name))
        if name in given or also in given:
            found[name] = given[name] if name in given else given[also]
    return found
