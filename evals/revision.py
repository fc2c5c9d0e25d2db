"""What a model is made of: its folders and hub repositories found, and all of it hashed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from evals import backends, hub, tomlfile
from evals.content import hash_file, hash_folder
from evals.errors import InputError
from evals.home import shown
from evals.registry import Registry
from evals.types import Model, PinnedAdapter, digest

REVISION_DIGITS = 12
_CONTENT = "sha256:"


def folders(registry: Registry, model: Model) -> dict[str, Path]:
    """The local sources of a model, by settings key: folders, or single files.

    A source is local if it is there, relative to the model's file, the shipped data or the home.
    Otherwise it must be a hub name, `owner/name` with a revision beside it, or
    `owner/name@revision`, and is left out.

    Raises:
        RegistryError: nothing is there, or a hub name has no revision.
    """
    path = registry.model_files[model.id]
    settings = backends.settings_of(model)
    found: dict[str, Path] = {}
    for key, source in settings.sources().items():
        tried = [root / source for root in (path.parent, registry.data, registry.home)]
        place = next((place for place in tried if place.exists()), None)
        repository, at, beside = source.partition("@")
        revision = (beside if at else settings.commit()) or ""
        if place is not None:
            found[key] = place.resolve()
        elif not hub.NAME.fullmatch(repository):
            places = ", ".join(dict.fromkeys(shown(place) for place in tried))
            what = "file" if place_is_file(source) else "folder"
            raise tomlfile.key_error(path, f"settings.{key}", f"no {what} at {places}")
        elif not revision or hub.revision_fault(revision) is not None:
            fix = f"{repository}@<commit>" if at or key != "source" else 'revision = "<commit>"'
            raise tomlfile.key_error(
                path,
                f"settings.{key if at or key != 'source' else 'revision'}",
                f'"{repository}" is no folder here, and as a hub name it needs a revision: {fix},'
                f" a commit of 40 hex digits, or a branch, which is pinned to its commit when it is"
                f" first asked for: see https://huggingface.co/{repository}/commits/main",
            )
    return found


def place_is_file(source: str) -> bool:
    """Whether a source is written as a file of weights rather than as a folder."""
    return source.endswith(".safetensors")


def resolved(registry: Registry, model: Model, online: bool = True) -> Model:
    """`model` with every branch or tag of a hub among its settings replaced by its commit.

    Args:
        registry: that the model is of.
        model: as registered.
        online: whether the hub may be asked for what its cache does not know.

    Raises:
        RegistryError: as `folders`; or nobody knows which commit a branch is.
    """
    settings = dict(model.settings)
    local = folders(registry, model)
    for key, source in backends.settings_of(model).sources().items():
        if key in local:
            continue
        repository, at, beside = source.partition("@")
        revision = beside if at else backends.settings_of(model).commit() or ""
        try:
            commit = hub.commit_of(repository, revision, online)
        except InputError as error:
            path = registry.model_files[model.id]
            where = key if at else "revision"
            raise tomlfile.key_error(path, f"settings.{where}", str(error)) from error
        where, value = (key, f"{repository}@{commit}") if at else ("revision", commit)
        settings = _with(settings, where.split("."), value)
    return replace(model, settings=settings)


def located(registry: Registry, model: Model) -> Model:
    """`model` as a backend opens it: local sources absolute, branches of a hub as commits.

    Raises:
        RegistryError: as `resolved`.
    """
    model = resolved(registry, model)
    settings = dict(model.settings)
    for key, place in folders(registry, model).items():
        settings = _with(settings, key.split("."), str(place))
    return replace(model, settings=settings)


def pinned(registry: Registry, model: Model, online: bool = True) -> Model:
    """`model` with its revision: a hash of backend, settings, weights and drawing code.

    A branch of a hub becomes the commit that it is. Moving a folder, or running on another device,
    is no new revision; one changed byte of weights is. Reads every local file of the model once.

    Args:
        registry: that the model is of.
        model: as registered.
        online: whether the hub may be asked for what its cache does not know.

    Raises:
        RegistryError: as `resolved`; or a link that leaves its folder.
    """
    model = resolved(registry, model, online)
    settings = backends.settings_of(model)
    shared = (registry.data, registry.home)
    kept = _kept(model, settings)
    for key, place in folders(registry, model).items():
        content = hash_file(place) if place.is_file() else hash_folder(place, within=shared)
        kept = _with(kept, key.split("."), f"{_CONTENT}{content}")
    text = digest([model.backend, kept, dict(settings.code(model.task))])
    return replace(model, revision=text[:REVISION_DIGITS], adapters=_adapters(kept))


def _adapters(kept: Mapping[str, Any]) -> tuple[PinnedAdapter, ...]:
    """What lies over the weights, by content: of a hub's file its commit stands for that."""
    return tuple(
        PinnedAdapter(
            adapter["source"].removeprefix(_CONTENT)
            if adapter["source"].startswith(_CONTENT)
            else digest([adapter["source"], adapter["file"]]),
            float(adapter["strength"]),
        )
        for adapter in kept.get("adapters", ())
    )


def known(registry: Registry, model: Model) -> Model:
    """`model` with its revision if that can be told without a network; else without one."""
    try:
        return pinned(registry, model, online=False)
    except InputError:
        if model.needs:
            return model
        raise


def found(registry: Registry, model: Model) -> Model:
    """`model` as it is, once its folders are there; RegistryError if one is not."""
    folders(registry, model)
    return model


def _kept(model: Model, settings: backends.BackendSettings) -> dict[str, Any]:
    """The settings that make a model what it is.

    What was added later is left out while it has its default, so that older models stay the same.
    """
    fields = type(settings).model_fields
    unset = {key: fields[key].get_default(call_default_factory=True) for key in settings.ADDED}
    return {
        key: value
        for key, value in model.settings.items()
        if key not in settings.RUNTIME_ONLY and (key not in unset or value != unset[key])
    }


def _with(table: Mapping[str, Any], keys: Sequence[str], value: str) -> dict[str, Any]:
    """A copy of nested tables and lists with one value replaced."""
    return cast("dict[str, Any]", _replaced(table, keys, value))


def _replaced(item: Any, keys: Sequence[str], value: str) -> Any:
    if not keys:
        return value
    first, *rest = keys
    if isinstance(item, Mapping):
        table = cast("Mapping[str, Any]", item)
        return {**table, first: _replaced(table[first], rest, value)}
    before = cast("Sequence[Any]", item)
    place = int(first)
    return [*before[:place], _replaced(before[place], rest, value), *before[place + 1 :]]
