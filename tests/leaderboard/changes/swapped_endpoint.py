"""A backend that stands for an endpoint: what answers under its name is written in a file.

Its model's revision pins the name and the settings, as that of any endpoint does; the weights
behind it (the procedural renderer, more or less imperfect) are swapped by writing the file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from evals.backends import BackendSettings, RawMedia, procedural
from evals.types import Model, Prompt, Task

NAME = "swapped"
TASKS: tuple[Task, ...] = ("text-to-image",)


class Settings(BackendSettings):
    """Where to read what is served."""

    served: str
    """A file of `Served` as JSON."""


@dataclass(frozen=True)
class Served:
    """What answers under the name."""

    imperfection: float
    noise: str | None = None
    """An endpoint that ignores seeds draws from this instead; `None`: it honours them."""
    says: str | None = None
    cached: bool = False

    def write(self, path: Path) -> None:
        """From now on this is served."""
        path.write_text(json.dumps(self.__dict__))


@dataclass
class _Endpoint:
    path: Path
    device: str = "endpoint"

    def generate(self, prompt: Prompt, seed: int) -> RawMedia:
        served = Served(**json.loads(self.path.read_text()))
        if served.noise is not None:
            word = f"{served.noise} {prompt.id} {0 if served.cached else seed}"
            seed = int(hashlib.sha256(word.encode()).hexdigest()[:8], 16)
        settings = {"kind": "renderer", "imperfection": served.imperfection}
        model = Model("served", "Served", "text-to-image", "procedural", settings)
        with procedural.open_model(model) as renderer:
            return replace(renderer.generate(prompt, seed), served_by=served.says)


@contextmanager
def open_model(model: Model, device: str | None = None) -> Generator[_Endpoint]:
    """Yield the endpoint; there is nothing to load."""
    del device
    yield _Endpoint(Path(str(model.settings["served"])))
