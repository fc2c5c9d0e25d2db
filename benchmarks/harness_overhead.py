"""What the harness adds to the work itself: `python -m benchmarks.harness_overhead`.

The same generations and scores, in turns within one process: through `evals.run`, which plans,
times, checks, stores, prices and records them, and in a bare loop over diffusers and open_clip that
keeps nothing. Both load every model and the judge. Reported is the median ratio of the pairs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals import registry, revision, run
from evals.registry import Registry
from evals.run import Request
from evals.types import Model, Suite


def bare(known: Registry, models: Sequence[Model], suite: Suite, prompts: int) -> list[float]:
    """Generate and score with nothing but the libraries; the CLIPScores, in order."""
    import numpy as np
    import open_clip
    import torch
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline
    from PIL import Image

    from evals.metrics import caption_accuracy, clip_score

    judge = known.judge("reference")
    encoder, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{judge.folder}")
    tokenizer = open_clip.get_tokenizer(f"local-dir:{judge.folder}")
    encoder.eval()
    clip, accuracy = clip_score.build(), caption_accuracy.build()
    texts: dict[str, Any] = {}
    threads = torch.get_num_threads()
    scores: list[float] = []
    for model in models:
        settings = revision.located(known, model).settings
        pipeline = DiffusionPipeline.from_pretrained(
            settings["source"],
            dtype=getattr(torch, settings.get("dtype", "float32")),
            use_safetensors=True,
        )
        pipeline.set_progress_bar_config(disable=True)
        arguments = {"num_inference_steps": settings["steps"]}
        arguments |= {"guidance_scale": settings["guidance"]} if "guidance" in settings else {}
        arguments |= settings.get("arguments", {})
        for prompt in suite.prompts[:prompts]:
            for seed in suite.seeds:
                with torch.inference_mode():
                    picture = pipeline(
                        prompt=prompt.text,
                        generator=torch.Generator("cpu").manual_seed(seed),
                        output_type="np",
                        **arguments,
                    ).images[0]
                    pixels = (picture * 255).round().astype(np.uint8)
                    if prompt.text not in texts:
                        texts[prompt.text] = encoder.encode_text(tokenizer([prompt.text]))[0]
                    torch.set_num_threads(judge.threads)  # the judge's file fixes them
                    image = encoder.encode_image(preprocess(Image.fromarray(pixels))[None])[0]
                    torch.set_num_threads(threads)
                clip.reset()
                clip.update(image_embedding=image, text_embedding=texts[prompt.text])
                scores.append(float(clip.compute()))
                accuracy.reset()
                accuracy.update(pixels=pixels, facts=prompt.facts)
                accuracy.compute()
    return scores


def harness(known: Registry, models: Sequence[Model], suite: Suite, prompts: int) -> list[float]:
    """The same through `evals.run`, into a home that is thrown away; the CLIPScores, in order."""
    from evals import record

    with tempfile.TemporaryDirectory() as folder:
        request = Request(suite.id, tuple(model.id for model in models), prompts=prompts)
        run.evaluate(Path(folder), request, known.data)
        return [
            score.value
            for each in record.read_all(Path(folder))
            for result in each.results
            for score in result.scores
            if score.metric == "clip_score" and score.value is not None
        ]


def main() -> None:
    """Measure alternating pairs, check that both did the same work, print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", default="calibration")
    parser.add_argument("--model", action="append", help="repeatable; else all that take part")
    parser.add_argument("--data", type=Path, help="models and suites; else those that ship")
    parser.add_argument("--prompts", type=int, default=8)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        known = registry.load(Path(folder), options.data)
    suite = known.suite(options.suite)
    models = [
        model
        for model in known.models.values()
        if model.backend == "diffusers" and model.id in (options.model or [model.id])
    ]
    if not models:
        parser.error("no diffusion model takes part")
    bare(known, models[:1], suite, 1)  # imports and the first kernels are paid for by neither side
    pairs: list[tuple[float, float]] = []
    for number in range(options.pairs):
        sides = ["bare", "harness"] if number % 2 == 0 else ["harness", "bare"]
        taken: dict[str, float] = {}
        scores: dict[str, list[float]] = {}
        for side in sides:
            begun = time.perf_counter()
            if side == "bare":
                scores[side] = bare(known, models, suite, options.prompts)
            else:
                scores[side] = harness(known, models, suite, options.prompts)
            taken[side] = time.perf_counter() - begun
        apart = max(abs(a - b) for a, b in zip(scores["bare"], scores["harness"], strict=True))
        if apart > 0.05:
            raise SystemExit(f"the two sides did different work: CLIPScores differ by {apart}")
        pairs.append((taken["bare"], taken["harness"]))
        print(f"bare {taken['bare']:7.2f} s   harness {taken['harness']:7.2f} s")
    ratios = [b / a for a, b in pairs]
    report = {
        "models": [model.id for model in models],
        "trials": len(scores["bare"]),
        "ratio_median": round(statistics.median(ratios), 4),
        "ratios": [round(ratio, 4) for ratio in ratios],
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
