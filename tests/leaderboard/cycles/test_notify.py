"""Telling of picks: a webhook that is guarded, or a file."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evals.errors import InputError
from leaderboard.cycles import notify
from leaderboard.pick_answers import LogEntry

AT = datetime(2026, 7, 1, 12, tzinfo=UTC)


def entry(model: str | None = "large", action: Any = "switched") -> LogEntry:
    return LogEntry(
        AT, "text-to-image", "all", "hero", action, "better", model, "small", AT, None, 0.02,
        "evals", AT, "better with 97 %",
    )  # fmt: skip


@dataclass
class Heard:
    """What a webhook was sent."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def webhook(status: int = 200, headers: dict[str, str] | None = None) -> Iterator[Heard]:
    heard = Heard()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.paths.append(self.path)
            heard.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        heard.url = f"http://127.0.0.1:{server.server_port}/hook/secret-token?x=1"
        try:
            yield heard
        finally:
            server.shutdown()
            thread.join()


def test_only_changes_of_hands_are_told() -> None:
    log = [entry(action=a) for a in ("chosen", "kept", "held", "switched")] + [
        entry(None, "dropped")
    ]
    assert [one.action for one in notify.changes(log)] == ["chosen", "switched", "dropped"]


def test_a_message_says_it_for_people_and_for_programs() -> None:
    told = notify.message([entry(), entry(None, "dropped")], AT, "leaderboard-1")
    assert told["text"].splitlines() == [
        "text-to-image, all: hero is now large, before small: better with 97 %",
        "text-to-image, all: hero small dropped: better with 97 %",
    ]
    assert told["changes"][0]["model"] == "large"
    assert told["at"] == "2026-07-01T12:00:00Z"
    json.dumps(told, allow_nan=False)


def test_a_webhook_hears_the_message() -> None:
    told = notify.message([entry()], AT, "leaderboard-1")
    with webhook() as heard:
        assert notify.tell(heard.url, told) is None
    assert json.loads(heard.bodies[0]) == told
    assert heard.paths == ["/hook/secret-token?x=1"]


@pytest.mark.parametrize("status", [302, 400, 404, 500])
def test_a_refusal_is_said_and_no_redirect_followed(status: int) -> None:
    with webhook() as other, webhook(status, {"Location": other.url}) as heard:
        assert notify.tell(heard.url, {}) == f"answered {status}"
    assert other.bodies == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://169.254.169.254/latest", "link-local"),
        ("http://10.1.2.3/hook", "private"),
        ("http://[::ffff:10.0.0.1]/hook", "wraps an IPv4"),
    ],
)
def test_addresses_inside_are_not_told(url: str, why: str) -> None:
    said = notify.tell(url, {})
    assert said is not None
    assert why in said
    assert "model" not in said


def test_an_address_where_nobody_listens_is_said() -> None:
    with webhook() as heard:
        pass
    said = notify.tell(heard.url, {})
    assert said is not None
    assert "secret-token" not in said


@pytest.mark.parametrize("target", ["ftp://x/y", "file:///etc/passwd", "http://", "https://u:p@x/"])
def test_what_is_no_webhook_is_refused(target: str) -> None:
    with pytest.raises(InputError, match="--notify"):
        notify.check_target(target)


def test_a_file_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "told.jsonl"
    assert notify.tell(str(path), {"n": 1}) is None
    assert notify.tell(str(path), {"n": 2}) is None
    assert [json.loads(line) for line in path.read_text().splitlines()] == [{"n": 1}, {"n": 2}]
    assert notify.tell(str(tmp_path / "no" / "such"), {}) is not None


def test_the_secret_of_an_address_is_never_its_name() -> None:
    assert notify.name_of("https://hooks.example.org/T0/secret") == "hooks.example.org"
