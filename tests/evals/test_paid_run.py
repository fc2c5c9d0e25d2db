"""Runs over an endpoint that bills: within a budget, through every fault, and never paid twice."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evals import plan, record
from evals.budget import Limits
from evals.calls import calls_of
from evals.endpoints import timing
from evals.request import Request, prepare
from evals.run import evaluate
from evals.types import Result
from tests.evals.loopback import dialects, faults
from tests.evals.loopback.server import Server
from tests.evals.worlds import NOON, Write

PRICE = """
[api]
name = "An API"
[[api.prices]]
usd_per_image = 0.05
effective_from = 2026-01-01
source = "made up"
"""
STATED = 0.042
"""What the loopback server says that every call cost."""
ASK = Request("small", models=("bought",), metrics=())


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(dialects.OpenAI()).running() as running:
        yield running


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two tries."""
    monkeypatch.setattr(timing, "REAL", timing.Timing(wait=lambda seconds, cancelled: None))


@pytest.fixture(autouse=True)
def canary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", faults.CANARY)


def register(
    write: Write, server: Server, settings: str = "", price: str = 'price = "api"'
) -> None:
    write("prices/api.toml", PRICE)
    write(
        "models/bought.toml",
        f'name = "Bought"\ntask = "text-to-image"\nbackend = "openai"\n{price}\n[settings]\n'
        f'base_url = "{server.base}/v1"\nmodel = "m-1"\nkey_env = "SOME_KEY"\n'
        f"deadline_s = 2.0\nbreaker_after = 1000\n{settings}\n",
    )


def suite_of(write: Write, prompts: int) -> None:
    lines = ['title = "Long"', 'task = "text-to-image"', "seeds = [0, 1]"]
    for number in range(prompts):
        lines += ["[[prompts]]", f'id = "p{number}"', f'text = "picture {number}"']
    write("suites/long.toml", "\n".join(lines) + "\n")


def results(home: Path) -> list[Result]:
    return record.results_of(record.read_all(home))


def spent(home: Path) -> float:
    return sum(call.spent for call in calls_of(record.read_calls(home)))


def test_a_priced_endpoint_is_called_side_by_side_and_billed_as_it_says(
    data: Path, home: Path, write: Write, server: Server
) -> None:
    register(write, server)
    assert evaluate(home, ASK, data).counts == {"ok": 8}
    made = results(home)
    assert {result.generation.cost_usd for result in made} == {STATED}
    assert {result.generation.served_by for result in made} == {"fp_1"}
    assert server.count("work") == 8
    assert spent(home) == pytest.approx(8 * STATED)
    assert evaluate(home, ASK, data).planned == 0


def test_a_budget_holds_through_repeated_commands(
    data: Path, home: Path, write: Write, server: Server
) -> None:
    register(write, server)
    ask = replace(ASK, limits=Limits(usd=0.2))
    outcome = evaluate(home, ask, data)
    assert outcome.counts == {"ok": 4}
    (left,) = outcome.left_out
    assert (left.model, left.trials) == ("bought", 4)
    again = evaluate(home, ask, data)
    assert (again.planned, server.count("work")) == (0, 4)
    assert spent(home) == pytest.approx(4 * STATED)
    more = evaluate(home, replace(ASK, limits=Limits(usd=0.4)), data)
    assert more.counts == {"ok": 4}


def test_the_plan_says_what_a_run_would_skip_as_perhaps_paid(
    data: Path, home: Path, write: Write, server: Server, quick: None
) -> None:
    register(write, server, "concurrency = 1")
    server.put("work", *[faults.reset] * 3, None)
    assert evaluate(home, ASK, data).counts == {"ok": 5, "failed": 3}
    for ask, calls, usd in ((ASK, 0, 0.0), (replace(ASK, pay_again=True), 3, 0.15)):
        planned = prepare(home, ask, NOON, data)
        (row,) = planned.previews
        assert (row.trials, row.cost.usd) == (calls, pytest.approx(usd))
        assert any("3 of its trials" in note for note in planned.notes) == (calls == 0)
    assert evaluate(home, ASK, data).counts == {"skipped": 3}
    assert evaluate(home, replace(ASK, pay_again=True), data).counts == {"ok": 3}
    assert prepare(home, ASK, NOON, data).notes == ()


def test_a_provider_that_bills_more_than_its_price_is_stopped_on_the_way(
    data: Path, home: Path, write: Write, server: Server
) -> None:
    register(write, server, "concurrency = 1")
    write("prices/api.toml", PRICE.replace("0.05", "0.01"))
    outcome = evaluate(home, replace(ASK, limits=Limits(usd=0.1)), data)
    # Ten would fit by the price. The first bill, 0.042, says that a third is over the budget.
    assert outcome.counts == {"ok": 2, "skipped": 6}
    assert spent(home) <= 0.1
    assert {r.generation.failure.kind for r in results(home) if r.generation.failure} == {"budget"}


def test_what_has_no_price_is_not_called_under_a_budget(
    data: Path, home: Path, write: Write, server: Server
) -> None:
    register(write, server, price="")
    outcome = evaluate(home, replace(ASK, limits=Limits(usd=5.0)), data)
    assert (outcome.planned, server.count("work")) == (0, 0)
    assert "price is unknown" in outcome.left_out[0].reason


