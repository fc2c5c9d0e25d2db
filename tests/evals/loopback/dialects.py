"""What each provider answers when all is well, and how a backend is pointed at it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from evals import media
from evals.types import Task
from tests.evals.clips.clip_files import pattern, written
from tests.evals.loopback.server import Dialect, Reply, Seen, Server, as_json

PNG = "image/png"
MP4 = "video/mp4"


def picture(about: str) -> bytes:
    """A PNG that differs with every prompt and seed: 48 wide, 32 high."""
    words = np.frombuffer(hashlib.sha256(about.encode()).digest(), np.uint32)
    drawn = np.random.default_rng(words).integers(0, 256, (32, 48, 3), dtype=np.uint8)
    return media.encode_png(drawn)


@cache
def clip() -> bytes:
    """An MP4 of 8 frames at 8 per second."""
    return written(pattern(8))


@dataclass
class Speaking(Dialect):
    """What all dialects know: the task, and the media that they made."""

    task: Task = "text-to-image"
    same_for_all: bool = False
    """A server that returns what it has kept, whatever the seed."""
    media: dict[str, bytes] = field(default_factory=dict)
    work: dict[str, Seen] = field(default_factory=dict)

    @property
    def moving(self) -> bool:
        return self.task.endswith("video")

    def make(self, seen: Seen) -> str:
        """Do the work of a request; its name."""
        about = "the same" if self.same_for_all else f"{_text(seen)}|{_seed(seen)}"
        name = f"w{len(self.work)}"
        self.work[name] = seen
        self.media[name] = clip() if self.moving else picture(about)
        return name

    def reply(self, name: str) -> Reply:
        return Reply(self.media[name], 200, {"Content-Type": MP4 if self.moving else PNG})

    def address(self, name: str, server: Server) -> str:
        return f"{server.base}/media/{name}.{'mp4' if self.moving else 'png'}"

    def fetched(self, seen: Seen) -> Reply:
        return self.reply(seen.path.rpartition("/")[2].partition(".")[0])


def _text(seen: Seen) -> str:
    found = re.search(rb'"prompt": ?"([^"]*)"|name="prompt"\r\n\r\n([^\r]*)', seen.body)
    found = found or re.search(rb'"inputs": ?"([^"]*)"', seen.body)
    return next(filter(None, found.groups()), b"").decode() if found else ""


def _seed(seen: Seen) -> str:
    found = re.search(rb'"seed": ?(\d+)|name="seed"\r\n\r\n(\d+)', seen.body)
    return next(filter(None, found.groups()), b"").decode() if found else "none"


@dataclass
class OpenAI(Speaking):
    """`data` in the answer itself, or by address; clips asked after."""

    by_address: bool = False
    kept: dict[str, str] = field(default_factory=dict)

    def step(self, seen: Seen) -> str:
        if seen.method == "POST":
            return "work"
        return "content" if "/media/" in seen.path or "/content" in seen.path else "question"

    def answer(self, step: str, seen: Seen, server: Server) -> Reply:
        if step == "work":
            return self._work(seen, server)
        if "/media/" in seen.path:
            return self.fetched(seen)
        name = seen.path.split("/videos/")[1].partition("/")[0]
        if step == "content":
            return self.reply(name)
        return as_json(self._video(name, "completed"))

    def _work(self, seen: Seen, server: Server) -> Reply:
        key = seen.headers.get("idempotency-key", "")
        if key not in self.kept:
            self.kept[key] = self.make(seen)
            if not server.bills[key]:
                server.bills[key] += 1
        name = self.kept[key]
        if self.moving:
            return as_json(self._video(name, "queued"))
        encoded = base64.b64encode(self.media[name]).decode()
        item = {"url": self.address(name, server)} if self.by_address else {"b64_json": encoded}
        usage = {
            "input_tokens": 11,
            "output_tokens": 272,
            "total_tokens": 283,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": 11},
        }
        found = {"created": 1, "data": [item], "usage": usage, "system_fingerprint": "fp_1"}
        return as_json(found, x_litellm_response_cost="0.042")

    def _video(self, name: str, state: str) -> dict[str, Any]:
        return {
            "id": name,
            "object": "video",
            "status": state,
            "model": "video-1",
            "created_at": 1,
            "progress": 0,
            "seconds": "1",
            "size": "48x32",
        }


@dataclass
class Fal(Speaking):
    def step(self, seen: Seen) -> str:
        if seen.method == "POST":
            return "work"
        if seen.path.startswith("/media/"):
            return "content"
        return "question" if "/status" in seen.path else "result"

    def answer(self, step: str, seen: Seen, server: Server) -> Reply:
        if step == "content":
            return self.fetched(seen)
        if step == "work":
            name = self.make(seen)
            server.bills[name] += 1
            # Addresses that lead elsewhere: the client must not follow them.
            trap = "http://169.254.169.254/latest"
            urls = {f"{kind}_url": trap for kind in ("response", "status", "cancel")}
            return as_json({"request_id": name, **urls})
        name = seen.path.split("/requests/")[1].partition("/")[0].partition("?")[0]
        if step == "question":
            metrics = {"inference_time": 0.5}
            return as_json({"status": "COMPLETED", "logs": [], "metrics": metrics})
        item = {"url": self.address(name, server), "width": 48, "height": 32}
        found = {"video": item} if self.moving else {"images": [item], "seed": 1}
        return as_json(found, x_fal_billable_units="1")


@dataclass
class Routed(Fal):
    """fal as the hub's client speaks it: only the path of the address is followed."""

    def answer(self, step: str, seen: Seen, server: Server) -> Reply:
        if step != "work":
            return super().answer(step, seen, server)
        name = self.make(seen)
        server.bills[name] += 1
        where = f"https://queue.fal.run/maker/model/requests/{name}"
        return as_json({"request_id": name, "response_url": where, "status": "IN_QUEUE"})


