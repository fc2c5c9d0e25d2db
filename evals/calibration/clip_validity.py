"""How far a judge of clips can be trusted, on captions that no network was trained on.

Two questions: does it tell the caption from one with a single word changed, and does it prefer a
clip to a copy that shows the same frames without the motion?
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from evals.calibration import motions
from evals.calibration.clip_corpus import draw_shots, is_unseen
from evals.calibration.motions import MOTIONS, SPEEDS, STILL, Frames, Shot
from evals.calibration.scenes import VOCABULARY
from evals.calibration.validity import Judge, auc
from evals.clips import contact_sheet

WORDS: Mapping[str, tuple[str, ...]] = {
    **{name: words for name, words in VOCABULARY.items() if name != "count"},
    "motion": MOTIONS,
    "speed": SPEEDS,
}
"""Attribute of a shot -> its words."""


@dataclass(frozen=True)
class Pair:
    """A shot, and one that differs in a single word."""

    shot: Shot
    other: Shot
    attribute: str


def unseen_shots() -> list[Shot]:
    """Shots that no network is trained on, in a fixed order."""
    return [shot for shot in motions.every_shot() if is_unseen(shot)]


def pairs(count: int, seed: int) -> list[Pair]:
    """`count` random pairs in which both captions are unseen, attributes in equal shares."""
    rng = np.random.default_rng(seed)
    pool = unseen_shots()
    attributes = list(WORDS)
    chosen: list[Pair] = []
    while len(chosen) < count:
        shot = pool[int(rng.integers(len(pool)))]
        attribute = attributes[len(chosen) % len(attributes)]
        other = motions.exchange(shot, attribute, str(rng.choice(WORDS[attribute])))
        if other is not None and other != shot and is_unseen(other):
            chosen.append(Pair(shot, other, attribute))
    return chosen


def judge_auc(judge: Judge, count: int = 700, seed: int = 0) -> dict[str, float]:
    """How well a judge tells the caption a clip shows from one with a single word changed.

    Args:
        judge: of contact sheets.
        count: pairs.
        seed: chooses them; renders have small seeds of their own, as no training clip does.

    Returns attribute -> AUC, and `"all"`: the AUC over all pairs pooled, scores of different
    captions compared with each other too.
    """
    drawn = pairs(count, seed)
    sheets = [
        contact_sheet.sheet(motions.render_clip(pair.shot, number))
        for number, pair in enumerate(drawn)
    ]
    match = np.asarray(judge(sheets, [motions.caption(pair.shot) for pair in drawn]), dtype=float)
    miss = np.asarray(judge(sheets, [motions.caption(pair.other) for pair in drawn]), dtype=float)
    result = {"all": auc(match, miss)}
    for attribute in WORDS:
        of = np.array([pair.attribute == attribute for pair in drawn])
        result[attribute] = auc(match[of], miss[of])
    return result


def preference(
    judge: Judge, copy: Callable[[Frames], Frames], moving: Callable[[Shot], bool], count: int = 200
) -> float:
    """Share of clips that a judge finds truer to their caption than a copy of them.

    Args:
        judge: of contact sheets.
        copy: frames -> frames that no longer show what the caption says moves.
        moving: which shots to ask about.
        count: clips, every motion and speed that is asked about equally often.
    """
    shots = draw_shots([shot for shot in unseen_shots() if moving(shot)], count, seed=1)
    clips = [motions.render_clip(shot, number) for number, shot in enumerate(shots)]
    captions = [motions.caption(shot) for shot in shots]
    whole = np.asarray(judge([contact_sheet.sheet(clip) for clip in clips], captions))
    copied = np.asarray(judge([contact_sheet.sheet(copy(clip)) for clip in clips], captions))
    return float((whole > copied).mean())


def moves(shot: Shot) -> bool:
    """Whether anything in the shot changes."""
    return shot.motion != STILL


def travels_or_grows(shot: Shot) -> bool:
    """Whether the shot reversed would be another."""
    return shot.motion.startswith("moving") or shot.motion == "growing"
