"""What a run would download before it calls its models: how much, from where, on what terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from evals import backends, hub, revision, weights
from evals.hub import Listing
from evals.registry import Registry
from evals.types import Model

Ask = Callable[[str, str], Listing]


@dataclass(frozen=True)
class Download:
    """One repository that a model needs and that is not on this machine."""

    model: str
    repository: str
    commit: str
    bytes: int | None
    """About; None where the hub did not say."""
    licence: str | None
    """As the model's file says, else as the hub does."""
    gated: bool | None
    """Whether it is given only to those who accepted its terms; None where nobody knows."""
    allowed: bool | None
    """Whether it would be given to whoever is logged in here; None where nobody knows."""
    why: str = ""
    """Why the hub did not say."""

    def told(self, free: int) -> str:
        """In words, for people; `free` bytes are free on the disk."""
        size = "of unknown size" if self.bytes is None else f"{self.bytes / 1e9:.1f} GB"
        parts = [f"{self.model}: {self.repository}, {size}, will be downloaded"]
        parts += [f"licence {self.licence}"] if self.licence else []
        if self.gated and not self.allowed:
            page = f"https://huggingface.co/{self.repository}"
            parts.append(f"gated: accept its terms at {page}, then `hf auth login`")
        if self.bytes is not None and self.bytes > free:
            parts.append(f"only {free / 1e9:.1f} GB are free")
        return "; ".join((*parts, *([self.why] if self.why else ())))


def ahead(
    registry: Registry, models: Iterable[Model], ask: Ask = hub.listing
) -> tuple[Download, ...]:
    """What loading these models would download first.

    The hub is asked once a repository, and no more after it did not answer.

    Args:
        registry: that the models are of.
        models: with their revisions.
        ask: repository and commit -> what the hub says.

    Raises:
        RegistryError: as `revision.located`.
    """
    heard: dict[tuple[str, str], Listing] = {}
    silent = ""
    found: list[Download] = []
    for model in models:
        placed = revision.located(registry, model)
        for fetch in backends.settings_of(placed).fetches():
            key = fetch.repository, fetch.commit
            if key not in heard and not silent:
                try:
                    heard[key] = ask(*key)
                except Exception as error:  # noqa: BLE001 - of the hub's client and of transports
                    silent = f"the hub did not answer ({type(error).__name__})"
            told = heard.get(key)
            if told is None:
                found.append(Download(model.id, *key, None, model.licence, None, None, silent))
                continue
            lacking = told.absent(fetch.needed(told.sizes), weights.snapshot(*key))
            licence = model.licence or told.licence
            found.append(Download(model.id, *key, lacking, licence, told.gated, told.allowed))
    return tuple(found)