@dataclass
class Replicate(Speaking):
    def step(self, seen: Seen) -> str:
        if seen.method == "POST":
            return "work"
        return "content" if seen.path.startswith("/media/") else "question"

    def answer(self, step: str, seen: Seen, server: Server) -> Reply:
        if step == "content":
            return self.fetched(seen)
        if step == "work":
            name = self.make(seen)
            server.bills[name] += 1
            return as_json(self._prediction(name, "starting", None), 201)
        name = seen.path.rpartition("/")[2]
        return as_json(self._prediction(name, "succeeded", [self.address(name, server)]))

    def _prediction(self, name: str, state: str, output: Any) -> dict[str, Any]:
        return {
            "id": name,
            "model": "maker/model",
            "version": "5c7d5dc6",
            "status": state,
            "input": {},
            "output": output,
            "logs": "",
            "error": None,
            "metrics": {"predict_time": 0.25},
            "created_at": "2026-01-01T00:00:00Z",
            "started_at": None,
            "completed_at": None,
            "urls": {},
        }


@dataclass
class HuggingFace(Speaking):
    def step(self, seen: Seen) -> str:
        return "work"

    def answer(self, step: str, seen: Seen, server: Server) -> Reply:
        name = self.make(seen)
        server.bills[name] += 1
        reply = self.reply(name)
        return Reply(reply.body, 200, {**reply.headers, "X-Sha": "abc123"})


DIALECTS: Mapping[str, type[Speaking]] = {
    "openai": OpenAI,
    "fal": Fal,
    "replicate": Replicate,
    "huggingface": HuggingFace,
    "routed": Routed,
}
MODELS = {
    "openai": "image-1",
    "fal": "maker/model/fast",
    "replicate": "maker/model",
    "huggingface": "maker/model",
    "routed": "maker/model",
}


def settings(provider: str, server: Server) -> dict[str, Any]:
    """The least that a model's file says."""
    path = "/v1" if provider == "openai" else ""
    return {"model": MODELS[provider], "base_url": f"{server.base}{path}"}


def parsed(seen: Seen) -> dict[str, Any]:
    """The input that a provider was sent, as JSON."""
    table = json.loads(seen.body)
    return table.get("input", table.get("parameters", table))
