"""The actor: one model, loaded on one node, that is asked for one thing at a time.

Nodes import this module, so churnboard has to be installed on them as it is on the driver's.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from evals import backends, generate, machine
from evals.errors import LoadError
from evals.generate import Attempt, Timing
from evals.types import Model, Prompt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Where:
    """Where a worker was placed."""

    node: str
    """Ray's id of the node."""
    versions: dict[str, str]
    """Of Python and the libraries that a picture depends on."""


@dataclass(frozen=True)
class Unfit:
    """It is this node that cannot load the model; another one may."""

    why: str


class Worker:
    """Errors are returned rather than raised: what Ray raises is then always about the worker."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._generator: backends.Generator | None = None

    def where(self) -> Where:
        """Answers once the worker runs."""
        import ray

        return Where(ray.get_runtime_context().get_node_id(), machine.versions())

    def load(self, model: Model, node: str) -> str | Unfit | LoadError:
        """Load the model; which device it is on, in words; or what is in the way.

        Args:
            model: its settings name folders absolutely, as they are called on the driver's machine.
            node: what this node is called, for people.
        """
        try:
            backend = backends.get(model.backend)
            lacks = _lacks(model, node)
            if lacks is not None:
                return Unfit(lacks)
            self._generator = self._stack.enter_context(backend.open_model(model))
            return str(getattr(self._generator, "placement", self._generator.device))
        except LoadError as error:
            return error
        except Exception as error:  # noqa: BLE001 - one backend's fault is not the whole run's
            return LoadError(f"model {model.id}: {type(error).__name__}: {error}"[:500])

    def attempt(
        self, prompt: Prompt, seed: int, start: NDArray[np.uint8] | None
    ) -> Attempt | LoadError:
        """Call the loaded model for one trial."""
        if self._generator is None:
            return LoadError("called before it was loaded")
        timing = Timing(lambda: datetime.now(UTC))
        try:
            return generate.attempt(self._generator, prompt, seed, timing, start)
        except LoadError as error:
            return error


def _lacks(model: Model, node: str) -> str | None:
    """Which source of the model is not where it is on the driver's machine, in one line."""
    settings = backends.get(model.backend).Settings.model_validate(dict(model.settings))
    for key, source in settings.sources().items():
        if Path(source).is_absolute() and not Path(source).exists():
            return (
                f"settings.{key}: node {node} has no {source}; share it at the same path on every"
                " node, or name a hub name and commit"
            )
    return None
