"""Published names without a line in the crosswalk, and what they may be (pure).

Likeness of names is no proof: a suggestion says how alike and why, and is never applied by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from evals.names import fold
from evals.prices.types import Entry
from evals.types import Model
from leaderboard.crosswalk.entries import USUAL, Crosswalk
from leaderboard.snapshots import Snapshot

LEAST = 0.6
"""Likeness from which a name is worth a look: 1 is equal."""
MOST = 3
"""Suggestions for one name."""
OTHER_VERSION = 0.6
"""What the likeness of two names counts where their version numbers differ."""
_SIZED = re.compile(r"(^|/)\d+-x-\d+(/|$)|(^|/)max-x-max(/|$)")
_PASSING = re.compile(r"\b(preview|beta|exp|experimental|\d{3,4}p|\d{6,8}|\d{4}-\d{2}-\d{2})\b")
_TASKS: Mapping[str, tuple[str, ...]] = {
    "text-to-image": ("text-to-image",),
    "image-edit": ("edit", "image-to-image"),
    "text-to-video": ("text-to-video", "t2v"),
    "image-to-video": ("image-to-video", "i2v"),
}
"""Task -> how ids of price lists say that they are for it."""


@dataclass(frozen=True)
class Unmapped:
    """A name on a newest board that the crosswalk says nothing of."""

    name: str
    source: str
    task: str
    rank: int | None
    organization: str | None


@dataclass(frozen=True)
class Match:
    """What a name may be."""

    kind: Literal["price", "model"]
    """A list of the price book, or a registered model."""
    id: str
    score: float
    """0 to 1."""
    why: str


def unmapped(boards: Iterable[Snapshot], crosswalk: Crosswalk) -> tuple[Unmapped, ...]:
    """The names without a line for the task of their board, by task and rank.

    Args:
        boards: the newest of each source and arena, aliases applied.
        crosswalk: what is known.
    """
    found: list[Unmapped] = []
    for board in boards:
        if board.arena not in USUAL:
            continue
        for line in board.entries:
            known = crosswalk.find(line.model, board.source, board.arena)
            if known is None or known.offer(board.arena) is None:
                found.append(
                    Unmapped(line.model, board.source, board.arena, line.rank, line.organization)
                )
    return tuple(sorted(found, key=lambda one: (one.task, one.source, one.rank or 10**6, one.name)))


def matches(
    one: Unmapped, book: Mapping[str, Entry], models: Mapping[str, Model]
) -> tuple[Match, ...]:
    """At most `MOST` likely ones, the likeliest first.

    Price lists of the other modality, for another task, or of one size alone are left out.
    """
    modality = "video" if one.task.endswith("video") else "image"
    found = [
        _match("price", entry.id, one.name, _suffixes(entry.id))
        for entry in book.values()
        if entry.modality == modality
        and not _SIZED.search(entry.id)
        and not _for_another_task(entry.id, one.task)
    ]
    found += [
        _match("model", model.id, one.name, (model.id, model.name))
        for model in models.values()
        if model.task == one.task and not model.simulated
    ]
    likely = [match for match in found if match.score >= LEAST]
    likely.sort(key=lambda match: (-match.score, match.kind, match.id))
    return tuple(likely[:MOST])


def pasted(one: Unmapped, found: Sequence[Match]) -> str:
    """A line for crosswalk.toml that says the best guess, with all of them above as comments."""
    place = "" if one.rank is None else f", rank {one.rank}"
    head = [f"# {_flat(one.name)} on {_flat(one.source)}, {one.task}{place}"]
    head += [f"#   {match.score:.2f}  {match.kind} {match.id}: {match.why}" for match in found]
    price = next((match for match in found if match.kind == "price"), None)
    body = [
        "[[model]]",
        f"names = [{_quoted(one.name)}]",
        f"vendor = {_quoted(one.organization or 'unknown')}",
        f'source = "{PRICE_MAP}"',
    ]
    if price is None:
        body.append('unpriced = "no price list has a name like it"')
        return "\n".join([*head, *body])
    body.append(f"note = {_quoted(f'suggested and not judged: {price.why}')}")
    body += ["", f"[model.task.{one.task}]", f"price = {_quoted(price.id)}"]
    return "\n".join([*head, *body])


PRICE_MAP = "https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json"


def _match(kind: Literal["price", "model"], name: str, wanted: str, ways: Iterable[str]) -> Match:
    core = _core(wanted)
    best = max(
        ((SequenceMatcher(None, core, _core(way), autojunk=False).ratio(), way) for way in ways),
        default=(0.0, name),
    )
    alike, way = best
    same = _versions(core) == _versions(_core(way))
    why = f"{100 * alike:.0f} % alike, {'the same' if same else 'another'} version"
    return Match(kind, name, alike if same else alike * OTHER_VERSION, why)


def _suffixes(price: str) -> tuple[str, ...]:
    """An id without the providers before it, and without the task behind it."""
    words = {word for said in _TASKS.values() for word in said}
    parts = [part for part in price.split("/") if part not in words]
    return tuple(" ".join(parts[start:]) for start in range(len(parts)))


def _for_another_task(price: str, task: str) -> bool:
    said = {part for piece in price.split("/") for part in (piece, piece.rpartition("-")[2])}
    others = {word for name, words in _TASKS.items() if name != task for word in words}
    return bool(said & others) and not said & set(_TASKS[task])


def _core(name: str) -> str:
    """A name as it is compared: no case, stages, dates and resolutions; `veo3.1` is `veo 3.1`."""
    plain = _PASSING.sub(" ", fold(name))
    parted = re.sub(r"(?<=[a-z])(?=\d)|[^a-z0-9.]+", " ", plain)
    return " ".join(parted.split())


def _versions(core: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)*", core)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    escaped = _flat(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
