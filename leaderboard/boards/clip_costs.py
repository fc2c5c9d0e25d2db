"""What a second of clip costs, in dollars and in computing, and how large the clips are (pure).

Models make clips of different lengths, so the cost of one clip compares unlike things.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypedDict

from leaderboard.evidence import Sample


class ClipCosts(TypedDict):
    """The fields of a board's row that are about clips; each is `None` where it is not known."""

    usd_per_clip_second: float | None
    compute_s_per_clip_second: float | None
    clip_seconds: float | None
    clip_width: int | None
    clip_height: int | None


def clip_costs(made: Sequence[Sample]) -> ClipCosts:
    """The costs of one model's clips, over all of them together.

    Args:
        made: its successful generations. Without a clip among them nothing is known, as of a board
            of pictures.

    A long clip counts by its length: dollars and seconds are summed before they are divided, so
    the quotient is what the whole of it would cost. It is unknown as soon as one term is.
    """
    clips = [(sample, sample.clip_seconds) for sample in made if sample.clip_seconds]
    length = sum(seconds for _, seconds in clips)

    def per_second(term: Callable[[Sample], float | None]) -> float | None:
        terms = [term(sample) for sample, _ in clips]
        known = [value for value in terms if value is not None]
        return sum(known) / length if known and len(known) == len(terms) else None

    sizes = Counter(
        (sample.width, sample.height)
        for sample, _ in clips
        if sample.width is not None and sample.height is not None
    )
    # Of sizes that are as common, the largest: it needs the most room and computing.
    width, height = max(sizes, key=lambda size: (sizes[size], size)) if sizes else (None, None)
    return ClipCosts(
        usd_per_clip_second=per_second(lambda sample: sample.cost_usd),
        compute_s_per_clip_second=per_second(lambda sample: sample.latency_s),
        clip_seconds=length / len(clips) if clips else None,
        clip_width=width,
        clip_height=height,
    )
