"""What has no score yet: by trial, media and metric, the newest score counting."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from evals import backlog
from evals.record_types import CanaryResult, ModelScored, RunRecord, Scored, ScoreLine
from evals.types import Generation, Media, Prompt, Result, Run, Score, Suite, Trial
from tests.evals.worlds import NOON

SUITE = Suite("s", "S", "text-to-image", tuple(Prompt(f"p{n}", f"t{n}") for n in range(3)))
RUN = Run("r1", NOON, None, 1, SUITE, (), (), 0)


def result(prompt: str, model: str = "m", epoch: int = 1, sha: str = "a" * 64) -> Result:
    trial = Trial(model, "rev", "s", SUITE.version, prompt, 0, epoch)
    media = Media(sha, f"media/{sha[:2]}/{sha}.png", "image/png", 1, 1, 1)
    return Result(trial, Generation("ok", NOON, media=media))


def record(
    run_id: str, later: int, *results: Result, scored: tuple[ScoreLine, ...] = ()
) -> RunRecord:
    run = replace(RUN, id=run_id, started_at=NOON + timedelta(hours=later))
    return RunRecord(run, results, (), scored)


def scored(of: Result, *scores: Score) -> Scored:
    assert of.generation.media is not None
    return Scored(of.trial.key, of.generation.media.sha256, scores)


def test_generations_lack_what_no_line_names() -> None:
    one, two = result("p0"), result("p1", sha="b" * 64)
    a, b = Score("a", "1", 1.0), Score("b", "1", None, "no facts")
    item = record("r1", 0, one, two, scored=(scored(one, a, b), scored(two, a)))
    kept = backlog.kept([item], "s", SUITE.version)
    assert [k.trial.prompt_id for k in kept] == ["p0", "p1"]
    (work,) = backlog.lacking(kept, backlog.newest_scores([item]), ["a", "b"])
    assert work.metrics == {"b"}
    assert [k.trial.prompt_id for k in work.generations] == ["p1"]
    stale = backlog.lacking(
        kept, backlog.newest_scores([item]), ["a", "b"], lambda score: score.value is None
    )
    assert sorted(k.trial.prompt_id for work in stale for k in work.generations) == ["p0", "p1"]


def test_scores_of_other_media_of_the_trial_do_not_count() -> None:
    one = result("p0")
    other = replace(one.generation, media=Media("c" * 64, "m", "image/png", 1, 1, 1))
    line = scored(replace(one, generation=other), Score("a", "1", 1.0))
    item = record("r1", 0, one, scored=(line,))
    kept = backlog.kept([item], "s", SUITE.version)
    assert backlog.lacking(kept, backlog.newest_scores([item]), ["a"])


def test_the_newest_score_counts_whatever_the_order_of_records() -> None:
    one = result("p0")
    old = record("r1", 0, replace(one, scores=(Score("a", "1", 1.0),)))
    new = record("r2", 1, scored=(scored(one, Score("a", "1", 2.0)),))
    for records in ([old, new], [new, old]):
        (there,) = backlog.newest_scores(records).values()
        assert there["a"].value == 2.0


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("pq"), st.none() | st.floats(0, 1)), min_size=1, max_size=6),
    st.randoms(),
)
def test_of_the_judge_that_tried_last_a_value_counts_before_a_reason(
    tries: list[tuple[str, float | None]], random: Random
) -> None:
    one = result("p0")
    scores = [
        Score("a", "1", value, f"raised {n}" if value is None else None, judge)
        for n, (judge, value) in enumerate(tries)
    ]
    records = [record(f"r{n}", n, scored=(scored(one, score),)) for n, score in enumerate(scores)]
    random.shuffle(records)
    (there,) = backlog.newest_scores(records).values()
    same = [score for score in scores if score.fingerprint == scores[-1].fingerprint]
    values = [score for score in same if score.value is not None]
    assert there == {"a": (values or same)[-1]}


def test_the_newest_epoch_of_each_model_is_what_a_whole_model_is_scored_on() -> None:
    item = record("r1", 0, result("p0"), result("p1"), result("p0", epoch=2), result("p2", "n"))
    newest = backlog.newest_epochs(backlog.kept([item], "s", SUITE.version))
    assert {m: [k.trial.epoch for k in group] for m, group in newest.items()} == {
        "m": [2],
        "n": [1],
    }


def test_whole_models_and_canaries_are_found_by_suite_version() -> None:
    score = Score("fid", "1", 3.0)
    line = ModelScored("m", "rev", "s", SUITE.version, 1, 7, (score,))
    other = replace(line, suite_version="old")
    canary = CanaryResult("a", "print", "s", SUITE.version, "blur", 30, 5, 2, 0.1)
    item = record("r1", 0, scored=(line, other, canary, replace(canary, canary="noise", pairs=40)))
    assert backlog.model_scores([item], SUITE) == {("m", "rev", 1): {"fid": (line, score)}}
    assert backlog.canary_results([item], SUITE) == {
        ("a", "print"): {("blur", 1): 30, ("noise", 1): 40}
    }


def test_a_run_that_was_killed_is_unconcluded_until_a_later_one_ended() -> None:
    killed, ended = record("r1", 0, result("p0")), record("r2", 1)
    ended = replace(ended, run=replace(ended.run, finished_at=NOON + timedelta(hours=2)))
    assert not backlog.unconcluded([], SUITE)
    assert backlog.unconcluded([killed], SUITE)
    assert not backlog.unconcluded([ended, killed], SUITE)
    assert backlog.unconcluded([ended, record("r3", 3)], SUITE)
