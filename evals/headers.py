"""Headers of run records: who, when, with what, and how the judges see the probes today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from evals import machine
from evals.request import Prepared, PreparedRescore
from evals.score import Scorer
from evals.types import Run, digest


def _run_id(started_at: datetime, of: Sequence[str]) -> str:
    return f"{started_at:%Y%m%dT%H%M%SZ}-{digest([started_at.isoformat(), list(of)])[:6]}"


def of_eval(prepared: Prepared, scorer: Scorer, started_at: datetime) -> Run:
    """Header of a run that generates, and scores what earlier ones left unscored."""
    waiting = (item.trial for work in prepared.unscored for item in work.generations)
    used = {trial.model_id for trial in (*prepared.planned, *waiting)}
    return Run(
        id=_run_id(started_at, [trial.key for trial in prepared.planned]),
        started_at=started_at,
        finished_at=None,
        epoch=prepared.epoch,
        suite=prepared.suite,
        models=tuple(model for model in prepared.models if model.id in used),
        metrics=tuple(item.spec for item in prepared.instruments),
        planned=len(prepared.planned),
        machine=machine.describe(),
        versions=machine.versions(),
        fingerprint=machine.environment(),
        checks=scorer.checks(),
    )


def of_rescore(prepared: PreparedRescore, scorer: Scorer, started_at: datetime) -> Run:
    """Header of a run that scores kept media; there must be some."""
    return Run(
        id=_run_id(started_at, [prepared.suite.version, "rescore"]),
        started_at=started_at,
        finished_at=None,
        epoch=max(item.trial.epoch for item in prepared.generations),
        suite=prepared.suite,
        models=prepared.models,
        metrics=tuple(item.spec for item in prepared.instruments),
        planned=0,
        machine=machine.describe(),
        versions=machine.versions(),
        fingerprint=machine.environment(),
        kind="rescore",
        checks=scorer.checks(),
    )
