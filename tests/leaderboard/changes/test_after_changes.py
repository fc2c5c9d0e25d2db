"""What a model made before it was changed silently leaves the board, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from leaderboard import queries
from leaderboard.answers import SilentChange
from leaderboard.changes.after import newest_change, since_changes
from leaderboard.evidence import ModelFacts, ModelMark, PersonVote, Sample, SuiteEvidence
from leaderboard.ratings.comparisons import compare
from leaderboard.ratings.rate import rate
from leaderboard.ratings.verdicts import Mark
from leaderboard.refresh import refresh
from tests.leaderboard.factory import CLIP, START, WORLD, outcomes, run_record, suite, write

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


def change(epoch: int, kind: Literal["bytes", "same_picture"] = "bytes") -> SilentChange:
    return SilentChange("a", kind, epoch, epoch - 1 if kind == "bytes" else None, "")


def sample(model: str, prompt: str, epoch: int) -> Sample:
    return Sample(model, prompt, 0, "ok", START + epoch * WEEK, epoch=epoch)


def vote(id: str, prompt: str, after: timedelta) -> PersonVote:
    return PersonVote(id, "v", prompt, "a", 0, "b", 0, "left", START + after)


EVIDENCE = SuiteEvidence(
    suite_id="s",
    suite_version="v",
    task="text-to-image",
    reference=None,
    models=(ModelFacts("a", "A"), ModelFacts("b", "B")),
    specs=(CLIP,),
    domains={"p": (), "q": ()},
    # The second epoch never came to q.
    samples=(sample("a", "p", 2), sample("a", "q", 1), sample("b", "p", 2), sample("b", "q", 1)),
    model_marks=tuple(ModelMark(m, "vendi", Mark(1.0, "f"), 2, epoch=1) for m in "ab"),
    votes=(
        vote("of the first epoch", "p", WEEK + DAY),
        vote("of the second", "p", 2 * WEEK + DAY),
        vote("of what is gone", "q", 2 * WEEK + DAY),
    ),
)


def test_without_a_change_nothing_is_taken_away() -> None:
    assert since_changes(EVIDENCE, ()) == EVIDENCE
    assert since_changes(EVIDENCE, [change(2, "same_picture")]) == EVIDENCE


def test_after_a_change_only_what_came_after_it_counts() -> None:
    assert newest_change([change(2), change(4), change(3)]) == {"a": 4}
    found = since_changes(EVIDENCE, [change(2)])
    assert [(one.model, one.prompt) for one in found.samples] == [
        ("a", "p"),
        ("b", "p"),
        ("b", "q"),
    ]
    assert [one.model for one in found.model_marks] == ["b"]
    assert [one.id for one in found.votes] == ["of the second"]
    assert [(one.what, one.reason) for one in found.left_out] == [
        ("a", "1 results from before it changed silently, in epoch 2"),
        ("people's votes", "2 on what models made before they changed silently"),
    ]


def test_a_change_in_the_records_is_published_and_its_past_left_out(home: Path) -> None:
    """Scores of `small` rise by three deviations in the second epoch, of 15 of 20 prompts."""
    whole, cut = suite(), {f"p{n:02}" for n in range(15)}
    better = tuple(replace(one, strength=24.0) if one.id == "small" else one for one in WORLD)
    write(home, run_record(WORLD, whole))
    later = run_record(better, whole, "run-2", START + WEEK, epoch=2)
    kept = tuple(one for one in later.results if one.trial.prompt_id in cut)
    said = tuple(
        replace(one, generation=replace(one.generation, served_by="build 7"))
        if one.trial.model_id == "large"
        else one
        for one in kept
    )
    write(home, replace(later, results=said))
    refresh(home, START + 2 * WEEK, draws=50)
    with queries.open_edition(home) as edition:
        board = queries.board(edition, "text-to-image")
        served = edition.cursor().execute("SELECT DISTINCT served_by FROM generations").fetchall()
    assert {row[0] for row in served} == {None, "build 7"}
    (found,) = board.silent_changes
    assert (found.model, found.kind, found.metric) == ("small", "scores", "clip_score")
    assert found.effect == pytest.approx(3.0, abs=0.8)
    prompts = {row.model: row.prompts for row in board.rows}
    assert prompts["small"] == 15
    assert prompts["large"] == 20
    assert any(one.reason.startswith("10 results from before") for one in board.left_out)


def test_copies_of_a_picture_make_no_board_more_certain() -> None:
    """Prompts are resampled whole, with all their seeds: a copy weighs, and widens or narrows
    nothing.
    """
    once = outcomes({"a": 0.0, "b": 0.5, "c": 1.0}, prompts=30)
    twice = [*once, *(replace(one, seed=1) for one in once)]
    single, double = (rate(compare(of, [CLIP]), draws=200) for of in (once, twice))
    np.testing.assert_allclose(double.draws, single.draws, atol=1e-6)
