"""Lessons of a judge of clips: neighbours by one word, lies of the same frames, and the loss."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from evals.calibration import clip_corpus, clip_lessons, clip_networks, motions
from evals.calibration.clip_lessons import CELL, EDGE, ClipLessons
from evals.calibration.motions import STILL, Shot
from evals.clips import contact_sheet

pytestmark = pytest.mark.slow

SHOTS = clip_corpus.draw_shots(
    [shot for shot in motions.every_shot() if not clip_corpus.is_unseen(shot)], 60, seed=0
)


def words_apart(one: Shot, other: Shot) -> set[str]:
    """Attributes in which two shots differ; a speed that only one of them has is no difference."""
    shared = one.words.keys() & other.words.keys()
    return {name for name in shared if one.words[name] != other.words[name]}


def test_a_neighbour_is_one_word_away_and_seen_and_by_motion_or_speed_every_other_time() -> None:
    rng = np.random.default_rng(0)
    changed: list[str] = []
    speeds: set[str | None] = set()
    for shot in SHOTS * 5:
        other = clip_lessons.neighbour(shot, rng)
        assert not clip_corpus.is_unseen(other)
        (attribute,) = words_apart(shot, other)
        changed.append(attribute)
        if shot.motion == STILL and attribute == "motion":
            speeds.add(other.speed)
    share = np.mean([attribute in ("motion", "speed") for attribute in changed])
    assert 0.4 < share < 0.6
    assert set(changed) == {"colour", "shape", "place", "background", "style", "motion", "speed"}
    assert speeds == {"slowly", "fast"}


def cells_of(sheet: np.ndarray) -> list[bytes]:
    corners = itertools.product(range(0, EDGE, CELL), repeat=2)
    return [sheet[y : y + CELL, x : x + CELL].tobytes() for y, x in corners]


@pytest.mark.parametrize("motion", [m for m in motions.MOTIONS if m != STILL])
def test_a_lie_shows_frames_of_the_sheet_in_another_order_or_one_throughout(motion: str) -> None:
    shot = next(shot for shot in motions.every_shot() if shot.motion == motion)
    numbered = np.zeros((9, CELL, CELL, 3), dtype=np.uint8)
    numbered[:] = np.arange(9, dtype=np.uint8)[:, None, None, None]
    truth = contact_sheet.sheet(numbered)
    lies = clip_lessons.lie(np.stack([truth] * 60), [shot] * 60, np.random.default_rng(1))
    frames = cells_of(truth)
    kinds: set[str] = set()
    for lie in lies:
        cells = cells_of(lie)
        if cells == frames[::-1]:
            kinds.add("reversed")
        elif len(set(cells)) == 1:
            kinds.add("frozen")
        else:
            assert sorted(cells) == sorted(frames)
            assert cells != frames
            kinds.add("shuffled")
    reversible = motion not in ("rotating", "blinking")
    assert kinds == {"frozen", "shuffled"} | ({"reversed"} if reversible else set())


def test_the_loss_is_clips_with_lies_as_further_negatives_of_captions() -> None:
    """Against sums written out: neither twins are a pair, nor lies and what stands still."""
    moving = [shot for shot in SHOTS if shot.motion != STILL]
    still = next(shot for shot in SHOTS if shot.motion == STILL)
    shots = [moving[0], still, moving[1], moving[0]]
    generator = torch.Generator().manual_seed(0)
    image = torch.nn.functional.normalize(torch.randn(6, 8, generator=generator), dim=1)
    text = torch.nn.functional.normalize(torch.randn(4, 8, generator=generator), dim=1)
    scale = 5.0
    logits = (scale * text @ image.T).tolist()

    def surprise(own: float, rivals: list[float]) -> float:
        return float(np.log(np.sum(np.exp([own, *rivals]))) - own)

    twins = {(0, 3), (3, 0)}
    total = 0.0
    for i, shot in enumerate(shots):
        sheets = [j for j in range(4) if j != i and (i, j) not in twins]
        lies = [] if shot == still else [4, 5]
        total += surprise(logits[i][i], [logits[i][j] for j in (*sheets, *lies)])
        total += surprise(logits[i][i], [logits[j][i] for j in sheets])
    found = clip_lessons.contrast(image, text, torch.tensor(scale), shots)
    assert float(found) == pytest.approx(total / 8, abs=1e-5)


def test_kept_sheets_are_of_the_training_seeds_and_are_read_again(tmp_path: Path) -> None:
    built = clip_lessons.build(tmp_path, SHOTS[:8])
    assert built.shape == (8, EDGE, EDGE, 3)
    steady = 0
    for number, shot in enumerate(SHOTS[:8]):
        clip = motions.render_clip(shot, clip_lessons.FIRST_TRAINING_SEED + number)
        whole = Image.fromarray(contact_sheet.sheet(clip))
        small = np.asarray(whole.resize((EDGE, EDGE), Image.Resampling.BICUBIC))
        steady += np.array_equal(built[number], small)
    assert 0 < steady < 8  # the others wobble
    with (tmp_path / "sheets.npy").open("rb") as handle:
        assert np.array_equal(np.load(handle), clip_lessons.build(tmp_path, SHOTS[:8]))


def test_a_batch_has_its_captions_own_sheets_first_and_lies_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a world of a few shots, between which every neighbour is taken as it comes."""
    monkeypatch.setattr(motions, "every_shot", lambda: iter(SHOTS))
    monkeypatch.setattr(
        clip_lessons, "neighbour", lambda shot, rng: SHOTS[int(rng.integers(len(SHOTS)))]
    )
    lessons = ClipLessons(clip_networks.tokenizer(), np.random.default_rng(0), tmp_path)
    shots, pixels, tokens = lessons.draw(10, lies=4)
    assert len(shots) == 10
    assert pixels.shape == (14, 3, EDGE, EDGE)
    assert tokens.shape[0] == 10
    for shot, sheet, row in zip(shots, pixels, tokens, strict=False):
        number = lessons.shots.index(shot)
        kept = torch.from_numpy(lessons.sheets[number].copy()).permute(2, 0, 1) / 127.5 - 1
        assert torch.allclose(sheet, kept)
        assert torch.equal(row, lessons.tokens[number])
