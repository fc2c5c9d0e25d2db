"""Run records and kept embeddings -> what a report is made from. Reads; loads no judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from evals.backlog import Kept, kept, newest_epochs
from evals.embeddings import kept as kept_embeddings
from evals.judges import pins as judging
from evals.judges.pins import Judge
from evals.record_types import RunRecord
from evals.types import MetricSpec, Model
from leaderboard.distinctness.layout import Floats, Key, side_by_side
from leaderboard.distinctness.report import Evaluated, Made
from leaderboard.evidence import SuiteEvidence

LOOKS_AT = ("image_embedding", "frame_embeddings")
"""Needs of a metric whose judge embeds pictures one by one."""


def evaluated(
    home: Path,
    records: Sequence[RunRecord],
    evidence: Iterable[SuiteEvidence],
    known: Mapping[str, Judge],
    registered: Mapping[str, Model],
) -> list[Evaluated]:
    """The suites on which a variant was evaluated, and what its family made there.

    Args:
        home: whose embeddings are read.
        records: every run.
        evidence: of the suites, with their metrics.
        known: judges by id.
        registered: models by id.
    """
    found: list[Evaluated] = []
    recorded = {(m.id, m.revision): m for record in records for m in record.run.models}
    for suite in evidence:
        groups = newest_epochs(kept(records, suite.suite_id, suite.suite_version))
        models = {
            name: recorded[name, group[0].trial.model_revision] for name, group in groups.items()
        }
        bases = {name: registered.get(name, model).base for name, model in models.items()}
        family = {name for name, base in bases.items() if base is not None} | {*bases.values()}
        mine = {name: group for name, group in groups.items() if name in family}
        if any(bases[name] is not None for name in mine):
            found.append(_suite(home, suite, {n: models[n] for n in mine}, mine, known))
    return found


def _suite(
    home: Path,
    suite: SuiteEvidence,
    models: Mapping[str, Model],
    groups: Mapping[str, Sequence[Kept]],
    known: Mapping[str, Judge],
) -> Evaluated:
    seen = _judges(suite.specs, known)
    wanted = {item.media.sha256: item.media.frames for group in groups.values() for item in group}
    held = {judge.id: kept_embeddings(home, judging.identity(judge), wanted) for judge in seen}
    marks = _marks(suite)
    return Evaluated(
        suite.suite_id,
        suite.suite_version,
        tuple(held),
        models,
        {
            name: _made(suite.suite_id, group, held, marks.get(name, {}))
            for name, group in groups.items()
        },
    )


def _made(
    suite_id: str,
    group: Sequence[Kept],
    held: Mapping[str, Mapping[str, Floats]],
    marks: Mapping[str, Mapping[Key, float]],
) -> Made:
    for judge, there in held.items():
        lacks = sum(item.media.sha256 not in there for item in group)
        if lacks:
            return Made(
                {},
                f"what judge {judge} made of {lacks} of {len(group)} pictures of"
                f" {group[0].trial.model_id} is not kept here;"
                f" churnboard rescore --suite {suite_id} --all",
            )
    if not held:
        return Made({})
    return Made(
        {
            (item.trial.prompt_id, item.trial.seed): side_by_side(
                [there[item.media.sha256] for there in held.values()]
            )
            for item in group
            if all(np.any(there[item.media.sha256]) for there in held.values())
        },
        marks=marks,
    )


def _judges(specs: Iterable[MetricSpec], known: Mapping[str, Judge]) -> list[Judge]:
    """The judges of a suite that embed pictures, and whose files are here, by id."""
    names = {
        spec.judge for spec in specs if spec.judge is not None and set(LOOKS_AT) & set(spec.needs)
    }
    return [
        known[name]
        for name in sorted(names)
        if name in known and judging.unavailable(known[name]) is None
    ]


def _marks(suite: SuiteEvidence) -> dict[str, dict[str, dict[Key, float]]]:
    """Model -> metric of alignment -> its scores; of one fingerprint, that of the most scores."""
    names = {
        spec.name
        for spec in suite.specs
        if spec.measures == "alignment" and spec.level == "generation"
    }
    prints: dict[str, dict[str, int]] = {}
    for sample in suite.samples:
        for metric in sample.marks.keys() & names:
            counts = prints.setdefault(metric, {})
            mark = sample.marks[metric].fingerprint
            counts[mark] = counts.get(mark, 0) + 1
    found: dict[str, dict[str, dict[Key, float]]] = {}
    for sample in suite.samples:
        for metric in sample.marks.keys() & names:
            mark = sample.marks[metric]
            if mark.fingerprint == max(prints[metric], key=prints[metric].__getitem__):
                own = found.setdefault(sample.model, {}).setdefault(metric, {})
                own[sample.prompt, sample.seed] = mark.value
    return found
