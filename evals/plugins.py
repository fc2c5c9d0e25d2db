"""Finding what is one file each: in its folder, or by an entry point of another package."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from importlib.metadata import entry_points
from types import ModuleType

from evals.errors import InputError


def modules(package: str, paths: Iterable[str], group: str) -> list[ModuleType]:
    """Every module of the folder, then those other packages register under `group`.

    The modules must be light to import: what is heavy belongs inside their functions.

    Raises:
        InputError: an entry point cannot be imported; names it and its distribution.
    """
    found = [
        importlib.import_module(f"{package}.{info.name}")
        for info in pkgutil.iter_modules(list(paths))
        if not info.name.startswith("_")
    ]
    for point in entry_points(group=group):
        owner = point.dist.name if point.dist else "an unknown package"
        try:
            loaded = point.load()
        except (ImportError, AttributeError) as error:
            raise InputError(
                f"{group} entry point {point.name!r} of {owner} cannot be imported: {error}"
            ) from error
        if not isinstance(loaded, ModuleType):
            raise InputError(f"{group} entry point {point.name!r} of {owner} must name a module")
        found.append(loaded)
    return found


def kinds(paths: Iterable[str]) -> tuple[str, ...]:
    """What the files of a folder are called on the command line, in order; private ones left out.

    Nothing is imported.
    """
    return tuple(
        sorted(
            info.name.replace("_", "-")
            for info in pkgutil.iter_modules(list(paths))
            if not info.name.startswith("_")
        )
    )


def by_name(kind: str, named: Iterable[tuple[str, ModuleType]]) -> dict[str, ModuleType]:
    """Modules by the name they go by.

    Raises:
        InputError: two modules claim one name.
    """
    found: dict[str, ModuleType] = {}
    for name, module in named:
        if name in found:
            raise InputError(
                f"two {kind}s are called {name!r}: {found[name].__name__} and {module.__name__}"
            )
        found[name] = module
    return found
