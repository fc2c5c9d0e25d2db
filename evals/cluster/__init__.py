"""Calls made by the nodes of a Ray cluster; what is kept of them stays with the driver.

::

    connecting  a cluster to work on: a running one, or one on this machine alone
    slots       what a model needs of a node, and whether another one fits (pure)
    deaths      which ends of a worker are held against a trial (pure)
    nodes       which nodes there are, and which of them went
    replicas    a loaded model somewhere in the cluster, and where it stands
    answers     what workers answer, or that they died
    worker      the actor: one model, loaded on one node
    driver      who calls what next, until every trial has ended

Ray places workers and tells that one has died. Everything else is decided here: which trial is
tried again, what is charged for, when a call has taken too long. Ray's own retries lose work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evals import backends
from evals.executors import Event, Executor, Job, Local, Stage


@dataclass(frozen=True)
class Ray:
    """Several models at once, each on a node of its own; paid calls are made from here."""

    address: str | None = None
    """`host:port` of a running cluster, or `auto`; None starts one on this machine alone."""
    replicas: int | None = None
    """At most so many copies of one model; None for as many as there are free slots for."""
    deadline_s: float | None = None
    """Seconds that one call may take; None for what suits the model: see `slots.deadline`."""

    def execute(self, jobs: Sequence[Job], stage: Stage) -> Iterator[Event]:
        """What is free on the cluster, as it happens; then what is paid, job by job.

        A paid call is this machine's: it needs the keys that are here, it waits rather than
        computes, and its ticket must be on this disk before money is spent.

        Raises:
            InputError: the cluster cannot be reached, or Ray is not installed.
        """
        free = [job for job in jobs if not backends.is_paid(job.model.backend)]
        if free:
            from evals.cluster.connecting import connected
            from evals.cluster.driver import Driver

            with connected(self.address) as ray:
                yield from Driver(ray, free, stage, self.replicas, self.deadline_s).events()
        yield from Local().execute([job for job in jobs if job not in free], stage)


def choose(
    name: str,
    address: str | None = None,
    replicas: int | None = None,
    deadline_s: float | None = None,
) -> Executor:
    """The executor called `name`, `local` or `ray`.

    Raises:
        InputError: no such executor, an option of the other one, Ray is not installed, or an
            address that it cannot drive.
    """
    from evals.cluster.connecting import check
    from evals.errors import InputError

    if name == "ray":
        check(address)
        return Ray(address, replicas, deadline_s)
    if name != "local":
        raise InputError(f'no executor is called "{name}"; there are local and ray')
    given = {"--ray-address": address, "--replicas": replicas, "--deadline": deadline_s}
    for option, value in given.items():
        if value is not None:
            raise InputError(f"{option} is of a cluster; add --executor ray")
    return Local()
