"""Diffusion models on this machine, through diffusers: a folder or a pinned hub commit.

Named `diffusers` in a model's file. Only safetensors are opened, and no code that comes with
weights is run unless the file says so. The seed drives a generator on the processor, so that one
seed starts from the same noise on every device.
"""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evals import machine
from evals.backends import (
    RawMedia,
    _diffusers_call,
    _diffusers_device,
    _diffusers_extras,
    _diffusers_load,
)
from evals.backends._diffusers_call import Call
from evals.backends._diffusers_device import Place
from evals.backends._diffusers_faults import call_error, drop_frames, first_line
from evals.backends._diffusers_settings import STARTED_TASKS, Settings
from evals.backends._diffusers_watch import Watch
from evals.errors import GenerationError, LoadError
from evals.types import Model, Prompt, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "diffusers"
TASKS: tuple[Task, ...] = (
    "text-to-image",
    "image-edit",
    "upscale",
    "text-to-video",
    "image-to-video",
)
__all__ = ["NAME", "TASKS", "Settings", "open_model"]


@dataclass
class _Pipeline:
    pipeline: Any
    call: Call
    settings: Settings
    place: Place
    timer: Callable[[], float] = time.monotonic
    _watch: Watch | None = field(default=None, init=False)
    _hopeless: LoadError | None = field(default=None, init=False)
    """Why no further call is worth its time."""

    @property
    def device(self) -> str:
        return self.place.kind

    @property
    def placement(self) -> str:
        """Which device it runs on and why, in words."""
        offload = self.settings.offload
        return self.place.why + (f", offloaded by {offload}" if offload else "")

    def cancel(self) -> None:
        """Call the running call off, from another thread; nothing happens where none is running."""
        watch = self._watch
        if watch is not None:
            watch.called_off.set()

    def generate(
        self, prompt: Prompt, seed: int, start: NDArray[np.uint8] | None = None
    ) -> RawMedia:
        if self._hopeless is not None:
            raise self._hopeless
        arguments = self.call.arguments(prompt.text, start)
        watch = self._watch = Watch(self.settings.deadline_s, self.timer)
        try:
            output = self._run(seed, {**arguments, **watch.hooks(self.call.known)})
            watch.check()
        finally:
            self._watch = None
        if _refused(output):
            made = "clip" if self.settings.fps is not None else "picture"
            raise GenerationError(
                f"the model's safety checker refused the {made}", blame="model", kind="refused"
            )
        made = self._media(output)
        try:
            _diffusers_call.check_shape(self.call, made.pixels.shape)
        except LoadError as error:
            self._hopeless = error
            raise
        if self._half:
            _diffusers_call.check_finite(made.pixels)
        return made

    @property
    def _half(self) -> bool:
        """Whether anything computes in half precision, which overflows at 65504."""
        return "float16" in (self.settings.dtype, *self.settings.dtypes.values())

    def warm_up(self) -> None:
        """One short call, so that what is compiled is compiled before calls are timed."""
        import numpy as np

        width, height = self.call.size or (512, 512)
        grey = np.full((height, width, 3), 128, np.uint8)
        start = grey if self.call.task in STARTED_TASKS else None
        given = self.call.arguments("a grey square", start)
        self._run(0, {**given, "num_inference_steps": min(2, self.settings.steps)})

    def _run(self, seed: int, arguments: dict[str, Any]) -> Any:
        import torch

        try:
            with torch.inference_mode(), machine.torch_threads(self.settings.threads):
                return self.pipeline(
                    generator=torch.Generator("cpu").manual_seed(seed),
                    # Floating point, because the conversion to PIL turns NaN into colours.
                    output_type="np",
                    **arguments,
                )
        except Exception as error:
            # What an aborted call left on the accelerator would stay there beside the next.
            with contextlib.suppress(Exception):
                self.pipeline.maybe_free_model_hooks()
            if isinstance(error, GenerationError):
                raise
            raise call_error(error) from error

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
        LoadError: folder, device, safetensors or access missing; weights damaged, unsafe or too
            large; settings or task that the pipeline cannot do.
    """
    settings = Settings.model_validate(dict(model.settings))
    fault = settings.fault(model.task)
    if fault is not None:
        raise LoadError(f"model {model.id}: settings.{fault[0]} {fault[1]}")
    where = _diffusers_device.choose(device or settings.device)
    _diffusers_load.import_libraries()
    # The collection after this model need not search all that was there before it: with torch and
    # diffusers imported, that takes a third of a second.
    gc.freeze()
    try:
        try:
            opened = _opened(model, settings, where)
        except LoadError as error:
            drop_frames(error)
            _free(where)
            raise
        try:
            yield opened
        finally:
            # Whoever still holds what was yielded must not keep the weights with it.
            opened.pipeline = None
            _free(where)
    finally:
        gc.unfreeze()


def _free(place: Place) -> None:
    """Have the memory of what nobody holds any longer given back."""
    gc.collect()
    _diffusers_device.release(place.kind)


def _opened(model: Model, settings: Settings, place: Place) -> _Pipeline:
    """The pipeline, loaded, checked and on its device."""
    named = {
        "num_inference_steps": settings.steps,
        "guidance_scale": settings.guidance,
        "width": settings.width,
        "height": settings.height,
        "num_frames": settings.frames,
    }
    try:
        _diffusers_device.check_offload(place, settings.offload)
        pipeline = _diffusers_load.load(settings, place)
        call = _diffusers_call.plan(pipeline, model.task, named, settings.arguments, settings.fps)
        _diffusers_extras.apply(pipeline, settings)
        _diffusers_device.put(pipeline, place, settings.offload)
        opened = _Pipeline(pipeline, call, settings, place)
        if settings.compile:
            _compile(opened)
    except LoadError as error:
        raise LoadError(f"model {model.id}: {error}", kind=error.kind) from error
    return opened


def _compile(opened: _Pipeline) -> None:
    """Compile the denoiser by calling it; LoadError if that cannot be done here."""
    _diffusers_extras.compile_denoisers(opened.pipeline)
    try:
        opened.warm_up()
    except GenerationError as error:
        raise LoadError(f"compile: {first_line(error)}") from error


def _refused(output: Any) -> bool:
    """Whether a pipeline with a safety checker says that it blanked what it made."""
    return any(getattr(output, "nsfw_content_detected", None) or ())
