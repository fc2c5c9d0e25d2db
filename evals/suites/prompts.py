"""Prompt lists in the field's formats → prompts with tags (pure).

========= =================================================== ======================
format    one prompt is                                       its tags
========= =================================================== ======================
parti     a line of tab-separated values under a header       Category and Challenge
geneval   a JSON object on a line, with `prompt` and `tag`    tag
drawbench a row of a CSV file with `Prompts` and `Category`   Category
vbench    an object in a JSON list, with `prompt_en`          dimension (a list)
lines     a line that is not blank                            none
========= =================================================== ======================

What else these files hold (notes, objects to be found, auxiliary labels) is for the programs that
came with them, and is passed over.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, cast

from evals.errors import InputError, NotFoundError
from evals.names import hint
from evals.suites.files import EVERY_PROMPT, LONGEST_PROMPT
from evals.types import Prompt, Task

MOST_PROMPTS = 20_000
LONGEST_TAG = 60
_STRUCTURED = (".tsv", ".csv", ".json", ".jsonl")
"""Endings that promise more than lines: a file that has one and is no known format is refused."""


@dataclass(frozen=True)
class Found:
    """A prompt as it stands in a file."""

    text: str
    tags: tuple[str, ...]
    place: str
    """Such as `line 3`."""


@dataclass(frozen=True)
class Format:
    """How one kind of file is read."""

    title: str
    task: Task
    """What its prompts are for."""
    read: Callable[[str, str], Iterator[Found]]
    """(content, name of the file for errors) -> prompts. Raises InputError."""


@dataclass(frozen=True)
class PromptList:
    """A file of prompts, understood."""

    format: str
    prompts: tuple[Prompt, ...]
    """In the order of the file, each text once, called p001, p002, …"""
    repeats: tuple[str, ...]
    """Which places repeat an earlier one; their tags are added to it."""


def parse(content: str, name: str, format: str | None = None) -> PromptList:
    """The prompts of a file.

    Args:
        content: of the file.
        name: of the file; errors show it, and its ending helps to tell the format.
        format: one of `FORMATS`; None = tell it from the content.

    Raises:
        InputError: one line that names file and line (or entry), or that the format is none.
    """
    if format is not None and format not in FORMATS:
        raise NotFoundError(f'no format of prompts is called "{format}"{hint(format, FORMATS)}')
    content = content.removeprefix("\ufeff")
    chosen = format or detect(content, name)
    firsts: dict[str, Found] = {}
    tags: dict[str, list[str]] = {}
    repeats: list[str] = []
    for number, found in enumerate(FORMATS[chosen].read(content, name)):
        where = f"{name} {found.place}"
        if number >= MOST_PROMPTS:
            raise InputError(f"{where}: more than {MOST_PROMPTS:,} prompts; split the file")
        text = _checked(found.text, where)
        first = firsts.setdefault(text, found)
        if first is not found:
            repeats.append(f"{found.place} repeats {first.place}")
        tags.setdefault(text, []).extend(_tag(tag, where) for tag in found.tags)
    if not firsts:
        raise InputError(f"{name}: no prompts in it (read as {chosen})")
    width = max(3, len(str(len(firsts))))
    prompts = tuple(
        Prompt(f"p{number:0{width}}", text, _domains(tags[text]))
        for number, text in enumerate(firsts, start=1)
    )
    return PromptList(chosen, prompts, tuple(repeats))


def detect(content: str, name: str) -> str:
    """The format of a file, by its first characters and the ending of its name.

    Raises:
        InputError: it ends like a table or JSON, and is none of the known ones.

    >>> detect("Prompts,Category", "mine.csv"), detect("Prompts,Category", "mine.txt")
    ('drawbench', 'lines')
    """
    ending = PurePath(name).suffix.lower()
    first = content.lstrip().partition("\n")[0]
    if ending not in _STRUCTURED:
        return "lines"
    if {"prompt", "category"} <= _header(first, "\t"):
        return "parti"
    if {"prompts", "category"} <= _header(first, ","):
        return "drawbench"
    if first.startswith("{") and '"prompt"' in first:
        return "geneval"
    if first.startswith("[") and '"prompt_en"' in content:
        return "vbench"
    raise InputError(
        f"{name}: begins like no known format; say which with --format: {', '.join(FORMATS)}"
    )


def _parti(content: str, name: str) -> Iterator[Found]:
    # Published with bare quotation marks inside prompts, so it is not read as CSV.
    lines = _lines(content)
    header = _columns(lines[0][1].split("\t"), ("prompt", "category"), f"{name} line 1")
    for number, line in lines[1:]:
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) > len(header):
            raise InputError(
                f"{name} line {number}: {len(cells)} columns, the header has {len(header)}"
            )
        row = dict(zip(header, cells, strict=False))
        tags = (row.get("category", ""), row.get("challenge", ""))
        yield Found(_unquoted(row.get("prompt", "")), tags, f"line {number}")


def _drawbench(content: str, name: str) -> Iterator[Found]:
    rows = csv.reader(io.StringIO(content, newline=""), strict=True)
    header: Sequence[str] | None = None
    while True:
        number = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(f"{name} line {number}: not CSV: {error}") from error
        if header is None:
            header = _columns(row, ("prompts", "category"), f"{name} line {number}")
        elif any(cell.strip() for cell in row):
            if len(row) > len(header):
                raise InputError(
                    f"{name} line {number}: {len(row)} columns, the header has {len(header)}"
                )
            cells = dict(zip(header, row, strict=False))
            yield Found(cells.get("prompts", ""), (cells.get("category", ""),), f"line {number}")


def _geneval(content: str, name: str) -> Iterator[Found]:
    for number, line in _lines(content):
        if line.strip():
            where = f"{name} line {number}"
            entry = _object(_json(line, where), where)
            tag = _word(entry, "tag", where)
            yield Found(_word(entry, "prompt", where), (tag,), f"line {number}")


def _vbench(content: str, name: str) -> Iterator[Found]:
    entries = _json(content, name)
    if not isinstance(entries, list):
        raise InputError(f"{name}: not a list of prompts")
    for number, item in enumerate(cast("list[Any]", entries), start=1):
        where = f"{name} entry {number}"
        entry = _object(item, where)
        dimensions = entry.get("dimension", [])
        if not isinstance(dimensions, list) or not all(
            isinstance(word, str) for word in cast("list[Any]", dimensions)
        ):
            raise InputError(f'{where}: "dimension" is not a list of texts')
        text = _word(entry, "prompt_en", where)
        yield Found(text, tuple(cast("list[str]", dimensions)), f"entry {number}")


def _plain(content: str, name: str) -> Iterator[Found]:
    for number, line in _lines(content):
        if line.strip():
            yield Found(line, (), f"line {number}")


FORMATS: Mapping[str, Format] = {
    "parti": Format("PartiPrompts", "text-to-image", _parti),
    "geneval": Format("GenEval", "text-to-image", _geneval),
    "drawbench": Format("DrawBench", "text-to-image", _drawbench),
    "vbench": Format("VBench", "text-to-video", _vbench),
    "lines": Format("Prompts", "text-to-image", _plain),
}


def _lines(content: str) -> list[tuple[int, str]]:
    """Lines by number; only a line feed ends one (a prompt may hold other separators)."""
    return list(enumerate((line.removesuffix("\r") for line in content.split("\n")), start=1))


def _header(line: str, separator: str) -> set[str]:
    return {cell.strip().strip('"').lower() for cell in line.split(separator)}


def _columns(cells: Sequence[str], needed: Sequence[str], where: str) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    for name in needed:
        if name not in names:
            raise InputError(f'{where}: no column is called "{name}"{hint(name, names)}')
        if names.count(name) > 1:
            raise InputError(f'{where}: two columns are called "{name}"')
    return names


def _unquoted(cell: str) -> str:
    """A cell that a spreadsheet put into quotation marks, doubling those inside."""
    inner = cell.strip()[1:-1]
    quoted = len(cell.strip()) > 1 and cell.strip()[0] == cell.strip()[-1] == '"'
    return inner.replace('""', '"') if quoted and '"' not in inner.replace('""', "") else cell


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{where}: not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON that can be read: {error}") from error


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{where}: not an object")
    return cast("dict[str, Any]", value)


def _word(entry: Mapping[str, Any], key: str, where: str) -> str:
    if key not in entry:
        raise InputError(f'{where}: key "{key}" is missing{hint(key, entry)}')
    if not isinstance(entry[key], str):
        raise InputError(f'{where}: "{key}" is not text')
    return entry[key]


def _checked(text: str, where: str) -> str:
    text = text.strip()
    if not text:
        raise InputError(f"{where}: the prompt is empty")
    if len(text) > LONGEST_PROMPT:
        raise InputError(f"{where}: the prompt is longer than {LONGEST_PROMPT:,} characters")
    # Cc: control characters; Cs: halves of characters, which no file can hold.
    odd = next((c for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cs")), "")
    if odd:
        raise InputError(f"{where}: the prompt holds the control character U+{ord(odd):04X}")
    return text


def _tag(tag: str, where: str) -> str:
    """A tag as the name of a domain: small letters, words joined by hyphens."""
    name = re.sub(r"[^\w]+", "-", tag.casefold()).strip("-")
    if len(name) > LONGEST_TAG:
        raise InputError(f"{where}: the tag is longer than {LONGEST_TAG} characters")
    return name


def _domains(tags: Sequence[str]) -> tuple[str, ...]:
    """Each tag once; a tag for every prompt says nothing."""
    return tuple(tag for tag in dict.fromkeys(tags) if tag not in ("", EVERY_PROMPT))
