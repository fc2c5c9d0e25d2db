"""What a judge of clips is taught with: contact sheets of renders, captions, and sheets that lie.

Half of every batch differs from the other half by one word each, in half of the cases the motion or
its speed. Beside them stand copies whose frames are frozen, shuffled or reversed, so that their
caption is no longer true though every frame could be of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from evals.calibration import clip_corpus, motions
from evals.calibration.corpus import FIRST_TRAINING_SEED
from evals.calibration.fitting import to_unit
from evals.calibration.lessons import tokens_of
from evals.calibration.motions import FRAMES, MOTIONS, SPEEDS, STILL, Shot
from evals.calibration.scenes import SIZE, VOCABULARY
from evals.clips import contact_sheet

CELL = SIZE // 2
"""Width and height of a frame on the sheets that are kept, in pixels."""
EDGE = CELL * contact_sheet.COLUMNS
"""Width and height of a sheet that is kept."""
SHOWN = contact_sheet.shown(FRAMES)
WOBBLING = 0.5
"""Share of the sheets whose frames are each shifted by up to a pixel."""

_SCENE_WORDS = {name: words for name, words in VOCABULARY.items() if name != "count"}
Pixels = NDArray[np.uint8]


def neighbour(shot: Shot, rng: np.random.Generator) -> Shot:
    """A shot of the training split one word away, by motion or speed in half of the cases.

    Where the word makes what stood still move, its speed is a second one.
    """
    while True:
        attribute = "motion" if rng.random() < 0.5 else str(rng.choice(list(_SCENE_WORDS)))
        if attribute == "motion" and shot.speed is not None and rng.random() < 0.5:
            attribute = "speed"
        words = {"motion": MOTIONS, "speed": SPEEDS, **_SCENE_WORDS}[attribute]
        other = motions.exchange(shot, attribute, str(rng.choice(words)))
        if other is not None and shot.motion == STILL != other.motion:
            other = motions.exchange(other, "speed", str(rng.choice(SPEEDS)))
        if other is not None and other != shot and not clip_corpus.is_unseen(other):
            return other


def lie(sheets: Pixels, shots: Sequence[Shot], rng: np.random.Generator) -> Pixels:
    """Copies of sheets, of shots that move, on which what their captions say is not so.

    What travels or grows is reversed, shuffled or frozen. What rotates or blinks is shuffled or
    frozen: reversed, it would still do so.

    Args:
        sheets: N x EDGE x EDGE x 3.
        shots: what they show.
        rng: chooses.
    """
    told = np.empty_like(sheets)
    cells = len(SHOWN)
    for number, (picture, shot) in enumerate(zip(sheets, shots, strict=True)):
        frozen = np.full(cells, rng.integers(cells))
        shuffled = rng.permutation(cells)
        possible = [frozen, shuffled]
        if shot.motion not in ("rotating", "blinking"):
            possible.append(np.arange(cells)[::-1])
        order = possible[int(rng.integers(len(possible)))]
        frames = _cut(picture)[order]
        told[number] = contact_sheet.sheet(frames)
    return told


def _cut(picture: Pixels) -> Pixels:
    """A kept sheet -> its frames, cells x CELL x CELL x 3."""
    grid = picture.reshape(contact_sheet.ROWS, CELL, contact_sheet.COLUMNS, CELL, 3)
    return grid.swapaxes(1, 2).reshape(-1, CELL, CELL, 3)


def _wobbled(frames: Pixels, rng: np.random.Generator) -> Pixels:
    """Every frame shifted by up to a pixel each way, its edge repeated."""
    edged = np.pad(frames, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    starts = rng.integers(3, size=(len(frames), 2))
    shifted = [edged[i, y : y + SIZE, x : x + SIZE] for i, (y, x) in enumerate(starts)]
    return np.stack(shifted)


def build(work: Path, shots: Sequence[Shot]) -> Pixels:
    """The sheet of every shot, EDGE x EDGE as a judge sees it; drawn once, then read from disk.

    Only the frames that a sheet shows are drawn (about 10 ms a sheet).
    """
    kept = work / "sheets.npy"
    if not kept.exists():
        fresh = work / "sheets.new.npy"
        shape = (len(shots), EDGE, EDGE, 3)
        sheets: Any = np.lib.format.open_memmap(fresh, mode="w+", dtype=np.uint8, shape=shape)
        rng = np.random.default_rng(clip_corpus.SEED)
        for number, shot in enumerate(shots):
            frames = motions.render_frames(shot, FIRST_TRAINING_SEED + number, SHOWN)
            if rng.random() < WOBBLING:
                frames = _wobbled(frames, rng)
            whole = Image.fromarray(contact_sheet.sheet(frames))
            sheets[number] = np.asarray(whole.resize((EDGE, EDGE), Image.Resampling.BICUBIC))
        sheets.flush()
        fresh.replace(kept)
    return np.load(kept, mmap_mode="r")


class ClipLessons:
    """Batches of sheets and captions of the training split, in pairs one word apart."""

    def __init__(self, tokenizer: Any, rng: np.random.Generator, work: Path) -> None:
        self.rng = rng
        self.shots = [shot for shot in motions.every_shot() if not clip_corpus.is_unseen(shot)]
        self.sheets = build(work, self.shots)
        self.place = {shot: i for i, shot in enumerate(self.shots)}
        self.tokens = tokens_of(tokenizer, [motions.caption(shot) for shot in self.shots])

    def draw(self, count: int, lies: int) -> tuple[list[Shot], Tensor, Tensor]:
        """`count` shots, with every motion at every speed among them, and their batch.

        Returns the shots, pixels ((count + lies) x 3 x EDGE x EDGE in [-1, 1]) and tokens (count x
        TEXT_LENGTH). The last pixels are lies about the first shots that move.
        """
        seed = int(self.rng.integers(2**63))
        half = clip_corpus.draw_shots(self.shots, count // 2, seed)
        shots = [*half, *(neighbour(shot, self.rng) for shot in half)]
        drawn = np.array([self.place[shot] for shot in shots])
        sheets = self.sheets[drawn]
        moving = [i for i, shot in enumerate(shots) if shot.motion != STILL][:lies]
        told = lie(sheets[moving], [shots[i] for i in moving], self.rng)
        return shots, to_unit(np.concatenate([sheets, told])), self.tokens[drawn]


def contrast(image: Tensor, text: Tensor, scale: Tensor, shots: Sequence[Shot]) -> Tensor:
    """CLIP's symmetric cross entropy, in which sheets beyond the shots' are negatives of captions.

    Pairs of one and the same shot are no negatives, and no lie is one of a caption of something
    that stands still: a frozen copy may show just that.

    Args:
        image: unit embeddings of the sheets, the shots' own first.
        text: those of the captions.
        scale: on cosines.
        shots: what the captions say.
    """
    count = len(shots)
    logits = scale * text @ image.T
    same = torch.tensor([[one == other for other in shots] for one in shots])
    same.fill_diagonal_(False)
    still = torch.tensor([shot.motion == STILL for shot in shots])
    lies = still[:, None].expand(count, len(image) - count)
    told = logits.masked_fill(torch.cat([same, lies], dim=1), -torch.inf)
    target = torch.arange(count)
    return (
        functional.cross_entropy(told, target) + functional.cross_entropy(told[:, :count].T, target)
    ) / 2
