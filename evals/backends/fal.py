"""Models that fal runs, through its queue: handed in, asked after, fetched.

Named `fal` in a model's file; `model` is the application, such as `fal-ai/flux/schnell`.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from evals.backends import Ticket
from evals.endpoints import answers, endpoint, inputs, jobs, verdicts
from evals.endpoints.calls import Call
from evals.endpoints.endpoint import Ask, Endpoint, Line
from evals.endpoints.pixels import Made
from evals.endpoints.settings import VIDEO_TASKS, EndpointSettings
from evals.errors import GenerationError
from evals.types import Model, Task

if TYPE_CHECKING:
    import httpx

NAME = "fal"
PAID = True
TASKS: tuple[Task, ...] = ("text-to-image", "image-edit", "text-to-video", "image-to-video")


class Settings(EndpointSettings):
    """What is asked for, and where."""

    HOME: ClassVar[str] = "https://queue.fal.run"
    KEY: ClassVar[str] = "FAL_KEY"

    def fault(self, task: Task) -> tuple[str, str] | None:
        """An application is `owner/name`, and perhaps a path."""
        if "/" not in self.model.strip("/"):
            return "model", 'is an application of fal, "owner/name": see its page there'
        return super().fault(task)


@dataclass(frozen=True)
class _Wire:
    client: Any
    completed: type
    line: Line
    settings: Settings
    task: Task

    def make(self, ask: Ask, call: Call, ticket: Ticket) -> Made:
        application = self.settings.model

        def submit() -> dict[str, str]:
            taken = self.client.submit(application, arguments=self._arguments(ask))
            return {"request": jobs.name(taken.request_id)}

        name = jobs.handle(ticket, call, submit)["request"]

        # By its name alone: the addresses in an answer are the server's to choose.
        def ask_after() -> Any | None:
            status = self.client.status(application, name)
            return status if isinstance(status, self.completed) else None

        status = jobs.until_done(call, self.settings.poll_s, ask_after)
        told = getattr(status, "error", None)
        if told:
            kind = getattr(status, "error_type", None) or ""
            verdict = verdicts.of_failed_work({"type": kind, "message": told}, billed=False)
            # What failed on its machines is not charged, and what was refused may be.
            call.accepted = verdict.billed
            raise verdict.error(call.redactor.line(verdict.message))
        answer = jobs.question(lambda: self.client.result(application, name))
        if answers.refused_inside(answer):
            raise GenerationError(
                "the model's safety checker refused what was made",
                blame="model",
                kind="refused",
                billed=True,
            )
        reference = answers.media_in(answer, application)
        return Made(
            data=self.line.fetch(reference, call),
            quantities=_quantities(status, call),
            cost_usd=answers.cost(answer, call.headers),
            served_by=answers.version(answer, call.headers),
        )

    def _arguments(self, ask: Ask) -> dict[str, Any]:
        settings = self.settings
        own: dict[str, Any] = {}
        if settings.width is not None and settings.height is not None:
            size = {"width": settings.width, "height": settings.height}
            own |= size if self.task in VIDEO_TASKS else {"image_size": size}
        if settings.seconds is not None:
            own["duration"] = f"{settings.seconds:g}"
        return inputs.table(settings, ask, "image_url", own)


def _quantities(status: Any, call: Call) -> dict[str, float]:
    metrics = getattr(status, "metrics", None)
    seconds = answers.number(metrics.get("inference_time")) if isinstance(metrics, dict) else None  # pyright: ignore[reportUnknownMemberType]
    units = answers.number(call.headers.get("x-fal-billable-units"))
    found = {} if seconds is None else {"inference_seconds": seconds}
    return found if units is None else {**found, "billable_units": units}


@contextmanager
def open_model(model: Model, device: str | None = None) -> Generator[Endpoint]:
    """Yield the endpoint; nothing is asked of it before the first call.

    Raises:
        LoadError: no client, no key, or settings that do not suit the task.
    """
    del device
    settings = Settings.model_validate(dict(model.settings))
    with endpoint.line(model, settings) as line:
        library = cast("Any", endpoint.client_module("fal_client"))
        client = library.SyncClient(key=line.key)
        headers = {} if line.keyless else {"Authorization": f"Key {line.key}"}
        # The client makes its own HTTP client, with its own retries of work that may have been
        # received; this is where it would keep it.
        object.__setattr__(
            client,
            "_client",
            line.client(headers=headers, event_hooks={"request": [_redirected(settings)]}),
        )
        wire = _Wire(client, library.Completed, line, settings, model.task)
        yield endpoint.opened(model, settings, wire, line)


def _redirected(settings: Settings) -> Any:
    """Sends to `base_url` what the client, whose hosts are fixed, addresses to fal's queue."""
    import httpx

    home, target = httpx.URL(Settings.HOME), httpx.URL(settings.address())

    def send_on(request: httpx.Request) -> None:
        if request.url.host != home.host or settings.base_url is None:
            return
        path = target.raw_path.rstrip(b"/") + request.url.raw_path
        request.url = request.url.copy_with(
            scheme=target.scheme, host=target.host, port=target.port, raw_path=path
        )
        request.headers["Host"] = target.netloc.decode("ascii")

    return send_on
