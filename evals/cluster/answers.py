"""What workers answer, and what becomes of it before it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import numpy as np

from evals.backends import RawMedia
from evals.cluster.deaths import Death
from evals.errors import LoadError
from evals.generate import Attempt
from evals.types import Failure


@dataclass(frozen=True)
class Died:
    """A worker did not live to answer."""

    how: str
    for_good: bool
    """Ray does not start it again."""


def answer(ray: Any, ref: Any) -> Any:
    """What a worker returned, or `Died`."""
    raised = ray.exceptions
    try:
        return ray.get(ref)
    except raised.ActorDiedError as error:
        return Died(said(error), for_good=True)
    except raised.RayTaskError as error:
        # Not the worker's code, which raises nothing: it cannot be imported there, say.
        return LoadError(f"a worker of the cluster failed: {said(error)}")
    except raised.OutOfMemoryError:
        return Died("its node was short of memory", for_good=False)
    except raised.ActorUnavailableError:
        return Died("its process ended", for_good=False)
    except raised.RayError as error:
        return Died(said(error), for_good=False)


def own(tried: Any, started_at: datetime) -> Attempt | LoadError:
    """An attempt at the driver's time, its pixels out of the object store.

    The driver's clock is the one that the record is told by. What lies in the store is read-only,
    and keeps its place there for as long as anybody looks at it.
    """
    if not isinstance(tried, Attempt):
        return cast("LoadError", tried)
    outcome = tried.outcome
    if isinstance(outcome, RawMedia):
        outcome = replace(outcome, pixels=np.array(outcome.pixels))
    return replace(tried, outcome=outcome, started_at=started_at)


def quarantined(deaths: Sequence[Death], at: datetime) -> Attempt:
    """What a trial that is left ends with: nothing that could be held against the model.

    A process that dies may be short of memory, or of luck with a driver; were it the model's
    failure, the model would lose its comparisons to one that ran on a larger node. It is missing
    data, and a later run tries it again.
    """
    why = f"{len(deaths)} workers ended at work on it; the last: {deaths[-1].how}"
    return Attempt(at, Failure("quarantined", why, "infrastructure"), 0.0, "cluster")


def difference(theirs: dict[str, str], ours: dict[str, str]) -> str | None:
    """The first library of another version: one run's pictures come from one set of them.

    Builds of one version for other devices are one version.

    >>> difference({"torch": "2.8.0+cu128"}, {"torch": "2.8.0"}) is None
    True
    """
    for name in sorted((ours.keys() | theirs.keys()) - {"python"}):
        their, our = (found.get(name, "missing") for found in (theirs, ours))
        if their.partition("+")[0] != our.partition("+")[0]:
            return f"has {name} {their}, and the driver {our}; install the same on all nodes"
    return None


def said(error: Exception) -> str:
    """What Ray says happened, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:300]
