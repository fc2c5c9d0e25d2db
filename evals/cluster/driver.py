"""Who calls what next, until every trial has ended exactly once.

The driver keeps the attempt table and decides; Ray is asked to start a worker, to call it, and to
end it. A call that does not come back is the trial's or the node's fault (`evals.cluster.deaths`),
and the trial goes back to the end of the line, so that one which keeps killing its workers does not
hold up the others.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from evals import machine
from evals.cluster.answers import Died, answer, difference, own, quarantined
from evals.cluster.deaths import Death
from evals.cluster.nodes import Nodes
from evals.cluster.replicas import Call, Replica, Work
from evals.cluster.slots import DEADLINE_S, deadline, fits, need, pays, refusal, unfit
from evals.cluster.worker import Unfit, Where, Worker
from evals.errors import LoadError
from evals.executors import Ended, Event, Job, Loaded, Loading, Noted, Stage
from evals.generate import Attempt
from evals.types import Failure

TICK_S = 0.5
"""How long the driver waits for answers before it looks at nodes and deadlines again."""
PATIENCE_S = 60.0
"""How long a model that no node can hold any more waits for one to come back."""

NODE_LABEL = "ray.io/node-id"
"""Which every node of a cluster has."""


class Driver:
    """Drives the workers of one run."""

    def __init__(
        self,
        ray: Any,
        jobs: Sequence[Job],
        stage: Stage,
        replicas: int | None,
        deadline_s: float | None,
    ) -> None:
        self._ray = ray
        self._stage = stage
        self._versions = machine.versions()
        self._nodes = Nodes(ray)
        self._works = [
            Work(
                job.model,
                need(job.model, self._nodes.rooms),
                deque(job.trials),
                replicas,
                deadline_s or deadline(job.model),
            )
            for job in jobs
        ]

    def events(self) -> Iterator[Event]:
        """As they happen. Stopped, it says what has come back and ends every worker."""
        try:
            patience = 0.0  # who fits nowhere from the start is told at once
            while any(not work.over for work in self._works):
                self._nodes.look()
                yield from self._give_up(patience)
                yield from self._open()
                yield from self._hand_out()
                yield from self._collect(TICK_S)
                yield from self._judge()
                self._free()
                patience = PATIENCE_S
        except KeyboardInterrupt:
            yield from self._collect(0)
            raise
        finally:
            for work in self._works:
                for replica in work.replicas:
                    self._end(replica)

    def _give_up(self, patience: float) -> Iterator[Ended]:
        """End the trials of models that no node can hold, rather than let them wait for ever."""
        now = time.monotonic()
        for work in self._works:
            why = refusal(work.model.id, work.need, self._nodes.without(work.barred))
            if why is None or not work.waiting:
                work.homeless_since = None
                continue
            if work.homeless_since is None:
                work.homeless_since = now
            if work.barred:  # what was passed over will not do later either
                why = unfit(work.model.id, work.barred)
            if work.barred or now - work.homeless_since >= patience:
                yield from (Ended(trial, LoadError(why)) for trial in work.emptied())

    def _open(self) -> Iterator[Loading]:
        """Start workers: first one for each model, then more where they pay."""
        for work in self._works:
            if work.waiting and not work.replicas and self._fits(work):
                self._start(work)
                if not work.announced:
                    work.announced = True
                    yield Loading(work.model.id)
        # A slot that is still wanted by a model without a worker is not for a second one.
        if any(work.waiting and not work.replicas for work in self._works):
            return
        for work in sorted(self._works, key=lambda work: len(work.waiting), reverse=True):
            while self._pays(work) and self._fits(work):
                self._start(work)

    def _fits(self, work: Work) -> bool:
        held = [
            other.need
            for other in self._works
            for replica in other.replicas
            if replica.node not in work.barred
        ]
        return fits(self._nodes.without(work.barred), [*held, work.need])

    def _pays(self, work: Work) -> bool:
        number = len(work.replicas)
        if work.limit is not None and number >= work.limit:
            return False
        if work.load_s is None or work.latency_s is None or not number:
            return False
        return pays(len(work.waiting), work.latency_s, number, work.load_s)

    def _start(self, work: Work) -> None:
        options: dict[str, Any] = {
            "num_cpus": work.need.cpus,
            "num_gpus": work.need.gpus,
            "max_restarts": -1,
            "max_task_retries": 0,
            "max_concurrency": 1,
        }
        if work.barred:
            # No blank between the ids: Ray takes it for a part of the next one.
            options["label_selector"] = {NODE_LABEL: f"!in({','.join(sorted(work.barred))})"}
        actor = self._ray.remote(**options)(Worker).remote()
        work.replicas.append(Replica(actor, work, avoids=frozenset(work.barred)))

    def _hand_out(self) -> Iterator[Ended]:
        """Give every replica that has nothing to do its next call."""
        for work in self._works:
            for replica in list(work.replicas):
                now = time.monotonic()
                if replica.call is not None or now < replica.pause_until:
                    continue
                if replica.state == "starting":
                    # Waiting for a place has no deadline: others may hold it for long.
                    replica.call = Call(replica.actor.where.remote(), now, float("inf"))
                elif replica.state == "loading":
                    yield from self._load(replica)
                else:
                    yield from self._next_trial(replica)

    def _load(self, replica: Replica) -> Iterator[Ended]:
        """Load the model, unless that has ended too many workers."""
        work = replica.work
        found = self._nodes.verdict(work.loads)
        if found == "leave":
            why = (
                f"model {work.model.id}: loading it ended its worker {len(work.loads)} times;"
                f" the last time: {work.loads[-1].how}"
            )
            yield from self._unloaded(replica, LoadError(why))
        elif found == "again":
            now = time.monotonic()
            ref = replica.actor.load.remote(work.model, self._nodes.name(replica.node))
            replica.call = Call(ref, now, now + DEADLINE_S)

    def _next_trial(self, replica: Replica) -> Iterator[Ended]:
        waiting = replica.work.waiting
        while waiting:
            trial = waiting.popleft()
            leave = self._stage.gate.opens(trial)
            if isinstance(leave, Failure):
                yield Ended(trial, leave)
                continue
            prompt = self._stage.prompt(trial)
            start = self._stage.start(prompt)
            started_at = self._stage.timing.clock()
            now = time.monotonic()
            ref = replica.actor.attempt.remote(prompt, trial.seed, start)
            until = now + replica.work.deadline_s
            replica.call = Call(ref, now, until, trial, started_at)
            return

    def _collect(self, wait_s: float) -> Iterator[Event]:
        """Take the answers that are there within `wait_s`, then end the calls that are overdue."""
        asked = {
            replica.call.ref: replica
            for work in self._works
            for replica in work.replicas
            if replica.call is not None
        }
        if asked:
            self._ray.wait(list(asked), num_returns=1, timeout=wait_s)
            back, _ = self._ray.wait(list(asked), num_returns=len(asked), timeout=0)
            for ref in back:
                yield from self._take(asked[ref], answer(self._ray, ref))
        elif wait_s:
            time.sleep(wait_s)
        now = time.monotonic()
        for replica in asked.values():
            call = replica.call
            # Answers were taken first: a driver that was busy for long blames nobody for it.
            if call is not None and now > call.until:
                self._ray.kill(replica.actor, no_restart=False)
                how = f"no answer within {call.until - call.begun:g} s"
                self._mourn(replica, call, Death(replica.node, now, how, overdue=True))

    def _take(self, replica: Replica, said: Any) -> Iterator[Event]:
        """What an answer means for the replica and its trial."""
        call, replica.call = replica.call, None
        if call is None or replica not in replica.work.replicas:
            return  # its model was given up in the meantime
        now = time.monotonic()
        if isinstance(said, Died):
            yield from self._lost(replica, call, said)
            return
        work = replica.work
        if isinstance(said, Where):
            replica.node = said.node
        self._nodes.answers(replica.node)
        if call.trial is not None:
            # First: whoever takes the event stores and scores, and the worker need not wait.
            yield from self._next_trial(replica)
            if isinstance(said, Attempt):
                work.latency_s = said.latency_s
            yield Ended(call.trial, own(said, call.started_at))
        elif isinstance(said, Where):
            odd = difference(said.versions, self._versions)
            if odd is None:
                replica.state = "loading"
            else:
                why = f"node {self._nodes.name(replica.node)} {odd}"
                yield from self._pass_over(replica, why, self._works)
        elif isinstance(said, Unfit):
            yield from self._pass_over(replica, said.why, [work])
        elif isinstance(said, LoadError):
            yield from self._unloaded(replica, said)
        else:
            replica.state = "ready"
            work.load_s, work.loads = now - call.begun, []
            place = self._nodes.name(replica.node)
            yield Loaded(work.model.id, f"{said}, node {place}")

    def _lost(self, replica: Replica, call: Call, died: Died) -> Iterator[Event]:
        """A worker did not live to answer."""
        now = time.monotonic()
        if replica.state == "starting" and died.for_good:
            why = f"model {replica.work.model.id}: no worker starts: {died.how}"
            yield from self._unloaded(replica, LoadError(why))
        elif replica.state == "starting":
            # Nothing of ours ran in it yet: it is being started again, here or elsewhere.
            replica.pause_until = now + TICK_S
        else:
            self._mourn(replica, call, Death(replica.node, now, died.how))
        if died.for_good and replica in replica.work.replicas:
            self._end(replica)

    def _mourn(self, replica: Replica, call: Call, death: Death) -> None:
        """A worker ended in mid-call; Ray starts it again, and then it has to load again."""
        work = replica.work
        replica.state, replica.call = "starting", None
        replica.pause_until = time.monotonic() + TICK_S
        if call.trial is not None:
            work.deaths.setdefault(call.trial.key, []).append(death)
            work.suspended.append(call.trial)
        else:
            work.loads.append(death)

    def _pass_over(self, replica: Replica, why: str, works: Iterable[Work]) -> Iterator[Event]:
        """Use a node for some models no more; what they have to do is for the others."""
        if replica.node in replica.avoids:
            yield from self._unloaded(replica, LoadError(why))
            return
        if replica.node not in replica.work.barred:
            yield Noted(replica.work.model.id, f"{why}; it is not used")
        for work in works:
            work.barred[replica.node] = why
        self._end(replica)

    def _unloaded(self, replica: Replica, error: LoadError) -> Iterator[Ended]:
        """A replica that cannot be loaded ends its model's trials, unless others do them."""
        work = replica.work
        self._end(replica)
        if work.replicas:
            work.limit = len(work.replicas)
        else:
            yield from (Ended(trial, error) for trial in work.emptied())

    def _judge(self) -> Iterator[Ended]:
        """Put trials whose workers ended back into the line, or leave them."""
        for work in self._works:
            suspended, work.suspended = work.suspended, []
            for trial in suspended:
                found = self._nodes.verdict(work.deaths[trial.key])
                if found == "again":
                    work.waiting.append(trial)
                elif found == "wait":
                    work.suspended.append(trial)
                else:
                    deaths = work.deaths[trial.key]
                    yield Ended(trial, quarantined(deaths, self._stage.timing.clock()))

    def _free(self) -> None:
        """End replicas that have nothing more to do: their slot is another model's."""
        for work in self._works:
            if not (work.waiting or work.suspended):
                for replica in [item for item in work.replicas if item.idle]:
                    self._end(replica)

    def _end(self, replica: Replica) -> None:
        """Take a worker out of the cluster for good."""
        replica.work.replicas = [item for item in replica.work.replicas if item is not replica]
        with contextlib.suppress(Exception):  # the cluster itself may be gone
            self._ray.kill(replica.actor, no_restart=True)
