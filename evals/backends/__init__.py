"""How models are called: one file per way, found by its name; no torch until a model is opened.

A backend is a module with

- `NAME`: what a model's file writes as `backend`;
- `TASKS`: the tasks it can do;
- `PAID`, where it is true: every call costs money at somebody else's, so that it is made once,
  within a budget, and with a `Ticket`;
- `Settings`: a `BackendSettings`, which validates the model's `[settings]`;
- `open_model(model, device)`: a context manager that loads the model once, yields a `Generator`
  and frees the model at the end. Raises LoadError.

Another package registers one as an entry point of the group `churnboard.backends` that names the
module, and runs `tests/evals/backends/test_backends.py` over it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from evals import plugins
from evals.errors import NotFoundError
from evals.names import hint
from evals.tomlfile import Strict
from evals.types import Model, Prompt, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

ENTRY_POINTS = "churnboard.backends"


@dataclass(frozen=True)
class RawMedia:
    """What a model returned, unchecked: `evals.media` and `evals.clips.codec` decide whether it is
    what the task asks for.
    """

    pixels: NDArray[np.uint8] | NDArray[np.floating[Any]]
    """height × width × 3, RGB, or frames × height × width × 3 of a clip; uint8, or floating point
    in [0, 1]."""
    quantities: Mapping[str, float] = field(default_factory=dict[str, float])
    """What would be billed: `images`, `pixels`, `steps`, …"""
    fps: float | None = None
    """Frames per second of a clip."""
    cost_usd: float | None = None
    """What the provider says that it billed for this call; it goes before the price book."""
    asked_size: tuple[int, int] | None = None
    """Width and height that were asked for, in pixels, where the model's file says them: media of
    another size is not what was asked for."""
    served_by: str | None = None
    """What the endpoint says that it ran (a version, a fingerprint), where it says so: a model that
    is changed under its name may give itself away here."""


class Ticket(Protocol):
    """Leave to make one paid call, and where that call stands."""

    @property
    def key(self) -> str:
        """Idempotency key: the same whenever this trial is tried again, and of no other trial."""
        ...

    @property
    def job(self) -> Mapping[str, str] | None:
        """What an earlier try was told when it handed its work in; resume that, and pay nothing."""
        ...

    def submitted(self, job: Mapping[str, str]) -> None:
        """The endpoint took the work in under this handle (no secrets); durable on return."""
        ...


class Generator(Protocol):
    """A loaded model."""

    @property
    def device(self) -> str:
        """Kind of device it runs on: `cpu`, `cuda`, `mps`."""
        ...

    def generate(self, prompt: Prompt, seed: int, start: Picture | None = None) -> RawMedia:
        """Make one picture or clip; the same arguments give the same one on the same device.

        Args:
            prompt: what is asked for.
            seed: of the noise it starts from.
            start: the picture to begin with (height × width × 3 uint8 RGB), where the prompt has
                one: the first frame of image-to-video, the small picture of upscaling.

        Raises:
            GenerationError: with the blame and a short kind.
        """
        ...


class PaidGenerator(Protocol):
    """A model behind an endpoint that bills its calls."""

    @property
    def device(self) -> str:
        """`endpoint`."""
        ...

    @property
    def concurrency(self) -> int:
        """How many calls may be in flight at once, each from a thread of its own."""
        ...

    @property
    def idempotent(self) -> bool:
        """Whether the endpoint honours `Ticket.key`: asked twice, it answers and bills once."""
        ...

    def generate(
        self, prompt: Prompt, seed: int, start: Picture | None = None, *, ticket: Ticket
    ) -> RawMedia:
        """Make one picture or clip, as `Generator.generate` does.

        Waits out refusals that ask for patience (429, 503) within its own deadline.

        Raises:
            GenerationError: with the blame, a short kind, and whether it may have been billed.
            LoadError: no call to this endpoint can succeed (no key, no such model, no credit).
        """
        ...


@dataclass(frozen=True)
class Fetch:
    """What loading a model would download first, as it is not on this machine."""

    repository: str
    commit: str
    needed: Callable[[Collection[str]], Collection[str]]
    """The files that are needed, of all that the repository holds."""


class BackendSettings(Strict):
    """Base of a backend's `[settings]`. The defaults suit backends that need no weights."""

    RUNTIME_ONLY: ClassVar[frozenset[str]] = frozenset()
    """Keys that say where a model runs and not what it is: they do not change its revision."""
    ADDED: ClassVar[frozenset[str]] = frozenset()
    """Optional keys that earlier versions did not know: unset, they do not change it either."""

    def sources(self) -> Mapping[str, str]:
        """Dotted key -> folder or hub name of weights that the model is made of."""
        return {}

    def commit(self) -> str | None:
        """The commit that pins a hub source, if one is given."""
        return None

    def fetches(self) -> Sequence[Fetch]:
        """What loading would download; of settings whose folders are absolute and commits known."""
        return ()

    def fault(self, task: Task) -> tuple[str, str] | None:
        """A key that does not suit `task`, and what is wrong with it; None if all of them do.

        Whatever is wrong for every task belongs into the fields and their validators.
        """
        del task
        return None

    def code(self, task: Task) -> Mapping[str, str]:
        """Name -> hash of code of ours that the output depends on as it does on weights.

        Args:
            task: of the model; other tasks may run other code.
        """
        del task
        return {}


class Backend(Protocol):
    """What the module of a backend offers."""

    NAME: str
    TASKS: tuple[Task, ...]
    Settings: type[BackendSettings]

    def open_model(
        self, model: Model, device: str | None = None
    ) -> AbstractContextManager[Generator]:
        """Load `model`, whose settings name folders absolutely; `device` overrides the settings."""
        ...


def is_paid(name: str) -> bool:
    """Whether calls by this backend cost money each; NotFoundError where there is none."""
    return bool(getattr(get(name), "PAID", False))


def at_once(model: Model) -> int:
    """Calls of a model that are in flight together: what its file says where calls are paid."""
    if not is_paid(model.backend):
        return 1
    settings = get(model.backend).Settings.model_validate(dict(model.settings))
    return int(getattr(settings, "concurrency", 1))


@lru_cache(maxsize=1)
def discover() -> Mapping[str, Backend]:
    """Every backend by name.

    Raises:
        InputError: two share a name, or an entry point cannot be imported.
    """
    found = plugins.modules(__name__, __path__, ENTRY_POINTS)
    named = plugins.by_name("backend", ((module.NAME, module) for module in found))
    return cast("Mapping[str, Backend]", named)


def get(name: str) -> Backend:
    """The backend called `name`.

    Raises:
        NotFoundError: there is none; says the nearest.
    """
    known = discover()
    if name not in known:
        raise NotFoundError(f'no backend is called "{name}"{hint(name, known)}')
    return known[name]


def settings_of(model: Model) -> BackendSettings:
    """The settings of a model, as its backend understands them."""
    return get(model.backend).Settings.model_validate(dict(model.settings))
