"""Work that is taken in first: asked after, gone on with after a crash, lost, failed, too slow."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from evals.endpoints import jobs
from evals.errors import BackendError, LoadError
from evals.types import Task
from tests.evals.loopback import dialects, faults
from tests.evals.loopback.bench import PROMPT, Clock, Leave, opened, serving
from tests.evals.loopback.cases import failing

QUEUES: list[tuple[str, Task]] = [
    ("openai", "text-to-video"),
    ("fal", "text-to-image"),
    ("fal", "text-to-video"),
    ("replicate", "text-to-image"),
    ("replicate", "text-to-video"),
    ("routed", "text-to-video"),
]
WAITING = {
    "openai": {
        "id": "w0", "object": "video", "status": "in_progress", "model": "m", "created_at": 1,
        "progress": 5, "seconds": "1", "size": "48x32",
    },
    "fal": {"status": "IN_QUEUE", "queue_position": 3},
    "routed": {"status": "IN_PROGRESS"},
    "replicate": {
        "id": "w0", "model": "m", "version": "v", "status": "processing", "input": {},
        "output": None, "logs": "", "error": None, "metrics": None, "created_at": "",
        "started_at": None, "completed_at": None, "urls": {},
    },
}  # fmt: skip


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(("provider", "task"), QUEUES)
def test_work_is_asked_after_until_it_is_done(provider: str, task: Task, clock: Clock) -> None:
    with serving(provider, task) as server, opened(provider, server, task) as endpoint:
        server.put("question", *[faults.says(WAITING[provider])] * 3, None)
        endpoint.generate(PROMPT, 0, ticket=Leave())
        assert server.count("work") == 1
        assert server.count("question") >= 4


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(("provider", "task"), QUEUES)
def test_after_a_crash_work_is_taken_up_and_not_handed_in_again(
    provider: str, task: Task, clock: Clock
) -> None:
    first = Leave()
    with serving(provider, task) as server:
        with opened(provider, server, task) as endpoint:
            server.put("question", faults.status(401))
            with pytest.raises(BackendError):
                endpoint.generate(PROMPT, 0, ticket=first)
        assert len(first.handed_in) == 1
        server.put("question", None)
        with opened(provider, server, task) as endpoint:
            again = Leave(job=first.handed_in[0])
            made = endpoint.generate(PROMPT, 0, ticket=again)
        assert made.pixels.shape[-3:] == (32, 48, 3)
        assert server.count("work") == 1
        assert again.handed_in == []


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(("provider", "task"), QUEUES)
def test_work_that_vanished_is_lost_and_billed(provider: str, task: Task, clock: Clock) -> None:
    job = Leave()
    with serving(provider, task) as server, opened(provider, server, task) as endpoint:
        server.put("question", faults.status(404))
        found = failing(lambda: endpoint.generate(PROMPT, 0, ticket=job))
        assert (found.kind, found.billed) == ("job_lost", True)
        assert server.count("work") == 1
        resumed = Leave(job=job.handed_in[0])
        found = failing(lambda: endpoint.generate(PROMPT, 0, ticket=resumed))
        assert (found.kind, found.billed) == ("job_lost", True)
        assert server.count("work") == 1


@pytest.mark.parametrize(
    ("told", "kind", "blame"),
    [
        ("CUDA out of memory", "job_failed", "infrastructure"),
        ("NSFW content detected", "refused", "model"),
        ({"code": "moderation_blocked", "message": "no"}, "refused", "model"),
    ],
)
@pytest.mark.parametrize("provider", ["openai", "fal", "replicate"])
def test_work_that_failed(provider: str, told: object, kind: str, blame: str, clock: Clock) -> None:
    task: Task = "text-to-video"
    text = told if isinstance(told, str) else "content_policy_violation"
    answer = {
        "openai": WAITING["openai"]
        | {"status": "failed", "error": told if isinstance(told, dict) else
           {"code": "x", "message": told}},
        "fal": {"status": "COMPLETED", "logs": [], "error": text, "error_type": "x"},
        "replicate": WAITING["replicate"] | {"status": "failed", "error": text},
    }[provider]  # fmt: skip
    with serving(provider, task) as server, opened(provider, server, task) as endpoint:
        server.put("question", faults.says(answer))
        found = failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert (found.kind, found.blame) == (kind, blame)
        # fal bills no failure of its machines; whoever else ran something bills it.
        assert found.billed == (provider != "fal" or kind == "refused")


@pytest.mark.parametrize(("provider", "task"), [q for q in QUEUES if q[0] != "routed"])
def test_work_that_never_ends_times_out(provider: str, task: Task, clock: Clock) -> None:
    leave = Leave()
    with (
        serving(provider, task) as server,
        opened(provider, server, task, poll_s=30.0) as endpoint,
    ):
        server.put("question", faults.says(WAITING[provider]))
        found = failing(lambda: endpoint.generate(PROMPT, 0, ticket=leave))
        assert (found.kind, found.billed) == ("timeout", True)
        assert len(leave.handed_in) == 1
        assert clock.skipped <= (1800.0 if task.endswith("video") else 300.0)


def test_a_placard_of_the_safety_checker_is_a_refusal(clock: Clock) -> None:
    answer = {"images": [{"url": "http://127.0.0.1:1/x.png"}], "has_nsfw_concepts": [True]}
    with serving("fal") as server, opened("fal", server) as endpoint:
        server.put("result", faults.says(answer))
        found = failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert (found.kind, found.blame, found.billed) == ("refused", "model", True)


ROUTED_NAME = "video_bGl0ZWxsbTpjdXN0b21fbGxtX3Byb3ZpZGVyOm9wZW5haTt2aWRlb19pZDp2aWRlb18xMg=="
"""As the LiteLLM proxy names work: the names of others, in base64."""


def test_what_a_router_says_a_clip_costs_counts_after_a_crash_too(clock: Clock) -> None:
    """It says so when it takes the work in, and of questions that they cost nothing."""
    video = WAITING["openai"] | {"id": ROUTED_NAME}
    done = faults.says(video | {"status": "completed"}, x_litellm_response_cost="0.0")
    first = Leave()
    with (
        serving("openai", "text-to-video") as server,
        opened("openai", server, "text-to-video") as endpoint,
    ):
        server.put("work", faults.says(video, x_litellm_response_cost="0.8"))
        server.put("question", done)
        server.put("content", faults.raw(dialects.clip(), dialects.MP4))
        made = endpoint.generate(PROMPT, 0, ticket=first)
        (job,) = first.handed_in
        resumed = endpoint.generate(PROMPT, 0, ticket=Leave(job=job))
    assert (made.cost_usd, resumed.cost_usd) == (0.8, 0.8)
    assert job["video"] == ROUTED_NAME
    assert all(unquote(seen.path).split("/")[3] == ROUTED_NAME for seen in server.seen[1:])


@pytest.mark.parametrize("given", ["", "../x", "a/b", "a?b", "a b", "a%2fb", "é", "x" * 1001, 7])
def test_a_name_that_would_be_another_address_is_none(given: object) -> None:
    assert failing(lambda: jobs.name(given)).billed


def test_a_prediction_whose_output_was_removed_is_lost(clock: Clock) -> None:
    """Replicate keeps outputs for an hour: a run that goes on the day after is too late."""
    job = {"prediction": "w0"}
    with serving("replicate") as server, opened("replicate", server) as endpoint:
        server.put("question", faults.says(WAITING["replicate"] | {"status": "succeeded"}))
        found = failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave(job=job)))
    assert (found.kind, found.billed) == ("job_lost", True)
    assert "an hour" in str(found)


def test_a_community_model_of_replicate_needs_its_version(clock: Clock) -> None:
    with serving("replicate") as server, opened("replicate", server) as endpoint:
        server.put("work", faults.status(404))
        with pytest.raises(LoadError, match=r'model = "maker/model:<version>"') as caught:
            endpoint.generate(PROMPT, 0, ticket=Leave())
    assert caught.value.kind == "not_found"
