"""Models that Replicate runs: a prediction is created, asked after, and its output fetched.

Named `replicate` in a model's file; `model` is `owner/name`, or `owner/name:version` to pin it.
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
from evals.endpoints.settings import EndpointSettings
from evals.errors import LoadError
from evals.types import Model, Task

if TYPE_CHECKING:
    import httpx

NAME = "replicate"
PAID = True
TASKS: tuple[Task, ...] = ("text-to-image", "image-edit", "text-to-video", "image-to-video")


class Settings(EndpointSettings):
    """What is asked for, and where."""

    HOME: ClassVar[str] = "https://api.replicate.com"
    KEY: ClassVar[str] = "REPLICATE_API_TOKEN"

    def fault(self, task: Task) -> tuple[str, str] | None:
        """A model is `owner/name`, with or without a version."""
        if self.model.partition(":")[0].count("/") != 1:
            return "model", 'is a model of Replicate, "owner/name" or "owner/name:version"'
        return super().fault(task)


@dataclass(frozen=True)
class _Wire:
    client: Any
    line: Line
    settings: Settings

    def make(self, ask: Ask, call: Call, ticket: Ticket) -> Made:
        name = jobs.handle(ticket, call, lambda: self._submit(ask))["prediction"]

        def ask_after() -> Any | None:
            found = self.client.predictions.get(name)
            match found.status:
                case "succeeded":
                    return found
                case "failed" | "canceled":
                    # What it ran for until then is billed.
                    verdict = verdicts.of_failed_work(found.error or found.status, billed=True)
                    raise verdict.error(call.redactor.line(verdict.message))
                case _:
                    return None

        found = jobs.until_done(call, self.settings.poll_s, ask_after)
        if found.output is None:
            # Asked after later than that, or the model made nothing.
            raise jobs.lost("it succeeded without an output; outputs are kept for an hour")
        reference = answers.media_in(found.output, "the prediction")
        seconds = answers.number((found.metrics or {}).get("predict_time"))
        quantities = {} if seconds is None else {"predict_seconds": seconds}
        version = getattr(found, "version", None)
        return Made(
            data=self.line.fetch(reference, call),
            quantities=quantities,
            cost_usd=answers.cost(None, call.headers),
            served_by=version if isinstance(version, str) else None,
        )

    def _submit(self, ask: Ask) -> dict[str, str]:
        model, _, version = self.settings.model.partition(":")
        which = {"version": version} if version else {"model": model}
        try:
            made = self.client.predictions.create(**which, input=self._input(ask))
        except Exception as error:
            refused = jobs.ours(error)
            if refused is None or refused.kind != "not_found" or version:
                raise
            hint = f'only official models go without a version: model = "{model}:<version>"'
            raise LoadError(f"{refused}; {hint}", kind=refused.kind) from error
        return {"prediction": jobs.name(made.id)}

    def _input(self, ask: Ask) -> dict[str, Any]:
        settings = self.settings
        own: dict[str, Any] = {}
        if settings.width is not None and settings.height is not None:
            own |= {"width": settings.width, "height": settings.height}
        if settings.seconds is not None:
            whole = settings.seconds.is_integer()
            own["duration"] = int(settings.seconds) if whole else settings.seconds
        return inputs.table(settings, ask, "image", own)


@contextmanager
def open_model(model: Model, device: str | None = None) -> Generator[Endpoint]:
    """Yield the endpoint; nothing is asked of it before the first call.

    Raises:
        LoadError: no client, no key, or settings that do not suit the task.
    """
    del device
    settings = Settings.model_validate(dict(model.settings))
    with endpoint.line(model, settings) as line:
        library = cast("Any", endpoint.client_module("replicate"))

        def strip(request: httpx.Request) -> None:
            if line.keyless:
                request.headers.pop("Authorization", None)

        client = library.Client(
            # Given even where there is none: the client would look into the environment itself.
            api_token=line.key,
            base_url=settings.address(),
            transport=line.transport,
            follow_redirects=True,
            trust_env=False,
            event_hooks={"request": [strip]},
        )
        yield endpoint.opened(model, settings, _Wire(client, line, settings), line)