HOSTILE = (
    faults.status(429, "slow down", Retry_After="999999999"),
    faults.status(503, f"busy, Bearer {faults.CANARY}"),
    faults.status(500, "oops"),
    faults.status(400, {"code": "content_policy_violation", "message": "not that"}),
    faults.status(400, f"bad key {faults.CANARY}"),
    faults.HTML,
    faults.HIDDEN_HTML,
    faults.gzip_bomb(),
    faults.reset,
    faults.reset_in_body,
    faults.not_http,
    faults.promises_much,
    faults.redirect("http://169.254.169.254/latest/meta-data"),
    faults.says({"data": []}),
    faults.says({"data": [{"b64_json": "bm8gcGljdHVyZQ=="}]}),
    faults.says({"data": [{"url": "file:///etc/passwd"}]}),
    faults.raw(b"", "application/json"),
    faults.DEEP,
    faults.hang,
)


@pytest.mark.slow
def test_two_hundred_trials_at_a_hostile_endpoint_all_end(
    data: Path, home: Path, write: Write, server: Server, quick: None
) -> None:
    register(write, server, "concurrency = 8")
    suite_of(write, 100)
    dice = random.Random(7)
    server.put(
        "work", *(dice.choice((*[None] * len(HOSTILE), *HOSTILE)) for _ in range(1000)), None
    )
    ask = replace(ASK, suite="long", limits=Limits(usd=8.0))
    outcome = evaluate(home, ask, data)
    made = results(home)
    left = sum(row.trials for row in outcome.left_out)
    assert len(made) + left == 200
    assert len({result.trial.key for result in made}) == len(made)
    counts = Counter(result.generation.status for result in made)
    assert counts["ok"] > 20
    assert counts["failed"] > 20
    for result in made:
        failure = result.generation.failure
        assert (failure is None) == (result.generation.status == "ok")
        assert failure is None or (failure.kind and "\n" not in failure.message)
    assert spent(home) <= 8.0
    assert max(Counter(server.bills).values()) <= 1
    for path in home.rglob("*"):
        assert not path.is_file() or faults.CANARY.encode() not in path.read_bytes(), path


SCRIPT = """
import sys
from pathlib import Path
from evals.budget import Limits
from evals.request import Request
from evals.run import evaluate
home, data = map(Path, sys.argv[1:])
print("begin", flush=True)
evaluate(home, Request("small", models=("bought",), metrics=(), limits=Limits(usd=0.5)), data,
         progress=lambda step: print(step.event, step.done, flush=True))
"""


def start(home: Path, data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(home), str(data)], stdout=subprocess.PIPE, text=True
    )


def torment(home: Path, data: Path, server: Server, seed: int) -> None:
    """Kill the run at the moment when the server has taken some work in; then let it end."""
    dice = random.Random(seed)
    server.put("work", *[None] * dice.randint(0, 5), faults.says_late(dice.random() * 0.2), None)
    process = start(home, data)
    assert process.stdout is not None
    server.reached.wait(60)
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    process.wait()
    finished = start(home, data)
    assert finished.stdout is not None
    finished.stdout.read()
    finished.stdout.close()
    assert finished.wait() == 0


def works_by_trial(server: Server) -> Counter[str]:
    """Idempotency key -> requests for work that the server saw."""
    return Counter(seen.headers["idempotency-key"] for seen in server.seen if seen.method == "POST")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("idempotent", [False, True])
def test_killed_in_the_middle_of_a_call_nothing_is_paid_twice(
    data: Path, home: Path, write: Write, server: Server, seed: int, idempotent: bool
) -> None:
    register(write, server, f"idempotent = {json.dumps(idempotent)}")
    torment(home, data, server, seed)
    planned = prepare(home, ASK, NOON, data)
    kinds = Counter(
        result.generation.failure.kind if result.generation.failure else "ok"
        for result in plan.settled(results(home)).values()
    )
    if idempotent:
        assert kinds == {"ok": 8}
        assert max(server.bills.values()) == 1
    else:
        # What was in flight may have been paid: it is not asked for again, and said.
        assert kinds["ok"] + kinds["maybe_paid"] == 8
        assert max(works_by_trial(server).values()) == 1
        assert len(planned.missing) == kinds["maybe_paid"] > 0
    assert spent(home) <= 0.5


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(100, 130))
def test_killed_often_nothing_is_paid_twice(
    data: Path, home: Path, write: Write, server: Server, seed: int
) -> None:
    register(write, server)
    torment(home, data, server, seed)
    assert max(works_by_trial(server).values()) == 1


@pytest.mark.slow
def test_a_clip_that_was_ordered_is_fetched_after_a_crash_and_not_ordered_again(
    data: Path, home: Path, write: Write
) -> None:
    with Server(dialects.OpenAI(task="text-to-video")).running() as server:
        register(write, server, "poll_s = 0.05\nconcurrency = 1")
        text = (data / "models/bought.toml").read_text()
        write("models/bought.toml", text.replace("text-to-image", "text-to-video"))
        text = (data / "suites/small.toml").read_text()
        write("suites/small.toml", text.replace("text-to-image", "text-to-video"))
        for name in ("renderer", "noise"):
            (data / f"models/{name}.toml").unlink()
        clips = PRICE.replace("usd_per_image", "usd_per_clip_second")
        write("prices/api.toml", clips)
        # The first question after the work is never answered: there it is killed.
        server.put("question", faults.says_late(30), None)
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                SCRIPT.replace(", limits=Limits(usd=0.5)", ""),
                str(home),
                str(data),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        server.reached.wait(60)
        process.send_signal(signal.SIGKILL)
        process.stdout.close()
        process.wait()
        assert evaluate(home, ASK, data).counts == {"ok": 8}
        assert max(works_by_trial(server).values()) == 1
