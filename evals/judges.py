"""Judges: the encoders behind metrics, each described by a file that pins its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from evals import tomlfile
from evals.content import hash_file, hash_folder
from evals.errors import LoadError
from evals.home import shown
from evals.types import digest

WEIGHTS = "open_clip_model.safetensors"
CONFIG = "open_clip_config.json"
_BESIDE_WEIGHTS = frozenset({".json", ".txt", ".model", ".gz"})


@dataclass(frozen=True)
class Judge:
    """An open_clip model in an ordinary folder."""

    id: str
    name: str
    family: str
    """Judges of one origin are a family and share one vote per comparison."""
    folder: Path
    sha256: str
    """Of the weights file, as `sha256sum` prints it."""
    threads: int = 1
    """Processor threads while encoding: fixed, as sums in another order differ in the last bits."""
    tie_band: Mapping[str, float] = field(default_factory=dict[str, float])
    """Metric -> largest difference that is a tie, in the metric's own unit."""


class _JudgeFile(tomlfile.Strict):
    name: Annotated[str, Field(min_length=1)]
    family: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    threads: Annotated[int, Field(ge=1, le=1024)] = 1
    tie_band: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(
        default_factory=dict[str, float]
    )


def read_judge(path: Path, roots: tuple[Path, ...]) -> Judge:
    """The judge that `path` describes; its id is the file's stem.

    Args:
        path: `data/judges/*.toml` or `<home>/judges/*.toml`.
        roots: folders that `source` may be relative to, beside the file's own.

    Raises:
        RegistryError: one line that names file and key.
    """
    table = tomlfile.validate(path, tomlfile.read(path), _JudgeFile)
    tried = [path.parent / table.source, *(root / table.source for root in roots)]
    folder = next((place for place in tried if place.is_dir()), None)
    if folder is None:
        places = " or ".join(shown(place) for place in tried)
        raise tomlfile.key_error(path, "source", f"no folder at {places}")
    return Judge(
        path.stem,
        table.name,
        table.family,
        folder.resolve(),
        table.sha256,
        table.threads,
        dict(table.tie_band),
    )


def check(judge: Judge) -> None:
    """Refuse weights that are not the pinned ones.

    Raises:
        LoadError: a file is missing, or the hash of the weights differs.
    """
    for name in (CONFIG, WEIGHTS):
        if not (judge.folder / name).is_file():
            raise LoadError(f"judge {judge.id}: {shown(judge.folder / name)} is missing")
    found = hash_file(judge.folder / WEIGHTS)
    if found != judge.sha256:
        raise LoadError(
            f"judge {judge.id}: {shown(judge.folder / WEIGHTS)} has sha256 {found[:12]}…, the"
            f" file of the judge pins {judge.sha256[:12]}…"
        )


def fingerprint(judge: Judge | None, metric: str, version: str) -> str:
    """Hash (64 hex digits) of all that a score strictly depends on.

    Judge weights, preprocessing and tokenizer (every configuration file beside the weights), metric
    name and version: scores that differ in it are never compared. A metric without a judge depends
    on its name and version alone.
    """
    strict: list[Any] = [metric, version]
    if judge is not None:
        strict += [judge.sha256, hash_folder(judge.folder, suffixes=_BESIDE_WEIGHTS)]
    return digest(strict)
