"""A request → what is to be done for it: files and records read, trials planned, nothing begun."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from evals import backends, budget, instruments, plan, record, registry, revision
from evals.backlog import Kept, Work, kept, lacking, newest_scores, unconcluded
from evals.budget import Expected, LeftOut, Limits
from evals.calls import Call, calls_of, newest, reconciled
from evals.errors import InputError
from evals.home import runs_folder
from evals.instruments import Instrument
from evals.names import hint
from evals.plan import Preview
from evals.record_types import RunRecord
from evals.registry import Registry
from evals.types import Model, Result, Suite, Trial

BATCH = 32
NO_LIMITS = Limits()


@dataclass(frozen=True)
class Request:
    """What a person asks for."""

    suite: str
    models: tuple[str, ...] = ()
    """Ids; empty for every model that names the suite in its file."""
    seeds: tuple[int, ...] = ()
    """Empty for the suite's own."""
    prompts: int | None = None
    """Only the first so many prompts."""
    epoch: int | None = None
    """None for the current one."""
    new_epoch: bool = False
    """Measure everything again, as one round after the current one."""
    metrics: tuple[str, ...] | None = None
    """Names; None for those of the suite."""
    batch: int = BATCH
    """How many generations are scored at a time; moves no score."""
    limits: Limits = NO_LIMITS
    """What may be spent, in dollars and seconds."""
    pay_again: bool = False
    """Make calls anew that came to nothing and may have been paid."""


@dataclass(frozen=True)
class RescoreRequest:
    """What a person asks to be scored again."""

    suites: tuple[str, ...] = ()
    """Ids; empty for every suite with results."""
    metrics: tuple[str, ...] | None = None
    """Names; None for those of each suite."""
    everything: bool = False
    """Also what would come out the same as far as anyone can tell."""
    batch: int = BATCH


@dataclass(frozen=True)
class Prepared:
    """A request understood: what is to be done, nothing of it begun."""

    registry: Registry
    suite: Suite
    models: tuple[Model, ...]
    """With their revisions."""
    instruments: tuple[Instrument, ...]
    epoch: int
    trials: tuple[Trial, ...]
    missing: tuple[Trial, ...]
    """Of these, those without a result."""
    planned: tuple[Trial, ...]
    """Of these, those that fit into the limits, in the order in which they are done."""
    left_out: tuple[LeftOut, ...]
    """The others, by model, and why."""
    expected: Mapping[str, Expected]
    """What one call takes, by model id."""
    limits: Limits
    pay_again: bool
    calls: Mapping[str, Call]
    """Trial key -> its latest paid call."""
    spent: float
    """US dollars that this epoch has cost so far."""
    unscored: tuple[Work, ...]
    """Media of this request that earlier runs left without some of its metrics."""
    unconcluded: bool
    """The last run was killed before its end: see `backlog.unconcluded`."""
    previews: tuple[Preview, ...]
    last_run: Path | None
    """Folder of the latest record of the suite."""
    notes: tuple[str, ...]

    @property
    def idle(self) -> bool:
        """Whether there is nothing left to do."""
        return not (self.planned or self.unscored or self.unconcluded)


def prepare(home: Path, request: Request, now: datetime, data: Path | None = None) -> Prepared:
    """Read registry and records, and plan. Writes nothing and imports no torch.

    Args:
        home: the user's folder.
        request: what is asked for.
        now: whose prices count in the preview.
        data: the shipped folder; None for this installation's.

    Raises:
        InputError: something named is not registered, does not fit, or the files are wrong.
        RecordError: a record cannot be read.
    """
    known = registry.load(home, data)
    suite = known.suite(request.suite)
    models = tuple(revision.pinned(known, model) for model in _chosen(known, suite, request))
    chosen, skipped = instruments.choose(suite, known.judges, request.metrics)
    records = record.read_all(home)
    epoch = _epoch(records, suite, request)
    trials = plan.trials(models, suite, _seeds(suite, request), epoch, request.prompts)
    results = record.results_of(records)
    settled = plan.settled(results)
    missing = plan.missing(trials, settled)
    done = {key: result.generation for key, result in settled.items() if plan.is_done(result)}
    calls = reconciled(calls_of(record.read_calls(home)), done)
    expected = {
        model.id: plan.expected(
            model,
            known.price_of(model),
            results,
            now.date(),
            backends.is_paid(model.backend),
            backends.at_once(model),
        )
        for model in models
    }
    spent = _spent(results, calls, suite, epoch)
    begun = {c.trial.key for c in calls if c.doubtful and not request.pay_again}
    there = {key for key, call in newest(calls).items() if call.resumable}
    admitted = budget.admit(missing, expected, request.limits, spent, begun, there)
    planned = budget.in_rounds(admitted.trials) if request.limits else admitted.trials
    held = () if request.pay_again else _held(models, planned, newest(calls))
    asked = {trial.key for trial in trials}
    media = [k for k in kept(records, suite.id, suite.version) if k.trial.key in asked]
    names = [item.spec.name for item in chosen if item.spec.level == "generation"]
    return Prepared(
        registry=known,
        suite=suite,
        models=models,
        instruments=chosen,
        epoch=epoch,
        trials=trials,
        missing=missing,
        planned=planned,
        left_out=admitted.left_out,
        expected=expected,
        limits=request.limits,
        pay_again=request.pay_again,
        calls=newest(calls),
        spent=spent,
        unscored=lacking(media, newest_scores(records), names),
        unconcluded=unconcluded(records, suite),
        previews=plan.preview(models, [t for t in planned if t not in set(held)], expected),
        last_run=_last_run(home, records, suite),
        notes=(
            *known.notes,
            *skipped,
            *(note for item in records for note in item.notes),
            *_told(held),
        ),
    )


