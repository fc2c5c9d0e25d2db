"""Compose the calibration suites of clips: unseen shots, every motion and word about equally often.

python -m evals.calibration.clip_suite data/suites

writes `calibration-video.toml`, `calibration-i2v.toml`, and the pictures that the latter's clips
start from beside it.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals import media
from evals.calibration import clip_corpus, motions
from evals.calibration.motions import MOTIONS, SPEEDS, START_SEEDS, STILL, Shot
from evals.calibration.scenes import VOCABULARY
from evals.suites import files as suite_files
from evals.types import Prompt, StartFrame, Suite

VIDEO, ANIMATED = "calibration-video", "calibration-i2v"
"""Ids of the two suites."""
VIDEO_PROMPTS, ANIMATED_PROMPTS = 30, 20
VIDEO_SEED, ANIMATED_SEED = 2027, 2028
METRICS = (
    "sheet_score",
    "frame_clip_score",
    "frame_clip_score@reference-vit",
    "frame_clip_iqa@reference-eye",
    "subject_consistency@reference",
    "temporal_flickering",
    "motion_smoothness_interpolation",
    "dynamic_degree_flow",
    "camera_motion",
    "clip_caption_accuracy",
    "motion_accuracy",
)
OF_START = ("start_fidelity",)
"""Further ones of clips that begin with a given picture."""
COMMENT = "Written by `python -m evals.calibration.clip_suite`; a changed prompt is a new version."


def choose(count: int, seed: int) -> list[Shot]:
    """`count` unseen shots: motions and speeds in turn, styles in turn, other words balanced.

    Greedy: of all shots with the motion, speed and style of the turn, take the one whose words were
    used least so far (ties in the order of a seeded shuffle).
    """
    pool = [shot for shot in motions.every_shot() if clip_corpus.is_unseen(shot)]
    order = np.random.default_rng(seed).permutation(len(pool))
    shuffled: list[Shot] = [pool[i] for i in order]
    doings, styles = list(_doings()), VOCABULARY["style"]
    used: Counter[tuple[str, str]] = Counter()
    chosen: list[Shot] = []
    for turn in range(count):
        round_, place = divmod(turn, len(doings))
        # Shifted by one in every round: else a motion would always be of the same style.
        style = styles[(place + round_) % len(styles)]
        fresh = [
            shot
            for shot in shuffled
            if (shot.motion, shot.speed) == doings[place]
            and shot.scene.style == style
            and shot not in chosen
        ]
        best = min(fresh, key=lambda shot: sum(used[item] ** 2 for item in shot.words.items()))
        used.update(best.words.items())
        chosen.append(best)
    return chosen


def _doings() -> Iterator[tuple[str, str | None]]:
    """Every motion at every speed, those that leave the place and those that stay by turns."""
    every = [
        (motion, speed) for motion in MOTIONS for speed in ((None,) if motion == STILL else SPEEDS)
    ]
    leaving = [doing for doing in every if kind(doing[0]) == "moving"]
    staying = [doing for doing in every if kind(doing[0]) != "moving"]
    for pair in zip_longest(leaving, staying):
        yield from (doing for doing in pair if doing is not None)


def kind(motion: str) -> str:
    """The domain of a motion: does the object leave its place?"""
    return "moving" if motion.startswith("moving ") else "in-place"


def video() -> Suite:
    """The suite for text-to-video; its domains are the styles and the kinds of motion."""
    prompts = [
        Prompt(
            f"v{number:03d}",
            motions.caption(shot),
            (shot.scene.style, kind(shot.motion)),
            shot.words,
        )
        for number, shot in enumerate(choose(VIDEO_PROMPTS, VIDEO_SEED), start=1)
    ]
    return Suite(
        id=VIDEO,
        title="Calibration world in motion: captions of clips no network was trained on",
        task="text-to-video",
        prompts=tuple(prompts),
        reference_model="reference-clip-small-r2",
        metrics=METRICS,
    )


def animated() -> tuple[Suite, dict[str, bytes]]:
    """The suite for image-to-video, and path -> PNG of the pictures that its clips start from.

    Its domains are the kinds of motion: there are too few prompts to part them by style too.
    """
    prompts: list[Prompt] = []
    pictures: dict[str, bytes] = {}
    for number, shot in enumerate(choose(ANIMATED_PROMPTS, ANIMATED_SEED), start=1):
        name = f"i{number:03d}"
        path = f"{ANIMATED}/{name}.png"
        pictures[path] = media.encode_png(start_frame(shot, number))
        shown = StartFrame(hashlib.sha256(pictures[path]).hexdigest(), path)
        prompts.append(Prompt(name, motions.caption(shot), (kind(shot.motion),), shot.words, shown))
    suite = Suite(
        id=ANIMATED,
        title="Calibration world in motion: pictures to animate in ways no network was trained on",
        task="image-to-video",
        prompts=tuple(prompts),
        reference_model="reference-clip-control",
        metrics=(*METRICS, *OF_START),
    )
    return suite, pictures


def start_frame(shot: Shot, number: int) -> NDArray[np.uint8]:
    """The picture that prompt `number` (from 1) starts from: its shot's first frame."""
    return motions.render_frames(shot, START_SEEDS[number], [0])[0]


def write(folder: Path) -> None:
    """Write both suites and the start frames to the folder of suites."""
    suite, pictures = animated()
    for path, data in pictures.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    for made in (video(), suite):
        text = suite_files.to_toml(made, COMMENT)
        (folder / f"{made.id}.toml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
