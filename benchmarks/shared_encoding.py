"""What it saves that metrics share one encoding: `python -m benchmarks.shared_encoding`.

Six metrics on one encoder, over the pictures of one model and the reference pictures that two of
them compare with, in turns within one process: through `evals.score`, which encodes every picture
and every text once, and as six programs would, each with its own pass over the pictures in batches
of 32, by torchmetrics' own class where it has one and by open_clip and a few lines where not. Then
a metric is added: how many pictures are encoded for it?

Both sides use the same loaded weights and one thread; loading is timed on neither. Encoding is most
of the work only with an encoder of the field's size, so there is one beside the small judge of the
calibration world: open_clip's ViT-B-32 with random weights, which take as long as trained ones. The
ratio of processor time is the one to read on a machine that does other things too.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks.separate_passes import BATCH, Separate
from evals import instruments, metrics, registry, score
from evals.calibration import scenes
from evals.instruments import Instrument
from evals.judges import pins as judges
from evals.judges.pins import Judge
from evals.needs import Shown
from evals.score import Scorer
from evals.types import Prompt, Suite

SIX = ("clip_score", "clip_score_hessel", "clip_iqa", "vendi", "fid", "cmmd")
NEW = "kid"
PROMPTS = 64
FIELD_SIZED = "ViT-B-32"


@dataclass(frozen=True)
class Case:
    """What is scored, by what."""

    judge: Judge
    made: tuple[Shown, ...]
    reference: tuple[Shown, ...]


def shown(prompts: Sequence[Prompt], count: int, noise: float, seed: int) -> tuple[Shown, ...]:
    """`count` pictures, renders with noise on top, spread evenly over the prompts."""
    rng = np.random.default_rng(seed)
    found: list[Shown] = []
    for number in range(count):
        prompt = prompts[number % len(prompts)]
        clean = scenes.render(scenes.parse(prompt.text), seed + number)
        picture = np.clip(clean + rng.normal(0, noise, clean.shape), 0, 255).astype(np.uint8)
        name = hashlib.sha256(picture.tobytes()).hexdigest()
        found.append(Shown(prompt, number // len(prompts), name, lambda kept=picture: kept))
    return tuple(found)


def field_sized(folder: Path, like: Judge) -> Judge:
    """A judge of the field's size, with random weights, in an ordinary folder."""
    import open_clip
    import torch
    from open_clip.model import CLIP
    from safetensors.torch import save_file

    config = open_clip.get_model_config(FIELD_SIZED)
    torch.manual_seed(0)
    state = CLIP(**config).state_dict()
    path = folder / judges.WEIGHTS
    save_file({name: value.contiguous() for name, value in state.items()}, path)
    (folder / judges.CONFIG).write_text(
        json.dumps({"model_cfg": config, "preprocess_cfg": {}}), encoding="utf-8"
    )
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    placed = dataclasses.replace(like.weights, path=path, sha256=sha256)
    return dataclasses.replace(
        like, id=FIELD_SIZED, weights=placed, folder=folder, preprocessing=None
    )


def chosen(judge: Judge, names: Sequence[str]) -> tuple[Instrument, ...]:
    """Metrics on the judge, whichever its file says that it serves."""
    known = {judge.id: dataclasses.replace(judge, metrics=tuple(names))}
    suite = Suite("shared-encoding", "Shared encoding", "text-to-image", ())
    served = [name for name, spec in metrics.served(known).items() if bare(name) in names]
    return instruments.choose(suite, known, served)[0]


def bare(name: str) -> str:
    """A metric's name without its judge's."""
    return name.partition("@")[0]


def shared(scorer: Scorer, case: Case) -> dict[str, list[float]]:
    """The same six through `evals.score`: a score per picture, or that of the set."""
    rows = scorer.score(case.made)
    values: dict[str, list[float]] = {}
    for each in [
        *(item for row in rows for item in row),
        *scorer.score_models(case.made, case.reference),
    ]:
        if each.value is None:
            raise SystemExit(f"{each.metric} has no score: {each.reason}")
        values.setdefault(bare(each.metric), []).append(each.value)
    return values


