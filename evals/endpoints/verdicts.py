"""An answer that is no success → what it means: a kind, a blame, whether it may have cost money.

==================  ==============  ================================================================
kind                blame           when
==================  ==============  ================================================================
`refused`           model           a content policy refused the prompt or what was made of it
`auth`              (no call can)   401, 403
`not_found`         (no call can)   404, 410 to a request for work
`no_credit`         (no call can)   402, or the provider's own word for it under 400, 401, 403, 429
`moved`             (no call can)   a redirect of a request for work
`rejected`          infrastructure  other 4xx: something that the API does not take
`rate_limited`      infrastructure  429 for longer than the deadline
`unavailable`       infrastructure  503
`server_error`      infrastructure  other 5xx
`gone`              infrastructure  404, 410 to a question about work or to a download; 401, 403 to
                                    a download: its address was signed for a while
`download_failed`   infrastructure  another 4xx to a download
==================  ==============  ================================================================

Refusals may be billed: fal bills a 422 where a machine had begun, and others do not say. Server
errors are not: fal says so, OpenAI and Replicate charge what was made or run. A gateway that gave
up waiting (502, 504) does not know whether the machine behind it worked: that may be billed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from evals.errors import BackendError, Blame, GenerationError, LoadError

Purpose = Literal["work", "question", "download"]
"""Of a request: it asks for work, it asks after work, or it fetches what was made."""

_REFUSAL = re.compile(
    r"(?i)content[ _-]?(?:policy|filter|moderat|checker|violation)|moderation[ _-]?(?:blocked|fail)"
    r"|safety[ _-]?(?:system|filter|violation|check)|responsible[ _-]?ai|\bnsfw\b|flagged as"
    r"|sensitive content|request moderated|policy violation|prohibited content"
)
_NO_CREDIT = re.compile(
    r"(?i)insufficient[ _](?:quota|credit|balance|fund)|billing[ _](?:hard[ _])?limit"
    r"|exceeded your (?:current quota|monthly (?:included )?credit)|exhausted balance"
    r"|budget[ _](?:has[ _]been[ _])?exceeded|out of credits|payment required"
    r"|credits? (?:are|is) depleted"
)
_SAYING_NO_CREDIT = (400, 401, 403, 429)
"""OpenAI's images say it with 400, its other calls and a proxy with a budget with 429."""
_REFUSING = (400, 403, 422, 451)
_PATIENT = (425, 429, 503)
"""Refused before it was taken in: asked again, nothing is done twice."""


@dataclass(frozen=True)
class Verdict:
    """What an answer means."""

    kind: str
    message: str
    """One line, still to be cleaned of keys."""
    blame: Blame = "infrastructure"
    billed: bool = False
    final: bool = False
    """No call can succeed: a LoadError."""
    again: Literal["never", "if harmless", "always"] = "never"
    """Whether it may be sent again: always, or only where that cannot do the work twice."""

    def error(self, line: str, billed: bool = False) -> BackendError:
        """The error, with a cleaned message."""
        if self.final:
            return LoadError(line, kind=self.kind)
        return GenerationError(line, blame=self.blame, kind=self.kind, billed=self.billed or billed)


def of_answer(
    status: int, headers: Mapping[str, str], body: bytes, purpose: Purpose, where: str
) -> Verdict:
    """What a status of 300 or above means.

    Args:
        status: of HTTP.
        headers: of the answer, lower case.
        body: of the answer, perhaps cut.
        purpose: of the request.
        where: address for the message, without its query.
    """
    told = " ".join((*words(_json(body)), headers.get("x-fal-error-type", "")))
    said = " ".join(told.split()) or f"HTTP {status}"
    line = f"{where} answered {status}: {said}"
    if purpose == "download":
        kind = "gone" if status in (401, 403, 404, 410) else "download_failed"
        again = "always" if status >= 500 or status in (408, *_PATIENT) else "never"
        return Verdict(kind, line, again=again)
    if status == 402 or (status in _SAYING_NO_CREDIT and _NO_CREDIT.search(told)):
        return Verdict("no_credit", f"no credit left: {line}", final=True)
    if status in _REFUSING and _REFUSAL.search(told):
        return Verdict("refused", f"refused by the content policy: {line}", "model", billed=True)
    if status in (401, 403):
        return Verdict("auth", f"the key was not accepted: {line}", final=True)
    if status in (404, 410):
        if purpose == "work":
            return Verdict("not_found", f"no such model or base_url: {line}", final=True)
        return Verdict("gone", line)
    if status < 400:
        target = headers.get("location", "elsewhere").partition("?")[0]
        what = f"{where} moved to {target}: name the new address in base_url"
        return Verdict("moved", what, final=True)
    if status in _PATIENT:
        kind = "unavailable" if status == 503 else "rate_limited"
        return Verdict(kind, line, again="always")
    if status >= 500:
        unsure = status in (502, 504, 524) and purpose == "work"
        return Verdict("server_error", line, billed=unsure, again="if harmless")
    again = "if harmless" if status in (408, 409) else "never"
    # A machine may have begun before it found its input wanting.
    return Verdict("rejected", line, billed=status == 422 and purpose != "work", again=again)


def of_failed_work(told: Any, billed: bool) -> Verdict:
    """What it means that work which was taken in failed.

    Whose fault it was is not said by those who run models for others; only a refusal is the
    model's own.

    Args:
        told: the provider's error: text, or what its JSON holds.
        billed: whether a failure of this kind may be billed.
    """
    said = " ".join(" ".join(words(told)).split()) or "no reason given"
    if _REFUSAL.search(said):
        return Verdict("refused", f"refused by the content policy: {said}", "model", billed=True)
    if _NO_CREDIT.search(said):
        return Verdict("no_credit", f"no credit left: {said}", final=True)
    return Verdict("job_failed", f"the work was taken in and failed: {said}", billed=billed)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        text = body[:500].decode("utf-8", "replace")
        return re.sub(r"<[^>]*>", " ", text)


_TELLING = ("code", "type", "error_type", "title", "message", "msg", "detail", "error", "errors")


def words(value: Any) -> Iterable[str]:
    """The telling texts of an error as providers write them, in JSON of any depth."""
    return _words(value, 0)


def _words(value: Any, depth: int) -> Iterable[str]:
    if depth > 5:
        return
    if isinstance(value, str):
        yield value[:1000]
    elif isinstance(value, Mapping):
        table = cast("Mapping[str, Any]", value)
        for key in _TELLING:
            yield from _words(table.get(key), depth + 1)
    elif isinstance(value, list):
        for item in cast("list[Any]", value)[:5]:
            yield from _words(item, depth + 1)
