"""Whether anything that a refresh reads has changed, told without reading it.

Every file beneath the home and the shipped data that no cycle writes counts by its name, size and
time of change; and so does what every registered model costs on the day, since a price that was
written down long ago may begin today.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path

from evals.home import data_root

OUTPUTS = frozenset({"editions", "exports", "picks", "cycles.jsonl"})
"""At the top of the home: what refreshes and cycles write."""
DATABASE = "leaderboard.duckdb"
HISTORY = "history"
"""A refresh keeps own boards there, beside what is imported."""

Inputs = Mapping[str, str]
"""File -> size and time of change."""


def inputs(home: Path) -> Inputs:
    """All that is there now."""
    return {name: f"{size} {changed}" for name, size, changed in _files(home)}


def after_refresh(before: Inputs, home: Path) -> Inputs:
    """What a refresh that began with `before` leaves: with the boards that it kept, and without
    whatever else came meanwhile, which it may not have seen.
    """
    made = {
        name: stat
        for name, stat in inputs(home).items()
        if name not in before and name.startswith(f"{HISTORY}/")
    }
    return {**before, **made}


def digest(found: Inputs, home: Path, day: date) -> str:
    """One word for it all, with the prices of the day and the version of this program."""
    from evals import pricing, registry

    known = registry.load_priced(home)
    lines = [f"{name} {stat}" for name, stat in sorted(found.items())]
    for model in known.models.values():
        cost = pricing.estimate_of(known.price_of(model), model, day)
        lines.append(f"{model.id} {cost.usd} {cost.basis}")
    lines.append(version("churnboard"))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _files(home: Path) -> Iterator[tuple[str, int, int]]:
    for root, prefix in ((home, ""), (data_root(), "data:")):
        for path in _beneath(root, top=prefix == ""):
            stat = path.stat()
            name = path.relative_to(root).as_posix()
            yield f"{prefix}{name}", stat.st_size, stat.st_mtime_ns


def _beneath(folder: Path, top: bool) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        own = top and (path.name in OUTPUTS or path.name.startswith(DATABASE))
        if own or path.name.startswith("."):
            continue
        if path.is_dir():
            # Media are named by their content, and by a line of a record that counts.
            if path.name != "media" or path.parent.parent.name != "runs":
                yield from _beneath(path, False)
        elif path.is_file():
            yield path
