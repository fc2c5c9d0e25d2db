"""Train the networks of the calibration world, reproducibly, from nothing but the renderer.

    python -m evals.calibration.train autoencoder
    python -m evals.calibration.train judge
    python -m evals.calibration.train second-judge # and eye; both need the autoencoder
    python -m evals.calibration.train motion-judge # renders alone
    python -m evals.calibration.train small        # or medium, large; needs the autoencoder
    python -m evals.calibration.train clip-small   # or clip-large; needs the autoencoder

Every stage has a fixed number of steps and a seed, continues where it was stopped, and keeps its
checkpoints and logs in `--work`; `python -m evals.calibration.publish` turns the finished work
into the folders under `data/reference/`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from evals.calibration import (
    autoencoder,
    clip_diffusion,
    clip_networks,
    diffusion,
    eye,
    judge,
    motion_judge,
    networks,
    second_judge,
)


def main() -> None:
    """Run one stage, as named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "stage",
        choices=[
            "autoencoder",
            "judge",
            "second-judge",
            "eye",
            "motion-judge",
            *networks.SIZES,
            *clip_networks.SIZES,
        ],
    )
    parser.add_argument("--work", type=Path, default=Path("training"))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    if options.stage == "autoencoder":
        autoencoder.train(options.work)
    elif options.stage == "judge":
        judge.train(options.work)
    elif options.stage == "second-judge":
        second_judge.train(options.work, options.work / "autoencoder")
    elif options.stage == "eye":
        eye.train(options.work, options.work / "autoencoder")
    elif options.stage == "motion-judge":
        motion_judge.train(options.work)
    elif options.stage in clip_networks.SIZES:
        clip_diffusion.train(options.stage, options.work)
    else:
        diffusion.train(options.stage, options.work)


if __name__ == "__main__":
    main()
