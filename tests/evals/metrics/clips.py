"""Clips whose motion is known: what the camera does, what moves, and what is only noise."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

FRAMES = 16


def texture(height: int, width: int, seed: int, finest: int = 3) -> Any:
    """A picture with detail at several scales, height x width x 3 uint8."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width, 3), np.float32)
    for cell, share in ((32, 0.5), (8, 0.35), (finest, 0.15)):
        shape = (max(2, height // cell), max(2, width // cell), 3)
        coarse = rng.integers(0, 256, shape).astype(np.float32)
        total += share * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(total, 0, 255).astype(np.uint8)


def seen_through(matrix: Any, picture: Any, height: int, width: int) -> Any:
    """The picture, its pixels moved by a 3 x 3 homography."""
    return cv2.warpPerspective(
        picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )


def shift(along: float, down: float) -> Any:
    """Homography that moves everything rightwards and downwards."""
    return np.array([[1, 0, along], [0, 1, down], [0, 0, 1.0]])


def turn(degrees: float) -> Any:
    """Homography that turns everything about the origin."""
    angle = np.deg2rad(degrees)
    sine, cosine = np.sin(angle), np.cos(angle)
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1.0]])


def filmed(move: str, side: int = 64, frames: int = FRAMES) -> Any:
    """A still, flat scene before a camera that pans, zooms, rolls or shakes."""
    picture, unit = texture(side, side, 0), side / 256
    centre, back = shift(side / 2, side / 2), shift(-side / 2, -side / 2)
    moves = {
        "pan": lambda number: shift(5 * unit * number, 0),
        "zoom": lambda number: centre @ np.diag([1.03**number, 1.03**number, 1]) @ back,
        "roll": lambda number: centre @ turn(3 * number) @ back,
        "shake": lambda number: shift(*np.random.default_rng(number).normal(0, 3 * unit, 2)),
    }
    return np.stack(
        [seen_through(moves[move](number), picture, side, side) for number in range(frames)]
    )


def orbit(side: int = 64, far: float = 2.0, near: float | None = None) -> Any:
    """A camera that circles at 20 degrees a second about a point at distance 1.2, looking at it.

    There is a backdrop at distance `far`, and a card at distance `near` unless that is None.
    """
    lens = np.array([[side, 0, side / 2], [0, side, side / 2], [0, 0, 1.0]])
    planes = [(texture(2 * side, 2 * side, 1), far, 2 * far)]
    if near is not None:
        planes.append((texture(side // 3, side // 3, 2), near, near / 2.5))
    clip: list[Any] = []
    for number in range(FRAMES):
        angle = np.deg2rad(2.5 * (number - FRAMES / 2))
        sine, cosine = np.sin(angle), np.cos(angle)
        rotation = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
        pivot = np.array([0, 0, 1.2])
        moved = pivot - rotation @ pivot
        frame = np.zeros((side, side, 3), np.uint8)
        for picture, depth, wide in planes:
            scale = wide / len(picture)
            placed = np.array([[scale, 0, -wide / 2], [0, scale, -wide / 2], [0, 0, depth]])
            matrix = lens @ (rotation @ placed + np.outer(moved, [0, 0, 1.0]))
            paste(frame, picture, matrix)
        clip.append(frame)
    return np.stack(clip)


def thing(
    side: int = 64, speed: float = 8.0, degrees: float = 0.0, pan: float = 0.0, flat: bool = False
) -> Any:
    """A square that moves over a backdrop: `speed` and `pan` in pixels of 256 per frame."""
    unit = side / 256
    backdrop = np.full((side, side, 3), 90, np.uint8) if flat else texture(side, side, 3)
    card = texture(side // 4, side // 4, 4, finest=2)
    angle = np.deg2rad(degrees)
    clip: list[Any] = []
    for number in range(FRAMES):
        frame = seen_through(shift(pan * unit * number, 0), backdrop, side, side)
        way = speed * unit * (number - (FRAMES - 1) / 2)
        corner = side * 3 / 8
        paste(frame, card, shift(corner + way * np.cos(angle), corner + way * np.sin(angle)))
        clip.append(frame)
    return np.stack(clip)


def paste(frame: Any, picture: Any, matrix: Any) -> None:
    """Put a picture, moved by a homography, over what is in the frame."""
    size = (frame.shape[1], frame.shape[0])
    whole = np.full(picture.shape[:2], 255, np.uint8)
    covered = cv2.warpPerspective(whole, matrix, size) > 127
    frame[covered] = cv2.warpPerspective(picture, matrix, size)[covered]


def frozen(side: int = 64, frames: int = FRAMES, noise: float = 0.0) -> Any:
    """One picture all along, under noise of so many levels."""
    rng = np.random.default_rng(0)
    still = texture(side, side, 5)[None].repeat(frames, axis=0)
    grain = rng.normal(0, noise, still.shape) if noise else 0
    return np.clip(still + grain, 0, 255).astype(np.uint8)


def snow(side: int = 64, frames: int = FRAMES) -> Any:
    """Nothing but noise."""
    return np.random.default_rng(0).integers(0, 256, (frames, side, side, 3), dtype=np.uint8)


def shuffled(clip: Any) -> Any:
    """The same frames in another order."""
    return clip[np.random.default_rng(0).permutation(len(clip))]


def jittered(clip: Any, pixels: int = 2) -> Any:
    """Every frame shifted a little, by chance."""
    rng = np.random.default_rng(0)
    ways = rng.integers(-pixels, pixels + 1, (len(clip), 2))
    return np.stack([np.roll(frame, way, (0, 1)) for frame, way in zip(clip, ways, strict=True)])
