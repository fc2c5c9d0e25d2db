"""Caption grammar and exact renderer of the calibration world.

A scene is six words. Its caption reads

    three purple stars at the top on a sand background, sketch style

and `render` draws it, at 64 x 64 pixels unless told otherwise, by evaluating signed distance
functions, so that what a picture should show is known exactly. The seed moves, scales and tints
the drawing a little, as a generator's seed would, and never changes a word of the caption.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.calibration.silhouettes import SHAPES, SIDE, Field, Grid, grid, silhouette

SIZE = SIDE
"""Width and height of a rendered picture, in pixels, unless another size is asked for."""

Picture = NDArray[np.uint8]

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (222, 36, 40),
    "orange": (248, 134, 16),
    "yellow": (246, 220, 30),
    "green": (34, 160, 60),
    "blue": (36, 78, 222),
    "purple": (150, 44, 190),
}
BACKGROUNDS: dict[str, tuple[int, int, int]] = {
    "white": (248, 248, 248),
    "black": (16, 16, 18),
    "grey": (128, 130, 132),
    "sand": (226, 208, 172),
    "sky": (186, 214, 240),
}
PLACES: dict[str, tuple[float, float]] = {
    "left": (12.0, 32.0),
    "right": (52.0, 32.0),
    "top": (32.0, 12.0),
    "bottom": (32.0, 52.0),
    "centre": (32.0, 32.0),
}
"""Centre of the group, (x, y) in pixels from the upper left corner."""

VOCABULARY: dict[str, tuple[str, ...]] = {
    "count": ("one", "two", "three"),
    "colour": tuple(COLOURS),
    "shape": SHAPES,
    "place": tuple(PLACES),
    "background": tuple(BACKGROUNDS),
    "style": ("flat", "shaded", "sketch"),
}
"""Attribute -> its words, in the order in which the caption names them."""

SPACING = 20.0
"""Distance between the centres of neighbouring objects, in pixels."""
RADIUS = 8.2
"""Radius of an object before the seed scales it, in pixels."""

_CAPTION = re.compile(
    r"(?P<count>\w+) (?P<colour>\w+) (?P<shape>\w+) (?:at|on|in) the (?P<place>\w+)"
    r" on a (?P<background>\w+) background, (?P<style>\w+) style"
)
_PREPOSITION = {"left": "on", "right": "on", "top": "at", "bottom": "at", "centre": "in"}


@dataclass(frozen=True)
class Scene:
    """Six words, each out of `VOCABULARY[field name]`; anything else is a ValueError."""

    count: str
    colour: str
    shape: str
    place: str
    background: str
    style: str

    def __post_init__(self) -> None:
        for field in fields(self):
            word = getattr(self, field.name)
            if word not in VOCABULARY[field.name]:
                known = ", ".join(VOCABULARY[field.name])
                raise ValueError(f"{field.name} {word!r} is not a word of the world: {known}")

    @property
    def words(self) -> dict[str, str]:
        """Attribute -> word, in caption order."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def number(self) -> int:
        """How many objects: 1, 2 or 3."""
        return VOCABULARY["count"].index(self.count) + 1


def plural(shape: str) -> str:
    """The plural of a shape word.

    >>> plural("cross"), plural("star")
    ('crosses', 'stars')
    """
    return shape + ("es" if shape.endswith("s") else "s")


def caption(scene: Scene) -> str:
    """The scene in words; `parse` is the inverse.

    >>> caption(Scene("two", "red", "cross", "left", "sky", "flat"))
    'two red crosses on the left on a sky background, flat style'
    """
    shape = scene.shape if scene.number == 1 else plural(scene.shape)
    where = f"{_PREPOSITION[scene.place]} the {scene.place}"
    return (
        f"{scene.count} {scene.colour} {shape} {where} on a {scene.background} background,"
        f" {scene.style} style"
    )


def parse(text: str) -> Scene:
    """The scene that `text` describes.

    Raises:
        ValueError: the text is not a caption of this world; names the part that is not.

    >>> parse("one blue star in the centre on a sand background, sketch style").shape
    'star'
    """
    match = _CAPTION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a caption of the calibration world: {text!r}")
    words = match.groupdict()
    singular = {plural(shape): shape for shape in VOCABULARY["shape"]}
    words["shape"] = singular.get(words["shape"], words["shape"])
    scene = Scene(**words)
    if caption(scene) != text.strip():
        raise ValueError(f"not a caption of the calibration world: {text!r}")
    return scene


def every_scene() -> Iterator[Scene]:
    """All scenes of the world, in a fixed order (6,750 of them)."""
    for words in itertools.product(*VOCABULARY.values()):
        yield Scene(*words)


def perturb(scene: Scene, rng: np.random.Generator, chance: float) -> Scene:
    """Replace each word, with probability `chance` in [0, 1], by another word of its attribute."""
    changed: dict[str, str] = {}
    for attribute, word in scene.words.items():
        others = [other for other in VOCABULARY[attribute] if other != word]
        pick = others[int(rng.integers(len(others)))]
        if rng.random() < chance:
            changed[attribute] = pick
    return replace(scene, **changed)


