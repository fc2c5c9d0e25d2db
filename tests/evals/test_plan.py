"""Planning: every trial once, model by model, less what is recorded."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import plan
from evals.prices.types import Entry, Price
from evals.types import Failure, Generation, Model, Prompt, Result, Run, Suite, Trial
from tests.evals.worlds import NOON

OK = Generation("ok", NOON, latency_s=2.0)
BLAMED = Generation("failed", NOON, failure=Failure("raised", "x", "model"))
BROKEN = Generation("failed", NOON, failure=Failure("timeout", "x", "infrastructure"))
SKIPPED = Generation("skipped", NOON, failure=Failure("gated", "x", "infrastructure"))


def models(count: int) -> list[Model]:
    return [
        Model(f"m{i}", f"M{i}", "text-to-image", "procedural", revision=f"r{i}")
        for i in range(count)
    ]


def suite(prompts: int) -> Suite:
    return Suite("s", "S", "text-to-image", tuple(Prompt(f"p{i}", f"t{i}") for i in range(prompts)))


seeds = st.lists(st.integers(0, 99), min_size=1, max_size=4, unique=True)
generations = st.sampled_from([OK, BLAMED, BROKEN, SKIPPED])


@given(st.integers(1, 4), st.integers(1, 5), seeds, st.integers(1, 5))
def test_every_trial_is_planned_once(m: int, p: int, seeds: list[int], epoch: int) -> None:
    trials = plan.trials(models(m), suite(p), seeds, epoch)
    wanted = {(f"m{i}", f"p{j}", seed) for i in range(m) for j in range(p) for seed in seeds}
    assert {(t.model_id, t.prompt_id, t.seed) for t in trials} == wanted
    assert len({t.key for t in trials}) == len(trials) == m * p * len(seeds)
    assert {t.epoch for t in trials} == {epoch}
    # Each model and, within it, each prompt is one unbroken block.
    assert len([k for k, _ in groupby(trials, lambda t: t.model_id)]) == m
    assert len([k for k, _ in groupby(trials, lambda t: (t.model_id, t.prompt_id))]) == m * p


@given(st.integers(1, 5), st.integers(1, 5), seeds)
def test_fewer_prompts_are_a_part_of_the_plan(p: int, first: int, seeds: list[int]) -> None:
    whole = plan.trials(models(2), suite(p), seeds, 1)
    part = plan.trials(models(2), suite(p), seeds, 1, first)
    assert set(part) <= set(whole)
    assert {t.prompt_id for t in part} == {f"p{i}" for i in range(min(first, p))}


@given(seeds, st.data())
def test_missing_and_done_make_up_the_plan(seeds: list[int], data: st.DataObject) -> None:
    trials = plan.trials(models(2), suite(3), seeds, 1)
    tried = data.draw(st.lists(st.tuples(st.sampled_from(trials), generations), max_size=30))
    results = [Result(trial, generation) for trial, generation in tried]
    settled = plan.settled(results)
    missing = plan.missing(trials, settled)
    done = {t for t, g in tried if g in (OK, BLAMED)}
    assert set(missing) | done == set(trials)
    assert not set(missing) & done
    assert list(missing) == [t for t in trials if t in set(missing)]


@given(st.lists(generations, min_size=1, max_size=8))
def test_a_trial_keeps_its_first_good_result(tries: list[Generation]) -> None:
    trial = Trial("m", "r", "s", "v", "p", 0, 1)
    kept = plan.settled(Result(trial, generation) for generation in tries)[trial.key]
    good = [generation for generation in tries if generation in (OK, BLAMED)]
    assert kept.generation is (good or tries[::-1])[0]


def test_a_changed_revision_or_prompt_is_another_trial() -> None:
    first = plan.trials(models(1), suite(2), (0,), 1)
    retuned = plan.trials([replace(models(1)[0], revision="new")], suite(2), (0,), 1)
    longer = plan.trials(models(1), suite(3), (0,), 1)
    again = plan.trials(models(1), suite(2), (0,), 2)
    keys = [{trial.key for trial in trials} for trials in (first, retuned, longer, again)]
    for i, one in enumerate(keys):
        assert all(not one & other for other in keys[i + 1 :])


def test_the_current_epoch_is_the_suites_latest() -> None:
    def run(suite_id: str, epoch: int) -> Run:
        return Run("r", NOON, None, epoch, replace(suite(1), id=suite_id), (), (), 0)

    assert plan.current_epoch([], "s") == 1
    assert plan.current_epoch([run("s", 3), run("s", 2), run("other", 9)], "s") == 3


def test_a_preview_multiplies_what_is_known_and_admits_the_rest() -> None:
    known, fresh = models(2)
    known = replace(known, hardware="box")
    trials = plan.trials([known, fresh], suite(3), (0, 1), 1)
    results = [Result(trial, OK) for trial in trials[:2]]
    box = Entry("box", "Box", (Price("gpu_hour", 36.0, NOON.date(), "made up"),), device="cpu")
    prices = {known.id: box, fresh.id: None}
    expected = {
        model.id: plan.expected(model, prices[model.id], results, NOON.date(), paid=False)
        for model in (known, fresh)
    }
    rows = plan.preview([known, fresh], plan.missing(trials, plan.settled(results)), expected)
    assert [(row.model, row.trials, row.seconds) for row in rows] == [
        ("m0", 4, 8.0),
        ("m1", 6, None),
    ]
    assert rows[0].cost.usd == pytest.approx(0.08)
    assert rows[1].cost.usd is None


def test_what_a_list_cannot_price_ahead_costs_at_most_what_it_cost() -> None:
    (model,) = models(1)
    trials = plan.trials([model], suite(3), (0,), 1)
    billed = [replace(OK, cost_usd=usd) for usd in (0.02, 0.05, None)]
    results = [Result(trial, made) for trial, made in zip(trials, billed, strict=True)]
    each = plan.expected(model, None, results, NOON.date(), paid=True)
    assert (each.usd, each.paid) == (0.05, True)
    assert "dearest" in each.basis
    assert plan.expected(model, None, [], NOON.date(), paid=True).usd is None
