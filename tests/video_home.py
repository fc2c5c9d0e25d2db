"""A small home of clips: squares that move as the model's number says, and one model of each kind.

Every clip's colour says which model made it, and the brightness of its upper left corner which of
its frames is shown: what a screen shows can be told apart to the frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals import media, record, start_frames
from evals.clips import codec as clips
from evals.clips.codec import Clip
from evals.types import (
    Generation,
    Media,
    Model,
    Prompt,
    Result,
    Run,
    Score,
    StartFrame,
    Suite,
    Task,
    Trial,
)
from leaderboard.refresh import refresh
from tests.leaderboard.factory import CLIP
from tests.voting_home import ANCHOR, COLOURS, NAMES, REVISION

AT = datetime(2026, 11, 23, 14, tzinfo=UTC)
FRAMES = 16
FPS = 8.0
CORNER = 16
"""Side of the square in the corner that counts frames, in pixels."""
METRIC = replace(CLIP, modality="video")
COSTS: Mapping[str, float | None] = {
    "quagga-x1": 0.004,
    "quokka-x2": 0.001,
    "quoll-x3": None,
    ANCHOR: 1e-7,
}


def drawn(model: str, number: int, frames: int = FRAMES) -> NDArray[np.uint8]:
    """What `model` makes of prompt `number`: frames × 64 × 64 × 3."""
    made = np.full((frames, 64, 64, 3), 240, np.uint8)
    for index, frame in enumerate(made):
        frame[:CORNER, :CORNER] = shade(index, frames)
        left = 4 + (2 * index + 3 * number) % 36
        frame[24:48, left : left + 20] = COLOURS[model]
    return made


def shade(index: int, frames: int = FRAMES) -> int:
    """Brightness of the corner of frame `index`."""
    return round(255 * index / (frames - 1))


def build(home: Path, prompts: int = 12, models: int = 3, task: Task = "text-to-video") -> Path:
    """Evaluate the first `models` of `voting_home.NAMES` and an anchor on clips; returns `home`."""
    tried = [*list(NAMES)[:models], ANCHOR]
    run = Run(
        id="20261123T130000Z-clips",
        started_at=AT - timedelta(minutes=9),
        finished_at=None,
        epoch=1,
        suite=Suite("clips", "Clips, a sample", task, (), "quagga-x1", (0,)),
        models=tuple(
            Model(
                id=id_,
                name=NAMES.get(id_, "Platypus Limit"),
                task=task,
                backend="procedural",
                revision=REVISION,
                anchor="upper" if id_ == ANCHOR else None,
            )
            for id_ in tried
        ),
        metrics=(METRIC,),
        planned=len(tried) * prompts,
        machine={},
        versions={},
        fingerprint={},
    )
    beside = home / "suites"
    begun = task == "image-to-video"
    made = tuple(_prompt(number, beside if begun else None) for number in range(prompts))
    suite = replace(run.suite, prompts=made)
    with record.create(home, replace(run, suite=suite)) as writer:
        for prompt in made:
            if prompt.start_frame is not None:
                start_frames.keep(prompt.start_frame, beside, writer.folder)
        for result in _results(writer.folder, suite, tried):
            writer.append(result)
        writer.finish(AT)
    refresh(home, AT, draws=200)
    return home


def _prompt(number: int, beside: Path | None) -> Prompt:
    """Prompt `number`; where there is a folder of suites, with a start frame in it."""
    start = None
    if beside is not None:
        stored = media.store(drawn(ANCHOR, number)[0], beside)
        start = StartFrame(stored.sha256, stored.path)
    return Prompt(f"p{number:02d}", f"thing number {number} moves", ("flat",), start_frame=start)


def _results(folder: Path, suite: Suite, tried: list[str]) -> Iterator[Result]:
    for model in tried:
        for number, prompt in enumerate(suite.prompts):
            stored: Media = clips.store(Clip(drawn(model, number), FPS), folder)
            cost = COSTS[model]
            yield Result(
                Trial(model, REVISION, suite.id, suite.version, prompt.id, 0, 1),
                Generation(
                    "ok",
                    AT,
                    0.5,
                    media=stored,
                    quantities={"clips": 1.0, "clip_seconds": FRAMES / FPS},
                    cost_usd=cost,
                    cost_basis="no price is known" if cost is None else "a sample price",
                ),
                (Score("clip_score", "1", 20.0 + number % 3, fingerprint="f" * 8),),
            )
