"""The one HTTP client of the hub's library, made to serve calls to endpoints too.

The library's client of endpoints sends, polls and downloads through the HTTP client that all of
the library shares. This one tells by the thread whether it is a call's, which is guarded and
patient, or anybody else's, which goes as it always did.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import httpx

from evals.endpoints import addresses, calls, transport
from evals.endpoints.endpoint import Line


class _Sending(threading.local):
    """The line of the call that a thread is in, if it is in one."""

    line: Line | None = None


_SENDING = _Sending()


@contextmanager
def sending(line: Line) -> Generator[None]:
    """Within it, what this thread sends through the hub's client goes through `line`."""
    _SENDING.line = line
    try:
        yield
    finally:
        _SENDING.line = None


class _Switch(httpx.BaseTransport):
    """The hub's HTTP client for everybody, and the line of an endpoint for a thread in a call."""

    def __init__(self, ordinary: httpx.Client, hub: str) -> None:
        self._ordinary = ordinary
        self._hub = hub

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        call, line = calls.current(), _SENDING.line
        if call is None or line is None:
            return self._ordinary.send(request, stream=True, follow_redirects=False)
        asked = "Authorization" in request.headers or request.url.host == self._hub
        if line.keyless:
            request.headers.pop("Authorization", None)
        if request.method != "GET" or asked:
            return line.transport.handle_request(request)
        # Without a key it is no question to an API: it fetches what was made.
        with call.expecting("media"):
            return line.transport.handle_request(request)

    def close(self) -> None:
        self._ordinary.close()


_INSTALLED: WeakSet[httpx.Client] = WeakSet()


def install(library: Any) -> None:
    """Have the hub's library send through the switch: it has one HTTP client per process."""
    from huggingface_hub import constants
    from huggingface_hub.utils._http import default_client_factory

    def make() -> httpx.Client:
        switch = _Switch(default_client_factory(), addresses.host_of(constants.ENDPOINT))
        made = transport.client(switch)
        _INSTALLED.add(made)
        return made

    if library.get_session() not in _INSTALLED:
        library.set_client_factory(make)
