"""Suite files: TOML ↔ `Suite`, and whether the metrics that a suite names can score it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from evals import metrics, tomlfile
from evals.names import fold, hint, id_fault
from evals.suites import frames as frame_files
from evals.tomlfile import Line
from evals.types import MetricSpec, Prompt, StartFrame, Suite, Task

LONGEST_PROMPT = 20_000
"""Characters."""
EVERY_PROMPT = "all"
"""What boards call all domains together; no domain is called so."""
PEOPLE = "people"
"""What people's votes are called among the weights of metrics."""


class _PromptTable(tomlfile.Strict):
    id: Annotated[str, Field(min_length=1)]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_PROMPT, pattern=r"\S")]
    domains: list[Line] = Field(default_factory=list[str])
    facts: dict[str, str] = Field(default_factory=dict[str, str])
    start_frame: str | None = None
    target: str | None = None


class _SuiteFile(tomlfile.Strict):
    title: Line
    task: Task
    prompts: Annotated[list[_PromptTable], Field(min_length=1)]
    reference_model: str | None = None
    seeds: list[Annotated[int, Field(ge=0, lt=2**32)]] = Field(
        default_factory=lambda: [0, 1], min_length=1
    )
    metrics: list[str] = Field(default_factory=list[str])
    weights: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(
        default_factory=dict[str, float]
    )
    keep_fooled: list[str] = Field(default_factory=list[str])


def read_suite(path: Path) -> Suite:
    """The suite that `path` describes; its id is the file's stem.

    Raises:
        RegistryError: one line that names file and key.
    """
    table = tomlfile.validate(path, tomlfile.read(path), _SuiteFile)
    _check_prompts(path, table.prompts)
    for key in ("seeds", "metrics", "keep_fooled"):
        values: list[int] | list[str] = getattr(table, key)
        if len(set(values)) != len(values):
            raise tomlfile.key_error(path, key, "each may stand there once")
    prompts = [
        Prompt(
            id=prompt.id,
            text=prompt.text,
            domains=tuple(prompt.domains),
            facts=dict(sorted(prompt.facts.items())),
            start_frame=_start_frame(path, f"prompts[{number}]", table.task, prompt),
            target=_target(path, f"prompts[{number}]", table.task, prompt),
        )
        for number, prompt in enumerate(table.prompts)
    ]
    return Suite(
        id=path.stem,
        title=table.title,
        task=table.task,
        prompts=tuple(prompts),
        reference_model=table.reference_model,
        seeds=tuple(table.seeds),
        metrics=tuple(table.metrics),
        weights=dict(sorted(table.weights.items())),
        keep_fooled=tuple(table.keep_fooled),
    )


def check_metrics(path: Path, suite: Suite, served: Mapping[str, MetricSpec]) -> None:
    """Refuse metrics that a suite names and that nobody knows, or that cannot do what is asked.

    Args:
        path: of the suite, for the error.
        suite: as read from it.
        served: every metric on every judge (`metrics.served`); whether the weights of a judge are
            on this machine makes no difference.

    Raises:
        RegistryError: names file, key and the nearest known metric.
    """
    makes = metrics.modality(suite.task)
    weighed = [name for name in suite.weights if name != PEOPLE]
    named = {"metrics": suite.metrics, "weights": weighed, "keep_fooled": suite.keep_fooled}
    for key, names in named.items():
        for name in names:
            if name not in served:
                raise tomlfile.key_error(
                    path, key, f'no metric is called "{name}"{hint(name, served)}'
                )
            if served[name].modality != makes:
                what = f'"{name}" scores {served[name].modality}s, and {suite.task} makes {makes}s'
                raise tomlfile.key_error(path, key, what)
    for name in (*weighed, *suite.keep_fooled):
        key = "weights" if name in suite.weights else "keep_fooled"
        if suite.metrics and name not in suite.metrics:
            end = hint(name, suite.metrics)
            raise tomlfile.key_error(path, key, f'"{name}" is not among the "metrics"{end}')
        if served[name].level == "model" or not served[name].in_rating:
            what = f'"{name}" is shown beside ratings and never votes in them; leave it out'
            raise tomlfile.key_error(path, key, what)
    if suite.weights and not any(suite.weights.values()):
        raise tomlfile.key_error(path, "weights", "one of them must be above 0")


