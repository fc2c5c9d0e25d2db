"""Diffusion models on this machine, through diffusers: a folder or a pinned hub commit.

Named `diffusers` in a model's file. Only safetensors are opened, and no code that comes with
weights is run. The seed drives a generator on the processor, so that one seed starts from the same
noise on every device.
"""

from __future__ import annotations

import gc
import importlib
import inspect
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from evals import machine
from evals.backends import BackendSettings, RawMedia
from evals.errors import GenerationError, LoadError
from evals.home import shown
from evals.names import hint
from evals.types import Model, Prompt, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "diffusers"
TASKS: tuple[Task, ...] = ("text-to-image",)

Side = Annotated[int, Field(ge=8, le=8192, multiple_of=8)]


class Settings(BackendSettings):
    """What is loaded and how it is sampled."""

    RUNTIME_ONLY: ClassVar[frozenset[str]] = frozenset({"device"})

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
    height: Side | None = None
    dtype: Literal["float32", "float16", "bfloat16"] = "float32"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
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


@dataclass
class _Pipeline:
    pipeline: Any
    settings: Settings
    device: str

    def generate(
        self, prompt: Prompt, seed: int, start: NDArray[np.uint8] | None = None
    ) -> RawMedia:
        del start
        import torch

        try:
            with torch.inference_mode(), machine.torch_threads(self.settings.threads):
                output = self.pipeline(
                    prompt=prompt.text,
                    generator=torch.Generator("cpu").manual_seed(seed),
                    # Floating point, because the conversion to PIL turns NaN into colours.
                    output_type="np",
                    **_call_arguments(self.settings),
                )
        except Exception as error:
            raise _generation_error(error) from error
        if any(getattr(output, "nsfw_content_detected", None) or ()):
            raise GenerationError(
                "the model's safety checker refused the picture", blame="model", kind="refused"
            )
        pixels = output.images[0]
        height, width = pixels.shape[:2]
        quantities = {"images": 1, "pixels": width * height, "steps": self.settings.steps}
        return RawMedia(pixels, {name: float(value) for name, value in quantities.items()})


@contextmanager
def open_model(model: Model, device: str | None = None) -> Generator[_Pipeline]:
    """Load the pipeline, yield it, free it.

    Raises:
        LoadError: folder, device, safetensors or access missing; weights damaged.
    """
    import torch

    settings = Settings.model_validate(dict(model.settings))
    where = _choose_device(device or settings.device)
    _import_libraries()
    # The collection after this model need not search all that was there before it: with torch and
    # diffusers imported, that takes a third of a second.
    gc.freeze()
    try:
        opened = _Pipeline(_ready(model.id, settings, where), settings, where)
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


def _ready(name: str, settings: Settings, device: str) -> Any:
    """The pipeline, loaded, checked and on its device."""
    try:
        pipeline = _load(settings)
        _check_arguments(pipeline, settings)
        pipeline.to(device)
    except LoadError as error:
        raise LoadError(f"model {name}: {error}", kind=error.kind) from error
    except Exception as error:
        kind = "gated" if _is_gated(error) else "load_failed"
        raise LoadError(f"model {name}: {_first_line(error)}", kind=kind) from error
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _import_libraries() -> None:
    importlib.import_module("transformers")
    importlib.import_module("diffusers.pipelines.pipeline_utils")


def _load(settings: Settings) -> Any:
    import torch
    import transformers
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline
    from diffusers.utils import logging as diffusers_logging

    # One bar for the run is drawn by the command; a bar per loaded file would tear it.
    diffusers_logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    options: dict[str, Any] = {"dtype": getattr(torch, settings.dtype), "use_safetensors": True}
    if Path(settings.source).is_dir():
        index = Path(settings.source) / "model_index.json"
        if not index.is_file():
            raise LoadError(f"{shown(index)} is missing: not a folder in diffusers layout")
        options["local_files_only"] = True
    else:
        options["revision"] = settings.revision
    if settings.variant is not None:
        options["variant"] = settings.variant
    return DiffusionPipeline.from_pretrained(settings.source, **options)


def _choose_device(wanted: str) -> str:
    import torch

    usable = {"cpu": True, "cuda": torch.cuda.is_available()}
    usable["mps"] = torch.backends.mps.is_available()
    if wanted == "auto":
        return next(kind for kind in ("cuda", "mps", "cpu") if usable[kind])
    if not usable.get(wanted, False):
        raise LoadError(f'device "{wanted}" is not available here; use device = "auto"')
    return wanted


def _call_arguments(settings: Settings) -> dict[str, Any]:
    named = {
        "num_inference_steps": settings.steps,
        "guidance_scale": settings.guidance,
        "width": settings.width,
        "height": settings.height,
    }
    return {k: v for k, v in named.items() if v is not None} | settings.arguments


def _check_arguments(pipeline: Any, settings: Settings) -> None:
    """A misspelt argument is told before any picture is made."""
    known = inspect.signature(type(pipeline).__call__).parameters
    for name in _call_arguments(settings):
        if name not in known:
            kind = type(pipeline).__name__
            raise LoadError(f'{kind} takes no argument "{name}"{hint(name, known)}')


def _generation_error(error: Exception) -> GenerationError:
    """Who is to blame: the machine for memory and the driver, the model for the rest."""
    import torch

    text = _first_line(error)
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in text:
        return GenerationError(text, blame="infrastructure", kind="out_of_memory")
    if isinstance(error, torch.AcceleratorError | OSError) or "CUDA error" in text:
        return GenerationError(text, blame="infrastructure", kind="device")
    return GenerationError(text, blame="model")


def _is_gated(error: BaseException) -> bool:
    """Whether the hub refused for want of permission, anywhere in the chain of causes."""
    cause: BaseException | None = error
    while cause is not None:
        if type(cause).__name__ == "GatedRepoError":
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__
