"""Metrics: one file each, found by its name; none imports torch until it is built.

A metric is a module with

- `SPEC`: a `MetricSpec`, which says what it is and what it needs;
- `build()`: a fresh `torchmetrics.Metric`. Its `update` takes one keyword argument per need of the
  SPEC, for one generation; its `compute` gives a scalar tensor. A metric of level `generation` is
  reset before every generation; one of level `model` is updated with all generations of a model on
  a suite, prompt by prompt, before it is computed;
- optionally `TEMPLATE`: what a prompt's text is put into before it is encoded (default `"{}"`).

Needs::

    pixels              height x width x 3 uint8 array
    frames              of a clip: frames x height x width x 3 uint8 array, at least two frames
    fps                 its frames per second, float
    flow                its optical flow, as `evals.clips.optical_flow.flow` gives it
    start               the picture that it was to begin with, as `pixels`
    target              the same of the picture that was wanted (upscaling); also uint8
    prompt              id of the prompt
    facts               attribute -> word, the prompt's exact truth
    image_embedding     float32 tensor (width,), not normalised
    frame_embeddings    (frames, width): the same of every frame of a clip
    sheet_embedding     (width,): the same of a clip's contact sheet (`evals.clips.contact_sheet`)
    text_embedding      the same of the prompt's text
    antonym_embeddings  (2, width): what the judge calls a good and a bad picture
    logit_scale         float: the judge's learnt factor on cosines
    head                name -> tensor: further weights that the judge's file gives this metric
    distance            function of two pictures (as `pixels`) -> perceptual distance, float
    real                bool; a metric that needs it is also updated with the suite's reference
                        pictures (those of the upper anchor), for which it is True

A metric that is the mean of one number per picture serves clips too: over all frames, and by the
name `frame_<metric>`, on every judge that serves it.

A metric never loads a judge: it receives what judges made. The judges that serve it list it in
their files. Where `SPEC.judge` names one of them, the metric on that judge goes by its bare name;
on every other judge it is `name@judge`, and so it is everywhere where `SPEC.judge` is None. Another
package registers a metric as an entry point of the group `churnboard.metrics` that names the
module, and runs `tests/evals/test_metrics.py` over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

from evals import plugins
from evals.errors import NotFoundError
from evals.judges.pins import Judge
from evals.metrics._over_frames import PREFIX, lift
from evals.names import hint
from evals.types import MetricSpec, Task

if TYPE_CHECKING:
    from torchmetrics import Metric

ENTRY_POINTS = "churnboard.metrics"
OF_JUDGE = (
    "image_embedding",
    "frame_embeddings",
    "sheet_embedding",
    "text_embedding",
    "antonym_embeddings",
    "logit_scale",
    "head",
    "distance",
)
NEEDS = (
    *("pixels", "frames", "fps", "flow", "start", "target", "prompt", "facts", "real"),
    *OF_JUDGE,
)


TRUTH: Mapping[str, str] = {"image": "caption_accuracy", "video": "clip_caption_accuracy"}
"""What a task makes -> the metric that reads back exactly how much of its caption is honoured, in
the calibration world."""


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
    lifted = {over.SPEC.name: over for over in map(lift, found) if over is not None}
    return cast("Mapping[str, MetricModule]", {**lifted, **named})


def get(name: str) -> MetricModule:
    """The metric called `name`, whatever judge it is asked on.

    Raises:
        NotFoundError: there is none; says the nearest.
    """
    known = discover()
    bare = name.partition("@")[0]
    if bare not in known:
        raise NotFoundError(f'no metric is called "{bare}"{hint(bare, known)}')
    return known[bare]


def of_picture(name: str) -> str:
    """The name that a judge's file knows a metric by: of clips, that of the metric per frame.

    >>> of_picture("frame_clip_score@reference-vit"), of_picture("sheet_score")
    ('clip_score', 'sheet_score')
    """
    bare = name.partition("@")[0]
    lifted = bare.removeprefix(PREFIX)
    return lifted if lifted != bare and bare in discover() else bare


def template(name: str) -> str:
    """What the text of a prompt is put into for this metric."""
    return getattr(get(name), "TEMPLATE", "{}")


def wants_judge(spec: MetricSpec) -> bool:
    """Whether a judge must serve the metric."""
    return any(need in OF_JUDGE for need in spec.needs)


def served(judges: Mapping[str, Judge]) -> dict[str, MetricSpec]:
    """Every metric on every judge that serves it, by the name it goes by there, sorted.

    The specs carry the judge's id and family, and its tie band for the metric. A metric that wants
    a judge and that none serves goes by its bare name, with the judge its SPEC names.
    """
    found: dict[str, MetricSpec] = {}
    for name, module in discover().items():
        spec = module.SPEC
        known_as = of_picture(name)
        serving = [judge for judge in judges.values() if known_as in judge.metrics]
        if not wants_judge(spec) or not serving:
            found[name] = spec
            continue
        for judge in serving:
            full = name if judge.id == spec.judge else f"{name}@{judge.id}"
            band = judge.tie_band.get(name, judge.tie_band.get(known_as, spec.tie_band))
            found[full] = replace(
                spec, name=full, judge=judge.id, family=judge.family, tie_band=band
            )
    return dict(sorted(found.items()))


def truth(task: Task) -> str:
    """The metric that says how much of its caption a generation honours, where that is known."""
    return TRUTH[modality(task)]


def modality(task: Task) -> str:
    """What a task makes: `image` or `video`."""
    return "video" if task.endswith("video") or task == "interpolate" else "image"
