"""How much a score changes when a picture does not: the width below which two scores are a tie.

    python -m evals.tie_band calibration --home HOME

prints, per metric, the tie band over the pictures recorded for a suite. Put it into the file of the
judge. Harmless edits are JPEG compression at quality 95 and a shift by one pixel; where a metric
compares pixels with a target, a shift is an error, and only the former is.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from evals import backlog, instruments, record, registry, score, stored
from evals.errors import ChurnboardError
from evals.home import resolve_home, runs_folder
from evals.media import decode
from evals.needs import Shown
from evals.record_types import RunRecord
from evals.types import Suite

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from evals.score import Scorer

    Picture = NDArray[np.uint8]

PERCENTILE = 95.0
JPEG_QUALITY = 95


def harmless_edits(picture: Picture) -> Iterator[Picture]:
    """The picture compressed as JPEG, and shifted by one pixel each way (edges repeated).

    Args:
        picture: height × width × 3 uint8 RGB, or frames × height × width × 3 of a clip, of which
            every frame is edited alike.
    """
    import numpy as np

    if picture.ndim == 4:
        yield from map(np.stack, zip(*map(_edits, picture), strict=True))
    else:
        yield from _edits(picture)


def _edits(picture: Picture) -> Iterator[Picture]:
    import numpy as np
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="JPEG", quality=JPEG_QUALITY)
    yield decode(buffer.getvalue())
    padded = np.pad(picture, ((1, 1), (1, 1), (0, 0)), mode="edge")
    height, width = picture.shape[:2]
    for down, right in ((0, 1), (2, 1), (1, 0), (1, 2)):
        yield padded[down : down + height, right : right + width]


def tie_bands(
    scorer: Scorer, shown: Iterable[Shown], against_target: Collection[str] = ()
) -> Mapping[str, float]:
    """Metric -> 95th percentile of the absolute change of its score under harmless edits.

    In the metric's own unit. A metric that could not score any picture is left out.

    Args:
        scorer: of the metrics in question.
        shown: generations.
        against_target: metrics that compare pixels with a target, for which shifts do not count.
    """
    import numpy as np

    changes: dict[str, list[float]] = {}
    for item in shown:
        edits = [
            replace(item, media_sha256="", pixels=lambda edited=edited: edited)
            for edited in harmless_edits(item.pixels())
        ]
        first, *others = scorer.score([replace(item, media_sha256=""), *edits])
        before = {score.metric: score.value for score in first}
        compressed, *shifted = others
        steady = [[s for s in made if s.metric not in against_target] for made in shifted]
        for after in chain(compressed, *steady):
            was = before[after.metric]
            if was is not None and after.value is not None:
                changes.setdefault(after.metric, []).append(abs(after.value - was))
    return {name: float(np.percentile(moved, PERCENTILE)) for name, moved in changes.items()}


def recorded(home: Path, records: Sequence[RunRecord], suite: Suite) -> Iterator[Shown]:
    """The generations of a suite in its records, anchors left out: noise ties with nothing."""
    anchors = {m.id for item in records for m in item.run.models if m.anchor is not None}
    prompts = {prompt.id: prompt for prompt in suite.prompts}
    for item in backlog.kept(records, suite.id, suite.version):
        if item.trial.model_id not in anchors:
            folder = runs_folder(home) / item.run_id
            prompt = prompts[item.trial.prompt_id]
            yield stored.shown(prompt, item.trial.seed, item.media, folder)


def main() -> None:
    """Print the tie band of every metric of generations over what a suite's models made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--metric", action="append", help="only this one; repeatable")
    options = parser.parse_args()
    try:
        home = resolve_home(options.home)
        known = registry.load(home)
        suite = known.suite(options.suite)
        chosen, notes = instruments.choose(suite, known.judges, options.metric)
        fixed = [item.spec.name for item in chosen if "target" in item.spec.needs]
        shown = recorded(home, record.read_all(home), suite)
        bands = tie_bands(score.open_scorer(chosen), shown, fixed)
    except ChurnboardError as error:
        sys.exit(str(error))
    for note in notes:
        sys.stderr.write(f"{note}\n")
    for name, width in bands.items():
        sys.stdout.write(f"{name} = {width:.4g}\n")


if __name__ == "__main__":
    main()
