"""A trial → a generation: call the model, time the call alone, check, store, price, classify."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from evals import clips, media, metrics, pricing
from evals.backends import Generator, RawMedia
from evals.clip_prices import ClipPrice, clip_cost
from evals.errors import GenerationError, LoadError, MediaError
from evals.pricing import Hardware
from evals.types import Failure, Generation, Media, Prompt, Status, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ATTEMPTS = 2
"""Calls in all for a trial whose failure was the infrastructure's. A model is never asked twice:
its failure is a result."""
PAUSE_S = 0.5


@dataclass(frozen=True)
class Made:
    """A generation, and its picture while it is still in memory."""

    generation: Generation
    picture: NDArray[np.uint8] | None
    """None when the generation failed, and of a clip: what is scored of it is what was stored."""


@dataclass(frozen=True)
class Studio:
    """What generating needs besides a model and a trial."""

    run_folder: Path
    task: Task
    """What it is to make follows from it: a picture or a clip."""
    clock: Callable[[], datetime]
    """The time, timezone-aware UTC."""
    timer: Callable[[], float] = time.perf_counter
    sleep: Callable[[float], None] = time.sleep


def generate(
    generator: Generator,
    prompt: Prompt,
    seed: int,
    price: Hardware | ClipPrice | None,
    studio: Studio,
    start: NDArray[np.uint8] | None = None,
) -> Made:
    """Make one picture or clip, or say why there is none.

    Billed by the seconds of computing on rented hardware, or by the seconds of clip.

    The latency is the wall time of the successful call alone: no loading, encoding, storing or
    scoring, and no earlier attempt.
    """
    started_at = studio.clock()
    attempts_left = ATTEMPTS
    while True:
        begun = studio.timer()
        outcome = _call(generator, prompt, seed, start)
        latency = studio.timer() - begun
        if isinstance(outcome, RawMedia):
            return _keep(outcome, started_at, latency, generator.device, price, studio)
        attempts_left -= 1
        if outcome.blame == "model" or attempts_left == 0:
            return Made(_failed(started_at, outcome), None)
        studio.sleep(PAUSE_S)


def not_loaded(started_at: datetime, error: LoadError) -> Generation:
    """The generation of a trial whose model could not be loaded.

    Missing permission is the reader's to cure, so such trials are skipped rather than failed.
    """
    failure = Failure(error.kind, str(error), error.blame)
    return _failed(started_at, failure, "skipped" if error.kind == "gated" else "failed")


def _failed(started_at: datetime, failure: Failure, status: Status = "failed") -> Generation:
    return Generation(status, started_at, cost_basis="no media was made", failure=failure)


def _call(
    generator: Generator, prompt: Prompt, seed: int, start: NDArray[np.uint8] | None
) -> RawMedia | Failure:
    try:
        # Backends that begin with nothing need not know that others do.
        given = {} if start is None else {"start": start}
        made = generator.generate(prompt, seed, **given)
    except GenerationError as error:
        return Failure(error.kind, str(error), error.blame)
    except Exception as error:  # noqa: BLE001 - a backend of another package may raise anything;
        # the run goes on, and the model does not lose a comparison for what is not known to be
        # its own fault.
        return Failure("raised", f"{type(error).__name__}: {error}"[:500], "infrastructure")
    if not isinstance(cast("object", made), RawMedia):
        returned = f"the backend returned a {type(made).__name__}, not RawMedia"
        return Failure("raised", returned, "infrastructure")
    try:
        # Numbers of numpy cannot be recorded, and neither can NaN.
        billed = {name: float(value) for name, value in made.quantities.items()}
    except (TypeError, ValueError) as error:
        return Failure("raised", f"the backend bills what is no number: {error}", "infrastructure")
    wrong = next((name for name, value in billed.items() if not math.isfinite(value)), None)
    if wrong is not None:
        returned = f"the backend bills {billed[wrong]} {wrong}"
        return Failure("raised", returned, "infrastructure")
    return replace(made, quantities=billed)


def _keep(
    raw: RawMedia,
    started_at: datetime,
    latency: float,
    device: str,
    price: Hardware | ClipPrice | None,
    studio: Studio,
) -> Made:
    quantities: Mapping[str, float] = {**raw.quantities, "seconds": latency}
    failure = stored = picture = None
    try:
        if metrics.modality(studio.task) == "video":
            stored = clips.store(clips.to_clip(raw.pixels, raw.fps), studio.run_folder)
            quantities = {**quantities, **_length(stored)}
        else:
            picture = media.to_picture(raw.pixels)
            stored = media.store(picture, studio.run_folder)
    except MediaError as error:
        # The model answered, and not with what was asked for: it is billed, and its own fault.
        failure = Failure("invalid_media", str(error), "model")
    if isinstance(price, ClipPrice):
        cost = clip_cost(price, stored, started_at.date())
    else:
        cost = pricing.cost(latency, price, started_at.date(), device)
    generation = Generation(
        status="ok" if failure is None else "failed",
        started_at=started_at,
        latency_s=latency,
        media=stored,
        quantities=quantities,
        cost_usd=cost.usd,
        cost_basis=cost.basis,
        failure=failure,
    )
    return Made(generation, picture)


def _length(stored: Media) -> Mapping[str, float]:
    """What a clip is billed by, as it was stored."""
    return {
        "clips": 1.0,
        "frames": float(stored.frames),
        "clip_seconds": stored.seconds or 0.0,
        "pixels": float(stored.width * stored.height * stored.frames),
    }
