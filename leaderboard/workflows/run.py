"""A chain run for real: each step generates from what the steps before it made.

Everything of a chain lies in `<home>/workflow-runs/<chain>/`, a home of its own: ordinary run
records, and a suite for every step, made of the prompts and the pictures that go in. So it can be
scored, looked at and gone on with like any evaluation, and takes no part in the boards: what a
step makes depends on what came before. A step's suite is named by its content. The same command
again makes what is missing and nothing twice; where an earlier step came out otherwise, the later
ones are made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from evals import backlog, frame_files, metrics, own_suites, record, registry, start_frames
from evals.backlog import Kept
from evals.due import Evaluate
from evals.errors import BusyError, ChurnboardError, InputError
from evals.home import runs_folder
from evals.record_types import RunRecord
from evals.registry import Registry
from evals.suite_files import LONGEST_PROMPT
from evals.types import TASKS, Prompt, Result, StartFrame, Suite, Task
from leaderboard.pick_answers import Role
from leaderboard.workflows import plan, select
from leaderboard.workflows.chain import Chain, Mode, Recipe, Step
from leaderboard.workflows.graph import order
from leaderboard.workflows.offers import Slot

if TYPE_CHECKING:
    from evals.run import Progress

FOLDER = "workflow-runs"
_STATE = frozenset(
    {FOLDER, "runs", "suites", "editions", "exports", "history", "picks", "usage", "votes"}
)
"""Of a home, what a chain's own home does not share."""
Clock = Callable[[], datetime]
Status = Literal["done", "failed", "not run"]


@dataclass(frozen=True)
class Output:
    """What goes on from one prompt of a step."""

    prompt: Prompt
    path: Path
    fps: float | None
    """Of a clip."""
    seed: int
    of: int
    """How many it was chosen from."""


@dataclass(frozen=True)
class StepRun:
    """What became of one step."""

    step: str
    status: Status
    model: str | None
    suite: str | None = None
    made: int = 0
    """Generations that this run made."""
    already: int = 0
    """Recorded before."""
    failed: int = 0
    """Generations of the step that have no media."""
    outputs: tuple[Output, ...] = ()
    cost_usd: float | None = None
    """Of all its generations; `None` = the cost of one is unknown."""
    seconds: float = 0.0
    """Latencies of all its generations together."""
    reason: str | None = None
    """Why it failed, or was not run; or what is missing of it."""


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
            work = _Work(workspace, source, chain, step, model, done)
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
            if folder.is_dir() and folder.name not in _STATE and not link.exists():
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


