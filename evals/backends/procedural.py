"""Models that are programs: the renderer, flawed on purpose if asked; noise; what needs no model.

The first two bound every board of the calibration world: nothing can beat the exact renderer, and
nothing should lose to noise. A clip that never moves is what a metric of motion must not fall for,
and plain enlargement is what an upscaler has to beat. They need neither weights nor torch, so the
whole path can run on them.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from evals.backends import BackendSettings, RawMedia
from evals.errors import GenerationError, LoadError
from evals.types import Model, Prompt, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from evals.calibration.motions import Shot
    from evals.calibration.scenes import Scene

    Pixels = NDArray[np.uint8]

NAME = "procedural"
TASKS: tuple[Task, ...] = ("text-to-image", "upscale", "text-to-video", "image-to-video")
ENLARGED = 2
"""By how much both sides grow in upscaling, unless the settings say otherwise."""


class Settings(BackendSettings):
    """What is drawn, and how badly."""

    ADDED: ClassVar[frozenset[str]] = frozenset({"factor"})

    kind: Literal["renderer", "noise", "still", "bicubic", "lanczos"]
    """`still` makes clips only: the first frame, repeated. `bicubic` and `lanczos` upscale only:
    they enlarge whatever picture they are given, as Pillow does."""
    imperfection: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Renderer only: chance that each word of the caption is replaced before rendering."""
    variation: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Renderer only: how much the seed may move, scale, tint and pace. From a start frame it only
    paces, as all else is given; what is enlarged it leaves alone."""
    factor: Annotated[int, Field(ge=2, le=8)] | None = None
    """Upscaling only: by how much both sides grow; None for 2."""

    @model_validator(mode="after")
    def _only_the_renderer_draws_words(self) -> Settings:
        if self.kind != "renderer" and (self.imperfection or self.variation != 1.0):
            raise ValueError(
                f"imperfection and variation are for the renderer; {self.kind} has neither"
            )
        return self

    def fault(self, task: Task) -> tuple[str, str] | None:
        """Kinds and the factor belong to tasks."""
        if self.kind in ("bicubic", "lanczos") and task != "upscale":
            return "kind", f'"{self.kind}" enlarges pictures, and {task} does not'
        if self.kind == "still" and task == "upscale":
            return "kind", '"still" makes clips, and upscale makes pictures'
        if self.factor is not None and task != "upscale":
            return "factor", f"is of upscale, and the task is {task}; leave it out"
        return None

    def code(self, task: Task) -> Mapping[str, str]:
        """The renderer is the weights: a change of it is a new revision."""
        if self.kind in ("noise", "bicubic", "lanczos"):
            return {}
        return {name: _hash_of_module(name) for name in _modules(task)}


def _modules(task: Task) -> tuple[str, ...]:
    """Modules of the calibration world that draw what a task makes."""
    still = ("silhouettes", "scenes")
    further = {"text-to-image": (), "upscale": ("enlarging",)}
    return (*still, *further.get(task, ("motions",)))


def _hash_of_module(name: str) -> str:
    spec = find_spec(f"evals.calibration.{name}")
    if spec is None or spec.origin is None:  # pragma: no cover - part of this package
        raise LoadError(f"evals/calibration/{name}.py is missing; install churnboard again")
    return hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()


@dataclass(frozen=True)
class _Program:
    settings: Settings
    task: Task
    device: str = "cpu"

    def generate(self, prompt: Prompt, seed: int, start: Pixels | None = None) -> RawMedia:
        if start is None and self.task in ("image-to-video", "upscale"):
            what = f'{self.task} needs a start frame, and prompt "{prompt.id}" came without one'
            raise GenerationError(what, blame="infrastructure")
        if self.task in ("text-to-image", "upscale"):
            pixels = self._picture(prompt.text, seed, start)
            height, width = pixels.shape[:2]
            return RawMedia(pixels, {"images": 1.0, "pixels": float(width * height)})
        from evals.calibration.motions import FPS

        frames = self._clip(prompt.text, seed, start if self.task == "image-to-video" else None)
        number, height, width = frames.shape[:3]
        quantities = {
            "clips": 1.0,
            "frames": float(number),
            "pixels": float(width * height * number),
            "clip_seconds": number / FPS,
        }
        return RawMedia(frames, quantities, FPS)

    def _picture(self, text: str, seed: int, start: Pixels | None) -> Pixels:
        from evals.calibration import scenes

        if start is not None and self.task == "upscale":
            return self._enlarged(text, seed, start)
        if self.settings.kind == "noise":
            return _noise(text, seed, (scenes.SIZE, scenes.SIZE, 3))
        scene = _scene(text)
        # One stream of draws per prompt and seed, whatever the imperfection: a worse renderer
        # gets wrong every word that a better one does, and more.
        flawed = scenes.perturb(scene, _rng(text, seed), self.settings.imperfection)
        return scenes.render(flawed, seed, self.settings.variation)

    def _enlarged(self, text: str, seed: int, start: Pixels) -> Pixels:
        factor = self.settings.factor or ENLARGED
        height, width = (factor * side for side in start.shape[:2])
        if self.settings.kind == "noise":
            return _noise(text, seed, (height, width, 3))
        if self.settings.kind in ("bicubic", "lanczos"):
            return _resampled(start, (width, height), self.settings.kind)
        from evals.calibration import enlarging, scenes

        scene = _scene(text)
        drawn = enlarging.seed_of(scene, start)
        if drawn is None:
            what = (
                "the renderer enlarges only a drawing of the prompt's own caption, made with a seed"
                f" from {enlarging.START_SEEDS[0]} to {enlarging.START_SEEDS[-1]}; the start frame"
                " is none of them: name another model for this suite"
            )
            raise GenerationError(what, blame="model")
        flawed = scenes.perturb(scene, _rng(text, seed), self.settings.imperfection)
        return enlarging.large(flawed, drawn, factor)

    def _clip(self, text: str, seed: int, start: Pixels | None) -> Pixels:
        from evals.calibration import motions, scenes

        if self.settings.kind == "noise":
            return _noise(text, seed, (motions.FRAMES, scenes.SIZE, scenes.SIZE, 3))
        if self.settings.kind == "still" and start is not None:
            return start[None].repeat(motions.FRAMES, axis=0)
        try:
            shot = motions.parse(text)
        except ValueError as error:
            raise GenerationError(str(error), blame="model") from error
        if self.settings.kind == "still":
            return motions.render_frames(shot, seed, [0]).repeat(motions.FRAMES, axis=0)
        flawed = motions.perturb(shot, _rng(text, seed), self.settings.imperfection)
        if start is not None:
            return self._animated(shot, flawed, seed, start)
        return motions.render_clip(flawed, seed, self.settings.variation)

    def _animated(self, shot: Shot, flawed: Shot, seed: int, start: Pixels) -> Pixels:
        """Begin with the start frame, to the pixel, and go on as the flawed shot would from there.

        The upper anchor has to be exact, and a picture does not say exactly what it was drawn
        with: it must be one that a suite of this world starts from.
        """
        from evals.calibration import motions, scenes

        begun = motions.seed_of(shot, start)
        if begun is None:
            what = (
                "the renderer animates only the first frame of the prompt's own clip, drawn with a"
                f" seed from {motions.START_SEEDS[0]} to {motions.START_SEEDS[-1]}; the start frame"
                " is none of them: name another model for this suite"
            )
            raise GenerationError(what, blame="model")
        look = scenes.look(flawed.scene, begun)
        pace = motions.pace(seed, self.settings.variation)
        frames = motions.animate(flawed, look, pace, range(motions.FRAMES), motions.FRAMES)
        frames[0] = start
        return frames


def _rng(text: str, seed: int) -> np.random.Generator:
    import numpy as np

    return np.random.default_rng([seed, *hashlib.sha256(text.encode()).digest()])


def _scene(text: str) -> Scene:
    from evals.calibration import scenes

    try:
        return scenes.parse(text)
    except ValueError as error:
        raise GenerationError(str(error), blame="model") from error


def _resampled(picture: Pixels, size: tuple[int, int], kind: str) -> Pixels:
    """The picture at another width and height, as Pillow makes it."""
    import numpy as np
    from PIL import Image

    way = {"bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}[kind]
    return np.asarray(Image.fromarray(picture).resize(size, way))


def _noise(text: str, seed: int, shape: tuple[int, ...]) -> Pixels:
    import numpy as np

    return _rng(text, seed).integers(0, 256, shape, dtype=np.uint8)


@contextmanager
def open_model(model: Model, device: str | None = None) -> Generator[_Program]:
    """Yield the program, which always runs on the processor; there is nothing to free.

    Raises:
        LoadError: `still` is asked for pictures, which are still anyway.
    """
    del device
    settings = Settings.model_validate(dict(model.settings))
    fault = settings.fault(model.task)
    if fault is not None:
        raise LoadError(f"model {model.id}: settings.{fault[0]} {fault[1]}")
    if settings.kind == "still" and model.task == "text-to-image":
        raise LoadError(f'model {model.id}: kind "still" makes clips; use "renderer" for pictures')
    # Imported before the first call is timed.
    for name in _modules(model.task):
        importlib.import_module(f"evals.calibration.{name}")
    yield _Program(settings, model.task)