def same(ours: dict[str, list[float]], theirs: dict[str, float]) -> None:
    """Stop where the sides did not do the same work. Ours is kept in half precision."""
    for name in SIX:
        if name == "clip_score" and min(ours[name]) == 0:
            continue  # ours is cut off per picture, that of torchmetrics after the mean
        mean = statistics.fmean(ours[name])
        if abs(mean - theirs[name]) > 0.02 * (abs(theirs[name]) + 0.05):
            raise SystemExit(f"the sides did different work: {name} is {mean} and {theirs[name]}")


@dataclass(frozen=True)
class Turn:
    """What one turn took: seconds on the wall, and of the processor alone."""

    shared_s: float
    shared_cpu_s: float
    separate_s: float
    separate_cpu_s: float
    encoded: int
    """Pictures that the shared side encoded."""
    encoded_for_new: int
    """Further ones for the metric that is added."""


Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[float, float, Result]:
    """Seconds on the wall and of the processor, and what came out."""
    wall, processor = time.perf_counter(), time.process_time()
    made = work()
    return time.perf_counter() - wall, time.process_time() - processor, made


def turn(case: Case, separate: Separate, shared_first: bool) -> Turn:
    """Both sides once, checked against each other, then the new metric."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        scorer = score.open_scorer(chosen(case.judge, SIX), home)
        encoder = next(iter(scorer.encoders.values()))
        assert encoder.slots > 0  # decided while nobody looks at the clock, like loading

        first = timed(lambda: shared(scorer, case)) if shared_first else None
        separate_s, separate_cpu_s, theirs = timed(separate.run)
        shared_s, shared_cpu_s, ours = first or timed(lambda: shared(scorer, case))
        same(ours, theirs)
        again = score.open_scorer(chosen(case.judge, (NEW,)), home)
        shared(again, case)
        return Turn(
            shared_s, shared_cpu_s, separate_s, separate_cpu_s, scorer.encoded, again.encoded
        )


def measure(case: Case, turns: int) -> dict[str, Any]:
    """Medians over alternating turns."""
    import torch

    torch.set_num_threads(case.judge.threads)
    separate = Separate(case.judge, case.made, case.reference)
    few = dataclasses.replace(case, made=case.made[:BATCH], reference=case.reference[:BATCH])
    turn(
        few, Separate(few.judge, few.made, few.reference), shared_first=True
    )  # first kernels are paid for by neither side
    turns_taken = [turn(case, separate, number % 2 == 0) for number in range(turns)]

    def median(of: Callable[[Turn], float]) -> float:
        return round(statistics.median(of(each) for each in turns_taken), 3)

    return {
        "judge": case.judge.id,
        "pictures": len(case.made),
        "reference": len(case.reference),
        "shared_s": median(lambda each: each.shared_s),
        "separate_s": median(lambda each: each.separate_s),
        "ratio": median(lambda each: each.separate_s / each.shared_s),
        "ratio_of_cpu": median(lambda each: each.separate_cpu_s / each.shared_cpu_s),
        "encoded_shared": turns_taken[-1].encoded,
        "encoded_separate": separate.encoded // turns,
        "encoded_for_a_new_metric": turns_taken[-1].encoded_for_new,
    }


def main() -> None:
    """Measure both judges, print a line for each and then all as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=256)
    parser.add_argument("--reference", type=int, default=64)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--small-only", action="store_true", help="the calibration judge alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        known = registry.load(Path(folder))
        prompts = known.suite("calibration").prompts[:PROMPTS]
        made = shown(prompts, options.pictures, 12.0, 0)
        reference = shown(prompts, options.reference, 0.0, options.pictures)
        asked = [known.judge("reference")]
        if not options.small_only:
            asked.append(field_sized(Path(folder), asked[0]))
        reports: list[dict[str, Any]] = []
        for judge in asked:
            report = measure(Case(judge, made, reference), options.turns)
            print(
                f"{report['judge']:10} shared {report['shared_s']:7.2f} s"
                f"   separate {report['separate_s']:7.2f} s"
                f"   {report['ratio']:.1f} times as fast"
                f" ({report['ratio_of_cpu']:.1f} by processor time);"
                f" encodings {report['encoded_shared']} and {report['encoded_separate']},"
                f" {report['encoded_for_a_new_metric']} for a new metric"
            )
            reports.append(report)
    print(json.dumps(reports))


if __name__ == "__main__":
    main()
