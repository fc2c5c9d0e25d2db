"""Train the judge of motion: an open_clip model that reads a clip from its contact sheet.

A vision transformer like the second judge, of other training and another seed. A frame of the sheet
is four by four of its patches, so that it sees in one pass what every frame shows and where. Sheets
that show the words but for the order of the frames are among its negatives: a frozen copy of a clip
must not satisfy it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor

from evals.calibration import clip_networks, judge
from evals.calibration.clip_lessons import CELL, EDGE, ClipLessons, contrast
from evals.calibration.fitting import Leg, Legs, total
from evals.calibration.lessons import begin

LEGS = (Leg(1500, 1.4e-3), Leg(700, 1.0e-3, 0.05))
PLAN = Legs(total(LEGS), batch=64, rate=LEGS[0].rate, seed=17, warmup=150, legs=LEGS)
LIES = 16
"""Sheets in a batch, beyond those of its captions, of which no caption is true."""
PATCH = CELL // 4


def config(vocabulary: int) -> dict[str, Any]:
    """The `open_clip_config.json` of the judge of motion."""
    settings = judge.config(vocabulary)
    settings["model_cfg"]["vision_cfg"] = {
        "image_size": EDGE,
        "patch_size": PATCH,
        "layers": 3,
        "width": 96,
        "head_width": 32,
    }
    settings["model_cfg"]["text_cfg"] |= {"width": 96, "heads": 3}
    return settings


def train(work: Path) -> None:
    """Fit the judge of motion and save it under `work / "motion-judge"`."""
    pupil = begin(work / "motion-judge", config, PLAN.seed, clip_networks.motion_words())
    lessons = ClipLessons(pupil.tokenizer, pupil.rng, work)

    def loss(step: int) -> Tensor:
        del step
        shots, pixels, tokens = lessons.draw(PLAN.batch, LIES)
        image, text, scale = pupil.model(judge.roughen(pixels), tokens)
        return contrast(image, text, scale.clamp(max=100), shots)

    pupil.study(PLAN, loss)
