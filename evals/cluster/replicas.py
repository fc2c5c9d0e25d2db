"""A loaded model somewhere in the cluster, and the trials of a model that are still to be done."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from evals.cluster.deaths import Death
from evals.cluster.slots import Need
from evals.types import Model, Trial

BEFORE = datetime.min.replace(tzinfo=UTC)


@dataclass
class Call:
    """What a replica was asked and has not answered yet."""

    ref: Any
    begun: float
    """Seconds of the driver's timer."""
    until: float
    """When it is overdue."""
    trial: Trial | None = None
    """None of loading, and of asking where it is."""
    started_at: datetime = BEFORE
    """The driver's clock when the trial was handed out."""


@dataclass(eq=False)
class Replica:
    """One actor. Ray starts it again when it dies, then it is to be loaded again."""

    actor: Any
    work: Work
    state: Literal["starting", "loading", "ready"] = "starting"
    call: Call | None = None
    node: str = ""
    """Ray's id of the node it runs on, once it runs."""
    pause_until: float = 0.0
    """While it is being started again, asking it fails at once."""
    avoids: frozenset[str] = frozenset()
    """Nodes that it was not to be placed on."""

    @property
    def idle(self) -> bool:
        """Whether it is at work on no trial."""
        return self.call is None or self.call.trial is None


@dataclass(eq=False)
class Work:
    """What is left to do of one job."""

    model: Model
    need: Need
    waiting: deque[Trial]
    limit: int | None
    """Most replicas at once."""
    deadline_s: float
    """Of a call."""
    replicas: list[Replica] = field(default_factory=list[Replica])
    suspended: list[Trial] = field(default_factory=list[Trial])
    """Of which it is not known yet whether they or their nodes ended their workers."""
    deaths: dict[str, list[Death]] = field(default_factory=dict[str, "list[Death]"])
    """By trial key: the attempt table."""
    barred: dict[str, str] = field(default_factory=dict[str, str])
    """Nodes that cannot run the model, and why."""
    loads: list[Death] = field(default_factory=list[Death])
    """Of workers that were loading the model, since one last managed to."""
    announced: bool = False
    homeless_since: float | None = None
    """Since when no node could hold the model."""
    load_s: float | None = None
    latency_s: float | None = None
    """Of the last call that returned."""

    @property
    def flying(self) -> list[Trial]:
        """Trials that a replica is at work on."""
        calls = [replica.call for replica in self.replicas if replica.call is not None]
        return [call.trial for call in calls if call.trial is not None]

    @property
    def over(self) -> bool:
        """Whether every trial has ended."""
        return not (self.waiting or self.suspended or self.flying)

    def emptied(self) -> list[Trial]:
        """Take out the trials that nobody is at work on."""
        trials = [*self.waiting, *self.suspended]
        self.waiting.clear()
        self.suspended.clear()
        return trials
