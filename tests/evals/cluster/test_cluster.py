"""On real nodes: what a cluster makes is what this process makes, whatever becomes of its nodes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from evals import record
from evals.cluster import Ray
from evals.cluster.driver import Driver
from evals.executors import Job, Stage
from evals.record_types import Scored
from evals.request import Request, prepare
from evals.run import Progress, evaluate
from evals.types import Result
from tests.evals.cluster.conftest import Nodes
from tests.evals.cluster.faults import NOISE
from tests.evals.worlds import NOON, Write, model_toml

pytestmark = pytest.mark.slow

PLAIN = Request("small", metrics=())


def faulty(data: Path, write: Write, *names: str, **settings: object) -> Path:
    """Let only these models be in the suite, all of the faulty backend; the file of their calls."""
    for path in (data / "models").glob("*.toml"):
        path.unlink()
    calls = data.parent / "calls"
    for name in names:
        lines = [f'calls = "{calls}"', *(f"{key} = {_toml(v)}" for key, v in settings.items())]
        write(f"models/{name}.toml", model_toml("\n".join(lines), backend="faults"))
    return calls


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')


def results(home: Path) -> list[Result]:
    return [result for item in record.read_all(home) for result in item.results]


def once_each(home: Path, data: Path) -> None:
    """Every planned trial ended in exactly one line."""
    planned = prepare(home, PLAIN, NOON, data)
    keys = [result.trial.key for result in results(home)]
    assert sorted(keys) == sorted(trial.key for trial in planned.trials)


def test_the_same_pictures_and_scores_as_without(
    three: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = ("reference-small-r1", "reference-small-r2")
    request = Request("calibration", models, prompts=2)
    kept: list[dict[str, object]] = []
    for name, executor in (("here", None), ("there", Ray())):
        home = tmp_path / name
        evaluate(home, request, executor=executor)
        (item,) = record.read_all(home)
        hashes = {
            r.trial.key: r.generation.media and r.generation.media.sha256 for r in item.results
        }
        scores = {
            (line.trial_key, score.metric): score.value
            for line in item.scored
            if isinstance(line, Scored)
            for score in line.scores
        }
        assert len(hashes) == item.run.planned
        assert len(scores) >= len(hashes)
        kept.append({"hashes": hashes, "scores": scores})
    assert kept[0] == kept[1]


@pytest.mark.parametrize("abrupt", [pytest.param(False, marks=pytest.mark.torture), True])
def test_a_node_that_goes_takes_no_trial_with_it(
    three: Nodes, data: Path, home: Path, write: Write, abrupt: bool
) -> None:
    calls = faulty(data, write, "one", "two", "three", pace_s=0.3)
    ended: list[int] = []

    def removing(step: Progress) -> None:
        if step.event == "ok":
            ended.append(step.done)
            if len(ended) == 6:
                three.remove(abrupt)

    outcome = evaluate(home, PLAIN, data, removing, executor=Ray())
    assert outcome.counts == {"ok": 24}
    once_each(home, data)
    # What was lost in mid-call was called again, and nothing else.
    assert 24 <= len(calls.read_text().splitlines()) <= 26


@pytest.mark.torture
def test_who_kills_three_workers_is_left_and_tried_by_the_next_run(
    three: Nodes, data: Path, home: Path, write: Write
) -> None:
    calls = faulty(data, write, "one", kills="p2", pace_s=0.05)
    outcome = evaluate(home, PLAIN, data, executor=Ray())
    assert outcome.counts == {"ok": 6, "failed": 2}
    once_each(home, data)
    for result in results(home):
        if result.trial.prompt_id == "p2":
            failure = result.generation.failure
            assert failure is not None
            assert (failure.kind, failure.blame) == ("quarantined", "infrastructure")
            assert "its process ended" in failure.message
    called = Counter(calls.read_text().splitlines())
    assert called["p2 0"] == called["p2 1"] == 3
    assert set(called.values()) == {1, 3}
    assert len(prepare(home, PLAIN, NOON, data).missing) == 2


def test_a_call_that_hangs_is_ended_and_made_again(
    three: Nodes, data: Path, home: Path, write: Write
) -> None:
    calls = faulty(data, write, "one", hangs="p2", once=True)
    outcome = evaluate(home, PLAIN, data, executor=Ray(deadline_s=8))
    assert outcome.counts == {"ok": 8}
    assert Counter(calls.read_text().splitlines())["p2 0"] == 2


def test_what_no_node_can_run_is_said_at_once(
    three: Nodes, data: Path, home: Path, write: Write
) -> None:
    faulty(data, write, "one")
    calls = data.parent / "calls"
    write("models/two.toml", model_toml(f'calls = "{calls}"\ndevice = "cuda"', backend="faults"))
    outcome = evaluate(home, PLAIN, data, executor=Ray())
    assert outcome.counts == {"ok": 8, "failed": 8}
    (message,) = {r.generation.failure.message for r in results(home) if r.generation.failure}
    assert "needs a GPU" in message
    assert "\n" not in message


@pytest.mark.torture
def test_a_model_that_kills_whoever_loads_it_ends_its_trials(
    three: Nodes, data: Path, home: Path, write: Write
) -> None:
    calls = faulty(data, write, "one", load="kills")
    write("models/two.toml", model_toml(f'calls = "{calls}"', backend="faults"))
    outcome = evaluate(home, PLAIN, data, executor=Ray())
    assert outcome.counts == {"ok": 8, "failed": 8}
    (message,) = {r.generation.failure.message for r in results(home) if r.generation.failure}
    assert "loading it ended its worker 3 times" in message


@pytest.mark.torture
def test_free_slots_take_copies_of_a_model_up_to_the_bound(
    three: Nodes, data: Path, tmp_path: Path, write: Write
) -> None:
    calls = faulty(data, write, "one", pace_s=1.0)
    for bound in (None, 1):
        steps: list[Progress] = []
        evaluate(tmp_path / f"home{bound}", PLAIN, data, steps.append, executor=Ray(None, bound))
        loaded = [step.detail for step in steps if step.event == "loaded"]
        assert all(place.startswith("cpu, node ") for place in loaded)
        assert (len(loaded) == 1) == (bound == 1)
    assert set(Counter(calls.read_text().splitlines()).values()) == {2}


@pytest.mark.torture
def test_a_node_that_was_passed_over_gets_no_worker(three: Nodes) -> None:
    import ray

    # Ray still lists for a while what an earlier test has killed.
    living = {str(node.node_id) for node in three.cluster.list_all_nodes()}
    for left in sorted(living):
        driver = Driver(ray, [Job(NOISE, ())], Stage(None, None, None, None), 1, None)  # type: ignore[arg-type]
        (work,) = driver._works
        work.barred = dict.fromkeys(living - {left}, "other versions")
        driver._start(work)
        (replica,) = work.replicas
        assert ray.get(replica.actor.where.remote(), timeout=60).node == left
        driver._end(replica)


def test_a_stopped_run_gives_its_slots_back_and_is_continued(
    three: Nodes, data: Path, home: Path, write: Write
) -> None:
    faulty(data, write, "one", "two", "three", pace_s=0.1)

    def stop(step: Progress) -> None:
        if step.done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(home, PLAIN, data, stop, executor=Ray())
    assert len(results(home)) == 5
    # Another three models need all three slots.
    assert evaluate(home, PLAIN, data, executor=Ray()).counts == {"ok": 19}
    once_each(home, data)
