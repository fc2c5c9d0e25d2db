"""What a model is asked for where the API takes a table of inputs, named by the model's maker."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from evals.endpoints.endpoint import Ask
from evals.endpoints.settings import EndpointSettings


def table(
    settings: EndpointSettings, ask: Ask, start_key: str, own: Mapping[str, Any]
) -> dict[str, Any]:
    """The inputs of one call: text, seed, the picture to begin with, and what the file adds.

    Args:
        settings: of the model; its `arguments` win over everything else.
        ask: what this call asks for.
        start_key: what makers here usually call the picture to begin with.
        own: size and length, in the way of the provider.
    """
    seed = "seed" if settings.seed_key is None else settings.seed_key
    given: dict[str, Any] = {"prompt": ask.text, **({seed: ask.seed} if seed else {}), **own}
    if ask.start is not None:
        given |= placed(settings.start_key or start_key, ask.start)
    return given | settings.arguments


def placed(key: str, png: bytes) -> dict[str, Any]:
    """The argument that holds a picture: a data URI, in a list where the key is a plural.

    >>> placed("image_urls", b"x")
    {'image_urls': ['data:image/png;base64,eA==']}
    """
    uri = f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
    return {key: [uri] if key.endswith("s") else uri}
