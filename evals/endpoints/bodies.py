"""Bodies of answers, read within caps on bytes, packed and unpacked; the caller holds the time."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Mapping

from evals import media
from evals.errors import GenerationError

LARGEST = media.LARGEST_BYTES
"""Bytes of an answer, unpacked."""
LARGEST_ERROR = 64_000
"""What is read of an answer that is no success."""
ENCODINGS = "gzip, deflate"
"""Those that are asked for, and unpacked."""


def read(chunks: Iterable[bytes], headers: Mapping[str, str], cap: int, cut: bool = False) -> bytes:
    """The whole body, unpacked.

    Args:
        chunks: as they came.
        headers: of the answer, lower case.
        cap: most bytes, unpacked.
        cut: whether a longer body is cut rather than refused.

    Raises:
        GenerationError: longer than `cap`, or packed in a way that was not asked for.
    """
    promised = headers.get("content-length", "")
    if promised.isdecimal() and int(promised) > cap and not cut:
        raise _too_large(cap)
    unpack = _unpacker(headers.get("content-encoding", ""))
    found = bytearray()
    for chunk in chunks:
        room = cap + 1 - len(found)
        try:
            # Never more than there is room for: a few bytes may unpack to gigabytes.
            found += chunk[:room] if unpack is None else unpack(chunk, room)
        except zlib.error as error:
            raise GenerationError(
                f"the answer is not the gzip that it says it is: {error}", kind="bad_answer"
            ) from error
        if len(found) > cap:
            if cut:
                break
            raise _too_large(cap)
    return bytes(found[:cap])


def _too_large(cap: int) -> GenerationError:
    return GenerationError(f"the answer is over the limit of {cap:,} bytes", kind="too_large")


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes] | None:
    """Bytes and how many are wanted at most -> bytes; None where nothing is packed."""
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip" | "deflate":
            return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress
        case other:
            raise GenerationError(
                f"the answer is packed as {other[:40]!r}, which was not asked for",
                kind="wrong_content",
            )


def wrong_content(content_type: str, body: bytes, expects: str) -> str | None:
    """Why the answer is not of the kind that was expected; None if it may be.

    Args:
        content_type: as the answer says it.
        body: its bytes.
        expects: `json`, `media`, or `any` of the two.
    """
    kind = content_type.partition(";")[0].strip().lower()
    start = body[:64].lstrip().lower()
    if kind in ("text/html", "application/xhtml+xml") or start.startswith((b"<!doctype", b"<html")):
        return "HTML (a page for people: is base_url the address of an API?)"
    is_json = kind == "application/json" or kind.endswith("+json")
    if expects == "media":
        return f"{kind}, not a picture or clip" if is_json or kind.startswith("text/") else None
    if expects == "any" and not is_json:
        return None
    if not is_json and kind not in ("", "text/plain", "application/octet-stream"):
        return f"{kind}, not JSON"
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return "what is no JSON" if body else "nothing"
    return None
