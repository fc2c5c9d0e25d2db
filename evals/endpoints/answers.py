"""What is in an answer: the media or where it lies, the quantities, the cost, the version."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterable, Mapping
from typing import Any, cast

from evals import media
from evals.errors import GenerationError

_MEDIA = ("video", "videos", "image", "images", "data", "output", "url", "b64_json", "result")
_VERSIONS = ("x-sha", "x-litellm-model-id", "x-model-version", "openai-version", "openai-model")
"""Headers that say what was run: of Hugging Face, LiteLLM, OpenAI."""
_COST = "x-litellm-response-cost"


def media_in(answer: Any, where: str) -> str:
    """Address, data URI or base64 of the first picture or clip in an answer.

    Providers write `{"data": [{"b64_json": …}]}`, `{"images": [{"url": …}]}`,
    `{"video": {"url": …}}`, `{"output": ["https://…"]}`, or the bare address.

    Raises:
        GenerationError: there is none.
    """
    found = _first(answer, 0)
    if found is None:
        raise GenerationError(
            f"{where} answered without a picture or clip ({_told(answer)})",
            kind="bad_answer",
            billed=True,
        )
    return found


def _told(answer: Any) -> str:
    if not isinstance(answer, Mapping):
        return type(answer).__name__
    table = cast("Mapping[str, Any]", answer)
    return f"keys {', '.join(sorted(table))[:200]}" if table else "an empty object"


def _first(value: Any, depth: int) -> str | None:
    if depth > 6:
        return None
    if isinstance(value, str):
        return value or None
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return next((found for item in items if (found := _first(item, depth + 1))), None)
    if isinstance(value, Mapping):
        table = cast("Mapping[str, Any]", value)
        return next((found for key in _MEDIA if (found := _first(table.get(key), depth + 1))), None)
    return None


def is_address(reference: str) -> bool:
    """Whether it names a place to fetch from rather than holding the bytes."""
    return "://" in reference[:40]


def inline(reference: str) -> bytes:
    """The bytes of a data URI, or of bare base64.

    Raises:
        GenerationError: they are no base64, or too many.
    """
    text = reference.partition(",")[2] if reference.startswith("data:") else reference
    if len(text) > media.LARGEST_BYTES * 4 // 3 + 4:
        raise GenerationError(
            f"the picture or clip is over the limit of {media.LARGEST_BYTES:,} bytes",
            kind="invalid_media",
            blame="model",
            billed=True,
        )
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise GenerationError(
            f"the answer's base64 is damaged: {error}",
            kind="invalid_media",
            blame="model",
            billed=True,
        ) from error


def refused_inside(answer: Any) -> bool:
    """Whether a success says that what was made is a placard of the safety checker."""
    if not isinstance(answer, Mapping):
        return False
    table = cast("Mapping[str, Any]", answer)
    flags = table.get("has_nsfw_concepts")
    return isinstance(flags, list) and any(cast("list[Any]", flags))


def usage(answer: Any) -> dict[str, float]:
    """Tokens that an answer counts, under the names that prices are by."""
    if not isinstance(answer, Mapping):
        return {}
    found = cast("Mapping[str, Any]", answer).get("usage")
    if not isinstance(found, Mapping):
        return {}
    table = cast("Mapping[str, Any]", found)
    counted = dict(_numbers(table, ("input_tokens", "output_tokens", "total_tokens")))
    for side in ("input", "output"):
        details = table.get(f"{side}_tokens_details")
        if isinstance(details, Mapping):
            named = _numbers(cast("Mapping[str, Any]", details), ("image_tokens", "text_tokens"))
            counted |= {f"{side}_{name}": value for name, value in named}
    made = counted.get("output_image_tokens", counted.get("output_tokens"))
    return counted if made is None else {**counted, "image_tokens": made}


def _numbers(table: Mapping[str, Any], names: Iterable[str]) -> Iterable[tuple[str, float]]:
    for name in names:
        value = number(table.get(name))
        if value is not None:
            yield name, value


def number(value: Any) -> float | None:
    """A finite number that is not negative, also from text; else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) and found >= 0 else None


def cost(answer: Any, headers: Mapping[str, str]) -> float | None:
    """US dollars that the provider says it billed; 0 is what routers say who do not know."""
    stated = number(headers.get(_COST))
    if not stated and isinstance(answer, Mapping):
        table = cast("Mapping[str, Any]", answer).get("usage")
        if isinstance(table, Mapping):
            stated = number(cast("Mapping[str, Any]", table).get("cost"))
    return stated or None


def version(answer: Any, headers: Mapping[str, str]) -> str | None:
    """What the endpoint says that it ran."""
    told: list[str] = []
    if isinstance(answer, Mapping):
        table = cast("Mapping[str, Any]", answer)
        told += [
            value
            for key in ("model", "version", "system_fingerprint")
            if isinstance(value := table.get(key), str) and value
        ]
    told += [headers[name] for name in _VERSIONS if headers.get(name)]
    return " ".join(dict.fromkeys(told)) or None