@dataclass
class _Work:
    """One step about to be run."""

    workspace: Path
    source: Registry
    chain: Chain
    step: Step
    model: str
    done: Mapping[str, StepRun]
    frames: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Prompt -> the picture that it begins with."""

    @property
    def recipe(self) -> Recipe:
        return self.chain.recipes.get(self.step.id, Recipe())


def _run(
    work: _Work,
    clock: Clock,
    evaluate: Evaluate | None,
    progress: Callable[[Progress], None],
) -> StepRun:
    from evals import run as evals_run
    from evals.request import Request

    suite = _suite(work)
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


def _suite(work: _Work) -> Suite:
    """The suite of a step, written where it is not there yet."""
    prompts = _from_inputs(work) if work.step.inputs else _from_suite(work)
    task: Task = next(one for one in TASKS if one == work.step.task)
    base = None if work.recipe.suite is None else work.source.suite(work.recipe.suite)
    named = work.recipe.metrics or (base.metrics if base is not None else ())
    usable = tuple(n for n in named if _scores(n, task, work.source))
    bare = Suite(
        "",
        f"{work.chain.title}: {work.step.id}"[:200],
        task,
        prompts,
        seeds=tuple(range(work.step.count)),
        metrics=usable,
    )
    name = f"{work.step.id[:80]}-{bare.version}-{len(bare.seeds)}"
    suite = replace(
        bare,
        id=name,
        prompts=tuple(
            p
            if p.start_frame is None
            else replace(
                p, start_frame=StartFrame(p.start_frame.sha256, f"{name}/{p.start_frame.path}")
            )
            for p in prompts
        ),
    )
    if not own_suites.file_of(work.workspace, name).exists():
        files = {
            p.start_frame.path: work.frames[p.id]
            for p in suite.prompts
            if p.start_frame is not None
        }
        comment = f"Step {work.step.id} of workflow {work.chain.id}."
        own_suites.write(work.workspace, suite, comment, files)
    return suite


def _scores(name: str, task: Task, known: Registry) -> bool:
    """Whether a metric scores what the task makes; targets of a chain nobody knows."""
    spec = metrics.served(known.judges).get(name)
    if spec is None:
        raise InputError(f'no metric is called "{name}"; see `churnboard metrics`')
    return spec.modality == metrics.modality(task) and "target" not in spec.needs


def _from_suite(work: _Work) -> tuple[Prompt, ...]:
    if work.recipe.suite is None:
        raise InputError(f'step "{work.step.id}": nothing to begin with; name its run.suite')
    suite = work.source.suite(work.recipe.suite)
    folder = work.source.suite_folder(suite)
    only = work.recipe.only
    for name in only:
        if name not in {prompt.id for prompt in suite.prompts}:
            raise InputError(f'step "{work.step.id}": suite "{suite.id}" has no prompt "{name}"')
    chosen = [prompt for prompt in suite.prompts if not only or prompt.id in only]
    prompts: list[Prompt] = []
    for prompt in chosen[: work.recipe.prompts]:
        frame = prompt.start_frame
        if frame_files.task_fault(_task(work.step), frame is not None) is not None:
            raise InputError(
                f'step "{work.step.id}": suite "{suite.id}" is for {suite.task}, which does not'
                f" begin as {work.step.task} does"
            )
        if frame is not None:
            work.frames[prompt.id] = start_frames.read(frame, folder)
        prompts.append(_begun(work, prompt, PurePosixPath(frame.path).suffix if frame else ""))
    return tuple(prompts)


def _from_inputs(work: _Work) -> tuple[Prompt, ...]:
    step = work.step
    first = next(iter(step.inputs))
    if len(step.inputs) > 1:
        raise InputError(
            f'step "{step.id}": takes from {len(step.inputs)} steps; only one picture can begin a'
            " step here"
        )
    if step.task not in frame_files.NEEDED:
        raise InputError(f'step "{step.id}": {step.task} cannot begin with a picture here')
    outputs = work.done[first].outputs
    if any(one.fps is not None for one in outputs):
        raise InputError(f'step "{step.id}": begins with a picture, and {first} makes clips')
    prompts: list[Prompt] = []
    for one in outputs:
        work.frames[one.prompt.id] = one.path.read_bytes()
        prompts.append(_begun(work, one.prompt, one.path.suffix))
    return tuple(prompts)


def _begun(work: _Work, prompt: Prompt, suffix: str) -> Prompt:
    """A prompt as the step gets it: its words behind it, and the picture that it begins with."""
    words = work.recipe.words
    text = f"{prompt.text.rstrip().rstrip('.')}, {words}" if words else prompt.text
    if len(text) > LONGEST_PROMPT:
        raise InputError(f"prompt {prompt.id}: its text would have over {LONGEST_PROMPT:,} letters")
    picture = work.frames.get(prompt.id)
    frame = None
    if picture is not None:
        frame = StartFrame(hashlib.sha256(picture).hexdigest(), f"{prompt.id}{suffix}")
    return Prompt(prompt.id, text, prompt.domains, prompt.facts, frame)


def _task(step: Step) -> Task:
    return next(one for one in TASKS if one == step.task)


def _own_results(records: Sequence[RunRecord], suite: Suite, model: str) -> list[Result]:
    from evals.plan import settled

    every = [r for one in records for r in one.results if r.trial.suite_id == suite.id]
    mine = [r for r in settled(every).values() if r.trial.model_id == model]
    newest = max((r.trial.epoch for r in mine), default=0)
    return [r for r in mine if r.trial.epoch == newest]


def _chosen(work: _Work, suite: Suite, records: Sequence[RunRecord]) -> tuple[Output, ...]:
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


def _output(work: _Work, prompt: Prompt, one: Kept, of: int) -> Output:
    path = runs_folder(work.workspace) / one.run_id / one.media.path
    return Output(prompt, path, one.media.fps, one.trial.seed, of)
