"""The files of a pipeline: found in a folder or fetched, refused where unsafe, and their size.

Everything here is told from names and headers, before anything is loaded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, cast

from evals import weights
from evals.errors import LoadError
from evals.home import shown

INDEX = "model_index.json"
_PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".msgpack", ".h5")
_OTHERS = (*_PICKLES, ".onnx", ".onnx_data", ".xml", ".tflite", ".gguf", ".md", ".png", ".jpg")
"""Of other frameworks, or for people."""
_SHARD = re.compile(r"-\d{5}-of-\d{5}")
_SIZES = {"float32": 4, "float16": 2, "bfloat16": 2}
_FLOATS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1}
_WEIGHTLESS = ("Tokenizer", "TokenizerFast", "Processor", "ProcessorFast", "Extractor", "Scheduler")
"""How classes of components end that have files and no weights."""
_LARGEST_HEADER = 100_000_000


@dataclass(frozen=True)
class Part:
    """A component of a pipeline, as its index names it."""

    library: str
    kind: str
    files: tuple[Path, ...]
    """Its safetensors; empty where it has no weights."""


def index_of(folder: Path) -> Mapping[str, Any]:
    """What the index of a pipeline says.

    Raises:
        LoadError: there is none, or it is no table.
    """
    path = folder / INDEX
    try:
        index: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LoadError(f"{shown(path)} is missing: not a folder in diffusers layout") from error
    except (OSError, ValueError) as error:
        raise LoadError(f"{shown(path)} cannot be read: {error}") from error
    if not isinstance(index, dict) or "_class_name" not in index:
        raise LoadError(f"{shown(path)} names no pipeline: not a folder in diffusers layout")
    return cast("Mapping[str, Any]", index)


def parts(folder: Path, variant: str | None, without: Collection[str] = ()) -> dict[str, Part]:
    """The components of the pipeline in `folder` that will be loaded.

    Args:
        folder: of the pipeline.
        variant: of the weights; components that have none of it use their plain ones.
        without: names of components that come from elsewhere.

    Raises:
        LoadError: as `index_of`; or weights that are there as pickles only.
    """
    found: dict[str, Part] = {}
    for name, entry in index_of(folder).items():
        if name.startswith("_") or name in without or not isinstance(entry, list):
            continue
        named = cast("list[Any]", entry)
        if len(named) == 2 and all(isinstance(word, str) for word in named):
            found[name] = Part(named[0], named[1], _weights(folder / name, variant))
    return found


def refuse_code(folder: Path) -> None:
    """LoadError if opening the pipeline would run code that lies beside its weights."""
    index = index_of(folder)
    named: Any = index["_class_name"]
    scripts = [] if isinstance(named, str) else [folder / f"{named[0]}.py"]
    for name, entry in index.items():
        if isinstance(entry, list) and entry and isinstance(entry[0], str):
            script = folder / name / f"{entry[0]}.py"
            scripts += [script] if script.is_file() else []
    if scripts:
        raise LoadError(
            f"{shown(scripts[0])} is code that comes with the weights and would be run; read it,"
            " and write trust_remote_code = true into [settings] if you trust it",
            kind="remote_code",
        )


def cached(
    source: str, commit: str, variant: str | None, without: Collection[str] = ()
) -> Path | None:
    """The folder of a hub's cache that holds the pipeline whole; None if something is missing.

    A download that was cut off leaves the small files of every component and lacks some weights.
    """
    folder = weights.snapshot(source, commit)
    if not (folder / INDEX).is_file():
        return None
    try:
        needed = parts(folder, variant, without)
    except LoadError:
        return None
    there = all(_complete(folder / name, part) for name, part in needed.items())
    return folder if there and all(map(_whole, folder.glob("*/*.index*.json"))) else None


def size(part: Part, dtype: str) -> int:
    """Bytes that a component takes once it is loaded as `dtype`."""
    return sum(_size(file, _SIZES[dtype]) for file in part.files)


def _weights(folder: Path, variant: str | None) -> tuple[Path, ...]:
    """The safetensors of a component; LoadError if there are pickles in their place."""
    if not folder.is_dir():
        return ()
    files = sorted(path for path in folder.iterdir() if path.is_file())
    names = [path.name for path in files]
    tensors = [path for path in files if path.suffix == ".safetensors"]
    pickles = [path for path in files if path.suffix in _PICKLES]
    if pickles and not tensors:
        raise LoadError(
            f"{shown(pickles[0])} is a pickle, which can run code when it is opened, and there are"
            " no safetensors beside it; save the pipeline again with safe_serialization=True",
            kind="unsafe_weights",
        )
    if tensors and variant is None and all(_variant(path.name) for path in tensors):
        raise LoadError(
            f"{shown(tensors[0])} is of another variant, and there are no plain weights beside it;"
            f' write variant = "{_variant(tensors[0].name)}"'
        )
    return tuple(folder / name for name in _chosen(names, variant))


def needed(names: Collection[str], variant: str | None) -> set[str]:
    """The files of a hub repository that a pipeline is loaded from, about: its folders are taken
    for components, of which each is loaded from one set of weights.

    Args:
        names: of all of its files, with their folders.
        variant: of the weights.
    """
    folders: dict[str, list[str]] = {}
    for name in names:
        folder, slash, file = name.partition("/")
        if slash and "/" not in file:
            folders.setdefault(folder, []).append(file)
    found = {INDEX} & set(names)
    for folder, files in folders.items():
        small = [file for file in files if not file.endswith((".safetensors", *_OTHERS))]
        found |= {f"{folder}/{file}" for file in (*small, *_chosen(files, variant))}
    return found


def _chosen(names: Collection[str], variant: str | None) -> list[str]:
    """The safetensors that are loaded, among the names of the files of a component."""
    tensors = sorted(name for name in names if name.endswith(".safetensors"))
    of_variant = [name for name in tensors if variant is not None and _variant(name) == variant]
    plain = [name for name in tensors if _variant(name) is None]
    chosen = of_variant or plain or tensors
    shards = [name for name in chosen if _SHARD.search(name)]
    indexed = any(".safetensors.index" in name for name in names)
    # A repository may hold its weights both whole and in shards; only the one set is loaded.
    return shards if shards and len(shards) < len(chosen) and indexed else chosen


def _variant(file: str) -> str | None:
    """`fp16` of `diffusion_pytorch_model.fp16-00001-of-00002.safetensors`."""
    name = _SHARD.sub("", file.removesuffix(".safetensors"))
    _, dot, variant = name.partition(".")
    return variant if dot else None


def _complete(folder: Path, part: Part) -> bool:
    """Whether a component of a hub's cache is there, with weights where it is of a kind that has
    some: what has a `config.json` is a network, unless its class says that it is none.
    """
    if part.kind.endswith(_WEIGHTLESS):
        return folder.is_dir()
    network = (folder / "config.json").is_file()
    return folder.is_dir() and network == bool(part.files)


def _whole(index: Path) -> bool:
    """Whether every shard that an index of safetensors names is there."""
    if ".safetensors." not in index.name:
        return True
    try:
        named = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return False
    return all((index.parent / name).is_file() for name in named)


def apart(source: str, subfolder: str, kind: str) -> Part:
    """A component that lies elsewhere, `owner/name@commit` of a hub or a folder; without files
    where it is not here yet.

    Raises:
        LoadError: its weights are there as pickles only.
    """
    repository, at, commit = source.partition("@")
    folder = Path(source)
    if at and not folder.is_dir():
        folder = weights.snapshot(repository, commit)
    # A tokenizer lies beside weights that it does not load.
    held = () if kind.endswith(_WEIGHTLESS) else _weights(folder / subfolder, None)
    return Part("", kind, held)


def _size(file: Path, each: int) -> int:
    """From the header: floating point is converted when it is loaded, other types are not."""
    with file.open("rb") as handle:
        length = int.from_bytes(handle.read(8), "little")
        try:
            header = json.loads(handle.read(length) if length < _LARGEST_HEADER else b"")
            return sum(
                prod(tensor["shape"]) * each
                if tensor["dtype"] in _FLOATS
                else tensor["data_offsets"][1] - tensor["data_offsets"][0]
                for name, tensor in header.items()
                if name != "__metadata__"
            )
        except (ValueError, KeyError, TypeError):
            return file.stat().st_size  # damaged, which is told when it is opened
