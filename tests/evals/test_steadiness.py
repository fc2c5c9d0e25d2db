"""The same inputs give the same bits: for any batch, any order, any number of workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from evals import instruments, registry, score
from evals.calibration import scenes
from evals.calibration.corpus import unseen_scenes
from evals.needs import Shown
from evals.score import Scorer
from evals.types import Prompt, Suite

pytestmark = pytest.mark.slow

COUNT = 37
"""No multiple of a micro-batch."""
METRICS = ("clip_score", "caption_accuracy", "vendi@reference", "cmmd@reference")


def shown() -> list[Shown]:
    """Renders of unseen captions under their captions."""
    made: list[Shown] = []
    for number, scene in enumerate(unseen_scenes()[:COUNT]):
        picture = scenes.render(scene, number)
        prompt = Prompt(f"p{number:02}", scenes.caption(scene), facts=scene.words)
        made.append(Shown(prompt, number % 2, "", lambda picture=picture: picture))
    return made


def scorer(home: Path) -> Scorer:
    known = registry.load(home)
    suite = Suite("s", "S", "text-to-image", ())
    return score.open_scorer(instruments.choose(suite, known.judges, METRICS)[0])


def bits(rows: list[tuple[object, ...]]) -> list[list[str]]:
    return [[float(s.value).hex() for s in row] for row in rows]  # type: ignore[attr-defined]


def test_neither_batch_nor_order_moves_a_bit(tmp_path: Path) -> None:
    ready = scorer(tmp_path)
    everything = shown()
    whole = bits(ready.score(everything))
    for size in (1, 7, 16):
        parts = [ready.score(everything[i : i + size]) for i in range(0, COUNT, size)]
        assert bits([row for part in parts for row in part]) == whole
    order = np.random.default_rng(0).permutation(COUNT)
    mixed = bits(ready.score([everything[i] for i in order]))
    assert [mixed[list(order).index(i)] for i in range(COUNT)] == whole
    models = ready.score_models(everything, everything[:20])
    again = ready.score_models([everything[i] for i in order], everything[:20][::-1])
    assert [s.value for s in models] == [s.value for s in again]
    assert all(s.value is not None for s in models)


WORKER = """
import json, sys
from pathlib import Path
from tests.evals.test_steadiness import COUNT, bits, scorer, shown
first, step, batch = map(int, sys.argv[2:])
mine = shown()[first::step]
ready = scorer(Path(sys.argv[1]))
rows = [row for i in range(0, len(mine), batch) for row in ready.score(mine[i : i + batch])]
print(json.dumps(bits(rows)))
"""


@pytest.mark.parametrize(("workers", "batch", "threads"), [(2, 5, "1"), (3, 64, "2")])
def test_workers_that_share_the_work_give_the_same_bits(
    tmp_path: Path, workers: int, batch: int, threads: str
) -> None:
    whole = bits(scorer(tmp_path).score(shown()))
    for first in range(workers):
        arguments = [str(tmp_path), str(first), str(workers), str(batch)]
        done = subprocess.run(
            [sys.executable, "-c", WORKER, *arguments],
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "OMP_NUM_THREADS": threads},
        )
        assert json.loads(done.stdout) == whole[first::workers]


DRAWER = """
import hashlib, sys
from pathlib import Path
from evals import backends, registry, revision
from evals.types import Prompt
from tests.evals.test_steadiness import shown
known = registry.load(Path(sys.argv[1]))
model = revision.located(known, known.model("reference-small-r8"))
with backends.get(model.backend).open_model(model) as generator:
    for item in shown()[int(sys.argv[2]) :: 2][:3]:
        pixels = generator.generate(item.prompt, item.seed).pixels
        print(item.prompt.id, hashlib.sha256(pixels.tobytes()).hexdigest())
"""


def test_a_model_draws_the_same_bits_beside_whatever_else_it_draws(tmp_path: Path) -> None:
    def drawn(first: int, threads: str) -> set[str]:
        done = subprocess.run(
            [sys.executable, "-c", DRAWER, str(tmp_path), str(first)],
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "OMP_NUM_THREADS": threads},
        )
        return set(done.stdout.split("\n"))

    assert drawn(0, "1") == drawn(0, "2")
