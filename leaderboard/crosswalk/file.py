"""crosswalk.toml -> the crosswalk: what ships, and the home's own above it.

A line of the home's file takes the place of the shipped line of the same name and scope, as a
whole. Everything is checked when it is read; an error names the file and the key.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from evals import tomlfile
from evals.home import data_root, shown
from evals.names import hint
from evals.prices.tiers import LINES, measures_of
from evals.types import Task
from leaderboard.crosswalk.entries import USUAL, Crosswalk, Known, Licence, Offer, Scope, Standard
from leaderboard.pick_answers import Call

FILE = "crosswalk.toml"
Page = Annotated[str, Field(pattern=r"^https?://\S+$", max_length=400)]


class _Call(tomlfile.Strict):
    litellm: tomlfile.Line | None = None
    fal: tomlfile.Line | None = None
    replicate: tomlfile.Line | None = None


class _Offer(_Call):
    price: tomlfile.Line | None = None
    unpriced: tomlfile.Line | None = None
    size: tomlfile.Line | None = None
    quality: tomlfile.Line | None = None
    seconds: float | None = Field(default=None, gt=0, le=600)
    image_tokens: float | None = Field(default=None, gt=0)
    input_images: int | None = Field(default=None, ge=0, le=16)
    source: Page | None = None
    note: str | None = Field(default=None, min_length=1, max_length=400)

    @model_validator(mode="after")
    def _a_price_or_the_reason(self) -> _Offer:
        if (self.price is None) == (self.unpriced is None):
            raise ValueError("needs `price`, or `unpriced` with the reason, and not both")
        return self


class _Line(tomlfile.Strict):
    names: list[tomlfile.Line] = Field(min_length=1)
    vendor: tomlfile.Line
    licence: Licence | None = None
    source: Page
    on_source: tomlfile.Line | None = None
    on_arena: tomlfile.Line | None = None
    unpriced: tomlfile.Line | None = None
    note: str | None = Field(default=None, min_length=1, max_length=400)
    task: dict[str, _Offer] = Field(default_factory=dict[str, _Offer])

    @model_validator(mode="after")
    def _says_something(self) -> _Line:
        if not self.task and self.unpriced is None:
            raise ValueError("needs a `task`, or `unpriced` with the reason")
        for offer in self.task.values():
            stated = offer.image_tokens is not None or offer.input_images is not None
            if stated and not (offer.note or self.note):
                raise ValueError("`image_tokens` and `input_images` need a `note` that says whence")
        return self


class _File(tomlfile.Strict):
    model: list[_Line] = Field(default_factory=list[_Line])


def load_crosswalk(home: Path) -> Crosswalk:
    """The shipped crosswalk, with the home's own lines above it.

    Raises `RegistryError` naming file and key: a wrong key or value, an unknown task, a name that
    stands twice in one file for the same scope.
    """
    shipped = read_crosswalk(data_root() / FILE)
    path = home / FILE
    own = read_crosswalk(path) if path.is_file() else ()
    taken = {(one.name, one.scope) for one in own}
    return Crosswalk((*(one for one in shipped if (one.name, one.scope) not in taken), *own))


def read_crosswalk(path: Path) -> tuple[Known, ...]:
    """The lines of one file, one per name. Raises as `load_crosswalk`."""
    table = tomlfile.validate(path, tomlfile.read(path), _File)
    seen: set[tuple[str, Scope]] = set()
    found: list[Known] = []
    for place, line in enumerate(table.model):
        where = f"model[{place}]"
        offers = {
            task: _offer(path, f"{where}.task.{task}", task, line, offer)
            for task, offer in line.task.items()
        }
        for name in line.names:
            scope = line.on_source, line.on_arena
            if not name.strip():
                raise tomlfile.key_error(path, f"{where}.names", "a name is blank")
            if (name, scope) in seen:
                raise tomlfile.key_error(path, f"{where}.names", f'"{name}" stands here twice')
            seen.add((name, scope))
            found.append(
                Known(
                    name,
                    line.vendor,
                    line.licence,
                    scope,
                    offers,
                    line.unpriced,
                    line.source,
                    line.note,
                    shown(path),
                )
            )
    return tuple(found)


def _offer(path: Path, where: str, task: str, line: _Line, offer: _Offer) -> Offer:
    by_name: dict[str, Task] = {one: one for one in USUAL}
    known = by_name.get(task)
    if known is None:
        fault = f"no task with a standard generation is called so{hint(task, USUAL)}"
        raise tomlfile.key_error(path, where, fault)
    usual = USUAL[known]
    size = offer.size or usual.size
    clip = usual.seconds is not None
    if (size not in LINES) if clip else (measures_of(size) is None):
        wanted = f"one of {', '.join(LINES)}" if clip else "width and height, like 1024x1024"
        raise tomlfile.key_error(path, f"{where}.size", f'"{size}" should be {wanted}')
    if offer.seconds is not None and not clip:
        raise tomlfile.key_error(path, f"{where}.seconds", "a picture has no length")
    standard = Standard(
        size,
        offer.quality,
        offer.seconds or usual.seconds,
        offer.image_tokens,
        offer.input_images,
    )
    ways = offer.litellm, offer.fal, offer.replicate
    call = None
    if any(ways):
        call = Call(*ways, standard.size, standard.quality, standard.seconds)
    return Offer(
        known,
        offer.price,
        offer.unpriced,
        standard,
        call,
        offer.source or line.source,
        offer.note or line.note,
    )
