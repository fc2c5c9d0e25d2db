"""Serve registered models of this machine behind the OpenAI API, to try a whole evaluation on.

    python docs/serve_reference.py reference-small-r8 reference-clip-turbo --port 8000

Pictures: `POST /v1/images/generations`; clips: `POST /v1/videos`, asked after and fetched. Both
take a `seed`, and make with it what the same model makes when it is called directly. A request
with an `Idempotency-Key` that was seen before is answered as it was then.

Needs the extra `churnboard[serve]`, which `make demo` installs.
"""

from __future__ import annotations

import argparse
import base64
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Form, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from evals import backends, media, registry, revision
from evals.backends import Generator
from evals.clips import codec as clips
from evals.errors import ChurnboardError, GenerationError
from evals.home import resolve_home
from evals.types import Prompt


class Refusal(Exception):
    """An error as the API words it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class Asked(BaseModel):
    """The body of a request for pictures; what else it holds is passed over."""

    model: str
    prompt: str
    seed: int | None = None
    size: str | None = None


@dataclass
class Studio:
    """The models that are served, each loaded once and asked for one thing at a time."""

    generators: dict[str, Generator]
    answers: dict[str, Any] = field(default_factory=dict[str, Any])
    """Idempotency key -> what was answered."""
    clips: dict[str, bytes] = field(default_factory=dict[str, bytes])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def make(self, model: str, prompt: str, seed: int | None) -> backends.RawMedia:
        """What a model makes; without a seed, of one that nobody knows."""
        if model not in self.generators:
            raise Refusal(404, "model_not_found", f"the model {model!r} is not served here")
        drawn = random.randrange(2**31) if seed is None else seed  # noqa: S311 - no secret
        try:
            return self.generators[model].generate(Prompt("asked", prompt), drawn)
        except GenerationError as error:
            refused = error.kind == "refused"
            code = "content_policy_violation" if refused else error.kind
            raise Refusal(400 if error.blame == "model" else 500, code, str(error)) from error

    def once(self, key: str | None, answer: Callable[[], Any]) -> Any:
        """The answer under a key: made if it is new, else as it was."""
        with self.lock:
            if key is None:
                return answer()
            if key not in self.answers:
                self.answers[key] = answer()
            return self.answers[key]


def app_of(studio: Studio) -> FastAPI:
    """The API over a studio."""
    app = FastAPI(title="Reference models")

    @app.exception_handler(Refusal)
    def refuse(_: Request, error: Refusal) -> JSONResponse:
        return JSONResponse({"error": {"code": error.code, "message": str(error)}}, error.status)

    @app.post("/v1/images/generations")
    def pictures(asked: Asked, idempotency_key: str | None = Header(None)) -> Any:
        def answer() -> Any:
            picture = media.to_picture(studio.make(asked.model, asked.prompt, asked.seed).pixels)
            size = f"{picture.shape[1]}x{picture.shape[0]}"
            if asked.size not in (None, size):
                raise Refusal(400, "invalid_size", f"{asked.model} makes {size}, not {asked.size}")
            encoded = base64.b64encode(media.encode_png(picture)).decode()
            return {"created": int(time.time()), "data": [{"b64_json": encoded}]}

        return studio.once(idempotency_key, answer)

    @app.post("/v1/videos")
    def films(
        model: str = Form(),
        prompt: str = Form(),
        seed: int | None = Form(None),
        idempotency_key: str | None = Header(None),
    ) -> Any:
        def answer() -> Any:
            made = studio.make(model, prompt, seed)
            name = f"video_{uuid.uuid4().hex}"
            studio.clips[name] = clips.encode(clips.to_clip(made.pixels, made.fps))
            return {
                "id": name,
                "object": "video",
                "status": "queued",
                "model": model,
                "created_at": int(time.time()),
                "progress": 0,
            }

        return studio.once(idempotency_key, answer)

    @app.get("/v1/videos/{name}")
    def film(name: str) -> Any:
        known(name)
        return {"id": name, "object": "video", "status": "completed", "progress": 100}

    @app.get("/v1/videos/{name}/content")
    def content(name: str) -> Response:
        return Response(known(name), media_type=clips.MIME)

    def known(name: str) -> bytes:
        if name not in studio.clips:
            raise Refusal(404, "video_not_found", f"there is no video {name!r}")
        return studio.clips[name]

    return app


@contextmanager
def opened(names: Sequence[str], home: Path) -> Iterator[Studio]:
    """The models of these names, loaded."""
    known = registry.load(home)
    with ExitStack() as stack:
        generators: dict[str, Generator] = {}
        for name in names:
            model = revision.located(known, known.model(name))
            opening = backends.get(model.backend).open_model(model)
            generators[name] = stack.enter_context(opening)
        yield Studio(generators)


def main() -> None:
    """Serve until interrupted, on the loopback address alone."""
    parser = argparse.ArgumentParser(description="Serve registered models as the OpenAI API does.")
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--home", type=Path, default=None)
    given = parser.parse_args()
    try:
        with opened(given.models, resolve_home(given.home)) as studio:
            uvicorn.run(app_of(studio), host="127.0.0.1", port=given.port, log_level="warning")
    except ChurnboardError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
