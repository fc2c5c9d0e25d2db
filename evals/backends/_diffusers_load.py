"""Loading a diffusers pipeline: from safetensors alone, without code that came with the weights."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from evals import hub, weights
from evals.backends import _diffusers_device as devices
from evals.backends import _diffusers_files as files
from evals.backends._diffusers_device import Place
from evals.backends._diffusers_faults import load_error
from evals.backends._diffusers_settings import Component, Settings
from evals.errors import LoadError
from evals.home import shown
from evals.names import hint


def import_libraries() -> None:
    """Import what loading needs."""
    importlib.import_module("transformers")
    importlib.import_module("diffusers.pipelines.pipeline_utils")


def load(settings: Settings, place: Place) -> Any:
    """The pipeline that the settings name, in a folder or of a hub repository; on the processor.

    Args:
        settings: with absolute folders, and commits of hub repositories.
        place: where it will go, to tell before loading whether it fits.

    Raises:
        LoadError: folder, safetensors or permission missing; weights damaged, too large, or not
            fitting together; code that nobody allowed.
    """
    try:
        return _load(settings, place)
    except LoadError:
        raise
    except Exception as error:
        raise load_error(error, settings.source, settings.revision, _is_whole(settings)) from error


def _is_whole(settings: Settings) -> bool:
    """Whether everything is here: a folder is taken for whole, what is of a hub is looked at."""
    replaced = [part.name for part in settings.components]
    commit = settings.revision or ""
    held = Path(settings.source).is_dir() or (
        files.cached(settings.source, commit, settings.variant, replaced)
    )
    return bool(held)


def _load(settings: Settings, place: Place) -> Any:
    import torch
    import transformers
    from diffusers.utils import logging as diffusers_logging

    # One bar for the run is drawn by the command; a bar per loaded file would tear it.
    diffusers_logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    folder = _folder(settings)
    if not settings.trust_remote_code:
        files.refuse_code(folder)
    opener = _class(settings.pipeline) if settings.pipeline else _own_class(folder)
    replaced = [part.name for part in settings.components]
    parts = files.parts(folder, settings.variant, replaced)
    for part in settings.components:
        parts[part.name] = files.apart(part.source, part.subfolder, part.kind)
    kinds = {name: settings.dtypes.get(name, settings.dtype) for name in parts}
    sizes = {name: files.size(part, kinds[name]) for name, part in parts.items()}
    devices.check_size(sizes, place, settings.offload)
    for name in settings.dtypes:
        if name not in parts:
            raise LoadError(f'dtypes: the pipeline has no component "{name}"{hint(name, parts)}')
    dtypes = {name: getattr(torch, kind) for name, kind in settings.dtypes.items()}
    options: dict[str, Any] = {
        "dtype": {"default": getattr(torch, settings.dtype), **dtypes}
        if dtypes
        else getattr(torch, settings.dtype),
        "use_safetensors": True,
        "local_files_only": True,
    }
    if settings.variant is not None:
        options["variant"] = settings.variant
    if settings.trust_remote_code:
        options["trust_remote_code"] = True
    for part in settings.components:
        options[part.name] = component(part, settings.dtypes.get(part.name, settings.dtype))
    pipeline: Any = opener.from_pretrained(str(folder), **options)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _folder(settings: Settings) -> Path:
    """Where the pipeline lies, once it is here."""
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline

    if Path(settings.source).is_dir():
        return Path(settings.source)
    if Path(settings.source).is_file():
        raise LoadError(
            f"{shown(Path(settings.source))} is a single file: open it with from_single_file of its"
            " pipeline in diffusers, save_pretrained a folder, and name that"
        )
    replaced = [part.name for part in settings.components]
    held = files.cached(settings.source, settings.revision or "", settings.variant, replaced)
    if held is not None:
        return held
    _check_room(settings)
    options: dict[str, Any] = {"revision": settings.revision, "use_safetensors": True}
    if settings.variant is not None:
        options["variant"] = settings.variant
    options |= {"trust_remote_code": True} if settings.trust_remote_code else {}
    fetch: Any = DiffusionPipeline.download  # pyright: ignore[reportUnknownVariableType]
    return Path(fetch(settings.source, **options))


def _check_room(settings: Settings) -> None:
    """LoadError if the disk cannot hold what would be downloaded, where the hub says how much."""
    commit = settings.revision or ""
    try:
        told = hub.listing(settings.source, commit)
    except Exception:  # noqa: BLE001 - the download says for itself why it cannot be had
        return
    lacking = told.absent(
        files.needed(told.sizes, settings.variant), weights.snapshot(settings.source, commit)
    )
    free = hub.free_space()
    if lacking > free:
        raise LoadError(
            f"{settings.source} takes {lacking / 1e9:.1f} GB more, and {free / 1e9:.1f} GB of the"
            " disk are free; free some, or set HF_HOME to another disk",
            kind="disk_full",
        )


def _own_class(folder: Path) -> Any:
    """What opens a folder by the class that it names; LoadError if this diffusers has none."""
    import diffusers
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline

    named: Any = files.index_of(folder)["_class_name"]
    if isinstance(named, str) and not hasattr(diffusers, named):
        raise LoadError(
            f"{shown(folder / files.INDEX)} names {named}, which diffusers {diffusers.__version__}"
            " does not have; is there a newer one, or write the `pipeline` that opens it"
        )
    return DiffusionPipeline


def _class(name: str) -> Any:
    """The class of diffusers that opens the folder; LoadError says the nearest."""
    import diffusers

    known = [word for word in dir(diffusers) if word.endswith("Pipeline") and "Flax" not in word]
    if name not in known:
        raise LoadError(f'no pipeline of diffusers is called "{name}"{hint(name, known)}')
    return getattr(diffusers, name)


def component(part: Component, dtype: str) -> Any:
    """A part of the pipeline that lies elsewhere, as `dtype`; LoadError if it is not to be had."""
    import diffusers
    import torch
    import transformers

    kind: Any = getattr(transformers, part.kind, None) or getattr(diffusers, part.kind, None)
    if kind is None or not hasattr(kind, "from_pretrained"):
        raise LoadError(f'component {part.name}: no class of transformers is called "{part.kind}"')
    repository, at, commit = part.source.partition("@")
    options: dict[str, Any] = dict(part.options)
    source = part.source
    if at and not Path(part.source).is_dir():
        source = repository
        options["revision"] = commit
    if part.subfolder:
        options["subfolder"] = part.subfolder
    if torch.nn.Module in kind.__mro__:
        options |= {"dtype": getattr(torch, dtype), "use_safetensors": True}
    try:
        return kind.from_pretrained(source, **options)
    except Exception as error:
        cause = load_error(error, source, commit)
        raise LoadError(f"component {part.name}: {cause}", kind=cause.kind) from error
