"""Keys come from the environment, go to the host that they are for, and into no text.

A key is found in a text as it is, quoted for a URL, or in base64 at any offset; signatures of URLs
and the values of authorization headers are removed whoever they belong to.
"""

from __future__ import annotations

import base64
import logging
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, quote_plus
from weakref import WeakSet

from evals.errors import LoadError

REMOVED = "[removed]"
LONGEST_TEXT = 400
_SHORTEST = 6
"""A shorter key would be found in ordinary words."""

_LOOKS_LIKE_A_KEY = re.compile(
    r"(?:\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}|\bhf_[A-Za-z0-9]{16,}|\br8_[A-Za-z0-9]{16,}"
    r"|\bBearer\s+\S{8,}|\bAKIA[0-9A-Z]{16}\b|\beyJ[A-Za-z0-9_-]{20,}\."
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9a-f]{16,})"
)
NAMES_OF_KEYS = re.compile(
    r"(?i)^(?:key|token|(?:.*[_-])?(?:api[_-]?key|api[_-]?token|access[_-]?(?:key|token)|secret"
    r"|secret[_-]?key|password|authorization|credentials?)"
    r"|(?:openai|fal|replicate|hf)[_-](?:key|token))$"
)
_AUTHORIZATION = re.compile(r"(?i)\b(authorization['\"]?\s*[:=]\s*['\"]?)(?:\w+\s+)?[^\s'\",}]+")
_SCHEME = re.compile(r"(?i)\b(Bearer|Basic|Key|Token)\s+(?=\S*[\d_.=/+-])[A-Za-z0-9_.~+/=:-]{12,}")
_SIGNATURE = re.compile(
    r"(?i)([?&;](?:[\w-]*(?:signature|token|credential|secret|password|api[_-]?key|policy"
    r"|key-pair-id)|sig|key)=)[^&\s'\"<>]+"
)
_USERINFO = re.compile(r"(?i)(\bhttps?://)[^/\s@]+@")


def looks_like_a_key(text: str) -> bool:
    """Whether a text of a model's file holds what looks like somebody's key."""
    return bool(_LOOKS_LIKE_A_KEY.search(text) or _USERINFO.search(text))


def read(variable: str) -> str | None:
    """The key in an environment variable; None if it is not set.

    Raises:
        LoadError: it holds what no header can carry (the value is not told).
    """
    key = os.environ.get(variable, "").strip()
    if not key:
        return None
    if not key.isascii() or not key.isprintable() or " " in key or len(key) < _SHORTEST:
        raise LoadError(
            f"the environment variable {variable} holds no usable key: set it again", kind="auth"
        )
    return key


@dataclass(frozen=True, eq=False)
class Redactor:
    """Removes keys from texts."""

    keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _ACTIVE.add(self)
        _install()

    def __repr__(self) -> str:
        return "Redactor()"

    def clean(self, text: str) -> str:
        """`text` without keys, signatures and the like; its lines are kept."""
        for key in self.keys:
            for form in _forms(key):
                text = text.replace(form, REMOVED)
        text = _AUTHORIZATION.sub(rf"\1{REMOVED}", text)
        text = _SCHEME.sub(rf"\1 {REMOVED}", text)
        text = _SIGNATURE.sub(rf"\1{REMOVED}", text)
        text = _USERINFO.sub(r"\1", text)
        return _LOOKS_LIKE_A_KEY.sub(REMOVED, text)

    def line(self, text: str) -> str:
        """`text` cleaned, as one line of bounded length."""
        # Cleaned before it is cut: half a key would not be recognised.
        line = " ".join(self.clean(text).split())
        line = "".join(letter for letter in line if letter.isprintable())
        return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"


def _forms(key: str) -> Iterable[str]:
    """How a key may be written, the longest first."""
    forms = {key, quote(key, safe=""), quote(key), quote_plus(key)}
    raw = key.encode()
    for offset in range(3):
        # Base64 of a longer text holds one of these, by where in it the key begins.
        begun = base64.b64encode(bytes(offset) + raw).decode().rstrip("=")
        whole = (len(raw) + offset) * 8 // 6
        inner = begun[-(-offset * 8 // 6) : whole]
        if len(inner) >= _SHORTEST:
            forms |= {inner, inner.replace("+", "-").replace("/", "_")}
    return sorted(forms, key=len, reverse=True)


_ACTIVE: WeakSet[Redactor] = WeakSet()
_LOGGERS = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.proxy",
    "openai",
    "openai._base_client",
    "openai._response",
    "openai._legacy_response",
    "fal_client",
    "fal_client.client",
    "replicate",
    "huggingface_hub",
    "huggingface_hub.utils._http",
    "huggingface_hub.inference._client",
    "huggingface_hub.inference._providers._common",
)
"""Those of the clients: they log addresses, headers and what they send."""


class _Cleaning(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        active = tuple(_ACTIVE)
        if not active:
            return True
        text = record.getMessage()
        for redactor in active:
            text = redactor.clean(text)
        record.msg, record.args = text, ()
        # A traceback holds what the error was made from.
        record.exc_info, record.exc_text = None, None
        return True


_CLEANING = _Cleaning()


def _install() -> None:
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_CLEANING)
