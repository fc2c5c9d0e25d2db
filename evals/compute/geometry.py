"""What is asked for → pixels, latents and tokens (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evals.compute.types import Architecture, Shot
from evals.errors import InputError

LARGEST = 16_384
"""Pixels of a side; frames and steps of a shot, too: beyond that somebody mistyped."""


@dataclass(frozen=True)
class Grid:
    """Latents of a shot, or its tokens: how many in time, height and width."""

    frames: int
    height: int
    width: int

    @property
    def count(self) -> int:
        """All of them."""
        return self.frames * self.height * self.width


def shot_of(
    model: Architecture,
    width: int | None = None,
    height: int | None = None,
    frames: int | None = None,
    steps: int | None = None,
) -> Shot:
    """What is asked of a model, its defaults where nothing is.

    Raises:
        InputError: the model cannot make that; names what it takes.
    """
    usual = model.defaults
    if frames is not None and model.modality == "image":
        raise InputError(f"{model.name} makes pictures and takes no frames; leave --frames out")
    shot = Shot(
        width if width is not None else usual.width,
        height if height is not None else usual.height,
        frames if frames is not None else usual.frames,
        usual.fps,
        steps if steps is not None else usual.steps,
    )
    for option, value in (("width", shot.width), ("height", shot.height)):
        _check_range(model, option, value)
        unit = model.vae.spatial * model.patch[1 if option == "height" else 2]
        if value % unit:
            raise InputError(
                f"--{option} {value}: {model.name} takes multiples of {unit},"
                f" such as {max(unit, value // unit * unit)}"
            )
    for option, value in (("frames", shot.frames), ("steps", shot.steps)):
        _check_range(model, option, value)
    unit = model.vae.temporal * model.patch[0]
    if (shot.frames - 1) % unit:
        near = nearest_frames(model, shot.frames)
        raise InputError(
            f"--frames {shot.frames}: {model.name} takes one more than a multiple of {unit},"
            f" such as {near}"
        )
    limit = model.network.arguments.get("pos_embed_max_size")
    tokens = tokens_of(model, shot)
    if isinstance(limit, int) and max(tokens.height, tokens.width) > limit:
        most = limit * model.patch[1] * model.vae.spatial
        raise InputError(
            f"{model.name} has positions for {most} pixels a side, not for"
            f" {shot.width} × {shot.height}"
        )
    longest = model.network.arguments.get("motion_max_seq_length")
    if isinstance(longest, int) and shot.frames > longest:
        raise InputError(
            f"--frames {shot.frames}: {model.name} has positions for {longest} frames at most"
        )
    return shot


def _check_range(model: Architecture, option: str, value: int) -> None:
    if not 1 <= value <= LARGEST:
        raise InputError(f"--{option} {value}: {model.name} takes 1 to {LARGEST}")


def latents_of(model: Architecture, shot: Shot) -> Grid:
    """Latents: pixels over the VAE's factors; the first frame stands alone in time."""
    vae = model.vae
    return Grid(
        (shot.frames - 1) // vae.temporal + 1, shot.height // vae.spatial, shot.width // vae.spatial
    )


def tokens_of(model: Architecture, shot: Shot) -> Grid:
    """Tokens of the picture or clip: latents over the patch."""
    latents, patch = latents_of(model, shot), model.patch
    return Grid(latents.frames // patch[0], latents.height // patch[1], latents.width // patch[2])


def nearest_frames(model: Architecture, frames: float) -> int:
    """The number of frames nearest to this one that a model takes."""
    unit = model.vae.temporal * model.patch[0]
    return max(0, math.floor((frames - 1) / unit + 0.5)) * unit + 1


def hd(model: Architecture) -> tuple[int, int]:
    """720p, 1280 × 720, or the largest frame within it that a model takes."""
    unit = [model.vae.spatial * side for side in model.patch[1:]]
    return 1280 // unit[1] * unit[1], 720 // unit[0] * unit[0]


def ultra_hd(model: Architecture) -> tuple[int, int]:
    """4K: three times as wide and as high as `hd`, nine times its pixels."""
    width, height = hd(model)
    return 3 * width, 3 * height
