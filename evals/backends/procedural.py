"""Models that are programs: the renderer, flawed on purpose if asked, and noise.

They bound every board of the calibration world: nothing can beat the exact renderer, and nothing
should lose to noise. They need neither weights nor torch, so the whole path can run on them.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from evals.backends import BackendSettings, RawMedia
from evals.errors import GenerationError
from evals.types import Model, Prompt, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "procedural"
TASKS: tuple[Task, ...] = ("text-to-image",)


class Settings(BackendSettings):
    """What is drawn, and how badly."""

    kind: Literal["renderer", "noise"]
    imperfection: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Renderer only: chance that each word of the caption is replaced before rendering."""
    variation: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Renderer only: how much the seed may move, scale and tint."""

    @model_validator(mode="after")
    def _noise_has_no_words(self) -> Settings:
        if self.kind == "noise" and (self.imperfection or self.variation != 1.0):
            raise ValueError("imperfection and variation are for the renderer; noise has neither")
        return self

    def code(self) -> Mapping[str, str]:
        """The renderer is the weights: a change of it is a new revision."""
        if self.kind == "noise":
            return {}
        spec = find_spec("evals.calibration.scenes")
        if spec is None or spec.origin is None:  # pragma: no cover - part of this package
            return {}
        return {"scenes": hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()}


@dataclass(frozen=True)
class _Program:
    settings: Settings
    device: str = "cpu"

    def generate(
        self, prompt: Prompt, seed: int, start: NDArray[np.uint8] | None = None
    ) -> RawMedia:
        del start
        draw = _noise if self.settings.kind == "noise" else self._render
        pixels = draw(prompt.text, seed)
        height, width = pixels.shape[:2]
        return RawMedia(pixels, {"images": 1.0, "pixels": float(width * height)})

    def _render(self, text: str, seed: int) -> NDArray[np.uint8]:
        from evals.calibration import scenes

        try:
            scene = scenes.parse(text)
        except ValueError as error:
            raise GenerationError(str(error), blame="model") from error
        # One stream of draws per prompt and seed, whatever the imperfection: a worse renderer
        # gets wrong every word that a better one does, and more.
        flawed = scenes.perturb(scene, _rng(text, seed), self.settings.imperfection)
        return scenes.render(flawed, seed, self.settings.variation)


def _rng(text: str, seed: int) -> np.random.Generator:
    import numpy as np

    return np.random.default_rng([seed, *hashlib.sha256(text.encode()).digest()])


def _noise(text: str, seed: int) -> NDArray[np.uint8]:
    import numpy as np

    from evals.calibration.scenes import SIZE

    return _rng(text, seed).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)


@contextmanager
def open_model(model: Model, device: str | None = None) -> Generator[_Program]:
    """Yield the program, which always runs on the processor; there is nothing to free."""
    del device
    # Imported before the first call is timed.
    importlib.import_module("evals.calibration.scenes")
    yield _Program(Settings.model_validate(dict(model.settings)))
