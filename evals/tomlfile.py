"""TOML files written by people: read strictly, and complained about in one line.

Every error is a RegistryError that names the file, the key and, where one is near, the key or
value that was probably meant.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from evals.errors import RegistryError
from evals.home import shown
from evals.names import fold, hint, id_fault

LARGEST_FILE = 8_000_000
"""Bytes; a file beyond that is no registry file."""
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""Text of one line, shown on boards."""


class Strict(BaseModel):
    """Base of every schema of a file: no unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Schema = TypeVar("Schema", bound=BaseModel)


def read(path: Path) -> dict[str, Any]:
    """The table in `path`.

    Raises:
        RegistryError: unreadable, too large, not UTF-8, or not TOML (with line and column).
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise RegistryError(f"{shown(path)}: larger than {LARGEST_FILE:,} bytes")
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise RegistryError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RegistryError(f"{shown(path)}: not UTF-8 at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise RegistryError(f"{shown(path)}: not TOML: {error}") from error


def validate(path: Path, table: Mapping[str, Any], schema: type[Schema], at: str = "") -> Schema:
    """`table` as `schema`.

    Args:
        path: the file it came from, for the error.
        table: what was read.
        schema: a pydantic model with `extra="forbid"`.
        at: key of the table within the file, for the error (`settings`).

    Raises:
        RegistryError: names the first fault, and how many more there are.
    """
    try:
        return schema.model_validate(table)
    except ValidationError as error:
        # An unknown key explains the missing one beside it, so it is told first.
        faults = sorted(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        line = _sentence(faults[0], schema, at)
        raise RegistryError(f"{shown(path)}: {line}{more}") from error


def key_error(path: Path, key: str, message: str) -> RegistryError:
    """The one line for a value that has the right type and is still wrong."""
    return RegistryError(f'{shown(path)}: key "{key}": {message}')


def files(folder: Path) -> dict[str, Path]:
    """The TOML files of `folder` by id (their stems), sorted; empty if there is no such folder.

    Raises:
        RegistryError: a bad id, two ids that differ only in case or Unicode form, or a symbolic
            link that leads out of the folder.
    """
    if not folder.is_dir():
        return {}
    found: dict[str, Path] = {}
    seen: dict[str, Path] = {}
    root = folder.resolve()
    for path in sorted(folder.iterdir()):
        if path.suffix != ".toml" or path.name.startswith("."):
            continue
        fault = id_fault(path.stem)
        if fault is not None:
            raise RegistryError(f"{shown(path)}: the id {path.stem!r} {fault}; rename the file")
        if not path.resolve().is_relative_to(root):
            raise RegistryError(f"{shown(path)}: a link that leaves {shown(folder)}; copy the file")
        check_clash(path, seen)
        found[path.stem] = path
    return found


def check_clash(path: Path, seen: dict[str, Path]) -> None:
    """Remember the id of `path`; refuse one that differs from an earlier id only in its form."""
    other = seen.setdefault(fold(path.stem), path)
    if other.stem != path.stem:
        raise RegistryError(
            f"{shown(path)}: duplicate id: differs from {shown(other)} only in case or Unicode"
            " form; rename one"
        )


def _sentence(fault: ErrorDetails, schema: type[BaseModel], at: str) -> str:
    where = _dotted((at, *fault["loc"]) if at else fault["loc"])
    if fault["type"] == "extra_forbidden":
        valid = _keys_at(schema, fault["loc"][:-1])
        return f'unknown key "{where}"{hint(str(fault["loc"][-1]), valid)}'
    if fault["type"] == "missing":
        return f'key "{where}" is missing'
    message = fault["msg"][0].lower() + fault["msg"][1:]
    given = fault["input"]
    if fault["type"] == "literal_error" and isinstance(given, str):
        return f'key "{where}": {message}, not "{given}"' + _meant(given, schema, fault["loc"])
    if isinstance(given, dict | list):
        return f'key "{where}": {message}'
    return f'key "{where}": {message}, not {str(given)[:60]!r} ({type(given).__name__})'


def _dotted(parts: tuple[int | str, ...]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _meant(given: str, schema: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    table = _schema_at(schema, loc[:-1])
    field = table.model_fields.get(str(loc[-1])) if table else None
    words = [word for word in _literals(field.annotation) if field] if field else []
    return hint(given, words)


def _literals(annotation: Any) -> list[str]:
    if isinstance(annotation, str):
        return [annotation]
    return [word for part in get_args(annotation) for word in _literals(part)]


def _keys_at(schema: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    table = _schema_at(schema, loc)
    return list(table.model_fields) if table else []


def _schema_at(schema: type[BaseModel], loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The schema of the table at `loc`, following nested tables and lists of tables."""
    current: type[BaseModel] | None = schema
    for part in loc:
        if isinstance(part, int):
            continue
        field = current.model_fields.get(part) if current else None
        current = _table_in(field.annotation) if field else None
    return current


def _table_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        table = _table_in(part)
        if table is not None:
            return table
    return None
