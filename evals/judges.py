"""Judges: the encoders and reward models behind metrics, each described by a file that pins it.

A judge whose weights are not on this machine is `unavailable`: its metrics are skipped by name, and
nothing takes their place. Nothing here is downloaded or loaded; `evals.encoders` loads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from evals import encoder_kinds, tomlfile
from evals.content import hash_file, hash_folder
from evals.errors import LoadError, NotFoundError
from evals.home import shown
from evals.types import digest

WEIGHTS = "open_clip_model.safetensors"
CONFIG = "open_clip_config.json"
_BESIDE_WEIGHTS = frozenset({".json", ".txt", ".model", ".gz"})
MICRO_BATCH = 16


@dataclass(frozen=True)
class Preprocessing:
    """How a picture becomes the judge's input, where the judge's folder does not say."""

    size: int
    """Side of the square input, in pixels."""
    resize: Literal["crop", "squash", "pad"] = "crop"
    """Shortest side to `size` and the centre cut out; both sides to `size`; or longest side to
    `size` and the rest filled with zeros (before normalisation)."""
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"
    antialias: bool = True
    mean: tuple[float, float, float] = (0.48145466, 0.4578275, 0.40821073)
    std: tuple[float, float, float] = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class Weights:
    """One file of weights and the hash that pins it."""

    path: Path | None
    """Where it lies; None while it is not on this machine."""
    sha256: str | None
    """As `sha256sum` prints it; None = nobody has pinned it yet, and it is not used."""
    wanted: str
    """The file as its description names it, for people."""


@dataclass(frozen=True)
class Judge:
    """An encoder or reward model, as its file describes it."""

    id: str
    name: str
    family: str
    """Judges of one origin are a family and share one vote per comparison."""
    kind: str
    """File name in `evals/encoder_kinds/`."""
    weights: Weights
    folder: Path | None = None
    """Folder of the configuration and tokenizer beside the weights."""
    architecture: str | None = None
    """Name of the architecture, where no configuration lies beside the weights."""
    preprocessing: Preprocessing | None = None
    """None: as the configuration beside the weights says."""
    metrics: tuple[str, ...] = ()
    """Metrics that it serves."""
    heads: Mapping[str, Weights] = field(default_factory=dict[str, Weights])
    """Metric -> further weights of that metric alone (an aesthetic head)."""
    antonyms: tuple[str, str] = ("Good photo.", "Bad photo.")
    """What a good and what a bad picture is called, for CLIP-IQA."""
    threads: int = 1
    """Processor threads while encoding: fixed, as sums in another order differ in the last bits."""
    micro_batch: int = MICRO_BATCH
    """Pictures per call, always as many: the last call is filled up."""
    device: str = "auto"
    calibration_world: bool = False
    """Knows the calibration world only: it scores no suite that does not name its metrics."""
    tie_band: Mapping[str, float] = field(default_factory=dict[str, float])
    """Metric -> largest difference that is a tie, in the metric's own unit."""
    hub: tuple[str, str] | None = None
    """Repository and commit that `churnboard metrics --fetch` takes the weights from."""


class _PreprocessingTable(tomlfile.Strict):
    size: Annotated[int, Field(ge=8, le=4096)]
    resize: Literal["crop", "squash", "pad"] = "crop"
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"
    antialias: bool = True
    mean: tuple[float, float, float] = Preprocessing.mean
    std: tuple[float, float, float] = Preprocessing.std


Sha = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _HeadTable(tomlfile.Strict):
    file: Annotated[str, Field(min_length=1)]
    sha256: Sha | None = None


class _JudgeFile(tomlfile.Strict):
    name: Annotated[str, Field(min_length=1)]
    family: Annotated[str, Field(min_length=1)]
    kind: str = "open_clip"
    source: Annotated[str, Field(min_length=1)]
    """Folder (relative to this file, the data or the home), or `hf://owner/name@commit`."""
    file: Annotated[str, Field(min_length=1)] = WEIGHTS
    sha256: Sha | None = None
    architecture: str | None = None
    preprocessing: _PreprocessingTable | None = None
    metrics: Annotated[list[str], Field(min_length=1)]
    heads: dict[str, _HeadTable] = Field(default_factory=dict[str, _HeadTable])
    antonyms: tuple[str, str] = Judge.antonyms
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
        encoder_kinds.get(table.kind)
    except NotFoundError as error:
        raise tomlfile.key_error(path, "kind", str(error)) from error
    hub, folder = _place(path, table.source, roots)
    given = table.preprocessing
    return Judge(
        id=path.stem,
        name=table.name,
        family=table.family,
        kind=table.kind,
        weights=_weights(table.file, table.sha256, folder, hub),
        folder=folder,
        architecture=table.architecture,
        preprocessing=None if given is None else Preprocessing(**given.model_dump()),
        metrics=tuple(table.metrics),
        heads={
            name: _weights(head.file, head.sha256, folder, hub)
            for name, head in table.heads.items()
        },
        antonyms=table.antonyms,
        threads=table.threads,
        micro_batch=table.micro_batch,
        device=table.device,
        calibration_world=table.calibration_world,
        tie_band=dict(table.tie_band),
        hub=hub,
    )


