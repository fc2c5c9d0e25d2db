"""A home in which a base and its variants were evaluated, made without a model.

`styled` takes the same step at every prompt, `same` takes none, `mixed` shows what other prompts
ask for, and `swift` is the base in fewer steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from evals import media, record, registry
from evals.embeddings import store_of
from evals.judges import pins as judges
from evals.types import (
    Generation,
    MetricSpec,
    Model,
    PinnedAdapter,
    Prompt,
    Result,
    Run,
    Score,
    Suite,
    Trial,
)

AT = datetime(2026, 11, 23, 14, tzinfo=UTC)
WIDTH = 12
SLY = "<b>*Styled*</b>"
"""A name that must be shown as it stands."""
JUDGE = "reference"
CLIP = MetricSpec(
    name="clip_score",
    version="1",
    title="CLIPScore",
    modality="image",
    measures="alignment",
    higher_is_better=True,
    low=0.0,
    high=100.0,
    needs=("image_embedding", "text_embedding"),
    judge=JUDGE,
    family="reference-clip",
    tie_band=0.2,
)


def model(name: str, base: str | None = None, **settings: Any) -> Model:
    """A model of this home; an `adapter` lies over its weights at strength 1."""
    adapter = settings.pop("adapter", None)
    told: Mapping[str, Any] = {"source": "weights", "steps": 8, "adapters": [], **settings}
    if adapter is not None:
        told = {**told, "adapters": [{"source": adapter, "file": "a.safetensors"}]}
    return Model(
        id=name,
        name=SLY if name == "styled" else name.title(),
        task="text-to-image",
        backend="procedural",
        settings=told,
        revision="0123456789ab",
        base=base,
        simulated=True,
        adapters=() if adapter is None else (PinnedAdapter(adapter * 8, 1.0),),
    )


MODELS = (
    model("base"),
    model("mixed", "base", adapter="mmmm"),
    model("same", "base", adapter="aaaa"),
    model("styled", "base", adapter="cccc"),
    model("swift", "base", steps=2),
)
STYLE = {"styled": 4.0}
LOSES = {"base": 0.0, "mixed": 9.0, "same": 0.1, "styled": 1.0, "swift": 2.0}
"""Of the alignment of each, on average."""


def suite(prompts: int) -> Suite:
    """Prompts of one domain."""
    made = (Prompt(f"p{n:02}", f"a thing number {n}", ("flat",)) for n in range(prompts))
    return Suite("family", "A family", "text-to-image", tuple(made), "base", (0, 1))


def build(
    home: Path,
    prompts: int = 30,
    models: Sequence[Model] = MODELS,
    seeds: Sequence[int] = (0, 1),
    judged: bool = True,
) -> Path:
    """Write the run and its embeddings; returns `home`. Publishes nothing.

    Args:
        home: written to.
        prompts: how many.
        models: those that are evaluated.
        seeds: of every prompt.
        judged: whether the embeddings are kept.
    """
    of = suite(prompts)
    run = Run(
        id="20261123T130000Z-family",
        started_at=AT - timedelta(minutes=9),
        finished_at=None,
        epoch=1,
        suite=of,
        models=tuple(models),
        metrics=(CLIP,),
        planned=len(models) * prompts * len(seeds),
        machine={"cores": "2"},
        versions={"torch": "2"},
        fingerprint={"device": "cpu"},
    )
    judge = registry.load(home).judges[JUDGE]
    store = store_of(home, judges.identity(judge), "here", WIDTH)
    with record.create(home, run) as writer:
        for number, one in enumerate(models):
            for place, prompt in enumerate(of.prompts):
                for seed in seeds:
                    dice = np.random.default_rng([number, place, seed])
                    pixels = dice.integers(0, 256, (16, 16, 3), dtype=np.uint8)
                    stored = media.store(pixels, writer.folder)
                    if judged:
                        shown = place if one.id != "mixed" else (place + 7) % prompts
                        seen = _seen(one.id, shown, seed, dice)
                        store.put(stored.sha256, seen[None].astype(np.float16))
                    trial = Trial(one.id, one.revision, of.id, of.version, prompt.id, seed, 1)
                    score = 30.0 - LOSES.get(one.id, 0.0) + dice.normal() * 0.5
                    writer.append(
                        Result(
                            trial,
                            Generation("ok", AT, 0.1, stored, {"images": 1.0}, 1e-5, "a price"),
                            (Score("clip_score", "1", score, fingerprint="f" * 8),),
                        )
                    )
        writer.finish(AT)
    return home


def _seen(name: str, shown: int, seed: int, dice: np.random.Generator) -> np.ndarray:
    """What the judge makes of a picture."""
    meant = 2 * np.random.default_rng([99, shown]).normal(size=WIDTH)
    noise = 0.3 * np.random.default_rng([98, shown, seed]).normal(size=WIDTH)
    axis = np.zeros(WIDTH)
    axis[0] = STYLE.get(name.partition("-")[0], 0.0)
    return meant + noise + axis + 0.2 * dice.normal(size=WIDTH)
