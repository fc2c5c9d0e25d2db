"""Which published name is which model: its vendor, its price, how it is called (pure).

A public board says how good a name is. The crosswalk says whose model it is, which list of the
price book holds for it, what a standard generation of it is, and what a client calls it. A name
without a price stays on the board and has a reason; nothing here guesses one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from evals.prices.tiers import LINES, measures_of
from evals.prices.types import Cost, Entry, Size, at_quality
from evals.pricing import INPUTS, cost
from evals.types import Task
from leaderboard.pick_answers import Call

Licence = Literal["proprietary", "open"]
Scope = tuple[str | None, str | None]
"""Source and arena that a line holds for; `None` = every one."""
FPS = 24.0
"""Of a standard clip. Sellers bill seconds; the rate only says how many frames those are."""
SHAPE = 16 / 9


@dataclass(frozen=True)
class Standard:
    """One generation that stands for all of a task, so that prices can be compared.

    >>> Standard("720p", seconds=5).shape
    Size(width=1280, height=720, frames=120, fps=24.0)
    """

    size: str
    """`1024x1024` of a picture, or the class of a clip's frames: `720p`."""
    quality: str | None = None
    """In the seller's word; `None` where it sells one only."""
    seconds: float | None = None
    """Length of a clip; `None` of a picture."""
    image_tokens: float | None = None
    """Tokens of output that a picture of that size is billed as, where the seller counts those."""
    input_images: int | None = None
    """Pictures that a call begins with and that are billed; `None` = as the task needs."""

    @property
    def shape(self) -> Size:
        """The measures of it, clips 16:9."""
        exact = measures_of(self.size)
        lines = LINES.get(self.size, 0)
        width, height = exact or (round(lines * SHAPE), lines)
        if self.seconds is None:
            return Size(width, height)
        return Size(width, height, round(self.seconds * FPS), FPS)

    def told(self) -> str:
        """In words: `1024x1024, high quality`, or `720p, 5 s`."""
        parts = [
            self.size,
            None if self.quality is None else f"{self.quality} quality",
            None if self.seconds is None else f"{self.seconds:g} s",
        ]
        return ", ".join(part for part in parts if part is not None)


USUAL: Mapping[Task, Standard] = {
    "text-to-image": Standard("1024x1024"),
    "image-edit": Standard("1024x1024"),
    "text-to-video": Standard("720p", seconds=5),
    "image-to-video": Standard("720p", seconds=5),
}
"""Task -> the standard generation where a line says no other."""


@dataclass(frozen=True)
class Offer:
    """How one model can be had for one task."""

    task: Task
    price: str | None
    """Id of its list in the price book; `None` = there is none."""
    unpriced: str | None
    """Why there is none."""
    standard: Standard
    call: Call | None
    page: str
    """Address of the page that says so."""
    note: str | None
    """What is a judgement, and on what it rests."""


@dataclass(frozen=True)
class Known:
    """What is known of one published name."""

    name: str
    vendor: str
    licence: Licence | None
    """`None` = not known."""
    scope: Scope
    offers: Mapping[str, Offer]
    """Task -> how to have it."""
    unpriced: str | None
    """Why it has no price for any other task."""
    page: str
    """Address of the page that says so."""
    note: str | None
    origin: str
    """The file it stands in."""

    def offer(self, task: str) -> Offer | None:
        """How to have it for a task; `None` = the crosswalk does not say."""
        found = self.offers.get(task)
        if found is not None or self.unpriced is None:
            return found
        for known, usual in USUAL.items():
            if known == task:
                return Offer(known, None, self.unpriced, usual, None, self.page, self.note)
        return None


@dataclass(frozen=True)
class Crosswalk:
    """Every known name."""

    lines: tuple[Known, ...]

    def find(self, name: str, source: str | None = None, arena: str | None = None) -> Known | None:
        """The line of a name on a board: the narrowest scope that holds there."""
        fitting = [
            one
            for one in self.lines
            if one.name == name and one.scope[0] in (None, source) and one.scope[1] in (None, arena)
        ]
        return min(fitting, key=lambda one: one.scope.count(None), default=None)


def standard_cost(offer: Offer | None, book: Mapping[str, Entry], day: date) -> Cost:
    """What the standard generation costs on a day, or why that is unknown.

    Args:
        offer: of one task; `None` = the name is not in the crosswalk for it.
        book: the price book by id.
        day: whose prices count; a list that has expired by then prices nothing.
    """
    if offer is None:
        return Cost(None, "not in the crosswalk (`churnboard crosswalk suggest` looks for it)")
    if offer.price is None:
        return Cost(None, offer.unpriced or "no price is known")
    entry = book.get(offer.price)
    if entry is None:
        missing = f"{offer.price} is not in the price book"
        return Cost(None, f"{missing} (`churnboard prices import litellm` brings it)")
    standard = offer.standard
    inputs = INPUTS.get(offer.task, 0) if standard.input_images is None else standard.input_images
    quantities = {"images": 1.0, "input_images": float(inputs)}
    if standard.image_tokens is not None:
        quantities["image_tokens"] = standard.image_tokens
    return cost(at_quality(entry, standard.quality), quantities, standard.shape, day)


def missing_prices(crosswalk: Crosswalk, book: Mapping[str, Entry]) -> tuple[str, ...]:
    """Price ids that lines name and the book has not, sorted."""
    named = {
        offer.price
        for one in crosswalk.lines
        for offer in one.offers.values()
        if offer.price is not None
    }
    return tuple(sorted(named - book.keys()))
