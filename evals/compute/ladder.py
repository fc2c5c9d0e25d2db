"""The ladder of prompts, images and clips, judged by what is counted (pure).

The claim: "a 200-token LLM prompt is 1 unit, an image 100, a 5-second video 10,000, and 4K another
10×". A model fits it with a language model if it lies within a factor of two of its rung.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.compute.answers import Ladder, Rung, Scaled
from evals.compute.types import Modality

CLAIM = (
    "A 200-token LLM prompt is 1 unit, an image 100, a 5-second video 10,000, and 4K another 10×."
)
CLAIMED: Mapping[Modality, float] = {"image": 100.0, "video": 10_000.0}
CLAIMED_4K = 10.0
FACTOR = 2.0
"""How far from the claimed number of units a model may lie and still be said to fit."""
CLIP_SECONDS = 5.0
FULL, LINEAR = "full attention", "linear attention"


def fits(value: float, claimed: float) -> bool:
    """Whether a value is within the factor of what is claimed.

    >>> fits(50, 100), fits(49, 100), fits(200, 100), fits(201, 100)
    (True, False, True, False)
    """
    return claimed / FACTOR <= value <= claimed * FACTOR


def rung(
    model: str, modality: Modality, what: str, flops: float, prompts: Mapping[str, int]
) -> Rung:
    """A model's place, in prompts of each language model.

    Args:
        model: its name.
        modality: which rung it is held against.
        what: was counted, in words.
        flops: of all forwards of the denoiser.
        prompts: FLOPs of a prompt, by language model.
    """
    units = {name: flops / each for name, each in prompts.items()}
    fitting = tuple(name for name, value in units.items() if fits(value, CLAIMED[modality]))
    return Rung(model, modality, what, units, fitting)


def ladder(prompts: Mapping[str, int], rungs: Sequence[Rung], scaling: Sequence[Scaled]) -> Ladder:
    """The claim, the measurement and the verdicts, in words that follow from the figures."""
    ordered = tuple(sorted(rungs, key=lambda one: next(iter(one.units.values()))))
    return Ladder(
        CLAIM,
        dict(prompts),
        ordered,
        tuple(scaling),
        spread(ordered),
        verdict(ordered, list(prompts)),
        scaling_verdict(scaling),
    )


def spread(rungs: Sequence[Rung]) -> tuple[str, ...]:
    """From least to most units, per modality and language model."""
    lines: list[str] = []
    for modality, noun in (("image", "an image"), ("video", "a 5-second video")):
        own = [one for one in rungs if one.modality == modality]
        for llm in own[0].units if own else ():
            least = min(own, key=lambda one: one.units[llm])
            most = max(own, key=lambda one: one.units[llm])
            lines.append(
                f"In prompts of {llm}, {noun} is {least.units[llm]:,.3g} ({least.model}) to"
                f" {most.units[llm]:,.0f} ({most.model}), over {len(own)} models."
            )
    return tuple(lines)


def verdict(rungs: Sequence[Rung], llms: Sequence[str]) -> str:
    """Whether the claim holds for all, for tiers that belong together, or for nobody."""
    tiers: list[str] = []
    for llm in llms:
        fitting = [one for one in rungs if llm in one.fits]
        images = [one.model for one in fitting if one.modality == "image"]
        clips = [one.model for one in fitting if one.modality == "video"]
        if rungs and len(fitting) == len(rungs):
            return f"Holds: every model is within a factor of {FACTOR:.0f}, in prompts of {llm}."
        if images and clips:
            tiers.append(f"{llm} with {', '.join(images)} and {', '.join(clips)}")
    if not tiers:
        return "Does not hold: no language model puts both an image and a video on its rung."
    return (
        f"Holds only as paired tiers, within a factor of {FACTOR:.0f}: {'; '.join(tiers)}."
        " Across models the rungs overlap."
    )


def scaling_verdict(scaling: Sequence[Scaled]) -> str:
    """Whether 4K is ten times 720p, for full attention and for what is linear in the tokens."""
    parts: list[str] = []
    for method in (FULL, LINEAR):
        own = [one.times for one in scaling if one.method == method]
        if own:
            parts.append(f"{_holds(own)} with {method}: {_range(own)}")
    linear = [one.without_attention for one in scaling]
    if linear:
        parts.append(f"the same networks without softmax attention: {_range(linear)}")
    return "; ".join(parts) + "." if parts else "Nothing could be counted at both sizes."


def _holds(values: Sequence[float]) -> str:
    count = sum(fits(value, CLAIMED_4K) for value in values)
    if count == len(values):
        return "“4K another 10×” holds"
    if count == 0:
        return "“4K another 10×” does not hold"
    return f"“4K another 10×” holds for {count} of {len(values)} models"


def _range(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    same = f"{low:.1f}" == f"{high:.1f}"
    return f"{low:.1f}×" if same else f"{low:.1f}× to {high:.1f}×"
