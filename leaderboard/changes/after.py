"""The evidence on what answers under a name today, without what another model left there (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from leaderboard.answers import LeftOut, SilentChange
from leaderboard.evidence import SuiteEvidence


def newest_change(changes: Iterable[SilentChange]) -> dict[str, int]:
    """Model -> the first epoch after its last change."""
    found: dict[str, int] = {}
    for one in changes:
        if one.before is not None:
            found[one.model] = max(one.epoch, found.get(one.model, one.epoch))
    return found


def since_changes(evidence: SuiteEvidence, changes: Iterable[SilentChange]) -> SuiteEvidence:
    """The evidence without what a model made, and people said of it, before it was changed.

    Where the newest epoch lacks a prompt or a seed, boards take what an earlier epoch made of it;
    of a model that was changed in between, that would be the result of another model.
    """
    since = newest_change(changes)
    stale = [one for one in evidence.samples if one.epoch < since.get(one.model, 0)]
    made = {
        (one.model, one.prompt, one.seed): one
        for one in evidence.samples
        if one.model in since and one.epoch >= since[one.model]
    }

    def stands(at: datetime, model: str, prompt: str, seed: int) -> bool:
        if model not in since:
            return True
        sample = made.get((model, prompt, seed))
        return sample is not None and sample.at <= at

    votes = tuple(
        vote
        for vote in evidence.votes
        if stands(vote.at, vote.left, vote.prompt, vote.left_seed)
        and stands(vote.at, vote.right, vote.prompt, vote.right_seed)
    )
    gone = Counter(one.model for one in stale)
    left_out = [
        LeftOut(model, f"{count} results from before it changed silently, in epoch {since[model]}")
        for model, count in sorted(gone.items())
    ]
    if len(votes) < len(evidence.votes):
        lost = len(evidence.votes) - len(votes)
        left_out.append(
            LeftOut("people's votes", f"{lost} on what models made before they changed silently")
        )
    return replace(
        evidence,
        samples=tuple(one for one in evidence.samples if one.epoch >= since.get(one.model, 0)),
        model_marks=tuple(
            one for one in evidence.model_marks if one.epoch >= since.get(one.model, 0)
        ),
        votes=votes,
        left_out=(*evidence.left_out, *left_out),
    )
