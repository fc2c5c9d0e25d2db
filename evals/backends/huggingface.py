"""Models that Hugging Face runs, or routes to a provider; or an inference endpoint of one's own.

Named `huggingface` in a model's file; `model` is a name on the hub, or `base_url` the address of
an endpoint that runs it.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

from pydantic import Field

from evals.backends import Ticket
from evals.endpoints import answers, endpoint, jobs, pixels
from evals.endpoints.calls import Call
from evals.endpoints.endpoint import Ask, Endpoint, Line
from evals.endpoints.pixels import Made
from evals.endpoints.settings import VIDEO_TASKS, EndpointSettings
from evals.errors import GenerationError, LoadError
from evals.types import Model, Task

NAME = "huggingface"
PAID = True
TASKS: tuple[Task, ...] = ("text-to-image", "image-edit", "text-to-video", "image-to-video")

LONGEST_HANDLE = 4_000
"""Characters of an answer that is kept as the handle of work handed in."""


class Settings(EndpointSettings):
    """What is asked for, and where."""

    HOME: ClassVar[str] = "https://router.huggingface.co"
    KEY: ClassVar[str] = "HF_TOKEN"

    provider: str = Field(default="auto", min_length=1, max_length=40)
    """Who runs it; `auto`: the first of those that the account prefers. Together with `base_url`,
    whose API is spoken there."""

    def fault(self, task: Task) -> tuple[str, str] | None:
        """The client knows the seed by one name, and takes no seconds."""
        if self.seed_key not in (None, "", "seed"):
            return "seed_key", 'is "seed" or "" here; another name goes into arguments'
        if self.start_key is not None:
            return "start_key", "has no meaning here: the client knows where the picture goes"
        if self.seconds is not None:
            return "seconds", "is not known here; num_frames in arguments is"
        if self.base_url is not None and self.provider == "auto" and task in VIDEO_TASKS:
            return "provider", f"is missing: the client makes {task} at a provider only"
        return super().fault(task)


@dataclass(frozen=True)
class _Wire:
    library: Any
    line: Line
    settings: Settings
    task: Task

    def make(self, ask: Ask, call: Call, ticket: Ticket) -> Made:
        call.expects = "any"
        client = _client(self.library, self.settings, self.line, call, ticket)
        from evals.endpoints.hub_switch import sending

        try:
            with sending(self.line):
                data = self._data(client, ask)
        except Exception as error:
            found = jobs.ours(error)
            if found is None or found.kind != "gone":
                raise
            if not call.accepted:
                raise LoadError(f"no such model: {found}", kind="not_found") from error
            raise jobs.lost(found) from error
        return Made(
            data=data,
            cost_usd=answers.cost(None, call.headers),
            served_by=answers.version(None, call.headers),
        )

    def _data(self, client: Any, ask: Ask) -> bytes:
        given: dict[str, Any] = dict(self.settings.arguments)
        if self.settings.seed_key != "":
            given.setdefault("seed", ask.seed)
        size = self.settings.asked_size()
        sides = {} if size is None else {"width": size[0], "height": size[1]}
        target = {"target_size": sides} if sides else {}
        match self.task:
            case "text-to-image":
                return self._file(lambda: client.text_to_image(ask.text, extra_body=sides | given))
            case "image-edit":
                return self._file(
                    lambda: client.image_to_image(ask.start, prompt=ask.text, **target | given)
                )
            case "text-to-video":
                return client.text_to_video(ask.text, extra_body=sides | given)
            case _:
                return client.image_to_video(ask.start, prompt=ask.text, **target | given)

    def _file(self, ask: Any) -> bytes:
        from PIL import Image, UnidentifiedImageError

        try:
            return pixels.of_image(ask())
        except (UnidentifiedImageError, Image.DecompressionBombError) as error:
            raise GenerationError(
                f"not a picture that can be opened: {error}",
                kind="invalid_media",
                blame="model",
                billed=True,
            ) from error


def _client(library: Any, settings: Settings, line: Line, call: Call, ticket: Ticket) -> Any:
    """A client of one call that hands work in once.

    What a provider answers to work that it has only taken in is JSON that says where to ask: that
    is the handle, and with it the client goes on where an earlier try was cut off.
    """
    routed = settings.base_url is None or settings.provider != "auto"

    class Client(library.InferenceClient):
        def _inner_post(self, request_parameters: Any, *, stream: bool = False) -> Any:
            if routed and settings.base_url is not None:
                path = urlsplit(str(request_parameters.url))
                query = f"?{path.query}" if path.query else ""
                request_parameters.url = f"{settings.address()}{path.path}{query}"
            if ticket.job is not None:
                call.accepted = True
                return ticket.job["taken"].encode()
            post: Any = library.InferenceClient._inner_post
            answer: Any = post(self, request_parameters, stream=stream)
            if _is_handle(answer):
                ticket.submitted({"taken": call.redactor.clean(answer.decode())})
            return answer

    where = {"model": settings.model, "provider": settings.provider}
    if settings.base_url is not None and not routed:
        where = {"model": settings.base_url}
    # A token is given even where there is none: the client would take one from the disk.
    return Client(**where, token=line.key)


_HANDLES = ("request_id", "task_id", "requestId", "taskId")


def _is_handle(answer: Any) -> bool:
    if not isinstance(answer, bytes) or len(answer) > LONGEST_HANDLE or answer[:1] != b"{":
        return False
    try:
        table = json.loads(answer)
    except ValueError:
        return False
    inner = table.get("data")
    named = any(isinstance(table.get(key), str) for key in _HANDLES)
    return named or (isinstance(inner, dict) and isinstance(inner.get("id"), str))  # pyright: ignore[reportUnknownMemberType]


@contextmanager
def open_model(model: Model, device: str | None = None) -> Generator[Endpoint]:
    """Yield the endpoint; nothing is asked of it before the first call.

    Raises:
        LoadError: no client, no key, or settings that do not suit the task.
    """
    del device
    settings = Settings.model_validate(dict(model.settings))
    with endpoint.line(model, settings) as line:
        library = cast("Any", endpoint.client_module("huggingface_hub"))
        if not hasattr(library, "set_client_factory"):
            raise LoadError(
                f"huggingface_hub {library.__version__} is too old: pip install 'churnboard[api]'",
                kind="no_client",
            )
        from evals.endpoints import hub_switch

        hub_switch.install(library)
        # The client notes "not installed" while it looks Pillow up, and calls side by side would
        # believe it: it looks once, before any of them.
        library.utils.is_pillow_available()
        wire = _Wire(library, line, settings, model.task)
        yield endpoint.opened(model, settings, wire, line)