def layout(number: int, place: str) -> list[tuple[float, float]]:
    """Centres (x, y) of `number` objects: a column on the left and right, elsewhere a row."""
    x, y = PLACES[place]
    offsets = [SPACING * (i - (number - 1) / 2) for i in range(number)]
    if place in ("left", "right"):
        return [(x, y + offset) for offset in offsets]
    return [(x + offset, y) for offset in offsets]


def render(scene: Scene, seed: int, variation: float = 1.0, size: int = SIZE) -> Picture:
    """Draw the scene, exactly.

    Args:
        scene: what to draw.
        seed: moves the group by up to 1.5 px, each object by 0.6 px, scales it by 5 % and tints
            colours by 4 %; the same seed gives the same bytes.
        variation: how much of that the seed may do, in [0, 1].
        size: width and height in pixels; the same drawing, finer or coarser.

    Returns:
        uint8 array, size x size x 3, RGB.
    """
    return draw(scene, look(scene, seed, variation), size)


@dataclass(frozen=True)
class Pose:
    """Where an object stands and how it is turned."""

    x: float
    y: float
    radius: float
    angle: float = 0.0
    """Degrees, clockwise."""


@dataclass(frozen=True)
class Look:
    """All of a drawing that the words leave open."""

    ink: NDArray[np.float64]
    """RGB, 0 to 255."""
    paper: NDArray[np.float64]
    """RGB, 0 to 255."""
    poses: tuple[Pose, ...]
    """One per object; none: only the paper is drawn."""


def look(scene: Scene, seed: int, variation: float = 1.0) -> Look:
    """What `render` draws with a seed, before it is drawn; the arguments are those of `render`."""
    rng = np.random.default_rng([seed, *_numbers(scene)])

    def vary(low: float, high: float) -> float:
        return variation * float(rng.uniform(low, high))

    ink = np.array(COLOURS[scene.colour], dtype=float) * (1 + vary(-0.04, 0.04))
    paper = np.array(BACKGROUNDS[scene.background], dtype=float) * (1 + vary(-0.04, 0.03))
    dx, dy = vary(-1.5, 1.5), vary(-1.5, 1.5)
    radius = RADIUS * (1 + vary(-0.05, 0.05))
    poses = [
        Pose(x + dx + vary(-0.6, 0.6), y + dy + vary(-0.6, 0.6), radius)
        for x, y in layout(scene.number, scene.place)
    ]
    return Look(ink, paper, tuple(poses))


def draw(scene: Scene, look: Look, size: int = SIZE) -> Picture:
    """Draw a look of the scene: size x size x 3 uint8, RGB."""
    on = grid(size)
    canvas = np.broadcast_to(look.paper, (size, size, 3)).copy()
    if scene.style == "shaded":
        canvas = canvas * (1.06 - 0.30 * on.y / SIDE)[..., None] + 10 * (1 - on.y / SIDE)[..., None]
    for pose in look.poses:
        _DRAW[scene.style](canvas, on, scene.shape, pose, look.ink)
    return np.clip(np.rint(canvas), 0, 255).astype(np.uint8)


def _numbers(scene: Scene) -> list[int]:
    return [
        VOCABULARY[field.name].index(word)
        for field, word in zip(fields(scene), astuple(scene), strict=True)
    ]


def _outline(on: Grid, shape: str, pose: Pose) -> Field:
    return silhouette(shape, pose.x, pose.y, pose.radius, pose.angle, on)


def _blend(canvas: Field, alpha: Field, colour: Any) -> None:
    """Lay `colour` (RGB, or a field of it) over the canvas with coverage `alpha` in [0, 1]."""
    canvas += alpha[..., None] * (colour - canvas)


def _coverage(on: Grid, distance: Field) -> Field:
    """Share of each pixel inside, for a distance field in units."""
    return np.clip(0.5 - on.scale * distance, 0, 1)


def _draw_flat(canvas: Field, on: Grid, shape: str, pose: Pose, ink: NDArray[np.float64]) -> None:
    _blend(canvas, _coverage(on, _outline(on, shape, pose)), ink)


def _draw_shaded(canvas: Field, on: Grid, shape: str, pose: Pose, ink: NDArray[np.float64]) -> None:
    x, y, radius = pose.x, pose.y, pose.radius
    cast = silhouette(shape, x + 1.8, y + 2.2, radius, pose.angle, on)
    _blend(canvas, 0.38 * np.clip(0.9 - 0.35 * cast, 0, 1), np.zeros(3))
    light = ((on.x - x) + (on.y - y)) / (2 * radius)
    gain = np.clip(0.98 - 0.42 * light, 0.5, 1.35)
    glint = 70 * np.exp(-((on.x - x + 3) ** 2 + (on.y - y + 3) ** 2) / 8)
    surface = ink * gain[..., None] + glint[..., None]
    _blend(canvas, _coverage(on, _outline(on, shape, pose)), np.clip(surface, 0, 255))


def _draw_sketch(canvas: Field, on: Grid, shape: str, pose: Pose, ink: NDArray[np.float64]) -> None:
    distance = _outline(on, shape, pose)
    _blend(canvas, _coverage(on, np.abs(distance + 0.8) - 0.9), ink)


_DRAW = {"flat": _draw_flat, "shaded": _draw_shaded, "sketch": _draw_sketch}
