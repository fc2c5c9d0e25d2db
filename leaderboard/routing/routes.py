"""How a model is called, as a router needs it: by its file, or by the crosswalk (pure).

A route has no key in it, ever: at most the name of the environment variable that holds one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from evals import backends
from evals.endpoints.settings import VIDEO_TASKS, EndpointSettings
from evals.types import Model
from leaderboard.crosswalk.entries import Standard
from leaderboard.pick_answers import Call

LOCAL = "local"
"""The provider of what runs on a machine of one's own; no router calls it."""
Mode = Literal["image_generation", "image_edit", "video_generation"]
MODES: Mapping[str, Mode] = {
    "text-to-image": "image_generation",
    "image-edit": "image_edit",
    "text-to-video": "video_generation",
    "image-to-video": "video_generation",
}
"""Task -> what LiteLLM calls it; it has no word for the others."""
_EVERY = "openai azure gemini vertex_ai fal_ai"
CALLED_BY_LITELLM: Mapping[Mode, frozenset[str]] = {
    "image_generation": frozenset(
        f"{_EVERY} aiml azure_ai bedrock black_forest_labs dashscope edenai meta openrouter"
        " qwen_ai_platform qwencloud recraft runwayml stability xai".split()
    ),
    "image_edit": frozenset(
        f"{_EVERY} azure_ai bedrock black_forest_labs hosted_vllm openrouter recraft"
        " stability".split()
    ),
    "video_generation": frozenset(f"{_EVERY} edenai hosted_vllm runwayml".split()),
}
"""Mode -> providers that LiteLLM calls for it. Its price map lists more than it can call."""
_KEYS = {
    "fal_ai": "FAL_KEY",
    "gemini": "GEMINI_API_KEY",
    "openai": "OPENAI_API_KEY",
    "runwayml": "RUNWAYML_API_KEY",
    "xai": "XAI_API_KEY",
}
"""Provider in LiteLLM's word -> variable of its key. What is not here has more than one key, or
one that LiteLLM finds by itself."""
_SIZELESS = frozenset({("image_edit", "azure_ai")})
"""Mode and provider whose calls LiteLLM refuses a size: the picture to begin with has one."""
_SELLERS = {"fal_ai": "fal"}
"""LiteLLM's word for a provider -> ours, where they differ."""


@dataclass(frozen=True)
class Route:
    """How to call one model."""

    provider: str
    """`openai`, `fal`, `replicate`, `huggingface`, `local`, or another seller in LiteLLM's word."""
    model: str
    """As the provider calls it; the id in the registry of a local one."""
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What its evidence and its price are for, beside prompt and seed, as the provider spells
    it."""
    api_base: str | None = None
    """`None` = the provider's own address."""
    key_env: str | None = None
    """Environment variable that holds the key; `None` = none is needed, or the client's own."""
    litellm: Mapping[str, Any] | None = None
    """The same as arguments of LiteLLM, without a key; `None` = it cannot make this call."""


def route_of_model(model: Model) -> Route:
    """How a registered model is called, by its file."""
    found = backends.discover().get(model.backend)
    settings = None if found is None else found.Settings.model_validate(dict(model.settings))
    if not isinstance(settings, EndpointSettings):
        return Route(LOCAL, model.id, _of_machine(model))
    base = None if settings.base_url is None else settings.address()
    return Route(
        provider=model.backend,
        model=settings.model,
        parameters=_asked(model, settings),
        api_base=base,
        key_env=settings.variable(),
        litellm=_by_litellm(model, settings, base),
    )


def route_of_call(call: Call, task: str) -> Route | None:
    """How a model of a public board is called, by the crosswalk; `None` where it says nothing."""
    if call.litellm is not None:
        seller, _, name = call.litellm.partition("/")
        if not name:
            seller, name = "openai", seller
        asked = _standard(call)
        mode = MODES.get(task)
        able = mode is not None and seller in CALLED_BY_LITELLM[mode]
        if (mode, seller) in _SIZELESS:
            asked.pop("size", None)
        if able or call.fal is None:
            told = {"model": f"{seller}/{name}", **asked} if able else None
            provider = _SELLERS.get(seller, seller)
            spelled = {} if provider == "fal" else asked
            return Route(provider, name, spelled, key_env=_KEYS.get(seller), litellm=told)
    # What those call size and quality is not known of every model; the price's basis says it.
    if call.fal is not None:
        return Route("fal", call.fal, key_env="FAL_KEY")
    if call.replicate is not None:
        return Route("replicate", call.replicate, key_env="REPLICATE_API_TOKEN")
    return None


def _standard(call: Call) -> dict[str, Any]:
    """The standard generation in the words of OpenAI's API, which LiteLLM takes for all."""
    asked: dict[str, Any] = {}
    if call.size is not None:
        shape = Standard(call.size, seconds=call.seconds).shape
        asked["size"] = f"{shape.width}x{shape.height}"
    if call.quality is not None:
        asked["quality"] = call.quality
    if call.seconds is not None:
        asked["seconds"] = f"{call.seconds:g}"
    return asked


def _asked(model: Model, settings: EndpointSettings) -> dict[str, Any]:
    """What the backend sends beside the prompt, the seed and the picture to begin with."""
    clip = model.task in VIDEO_TASKS
    size = settings.asked_size()
    sides = {} if size is None else {"width": size[0], "height": size[1]}
    asked: dict[str, Any] = dict(sides)
    match model.backend:
        case "openai":
            asked = {} if size is None else {"size": f"{size[0]}x{size[1]}"}
            if clip and settings.seconds is not None:
                asked["seconds"] = f"{settings.seconds:g}"
        case "fal":
            asked = sides if clip or not sides else {"image_size": sides}
            if settings.seconds is not None:
                asked["duration"] = f"{settings.seconds:g}"
        case "huggingface":
            if sides and model.task in ("image-edit", "image-to-video"):
                asked = {"target_size": sides}
            asked["provider"] = getattr(settings, "provider", "auto")
        case _:
            if settings.seconds is not None:
                whole = settings.seconds.is_integer()
                asked["duration"] = int(settings.seconds) if whole else settings.seconds
    return asked | settings.arguments


def _by_litellm(
    model: Model, settings: EndpointSettings, base: str | None
) -> dict[str, Any] | None:
    """Arguments of LiteLLM for the same call. It has no pictures of Replicate or Hugging Face."""
    if model.task not in MODES:
        return None
    told: dict[str, Any]
    if model.backend == "openai":
        told = {"model": f"openai/{settings.model}"}
    elif model.backend == "fal" and base is None:
        told = {"model": f"fal_ai/{settings.model}"}
    else:
        return None
    if base is not None:
        told["api_base"] = base
    size = settings.asked_size()
    if size is not None:
        told["size"] = f"{size[0]}x{size[1]}"
    if settings.seconds is not None:
        told["seconds"] = f"{settings.seconds:g}"
    if settings.arguments:
        told["extra_body"] = dict(settings.arguments)
    return told


_SAID = ("steps", "guidance", "width", "height", "frames", "fps", "scheduler")


def _of_machine(model: Model) -> dict[str, Any]:
    """How the registry runs it: never a path of the machine."""
    settings = model.settings
    said = {name: settings[name] for name in _SAID if settings.get(name) is not None}
    return {"backend": model.backend, "revision": model.revision or None, **said}
