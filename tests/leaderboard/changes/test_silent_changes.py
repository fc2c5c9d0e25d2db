"""Models changed under their names: found where they were, and seldom where they were not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, kstest

from leaderboard.changes import silent as silent_changes
from leaderboard.changes.silent import LEAST_PROMPTS, LEVEL, Answer, watch
from tests.leaderboard.changes.epochs import CLIPPED, VOTERS, epoch


def kinds(answers: list[Answer]) -> list[tuple[str, int]]:
    return [(one.kind, one.epoch) for one in watch(answers, VOTERS).changes]


def dice(*seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_without_a_change_the_probabilities_are_uniform(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same simulated model, other random numbers: 300 pairs of epochs, all reported."""
    monkeypatch.setattr(silent_changes, "LEVEL", 1.0)
    found: list[float] = []
    for number in range(300):
        random = dice(1, number)
        answers = epoch(1, random, prompts=20) + epoch(2, random, prompts=20)
        (told,) = watch(answers, [CLIPPED], seed=number).changes
        assert told.p is not None
        found.append(told.p)
    assert kstest(found, "uniform").pvalue > 0.01


def test_false_alarms_stay_below_the_level_however_many_epochs_and_judges() -> None:
    alarms, models = 0, 300
    for number in range(models):
        random = dice(2, number)
        answers = [one for n in range(1, 5) for one in epoch(n, random, prompts=15)]
        alarms += bool(watch(answers, VOTERS, seed=number).changes)
    assert alarms <= binom.ppf(0.99, models, LEVEL)


def test_a_real_change_is_seen() -> None:
    """Half a deviation of one picture's score, 60 prompts of two seeds: nearly always."""
    seen = 0
    for number in range(40):
        random = dice(3, number)
        answers = epoch(1, random) + epoch(2, random, shift=-0.5)
        seen += any(one.kind == "scores" for one in watch(answers, VOTERS).changes)
    assert seen >= 36


def test_a_change_says_what_how_much_and_when() -> None:
    random = dice(4)
    answers = epoch(1, random) + epoch(2, random) + epoch(3, random, shift=1.0)
    found = watch(answers, VOTERS).changes
    assert {(one.kind, one.before, one.epoch) for one in found} == {("scores", 2, 3)}
    assert {one.metric for one in found} == {"clip_score", "liked"}
    for one in found:
        assert one.low is not None
        assert one.high is not None
        assert one.effect == pytest.approx(1.0, abs=0.4)
        assert one.low < 1.0 < one.high
        assert one.p is not None
        assert one.p < 0.001
        assert "(better) over 60 prompts, by chance in under 0.1 %" in one.evidence


def test_the_order_of_answers_and_other_models_change_nothing() -> None:
    random = dice(5)
    answers = epoch(1, random) + epoch(2, random, shift=0.4)
    other = epoch(1, random, model="z") + epoch(2, random, model="z")
    alone = watch(answers, VOTERS).changes
    shuffled = [(answers + other)[i] for i in dice(6).permutation(2 * len(answers))]
    assert watch(shuffled, VOTERS).changes == alone
    assert watch(answers, VOTERS, ignoring=["m"]).changes == ()


def test_what_the_endpoint_says_is_believed_where_its_words_repeat() -> None:
    random = dice(7)
    answers = epoch(1, random, prompts=4, said="v1") + epoch(2, random, prompts=4, said="v2")
    (told,) = watch(answers, VOTERS).changes
    assert (told.kind, told.before, told.epoch) == ("served_by", 1, 2)
    assert told.evidence == 'the endpoint says that it ran "v2" (8 of 8 calls), before "v1"'
    # Half of them were served by the new one.
    half = [replace(one, served_by="v1" if one.seed else "v2") for one in answers if one.epoch == 2]
    (told,) = watch([*answers[:8], *half], VOTERS).changes
    assert "(4 of 8 calls)" in told.evidence
    # A name for each call is no version, and silence is none either.
    calls = [replace(one, served_by=one.media) for one in answers]
    assert watch(calls, VOTERS).changes == ()
    silent = [replace(one, served_by=None) for one in answers if one.epoch == 2]
    assert watch([*answers[:8], *silent], VOTERS).changes == ()


