"""Show every metric degraded copies of what models made, beside the originals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from evals.canaries.pairs import Exhibit, blocks, met_by, sets_of_seeds, singles
from evals.canaries.verdict import Pair, verdict
from evals.metrics import modality
from evals.record_types import CanaryResult
from evals.types import MetricSpec, Score, Suite

if TYPE_CHECKING:
    from evals.instruments import Instrument
    from evals.needs import Shown

AT_MOST = 200
AT_MOST_CLIPS = 60
"""A clip is as many pictures as it has frames, and degrading them takes as much longer."""
Kind = Literal["single", "block", "seeds", "nothing"]


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
    at_most: int | None = None,
    reference: Sequence[Shown] = (),
) -> tuple[CanaryResult, ...]:
    """One result per metric and canary of what it measures, by instrument.

    Args:
        scorer: the metrics; each is asked only about its own canaries.
        generations: model -> what it made of the suite, one per prompt and seed; no anchors.
        suite: what the generations are of.
        seed: of the choice of pairs and of the bootstrap.
        at_most: pairs per canary; None for the usual number. For metrics of sets of pictures:
            generations in all sets together (quality, alignment), or sets (diversity).
        reference: pictures as they should be, for metrics that compare with them. A block is
            compared with those of its own prompts: against those of all prompts a small set's
            distance is mostly that of its subjects, and the Fréchet distance of fifteen pictures
            falls under noise, which raises that of a hundred.

    A pair of which a metric cannot score both sides does not count for it. A metric without any
    pair that counts has no result: for metrics of sets, that is also so under 16 prompts
    (quality, alignment) or where no prompt has two seeds (diversity).
    """
    kinds: dict[Kind, list[Instrument]] = {}
    for item in scorer.instruments:
        kinds.setdefault(_kind(item.spec), []).append(item)
    found: dict[tuple[str, str], list[Pair]] = {}
    for kind, alike in kinds.items():
        shown = _exhibits(kind, generations, suite, seed, at_most or _usual(suite))
        if kind == "single":
            found |= _of_generations(scorer, alike, shown)
        else:
            found |= _of_sets(scorer, alike, shown, reference)
    results = (
        verdict(item, suite, canary, found.get((item.spec.name, canary), ()), seed)
        for item in scorer.instruments
        for canary in met_by(item.spec)
    )
    return tuple(result for result in results if result is not None)


def expected_pairs(
    spec: MetricSpec,
    generations: Mapping[str, Sequence[Shown]],
    suite: Suite,
    seed: int = 0,
    at_most: int | None = None,
) -> int:
    """Most pairs that any canary of a metric gets from `run_canaries`; 0 where it meets none."""
    shown = _exhibits(_kind(spec), generations, suite, seed, at_most or _usual(suite))
    return max(
        (sum(canary in item.copies for item in shown) for canary in met_by(spec)),
        default=0,
    )


def _usual(suite: Suite) -> int:
    return AT_MOST_CLIPS if modality(suite.task) == "video" else AT_MOST


def _kind(spec: MetricSpec) -> Kind:
    """What a metric is shown. Diversity of a single generation does not exist."""
    if not met_by(spec):
        return "nothing"
    if spec.measures == "diversity":
        return "seeds" if spec.level == "model" else "nothing"
    return "block" if spec.level == "model" else "single"


def _exhibits(
    kind: Kind,
    generations: Mapping[str, Sequence[Shown]],
    suite: Suite,
    seed: int,
    at_most: int,
) -> tuple[Exhibit, ...]:
    if kind == "single":
        return singles(generations, seed, at_most)
    if kind == "seeds":
        return sets_of_seeds(generations, seed, at_most)
    if kind == "block":
        prompts = [prompt.id for prompt in suite.prompts]
        return blocks(generations, prompts, seed, at_most)
    return ()


def _meeting(instruments: Iterable[Instrument]) -> dict[str, list[str]]:
    """Canary -> names of the metrics that meet it."""
    found: dict[str, list[str]] = {}
    for item in instruments:
        for canary in met_by(item.spec):
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
    """(metric, canary) -> pairs; both sides are sets, against the reference of their prompts."""
    meeting = _meeting(instruments)
    every = sorted({name for names in meeting.values() for name in names})
    found: dict[tuple[str, str], list[Pair]] = {}
    for item in exhibits:
        prompts = {one.prompt.id for one in item.shown}
        wanted = [one for one in reference if one.prompt.id in prompts]
        before = scorer.score_models(item.shown, wanted, every)
        for canary, names in meeting.items():
            if canary in item.copies:
                after = scorer.score_models(item.copies[canary], wanted, names)
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