def unavailable(judge: Judge, metric: str | None = None) -> str | None:
    """Why the judge (and the head of one of its metrics) cannot be used here; None if it can.

    Reads no weights: files that are there but not the pinned ones are `check`'s to refuse.
    """
    needed = [judge.weights, *(head for name, head in judge.heads.items() if name == metric)]
    for item in needed:
        if item.path is None:
            how = f"; churnboard metrics --fetch {judge.id}" if judge.hub else ""
            return f"{item.wanted} is not on this machine{how}"
        if item.sha256 is None:
            return f"{item.wanted} is not pinned; churnboard metrics --fetch {judge.id} --pin"
    for name in encoder_kinds.get(judge.kind).BESIDE:
        if judge.folder is None or not (judge.folder / name).is_file():
            return f"{name} is missing beside {judge.weights.wanted}"
    return None


def check(judge: Judge) -> None:
    """Refuse weights that are not the pinned ones, heads included.

    Raises:
        LoadError: a file is missing or not pinned, or its hash differs.
    """
    reason = unavailable(judge)
    if reason is not None:
        raise LoadError(f"judge {judge.id}: {reason}")
    for item in (judge.weights, *judge.heads.values()):
        if item.path is None or item.sha256 is None:
            continue  # of a metric that is itself unavailable
        found = hash_file(item.path)
        if found != item.sha256:
            raise LoadError(
                f"judge {judge.id}: {shown(item.path)} has sha256 {found[:12]}…, the file of the"
                f" judge pins {item.sha256[:12]}…"
            )


def identity(judge: Judge) -> str:
    """Hash (64 hex digits) of all that an embedding strictly depends on.

    Weights, kind, architecture, preprocessing (antialias among it) and every configuration and
    tokenizer file beside the weights.
    """
    beside = None
    if judge.folder is not None:
        beside = hash_folder(judge.folder, suffixes=_BESIDE_WEIGHTS)
    given = None if judge.preprocessing is None else asdict(judge.preprocessing)
    return digest([judge.weights.sha256, judge.kind, judge.architecture, given, beside])


def fingerprint(judge: Judge | None, metric: str, version: str) -> str:
    """Hash (64 hex digits) of all that a score strictly depends on.

    Metric name and version, and of a judge its identity, the head and the antonyms: scores that
    differ in it are never compared. A metric without a judge depends on its name and version alone.
    """
    strict: list[Any] = [metric, version]
    if judge is not None:
        head = judge.heads.get(metric)
        strict += [identity(judge), head.sha256 if head else None, list(judge.antonyms)]
    return digest(strict)


def _place(
    path: Path, source: str, roots: tuple[Path, ...]
) -> tuple[tuple[str, str] | None, Path | None]:
    """Hub repository and commit, or the folder, that `source` names."""
    if source.startswith("hf://"):
        repository, at, commit = source.removeprefix("hf://").partition("@")
        if not at or len(commit) != 40 or repository.count("/") != 1:
            raise tomlfile.key_error(
                path, "source", "write hf://owner/name@commit, the commit in 40 hex digits"
            )
        return (repository, commit), None
    tried = [path.parent / source, *(root / source for root in roots)]
    return None, next((place.resolve() for place in tried if place.is_dir()), None)


def _weights(
    file: str, sha256: str | None, folder: Path | None, hub: tuple[str, str] | None
) -> Weights:
    """Where a file of weights lies now, if it does."""
    if hub is not None:
        from huggingface_hub import try_to_load_from_cache

        found = try_to_load_from_cache(hub[0], file, revision=hub[1])
        path = Path(found) if isinstance(found, str) else None
        return Weights(path, sha256, f"{hub[0]}/{file}")
    path = None if folder is None else folder / file
    return Weights(path if path is not None and path.is_file() else None, sha256, file)
