"""Examine trained networks by readback, before they are published.

    python -m evals.calibration.examine autoencoder
    python -m evals.calibration.examine judge         # or motion-judge
    python -m evals.calibration.examine small-r4 --steps 8 16 --guidance 1 2

The autoencoder is fit to train on when its reconstructions keep at least `GATE` of the words of
every attribute: no model can draw what its decoder cannot.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from evals.calibration import clip_validity, diffusion, networks, readback, validity
from evals.calibration.corpus import unseen_scenes
from evals.calibration.fitting import to_unit
from evals.calibration.scenes import VOCABULARY, Picture, Scene, caption, render

GATE = 0.9


def held(pictures: Iterable[Picture], scenes: Sequence[Scene]) -> dict[str, float]:
    """Attribute -> share of pictures that honour its word; `"all"`: the mean over attributes."""
    kept = dict.fromkeys(VOCABULARY, 0)
    for picture, scene in zip(pictures, scenes, strict=True):
        found = readback.read(picture)
        for attribute, word in scene.words.items():
            kept[attribute] += found[attribute] == word
    shares = {attribute: count / len(scenes) for attribute, count in kept.items()}
    return {"all": float(np.mean(list(shares.values()))), **shares}


def sample(count: int, seed: int) -> list[Scene]:
    """`count` distinct unseen scenes."""
    pool = unseen_scenes()
    return [pool[i] for i in np.random.default_rng(seed).permutation(len(pool))[:count]]


@torch.inference_mode()
def reconstruct(autoencoder: Any, scenes: Sequence[Scene], noise: float) -> list[Picture]:
    """Renders of the scenes, through the autoencoder, with noise added to the latents."""
    pixels = to_unit(np.stack([render(scene, 7) for scene in scenes]))
    latents = autoencoder.encode(pixels).latent_dist.mean
    drawn = autoencoder.decode(latents + noise * torch.randn_like(latents)).sample
    levels = ((drawn + 1) * 127.5).round().clamp(0, 255).byte()
    return list(levels.permute(0, 2, 3, 1).numpy())


def load_release(name: str, work: Path) -> Any:
    """A pipeline of one checkpoint, straight from the working folder."""
    size = name.split("-")[0]
    step = dict(diffusion.releases(size)).get(name)
    tokenizer = networks.tokenizer()
    model = diffusion.Reference(size, len(tokenizer))
    if step is not None and (work / size / f"step-{step:05d}.pt").exists():
        state = torch.load(work / size / f"step-{step:05d}.pt", weights_only=True)
    else:
        state = torch.load(work / size / "state.pt", weights_only=True)["average"]
    model.load_state_dict(state)
    autoencoder = networks.diffusers().AutoencoderKL.from_pretrained(work / "autoencoder")
    parts: dict[str, Any] = {
        "vae": autoencoder,
        "text_encoder": model.text_encoder.eval(),
        "tokenizer": tokenizer,
        "unet": model.unet.eval(),
        "scheduler": networks.scheduler(),
        "safety_checker": None,
        "feature_extractor": None,
    }
    pipeline = networks.diffusers().StableDiffusionPipeline(**parts, requires_safety_checker=False)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def draw(pipeline: Any, scenes: Sequence[Scene], steps: int, guidance: float) -> list[Picture]:
    """One picture per scene, in batches of 30."""
    pictures: list[Picture] = []
    for start in range(0, len(scenes), 30):
        part = scenes[start : start + 30]
        made = pipeline(
            prompt=[caption(scene) for scene in part],
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=[torch.Generator().manual_seed(start + i) for i in range(len(part))],
            output_type="np",
        ).images
        pictures += list((made * 255).round().astype(np.uint8))
    return pictures


def _print(title: str, shares: dict[str, float]) -> None:
    figures = "  ".join(f"{name} {share:.3f}" for name, share in shares.items())
    sys.stdout.write(f"{title:28} {figures}\n")


def main() -> None:
    """Print what was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "what", help="autoencoder, judge, motion-judge, or a release such as small-r4"
    )
    parser.add_argument("--work", type=Path, default=Path("training"))
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--steps", type=int, nargs="+", default=[12])
    parser.add_argument("--guidance", type=float, nargs="+", default=[2.0])
    parser.add_argument("--sheet", type=Path, help="write the pictures to this PNG")
    options = parser.parse_args()
    scenes = sample(options.count, seed=0)
    pictures: list[Picture] = []
    if options.what == "judge":
        _print("judge AUC", validity.judge_auc(validity.load_judge(options.work / "judge")))
    elif options.what == "motion-judge":
        judge = validity.load_judge(options.work / "motion-judge")
        _print("motion judge AUC", clip_validity.judge_auc(judge))
    elif options.what == "autoencoder":
        autoencoder = networks.diffusers().AutoencoderKL.from_pretrained(
            options.work / "autoencoder"
        )
        for noise in (0.0, networks.LATENT_NOISE, 2 * networks.LATENT_NOISE):
            pictures = reconstruct(autoencoder, scenes, noise)
            shares = held(pictures, scenes)
            _print(f"latent noise {noise:.2f}", shares)
            if noise == 0 and min(shares.values()) < GATE:
                raise SystemExit(f"not fit to train on: a share is below {GATE}")
    else:
        pipeline = load_release(options.what, options.work)
        for steps in options.steps:
            for guidance in options.guidance:
                pictures = draw(pipeline, scenes, steps, guidance)
                _print(f"{steps} steps, guidance {guidance:g}", held(pictures, scenes))
    if options.sheet and pictures:
        from PIL import Image

        rows = [np.concatenate(pictures[i : i + 10], axis=1) for i in range(0, 60, 10)]
        sheet = Image.fromarray(np.concatenate(rows))
        sheet.resize((sheet.width * 2, sheet.height * 2), Image.Resampling.NEAREST).save(
            options.sheet
        )


if __name__ == "__main__":
    main()
