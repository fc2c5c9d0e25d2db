"""How a model is called is what its backend sends, and no key is in it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from evals.types import Model, Task
from leaderboard.pick_answers import Call
from leaderboard.routing.routes import Route, route_of_call, route_of_model
from tests.evals.loopback import bench, dialects
from tests.evals.loopback.server import Seen


def sent(seen: Seen) -> dict[str, Any]:
    """What a server was asked for beside prompt and seed, whichever the wire."""
    table = seen.table
    table = table.get("input") or table | table.pop("parameters", {})
    return {k: v for k, v in table.items() if k not in ("prompt", "seed", "inputs", "model")}


# Clips of the OpenAI API are multipart, and those of the hub are made at a third party.
@pytest.mark.parametrize(
    ("provider", "task"),
    [
        *((name, "text-to-image") for name in ("openai", "fal", "replicate", "huggingface")),
        *((name, "text-to-video") for name in ("fal", "replicate")),
    ],
)
def test_the_parameters_are_those_that_the_backend_sends(provider: str, task: Task) -> None:
    more: dict[str, Any] = {"width": 48, "height": 32, "arguments": {"steps": 9}}
    if task == "text-to-video":
        more["seconds"] = 2.0
    with (
        bench.serving(provider, task) as server,
        bench.opened(provider, server, task, **more) as endpoint,
    ):
        endpoint.generate(bench.PROMPT, 1, ticket=bench.Leave())
        settings = {**dialects.settings(provider, server), **more}
        base = server.base
    route = route_of_model(Model("m", "M", task, provider, settings))
    wanted = {k: v for k, v in route.parameters.items() if k != "provider"}
    assert sent(server.seen[0]) == wanted
    assert (route.provider, route.model) == (provider, dialects.MODELS[provider])
    assert (route.api_base or "").startswith(base)
    assert route.key_env is None  # another server gets no key of the provider's


def test_the_key_of_a_provider_is_a_name() -> None:
    model = Model("m", "M", "text-to-image", "fal", {"model": "maker/model"})
    route = route_of_model(model)
    assert (route.key_env, route.api_base) == ("FAL_KEY", None)
    assert route.litellm == {"model": "fal_ai/maker/model"}
    model = Model("m", "M", "text-to-image", "replicate", {"model": "maker/model"})
    assert route_of_model(model).litellm is None


def test_a_local_model_says_how_it_runs_and_not_where() -> None:
    settings = {"source": "/home/somebody/weights", "steps": 12, "guidance": 1.3}
    route = route_of_model(Model("mine", "M", "text-to-image", "diffusers", settings, "abc"))
    assert route == Route(
        "local",
        "mine",
        {"backend": "diffusers", "revision": "abc", "steps": 12, "guidance": 1.3},
    )
    assert "somebody" not in json.dumps(asdict(route))


@pytest.mark.parametrize(
    ("call", "task", "wanted"),
    [
        (
            Call(litellm="gemini/veo", size="720p", seconds=5),
            "text-to-video",
            ("gemini", "veo", {"size": "1280x720", "seconds": "5"}, True),
        ),
        (
            Call(litellm="xai/grok-video", size="720p", seconds=5),
            "text-to-video",
            ("xai", "grok-video", {"size": "1280x720", "seconds": "5"}, False),
        ),
        (
            Call(litellm="xai/grok-video", fal="xai/grok", size="720p", seconds=5),
            "text-to-video",
            ("fal", "xai/grok", {}, False),
        ),
        (
            Call(litellm="fal_ai/a/b", fal="a/b", size="1024x1024", quality="high"),
            "text-to-image",
            ("fal", "a/b", {}, True),
        ),
        (
            Call(litellm="azure_ai/m", size="1024x1024"),
            "image-edit",
            ("azure_ai", "m", {}, True),
        ),
        (
            Call(litellm="sora-2", size="720p", seconds=4),
            "text-to-video",
            ("openai", "sora-2", {"size": "1280x720", "seconds": "4"}, True),
        ),
        (Call(replicate="a/b"), "text-to-image", ("replicate", "a/b", {}, False)),
    ],
)
def test_the_crosswalk_says_how_others_are_called(
    call: Call, task: str, wanted: tuple[str, str, dict[str, Any], bool]
) -> None:
    route = route_of_call(call, task)
    assert route is not None
    able = route.litellm is not None
    assert (route.provider, route.model, dict(route.parameters), able) == wanted


def test_what_nobody_knows_has_no_route() -> None:
    assert route_of_call(Call(size="1024x1024"), "text-to-image") is None
