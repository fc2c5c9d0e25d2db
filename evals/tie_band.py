"""How much a score changes when a picture does not: the width below which two scores are a tie.

    python -m evals.tie_band calibration --home HOME

prints, per metric, the tie band over the pictures recorded for a suite. Put it into the file of the
judge. Harmless edits are JPEG compression at quality 95 and a shift by one pixel.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evals import metrics, record, registry, score
from evals.errors import ChurnboardError
from evals.home import resolve_home, runs_folder
from evals.media import decode
from evals.types import Prompt, RunRecord

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
        picture: height × width × 3 uint8 RGB.
    """
    import numpy as np
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="JPEG", quality=JPEG_QUALITY)
    yield decode(buffer.getvalue())
    padded = np.pad(picture, ((1, 1), (1, 1), (0, 0)), mode="edge")
    height, width = picture.shape[:2]
    for down, right in ((0, 1), (2, 1), (1, 0), (1, 2)):
        yield padded[down : down + height, right : right + width]


def tie_bands(scorer: Scorer, shown: Iterable[tuple[Prompt, Picture]]) -> Mapping[str, float]:
    """Metric -> 95th percentile of the absolute change of its score under harmless edits.

    In the metric's own unit. A metric that could not score any picture is left out.
    """
    import numpy as np

    changes: dict[str, list[float]] = {}
    for prompt, picture in shown:
        before = {item.metric: item.value for item in scorer.score(prompt, picture)}
        for edited in harmless_edits(picture):
            for after in scorer.score(prompt, edited):
                first = before[after.metric]
                if first is not None and after.value is not None:
                    changes.setdefault(after.metric, []).append(abs(after.value - first))
    return {name: float(np.percentile(moved, PERCENTILE)) for name, moved in changes.items()}


def recorded(
    home: Path, records: Sequence[RunRecord], suite: str
) -> Iterator[tuple[Prompt, Picture]]:
    """Prompts and pictures of a suite's records, anchors left out: noise ties with nothing."""
    for item in records:
        if item.run.suite.id != suite:
            continue
        prompts = {prompt.id: prompt for prompt in item.run.suite.prompts}
        anchors = {model.id for model in item.run.models if model.anchor}
        for result in item.results:
            media = result.generation.media
            if media is not None and result.trial.model_id not in anchors:
                path = runs_folder(home) / item.run.id / media.path
                yield prompts[result.trial.prompt_id], decode(path.read_bytes())


def main() -> None:
    """Print the tie band of every image metric over a suite's recorded pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite")
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    try:
        home = resolve_home(options.home)
        known = registry.load(home)
        names = metrics.for_task(known.suite(options.suite).task)
        scorer = score.open_scorer(score.instruments(names, known.judges))
        bands = tie_bands(scorer, recorded(home, record.read_all(home), options.suite))
    except ChurnboardError as error:
        sys.exit(str(error))
    for name, width in bands.items():
        sys.stdout.write(f"{name} = {width:.4g}\n")


if __name__ == "__main__":
    main()
