"""What the driver does with nodes that differ, on a cluster that is only a table of nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evals import machine
from evals.cluster.driver import Driver
from evals.cluster.worker import Unfit, Where, Worker
from evals.errors import LoadError
from evals.executors import Ended, Event, Job, Loaded, Stage
from evals.generate import Attempt, Timing
from evals.types import Model, Prompt, Trial
from tests.evals.worlds import NOON

NOISE = Model("noise", "Noise", "text-to-image", "procedural", {"kind": "noise"})
BARS = "ray.io/node-id"


class _Gone(Exception):
    pass


@dataclass
class Table:
    """As much of the module `ray` as the driver uses: nodes of one slot, calls answered at once."""

    nodes_by_id: Mapping[str, Mapping[str, str]]
    """Versions by node."""
    lacks: frozenset[str] = frozenset()
    """Nodes that a model's files are not on."""
    placed: list[str] = field(default_factory=list[str])
    """Nodes of the workers so far."""
    taken: set[str] = field(default_factory=set[str])
    exceptions: Any = field(
        default_factory=lambda: SimpleNamespace(
            ActorDiedError=_Gone,
            RayTaskError=_Gone,
            OutOfMemoryError=_Gone,
            ActorUnavailableError=_Gone,
            RayError=_Gone,
        )
    )

    def nodes(self) -> list[dict[str, Any]]:
        return [
            {"NodeID": node, "NodeName": f"host-{node}", "Alive": True, "Resources": {"CPU": 1.0}}
            for node in self.nodes_by_id
        ]

    def remote(self, **options: Any) -> Callable[[type[Worker]], Any]:
        barred = options.get("label_selector", {}).get(BARS, "!in()")[4:-1].split(",")
        free = [one for one in self.nodes_by_id if one not in self.taken and one not in barred]
        return lambda kind: SimpleNamespace(remote=lambda: self._placed(kind(), free[0]))

    def _placed(self, worker: Worker, node: str) -> Any:
        self.placed.append(node)
        self.taken.add(node)

        def load(model: Model, name: str) -> object:
            lacks = node in self.lacks
            return Unfit(f"node {name} has no /weights") if lacks else worker.load(model, name)

        calls: dict[str, Callable[..., object]] = {
            "where": lambda: Where(node, dict(self.nodes_by_id[node])),
            "load": load,
            "attempt": worker.attempt,
        }
        actor = {name: SimpleNamespace(remote=_Later(call)) for name, call in calls.items()}
        return SimpleNamespace(node=node, **actor)

    def wait(self, refs: Sequence[Any], num_returns: int, timeout: float) -> tuple[list[Any], Any]:
        del timeout
        return list(refs)[:num_returns], []

    def get(self, ref: Callable[[], object]) -> object:
        return ref()

    def kill(self, actor: Any, no_restart: bool) -> None:
        del no_restart
        self.taken.discard(actor.node)


@dataclass(frozen=True)
class _Later:
    call: Callable[..., object]

    def __call__(self, *arguments: object) -> Callable[[], object]:
        return lambda: self.call(*arguments)


class Open:
    """A gate that nobody is refused at."""

    def opens(self, trial: Trial, generator: object = None) -> None:
        return None


def run(table: Table, *models: Model) -> list[Event]:
    prompts = {"p": Prompt("p", "a red circle")}
    stage = Stage(lambda t: prompts[t.prompt_id], lambda p: None, Open(), Timing(lambda: NOON))
    jobs = [
        Job(one, tuple(Trial(one.id, "r", "s", "v", "p", seed, 1) for seed in range(4)))
        for one in models
    ]
    return list(Driver(table, jobs, stage, None, None).events())


def ended(events: Sequence[Event]) -> Iterator[Ended]:
    return (event for event in events if isinstance(event, Ended))


def same() -> dict[str, str]:
    return machine.versions()


def test_a_node_with_other_libraries_is_not_used_and_the_others_do_its_trials() -> None:
    table = Table({"a": {**same(), "torch": "0.1"}, "b": same()})
    events = run(table, NOISE)
    assert [isinstance(one.tried, Attempt) for one in ended(events)] == [True] * 4
    assert [event.where for event in events if isinstance(event, Loaded)] == ["cpu, node host-b"]
    # It is named where a person sees it.
    assert any("host-a" in str(event) and "torch 0.1" in str(event) for event in events)


def test_a_node_with_other_libraries_is_used_for_no_model() -> None:
    table = Table({"a": {**same(), "torch": "0.1"}, "b": same(), "c": same()})
    other = Model("other", "Other", "text-to-image", "procedural", {"kind": "noise"})
    run(table, NOISE, other, Model("third", "Third", "text-to-image", *other_settings(other)))
    assert table.placed.count("a") == 1


def other_settings(model: Model) -> tuple[str, Mapping[str, Any]]:
    return model.backend, model.settings


def test_a_node_without_the_weights_is_passed_over_for_that_model_only() -> None:
    table = Table({"a": same(), "b": same()}, frozenset("a"))
    events = run(table, NOISE)
    assert [isinstance(one.tried, Attempt) for one in ended(events)] == [True] * 4
    assert table.placed == ["a", "b"]
    assert any("host-a has no /weights" in str(event) for event in events)


def test_where_no_node_will_do_the_trials_end_at_once_with_why() -> None:
    table = Table({"a": {**same(), "torch": "0.1"}, "b": same()}, frozenset("b"))
    failed = [one.tried for one in ended(run(table, NOISE))]
    assert len(failed) == 4
    for one in failed:
        assert isinstance(one, LoadError)
        assert "host-a" in str(one)
        assert "host-b" in str(one)
        assert "\n" not in str(one)


def test_a_folder_that_a_node_does_not_have_is_named_with_the_node(tmp_path: Path) -> None:
    settings = {"source": str(tmp_path / "weights"), "steps": 1}
    found = Worker().load(Model("m", "M", "text-to-image", "diffusers", settings), "node-7")
    assert isinstance(found, Unfit)
    assert "node-7" in found.why
    assert str(tmp_path / "weights") in found.why


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
