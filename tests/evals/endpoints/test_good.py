"""All is well: every provider, every task, through the provider's own client."""

from __future__ import annotations

import base64
from typing import Any, get_args

import numpy as np
import pytest

from evals import media
from evals.backends import RawMedia
from evals.endpoints.settings import STARTED_TASKS, VIDEO_TASKS
from evals.types import Task
from tests.evals.loopback import dialects
from tests.evals.loopback.bench import PROMPT, Clock, Leave, opened, serving

PROVIDERS = sorted(set(dialects.DIALECTS) - {"routed"})
MAKES: list[Task] = ["text-to-image", "image-edit", "text-to-video", "image-to-video"]
START = np.arange(24 * 24 * 3, dtype=np.uint8).reshape(24, 24, 3)


def start_of(task: Task) -> np.ndarray | None:
    return START if task in STARTED_TASKS else None


ROUTED: list[tuple[str, Task]] = [("routed", task) for task in MAKES if task != "text-to-image"]
"""What the hub's client does by a queue."""
ALL = [
    (provider, task)
    for provider in PROVIDERS
    for task in MAKES
    if provider != "huggingface" or task not in VIDEO_TASKS
] + ROUTED


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(("provider", "task"), ALL)
def test_what_was_made_arrives(provider: str, task: Task, clock: Clock) -> None:
    leave = Leave()
    with serving(provider, task) as server, opened(provider, server, task) as endpoint:
        made = endpoint.generate(PROMPT, 7, start_of(task), ticket=leave)
        assert isinstance(made, RawMedia)
        if task in VIDEO_TASKS:
            assert made.pixels.shape == (8, 32, 48, 3)
            assert made.fps == 8.0
            assert made.quantities["clip_seconds"] == 1.0
            assert made.quantities["frames"] == 8.0
        else:
            expected = media.decode(server.dialect.media["w0"])  # pyright: ignore[reportAttributeAccessIssue]
            assert np.array_equal(made.pixels, expected)
            assert made.quantities["images"] == 1.0
            assert made.quantities["pixels"] == 48.0 * 32.0
        assert made.quantities.get("input_images") == (1.0 if task in STARTED_TASKS else None)
        assert endpoint.device == "endpoint"
        assert endpoint.idempotent is False
        assert server.count("work") == 1
        sent = server.seen[0].body
        if task in STARTED_TASKS:
            png = media.encode_png(START)
            assert png in sent or base64.b64encode(png) in sent
        # HuggingFace's own tasks answer at once; the others hand work in, but for pictures of the
        # OpenAI API.
        at_once = provider == "huggingface" or (provider == "openai" and task not in VIDEO_TASKS)
        assert len(leave.handed_in) == (0 if at_once else 1)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_seed_is_sent_and_another_gives_another_picture(provider: str, clock: Clock) -> None:
    with serving(provider) as server, opened(provider, server) as endpoint:
        one, again, other = (
            endpoint.generate(PROMPT, seed, ticket=Leave(f"t{number}")).pixels
            for number, seed in enumerate((3, 3, 4))
        )
        assert np.array_equal(one, again)
        assert not np.array_equal(one, other)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_seed_that_the_api_does_not_take_is_left_out(provider: str, clock: Clock) -> None:
    with serving(provider) as server, opened(provider, server, seed_key="") as endpoint:
        endpoint.generate(PROMPT, 3, ticket=Leave())
        assert b"seed" not in server.seen[0].body


@pytest.mark.parametrize("provider", PROVIDERS)
def test_size_and_further_arguments_are_sent(provider: str, clock: Clock) -> None:
    more: dict[str, Any] = {"width": 48, "height": 32, "arguments": {"steps": 4, "style": "vivid"}}
    with serving(provider) as server, opened(provider, server, **more) as endpoint:
        made = endpoint.generate(PROMPT, 3, ticket=Leave())
        assert made.asked_size == (48, 32)
        sent = dialects.parsed(server.seen[0])
        assert sent["steps"] == 4
        assert sent["style"] == "vivid"
        size = {
            "openai": sent.get("size"),
            "fal": sent.get("image_size"),
        }.get(provider, {"width": sent.get("width"), "height": sent.get("height")})
        assert size in ("48x32", {"width": 48, "height": 32})


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_key_is_sent_to_this_machine(
    provider: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is what the environment holds for the provider itself."""
    for name in ("OPENAI_API_KEY", "FAL_KEY", "REPLICATE_API_TOKEN", "HF_TOKEN"):
        monkeypatch.setenv(name, "canary-of-the-environment")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-canary-of-the-environment")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Own: canary-of-the-environment")
    with serving(provider) as server, opened(provider, server) as endpoint:
        endpoint.generate(PROMPT, 3, ticket=Leave())
        assert not any(
            "authorization" in seen.headers or "canary" in str(dict(seen.headers))
            for seen in server.seen
        )


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_key_that_a_file_names_goes_to_the_api_and_to_no_download(
    provider: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "canary-0123456789")
    with (
        serving(provider, **({"by_address": True} if provider == "openai" else {})) as server,
        opened(provider, server, key_env="MY_KEY") as endpoint,
    ):
        endpoint.generate(PROMPT, 3, ticket=Leave())
        for seen, step in zip(server.seen, server.steps, strict=True):
            has = "canary-0123456789" in seen.headers.get("authorization", "")
            assert has == (step != "content")


def test_tokens_cost_and_version_are_kept(clock: Clock) -> None:
    with serving("openai") as server, opened("openai", server) as endpoint:
        made = endpoint.generate(PROMPT, 3, ticket=Leave())
        assert made.cost_usd == 0.042
        assert made.quantities["image_tokens"] == 272.0
        assert made.quantities["input_tokens"] == 11.0
        assert made.served_by == "fp_1"
    with serving("replicate") as server, opened("replicate", server) as endpoint:
        made = endpoint.generate(PROMPT, 3, ticket=Leave())
        assert made.served_by == "5c7d5dc6"
        assert made.quantities["predict_seconds"] == 0.25
    with serving("fal") as server, opened("fal", server) as endpoint:
        made = endpoint.generate(PROMPT, 3, ticket=Leave())
        assert made.quantities["inference_seconds"] == 0.5
        assert made.quantities["billable_units"] == 1.0
    with serving("huggingface") as server, opened("huggingface", server) as endpoint:
        assert endpoint.generate(PROMPT, 3, ticket=Leave()).served_by == "abc123"


def test_a_pinned_version_of_replicate_is_asked_for(clock: Clock) -> None:
    with (
        serving("replicate") as server,
        opened("replicate", server, model="maker/model:5c7d") as endpoint,
    ):
        endpoint.generate(PROMPT, 3, ticket=Leave())
        assert server.seen[0].path == "/v1/predictions"
        assert server.seen[0].table["version"] == "5c7d"


def test_every_task_is_one_that_there_is() -> None:
    assert set(MAKES) <= set(get_args(Task))
