"""Loading a diffusers pipeline: from safetensors alone, without code that came with the weights."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from evals.backends._diffusers_faults import first_line, is_gated
from evals.errors import LoadError
from evals.home import shown


def import_libraries() -> None:
    """Import what loading needs."""
    importlib.import_module("transformers")
    importlib.import_module("diffusers.pipelines.pipeline_utils")


def load(source: str, revision: str | None, variant: str | None, dtype: str) -> Any:
    """The pipeline in a folder, or of a commit of a hub repository; on the processor.

    Args:
        source: folder in diffusers layout, or hub name.
        revision: commit of the hub repository.
        variant: of the weights, such as `fp16`.
        dtype: torch's name of the type that weights are loaded as.

    Raises:
        LoadError: folder, safetensors or permission missing; weights damaged or not fitting.
    """
    try:
        return _load(source, revision, variant, dtype)
    except LoadError:
        raise
    except Exception as error:
        kind = "gated" if is_gated(error) else "load_failed"
        raise LoadError(first_line(error), kind=kind) from error


def _load(source: str, revision: str | None, variant: str | None, dtype: str) -> Any:
    import torch
    import transformers
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline
    from diffusers.utils import logging as diffusers_logging

    # One bar for the run is drawn by the command; a bar per loaded file would tear it.
    diffusers_logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    options: dict[str, Any] = {"dtype": getattr(torch, dtype), "use_safetensors": True}
    if Path(source).is_dir():
        index = Path(source) / "model_index.json"
        if not index.is_file():
            raise LoadError(f"{shown(index)} is missing: not a folder in diffusers layout")
        options["local_files_only"] = True
    else:
        options["revision"] = revision
    if variant is not None:
        options["variant"] = variant
    pipeline: Any = DiffusionPipeline.from_pretrained(source, **options)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def choose_device(wanted: str) -> str:
    """The device that `wanted` names, `auto` being the best there is; LoadError if it is absent."""
    import torch

    usable = {"cpu": True, "cuda": torch.cuda.is_available()}
    usable["mps"] = torch.backends.mps.is_available()
    if wanted == "auto":
        return next(kind for kind in ("cuda", "mps", "cpu") if usable[kind])
    if not usable.get(wanted, False):
        raise LoadError(f'device "{wanted}" is not available here; use device = "auto"')
    return wanted
