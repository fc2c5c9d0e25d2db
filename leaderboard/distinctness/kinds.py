"""What a variant is, by its settings and its base's (pure)."""

from __future__ import annotations

from typing import Any

from evals.types import Model
from leaderboard.distinctness.answers import Kind

LOOKS: tuple[Kind, ...] = ("LoRA", "fine-tune")
"""Made to look otherwise: without a look of their own they are no other model. The others are made
to be faster, and stay on boards for that."""
_WEIGHTS = ("source", "revision", "model")
"""Settings that say which weights are run."""
_FEWER = 0.5


def kind_of(variant: Model, base: Model) -> Kind:
    """How the variant comes from the base.

    Other weights that are sampled in at most half of the steps are a distillation.
    """
    if variant.settings.get("adapters") not in (None, base.settings.get("adapters"), []):
        return "LoRA"
    if all(variant.settings.get(key) == base.settings.get(key) for key in _WEIGHTS):
        return "sampling"
    own, before = _steps(variant), _steps(base)
    few = own is not None and before is not None and own <= _FEWER * before
    return "distilled" if few else "fine-tune"


def _steps(model: Model) -> float | None:
    steps: Any = model.settings.get("steps")
    return float(steps) if isinstance(steps, int | float) else None
