"""Clips score the same bits for any batch, any order and any number of workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evals import instruments, registry, score
from evals.calibration import clip_corpus, motions
from evals.needs import Shown
from evals.score import Scorer
from evals.types import Prompt, Suite
from tests.evals.test_steadiness import bits

pytestmark = pytest.mark.slow

LENGTHS = (16, 9, 21, 16, 2, 16, 11)
"""Frames of the clips: no multiple of a micro-batch in all, and hardly one alone."""


def shown() -> list[Shown]:
    """Renders of unseen captions under their captions."""
    unseen = [shot for shot in motions.every_shot() if clip_corpus.is_unseen(shot)]
    made: list[Shown] = []
    for number, shot in enumerate(clip_corpus.draw_shots(unseen, len(LENGTHS), 7)):
        frames = motions.render_clip(shot, number, frames=LENGTHS[number])
        prompt = Prompt(f"p{number}", motions.caption(shot), facts=shot.words)
        made.append(
            Shown(
                prompt,
                0,
                "",
                lambda frames=frames: frames,
                fps=8.0,
                frames=len(frames),
                size=frames.nbytes,
            )
        )
    return made


def scorer(home: Path) -> Scorer:
    known = registry.load(home)
    suite = known.suite("calibration-video")
    return score.open_scorer(instruments.choose(suite, known.judges)[0])


def reasoned(rows: list[tuple[object, ...]]) -> list[list[str]]:
    """The bits of every score, or why there is none."""
    return [
        [bits([(s,)])[0][0] if s.value is not None else s.reason for s in row]  # type: ignore[attr-defined]
        for row in rows
    ]


def test_neither_batch_nor_order_nor_memory_moves_a_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = scorer(tmp_path)
    everything = shown()
    whole = reasoned(ready.score(everything))
    assert sum(item.startswith(("0x", "-0x")) for row in whole for item in row) > len(whole)
    for size in (1, 3):
        parts = [ready.score(everything[i : i + size]) for i in range(0, len(LENGTHS), size)]
        assert reasoned([row for part in parts for row in part]) == whole
    order = np.random.default_rng(0).permutation(len(LENGTHS))
    mixed = reasoned(ready.score([everything[i] for i in order]))
    assert [mixed[list(order).index(i)] for i in range(len(LENGTHS))] == whole
    monkeypatch.setattr(score, "CHUNK_BYTES", 300_000)
    assert [len(part) for part in score.portions(everything)] != [len(LENGTHS)]
    assert reasoned(ready.score(everything)) == whole


def test_the_score_of_a_clip_is_the_mean_of_its_frames(tmp_path: Path) -> None:
    """Each frame as a picture of its own, by the metric of pictures."""
    known = registry.load(tmp_path)
    clip = shown()[0]
    of_clips = instruments.choose(
        Suite("v", "V", "text-to-video", ()), known.judges, ["frame_clip_score"]
    )[0]
    of_pictures = instruments.choose(
        Suite("p", "P", "text-to-image", ()), known.judges, ["clip_score"]
    )[0]
    whole = score.open_scorer(of_clips).score([clip])[0][0].value
    frames = clip.pixels()
    pictures = [
        replace(clip, pixels=lambda frame=frame: frame, fps=None, frames=1) for frame in frames
    ]
    alone = [row[0].value for row in score.open_scorer(of_pictures).score(pictures)]
    assert whole == pytest.approx(np.mean(alone), abs=1e-9)


WORKER = """
import json, sys
from pathlib import Path
from tests.evals.test_clip_steadiness import reasoned, scorer, shown
first, step, batch = map(int, sys.argv[2:])
mine = shown()[first::step]
ready = scorer(Path(sys.argv[1]))
rows = [row for i in range(0, len(mine), batch) for row in ready.score(mine[i : i + batch])]
print(json.dumps(reasoned(rows)))
"""


def test_four_workers_give_the_same_bits_as_one(tmp_path: Path) -> None:
    whole = reasoned(scorer(tmp_path).score(shown()))
    for first in range(4):
        arguments = [str(tmp_path), str(first), "4", str(1 + first % 2)]
        done = subprocess.run(
            [sys.executable, "-c", WORKER, *arguments],
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "OMP_NUM_THREADS": "2" if first else "1"},
        )
        assert json.loads(done.stdout) == whole[first::4]
