"""The real router of LiteLLM obeys the export: right deployment, qualified fallback, live swap."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from leaderboard.answers import Picks
from leaderboard.crosswalk.file import load_crosswalk
from leaderboard.routing.litellm import as_text, litellm_config
from leaderboard.routing.routes import CALLED_BY_LITELLM, MODES, route_of_call
from tests.evals.loopback import dialects
from tests.evals.loopback.server import Reply, Seen, Server
from tests.leaderboard.routing import offered

# What LiteLLM warns of is its own affair.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
PROMPT = "a red circle"


@pytest.fixture(scope="module")
def litellm() -> Any:
    # Or the import asks the network for prices.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm as library

    library.suppress_debug_info = True
    library.telemetry = False
    return library


@dataclass(frozen=True)
class Market:
    """Servers of pictures and clips."""

    servers: dict[str, Server]

    def __getitem__(self, model: str) -> Server:
        return self.servers[model]

    def made(self) -> dict[str, int]:
        """How often each was asked for work that it did or failed."""
        return {name: server.count("work") for name, server in self.servers.items()}


class Plain(dialects.OpenAI):
    """A server that does not say what it billed."""

    def answer(self, step: str, seen: Seen, server: Server) -> Reply:
        reply = super().answer(step, seen, server)
        told = {name: text for name, text in reply.headers.items() if "litellm" not in name}
        return Reply(reply.body, reply.status, told)


@pytest.fixture
def market() -> Iterator[Market]:
    tasks = {"best": "text-to-image", "good": "text-to-image", "cheap": "text-to-image"}
    tasks |= {"film": "text-to-video", "short": "text-to-video"}
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(Server(Plain(task=task)).running())  # type: ignore[arg-type]
            for name, task in tasks.items()
        }
        yield Market(servers)


def config(
    market: Market, hero: str, *fallbacks: str, horse: str = "cheap", film: str = "film"
) -> Any:
    """What is exported of a market, as it is read back from the file."""
    models = [
        offered.served(
            name,
            f"{server.base}/v1",
            server.dialect.task,  # type: ignore[attr-defined]
            width=48,
            height=32,
            **(
                {"seconds": 1}
                if server.dialect.task == "text-to-video"
                else {"arguments": {"steps": 9}}
            ),  # type: ignore[attr-defined]
        )
        for name, server in market.servers.items()
    ]
    first = offered.pick(hero, cost=0.04)
    second = offered.pick(horse, "workhorse", cost=0.002)
    clip = offered.pick(film, task="text-to-video", cost=0.5, per_second=0.5)
    other = {"film": "short", "short": "film"}[film]
    picks: Picks = offered.picks_of(
        (first, offered.made(first, offered.line(*fallbacks))),
        (second, offered.made(second)),
        (clip, offered.made(clip, offered.line(other, per_second=0.4))),
    )
    exported = litellm_config(offered.document(picks, *models))
    assert exported.left_out == ()
    return json.loads(as_text(exported, ".json"))


def routed(litellm: Any, told: Any) -> Any:
    return litellm.Router(model_list=told["model_list"], num_retries=0, **told["router_settings"])


def down(handler: object, seen: object) -> Reply:
    del handler, seen
    return Reply(b'{"error": {"message": "no machine"}}', 500, {"Content-Type": "application/json"})


def test_an_alias_reaches_the_deployment_that_was_picked(litellm: Any, market: Market) -> None:
    router = routed(litellm, config(market, "best", "good"))
    found = router.image_generation(model="hero-text-to-image", prompt=PROMPT)
    assert market.made() == {"best": 1, "good": 0, "cheap": 0, "film": 0, "short": 0}
    sent = market["best"].seen[0]
    assert sent.path == "/v1/images/generations"
    assert sent.table | {"prompt": PROMPT} == sent.table
    assert (sent.table["model"], sent.table["size"], sent.table["steps"]) == ("best", "48x32", 9)
    assert found.data[0].b64_json
    assert found._hidden_params["model_id"] == "best:text-to-image"
    assert found._hidden_params["response_cost"] == pytest.approx(0.04)
    router.image_generation(model="workhorse-text-to-image", prompt=PROMPT)
    assert market.made()["cheap"] == 1


def test_an_alias_reaches_clips(litellm: Any, market: Market) -> None:
    router = routed(litellm, config(market, "best"))
    found = router.video_generation(model="hero-text-to-video", prompt=PROMPT)
    assert market.made() == {"best": 0, "good": 0, "cheap": 0, "film": 1, "short": 0}
    sent = market["film"].seen[0]
    assert sent.path == "/v1/videos"
    assert b"48x32" in sent.body
    assert found.status == "queued"


def test_a_dead_hero_falls_back_to_who_qualified(litellm: Any, market: Market) -> None:
    router = routed(litellm, config(market, "best", "good"))
    market["best"].put("work", down)
    for name in ("hero-text-to-image", "best:text-to-image"):
        found = router.image_generation(model=name, prompt=PROMPT)
        assert found.data[0].b64_json
    assert market.made()["good"] == 2
    market["film"].put("work", down)
    for name in ("hero-text-to-video", "film:text-to-video"):
        # As the proxy calls it: its synchronous sister does not fall back.
        clip = asyncio.run(router.avideo_generation(model=name, prompt=PROMPT))
        assert clip.status == "queued"
    assert market.made()["short"] == 2
    assert market.made()["cheap"] == 0


def test_nobody_else_stands_in_where_nobody_qualified(litellm: Any, market: Market) -> None:
    router = routed(litellm, config(market, "best"))
    market["best"].put("work", down)
    with pytest.raises(litellm.InternalServerError):
        router.image_generation(model="hero-text-to-image", prompt=PROMPT)
    assert {name for name, count in market.made().items() if count} == {"best"}


def test_a_new_edition_is_swapped_in_live(litellm: Any, market: Market) -> None:
    router = routed(litellm, config(market, "best", "good"))
    router.image_generation(model="hero-text-to-image", prompt=PROMPT)
    new = config(market, "good", "cheap", film="short")
    router.set_model_list(new["model_list"])
    router.update_settings(**new["router_settings"])
    router.image_generation(model="hero-text-to-image", prompt=PROMPT)
    router.video_generation(model="hero-text-to-video", prompt=PROMPT)
    assert market.made() == {"best": 1, "good": 1, "cheap": 0, "film": 0, "short": 1}
    market["good"].put("work", down)
    router.image_generation(model="hero-text-to-image", prompt=PROMPT)
    assert market.made()["cheap"] == 1
    assert market.made()["best"] == 1


def test_evidence_survives_into_the_router(litellm: Any, market: Market) -> None:
    router = routed(litellm, config(market, "best", "good"))
    (info,) = [
        one["model_info"]
        for one in router.get_model_list()
        if one["model_name"] == "best:text-to-image"
    ]
    assert info["mode"] == "image_generation"
    assert info["churnboard"]["cost_usd"] == 0.04
    assert info["churnboard"]["roles"] == ["hero-text-to-image"]


def test_yaml_says_the_same_as_json(litellm: Any, market: Market) -> None:
    del litellm
    yaml = pytest.importorskip("yaml")
    told = config(market, "best", "good")
    from leaderboard.routing.litellm import Exported

    assert yaml.safe_load(as_text(Exported(told, ("a: b\nc",)), ".yaml")) == told


def test_litellm_calls_whom_we_say_it_calls(litellm: Any) -> None:
    from litellm.types.utils import LlmProviders
    from litellm.utils import ProviderConfigManager as Manager

    by_itself = {"bedrock", "stability", "black_forest_labs", "azure_ai"}
    asked = {
        "image_generation": Manager.get_provider_image_generation_config,
        "image_edit": Manager.get_provider_image_edit_config,
        "video_generation": Manager.get_provider_video_config,
    }
    for mode, providers in CALLED_BY_LITELLM.items():
        for provider in providers:
            if provider in by_itself and mode != "video_generation":
                continue
            compatible = (
                mode == "image_generation" and provider in litellm.openai_compatible_providers
            )
            found = asked[mode](model="m", provider=LlmProviders(provider))
            assert compatible or found is not None, (mode, provider)


def test_litellm_takes_the_crosswalk_as_it_is_exported(litellm: Any, home: Path) -> None:
    del litellm
    from litellm.images.utils import ImageEditRequestUtils
    from litellm.types.utils import LlmProviders
    from litellm.utils import (
        ProviderConfigManager,
        get_llm_provider,
        get_optional_params_image_gen,
    )
    from litellm.videos.utils import VideoGenerationRequestUtils

    modes = set()
    for known in load_crosswalk(home).lines:
        for task, offer in known.offers.items():
            route = None if offer.call is None else route_of_call(offer.call, task)
            if route is None or route.litellm is None:
                continue
            name = route.litellm["model"]
            asked = {key: value for key, value in route.litellm.items() if key != "model"}
            model, provider, *_ = get_llm_provider(model=name)
            mode, which = MODES[task], LlmProviders(provider)
            assert provider in CALLED_BY_LITELLM[mode]
            if mode == "image_generation":
                image = ProviderConfigManager.get_provider_image_generation_config(model, which)
                told = get_optional_params_image_gen(
                    model, custom_llm_provider=provider, provider_config=image, **asked
                )
            elif mode == "image_edit":
                edit = ProviderConfigManager.get_provider_image_edit_config(model, which)
                told = ImageEditRequestUtils.get_optional_params_image_edit(model, edit, asked)
            else:
                clip = ProviderConfigManager.get_provider_video_config(model, which)
                told = VideoGenerationRequestUtils.get_optional_params_video_generation(
                    model, clip, asked
                )
            assert bool(told) == bool(asked), name
            modes.add(mode)
    assert modes == set(CALLED_BY_LITELLM)
