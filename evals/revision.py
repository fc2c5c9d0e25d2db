"""What a model is made of: its folders found, and all of it hashed into a revision."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from evals import backends, tomlfile
from evals.content import hash_folder
from evals.home import shown
from evals.registry import Registry
from evals.types import Model, digest

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")
REVISION_DIGITS = 12


def folders(registry: Registry, model: Model) -> dict[str, Path]:
    """The local folders among a model's sources, by settings key; hub names are left out.

    A source is a folder if there is one, relative to the model's file, the shipped data or the
    home. Otherwise it must be a hub name `owner/name`, pinned to a commit.

    Raises:
        RegistryError: no such folder, or a hub name without a 40-digit commit.
    """
    path = registry.model_files[model.id]
    settings = _settings(model)
    found: dict[str, Path] = {}
    for key, source in settings.sources().items():
        tried = [root / source for root in (path.parent, registry.data, registry.home)]
        folder = next((place for place in tried if place.is_dir()), None)
        if folder is not None:
            found[key] = folder.resolve()
        elif not _HUB_NAME.fullmatch(source):
            places = ", ".join(dict.fromkeys(shown(place) for place in tried))
            raise tomlfile.key_error(path, f"settings.{key}", f"no folder at {places}")
        elif not _COMMIT.fullmatch(settings.commit() or ""):
            raise tomlfile.key_error(
                path,
                "settings.revision",
                f'"{source}" is no folder here, and as a hub name it must be pinned to a commit of'
                f" 40 hex digits: see https://huggingface.co/{source}/commits/main",
            )
    return found


def located(registry: Registry, model: Model) -> Model:
    """`model` with the folders among its settings made absolute, as a backend opens it."""
    settings = dict(model.settings)
    for key, folder in folders(registry, model).items():
        settings = _with(settings, key.split("."), str(folder))
    return replace(model, settings=settings)


def pinned(registry: Registry, model: Model) -> Model:
    """`model` with its revision: a hash of backend, settings, weights and drawing code.

    Moving a folder, or running on another device, is no new revision; one changed byte of weights
    is. Reads every local file of the model once.

    Raises:
        RegistryError: as `folders`; or a link that leaves its folder.
    """
    settings = _settings(model)
    places = folders(registry, model)
    kept: dict[str, Any] = {
        key: value
        for key, value in model.settings.items()
        if key not in settings.RUNTIME_ONLY and (value is not None or key not in settings.ADDED)
    }
    shared = (registry.data, registry.home)
    for key, folder in places.items():
        kept = _with(kept, key.split("."), f"sha256:{hash_folder(folder, within=shared)}")
    text = digest([model.backend, kept, dict(settings.code(model.task))])
    return replace(model, revision=text[:REVISION_DIGITS])


def _settings(model: Model) -> backends.BackendSettings:
    return backends.get(model.backend).Settings.model_validate(dict(model.settings))


def _with(table: Mapping[str, Any], keys: list[str], value: str) -> dict[str, Any]:
    """A copy of a nested table with one value replaced."""
    first, *rest = keys
    changed = _with(table[first], rest, value) if rest else value
    return {**table, first: changed}
