"""What a model's file adds to a loaded pipeline: adapters, another scheduler, savings of memory."""

from __future__ import annotations

import contextlib
import inspect
import warnings
from collections.abc import Generator, Iterable, Mapping
from pathlib import Path
from typing import Any

from evals.backends._diffusers_faults import first_line, load_error
from evals.backends._diffusers_settings import Adapter, Settings
from evals.errors import LoadError
from evals.names import hint

DENOISERS = ("transformer", "transformer_2", "unet", "controlnet")
"""Components that run once a step."""
COMPILER: Any = "inductor"
"""What `torch.compile` calls a backend."""


def apply(pipeline: Any, settings: Settings) -> None:
    """Change a pipeline, on the processor, as its file says.

    Raises:
        LoadError: a scheduler, an adapter or a component of that kind does not fit.
    """
    if settings.scheduler is not None or settings.scheduler_arguments:
        use_scheduler(pipeline, settings.scheduler, settings.scheduler_arguments)
    if settings.adapters:
        use_adapters(pipeline, settings.adapters)
    for key, method in (("vae_tiling", "enable_tiling"), ("vae_slicing", "enable_slicing")):
        if getattr(settings, key):
            saving = getattr(getattr(pipeline, "vae", None), method, None)
            if saving is None:
                raise LoadError(f"{key}: {type(pipeline).__name__} has no vae that can do that")
            saving()


def use_scheduler(pipeline: Any, name: str | None, changes: Mapping[str, Any]) -> None:
    """Replace the scheduler by one built from the configuration of the pipeline's own.

    Raises:
        LoadError: no such class, or it takes no such argument; says the nearest.
    """
    own: Any = pipeline.scheduler
    kind: Any = own.__class__ if name is None else scheduler_class(name)
    known = inspect.signature(kind.__init__).parameters
    for key in changes:
        if key not in known or key == "self":
            raise LoadError(
                f'scheduler {kind.__name__} takes no argument "{key}"{hint(key, known)}'
            )
    try:
        pipeline.scheduler = kind.from_config(own.config, **changes)
    except Exception as error:
        raise LoadError(f"scheduler {kind.__name__}: {first_line(error)}") from error


def scheduler_class(name: str) -> Any:
    """The scheduler of diffusers called `name`; LoadError says the nearest."""
    import diffusers

    known = [word for word in dir(diffusers) if word.endswith("Scheduler") and "Flax" not in word]
    if name not in known:
        raise LoadError(f'no scheduler of diffusers is called "{name}"{hint(name, known)}')
    return getattr(diffusers, name)


def use_adapters(pipeline: Any, adapters: Iterable[Adapter]) -> None:
    """Lay LoRAs over the weights, each at its strength.

    Raises:
        LoadError: the file is missing or of another pipeline, or this one takes none.
    """
    kind = type(pipeline).__name__
    if not hasattr(pipeline, "load_lora_weights"):
        raise LoadError(f"{kind} takes no adapters")
    names: list[str] = []
    for number, adapter in enumerate(adapters):
        name = f"adapter_{number}"
        told = f"adapter {adapter.name or adapter.file}"
        path = _file_of(adapter, told)
        try:
            with _quiet():
                pipeline.load_lora_weights(
                    str(path.parent), weight_name=path.name, adapter_name=name, use_safetensors=True
                )
        except Exception as error:
            raise LoadError(f"{told}: {first_line(error)}") from error
        loaded = {one for ones in pipeline.get_list_adapters().values() for one in ones}
        if name not in loaded:
            # diffusers only warns, and would go on with the base alone.
            raise LoadError(f"{told} has no weights for any component of {kind}")
        names.append(name)
    pipeline.set_adapters(names, adapter_weights=[adapter.strength for adapter in adapters])


def compile_denoisers(pipeline: Any) -> None:
    """Have the components that run once a step compiled at their next call."""
    found = [part for name in DENOISERS if (part := getattr(pipeline, name, None)) is not None]
    if not found:
        raise LoadError(f"compile: {type(pipeline).__name__} has no {' or '.join(DENOISERS)}")
    for part in found:
        part.compile(backend=COMPILER)


@contextlib.contextmanager
def _quiet() -> Generator[None]:
    """Without notices that a second adapter is one, and that an encoder has none: both are meant,
    and what is not is found out afterwards.
    """
    from diffusers.utils import logging

    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        logging.set_verbosity(before)


def _file_of(adapter: Adapter, told: str) -> Path:
    """Where the weights of an adapter lie; fetched if a hub has them."""
    repository, at, commit = adapter.source.partition("@")
    if not at or Path(adapter.source).exists():
        path = Path(adapter.source)
        path = path if path.is_file() else path / adapter.file
        if not path.is_file():
            raise LoadError(f"{told}: there is no {adapter.file} in {adapter.source}")
        return path
    import huggingface_hub

    fetch: Any = huggingface_hub.hf_hub_download  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    try:
        return Path(fetch(repository, adapter.file, revision=commit))
    except Exception as error:
        cause = load_error(error, repository, commit)
        raise LoadError(f"{told}: {cause}", kind=cause.kind) from error
