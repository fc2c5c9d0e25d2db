"""What the driver decides without a cluster: who is blamed, what fits, who is not sent there."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import backends
from evals.backends import RawMedia, Ticket
from evals.cluster import Ray, choose, connecting
from evals.cluster.answers import difference
from evals.cluster.deaths import MOST, MOST_NODES, SETTLED_S, Death, verdict
from evals.cluster.slots import DEADLINE_S, Need, Room, deadline, fits, need, pays, refusal
from evals.errors import InputError
from evals.executors import Ended, Job, Local, Stage
from evals.generate import Attempt, Timing
from evals.types import Model, Prompt, Trial
from tests.evals.worlds import NOON

SMALL = Room(2, 0)
GPU = Room(8, 1)


def diffusion(**settings: object) -> Model:
    known = {"source": "owner/name", "steps": 1, **settings}
    return Model("m", "M", "text-to-image", "diffusers", known)


def dead(node: str = "a", at: float = 0.0, overdue: bool = False) -> Death:
    return Death(node, at, "its process ended", overdue)


def test_the_third_worker_is_one_too_many() -> None:
    two, three = [dead(at=0), dead(at=1)], [dead(at=0), dead(at=1), dead(at=2)]
    assert verdict(two, {}, {"a": 9}, 9) == "again"
    assert verdict(three, {}, {"a": 9}, 9) == "leave"


def test_nobody_is_convicted_before_the_node_has_answered_or_had_its_time() -> None:
    three = [dead(at=0), dead(at=1), dead("b", at=2)]
    assert verdict(three, {}, {"a": 3}, 4) == "wait"
    assert verdict(three, {}, {"a": 3, "b": 2.5}, 4) == "leave"
    assert verdict(three, {}, {}, 3 + SETTLED_S) == "leave"
    assert verdict(three, {"b": 20}, {"a": 3}, 21) == "again"


def test_a_node_that_goes_much_later_excuses_nothing() -> None:
    three = [dead(at=0), dead(at=1), dead(at=2)]
    assert verdict(three, {"a": 3 + SETTLED_S}, {}, 4 + SETTLED_S) == "leave"


def test_an_overdue_call_is_held_against_its_trial_at_once() -> None:
    assert verdict([dead(overdue=True)] * MOST, {"a": 0}, {}, 0) == "leave"


def test_who_takes_node_after_node_is_left_too() -> None:
    lost = [dead(str(number), number) for number in range(MOST_NODES)]
    gone = {death.node: death.at + 1 for death in lost}
    assert verdict(lost[:-1], gone, {}, 99) == "again"
    assert verdict(lost, gone, {}, 99) == "leave"


@given(st.lists(st.sampled_from([Need(1, 0), Need(2, 0), Need(1, 1), Need(4, 1)]), max_size=6))
def test_what_fits_is_no_more_than_there_is(needs: list[Need]) -> None:
    rooms = [SMALL, GPU, Room(1, 0)]
    if fits(rooms, needs):
        assert sum(item.cpus for item in needs) <= sum(room.cpus for room in rooms)
        assert sum(item.gpus for item in needs) <= 1
        assert all(fits(rooms, needs[:count]) for count in range(len(needs)))


@pytest.mark.parametrize(
    ("settings", "rooms", "wanted"),
    [
        ({}, [SMALL], Need(1, 0)),
        ({}, [SMALL, GPU], Need(1, 1)),
        ({"device": "cpu"}, [SMALL, GPU], Need(1, 0)),
        ({"device": "cuda"}, [SMALL], Need(1, 1)),
        ({"threads": 64, "device": "cpu"}, [SMALL, Room(4, 0)], Need(4, 0)),
    ],
)
def test_what_a_model_needs_follows_from_its_settings(
    settings: dict[str, object], rooms: list[Room], wanted: Need
) -> None:
    assert need(diffusion(**settings), rooms) == wanted


def test_a_model_that_stops_by_itself_is_given_the_time_to() -> None:
    assert deadline(diffusion(deadline_s=10)) == deadline(diffusion()) == DEADLINE_S
    assert deadline(diffusion(deadline_s=7200)) > 7200


def test_what_no_node_can_hold_is_named() -> None:
    assert refusal("m", Need(1, 0), [SMALL]) is None
    assert "needs a GPU" in (refusal("m", Need(1, 1), [SMALL]) or "")
    assert "processor" in (refusal("m", Need(1, 0), [Room(0, 0)]) or "")
    assert "0 nodes" in (refusal("m", Need(1, 0), []) or "")


def test_a_second_copy_is_loaded_only_where_that_saves_time() -> None:
    assert pays(100, 1.0, 1, 20.0)
    assert not pays(10, 1.0, 1, 20.0)


def test_libraries_of_another_version_are_named() -> None:
    ours = {"torch": "2.8.0+cpu", "diffusers": "0.39.0", "python": "3.11.7"}
    assert difference({**ours, "torch": "2.8.0+cu128", "python": "3.11.9"}, ours) is None
    assert "diffusers 0.40.0" in (difference({**ours, "diffusers": "0.40.0"}, ours) or "")
    assert "missing" in (difference({"torch": "2.8.0"}, ours) or "")


def test_paid_calls_are_made_here_and_need_no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Endpoint:
        device = "endpoint"
        concurrency = 2
        idempotent = True

        def generate(self, prompt: Prompt, seed: int, *, ticket: Ticket) -> RawMedia:
            del prompt, ticket
            asked.append(seed)
            return RawMedia(np.zeros((8, 8, 3), np.uint8))

    @contextmanager
    def open_model(model: Model, device: str | None = None) -> Generator[Endpoint]:
        yield Endpoint()

    class Gate:
        def opens(self, trial: Trial, generator: object = None) -> object:
            return SimpleNamespace(key=trial.key, job=None)

    paid = SimpleNamespace(NAME="paid", PAID=True, open_model=open_model)
    monkeypatch.setattr(backends, "get", lambda name: paid)
    model = Model("m", "M", "text-to-image", "paid", {})
    trials = tuple(Trial("m", "r", "s", "v", "p", seed, 1) for seed in range(3))
    stage = Stage(lambda trial: Prompt("p", "p"), lambda p: None, Gate(), Timing(lambda: NOON))
    # Nobody listens there: to connect would fail.
    events = list(Ray("127.0.0.1:1").execute([Job(model, trials)], stage))
    ended = [event for event in events if isinstance(event, Ended)]
    assert all(isinstance(event.tried, Attempt) for event in ended)
    assert len(ended) == 3
    assert sorted(asked) == [0, 1, 2]


def test_an_address_that_nobody_answers_at_is_said_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("ray")
    monkeypatch.setattr("ray.is_initialized", lambda: False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    told = rf"127\.0\.0\.1:{port}: nobody answers there"
    with pytest.raises(InputError, match=told), connecting.connected(f"127.0.0.1:{port}"):
        pass


def test_versions_that_differ_from_the_clusters_are_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = "Version mismatch: The cluster was started with:\n    Ray: 2.50.0\n    Python: 3.12.1\n"

    def init(**options: object) -> None:
        raise RuntimeError(said)

    ray = SimpleNamespace(
        is_initialized=lambda: False, init=init, exceptions=SimpleNamespace(RayError=RuntimeError)
    )
    monkeypatch.setattr(connecting, "check", lambda address: None)
    monkeypatch.setattr(connecting, "importlib", SimpleNamespace(import_module=lambda name: ray))
    told = r"Ray: 2\.50\.0 Python: 3\.12\.1"
    with pytest.raises(InputError, match=told), connecting.connected("auto"):
        pass


def test_the_executor_is_chosen_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(choose("local"), Local)
    assert choose("ray", "head:6379", 2, 5.0) == Ray("head:6379", 2, 5.0)
    with pytest.raises(InputError, match="local and ray"):
        choose("spark")
    with pytest.raises(InputError, match="--replicas is of a cluster"):
        choose("local", replicas=2)
    with pytest.raises(InputError, match="host:port"):
        choose("ray", "ray://head:10001")
    monkeypatch.setattr(
        connecting, "find_spec", lambda name: None if name == "ray" else find_spec(name)
    )
    with pytest.raises(InputError, match=r"churnboard\[cluster\]"):
        choose("ray")
