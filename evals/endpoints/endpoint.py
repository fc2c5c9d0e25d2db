"""One opened model behind an address: makes calls, counts failures, turns answers into media."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

from evals.backends import RawMedia, Ticket
from evals.endpoints import answers, calls, jobs, keys, pixels, timing
from evals.endpoints.breaker import Breaker
from evals.endpoints.calls import Call
from evals.endpoints.keys import Redactor
from evals.endpoints.pixels import Made
from evals.endpoints.settings import VIDEO_TASKS, EndpointSettings
from evals.endpoints.timing import Timing
from evals.errors import BackendError, GenerationError, LoadError
from evals.types import Model, Prompt, Task

if TYPE_CHECKING:
    import httpx
    import numpy as np
    from numpy.typing import NDArray

    from evals.endpoints.transport import Transport


@dataclass(frozen=True)
class Ask:
    """What one call asks for."""

    text: str
    seed: int
    start: bytes | None
    """A PNG, where the task begins with a picture."""


class Wire(Protocol):
    """How a provider is spoken to: the one thing in which backends differ."""

    def make(self, ask: Ask, call: Call, ticket: Ticket) -> Made:
        """Ask, wait, fetch; whatever is raised is sorted out by the endpoint."""
        ...


@dataclass
class Endpoint:
    """A `PaidGenerator`."""

    settings: EndpointSettings
    task: Task
    wire: Wire = field(repr=False)
    redactor: Redactor
    timing: Timing
    breaker: Breaker
    idempotent: bool = False
    device: str = "endpoint"
    _cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def concurrency(self) -> int:
        """How many calls may be in flight at once."""
        return self.settings.concurrency

    def cancel(self) -> None:
        """End every call in flight, and refuse further ones, with kind `cancelled`."""
        self._cancelled.set()

    def generate(
        self, prompt: Prompt, seed: int, start: NDArray[np.uint8] | None = None, *, ticket: Ticket
    ) -> RawMedia:
        """Make one picture or clip: see `evals.backends.PaidGenerator`."""
        # Raised out here: an error raised while another is handled keeps that one, and with it
        # texts that nobody cleaned.
        outcome = self._outcome(prompt, seed, start, ticket)
        if isinstance(outcome, BackendError):
            raise outcome
        return outcome

    def _outcome(
        self, prompt: Prompt, seed: int, start: NDArray[np.uint8] | None, ticket: Ticket
    ) -> RawMedia | BackendError:
        call = Call(
            timing=self.timing,
            deadline_s=self.settings.longest(self.task),
            cancelled=self._cancelled,
            key=ticket.key,
            idempotent=self.idempotent,
            redactor=self.redactor,
        )
        try:
            call.check()
            self.breaker.check()
        except GenerationError as error:
            return self._clean(error, call)
        try:
            ask = Ask(prompt.text, seed, pixels.start_png(start, self.task))
            with calls.active(call):
                made = self.wire.make(ask, call, ticket)
            found = pixels.to_media(made, self.task, self.settings.asked_size())
        except Exception as error:  # noqa: BLE001 - clients raise what they like over an answer
            # that they do not understand; it becomes an error of this one call.
            failure = self._clean(jobs.ours(error) or _unreadable(error), call)
            self._count(failure)
            return failure
        self.breaker.succeeded()
        told = found.served_by
        return replace(found, served_by=None if told is None else self.redactor.line(told)[:200])

    def _clean(self, error: BackendError, call: Call) -> BackendError:
        """The error anew, its text cleaned, without what it was raised from."""
        line = self.redactor.line(str(error))
        if isinstance(error, GenerationError):
            billed = error.billed or call.billed
            return GenerationError(line, blame=error.blame, kind=error.kind, billed=billed)
        return LoadError(line, kind=error.kind)

    def _count(self, failure: BackendError) -> None:
        if failure.kind == "cancelled":
            return
        if failure.blame == "model":
            self.breaker.succeeded()
        else:
            self.breaker.failed(f"{failure.kind}: {failure}")


def _unreadable(error: Exception) -> GenerationError:
    import httpx

    if isinstance(error, httpx.TooManyRedirects):
        return GenerationError(f"redirected too often: {error}", kind="download_failed")
    said = f"the answer was not understood: {type(error).__name__}: {error}"
    return GenerationError(said, kind="bad_answer")


@dataclass(frozen=True)
class Line:
    """What a wire sends through."""

    key: str = field(repr=False)
    """What a client that wants a key is given: the key, or a word where there is none."""
    keyless: bool
    transport: Transport
    downloads: httpx.Client
    """Fetches what was made: it carries no key, whoever the address belongs to."""

    def client(self, **options: object) -> httpx.Client:
        """An HTTP client for a provider's client."""
        from evals.endpoints import transport

        return transport.client(self.transport, **options)

    def fetch(self, reference: str, call: Call) -> bytes:
        """The bytes that an address, a data URI or base64 stands for."""
        if not answers.is_address(reference):
            return answers.inline(reference)
        with call.expecting("media"):
            return self.downloads.get(reference).content


NO_KEY = "no-key"
"""What clients that insist on a key are given where none is sent."""


@contextmanager
def line(model: Model, settings: EndpointSettings) -> Generator[Line]:
    """What the calls of one model are sent through, closed at the end.

    Raises:
        LoadError: the settings do not suit the task, or the key is not in the environment.
    """
    fault = settings.fault(model.task)
    if fault is not None:
        raise LoadError(f"model {model.id}: settings.{fault[0]} {fault[1]}")
    variable = settings.variable()
    key = None if variable is None else keys.read(variable)
    if variable is not None and key is None:
        raise LoadError(
            f"model {model.id}: the environment variable {variable} holds no key: set it, or name"
            " another one with key_env",
            kind="auth",
        )
    from evals.endpoints import transport

    # Imported before the first call is timed, and once: of threads that import one thing at the
    # same time, one may find it half done.
    for library in ("numpy", "PIL.Image", *(("av",) if model.task in VIDEO_TASKS else ())):
        importlib.import_module(library)
    sender = transport.Transport(settings.trust())
    try:
        yield Line(key or NO_KEY, key is None, sender, transport.client(sender))
    finally:
        sender.close()


def opened(
    model: Model, settings: EndpointSettings, wire: Wire, line: Line, idempotent: bool = False
) -> Endpoint:
    """The generator over a wire."""
    clocks = timing.REAL
    return Endpoint(
        settings=settings,
        task=model.task,
        wire=wire,
        redactor=Redactor(() if line.keyless else (line.key,)),
        timing=clocks,
        breaker=Breaker(settings.breaker_after, settings.cooldown_s, clocks.monotonic),
        idempotent=idempotent,
    )


def client_module(name: str) -> ModuleType:
    """The provider's client, imported when a model is opened.

    Raises:
        LoadError: it is not installed; says what to install.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise LoadError(
            f"{name} cannot be imported ({error}): pip install 'churnboard[api]'",
            kind="no_client",
        ) from error
