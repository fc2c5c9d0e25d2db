"""Train the networks of the calibration world, reproducibly, from nothing but the renderer.

    python -m evals.calibration.train autoencoder
    python -m evals.calibration.train judge
    python -m evals.calibration.train second-judge # and eye; both need the autoencoder
    python -m evals.calibration.train motion-judge # renders alone
    python -m evals.calibration.train small        # or medium, large; needs the autoencoder
    python -m evals.calibration.train clip-small   # or clip-large; needs the autoencoder
    python -m evals.calibration.train clip-control # needs clip-small
    python -m evals.calibration.train upscale-autoencoder # then upscaler, which needs both
    python -m evals.calibration.train variant-neon # or -hatched, -pastel, -null; needs what ships

Every stage has a fixed number of steps and a seed, continues where it was stopped, and keeps its
checkpoints and logs in `--work`; `python -m evals.calibration.publish` turns the finished work
into the folders under `data/reference/`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from evals.calibration import (
    autoencoder,
    clip_control,
    clip_diffusion,
    clip_networks,
    diffusion,
    eye,
    judge,
    motion_judge,
    networks,
    second_judge,
    upscale_autoencoder,
    upscaler,
    variants,
)


def _sized(train: Callable[[str, Path], None], size: str) -> Callable[[Path], None]:
    return lambda work: train(size, work)


STAGES: Mapping[str, Callable[[Path], None]] = {
    "autoencoder": autoencoder.train,
    "judge": judge.train,
    "second-judge": lambda work: second_judge.train(work, work / "autoencoder"),
    "eye": lambda work: eye.train(work, work / "autoencoder"),
    "motion-judge": motion_judge.train,
    **{size: _sized(diffusion.train, size) for size in networks.SIZES},
    **{size: _sized(clip_diffusion.train, size) for size in clip_networks.SIZES},
    clip_control.STAGE: clip_control.train,
    upscale_autoencoder.STAGE: upscale_autoencoder.train,
    upscaler.STAGE: upscaler.train,
    **{variants.stage(name): _sized(variants.train, name) for name in variants.NAMES},
}
"""Stage -> what trains it in a folder of checkpoints."""


def main() -> None:
    """Run one stage, as named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--work", type=Path, default=Path("training"))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    STAGES[options.stage](options.work)


if __name__ == "__main__":
    main()
