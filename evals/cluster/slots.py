"""What a model needs of a node, and whether another one fits into the cluster (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evals import backends
from evals.types import Model

DEADLINE_S = 1800.0
"""For a call, if nobody says; and for loading a model."""


_NAMED = 3


@dataclass(frozen=True)
class Room:
    """What one node offers in all."""

    cpus: float
    gpus: float


@dataclass(frozen=True)
class Need:
    """What one replica of a model takes, all of it on one node."""

    cpus: float
    gpus: float

    def within(self, room: Room) -> bool:
        """Whether a node with nothing else on it can hold it."""
        return self.cpus <= room.cpus and self.gpus <= room.gpus


def need(model: Model, rooms: Sequence[Room]) -> Need:
    """Its threads, and a GPU where its settings ask for one, or for the best device there is.

    More threads than any node has processors are what a model gets on one machine too: they share.

    Args:
        model: its backend's settings may have `device` and `threads`; else it is one thread's.
        rooms: the cluster's nodes.
    """
    settings = backends.get(model.backend).Settings.model_validate(dict(model.settings))
    device = getattr(settings, "device", "cpu")
    threads = float(getattr(settings, "threads", 1))
    gpus = float(device == "cuda" or (device == "auto" and any(room.gpus >= 1 for room in rooms)))
    widest = max((room.cpus for room in rooms if room.gpus >= gpus), default=threads)
    return Need(min(threads, max(widest, 1.0)), gpus)


def deadline(model: Model) -> float:
    """Seconds after which a call is ended with its worker, if nobody says.

    A model that is to stop by itself (`deadline_s`) gets half as long again to do so: then the
    worker lives, and the model stays loaded.
    """
    settings = backends.get(model.backend).Settings.model_validate(dict(model.settings))
    own: float | None = getattr(settings, "deadline_s", None)
    return DEADLINE_S if own is None else max(DEADLINE_S, 1.5 * own)


def fits(rooms: Iterable[Room], needs: Iterable[Need]) -> bool:
    """Whether all of `needs` can be placed at once, the largest first, each on the first node.

    >>> fits([Room(2, 0), Room(1, 0)], [Need(1, 0)] * 3)
    True
    >>> fits([Room(2, 0), Room(1, 0)], [Need(2, 0), Need(2, 0)])
    False
    """
    left = sorted(rooms, key=lambda room: (room.gpus, room.cpus))
    for item in sorted(needs, key=lambda item: (item.gpus, item.cpus), reverse=True):
        place = next((i for i, room in enumerate(left) if item.within(room)), None)
        if place is None:
            return False
        room = left[place]
        left[place] = Room(room.cpus - item.cpus, room.gpus - item.gpus)
    return True


def refusal(model: str, item: Need, rooms: Sequence[Room]) -> str | None:
    """Why no node could ever hold a model, in one line; None if one can."""
    if any(item.within(room) for room in rooms):
        return None
    if item.gpus and not any(room.gpus >= item.gpus for room in rooms):
        return (
            f'model {model} needs a GPU, and no node of the cluster offers one: set device = "cpu"'
            " in its settings, or add a node with a GPU"
        )
    most = max((room.cpus for room in rooms), default=0.0)
    return (
        f"model {model} needs {item.cpus:g} processor{'s' * (item.cpus != 1)}"
        f"{' beside a GPU' * bool(item.gpus)} on one node, and none of the cluster's"
        f" {len(rooms)} nodes offers them (the most is {most:g}): start a node with --num-cpus"
    )


def unfit(model: str, barred: Mapping[str, str]) -> str:
    """Why no node is left for a model, in one line, where some were passed over.

    >>> unfit("m", {"a": "node one has no /w", "b": "node two has no /w"})
    'model m: node one has no /w; node two has no /w'
    """
    reasons = list(dict.fromkeys(barred.values()))
    more = len(reasons) - _NAMED
    return f"model {model}: {'; '.join(reasons[:_NAMED])}" + (f"; {more} more" * (more > 0))


def pays(waiting: int, latency_s: float, replicas: int, load_s: float) -> bool:
    """Whether another replica ends sooner than the present ones alone, loading it included.

    With n replicas the rest takes waiting x latency / n seconds; one more shares what is left of it
    after it is loaded, which helps exactly if that is later than its loading ends.

    >>> pays(waiting=10, latency_s=1.0, replicas=1, load_s=3.0)
    True
    >>> pays(waiting=10, latency_s=1.0, replicas=4, load_s=3.0)
    False
    """
    return waiting * latency_s / replicas > load_s
