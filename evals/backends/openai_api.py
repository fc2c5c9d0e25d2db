"""The OpenAI API: OpenAI itself, and whoever speaks it (vLLM-Omni, SGLang, LocalAI, LiteLLM).

Named `openai` in a model's file. Pictures come from `/images/generations`, edits from
`/images/edits`, clips from `/videos`, which takes the work in and is asked after it.
"""

from __future__ import annotations

import io
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from evals.backends import Ticket
from evals.endpoints import answers, endpoint, jobs, verdicts
from evals.endpoints.calls import Call
from evals.endpoints.endpoint import Ask, Endpoint, Line
from evals.endpoints.pixels import Made
from evals.endpoints.settings import VIDEO_TASKS, EndpointSettings
from evals.errors import LoadError
from evals.types import Model, Task

if TYPE_CHECKING:
    import httpx

NAME = "openai"
PAID = True
TASKS: tuple[Task, ...] = ("text-to-image", "image-edit", "text-to-video", "image-to-video")

_OURS = frozenset(
    {
        "host",
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "user-agent",
        "authorization",
        "idempotency-key",
    }
)
"""Headers that go to any server; the client adds others that concern OpenAI alone."""


class Settings(EndpointSettings):
    """What is asked for, and where."""

    RUNTIME_ONLY: ClassVar[frozenset[str]] = EndpointSettings.RUNTIME_ONLY | {"idempotent"}
    HOME: ClassVar[str] = "https://api.openai.com/v1"
    KEY: ClassVar[str] = "OPENAI_API_KEY"

    idempotent: bool = False
    """Whether the server honours `Idempotency-Key`: asked twice, it works and bills once. OpenAI
    does not document that it does."""

    def fault(self, task: Task) -> tuple[str, str] | None:
        """The picture to begin with has one name in this API."""
        if self.start_key is not None:
            fields = "`image` of an edit, `input_reference` of a clip"
            return "start_key", f"has no meaning here: it is {fields}"
        return super().fault(task)

    def seed_name(self) -> str:
        """OpenAI's own API takes no seed; other servers call it `seed`."""
        if self.seed_key is not None:
            return self.seed_key
        return "" if self.base_url is None else "seed"


@dataclass(frozen=True)
class _Wire:
    client: Any
    line: Line
    settings: Settings
    task: Task

    def make(self, ask: Ask, call: Call, ticket: Ticket) -> Made:
        try:
            if self.task in VIDEO_TASKS:
                return self._clip(ask, call, ticket)
            return self._picture(ask, call)
        except Exception as error:
            found, address = jobs.ours(error), self.settings.address()
            if found is None or found.kind != "not_found" or "/v1" in address:
                raise
            hint = f'most servers of this API answer at base_url = "{address}/v1"'
            raise LoadError(f"{found}; {hint}", kind=found.kind) from error

    def _picture(self, ask: Ask, call: Call) -> Made:
        given = self._given(ask, call)
        if ask.start is None:
            given["prompt"] = ask.text
            answer = self.client.images.generate(**given)
        else:
            answer = self.client.images.edit(prompt=ask.text, image=_file(ask.start), **given)
        found = answer.model_dump()
        reference = answers.media_in(found, "the images API")
        return self._made(found, self.line.fetch(reference, call), call)

    def _clip(self, ask: Ask, call: Call, ticket: Ticket) -> Made:
        def submit() -> dict[str, str]:
            given = self._given(ask, call)
            if ask.start is not None:
                given["input_reference"] = _file(ask.start)
            if self.settings.seconds is not None:
                given["seconds"] = f"{self.settings.seconds:g}"
            video = self.client.videos.create(prompt=ask.text, **given)
            found = {"video": jobs.name(video.id)}
            # Said once, by routers: their answers to questions say that those cost nothing.
            cost = answers.cost(video.model_dump(), call.headers)
            return found if cost is None else {**found, "usd": repr(cost)}

        job = jobs.handle(ticket, call, submit)
        name = job["video"]

        def ask_after() -> dict[str, Any] | None:
            video = self.client.videos.retrieve(name).model_dump()
            match video.get("status"):
                case "completed" | "succeeded":
                    return video
                case "failed" | "cancelled" | "canceled" | "expired":
                    told = video.get("error") or video["status"]
                    verdict = verdicts.of_failed_work(told, billed=True)
                    raise verdict.error(call.redactor.line(verdict.message))
                case _:
                    return None

        video = jobs.until_done(call, self.settings.poll_s, ask_after)
        with call.expecting("media"):
            data = jobs.question(lambda: self.client.videos.download_content(name).content)
        made = self._made(video, data, call)
        stated = made.cost_usd or answers.number(job.get("usd"))
        return replace(made, cost_usd=stated)

    def _given(self, ask: Ask, call: Call) -> dict[str, Any]:
        size = self.settings.asked_size()
        seed = self.settings.seed_name()
        body: dict[str, Any] = {} if size is None else {"size": f"{size[0]}x{size[1]}"}
        body |= {seed: ask.seed} if seed else {}
        return {
            "model": self.settings.model,
            "extra_body": body | self.settings.arguments,
            "extra_headers": {"Idempotency-Key": call.key},
        }

    def _made(self, answer: Any, data: bytes, call: Call) -> Made:
        return Made(
            data=data,
            quantities=answers.usage(answer),
            cost_usd=answers.cost(answer, call.headers),
            served_by=answers.version(answer, call.headers),
        )


def _file(png: bytes) -> tuple[str, io.BytesIO, str]:
    return "start.png", io.BytesIO(png), "image/png"


@contextmanager
def open_model(model: Model, device: str | None = None) -> Generator[Endpoint]:
    """Yield the endpoint; nothing is asked of it before the first call.

    Raises:
        LoadError: no client, no key, or settings that do not suit the task.
    """
    del device
    settings = Settings.model_validate(dict(model.settings))
    with endpoint.line(model, settings) as line:
        library = cast("Any", endpoint.client_module("openai"))

        def strip(request: httpx.Request) -> None:
            """What the environment adds for OpenAI is nobody else's business."""
            for name in [*request.headers]:
                foreign = name.lower() not in _OURS and settings.base_url is not None
                if foreign or (line.keyless and name.lower() == "authorization"):
                    del request.headers[name]

        client = library.OpenAI(
            api_key=line.key,
            base_url=settings.address(),
            max_retries=0,
            http_client=line.client(event_hooks={"request": [strip]}),
        )
        # Both are imported when they are first named.
        _ = client.images, client.videos
        wire = _Wire(client, line, settings, model.task)
        yield endpoint.opened(model, settings, wire, line, settings.idempotent)
