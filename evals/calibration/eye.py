"""Train the third judge: it tells clean pictures from damaged ones, and reads no captions.

An open_clip model whose two sentences, `CLEAN` and `DAMAGED`, are what a CLIP-IQA metric asks. It
is shown noise, blur, halos, garish colours, misplaced patches and the faults of a decoder whose
latents are noisy, as a weak model's are. A first eye that was not shown halos and garish colours
was fooled by them; posterised pictures this one never saw either.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType]
from torch import Tensor
from torch.nn import functional

from evals.calibration import judge, networks
from evals.calibration.damage import garish, haloed, misdrawn, misplaced, noisy, soft, spoil
from evals.calibration.fitting import Plan, fit
from evals.calibration.judge import Lessons, tokens_of

PLAN = Plan(steps=1200, batch=64, rate=1e-3, seed=13, decay_from=0.5)
CLEAN, DAMAGED = "a clean picture", "a damaged picture"


def config(vocabulary: int) -> dict[str, Any]:
    """The `open_clip_config.json` of the eye."""
    settings = judge.config(vocabulary)
    settings["model_cfg"]["embed_dim"] = 32
    settings["model_cfg"]["vision_cfg"] |= {"width": 8, "head_width": 32}
    settings["model_cfg"]["text_cfg"] |= {"width": 32, "heads": 1, "layers": 1}
    return settings


def train(work: Path, vae_folder: Path) -> None:
    """Fit the eye and save it under `work / "eye"`."""
    import open_clip

    torch.manual_seed(PLAN.seed)
    rng = np.random.default_rng(PLAN.seed)
    tokenizer = networks.tokenizer([*CLEAN.split(), *DAMAGED.split()])
    settings = config(len(tokenizer))
    folder = work / "eye"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open_clip_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    tokenizer.save_pretrained(folder)
    vae = networks.diffusers().AutoencoderKL.from_pretrained(vae_folder).float().eval()
    ways = (noisy, soft, misplaced, haloed, garish, misdrawn(vae))
    model: Any = open_clip.model.CLIP(
        **settings["model_cfg"], init_logit_scale=float(np.log(1 / 0.07))
    )
    # Two sentences that begin alike stay alike: neither tower learns before the other has.
    with torch.no_grad():
        model.token_embedding.weight.mul_(30)
    model.train()
    lessons = Lessons(tokenizer, rng)
    sentences = tokens_of(tokenizer, [CLEAN, DAMAGED])

    def loss(step: int) -> Tensor:
        del step
        _, pixels, _ = lessons.draw(PLAN.batch)
        pixels, labels = spoil(pixels, ways, rng)
        image, text, scale = model(pixels, sentences)
        return functional.cross_entropy(scale.clamp(max=100) * image @ text.T, labels)

    def keep(step: int) -> None:
        if (step + 1) % 200 == 0 or step + 1 == PLAN.steps:
            weights: dict[str, Tensor] = model.state_dict()
            whole = {name: value.half().contiguous() for name, value in weights.items()}
            save_file(whole, folder / "open_clip_model.safetensors")

    fit(PLAN, list(model.parameters()), loss, work / "eye.jsonl", after_step=keep)