def test_an_endpoint_that_repeated_its_bytes_and_then_does_not_was_changed() -> None:
    random = dice(8)
    same = [one for n in (1, 2) for one in epoch(n, random, prompts=4, deterministic="old")]
    assert kinds(same) == []
    changed = same + epoch(3, random, prompts=4, deterministic="new")
    (told,) = watch(changed, VOTERS).changes
    assert (told.kind, told.before, told.epoch) == ("bytes", 2, 3)
    assert told.evidence.startswith(
        "8 of 8 answers that were the same bytes in epochs 1 and 2 are others in epoch 3"
    )
    # And it is said once: what comes after it repeats the new bytes.
    after = changed + epoch(4, random, prompts=4, deterministic="new")
    assert kinds(after) == [("bytes", 3)]
    # Where runs differ in what they ran on, that is said too.
    moved = [replace(one, made_in='{"torch": "3"}') for one in changed if one.epoch == 3]
    (told,) = watch([*same, *moved], VOTERS).changes
    assert told.evidence.endswith("; the runs differ in torch too")


def test_two_epochs_of_other_bytes_prove_nothing_and_it_is_said_what_would() -> None:
    random = dice(9)
    few = LEAST_PROMPTS - 1
    found = watch(epoch(1, random, prompts=few) + epoch(2, random, prompts=few), VOTERS)
    assert found.changes == ()
    (untold,) = found.untold
    assert untold.what == "silent change of m"
    assert "22 of 22 answers are other bytes, which proves nothing" in untold.reason
    assert f"scores of one judge on {LEAST_PROMPTS} prompts" in untold.reason
    # One prompt more and the scores can tell; the same bytes tell by themselves.
    enough = epoch(1, random, prompts=few + 1) + epoch(2, random, prompts=few + 1)
    assert watch(enough, VOTERS).untold == ()
    repeated = [one for n in (1, 2) for one in epoch(n, random, prompts=2, deterministic="w")]
    assert watch(repeated, VOTERS).untold == ()


def test_the_same_picture_is_not_a_change_whatever_its_judge_says_today() -> None:
    random = dice(10)
    answers = epoch(1, random, deterministic="w")
    later = [
        replace(
            one,
            epoch=2,
            marks={name: replace(m, value=m.value + 0.1) for name, m in one.marks.items()},
        )
        for one in answers
    ]
    assert watch([*answers, *later], VOTERS).changes == ()


def test_a_shift_within_the_tie_band_of_two_environments_is_the_environments() -> None:
    random = dice(11)
    answers = epoch(1, random, spread=0.05)
    later = epoch(2, random, spread=0.05, shift=0.15)
    assert CLIPPED.tie_band > 0.15
    assert {kind for kind, _ in kinds(answers + later)} == {"scores"}
    elsewhere = [replace(one, judged_in=dict.fromkeys(one.marks, "cuda")) for one in later]
    assert kinds(answers + elsewhere) == []
    # And scores of two judges are never compared.
    other = [
        replace(one, marks={n: replace(m, fingerprint="b") for n, m in one.marks.items()})
        for one in epoch(2, random, shift=5.0)
    ]
    assert kinds(answers + other) == []


def test_one_picture_for_all_seeds_is_found_and_is_no_change() -> None:
    random = dice(12)
    answers = epoch(1, random, prompts=3)
    cached = [replace(one, media=one.prompt) for one in answers]
    (told,) = watch(cached, VOTERS).changes
    assert (told.kind, told.epoch, told.before) == ("same_picture", 1, None)
    assert told.evidence == (
        "answers every seed with the same picture (3 of 3 prompts): cached, or the seed is ignored"
    )
    assert kinds(cached[:4]) == []  # of two prompts only
    assert kinds([*cached[:-1], answers[-1]]) == []  # one prompt shows two pictures
    assert kinds([one for one in cached if one.seed == 0]) == []  # there is one seed
