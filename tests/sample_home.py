"""A small home with everything in it that a reader can meet, made in a second without a model.

Three candidates of known order, the two anchors, three domains, one model of unknown cost, one
failed generation, names and prompts that hold markup, and the shipped history of a public board.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from evals import media, record
from evals.types import (
    Failure,
    Generation,
    Model,
    Prompt,
    Result,
    Run,
    Score,
    Suite,
    Trial,
)
from leaderboard.history.imports import import_boards
from leaderboard.refresh import refresh
from tests.leaderboard.factory import CLIP, TRUTH

AT = datetime(2026, 11, 23, 14, tzinfo=UTC)
SLY = "<b>*Sly*</b> [link](javascript:alert(1))"
"""A name that must be shown as it stands."""
DOMAINS = ("flat", "shaded", "sketch")
HISTORY = Path(__file__).parents[1] / "data" / "history" / "arena_monthly_top8.csv"

# id, name, anchor, quality, latency in seconds, USD per generation
MODELS = (
    ("renderer", "Exact renderer", "upper", 40.0, 0.001, 1e-7),
    ("large", SLY, None, 31.0, 1.8, 4e-5),
    ("turbo", "Reference L turbo", None, 30.2, 0.3, 7e-6),
    ("small", "Reference S", None, 27.0, 0.2, None),
    ("noise", "Noise", "lower", 5.0, 0.001, 1e-7),
)


def suite() -> Suite:
    """Twelve prompts, four of each domain; the first one holds markup."""
    prompts = [
        Prompt(f"p{i:02d}", f"a {DOMAINS[i % 3]} thing number {i}", (DOMAINS[i % 3],))
        for i in range(12)
    ]
    prompts[0] = Prompt("p00", "a <script>flat</script> **thing** :material/face:", ("flat",))
    return Suite("calibration", "A sample", "text-to-image", tuple(prompts), "small", (0, 1))


def models() -> tuple[Model, ...]:
    """The models of `MODELS`, all of them simulated."""
    return tuple(
        Model(
            id=id_,
            name=name,
            task="text-to-image",
            backend="procedural",
            revision="0123456789ab",
            anchor=anchor,
            simulated=True,
        )
        for id_, name, anchor, *_ in MODELS
    )


def results(folder: Path, made: Suite) -> Iterator[Result]:
    """One result per model, prompt and seed; pictures are stored under `folder`."""
    for id_, _, _, quality, latency, cost in MODELS:
        dice = random.Random(id_)
        for prompt in made.prompts:
            for seed in made.seeds:
                trial = Trial(id_, "0123456789ab", made.id, made.version, prompt.id, seed, 1)
                if (id_, prompt.id, seed) == ("small", "p00", 0):
                    failure = Failure("invalid_media", "every pixel is black", "model")
                    yield Result(trial, Generation("failed", AT, latency, failure=failure))
                    continue
                shade = int(255 * quality / 40)
                pixels = np.full((64, 64, 3), 240, dtype=np.uint8)
                pixels[16:48, 8 + 4 * seed : 40 + 4 * seed] = (shade, 90, dice.randrange(256))
                generation = Generation(
                    status="ok",
                    started_at=AT,
                    latency_s=latency * dice.uniform(0.9, 1.1),
                    media=media.store(pixels, folder),
                    quantities={"images": 1.0},
                    cost_usd=cost,
                    cost_basis="a sample price" if cost is not None else "no price is known",
                )
                yield Result(
                    trial,
                    generation,
                    (
                        Score("clip_score", "1", quality + dice.gauss(0, 1.5), fingerprint="f" * 8),
                        Score("caption_accuracy", "1", quality / 40, fingerprint="e" * 8),
                    ),
                )


def build(home: Path) -> Path:
    """Write the run record, import the history and publish an edition; returns `home`."""
    made = suite()
    run = Run(
        id="20261123T130000Z-sample",
        started_at=AT - timedelta(minutes=9),
        finished_at=None,
        epoch=1,
        suite=made,
        models=models(),
        metrics=(CLIP, TRUTH),
        planned=len(MODELS) * len(made.prompts) * len(made.seeds),
        machine={"processor": "x86_64", "cores": "2"},
        versions={"torch": "2.15.0"},
        fingerprint={"device": "cpu"},
    )
    with record.create(home, run) as writer:
        for result in results(writer.folder, made):
            writer.append(result)
        writer.finish(AT)
    import_boards(home, "arena-monthly", str(HISTORY), AT)
    refresh(home, AT, draws=200)
    return home
