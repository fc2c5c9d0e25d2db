"""Work that an endpoint takes in first and does later: handed in once, asked after until done."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from evals.backends import Ticket
from evals.endpoints.calls import Call
from evals.errors import BackendError, GenerationError

T = TypeVar("T")
_NAME = re.compile(r"[A-Za-z0-9][\w.:~+=-]{0,999}", re.ASCII)
"""Base64 as well, in which routers wrap the names of those whom they route to."""


def handle(ticket: Ticket, call: Call, submit: Callable[[], Mapping[str, str]]) -> dict[str, str]:
    """The handle of the work: of an earlier try if there is one, else of what is handed in now.

    It is on disk before anything else happens to it.
    """
    if ticket.job is not None:
        # It was billed when it was handed in, whatever becomes of it now.
        call.accepted = True
        return dict(ticket.job)
    job = {key: call.redactor.clean(value) for key, value in submit().items()}
    ticket.submitted(job)
    return job


def name(given: object) -> str:
    """The name that an endpoint gave to work, which becomes part of addresses.

    Raises:
        GenerationError: it is none.
    """
    if isinstance(given, str) and _NAME.fullmatch(given):
        return given
    said = f"the endpoint took the work in under no usable name: {str(given)[:80]!r}"
    raise GenerationError(said, kind="bad_answer", billed=True)


def question(ask: Callable[[], T]) -> T:
    """Ask after work once.

    Raises:
        GenerationError: `job_lost`: the endpoint knows nothing of it.
    """
    try:
        return ask()
    except Exception as error:
        found = ours(error)
        if found is not None and found.kind == "gone":
            raise lost(found) from error
        raise


def lost(why: object) -> GenerationError:
    """The error of work that an endpoint took in and knows nothing of now."""
    said = f"the endpoint took the work in and knows nothing of it now: {why}"
    return GenerationError(said, kind="job_lost", billed=True)


def until_done(call: Call, poll_s: float, ask: Callable[[], T | None]) -> T:
    """Ask after work until there is an answer that is not None; raises as `question`."""
    while True:
        found = question(ask)
        if found is not None:
            return found
        call.pause(poll_s)


def ours(error: BaseException) -> BackendError | None:
    """The error of ours that a client wrapped into one of its own; None if there is none."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        if isinstance(current, BackendError):
            return current
        seen.add(id(current))
        current = current.__cause__ or current.__context__
    return None
