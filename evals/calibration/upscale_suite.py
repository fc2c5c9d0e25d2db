"""Compose the calibration suite of upscaling: unseen scenes, small, and as they should look large.

python -m evals.calibration.upscale_suite data/suites

writes `calibration-upscale.toml`, and beside it the pictures to enlarge and their targets.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from evals import media
from evals.calibration import enlarging, suite
from evals.calibration.scenes import Picture, caption
from evals.suites import files as suite_files
from evals.types import Prompt, StartFrame, Suite

ID = "calibration-upscale"
PROMPTS = 24
SEED = 2029
METRICS = ("psnr", "ssim")
"""Both against the exact drawing. Readback reads pictures of 64 x 64 alone."""
COMMENT = (
    "Written by `python -m evals.calibration.upscale_suite`; a changed prompt is a new version."
)


def compose() -> tuple[Suite, dict[str, bytes]]:
    """The suite, and path -> PNG of the pictures that it names; its domains are the styles."""
    prompts: list[Prompt] = []
    pictures: dict[str, bytes] = {}

    def keep(path: str, picture: Picture) -> StartFrame:
        pictures[path] = media.encode_png(picture)
        return StartFrame(hashlib.sha256(pictures[path]).hexdigest(), path)

    for number, scene in enumerate(suite.choose(PROMPTS, SEED), start=1):
        name, seed = f"u{number:03d}", enlarging.START_SEEDS[number]
        prompts.append(
            Prompt(
                name,
                caption(scene),
                (scene.style,),
                scene.words,
                keep(f"{ID}/{name}.png", enlarging.small(scene, seed)),
                keep(f"{ID}/{name}-large.png", enlarging.large(scene, seed)),
            )
        )
    composed = Suite(
        id=ID,
        title="Calibration world enlarged: drawings that no network was trained on, twice as large",
        task="upscale",
        prompts=tuple(prompts),
        reference_model="lanczos",
        metrics=METRICS,
    )
    return composed, pictures


def write(folder: Path) -> None:
    """Write the suite and its pictures to the folder of suites."""
    composed, pictures = compose()
    for path, data in pictures.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    text = suite_files.to_toml(composed, COMMENT)
    (folder / f"{composed.id}.toml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
