"""What goes into a step → a suite, so that the step is run like any evaluation.

A first step makes prompts of a registered suite; a later one begins with the pictures of the step
before it. The suite is named by its content.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import PurePosixPath

from evals import metrics, start_frames
from evals.errors import InputError
from evals.registry import Registry
from evals.suites import frames as frame_files
from evals.suites import own as own_suites
from evals.suites.files import LONGEST_PROMPT
from evals.types import TASKS, Prompt, StartFrame, Suite, Task
from leaderboard.workflows.chain import Step
from leaderboard.workflows.step_runs import Work


def suite_of(work: Work) -> Suite:
    """The suite of a step, written into the chain's own home where it is not there yet.

    Raises:
        InputError: there is nothing that the step could begin with, or a metric that is none.
        MediaError: a start frame is damaged.
    """
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


def _from_suite(work: Work) -> tuple[Prompt, ...]:
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


def _from_inputs(work: Work) -> tuple[Prompt, ...]:
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


def _begun(work: Work, prompt: Prompt, suffix: str) -> Prompt:
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
