"""What a board says it could not count: once for each reason."""

from __future__ import annotations

from leaderboard.boards.rows import missing
from leaderboard.evidence import Sample
from tests.leaderboard.factory import START


def sample(model: str, prompt: str, reason: str) -> Sample:
    return Sample(model, prompt, 0, "ok", START, unscored={"smoothness": reason})


def test_what_several_models_lack_for_one_reason_is_one_line() -> None:
    samples = [sample(model, prompt, "static") for model in "ab" for prompt in ("p", "q")]
    (line,) = missing(samples)
    assert (line.what, line.reason) == ("smoothness of 2 models", "4 not scored: static")


def test_other_reasons_and_single_models_keep_their_names() -> None:
    samples = [sample(model, "p", f"static, as {model} is") for model in "ab"]
    assert [line.what for line in missing(samples)] == ["smoothness of a", "smoothness of b"]
