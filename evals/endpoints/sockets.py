"""Connections of a call: to allowed addresses only, never past its deadline, ended by a cancel.

The address is checked where the connection is made, after the name was resolved, so that neither
a redirect nor a name that resolves to something else the second time gets around it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from evals.endpoints import calls
from evals.endpoints.addresses import Trust, refusal
from evals.endpoints.calls import Call
from evals.errors import GenerationError

CONNECT_S = 10.0
"""Longest wait for one address."""


class GuardedBackend(httpcore.NetworkBackend):
    """Connects where `trust` allows it."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, check, connect, and check what it is connected to."""
        del timeout
        call = _call()
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved: {error}") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        reasons = {address: refusal(host, address, self._trust) for address in addresses}
        allowed = [address for address, reason in reasons.items() if reason is None]
        if not allowed:
            raise _refused(host, next(iter(reasons.values()), None) or "it has no address")
        problem: Exception | None = None
        for address in allowed:
            try:
                stream = self._inner.connect_tcp(
                    address,
                    port,
                    timeout=min(CONNECT_S, call.check()),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
                continue
            peer = stream.get_extra_info("server_addr")
            reason = refusal(host, str(peer[0]), self._trust) if peer else "it has no peer"
            if reason is not None:
                stream.close()
                raise _refused(host, reason)
            return GuardedStream(stream)
        raise problem or httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Refused: an endpoint has an address."""
        raise _refused(path, "it is a Unix socket")

    def sleep(self, seconds: float) -> None:
        """Wait as the call does."""
        _call().pause(seconds)


class GuardedStream(httpcore.NetworkStream):
    """A connection whose every read and write ends with the call's deadline, or its cancel."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes; raises as `Call.check` does."""
        del timeout
        return _sliced(lambda seconds: self._inner.read(max_bytes, seconds), httpcore.ReadTimeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All bytes; raises as `Call.check` does."""
        del timeout
        call = _call()
        call.sent = True
        view = memoryview(buffer)
        # In pieces: a large picture takes longer than one wait, and a write that timed out does
        # not say how much of it went out.
        for start in range(0, len(view), _PIECE):
            self._inner.write(bytes(view[start : start + _PIECE]), call.check())

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The same connection, encrypted."""
        del timeout
        seconds = min(CONNECT_S, _call().check())
        return GuardedStream(self._inner.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> Any:
        """What the connection says of itself."""
        return self._inner.get_extra_info(info)


_PIECE = 65_536


def _sliced(work: Callable[[float], bytes], expired: type[Exception]) -> bytes:
    """Do it in waits short enough for a cancel to be seen."""
    call = _call()
    while True:
        seconds = min(call.timing.slice_s, call.check())
        try:
            return work(seconds)
        except expired:
            continue


def _call() -> Call:
    call = calls.current()
    if call is None:
        raise RuntimeError("an endpoint's connection is used outside of a call")
    return call


def _refused(host: str, reason: str) -> GenerationError:
    return GenerationError(
        f"{host} is not connected to: {reason}; a host of your own is named in"
        ' trusted_hosts = ["…"] of the model\'s file',
        kind="address_refused",
    )
