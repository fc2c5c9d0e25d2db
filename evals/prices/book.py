"""The price book: shipped lists, what was imported, and one's own, laid over each other.

The same id counts once: a list of the home's `prices/*.toml` before one that was imported, and that
before a shipped one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evals import tomlfile
from evals.names import fold
from evals.prices.files import read_prices
from evals.prices.history import read_imported
from evals.prices.types import Entry

FOLDER = "prices"


def load_prices(data: Path, home: Path) -> dict[str, Entry]:
    """Every price list by id.

    Args:
        data: the shipped folder.
        home: the user's; need not exist.

    Raises:
        RegistryError: one line that names the file and key, or row and column.
    """
    return {**_written(data), **read_imported(home / FOLDER), **_written(home)}


def named(book: Mapping[str, Entry], text: str) -> list[str]:
    """The ids that a person may have meant: that very one, else all that contain it, in order."""
    if text in book:
        return [text]
    wanted = fold(text)
    exact = [name for name in book if fold(name) == wanted]
    return exact or sorted(
        name for name, entry in book.items() if wanted in fold(name) or wanted in fold(entry.name)
    )


def _written(root: Path) -> dict[str, Entry]:
    """Of the files that people write in one root. An id stands in one of them only."""
    folder = root / FOLDER
    found: dict[str, Entry] = {}
    if not folder.is_dir():
        return found
    for path in sorted(folder.glob("*.toml")):
        for name, entry in read_prices(path).items():
            if name in found:
                there = found[name].origin
                raise tomlfile.key_error(path, name, f"{there} has a list of this id, too")
            found[name] = entry
    return found
