"""The calibration world in motion: captions of clips, and their exact renderer.

A shot is one object of `evals.calibration.scenes` and what it does. Its caption is that of the
still it starts from, and two or three words more:

    one purple star at the top on a sand background, sketch style, moving left fast

`render_clip` draws it, frame by frame; the first frame is the still.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evals.calibration import scenes
from evals.calibration.scenes import SIZE, VOCABULARY, Look, Pose, Scene

FRAMES = 16
"""Frames of a rendered clip."""
FPS = 8.0
"""Frames per second of a rendered clip: it lasts two seconds."""

START_SEEDS = range(1000, 1100)
"""What the start frames of our suites are drawn with; nothing is trained on such drawings."""

Frames = NDArray[np.uint8]

MOTIONS = (
    "standing still",
    "moving left",
    "moving right",
    "moving up",
    "moving down",
    "rotating",
    "growing",
    "blinking",
)
SPEEDS = ("slowly", "fast")
STILL = "standing still"

TRAVEL = {"slowly": 9.0, "fast": 20.0}
"""Pixels between the first frame and the last of an object that moves."""
TURN = {"slowly": 60.0, "fast": 165.0}
"""Degrees, clockwise, between the first frame and the last of an object that rotates."""
GROWTH = {"slowly": 1.4, "fast": 2.3}
"""Radius in the last frame over that in the first of an object that grows."""
SMALL = 0.78
"""Radius of an object that will grow, over that of a still one."""
BLINK = {"slowly": 4, "fast": 2}
"""Frames for which an object that blinks is shown, and then hidden."""

_HEADING = {
    "moving left": (-1.0, 0.0),
    "moving right": (1.0, 0.0),
    "moving up": (0.0, -1.0),
    "moving down": (0.0, 1.0),
}
_AWAY = {
    "moving left": "left",
    "moving right": "right",
    "moving up": "top",
    "moving down": "bottom",
}


@dataclass(frozen=True)
class Shot:
    """A still of one object and what the object does; ValueError for what cannot be shown."""

    scene: Scene
    motion: str
    speed: str | None
    """None for an object that stands still."""

    def __post_init__(self) -> None:
        if self.motion not in MOTIONS:
            raise ValueError(f"motion {self.motion!r} is not of the world: {', '.join(MOTIONS)}")
        if self.speed not in ((None,) if self.motion == STILL else SPEEDS):
            raise ValueError(f"{self.motion} has no speed {self.speed!r}")
        reason = _impossible(self.scene, self.motion)
        if reason is not None:
            raise ValueError(reason)

    @property
    def words(self) -> dict[str, str]:
        """Attribute -> word, in caption order: the scene's but its count, then the motion's."""
        words = {name: word for name, word in self.scene.words.items() if name != "count"}
        words["motion"] = self.motion
        if self.speed is not None:
            words["speed"] = self.speed
        return words


def _impossible(scene: Scene, motion: str) -> str | None:
    if scene.count != "one":
        return f"a shot shows one object, not {scene.count}"
    if _AWAY.get(motion) == scene.place:
        return f"an object on the {scene.place} cannot be {motion}: it would leave the picture"
    if motion == "growing" and scene.place != "centre":
        return "an object grows in the centre, where there is room"
    if motion == "rotating" and scene.shape == "circle":
        return "nobody can see a circle rotating"
    return None


def every_shot() -> Iterator[Shot]:
    """All shots of the world, in a fixed order (25,650 of them)."""
    for scene in scenes.every_scene():
        for motion in MOTIONS:
            if _impossible(scene, motion) is None:
                for speed in (None,) if motion == STILL else SPEEDS:
                    yield Shot(scene, motion, speed)


def caption(shot: Shot) -> str:
    """The shot in words; `parse` is the inverse.

    >>> caption(Shot(Scene("one", "red", "cross", "left", "sky", "flat"), "moving right", "fast"))
    'one red cross on the left on a sky background, flat style, moving right fast'
    """
    does = shot.motion if shot.speed is None else f"{shot.motion} {shot.speed}"
    return f"{scenes.caption(shot.scene)}, {does}"


def parse(text: str) -> Shot:
    """The shot that `text` describes.

    Raises:
        ValueError: the text is not a caption of a clip of this world; names the part that is not.

    >>> parse("one red star at the top on a sky background, flat style, rotating slowly").speed
    'slowly'
    """
    still, _, does = text.strip().rpartition(", ")
    first, _, last = does.rpartition(" ")
    motion, speed = (first, last) if last in SPEEDS else (does, None)
    if motion not in MOTIONS:
        raise ValueError(f"not a caption of a clip of the calibration world: {text!r}")
    return Shot(scenes.parse(still), motion, speed)


def perturb(shot: Shot, rng: np.random.Generator, chance: float) -> Shot:
    """Replace each word, with probability `chance` in [0, 1], by another that can be shown."""
    changed = shot
    for attribute, words in (*_SCENE_WORDS.items(), ("motion", MOTIONS), ("speed", SPEEDS)):
        others = [
            other for word in words if (other := exchange(changed, attribute, word)) != changed
        ]
        possible = [other for other in others if other is not None]
        pick = int(rng.integers(max(1, len(possible))))
        if rng.random() < chance and possible:
            changed = possible[pick]
    return changed


_SCENE_WORDS = {name: words for name, words in VOCABULARY.items() if name != "count"}


def exchange(shot: Shot, attribute: str, word: str) -> Shot | None:
    """The shot with one word exchanged; None where that cannot be shown.

    What stood still and shall move does so slowly.
    """
    try:
        if attribute == "motion":
            speed = None if word == STILL else shot.speed or SPEEDS[0]
            return replace(shot, motion=word, speed=speed)
        if attribute == "speed":
            return replace(shot, speed=word)
        return replace(shot, scene=replace(shot.scene, **{attribute: word}))
    except ValueError:
        return None


def render_clip(shot: Shot, seed: int, variation: float = 1.0, frames: int = FRAMES) -> Frames:
    """Draw the shot, exactly.

    Args:
        shot: what to draw.
        seed: as for `scenes.render`, and varies how far and how fast by up to 8 %; the same seed
            gives the same bytes.
        variation: how much of that the seed may do, in [0, 1].
        frames: how many; the motion takes as long as the clip, except that blinking keeps its
            rhythm in frames.

    Returns:
        uint8 array, frames x SIZE x SIZE x 3, RGB.
    """
    return render_frames(shot, seed, range(frames), variation, frames)


def render_frames(
    shot: Shot, seed: int, numbers: Sequence[int], variation: float = 1.0, frames: int = FRAMES
) -> Frames:
    """Some frames of what `render_clip` draws, by their numbers (0-based); no others are drawn."""
    look = scenes.look(shot.scene, seed, variation)
    return animate(shot, look, pace(seed, variation), numbers, frames)


def pace(seed: int, variation: float = 1.0) -> float:
    """How far and how fast a clip goes with a seed, over what its words say."""
    return 1 + variation * float(np.random.default_rng([seed, 8]).uniform(-0.08, 0.08))


def animate(shot: Shot, look: Look, pace: float, numbers: Sequence[int], frames: int) -> Frames:
    """Some frames, by their numbers, of a clip that starts from a look of the shot's scene.

    Returns:
        uint8 array, numbers x SIZE x SIZE x 3, RGB.
    """
    if frames < 2:
        raise ValueError(f"a clip has at least 2 frames, not {frames}")
    drawn: dict[Pose | None, Frames] = {}
    clip = np.empty((len(numbers), SIZE, SIZE, 3), dtype=np.uint8)
    for place, number in enumerate(numbers):
        pose = pose_at(shot, look.poses[0], number, frames, pace)
        if pose not in drawn:
            poses = () if pose is None else (pose,)
            drawn[pose] = scenes.draw(shot.scene, Look(look.ink, look.paper, poses))
        clip[place] = drawn[pose]
    return clip


def seed_of(shot: Shot, picture: NDArray[np.uint8]) -> int | None:
    """The one of `START_SEEDS` with which the shot's first frame is `picture`, to the pixel.

    None where there is none: nothing in a picture says what it was drawn with, so they are tried.
    """
    for seed in START_SEEDS:
        if np.array_equal(render_frames(shot, seed, [0])[0], picture):
            return seed
    return None


def first_frame(shot: Shot, seed: int, variation: float = 1.0) -> scenes.Picture:
    """What `render_clip` begins with, without drawing the rest: SIZE x SIZE x 3 uint8."""
    start = scenes.look(shot.scene, seed, variation)
    pose = pose_at(shot, start.poses[0], 0, FRAMES)
    return scenes.draw(shot.scene, replace(start, poses=(pose,) if pose else ()))


def pose_at(shot: Shot, start: Pose, number: int, frames: int, pace: float = 1.0) -> Pose | None:
    """Where the object of a shot is in frame `number` (0-based); None where it is hidden.

    `pace` scales how far it goes, turns or grows in the whole clip.
    """
    done = pace * number / (frames - 1)
    if shot.speed is None:
        return start
    if shot.motion in _HEADING:
        along, down = _HEADING[shot.motion]
        way = TRAVEL[shot.speed] * done
        return replace(start, x=start.x + along * way, y=start.y + down * way)
    if shot.motion == "rotating":
        return replace(start, angle=TURN[shot.speed] * done)
    if shot.motion == "growing":
        factor = SMALL * (1 + (GROWTH[shot.speed] - 1) * done)
        return replace(start, radius=start.radius * factor)
    return start if number // BLINK[shot.speed] % 2 == 0 else None
