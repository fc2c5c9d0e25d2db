"""The checks on a chain, and what follows from its shape: order, runs, longest path (pure)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from evals.names import fold, hint, id_fault
from evals.prices.tiers import size_fault
from leaderboard.errors import WorkflowError
from leaderboard.workflows.chain import EVERY_TASK, Chain, Step

MOST_STEPS = 500
MOST_GENERATIONS = 1_000_000
"""Of one step in one run of the chain; beyond that a count is a slip of the pen."""


def check(chain: Chain, place: str) -> None:
    """Refuse what is no chain.

    Args:
        chain: as read.
        place: where it was read from, for the error.

    Raises:
        WorkflowError: one line that names place and step: no or too many steps, an id twice, a
            task, role or input that is none, a count below 1, a circle, outputs that cannot be
            paired.
    """
    if not chain.steps:
        raise WorkflowError(f"{place}: a workflow has at least one step; it has none")
    if len(chain.steps) > MOST_STEPS:
        raise WorkflowError(f"{place}: {len(chain.steps)} steps; at most {MOST_STEPS} are read")
    known: set[str] = set()
    seen: set[str] = set()
    for step in chain.steps:
        if fold(step.id) in seen:
            raise _wrong(place, step, "another step has this id, but for case; rename one")
        seen.add(fold(step.id))
        known.add(step.id)
    for step in chain.steps:
        fault = _fault(step, known)
        if fault is not None:
            raise _wrong(place, step, fault)
    circle = _circle(chain)
    if circle is not None:
        way = " -> ".join((*circle, circle[0]))
        raise WorkflowError(
            f'{place}: step "{circle[0]}": waits for itself ({way}); take one input out'
        )
    generations(chain, place)


def order(chain: Chain) -> tuple[Step, ...]:
    """The steps, each behind all that it takes from; of a checked chain.

    Steps that wait for nobody keep the order of the file.
    """
    left, done, found = list(chain.steps), set[str](), list[Step]()
    while left:
        ready = next(step for step in left if done.issuperset(step.inputs))
        left.remove(ready)
        done.add(ready.id)
        found.append(ready)
    return tuple(found)


def last_steps(chain: Chain) -> tuple[str, ...]:
    """Steps from which no other takes anything: what they make is what the chain is for."""
    taken = {name for step in chain.steps for name in step.inputs}
    return tuple(step.id for step in chain.steps if step.id not in taken)


def generations(chain: Chain, place: str = "workflow") -> dict[str, int]:
    """Step -> generations that one run of the whole chain makes there.

    A step runs once for every output that its inputs hand on: one where the best is kept, `count`
    where all are. Outputs of several inputs are paired one for one, and a single one is shared.

    Raises:
        WorkflowError: two inputs hand on different numbers, both above one; or there are too many.
    """
    made: dict[str, int] = {}
    handed: dict[str, int] = {}
    for step in order(chain):
        several = sorted({handed[name] for name in step.inputs if handed[name] > 1})
        if len(several) > 1:
            told = ", ".join(f"{name} hands on {handed[name]}" for name in step.inputs)
            raise _wrong(place, step, f'{told}, which cannot be paired; set keep = "best" in one')
        runs = several[0] if several else 1
        made[step.id] = runs * step.count
        handed[step.id] = runs if step.keep == "best" else runs * step.count
        if made[step.id] > MOST_GENERATIONS:
            raise _wrong(place, step, f"makes {made[step.id]:,} generations; lower the counts")
    return made


def critical_path(chain: Chain, seconds: Mapping[str, float]) -> tuple[tuple[str, ...], float]:
    """The chain of steps that takes longest, and how long: what cannot be waited for at once.

    Args:
        chain: checked.
        seconds: of each step; a step that is not in it takes none.
    """
    best: dict[str, tuple[float, tuple[str, ...]]] = {}
    for step in order(chain):
        behind = max((best[name] for name in step.inputs), default=(0.0, ()))
        best[step.id] = (behind[0] + seconds.get(step.id, 0.0), (*behind[1], step.id))
    total, path = max(best.values(), default=(0.0, ()))
    return path, total


def _fault(step: Step, known: set[str]) -> str | None:
    name = id_fault(step.id)
    if name is not None:
        return f"its id {name}"
    if step.task not in EVERY_TASK:
        return f'no task is called "{step.task}"{hint(step.task, EVERY_TASK)}'
    for other in step.inputs:
        if other not in known:
            return f'its input "{other}" is no step{hint(other, known)}'
    if len(set(step.inputs)) != len(step.inputs):
        return "an input stands there twice; each counts once"
    if step.count < 1:
        return f"count is {step.count}; a step makes at least 1 generation"
    if not (math.isfinite(step.weight) and step.weight > 0):
        return f"weight is {step.weight:g}; it must be above 0"
    if step.seconds is not None and not (math.isfinite(step.seconds) and step.seconds > 0):
        return f"seconds is {step.seconds:g}; it must be above 0"
    size = None if step.size is None else size_fault(step.size)
    return None if size is None else f'size "{step.size}" {size}'


def _circle(chain: Chain) -> tuple[str, ...] | None:
    """Steps that wait for each other, or None."""
    inputs = {step.id: step.inputs for step in chain.steps}
    settled: set[str] = set()
    for start in inputs:
        way: list[str] = []
        stack = [(start, iter(inputs[start]))]
        way.append(start)
        while stack:
            name, rest = stack[-1]
            following = next((one for one in rest if one not in settled), None)
            if following is None:
                stack.pop()
                way.pop()
                settled.add(name)
            elif following in way:
                return tuple(way[way.index(following) :])
            else:
                way.append(following)
                stack.append((following, iter(inputs[following])))
    return None


def _wrong(place: str, step: Step, what: str) -> WorkflowError:
    return WorkflowError(f'{place}: step "{step.id}": {what}')
