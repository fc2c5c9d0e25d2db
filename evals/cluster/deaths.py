"""Which ends of a worker are held against a trial that it was at work on (pure).

A trial whose calls end their workers, by killing the process (a fault in native code, the kernel
reaping it for its memory) or by running past the deadline, is tried three times and then left. A
node that went down says nothing about the trial, but it looks the same at first: the cluster
notices seconds later. So nobody is convicted before the node has answered again or had the time to
be found dead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

MOST = 3
"""Ends of a worker that are held against a trial before it is left."""
MOST_NODES = 5
"""Nodes that may go down with a trial: one that exhausts whole machines must not take them all."""
SETTLED_S = 30.0
"""Ray finds a silent node dead within about 15 s."""

Verdict = Literal["again", "wait", "leave"]


@dataclass(frozen=True)
class Death:
    """A worker ended in mid-call."""

    node: str
    at: float
    """Seconds of the driver's timer."""
    how: str
    overdue: bool = False
    """It was ended for the deadline: the node is not in question."""


def verdict(
    deaths: Sequence[Death],
    gone: Mapping[str, float],
    answered: Mapping[str, float],
    now: float,
) -> Verdict:
    """Try a trial again, wait until it is known whether its nodes live, or leave it.

    Args:
        deaths: of workers that were at work on it.
        gone: node -> when it was found dead.
        answered: node -> when anything on it last answered.
        now: seconds of the same timer.
    """
    lost = [death for death in deaths if _was_the_node(death, gone)]
    if len({death.node for death in lost}) >= MOST_NODES:
        return "leave"
    held = [death for death in deaths if death not in lost]
    if len(held) < MOST:
        return "again"
    settled = all(
        death.overdue or answered.get(death.node, death.at) > death.at or now - death.at > SETTLED_S
        for death in held
    )
    return "leave" if settled else "wait"


def _was_the_node(death: Death, gone: Mapping[str, float]) -> bool:
    return not death.overdue and death.node in gone and gone[death.node] - death.at <= SETTLED_S
