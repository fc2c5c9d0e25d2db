"""What the registry says today of a suite and its metrics, in place of what runs recorded (pure).

Weights, trust, the metrics that score a suite and the tie bands of judges can be changed at will:
they are no part of any version, so a board follows the files and not the newest run record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from evals import metrics
from evals.judges.pins import Judge
from evals.types import MetricSpec, Suite
from leaderboard.answers import LeftOut
from leaderboard.evidence import SuiteEvidence


def served_today(judges: Mapping[str, Judge]) -> dict[str, MetricSpec]:
    """The metrics that a registered judge serves or that need none, by name.

    `metrics.served` also holds those that no judge serves, whose specs say nothing of a judge.
    """
    found: dict[str, MetricSpec] = {}
    for name, spec in metrics.served(judges).items():
        judge = judges.get(spec.judge or "")
        serves = judge is not None and name.partition("@")[0] in judge.metrics
        if serves or not metrics.wants_judge(spec):
            found[name] = spec
    return found


def spec_today(spec: MetricSpec, served: Mapping[str, MetricSpec]) -> MetricSpec:
    """A recorded spec with the tie band and family that its judge gives it today.

    As it was recorded where `served` (see `served_today`) does not hold it, or holds another
    version of it or on another judge.
    """
    now = served.get(spec.name)
    if now is None or (now.version, now.judge) != (spec.version, spec.judge):
        return spec
    return replace(spec, tie_band=now.tie_band, family=now.family)


def as_registered(evidence: SuiteEvidence, suites: Mapping[str, Suite]) -> SuiteEvidence:
    """The evidence with the weights, trust and choice of metrics of the registered suite.

    Args:
        evidence: of one suite, as its runs recorded it.
        suites: registered ones, by id. One that is gone, or of another version than the evidence,
            changes nothing.

    Where the suite names metrics the others are not weighed: their scores stay columns, and one
    entry of `left_out` names them.
    """
    suite = suites.get(evidence.suite_id)
    if suite is None or suite.version != evidence.suite_version:
        return evidence
    found = replace(evidence, weights=dict(suite.weights), keep_fooled=suite.keep_fooled)
    others = [spec.name for spec in evidence.specs if spec.name not in suite.metrics]
    if not suite.metrics or not others:
        return found
    reason = "scored, but not among the metrics that the suite names: no vote"
    return replace(
        found,
        specs=tuple(spec for spec in evidence.specs if spec.name in suite.metrics),
        left_out=(*evidence.left_out, LeftOut(", ".join(others), reason)),
    )
