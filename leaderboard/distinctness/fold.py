"""Variants that are no other model than their base: under it, and on no board (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leaderboard.answers import LeftOut
from leaderboard.distinctness.answers import Families
from leaderboard.evidence import ModelFacts, SuiteEvidence


def without_folded(evidence: SuiteEvidence, found: Families) -> SuiteEvidence:
    """The evidence of a suite without the variants that are folded, and a line for each base."""
    folded = {
        one.variant: one
        for one in found.variants
        if one.suite_id == evidence.suite_id and not one.own_row
    }
    if not folded:
        return evidence
    lines: list[LeftOut] = []
    for base in sorted({one.base for one in folded.values()}):
        names = sorted(name for name, one in folded.items() if one.base == base)
        what = "1 variant" if len(names) == 1 else f"{len(names)} variants"
        told = "; ".join(f"{name}: {folded[name].reason}" for name in names)
        lines.append(LeftOut(f"folded: {what} not distinct from {base}", told))
    return replace(
        evidence,
        models=tuple(model for model in evidence.models if model.id not in folded),
        samples=tuple(sample for sample in evidence.samples if sample.model not in folded),
        model_marks=tuple(mark for mark in evidence.model_marks if mark.model not in folded),
        votes=tuple(vote for vote in evidence.votes if not {vote.left, vote.right} & folded.keys()),
        left_out=(*evidence.left_out, *lines),
    )


def one_family(models: Sequence[ModelFacts]) -> bool:
    """Whether all of them are one base and its variants.

    >>> one_family([ModelFacts("a", "A"), ModelFacts("b", "B", base="a")])
    True
    >>> one_family([ModelFacts("a", "A"), ModelFacts("c", "C")])
    False
    """
    named = {model.id: model for model in models}

    def root(model: ModelFacts) -> str:
        seen = {model.id}
        while model.base in named and model.base not in seen:
            model = named[model.base]
            seen.add(model.id)
        return model.base or model.id

    varied = any(model.base is not None for model in models)
    return varied and len({root(model) for model in models}) == 1
