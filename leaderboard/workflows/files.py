"""Chains as TOML files: those that ship, and the home's own above them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from evals import tomlfile
from evals.errors import NotFoundError
from evals.home import data_root, shown
from evals.names import hint
from evals.tomlfile import Line
from leaderboard.errors import WorkflowError
from leaderboard.pick_answers import Role
from leaderboard.workflows import graph
from leaderboard.workflows.chain import Chain, Keep, Recipe, Step

FOLDER = "workflows"


class _Otherwise(tomlfile.Strict):
    hero: Line | None = None
    workhorse: Line | None = None


class _RunTable(tomlfile.Strict):
    suite: Line | None = None
    prompts: Annotated[int, Field(ge=1)] | None = None
    only: list[Line] = Field(default_factory=list[str])
    words: Line | None = None
    metrics: list[Line] = Field(default_factory=list[str])
    otherwise: _Otherwise = _Otherwise()


class _StepTable(tomlfile.Strict):
    id: Line
    # What is no task is told by `graph.check`, which names the step.
    task: Line
    inputs: list[Line] = Field(default_factory=list[str])
    count: int = 1
    keep: Keep = "best"
    role: Literal["hero", "workhorse"] = "workhorse"
    domain: Line = "all"
    weight: float | int = 1.0
    size: Line | None = None
    seconds: float | int | None = None
    model: Line | None = None
    calls: list[Line] = Field(default_factory=list[str])
    note: Line | None = None
    run: _RunTable | None = None


class _ChainFile(tomlfile.Strict):
    title: Line
    source: Annotated[str, Field(min_length=1, max_length=1000)]
    simulated: bool = False
    steps: list[_StepTable] = Field(default_factory=list[_StepTable])


def read(path: Path) -> Chain:
    """The chain that `path` describes; its id is the file's stem.

    Raises:
        RegistryError: no TOML, or a key that is none (names file and key).
        WorkflowError: no chain (names file and step).
    """
    table = tomlfile.validate(path, tomlfile.read(path), _ChainFile)
    chain = Chain(
        path.stem,
        table.title,
        " ".join(table.source.split()),
        tuple(_step(one) for one in table.steps),
        table.simulated,
        {one.id: _recipe(one.run) for one in table.steps if one.run is not None},
    )
    graph.check(chain, shown(path))
    return chain


def load(home: Path, data: Path | None = None) -> dict[str, Chain]:
    """Every chain by id: what ships, and the home's own, which win over a shipped one.

    Raises:
        RegistryError, WorkflowError: as `read`.
    """
    roots = (data if data is not None else data_root(), home)
    paths: dict[str, Path] = {}
    for root in roots:
        paths |= tomlfile.files(root / FOLDER)
    return {name: read(path) for name, path in sorted(paths.items())}


def find(home: Path, name: str, data: Path | None = None) -> Chain:
    """The chain of that id, or in the file of that path.

    Raises:
        NotFoundError: there is neither.
        RegistryError, WorkflowError: as `read`.
    """
    path = Path(name)
    if path.suffix == ".toml" and path.is_file():
        return read(path)
    known = load(home, data)
    if name not in known:
        end = hint(name, known)
        raise NotFoundError(f'no workflow is called "{name}"{end}; `churnboard workflow list`')
    return known[name]


def file_of(home: Path, name: str) -> Path:
    """Where a chain of one's own is kept."""
    return home / FOLDER / f"{name}.toml"


def write(path: Path, chain: Chain, comments: Sequence[str] = ()) -> None:
    """Write a chain, whole or not at all; `read` gives the same chain back.

    Raises:
        WorkflowError: another chain is there, or the disk refuses.
    """
    text = to_toml(chain, comments)
    if path.exists():
        if path.read_bytes() == text.encode():
            return
        raise WorkflowError(f"{shown(path)} is there with other steps; give another --out")
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise WorkflowError(f"{shown(path)} cannot be written: {error.strerror}") from error


def to_toml(chain: Chain, comments: Sequence[str] = ()) -> str:
    """The file of a chain; what has its usual value is left out."""
    lines = [f"# {one}" for one in comments]
    lines += [f"title = {_text(chain.title)}", f"source = {_text(chain.source)}"]
    if chain.simulated:
        lines.append("simulated = true")
    for step in chain.steps:
        lines += ["", "[[steps]]", f"id = {_text(step.id)}", f"task = {_text(step.task)}"]
        usual = Step(step.id, step.task)
        for key in ("inputs", "count", "keep", "role", "domain", "weight", "size", "seconds"):
            if getattr(step, key) != getattr(usual, key) or key == "role":
                lines.append(f"{key} = {_value(getattr(step, key))}")
        for key in ("model", "calls", "note"):
            if getattr(step, key):
                lines.append(f"{key} = {_value(getattr(step, key))}")
        recipe = chain.recipes.get(step.id)
        if recipe is not None:
            lines += ["", "[steps.run]"]
            for key in ("suite", "prompts", "only", "words", "metrics"):
                if getattr(recipe, key):
                    lines.append(f"{key} = {_value(getattr(recipe, key))}")
            lines += [
                f"otherwise.{role} = {_text(name)}" for role, name in recipe.otherwise.items()
            ]
    return "\n".join(lines) + "\n"


def _step(table: _StepTable) -> Step:
    return Step(
        table.id,
        table.task,
        tuple(table.inputs),
        table.count,
        table.keep,
        table.role,
        table.domain,
        float(table.weight),
        table.size,
        None if table.seconds is None else float(table.seconds),
        table.model,
        tuple(table.calls),
        table.note,
    )


def _recipe(table: _RunTable) -> Recipe:
    named: dict[Role, str | None] = {
        "hero": table.otherwise.hero,
        "workhorse": table.otherwise.workhorse,
    }
    return Recipe(
        table.suite,
        table.prompts,
        tuple(table.only),
        table.words,
        tuple(table.metrics),
        {role: name for role, name in named.items() if name is not None},
    )


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_value(one) for one in value)}]"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return _text(value) if isinstance(value, str) else repr(value)


def _text(value: str) -> str:
    """A TOML string: JSON's escapes are TOML's too, but JSON leaves one control character raw."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
