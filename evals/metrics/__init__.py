"""Metrics: one file each, found by its name; none imports torch until it is built.

A metric is a module with

- `SPEC`: a `MetricSpec`, which says what it is and what it needs;
- `build()`: a `torchmetrics.Metric` whose `update` takes one keyword argument per need of the SPEC,
  for one generation: `pixels` (height × width × 3 uint8 array), `facts` (attribute -> word),
  `image_embedding` and `text_embedding` (float32 tensors of the judge's width), and whose
  `compute` gives a scalar tensor.

A metric never loads a judge: it names one and receives embeddings. Another package registers one as
an entry point of the group `churnboard.metrics` that names the module, and runs
`tests/evals/test_metrics.py` over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

from evals import plugins
from evals.errors import NotFoundError
from evals.judges import Judge
from evals.names import hint
from evals.types import MetricSpec, Task

if TYPE_CHECKING:
    from torchmetrics import Metric

ENTRY_POINTS = "churnboard.metrics"
NEEDS = ("pixels", "facts", "image_embedding", "text_embedding")


class MetricModule(Protocol):
    """What the module of a metric offers."""

    SPEC: MetricSpec

    def build(self) -> Metric:
        """A fresh metric object."""
        ...


@lru_cache(maxsize=1)
def discover() -> Mapping[str, MetricModule]:
    """Every metric by name.

    Raises:
        InputError: two share a name, or an entry point cannot be imported.
    """
    found = plugins.modules(__name__, __path__, ENTRY_POINTS)
    named = plugins.by_name("metric", ((module.SPEC.name, module) for module in found))
    return cast("Mapping[str, MetricModule]", named)


def get(name: str) -> MetricModule:
    """The metric called `name`.

    Raises:
        NotFoundError: there is none; says the nearest.
    """
    known = discover()
    if name not in known:
        raise NotFoundError(f'no metric is called "{name}"{hint(name, known)}')
    return known[name]


def for_task(task: Task) -> tuple[str, ...]:
    """Names of the metrics that apply to what a task makes, in a fixed order."""
    modality = "video" if task.endswith("video") or task == "interpolate" else "image"
    return tuple(sorted(n for n, m in discover().items() if m.SPEC.modality == modality))


def bound(spec: MetricSpec, judge: Judge | None) -> MetricSpec:
    """`spec` with the family and tie band of its judge, as a run records it."""
    if judge is None:
        return spec
    band = judge.tie_band.get(spec.name, spec.tie_band)
    return replace(spec, judge=judge.id, family=judge.family, tie_band=band)
