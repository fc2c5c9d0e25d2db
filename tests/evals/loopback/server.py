"""A server that keeps what it saw, and answers by a dialect, or by a fault put in its way."""

from __future__ import annotations

import json
import ssl
import threading
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Seen:
    """A request."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Lower case."""
    body: bytes

    @property
    def table(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer that keeps to HTTP."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(value: Any, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    kind = {"Content-Type": "application/json"}
    return Reply(json.dumps(value).encode(), status, kind | named)


Fault = Callable[["Handler", Seen], "Reply | None"]
"""Answers a request, or writes what is no answer itself and returns None."""


class Server:
    """Listens until it is left; `base` is its address."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.seen: list[Seen] = []
        self.steps: list[str] = []
        self.faults: dict[str, list[Fault | None]] = defaultdict(list)
        self.bills: dict[str, int] = defaultdict(int)
        self.over = threading.Event()
        self.reached = threading.Event()
        """Set by a fault that wants it known that it was reached."""
        self.lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("H", (Handler,), {"owner": self}))
        self._http.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.01}
        )

    def wrap(self, context: ssl.SSLContext) -> None:
        """Speak TLS; a handshake that fails is the client's to tell."""
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._http.socket = context.wrap_socket(
            self._http.socket, server_side=True, do_handshake_on_connect=False
        )

    def put(self, step: str, *faults: Fault | None) -> Server:
        """The next requests of a step get these, one each (None: all well); the last one stays."""
        self.faults[step] = list(faults)
        return self

    def count(self, step: str) -> int:
        return self.steps.count(step)

    def next_fault(self, step: str) -> Fault | None:
        with self.lock:
            waiting = self.faults[step]
            if not waiting:
                return None
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    @contextmanager
    def running(self) -> Iterator[Server]:
        self._thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self._http.shutdown()
            self._http.server_close()
            self._thread.join()


class Dialect(ABC):
    """What a provider answers when all is well."""

    @abstractmethod
    def step(self, seen: Seen) -> str:
        """`work`, `question`, `result` or `content`."""

    @abstractmethod
    def answer(self, step: str, seen: Seen, server: Server) -> Reply:
        """The reply to that step."""


class Handler(BaseHTTPRequestHandler):
    owner: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None: ...

    def _do(self) -> None:
        self.close_connection = True
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, body)
        step = self.owner.dialect.step(seen)
        with self.owner.lock:
            self.owner.seen.append(seen)
            self.owner.steps.append(step)
        fault = self.owner.next_fault(step)
        try:
            reply = (
                self.owner.dialect.answer(step, seen, self.owner)
                if fault is None
                else fault(self, seen)
            )
            if reply is not None:
                self.write(reply)
        except (BrokenPipeError, ConnectionResetError):
            return

    do_GET = do_POST = do_PUT = _do

    def write(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in reply.headers:
            self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()
