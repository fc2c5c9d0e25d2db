"""A chain run for real: each step generates from what the steps before it made.

Everything of a chain lies in `<home>/workflow-runs/<chain>/`, a home of its own: ordinary run
records, and a suite for every step, made of the prompts and the pictures that go in. So it can be
scored, looked at and gone on with like any evaluation, and takes no part in the boards: what a
step makes depends on what came before. A step's suite is named by its content. The same command
again makes what is missing and nothing twice; where an earlier step came out otherwise, the later
ones are made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from evals import backlog, record, registry
from evals.backlog import Kept
from evals.due import Evaluate
from evals.errors import BusyError, ChurnboardError, InputError
from evals.home import runs_folder
from evals.plan import settled
from evals.record_types import RunRecord
from evals.registry import Registry
from evals.types import TASKS, Prompt, Result, Suite
from leaderboard.pick_answers import Role
from leaderboard.workflows import files, plan, select
from leaderboard.workflows.chain import Chain, Mode, Recipe, Step
from leaderboard.workflows.graph import order
from leaderboard.workflows.offers import Slot
from leaderboard.workflows.step_runs import Output, StepRun, Work
from leaderboard.workflows.step_suites import suite_of

if TYPE_CHECKING:
    from evals.run import Progress

FOLDER = "workflow-runs"
_STATE = frozenset(
    {
        *("runs", "suites", "editions", "exports", "history", "picks", "usage", "votes"),
        *("embeddings", FOLDER, files.FOLDER),
    }
)
"""Of a home, what a chain's own home does not share."""
Clock = Callable[[], datetime]


def staff(
    chain: Chain, slots: Sequence[Slot], mode: Mode, known: Registry
) -> dict[str, str | InputError]:
    """Step -> the registered model that runs it, or why there is none.

    The model that the step names, or the pick of its role; where no edition has one, what the
    chain's file says.
    """
    picked = {slot.step.id: slot for slot in slots}
    found: dict[str, str | InputError] = {}
    for step in chain.steps:
        role = plan.role_in(step, mode)
        slot = picked.get(step.id)
        who = None if slot is None else slot.who(role)
        name = step.model or (None if who is None else who.model)
        if name is None:
            name = chain.recipes.get(step.id, Recipe()).otherwise.get(role)
        found[step.id] = _runnable(step, role, name, known)
    return found


def run_chain(
    home: Path,
    chain: Chain,
    models: Mapping[str, str | InputError],
    clock: Clock = lambda: datetime.now(UTC),
    evaluate: Evaluate | None = None,
    progress: Callable[[str, Progress], None] = lambda step, one: None,
    data: Path | None = None,
) -> tuple[StepRun, ...]:
    """Run every step that can be run, in order; a failure stops what waits for it, and no more.

    Args:
        home: of the user.
        chain: checked.
        models: of `staff`.
        clock: the time that records get.
        evaluate: `evals.run.evaluate` where it is left out.
        progress: told of every trial, with the step that it is of.
        data: the shipped folder; None for this installation's.

    Raises:
        BusyError: another run of the chain holds its folder.
    """
    workspace = open_workspace(home, chain.id)
    source = registry.load(home, data)
    done: dict[str, StepRun] = {}
    for step in order(chain):
        model = models[step.id]
        stopped = [name for name in step.inputs if done[name].status != "done"]
        if isinstance(model, InputError):
            done[step.id] = StepRun(step.id, "failed", None, reason=str(model))
        elif stopped:
            why = f"waits for {', '.join(stopped)}"
            done[step.id] = StepRun(step.id, "not run", model, reason=why)
        else:
            work = Work(workspace, source, chain, step, model, done)
            try:
                done[step.id] = _run(
                    work, clock, evaluate, lambda one, name=step.id: progress(name, one)
                )
            except BusyError:
                raise
            except ChurnboardError as error:
                done[step.id] = StepRun(step.id, "failed", model, reason=str(error))
    return tuple(done[step.id] for step in chain.steps)


def open_workspace(home: Path, name: str) -> Path:
    """The home of a chain, made if need be; it sees the user's own models, judges and prices.

    Raises:
        InputError: the disk refuses.
    """
    workspace = home / FOLDER / name
    try:
        workspace.mkdir(parents=True, exist_ok=True)
        for folder in sorted(home.iterdir()):
            link = workspace / folder.name
            own = folder.name.startswith(".") or folder.name in _STATE
            if folder.is_dir() and not own and not link.is_symlink():
                link.symlink_to(folder.resolve(), target_is_directory=True)
    except OSError as error:
        raise InputError(f"{workspace}: cannot be made: {error.strerror}") from error
    return workspace


