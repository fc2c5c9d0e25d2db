"""A trial → a generation: call the model, time the call alone, check, store, price, classify."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals import media, metrics, pricing
from evals.backends import Generator, PaidGenerator, RawMedia, Ticket
from evals.clips import codec as clips
from evals.errors import GenerationError, LoadError, MediaError
from evals.pricing import Cost, Entry
from evals.types import Failure, Generation, Media, Prompt, Status, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ATTEMPTS = 2
"""Calls in all for a trial whose failure was the infrastructure's. A model is never asked twice:
its failure is a result."""
FINAL = frozenset({"cancelled", "timeout"})
"""Kinds of failure after which a call is not made again: it would be in the same way."""
PAUSE_S = 0.5


@dataclass(frozen=True)
class Attempt:
    """What came of calling a model for one trial, wherever that was done; nothing is stored yet."""

    started_at: datetime
    outcome: RawMedia | Failure
    latency_s: float
    """Wall seconds of the last call alone: no loading, storing or scoring, no earlier call."""
    device: str
    billed: bool = False
    """A call that failed and may have cost money all the same."""


@dataclass(frozen=True)
class Made:
    """A generation, and its picture while it is still in memory."""

    generation: Generation
    picture: NDArray[np.uint8] | None
    """None when the generation failed, and of a clip: what is scored of it is what was stored."""


@dataclass(frozen=True)
class Timing:
    """Clocks, and how to wait."""

    clock: Callable[[], datetime]
    """The time, timezone-aware UTC."""
    timer: Callable[[], float] = time.perf_counter
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Studio:
    """Where media is kept, and what it is to be."""

    run_folder: Path
    task: Task
    """What it is to make follows from it: a picture or a clip."""


def attempt(
    generator: Generator | PaidGenerator,
    prompt: Prompt,
    seed: int,
    timing: Timing,
    start: NDArray[np.uint8] | None = None,
    ticket: Ticket | None = None,
) -> Attempt:
    """Call a model for one trial, and again where the infrastructure failed.

    A paid call is made once: whoever bills it waits and repeats by its own rules.

    Args:
        generator: opened.
        prompt: what is asked for.
        seed: of the noise it starts from.
        timing: clocks.
        start: the picture to begin with, where the prompt has one.
        ticket: of a paid call.

    Raises:
        LoadError: no call can succeed; says why.
    """
    started_at = timing.clock()
    # Backends that begin with nothing need not know that others do.
    given: dict[str, Any] = {} if start is None else {"start": start}
    attempts_left = ATTEMPTS
    if ticket is not None:
        given["ticket"] = ticket
        attempts_left = 1
    while True:
        begun = timing.timer()
        outcome, billed = _call(generator, prompt, seed, given)
        latency = timing.timer() - begun
        attempts_left -= 1
        final = isinstance(outcome, RawMedia) or outcome.blame == "model" or outcome.kind in FINAL
        if final or attempts_left == 0:
            return Attempt(started_at, outcome, latency, generator.device, billed)
        timing.sleep(PAUSE_S)


def keep(tried: Attempt, price: Entry | None, studio: Studio) -> Made:
    """Check and store what a call returned, and price it; or say why there is nothing."""
    if isinstance(tried.outcome, Failure):
        return Made(_failed(tried.started_at, tried.outcome), None)
    return _keep(tried.outcome, tried, price, studio)


def not_loaded(started_at: datetime, error: LoadError) -> Generation:
    """The generation of a trial whose model could not be loaded.

    Missing permission is the reader's to cure, so such trials are skipped rather than failed.
    """
    failure = Failure(error.kind, str(error), error.blame)
    return _failed(started_at, failure, "skipped" if error.kind == "gated" else "failed")


def not_called(started_at: datetime, reason: Failure) -> Generation:
    """The generation of a trial whose call was not made: for want of money or time, say."""
    return _failed(started_at, reason, "skipped")


def _failed(started_at: datetime, failure: Failure, status: Status = "failed") -> Generation:
    return Generation(status, started_at, cost_basis="no media was made", failure=failure)


def _call(
    generator: Generator | PaidGenerator, prompt: Prompt, seed: int, given: Mapping[str, Any]
) -> tuple[RawMedia | Failure, bool]:
    """What a call returned, or why it failed; and whether a failed one may have been billed."""
    try:
        made = generator.generate(prompt, seed, **given)
    except LoadError:
        raise
    except GenerationError as error:
        return Failure(error.kind, str(error), error.blame), error.billed
    except Exception as error:  # noqa: BLE001 - a backend of another package may raise anything;
        # the run goes on, and the model does not lose a comparison for what is not known to be
        # its own fault.
        failure = Failure("raised", f"{type(error).__name__}: {error}"[:500], "infrastructure")
        return failure, "ticket" in given
    return _checked(made), False


def _checked(made: object) -> RawMedia | Failure:
    """What a backend returned, if its numbers can be recorded."""
    if not isinstance(made, RawMedia):
        returned = f"the backend returned a {type(made).__name__}, not RawMedia"
        return Failure("raised", returned, "infrastructure")
    try:
        # Numbers of numpy cannot be recorded, and neither can NaN.
        billed = {name: float(value) for name, value in made.quantities.items()}
        stated = None if made.cost_usd is None else float(made.cost_usd)
    except (TypeError, ValueError) as error:
        return Failure("raised", f"the backend bills what is no number: {error}", "infrastructure")
    wrong = next((name for name, value in billed.items() if not math.isfinite(value)), None)
    if wrong is not None:
        returned = f"the backend bills {billed[wrong]} {wrong}"
        return Failure("raised", returned, "infrastructure")
    if stated is not None and not (math.isfinite(stated) and stated > 0):
        stated = None  # not a price: what the call cost is for the price book to say
    return replace(made, quantities=billed, cost_usd=stated)


def _keep(raw: RawMedia, tried: Attempt, price: Entry | None, studio: Studio) -> Made:
    begins_with = pricing.INPUTS.get(studio.task)
    quantities: Mapping[str, float] = {
        **({} if begins_with is None else {"input_images": float(begins_with)}),
        **raw.quantities,
        "seconds": tried.latency_s,
    }
    failure = stored = picture = None
    try:
        if metrics.modality(studio.task) == "video":
            clip = clips.to_clip(raw.pixels, raw.fps)
            _check_size(raw)
            stored = clips.store(clip, studio.run_folder)
            quantities = {**quantities, **_length(stored)}
        else:
            picture = media.to_picture(raw.pixels)
            _check_size(raw)
            stored = media.store(picture, studio.run_folder)
    except MediaError as error:
        # The model answered, and not with what was asked for: it is billed, and its own fault.
        failure, picture = Failure("invalid_media", str(error), "model"), None
    cost = _cost(raw, quantities, tried, price, stored)
    generation = Generation(
        status="ok" if failure is None else "failed",
        started_at=tried.started_at,
        latency_s=tried.latency_s,
        media=stored,
        quantities=quantities,
        cost_usd=cost.usd,
        cost_basis=cost.basis,
        device=tried.device,
        failure=failure,
        served_by=raw.served_by,
    )
    return Made(generation, picture)


def _check_size(raw: RawMedia) -> None:
    """MediaError where media has another size than the one that was asked for."""
    height, width = raw.pixels.shape[-3:-1]
    if raw.asked_size is not None and raw.asked_size != (width, height):
        asked = " x ".join(map(str, raw.asked_size))
        raise MediaError(f"{asked} pixels were asked for, and {width} x {height} were returned")


def _cost(
    raw: RawMedia,
    quantities: Mapping[str, float],
    tried: Attempt,
    price: Entry | None,
    stored: Media | None,
) -> Cost:
    """As the provider states it, else by the price book."""
    day = tried.started_at.date()
    if raw.cost_usd is not None:
        return Cost(raw.cost_usd, f"{raw.cost_usd:.6g} USD, as the provider billed it")
    return pricing.cost(price, quantities, stored, day, tried.device)


def _length(stored: Media) -> Mapping[str, float]:
    """What a clip is billed by, as it was stored."""
    return {
        "clips": 1.0,
        "frames": float(stored.frames),
        "clip_seconds": stored.seconds or 0.0,
        "pixels": float(stored.width * stored.height * stored.frames),
    }
