"""Judges: the encoders and reward models behind metrics, each described by a file that pins it.

A judge whose weights are not on this machine is `unavailable`: its metrics are skipped by name, and
nothing takes their place. Nothing here is downloaded or loaded; `evals.encoders` loads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from evals.content import hash_file, hash_folder
from evals.errors import LoadError
from evals.home import shown
from evals.types import digest
from evals.weights import Weights

_BESIDE_WEIGHTS = frozenset({".json", ".txt", ".model", ".gz"})
WEIGHTS = "open_clip_model.safetensors"
CONFIG = "open_clip_config.json"
MICRO_BATCH = 8


@dataclass(frozen=True)
class Preprocessing:
    """How a picture becomes the judge's input, where the judge's folder does not say."""

    size: int
    """Side of the square input, in pixels."""
    resize: Literal["crop", "squash", "pad"] = "crop"
    """Shortest side to `size` and the centre cut out; both sides to `size`; or longest side to
    `size`, the picture in the middle, and the rest black: zeros before normalisation, so not the
    input's zeros after it."""
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"
    antialias: bool = True
    resized_as: Literal["uint8", "float32"] = "uint8"
    """What is resized: 8-bit pixels by Pillow, which rounds and always antialiases (CLIP); or
    floats by torch, which do not round and may leave [0, 1] (HPS, FID, CMMD)."""
    mean: tuple[float, float, float] = (0.48145466, 0.4578275, 0.40821073)
    std: tuple[float, float, float] = (0.26862954, 0.26130258, 0.27577711)


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
    beside: tuple[str, ...] = ()
    """Names of the files that must lie there; empty where nothing there is read."""
    architecture: str | None = None
    """Name of the architecture; then nothing that lies beside the weights is read."""
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


def unavailable(judge: Judge, metric: str | None = None) -> str | None:
    """Why the judge (and the head of one of its metrics) cannot be used here; None if it can.

    Reads no weights: files that are there but not the pinned ones are `check`'s to refuse.
    """
    needed = [judge.weights, *(head for name, head in judge.heads.items() if name == metric)]
    for item in needed:
        if item.path is None:
            how = f"; it is published at {item.published}" if item.published else ""
            if item.hub is not None:
                how = f"; churnboard metrics --fetch {judge.id}"
            return f"{item.wanted} is not on this machine{how}"
        if item.sha256 is None:
            return f"{item.wanted} is not pinned; churnboard metrics --fetch {judge.id} --pin"
    for name in judge.beside:
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

    Weights, kind, architecture, preprocessing (antialias among it) and the configuration and
    tokenizer files beside the weights, where any are read.
    """
    given = None if judge.preprocessing is None else asdict(judge.preprocessing)
    read = _hash_beside(judge)
    return digest([judge.weights.sha256, judge.kind, judge.architecture, given, read])


def fingerprint(judge: Judge | None, metric: str, version: str, head_of: str | None = None) -> str:
    """Hash (64 hex digits) of all that a score strictly depends on.

    Metric name and version, and of a judge its identity, the head and the antonyms: scores that
    differ in it are never compared. A metric without a judge depends on its name and version alone.
    `head_of` names the metric whose head it uses, if not its own.
    """
    strict: list[Any] = [metric, version]
    if judge is not None:
        head = judge.heads.get(head_of or metric)
        strict += [identity(judge), head.sha256 if head else None, list(judge.antonyms)]
    return digest(strict)


def _hash_beside(judge: Judge) -> str | None:
    """Hash of what is read beside the weights.

    Of a hub's snapshot only the files that must be there: which others are depends on who else
    downloaded from that repository.
    """
    if judge.folder is None or not judge.beside:
        return None
    if judge.hub is None:
        return hash_folder(judge.folder, suffixes=_BESIDE_WEIGHTS)
    return digest([[name, hash_file(judge.folder / name)] for name in judge.beside])
