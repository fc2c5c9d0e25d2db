"""What of the kept media has no score yet, or none that would be made today (pure)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evals.plan import is_done, settled
from evals.record_types import CanaryResult, ModelScored, RunRecord, Scored
from evals.types import Media, Result, Score, Suite, Trial

Scores = Mapping[tuple[str, str], Mapping[str, Score]]
"""(trial key, sha256 of the media) -> metric -> the score that counts."""


@dataclass(frozen=True)
class Kept:
    """A generation with media."""

    trial: Trial
    media: Media
    run_id: str
    """Whose record holds the media."""


@dataclass(frozen=True)
class Work:
    """Generations that lack the same metrics."""

    metrics: frozenset[str]
    generations: tuple[Kept, ...]


def kept(records: Iterable[RunRecord], suite_id: str, version: str) -> tuple[Kept, ...]:
    """The generations of one version of a suite that count and have media, in order of trials."""
    run_of: dict[int, str] = {}
    results: list[Result] = []
    for record in records:
        for result in record.results:
            trial = result.trial
            if (trial.suite_id, trial.suite_version) == (suite_id, version):
                run_of[id(result)] = record.run.id
                results.append(result)
    found = [
        Kept(result.trial, result.generation.media, run_of[id(result)])
        for result in settled(results).values()
        if is_done(result) and result.generation.media is not None
    ]
    return tuple(sorted(found, key=lambda item: _place(item.trial)))


def newest_scores(records: Iterable[RunRecord]) -> Scores:
    """Every score that counts, by trial, media and metric.

    Of the fingerprint that was tried last: its newest value, or its newest reason where no try of
    it gave a value. A later try that failed says nothing against the same judge's score.
    """
    found: dict[tuple[str, str], dict[str, dict[str, Score]]] = {}
    for record in _by_time(records):
        for result in record.results:
            media = result.generation.media
            if media is not None and result.scores:
                _add(found, (result.trial.key, media.sha256), result.scores)
        for line in record.scored:
            if isinstance(line, Scored):
                _add(found, (line.trial_key, line.media_sha256), line.scores)
    return {
        key: {metric: list(tried.values())[-1] for metric, tried in there.items()}
        for key, there in found.items()
    }


def lacking(
    generations: Sequence[Kept],
    scores: Scores,
    metrics: Collection[str],
    stale: Callable[[Score], bool] = lambda score: False,
) -> tuple[Work, ...]:
    """What is to be scored: generations by the set of metrics that they lack.

    Args:
        generations: with media.
        scores: see `newest_scores`.
        metrics: those that should be there.
        stale: whether a score that is there does not count.
    """
    found: dict[frozenset[str], list[Kept]] = {}
    for item in generations:
        there = scores.get((item.trial.key, item.media.sha256), {})
        lacks = frozenset(name for name in metrics if name not in there or stale(there[name]))
        if lacks:
            found.setdefault(lacks, []).append(item)
    return tuple(
        Work(names, tuple(found[names])) for names in sorted(found, key=lambda names: sorted(names))
    )


def by_model(generations: Iterable[Kept]) -> dict[tuple[str, str, int], list[Kept]]:
    """(model, revision, epoch) -> its generations."""
    groups: dict[tuple[str, str, int], list[Kept]] = {}
    for item in generations:
        key = (item.trial.model_id, item.trial.model_revision, item.trial.epoch)
        groups.setdefault(key, []).append(item)
    return groups


def newest_epochs(generations: Iterable[Kept]) -> dict[str, list[Kept]]:
    """Model -> what it made in its newest epoch, with the revision that was run last."""
    newest: dict[str, tuple[int, list[Kept]]] = {}
    for (model, _, epoch), group in by_model(generations).items():
        if model not in newest or epoch >= newest[model][0]:
            newest[model] = (epoch, group)
    return {model: group for model, (_, group) in sorted(newest.items())}


def model_scores(
    records: Iterable[RunRecord], suite: Suite
) -> dict[tuple[str, str, int], dict[str, tuple[ModelScored, Score]]]:
    """(model, revision, epoch) -> metric -> its newest score, and the line that it stands in."""
    found: dict[tuple[str, str, int], dict[str, tuple[ModelScored, Score]]] = {}
    for record in _by_time(records):
        for line in record.scored:
            if isinstance(line, ModelScored) and line.suite_version == suite.version:
                key = (line.model_id, line.model_revision, line.epoch)
                for score in line.scores:
                    found.setdefault(key, {})[score.metric] = (line, score)
    return found


def canary_results(
    records: Iterable[RunRecord], suite: Suite
) -> dict[tuple[str, str], dict[tuple[str, int], int]]:
    """(metric, fingerprint) -> (canary, edition) -> most pairs it had on this suite version."""
    found: dict[tuple[str, str], dict[tuple[str, int], int]] = {}
    for record in records:
        for line in record.scored:
            if isinstance(line, CanaryResult) and line.suite_version == suite.version:
                tried = found.setdefault((line.metric, line.fingerprint), {})
                key = (line.canary, line.edition)
                tried[key] = max(tried.get(key, 0), line.pairs)
    return found


def unconcluded(records: Iterable[RunRecord], suite: Suite) -> bool:
    """Whether the newest run of this version of the suite was killed before its end.

    Scores of whole models and canaries come last, so they may be missing although every trial is
    done and scored.
    """
    of_suite = [r for r in _by_time(records) if r.run.suite.version == suite.version]
    return bool(of_suite) and of_suite[-1].run.finished_at is None


def _by_time(records: Iterable[RunRecord]) -> list[RunRecord]:
    return sorted(records, key=lambda record: (record.run.started_at, record.run.id))


def _add(
    found: dict[tuple[str, str], dict[str, dict[str, Score]]],
    key: tuple[str, str],
    scores: Iterable[Score],
) -> None:
    """Keep the best try of each fingerprint, that of the last one at the end."""
    there = found.setdefault(key, {})
    for score in scores:
        tried = there.setdefault(score.metric, {})
        before = tried.pop(score.fingerprint, None)
        if before is not None and before.value is not None and score.value is None:
            tried[score.fingerprint] = before
        else:
            tried[score.fingerprint] = score


def _place(trial: Trial) -> tuple[str, int, str, int]:
    return trial.model_id, trial.epoch, trial.prompt_id, trial.seed
