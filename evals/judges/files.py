"""The files that describe judges: TOML → `Judge`, with the places of its weights looked up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from evals import encoder_kinds, tomlfile, weights
from evals.errors import NotFoundError
from evals.judges.pins import MICRO_BATCH, WEIGHTS, Judge, Preprocessing
from evals.weights import Weights

Level = Annotated[float, Field(allow_inf_nan=False)]
Width = Annotated[float, Field(gt=0, allow_inf_nan=False)]
# TOML has lists only: taking one for a tuple is no silent conversion of what it holds.
Mean = Annotated[tuple[Level, Level, Level], Field(strict=False)]
Std = Annotated[tuple[Width, Width, Width], Field(strict=False)]
Pair = Annotated[tuple[str, str], Field(strict=False)]
Sha = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _PreprocessingTable(tomlfile.Strict):
    size: Annotated[int, Field(ge=8, le=4096)]
    resize: Literal["crop", "squash", "pad"] = "crop"
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"
    antialias: bool = True
    resized_as: Literal["uint8", "float32"] = "uint8"
    mean: Mean = Preprocessing.mean
    std: Std = Preprocessing.std


class _HeadTable(tomlfile.Strict):
    file: Annotated[str, Field(min_length=1)]
    sha256: Sha | None = None
    source: Annotated[str, Field(min_length=1)] | None = None
    """Where it lies, if not where the weights do."""
    published: str | None = None


class _JudgeFile(tomlfile.Strict):
    name: Annotated[str, Field(min_length=1)]
    family: Annotated[str, Field(min_length=1)]
    kind: str = "open_clip"
    source: Annotated[str, Field(min_length=1)]
    """See `evals.weights`."""
    file: Annotated[str, Field(min_length=1)] = WEIGHTS
    sha256: Sha | None = None
    published: str | None = None
    """Address at which people get a file that no hub repository holds."""
    architecture: str | None = None
    preprocessing: _PreprocessingTable | None = None
    metrics: Annotated[list[str], Field(min_length=1)]
    heads: dict[str, _HeadTable] = Field(default_factory=dict[str, _HeadTable])
    antonyms: Pair = Judge.antonyms
    threads: Annotated[int, Field(ge=1, le=1024)] = 1
    micro_batch: Annotated[int, Field(ge=1, le=1024)] = MICRO_BATCH
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    calibration_world: bool = False
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
    try:
        kind = encoder_kinds.get(table.kind)
    except NotFoundError as error:
        raise tomlfile.key_error(path, "kind", str(error)) from error
    given = table.preprocessing
    if given is not None and given.resized_as == "uint8" and not given.antialias:
        raise tomlfile.key_error(
            path, "preprocessing.antialias", 'only resized_as = "float32" can go without'
        )
    source = weights.find(path, "source", table.source, roots)
    return Judge(
        id=path.stem,
        name=table.name,
        family=table.family,
        kind=table.kind,
        weights=source.weights(table.file, table.sha256, table.published),
        folder=source.folder,
        beside=kind.BESIDE if table.architecture is None else (),
        architecture=table.architecture,
        preprocessing=None if given is None else Preprocessing(**given.model_dump()),
        metrics=tuple(table.metrics),
        heads={name: _head(path, name, head, source, roots) for name, head in table.heads.items()},
        antonyms=table.antonyms,
        threads=table.threads,
        micro_batch=table.micro_batch,
        device=table.device,
        calibration_world=table.calibration_world,
        tie_band=dict(table.tie_band),
        hub=source.hub,
    )


def _head(
    path: Path,
    metric: str,
    table: _HeadTable,
    source: weights.Source,
    roots: tuple[Path, ...],
) -> Weights:
    if table.source is not None:
        source = weights.find(path, f"heads.{metric}.source", table.source, roots)
    return source.weights(table.file, table.sha256, table.published)
