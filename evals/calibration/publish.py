"""Turn finished training into the folders that ship: half precision, ordinary layouts.

    python -m evals.calibration.publish autoencoder judge small medium large

A model's folder is what `StableDiffusionPipeline.save_pretrained` writes; its `vae` is a link to
the one autoencoder that all share.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from evals.calibration import diffusion, networks

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
        folder = out / "images" / name
        shutil.rmtree(folder, ignore_errors=True)
        pipeline.to(torch.float16).save_pretrained(folder, safe_serialization=True)
        shutil.rmtree(folder / VAE)
        (folder / VAE).symlink_to(Path("..") / VAE)


def main() -> None:
    """Publish the stages named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stages", nargs="+", choices=["autoencoder", *JUDGES, *networks.SIZES])
    parser.add_argument("--work", type=Path, default=Path("training"))
    parser.add_argument("--out", type=Path, default=Path("data/reference"))
    options = parser.parse_args()
    for stage in options.stages:
        if stage == "autoencoder":
            publish_autoencoder(options.work, options.out)
        elif stage in JUDGES:
            publish_judge(stage, options.work, options.out)
        else:
            publish_models(stage, options.work, options.out)


if __name__ == "__main__":
    main()
