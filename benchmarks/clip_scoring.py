"""What scoring a clip costs: `python -m benchmarks.clip_scoring`.

One clip of 16 frames goes through `evals.score` with every metric of clips that one encoder serves
and that needs no published head, and its frames go through the same encoder alone, in turns within
one process and on one thread. The goal is less than three times the one pass, which is part of the
scoring. A clip of 64 x 64 is scored with the small judge of the calibration world, one of
480 x 832 with open_clip's ViT-B-32 (random weights take as long as trained ones).

Then each metric alone: what it takes when everything that it needs of a judge is there already.

With `--model ID` that registered model makes a clip of the same prompt, and scoring the small clip
is set against it. The goal is that scoring costs less.

The ratio of processor time is the one to read on a machine that does other things too.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.shared_encoding import field_sized, timed
from evals import backends, instruments, metrics, registry, revision, score
from evals.calibration import motions
from evals.instruments import Instrument
from evals.judges.pins import Judge
from evals.needs import Needs, Shown
from evals.registry import Registry
from evals.score import Scorer
from evals.types import Prompt, Suite

LARGE = (480, 832)
OF_JUDGE = (
    "frame_clip_score",
    "frame_clip_iqa",
    "sheet_score",
    "subject_consistency",
    "background_consistency",
)
ALONE = (
    "frame_clipping",
    "frame_saturation",
    "frame_sharpness",
    "temporal_flickering",
    "motion_smoothness_interpolation",
    "dynamic_degree_flow",
    "camera_motion",
    "start_fidelity",
    "motion_accuracy",
)


@dataclass(frozen=True)
class Case:
    """Clips of one size, and the encoder that looks at them."""

    judge: Judge
    height: int
    width: int

    def clip(self, number: int) -> Shown:
        """One of them. No two timings may share one: what was read of a clip may be kept."""
        return filmed(self.height, self.width, number)


def filmed(height: int, width: int, seed: int) -> Shown:
    """A render of the calibration world, made as large and given some grain."""
    from PIL import Image

    text = "one red star in the centre on a sky background, shaded style, rotating fast"
    shot = motions.parse(text)
    frames = motions.render_clip(shot, seed)
    if frames.shape[1:3] != (height, width):
        size = (width, height)
        large = [np.array(Image.fromarray(each).resize(size)) for each in frames]
        grain = np.random.default_rng(seed).normal(0, 4, (len(large), height, width, 3))
        frames = np.clip(np.stack(large) + grain, 0, 255).astype(np.uint8)
    prompt = Prompt("p", text, facts=shot.words)
    return Shown(
        prompt,
        0,
        "",
        lambda: frames,
        fps=motions.FPS,
        frames=len(frames),
        size=frames.nbytes,
        start=lambda: frames[0],
    )


def chosen(case: Case) -> tuple[Instrument, ...]:
    """Every metric of the lists, on the one judge; facts are read at their own size only."""
    listed = tuple(metrics.of_picture(name) for name in OF_JUDGE)
    known = {case.judge.id: replace(case.judge, metrics=listed)}
    small = (case.height, case.width) == (motions.SIZE, motions.SIZE)
    alone = [name for name in ALONE if small or name != "motion_accuracy"]
    names = [
        name
        for name, spec in metrics.served(known).items()
        if name.partition("@")[0] in (*OF_JUDGE, *alone) and spec.modality == "video"
    ]
    suite = Suite("clip-scoring", "Clip scoring", "text-to-video", ())
    return instruments.choose(suite, known, names)[0]


def scored(scorer: Scorer, clip: Shown) -> None:
    """Score the clip; stop where a metric has no score, as that costs nothing."""
    for each in scorer.score([clip])[0]:
        if each.value is None:
            raise SystemExit(f"{each.metric} has no score: {each.reason}")


def alone(scorer: Scorer, clips: Sequence[Shown]) -> dict[str, float]:
    """Processor seconds of each metric with its embeddings made; flow belongs to who asks first."""
    found: dict[str, list[float]] = {}
    for clip in clips:
        for item in scorer.of_generations:
            needs = Needs(scorer.encoders, [clip], [item])
            metric = metrics.get(item.spec.name).build()

            def work(item: Instrument = item, needs: Needs = needs, metric: Any = metric) -> None:
                metric.update(**needs.of(item, 0))
                metric.compute()

            found.setdefault(item.spec.name, []).append(timed(work)[1])
    return {name: round(statistics.median(seconds), 4) for name, seconds in found.items()}


def measure(case: Case, turns: int) -> dict[str, Any]:
    """Medians over alternating turns."""
    import torch

    torch.set_num_threads(case.judge.threads)
    scorer = score.open_scorer(chosen(case))
    encoder = scorer.encoders[case.judge.id]

    def one_pass(clip: Shown) -> None:
        encoder.images([("", lambda frame=frame: frame) for frame in clip.pixels()])

    scored(scorer, case.clip(0))  # first kernels, and texts, are paid for by neither side
    one_pass(case.clip(0))
    whole: list[tuple[float, float]] = []
    passes: list[tuple[float, float]] = []
    for number in range(1, turns + 1):
        clip = case.clip(number)
        passes.append(timed(lambda clip=clip: one_pass(clip))[:2])
        whole.append(timed(lambda clip=clip: scored(scorer, clip))[:2])

    def median(of: Sequence[float]) -> float:
        return round(statistics.median(of), 4)

    pairs = list(zip(whole, passes, strict=True))
    return {
        "clip": list(case.clip(0).pixels().shape),
        "judge": case.judge.id,
        "metrics": len(scorer.of_generations),
        "scoring_s": median([wall for wall, _ in whole]),
        "scoring_cpu_s": median([processor for _, processor in whole]),
        "one_pass_s": median([wall for wall, _ in passes]),
        "one_pass_cpu_s": median([processor for _, processor in passes]),
        "ratio_of_cpu": median([all_of[1] / one[1] for all_of, one in pairs]),
        "each_alone_cpu_s": alone(
            scorer, [case.clip(number) for number in range(turns + 1, 2 * turns + 1)]
        ),
    }


def made_in(known: Registry, name: str, prompt: Prompt, turns: int) -> float:
    """Processor seconds, all threads together, in which a registered model makes a clip."""
    model = revision.located(known, known.model(name))
    with backends.get(model.backend).open_model(model) as generator:
        generator.generate(prompt, 0)
        return statistics.median(
            timed(lambda seed=seed: generator.generate(prompt, seed))[1] for seed in range(turns)
        )


def main() -> None:
    """Measure both clips, print a line for each and then all as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--small-only", action="store_true", help="the 64 x 64 clip alone")
    parser.add_argument("--model", help="text-to-video model that makes a clip, for comparison")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        known = registry.load(Path(folder))
        judge = known.judge("reference")
        cases = [Case(judge, motions.SIZE, motions.SIZE)]
        if not options.small_only:
            cases.append(Case(field_sized(Path(folder), judge), *LARGE))
        reports: list[dict[str, Any]] = []
        for case in cases:
            report = measure(case, options.turns)
            print(
                f"{report['clip'][2]} x {report['clip'][1]}, {report['metrics']} metrics on"
                f" {report['judge']}: {report['scoring_cpu_s']:.3f} s of processor,"
                f" {report['ratio_of_cpu']:.2f} times one pass",
                flush=True,
            )
            reports.append(report)
        if options.model:
            seconds = made_in(known, options.model, cases[0].clip(0).prompt, options.turns)
            print(f"{options.model} makes a clip in {seconds:.2f} s of processor")
            reports[0] |= {"made_by": options.model, "making_cpu_s": round(seconds, 3)}
    print(json.dumps(reports))


if __name__ == "__main__":
    main()