def _runnable(step: Step, role: Role, name: str | None, known: Registry) -> str | InputError:
    where = f'step "{step.id}"'
    if step.task not in TASKS:
        return InputError(f"{where}: {step.task} is nothing that can be run here")
    if name is None:
        return InputError(f"{where}: no {role} is picked, and its run.otherwise names none")
    model = known.models.get(name)
    if model is None:
        return InputError(
            f'{where}: "{name}" is not registered here; put models/{name}.toml into the home'
        )
    if model.task != step.task:
        return InputError(f'{where}: "{name}" is a model for {model.task}, not {step.task}')
    return name


def _run(
    work: Work,
    clock: Clock,
    evaluate: Evaluate | None,
    progress: Callable[[Progress], None],
) -> StepRun:
    from evals import run as evals_run
    from evals.request import Request

    suite = suite_of(work)
    request = Request(suite=suite.id, models=(work.model,))
    do = evaluate or evals_run.evaluate
    outcome = do(work.workspace, request, progress=progress, clock=clock)
    records = record.read_all(work.workspace)
    own = _own_results(records, suite, work.model)
    outputs = _chosen(work, suite, records)
    costs = [one.generation.cost_usd for one in own if one.generation.media is not None]
    failed = [one for one in own if one.generation.media is None]
    there = {one.trial.prompt_id for one in own if one.generation.media is not None}
    missing = [prompt.id for prompt in suite.prompts if prompt.id not in there]
    reason = None
    if missing:
        told = next((o.generation.failure.message for o in failed if o.generation.failure), "")
        some = ", ".join(missing[:5]) + (", …" if len(missing) > 5 else "")
        reason = f"nothing of {some}" + (f": {told}" if told else "")
    return StepRun(
        work.step.id,
        "done" if outputs else "failed",
        work.model,
        suite.id,
        outcome.planned,
        outcome.already,
        len(failed),
        outputs,
        None if None in costs or not costs else sum(one for one in costs if one is not None),
        sum(one.generation.latency_s or 0.0 for one in own),
        reason,
    )


def _own_results(records: Sequence[RunRecord], suite: Suite, model: str) -> list[Result]:
    every = [r for one in records for r in one.results if r.trial.suite_id == suite.id]
    mine = [r for r in settled(every).values() if r.trial.model_id == model]
    newest = max((r.trial.epoch for r in mine), default=0)
    return [r for r in mine if r.trial.epoch == newest]


def _chosen(work: Work, suite: Suite, records: Sequence[RunRecord]) -> tuple[Output, ...]:
    """What goes on: of each prompt the best seed, or every seed as a prompt of its own."""
    kept = backlog.newest_epochs(backlog.kept(records, suite.id, suite.version))
    scores = backlog.newest_scores(records)
    specs = {
        spec.name: spec
        for one in records
        if one.run.suite.id == suite.id
        for spec in one.run.metrics
    }
    by_prompt: dict[str, dict[int, Kept]] = {}
    for one in kept.get(work.model, []):
        by_prompt.setdefault(one.trial.prompt_id, {})[one.trial.seed] = one
    found: list[Output] = []
    for prompt in suite.prompts:
        seeds = by_prompt.get(prompt.id, {})
        if not seeds:
            continue
        if work.step.keep == "all" and work.step.count > 1:
            found += [
                _output(work, replace(prompt, id=f"{prompt.id}{_SEED}{seed}"), one, 1)
                for seed, one in sorted(seeds.items())
            ]
            continue
        told = {
            seed: {
                name: score.value
                for name, score in scores.get((one.trial.key, one.media.sha256), {}).items()
                if score.value is not None
            }
            for seed, one in seeds.items()
        }
        found.append(_output(work, prompt, seeds[select.best(told, specs)], len(seeds)))
    return tuple(found)


_SEED = ".s"
"""Between a prompt's id and the seed, where every seed goes on."""


def _output(work: Work, prompt: Prompt, one: Kept, of: int) -> Output:
    path = runs_folder(work.workspace) / one.run_id / one.media.path
    return Output(prompt, path, one.media.fps, one.trial.seed, of)