def to_toml(suite: Suite, comment: str = "") -> str:
    """The file of a suite; `read_suite` gives the same suite back, beside the same pictures.

    Args:
        suite: its id is the name of the file, and not in it.
        comment: one line on top, without its `#`.
    """
    lines = [f"# {comment}"] if comment else []
    lines += [f"title = {_text(suite.title)}", f"task = {_text(suite.task)}"]
    if suite.reference_model is not None:
        lines.append(f"reference_model = {_text(suite.reference_model)}")
    lines.append(f"seeds = [{', '.join(map(str, suite.seeds))}]")
    if suite.metrics:
        lines.append(f"metrics = {_texts(suite.metrics)}")
    if suite.weights:
        weights = (f"{_text(name)} = {float(value)}" for name, value in suite.weights.items())
        lines.append(f"weights = {{ {', '.join(weights)} }}")
    if suite.keep_fooled:
        lines.append(f"keep_fooled = {_texts(suite.keep_fooled)}")
    for prompt in suite.prompts:
        lines += ["", "[[prompts]]", f"id = {_text(prompt.id)}", f"text = {_text(prompt.text)}"]
        if prompt.domains:
            lines.append(f"domains = {_texts(prompt.domains)}")
        if prompt.facts:
            facts = (f"{_text(name)} = {_text(word)}" for name, word in prompt.facts.items())
            lines.append(f"facts = {{ {', '.join(facts)} }}")
        if prompt.start_frame is not None:
            lines.append(f"start_frame = {_text(prompt.start_frame.path)}")
        if prompt.target is not None:
            lines.append(f"target = {_text(prompt.target.path)}")
    return "\n".join(lines) + "\n"


def _check_prompts(path: Path, prompts: Sequence[_PromptTable]) -> None:
    """Ids are fit to be ids and differ in more than their form; domains do not shadow `all`."""
    seen: dict[str, int] = {}
    for number, prompt in enumerate(prompts):
        key = f"prompts[{number}]"
        fault = id_fault(prompt.id)
        if fault is not None:
            raise tomlfile.key_error(path, f"{key}.id", f"{prompt.id!r} {fault}")
        other = seen.setdefault(fold(prompt.id), number)
        if other != number:
            what = f"{prompt.id!r} is a duplicate of prompts[{other}]"
            raise tomlfile.key_error(path, f"{key}.id", what)
        if EVERY_PROMPT in prompt.domains:
            what = f'"{EVERY_PROMPT}" is what boards call every prompt; use another word'
            raise tomlfile.key_error(path, f"{key}.domains", what)


def _start_frame(path: Path, at: str, task: Task, prompt: _PromptTable) -> StartFrame | None:
    """What a prompt begins with: there exactly where the task begins with a picture."""
    named, key = prompt.start_frame, f"{at}.start_frame"
    fault = frame_files.task_fault(task, named is not None)
    if fault is not None:
        raise tomlfile.key_error(path, key, fault)
    return None if named is None else _found(path, key, named)


def _target(path: Path, at: str, task: Task, prompt: _PromptTable) -> StartFrame | None:
    """What a prompt should give, where it says so."""
    named, key = prompt.target, f"{at}.target"
    if named is None:
        return None
    fault = frame_files.target_fault(task)
    if fault is not None:
        raise tomlfile.key_error(path, key, fault)
    return _found(path, key, named)


def _found(path: Path, key: str, named: str) -> StartFrame:
    found = frame_files.find(path.parent, named)
    if isinstance(found, str):
        raise tomlfile.key_error(path, key, f'"{named}" {found}')
    return found


def _text(value: str) -> str:
    """A TOML string: JSON's escapes are TOML's too, but JSON leaves one control character raw."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _texts(values: Collection[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"
