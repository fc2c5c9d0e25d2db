"""Diffusion models on this machine, through diffusers: a folder or a pinned hub commit.

Named `diffusers` in a model's file. Only safetensors are opened, and no code that comes with
weights is run. The seed drives a generator on the processor, so that one seed starts from the same
noise on every device.
"""

from __future__ import annotations

import gc
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from evals import machine
from evals.backends import BackendSettings, RawMedia, _diffusers_call, _diffusers_load
from evals.backends._diffusers_call import VIDEO_TASKS, Call
from evals.backends._diffusers_faults import first_line, generation_error
from evals.clip_limits import FASTEST, MOST_FRAMES
from evals.errors import GenerationError, LoadError
from evals.types import Model, Prompt, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "diffusers"
TASKS: tuple[Task, ...] = ("text-to-image", "upscale", "text-to-video", "image-to-video")

Side = Annotated[int, Field(ge=8, le=8192, multiple_of=8)]


class Settings(BackendSettings):
    """What is loaded and how it is sampled."""

    RUNTIME_ONLY: ClassVar[frozenset[str]] = frozenset({"device"})
    ADDED: ClassVar[frozenset[str]] = frozenset({"frames", "fps"})

    source: Annotated[str, Field(min_length=1)]
    """Folder in the diffusers layout, or hub name `owner/name`."""
    revision: str | None = None
    """Commit of the hub repository, 40 hex digits."""
    variant: str | None = None
    """Weights variant, such as `fp16`."""
    steps: Annotated[int, Field(ge=1, le=1000)]
    guidance: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = None
    """Guidance scale; None for the pipeline's own default."""
    width: Side | None = None
    """Of what is made, in pixels; None for the pipeline's own default. With both sides set, the
    picture that image-to-video begins with is stretched to them (Lanczos)."""
    height: Side | None = None
    dtype: Literal["float32", "float16", "bfloat16"] = "float32"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    frames: Annotated[int, Field(ge=2, le=MOST_FRAMES)] | None = None
    """Frames of a clip; None for the pipeline's own default."""
    fps: Annotated[float, Field(gt=0, le=FASTEST, allow_inf_nan=False)] | None = None
    """Frames per second at which a clip is played; needed exactly for tasks that make clips. A
    pipeline that wants to know it is told."""
    threads: Annotated[int, Field(ge=1, le=1024)] = 1
    """Processor threads while denoising: fixed, as sums in another order differ in the last bits
    and the picture follows them. Pictures are made one at a time for the same reason."""
    arguments: dict[str, str | int | float | bool] = Field(
        default_factory=dict[str, "str | int | float | bool"]
    )
    """Further arguments of the pipeline's call, such as `negative_prompt`."""

    def sources(self) -> Mapping[str, str]:
        """The pipeline's folder or hub name."""
        return {"source": self.source}

    def commit(self) -> str | None:
        """The hub commit."""
        return self.revision

    def fault(self, task: Task) -> tuple[str, str] | None:
        """Clips need a rate, and pictures have neither rate nor frames."""
        if task in VIDEO_TASKS:
            if self.fps is None:
                return (
                    "fps",
                    f"is missing: {task} needs it, as no pipeline says how fast its clips play",
                )
            return None
        for key in ("fps", "frames"):
            if getattr(self, key) is not None:
                return key, f"is of clips, and {task} makes pictures; leave it out"
        return None


@dataclass
class _Pipeline:
    pipeline: Any
    call: Call
    settings: Settings
    device: str

    def generate(
        self, prompt: Prompt, seed: int, start: NDArray[np.uint8] | None = None
    ) -> RawMedia:
        import torch

        arguments = self.call.arguments(prompt.text, start)
        try:
            with torch.inference_mode(), machine.torch_threads(self.settings.threads):
                output = self.pipeline(
                    generator=torch.Generator("cpu").manual_seed(seed),
                    # Floating point, because the conversion to PIL turns NaN into colours.
                    output_type="np",
                    **arguments,
                )
        except Exception as error:
            raise generation_error(error) from error
        if _refused(output):
            made = "clip" if self.settings.fps is not None else "picture"
            raise GenerationError(
                f"the model's safety checker refused the {made}", blame="model", kind="refused"
            )
        return self._media(output)

    def _media(self, output: Any) -> RawMedia:
        steps, fps = float(self.settings.steps), self.settings.fps
        if fps is None:
            picture = _diffusers_call.picture_of(output)
            height, width = picture.shape[:2]
            pixels = float(width * height)
            return RawMedia(picture, {"images": 1.0, "pixels": pixels, "steps": steps})
        clip = _diffusers_call.clip_of(output)
        number, height, width = clip.shape[:3]
        quantities = {
            "clips": 1.0,
            "frames": float(number),
            "pixels": float(width * height * number),
            "clip_seconds": number / fps,
            "steps": steps,
        }
        return RawMedia(clip, quantities, fps)


@contextmanager
def open_model(model: Model, device: str | None = None) -> Generator[_Pipeline]:
    """Load the pipeline, yield it, free it.

    Raises:
        LoadError: folder, device, safetensors or access missing; weights damaged; settings or task
            that the pipeline cannot do.
    """
    import torch

    settings = Settings.model_validate(dict(model.settings))
    fault = settings.fault(model.task)
    if fault is not None:
        raise LoadError(f"model {model.id}: settings.{fault[0]} {fault[1]}")
    where = _diffusers_load.choose_device(device or settings.device)
    _diffusers_load.import_libraries()
    # The collection after this model need not search all that was there before it: with torch and
    # diffusers imported, that takes a third of a second.
    gc.freeze()
    try:
        opened = _opened(model, settings, where)
        try:
            yield opened
        finally:
            # Whoever still holds what was yielded must not keep the weights with it.
            opened.pipeline = None
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
    finally:
        gc.unfreeze()


def _opened(model: Model, settings: Settings, device: str) -> _Pipeline:
    """The pipeline, loaded, checked and on its device."""
    named = {
        "num_inference_steps": settings.steps,
        "guidance_scale": settings.guidance,
        "width": settings.width,
        "height": settings.height,
        "num_frames": settings.frames,
    }
    try:
        pipeline = _diffusers_load.load(
            settings.source, settings.revision, settings.variant, settings.dtype
        )
        call = _diffusers_call.plan(pipeline, model.task, named, settings.arguments, settings.fps)
        try:
            pipeline.to(device)
        except Exception as error:
            raise LoadError(first_line(error)) from error
    except LoadError as error:
        raise LoadError(f"model {model.id}: {error}", kind=error.kind) from error
    return _Pipeline(pipeline, call, settings, device)


def _refused(output: Any) -> bool:
    """Whether a pipeline with a safety checker says that it blanked what it made."""
    return any(getattr(output, "nsfw_content_detected", None) or ())
