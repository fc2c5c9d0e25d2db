"""Show every metric degraded copies of what models made, beside the originals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from evals.canaries.pairs import CANARIES, Exhibit, blocks, sets_of_seeds, singles
from evals.canaries.verdict import Pair, verdict
from evals.types import CanaryResult, Score, Suite

if TYPE_CHECKING:
    from evals.score import Instrument, Shown

AT_MOST = 200


class Scores(Protocol):
    """What is asked of a scorer (`evals.score.Scorer`)."""

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """Metrics ready to measure."""
        ...

    def score(
        self, shown: Sequence[Shown], names: Collection[str] | None = None
    ) -> list[tuple[Score, ...]]:
        """Scores of each generation, in step."""
        ...

    def score_models(
        self,
        shown: Sequence[Shown],
        reference: Sequence[Shown] = (),
        names: Collection[str] | None = None,
    ) -> tuple[Score, ...]:
        """Scores of some generations taken together."""
        ...


def run_canaries(
    scorer: Scores,
    generations: Mapping[str, Sequence[Shown]],
    suite: Suite,
    seed: int = 0,
    at_most: int = AT_MOST,
    reference: Sequence[Shown] = (),
    names: Collection[str] | None = None,
) -> tuple[CanaryResult, ...]:
    """One result per metric and canary of what it measures, by instrument.

    Args:
        scorer: the metrics; each is asked only about its own canaries.
        generations: model -> what it made of the suite, one per prompt and seed; no anchors.
        suite: what the generations are of.
        seed: of the choice of pairs and of the bootstrap.
        at_most: pairs per canary. For metrics of sets of pictures: generations in all sets
            together (quality, alignment), or sets (diversity).
        reference: pictures as they should be, for metrics that compare with them; the same for
            originals and copies.
        names: only these metrics; None for all.

    A pair of which a metric cannot score both sides does not count for it. A metric without any
    pair that counts has no result: for metrics of sets, that is also so under 16 prompts
    (quality, alignment) or where no prompt has two seeds (diversity).
    """
    asked = [item for item in scorer.instruments if names is None or item.spec.name in names]
    one_by_one, in_sets, diverse = _kinds(asked)
    found: dict[tuple[str, str], list[Pair]] = {}
    if one_by_one:
        shown = singles(generations, seed, at_most)
        found |= _of_generations(scorer, one_by_one, shown)
    if in_sets:
        prompts = [prompt.id for prompt in suite.prompts]
        shown = blocks(generations, prompts, seed, at_most)
        found |= _of_sets(scorer, in_sets, shown, reference)
    if diverse:
        shown = sets_of_seeds(generations, seed, at_most)
        found |= _of_sets(scorer, diverse, shown, reference)
    results = (
        verdict(item, suite, canary, found.get((item.spec.name, canary), ()), seed)
        for item in asked
        for canary in CANARIES[item.spec.measures]
    )
    return tuple(result for result in results if result is not None)


def _kinds(
    asked: Iterable[Instrument],
) -> tuple[list[Instrument], list[Instrument], list[Instrument]]:
    """Metrics of one generation, of sets, and of the diversity of a set.

    What has no canary is in none of them, nor is diversity of a single generation.
    """
    met = [item for item in asked if CANARIES[item.spec.measures]]
    diverse = [item for item in met if item.spec.measures == "diversity"]
    rest = [item for item in met if item not in diverse]
    return (
        [item for item in rest if item.spec.level == "generation"],
        [item for item in rest if item.spec.level == "model"],
        [item for item in diverse if item.spec.level == "model"],
    )


def _meeting(instruments: Iterable[Instrument]) -> dict[str, list[str]]:
    """Canary -> names of the metrics that meet it."""
    found: dict[str, list[str]] = {}
    for item in instruments:
        for canary in CANARIES[item.spec.measures]:
            found.setdefault(canary, []).append(item.spec.name)
    return found


def _of_generations(
    scorer: Scores, instruments: Sequence[Instrument], exhibits: Sequence[Exhibit]
) -> dict[tuple[str, str], list[Pair]]:
    """(metric, canary) -> pairs; the originals are scored once for all canaries."""
    meeting = _meeting(instruments)
    every = sorted({name for names in meeting.values() for name in names})
    before = scorer.score([item.shown[0] for item in exhibits], every)
    found: dict[tuple[str, str], list[Pair]] = {}
    for canary, names in meeting.items():
        there = [place for place, item in enumerate(exhibits) if canary in item.copies]
        after = scorer.score([exhibits[place].copies[canary][0] for place in there], names)
        for place, scores in zip(there, after, strict=True):
            _add(found, canary, exhibits[place].cluster, names, before[place], scores)
    return found


def _of_sets(
    scorer: Scores,
    instruments: Sequence[Instrument],
    exhibits: Sequence[Exhibit],
    reference: Sequence[Shown],
) -> dict[tuple[str, str], list[Pair]]:
    """(metric, canary) -> pairs, each side scored as one set."""
    meeting = _meeting(instruments)
    every = sorted({name for names in meeting.values() for name in names})
    found: dict[tuple[str, str], list[Pair]] = {}
    for item in exhibits:
        before = scorer.score_models(item.shown, reference, every)
        for canary, names in meeting.items():
            if canary in item.copies:
                after = scorer.score_models(item.copies[canary], reference, names)
                _add(found, canary, item.cluster, names, before, after)
    return found


def _add(
    found: dict[tuple[str, str], list[Pair]],
    canary: str,
    cluster: str,
    names: Sequence[str],
    before: Sequence[Score],
    after: Sequence[Score],
) -> None:
    """Add the pair for every metric that could score both sides."""
    first = {score.metric: score.value for score in before}
    second = {score.metric: score.value for score in after}
    for name in names:
        original, copy = first.get(name), second.get(name)
        if original is not None and copy is not None:
            found.setdefault((name, canary), []).append(Pair(cluster, original, copy))
