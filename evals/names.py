"""What may be an id, and which known name a person probably meant (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

LONGEST_ID = 100
_ALLOWED = re.compile(r"[\w.-]+")
_RESERVED = {"con", "prn", "aux", "nul"} | {f"{p}{n}" for p in ("com", "lpt") for n in range(1, 10)}
_SHOWN_CHOICES = 8


def fold(name: str) -> str:
    """The form in which two ids clash: Unicode NFKC without case.

    Such ids are one file on some file systems and two on others, and look alike on a board.

    >>> fold("ＳＤ-XL") == fold("sd-xl")
    True
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def id_fault(name: str) -> str | None:
    """Why `name` cannot be an id, or None if it can.

    Ids name files on every operating system, so separators, control characters, reserved device
    names, leading dots and trailing dots are out.

    >>> id_fault("sdxl-1.0") is None
    True
    >>> id_fault("../x")
    'may hold letters, digits, ".", "-" and "_" only'
    """
    if not name:
        return "is empty"
    if len(name) > LONGEST_ID:
        return f"is longer than {LONGEST_ID} characters"
    if not _ALLOWED.fullmatch(name):
        return 'may hold letters, digits, ".", "-" and "_" only'
    if name[0] in ".-" or name[-1] == ".":
        return 'may not begin with "." or "-", nor end with "."'
    if fold(name).split(".")[0] in _RESERVED:
        return "is a device name on Windows"
    return None


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, compared without case, or None if none is like it."""
    by_fold = {fold(other): other for other in known}
    close = get_close_matches(fold(name), list(by_fold), n=1, cutoff=0.5)
    return by_fold[close[0]] if close else None


def hint(name: str, known: Iterable[str]) -> str:
    """The end of an error line: the nearest known name, else the known ones.

    >>> hint("stpes", ["steps", "guidance"])
    '; did you mean "steps"?'
    >>> hint("x", [])
    ''
    """
    choices = sorted(known)
    close = nearest(name, choices)
    if close is not None:
        return f'; did you mean "{close}"?'
    if not choices:
        return ""
    more = ", …" if len(choices) > _SHOWN_CHOICES else ""
    return "; known: " + ", ".join(choices[:_SHOWN_CHOICES]) + more
