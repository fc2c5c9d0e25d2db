"""What goes wrong at the other end, as answers of a server."""

from __future__ import annotations

import gzip
import socket
import struct
from typing import Any

from tests.evals.loopback.server import Fault, Handler, Reply, Seen, as_json

CANARY = "sk-canary-7f3a91d2c4e8b6a05517aa90"


def status(code: int, told: Any = "no", **headers: str) -> Fault:
    """An error in JSON."""
    return lambda handler, seen: as_json({"error": {"message": told}}, code, **headers)


def says(value: Any, code: int = 200, **headers: str) -> Fault:
    return lambda handler, seen: as_json(value, code, **headers)


def raw(body: bytes, kind: str, code: int = 200, **headers: str) -> Fault:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return lambda handler, seen: Reply(body, code, {"Content-Type": kind} | named)


HTML = raw(b"<!DOCTYPE html><html><body>Sign in</body></html>", "text/html; charset=utf-8")
HIDDEN_HTML = raw(b"  <html><body>Sign in</body></html>", "application/json")


def redirect(target: str, code: int = 302) -> Fault:
    return lambda handler, seen: Reply(b"", code, {"Location": target})


def redirect_to_self(handler: Handler, seen: Seen) -> Reply:
    return Reply(b"", 302, {"Location": f"{handler.owner.base}{seen.path}"})


def hang(handler: Handler, seen: Seen) -> None:
    """No answer until the test is over."""
    handler.owner.over.wait(20)


def slow_headers(handler: Handler, seen: Seen) -> None:
    """A byte of a header now and then, for ever."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not handler.owner.over.wait(0.01):
        handler.wfile.write(b"a")


def slow_body(handler: Handler, seen: Seen) -> None:
    """A byte of a body now and then."""
    handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    )
    while not handler.owner.over.wait(0.01):
        handler.wfile.write(b" ")


def endless(handler: Handler, seen: Seen) -> None:
    """Bytes as fast as they go."""
    handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    while not handler.owner.over.is_set():
        handler.wfile.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")


def promises_much(handler: Handler, seen: Seen) -> None:
    """A length that nobody has room for."""
    handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        b"Content-Length: 999999999999\r\n\r\n{"
    )
    handler.owner.over.wait(20)


def gzip_bomb(kind: str = "application/json") -> Fault:
    """A few kilobytes that unpack to many megabytes."""
    return raw(gzip.compress(bytes(30_000_000)), kind, Content_Encoding="gzip")


def reset(handler: Handler, seen: Seen) -> None:
    """The connection is reset without an answer, after the work was billed."""
    handler.owner.bills[seen.headers.get("idempotency-key", "")] += 1
    _reset(handler)


def reset_in_body(handler: Handler, seen: Seen) -> None:
    """The connection is reset in the middle of an answer."""
    handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
    )
    handler.wfile.write(b'{"data":')
    handler.wfile.flush()
    _reset(handler)


def _reset(handler: Handler) -> None:
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()


def not_http(handler: Handler, seen: Seen) -> None:
    handler.wfile.write(b"220 smtp.example ESMTP\r\n")


DEEP = raw(b"[" * 200_000, "application/json")


def says_late(seconds: float) -> Fault:
    """All is done and billed, but the answer keeps the asker waiting; sets `reached`."""

    def fault(handler: Handler, seen: Seen) -> Reply:
        owner = handler.owner
        reply = owner.dialect.answer(owner.dialect.step(seen), seen, owner)
        owner.reached.set()
        owner.over.wait(seconds)
        return reply

    return fault
