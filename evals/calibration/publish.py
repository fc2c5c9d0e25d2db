"""Turn finished training into the folders that ship: half precision, ordinary layouts.

    python -m evals.calibration.publish autoencoder judge small medium large clip-small clip-control

A model's folder is what its pipeline's `save_pretrained` writes; its `vae` is a link to the one
autoencoder that all share, but the upscaler's.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from evals.calibration import (
    clip_control,
    clip_diffusion,
    clip_networks,
    diffusion,
    networks,
    upscale_autoencoder,
    upscale_networks,
    upscaler,
    variants,
)

VAE = "vae"
JUDGES = ("judge", "second-judge", "eye", "motion-judge")


def publish_autoencoder(work: Path, out: Path) -> None:
    """Write the shared autoencoder."""
    model = networks.diffusers().AutoencoderKL.from_pretrained(work / "autoencoder")
    model.half().save_pretrained(out / "images" / VAE)


def publish_judge(name: str, work: Path, out: Path) -> None:
    """Copy a judge's open_clip folder; its file under `data/judges/` pins the weights' hash."""
    shutil.copytree(work / name, out / name, dirs_exist_ok=True)


def publish_models(size: str, work: Path, out: Path) -> None:
    """Write every release of one training as a pipeline folder."""
    import torch

    tokenizer = networks.tokenizer()
    shared = networks.diffusers().AutoencoderKL.from_pretrained(out / "images" / VAE)
    for name, step in diffusion.releases(size):
        model = diffusion.Reference(size, len(tokenizer))
        state = torch.load(work / size / f"step-{step:05d}.pt", weights_only=True)
        model.load_state_dict(state)
        pipeline = networks.diffusers().StableDiffusionPipeline(
            vae=shared,
            text_encoder=model.text_encoder,
            tokenizer=tokenizer,
            unet=model.unet,
            scheduler=networks.scheduler(),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
        _save(pipeline, out / "images" / name, Path("..") / VAE)


def publish_clip_models(size: str, work: Path, out: Path) -> None:
    """Write every release of one training of a text-to-video model as a pipeline folder."""
    import torch

    tokenizer = clip_networks.tokenizer()
    for name, step in clip_diffusion.releases(size):
        model = clip_diffusion.ClipReference(size, len(tokenizer))
        state = torch.load(work / size / f"step-{step:05d}.pt", weights_only=True)
        model.load_state_dict(state)
        pipeline = networks.diffusers().AnimateDiffPipeline(**_parts(model, tokenizer, out))
        _save(pipeline, out / "clips" / name, Path("..") / ".." / "images" / VAE)


def publish_clip_control(work: Path, out: Path) -> None:
    """Write the image-to-video model as a pipeline folder."""
    import torch

    tokenizer = clip_networks.tokenizer()
    model = clip_control.Controlled(len(tokenizer))
    model.load_state_dict(torch.load(work / clip_control.STAGE / "final.pt", weights_only=True))
    pipeline = networks.diffusers().AnimateDiffSparseControlNetPipeline(
        controlnet=model.control, **_parts(model.base, tokenizer, out)
    )
    _save(pipeline, out / "clips" / clip_control.STAGE, Path("..") / ".." / "images" / VAE)


def publish_upscaler(work: Path, out: Path) -> None:
    """Write the upscaler as a pipeline folder, with an autoencoder of its own."""
    import torch

    library, tokenizer = networks.diffusers(), networks.tokenizer()
    model = upscaler.Upscaler(len(tokenizer))
    model.load_state_dict(torch.load(work / upscaler.STAGE / "final.pt", weights_only=True))
    pipeline = library.StableDiffusionUpscalePipeline(
        vae=library.AutoencoderKL.from_pretrained(work / upscale_autoencoder.STAGE),
        text_encoder=model.text_encoder,
        tokenizer=tokenizer,
        unet=model.unet,
        low_res_scheduler=upscale_networks.low_res_scheduler(),
        scheduler=networks.scheduler(),
        max_noise_level=upscale_networks.MOST_NOISE,
    )
    folder = out / upscaler.STAGE
    shutil.rmtree(folder, ignore_errors=True)
    pipeline.to(torch.float16).save_pretrained(folder, safe_serialization=True)


def publish_variant(name: str, work: Path, out: Path) -> None:
    """Copy a variant's LoRA."""
    folder = out / "variants"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(work / variants.stage(name) / variants.FILE, folder / f"{name}.safetensors")


def _parts(model: clip_diffusion.ClipReference, tokenizer: Any, out: Path) -> dict[str, Any]:
    """What every pipeline of clips is made of."""
    return {
        "vae": networks.diffusers().AutoencoderKL.from_pretrained(out / "images" / VAE),
        "text_encoder": model.text_encoder,
        "tokenizer": tokenizer,
        "unet": model.unet,
        "motion_adapter": None,  # its layers are part of the denoiser
        "scheduler": networks.scheduler(clip_networks.SHIFT),
    }


def _save(pipeline: Any, folder: Path, vae: Path) -> None:
    """Half precision, with a link in place of the shared autoencoder."""
    import torch

    shutil.rmtree(folder, ignore_errors=True)
    pipeline.to(torch.float16).save_pretrained(folder, safe_serialization=True)
    shutil.rmtree(folder / VAE)
    (folder / VAE).symlink_to(vae)


STAGES: Mapping[str, Callable[[Path, Path], None]] = {
    "autoencoder": publish_autoencoder,
    **{name: partial(publish_judge, name) for name in JUDGES},
    **{size: partial(publish_models, size) for size in networks.SIZES},
    **{size: partial(publish_clip_models, size) for size in clip_networks.SIZES},
    clip_control.STAGE: publish_clip_control,
    upscaler.STAGE: publish_upscaler,
    **{variants.stage(name): partial(publish_variant, name) for name in variants.NAMES},
}
"""Stage of training -> what publishes it, from a folder of checkpoints to the shipped one."""


def main() -> None:
    """Publish the stages named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stages", nargs="+", choices=STAGES)
    parser.add_argument("--work", type=Path, default=Path("training"))
    parser.add_argument("--out", type=Path, default=Path("data/reference"))
    options = parser.parse_args()
    for stage in options.stages:
        STAGES[stage](options.work, options.out)


if __name__ == "__main__":
    main()
