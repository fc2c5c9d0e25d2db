"""A small home to vote in: pictures whose colour says which model made them.

Ids and names occur nowhere else, so that a search for them in what a browser was sent means them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image

from evals import media, record
from evals.types import Generation, Model, Prompt, Result, Run, Score, Suite, Trial
from leaderboard.refresh import refresh
from tests.leaderboard.factory import CLIP

AT = datetime(2026, 11, 23, 14, tzinfo=UTC)
REVISION = "5eaf00d5eaf0"
NAMES: Mapping[str, str] = {
    "quagga-x1": "Wombat Ultra",
    "quokka-x2": "Numbat Turbo",
    "quoll-x3": "Bilby Flash",
}
"""The models that can be picked."""
ANCHOR = "the-ceiling"
COLOURS: Mapping[str, tuple[int, int, int]] = {
    "quagga-x1": (200, 40, 40),
    "quokka-x2": (40, 160, 40),
    "quoll-x3": (40, 40, 200),
    ANCHOR: (120, 120, 20),
}


def maker_of(picture: bytes) -> str:
    """Which model made this picture file, by the colour in its middle."""
    with Image.open(io.BytesIO(picture)) as image:
        middle = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    return next(model for model, colour in COLOURS.items() if colour == middle)


def build(home: Path, prompts: int = 12, models: int = 3) -> Path:
    """Evaluate the first `models` of `NAMES` and an anchor on one seed; returns `home`."""
    made = Suite(
        "calibration",
        "A sample",
        "text-to-image",
        tuple(Prompt(f"p{i:02d}", f"thing number {i}", ("flat",)) for i in range(prompts)),
        "quagga-x1",
        (0,),
    )
    tried = [*list(NAMES)[:models], ANCHOR]
    run = Run(
        id="20261123T130000Z-voting",
        started_at=AT - timedelta(minutes=9),
        finished_at=None,
        epoch=1,
        suite=made,
        models=tuple(
            Model(
                id=id_,
                name=NAMES.get(id_, "Platypus Limit"),
                task="text-to-image",
                backend="procedural",
                revision=REVISION,
                anchor="upper" if id_ == ANCHOR else None,
            )
            for id_ in tried
        ),
        metrics=(CLIP,),
        planned=len(tried) * prompts,
        machine={},
        versions={},
        fingerprint={},
    )
    with record.create(home, run) as writer:
        for result in _results(writer.folder, made, tried):
            writer.append(result)
        writer.finish(AT)
    refresh(home, AT, draws=200)
    return home


def _results(folder: Path, made: Suite, tried: list[str]) -> Iterator[Result]:
    for model in tried:
        for number, prompt in enumerate(made.prompts):
            pixels = np.full((64, 64, 3), 240, dtype=np.uint8)
            pixels[8:56, 8 : 36 + number] = COLOURS[model]
            yield Result(
                Trial(model, REVISION, made.id, made.version, prompt.id, 0, 1),
                Generation("ok", AT, 0.5, media=media.store(pixels, folder)),
                (Score("clip_score", "1", 20.0 + number, fingerprint="f" * 8),),
            )