def _held(
    models: Sequence[Model], planned: Sequence[Trial], calls: Mapping[str, Call]
) -> tuple[Trial, ...]:
    """Trials that are skipped, as an earlier call of them may have been paid: see `account`."""
    idempotent = {model.id for model in models if model.settings.get("idempotent") is True}
    return tuple(
        trial
        for trial in planned
        if (call := calls.get(trial.key)) is not None
        and call.doubtful
        and not call.resumable
        and trial.model_id not in idempotent
    )


def _told(held: Sequence[Trial]) -> Iterator[str]:
    for name, count in Counter(trial.model_id for trial in held).items():
        yield (
            f"{name}: {count} of its trials will be skipped, as earlier calls of them may have been"
            " paid; `eval --pay-again` makes them anew"
        )


def _spent(results: Sequence[Result], calls: Sequence[Call], suite: Suite, epoch: int) -> float:
    """US dollars that an epoch of a suite has cost, calls that may have been paid included."""

    def of_epoch(trial: Trial) -> bool:
        return (trial.suite_version, trial.epoch) == (suite.version, epoch)

    called = {call.trial.key for call in calls}
    own = (
        r.generation.cost_usd or 0.0
        for r in results
        if r.trial.key not in called and of_epoch(r.trial)
    )
    return sum(own) + sum(call.spent for call in calls if of_epoch(call.trial))


@dataclass(frozen=True)
class PreparedRescore:
    """One suite whose kept media may be scored again."""

    suite: Suite
    """As it was run; which metrics score it, as it is registered today."""
    models: tuple[Model, ...]
    instruments: tuple[Instrument, ...]
    generations: tuple[Kept, ...]
    records: tuple[RunRecord, ...]
    """Of that suite."""
    notes: tuple[str, ...]


def prepare_rescore(
    home: Path, request: RescoreRequest, data: Path | None = None
) -> tuple[PreparedRescore, ...]:
    """What `rescore` would look at, suite by suite: the version that was run last. Writes nothing.

    Raises:
        InputError: something named is not registered or has no results.
        RecordError: a record cannot be read.
    """
    known = registry.load(home, data)
    records = record.read_all(home)
    run_last = {item.run.suite.id: item.run.suite for item in records if item.results}
    for name in request.suites:
        if name not in run_last:
            raise InputError(f'no results of a suite called "{name}"{hint(name, run_last)}')
    return tuple(
        _rescore_of(known, suite, records, request.metrics)
        for name, suite in sorted(run_last.items())
        if not request.suites or name in request.suites
    )


def _rescore_of(
    known: Registry, suite: Suite, records: Sequence[RunRecord], names: tuple[str, ...] | None
) -> PreparedRescore:
    registered = known.suites.get(suite.id)
    if registered is not None:
        suite = replace(suite, metrics=registered.metrics)
    chosen, skipped = instruments.choose(suite, known.judges, names)
    of_suite = [item for item in records if item.run.suite.version == suite.version]
    generations = kept(of_suite, suite.id, suite.version)
    made = {(k.trial.model_id, k.trial.model_revision) for k in generations}
    models = {(m.id, m.revision): m for item in of_suite for m in item.run.models}
    return PreparedRescore(
        suite=suite,
        models=tuple(models[key] for key in sorted(made)),
        instruments=chosen,
        generations=generations,
        records=tuple(of_suite),
        notes=skipped,
    )


def _chosen(known: Registry, suite: Suite, request: Request) -> list[Model]:
    if not request.models:
        chosen = [model for model in known.models.values() if suite.id in model.suites]
        if not chosen:
            raise InputError(
                f'no model names the suite "{suite.id}" in its file; add it to "suites" there, or'
                " name models with --model"
            )
        return chosen
    chosen = [known.model(name) for name in dict.fromkeys(request.models)]
    for model in chosen:
        if model.task != suite.task:
            same = [other.id for other in known.models.values() if other.task == suite.task]
            raise InputError(
                f'model "{model.id}" does {model.task}, the suite "{suite.id}" is for'
                f" {suite.task}{hint(model.id, same)}"
            )
    return chosen


def _seeds(suite: Suite, request: Request) -> tuple[int, ...]:
    seeds = request.seeds or suite.seeds
    if len(set(seeds)) != len(seeds) or min(seeds) < 0:
        raise InputError(f"seeds {', '.join(map(str, seeds))}: each once, and none below 0")
    if request.prompts is not None and request.prompts < 1:
        raise InputError(f"{request.prompts} prompts; ask for at least 1")
    return seeds


def _epoch(records: Sequence[RunRecord], suite: Suite, request: Request) -> int:
    if request.epoch is not None and request.new_epoch:
        raise InputError("give --epoch or --new-epoch, not both")
    if request.epoch is not None:
        if request.epoch < 1:
            raise InputError(f"epoch {request.epoch}; epochs count from 1")
        return request.epoch
    ran = [item.run for item in records if item.run.suite.id == suite.id]
    return plan.current_epoch(ran, suite.id) + (1 if request.new_epoch and ran else 0)


def _last_run(home: Path, records: Sequence[RunRecord], suite: Suite) -> Path | None:
    names = [item.run.id for item in records if item.run.suite.id == suite.id]
    return runs_folder(home) / names[-1] if names else None
