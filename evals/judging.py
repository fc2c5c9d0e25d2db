"""The judging part of a run: kept media → lines of scores, as they are made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from evals import backlog, canaries, stored
from evals.backlog import Kept, Work
from evals.home import runs_folder
from evals.needs import Shown
from evals.record_types import CanaryResult, ModelScored, RunRecord, Scored
from evals.score import Scorer
from evals.types import Prompt, Score, Suite, Trial, digest


@dataclass(frozen=True)
class Bench:
    """What judging needs: a loaded scorer, the suite, and how many generations go at once."""

    home: Path
    suite: Suite
    scorer: Scorer
    batch: int
    afresh: bool = False
    """Make again what is there and would come out the same as far as anyone can tell."""

    def generations(
        self, shown: Sequence[tuple[Trial, Shown]], names: Collection[str]
    ) -> list[Scored]:
        """Score some generations with the named metrics: one line for each."""
        rows = self.scorer.score([item for _, item in shown], names)
        return [
            Scored(trial.key, item.media_sha256, scores)
            for (trial, item), scores in zip(shown, rows, strict=True)
            if scores
        ]

    def works(self, works: Iterable[Work]) -> Iterator[list[Scored]]:
        """Score what a backlog holds, batch by batch."""
        for work in works:
            for start in range(0, len(work.generations), self.batch):
                part = work.generations[start : start + self.batch]
                yield self.generations([(k.trial, self.shown(k)) for k in part], work.metrics)

    def models(
        self, generations: Sequence[Kept], records: Sequence[RunRecord]
    ) -> Iterator[list[ModelScored]]:
        """Score every model's newest epoch with the metrics of level `model`.

        What is there counts while it is of as many generations, against the same reference
        pictures, and would be made the same today.
        """
        there = backlog.model_scores(records, self.suite)
        newest = backlog.newest_epochs(generations)
        every = _reference(newest, records)
        for group in newest.values():
            first = group[0].trial
            # Against pictures of other prompts the distance would be one of subjects.
            prompts = {item.trial.prompt_id for item in group}
            reference = [item for item in every if item.trial.prompt_id in prompts]
            line = ModelScored(
                first.model_id,
                first.model_revision,
                first.suite_id,
                first.suite_version,
                first.epoch,
                len(group),
                (),
                digest(sorted(item.media.sha256 for item in reference)),
            )
            scored = there.get((first.model_id, first.model_revision, first.epoch), {})
            names = {
                item.spec.name
                for item in self.scorer.of_models
                if not self._counts(scored.get(item.spec.name), line)
            }
            if names:
                made = [self.shown(k) for k in group]
                wanted = [self.shown(k) for k in reference]
                yield [replace(line, scores=self.scorer.score_models(made, wanted, names))]

    def canaries(
        self, generations: Sequence[Kept], records: Sequence[RunRecord]
    ) -> Iterator[list[CanaryResult]]:
        """Try to fool the metrics that were not tried yet, or on half as many pairs at most."""
        anchors = {m.id for record in records for m in record.run.models if m.anchor is not None}
        newest = backlog.newest_epochs(generations)
        reference = [self.shown(item) for item in _reference(newest, records)]
        shown = {
            model: [self.shown(item) for item in group]
            for model, group in newest.items()
            if model not in anchors
        }
        results = {} if self.afresh else backlog.canary_results(records, self.suite)
        names: set[str] = set()
        for item in self.scorer.instruments:
            tried = results.get((item.spec.name, item.fingerprint), {})
            wanted = {(name, canaries.EDITION) for name in canaries.met_by(item.spec)}
            possible = canaries.expected_pairs(item.spec, shown, self.suite)
            if possible and (wanted - set(tried) or possible >= 2 * max(tried.values())):
                names.add(item.spec.name)
        if names:
            scorer = self.scorer.only(names)
            found = canaries.run_canaries(scorer, shown, self.suite, reference=reference)
            if found:
                yield list(found)

    def stale(self, score: Score) -> bool:
        """Whether a score is missing, or would be made by another judge or elsewhere today."""
        if self.afresh:
            return True
        item = next(i for i in self.scorer.instruments if i.spec.name == score.metric)
        return (
            score.value is None
            or score.fingerprint != item.fingerprint
            or score.environment != self.scorer.environment(item)
        )

    def shown(self, item: Kept) -> Shown:
        """A kept generation, to be read when a metric needs its pixels."""
        folder = runs_folder(self.home) / item.run_id
        prompt = self.prompts[item.trial.prompt_id]
        return stored.shown(prompt, item.trial.seed, item.media, folder)

    @cached_property
    def prompts(self) -> Mapping[str, Prompt]:
        """The suite's prompts by id."""
        return {prompt.id: prompt for prompt in self.suite.prompts}

    def _counts(self, there: tuple[ModelScored, Score] | None, today: ModelScored) -> bool:
        if there is None or self.stale(there[1]):
            return False
        line, _ = there
        return (line.generations, line.reference) == (today.generations, today.reference)


def _reference(newest: Mapping[str, list[Kept]], records: Sequence[RunRecord]) -> list[Kept]:
    """What the upper anchor made: pictures as they should be."""
    upper = {m.id for record in records for m in record.run.models if m.anchor == "upper"}
    return [item for model, group in newest.items() if model in upper for item in group]
