"""Chains that are really run: gone on with, stopped where they must, and kept beside the boards."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals import record, registry
from evals import run as evals_run
from evals.errors import BusyError, GenerationError, InputError
from evals.request import Request
from leaderboard.cli import build
from leaderboard.workflows import files
from leaderboard.workflows.chain import Chain, Recipe, Step
from leaderboard.workflows.run import run_chain, staff

AT = datetime(2026, 3, 1, tzinfo=UTC)
# Exact drawings, an enlargement without a model and noise for a clip: real steps, and instant.
DRAW = Step("draw", "text-to-image", count=2, model="renderer")
ENLARGE = Step("enlarge", "upscale", ("draw",), model="lanczos")
MOVE = Step("move", "image-to-video", ("enlarge",), model="noise-i2v", role="hero")
RECIPES = {
    "draw": Recipe("calibration", only=("c001", "c009"), metrics=("sharpness",)),
    "enlarge": Recipe(metrics=("sharpness", "psnr")),
    "move": Recipe(words="moving right slowly", metrics=("temporal_flickering",)),
}
CHAIN = Chain("made", "Made", "made", (DRAW, ENLARGE, MOVE), True, RECIPES)


def clock() -> datetime:
    clock.now += timedelta(seconds=1)  # type: ignore[attr-defined]
    return clock.now  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _begin() -> None:
    clock.now = AT  # type: ignore[attr-defined]


def ran(home: Path, chain: Chain = CHAIN, **more: object):
    models = staff(chain, (), "mixed", registry.load(home))
    return run_chain(home, chain, models, clock, **more)  # type: ignore[arg-type]


def test_each_step_begins_with_what_the_one_before_made(home: Path) -> None:
    draw, enlarge, move = ran(home)
    assert [(one.status, one.made, one.already) for one in (draw, enlarge, move)] == [
        ("done", 4, 0),
        ("done", 2, 0),
        ("done", 2, 0),
    ]
    workspace = home / "workflow-runs" / "made"
    records = {one.run.suite.id: one for one in record.read_all(workspace)}
    upscaled = records[enlarge.suite or ""].run.suite
    # What it was shown are the drawings that were chosen, byte for byte.
    chosen = {one.prompt.id: one.path.read_bytes() for one in draw.outputs}
    shown = {
        p.id: (workspace / "suites" / p.start_frame.path).read_bytes()
        for p in upscaled.prompts
        if p.start_frame
    }
    assert shown == chosen
    assert [one.of for one in draw.outputs] == [2, 2]
    clips = records[move.suite or ""]
    assert all(p.text.endswith(", moving right slowly") for p in clips.run.suite.prompts)
    assert all(one.fps for one in move.outputs)
    # A target is not known in a chain, so what needs one scores nothing.
    assert records[enlarge.suite or ""].run.suite.metrics == ("sharpness",)
    sizes = {
        r.generation.media.width for r in records[enlarge.suite or ""].results if r.generation.media
    }
    assert sizes == {128}


def test_again_it_makes_nothing_and_boards_know_nothing_of_it(home: Path) -> None:
    first = ran(home)
    again = ran(home)
    assert [(one.made, one.already) for one in again] == [(0, 4), (0, 2), (0, 2)]
    assert [one.outputs for one in again] == [one.outputs for one in first]
    assert not record.folders(home)
    assert set(registry.load(home).suites) == set(registry.load(home / "elsewhere").suites)


def test_a_killed_chain_goes_on_where_it_was(home: Path) -> None:
    def dies(where: Path, request: Request, **more: object):
        if request.suite.startswith("move"):
            raise KeyboardInterrupt
        return evals_run.evaluate(where, request, **more)  # type: ignore[arg-type]

    with pytest.raises(KeyboardInterrupt):
        ran(home, evaluate=dies)
    assert [(one.made, one.already) for one in ran(home)] == [(0, 4), (0, 2), (2, 0)]


def test_more_drawings_make_what_follows_anew_only_where_the_choice_changes(home: Path) -> None:
    before = ran(home)
    more = replace(CHAIN, steps=(replace(DRAW, count=3), ENLARGE, MOVE))
    after = ran(home, more)
    assert after[0].made == 6  # another suite: its seeds are part of what a step is
    changed = [o.path.read_bytes() for o in before[0].outputs] != [
        o.path.read_bytes() for o in after[0].outputs
    ]
    assert (after[1].made > 0) == changed


def test_every_output_goes_on_where_all_are_kept(home: Path) -> None:
    every = replace(CHAIN, steps=(replace(DRAW, keep="all"), ENLARGE))
    draw, enlarge = ran(home, every)
    assert [one.prompt.id for one in draw.outputs] == ["c001.s0", "c001.s1", "c009.s0", "c009.s1"]
    assert (enlarge.made, len(enlarge.outputs)) == (4, 4)


def test_a_failed_step_stops_what_waits_for_it_and_no_more(home: Path) -> None:
    side = Step("side", "upscale", ("draw",), model="bicubic")
    chain = replace(
        CHAIN, steps=(*CHAIN.steps, side), recipes=RECIPES | {"side": RECIPES["enlarge"]}
    )

    def fails(where: Path, request: Request, **more: object):
        if request.suite.startswith("enlarge"):
            raise GenerationError("the upscaler is gone")
        return evals_run.evaluate(where, request, **more)  # type: ignore[arg-type]

    draw, enlarge, move, other = ran(home, chain, evaluate=fails)
    assert [one.status for one in (draw, enlarge, move, other)] == [
        "done",
        "failed",
        "not run",
        "done",
    ]
    assert enlarge.reason == "the upscaler is gone"
    assert move.reason == "waits for enlarge"
    # Once it works again, only what was missing is made.
    assert [(one.made, one.already) for one in ran(home, chain)] == [(0, 4), (2, 0), (2, 0), (0, 2)]


def test_a_busy_home_is_said_and_not_recorded_as_a_failure(home: Path) -> None:
    def busy(where: Path, request: Request, **more: object):
        raise BusyError("another run")

    with pytest.raises(BusyError):
        ran(home, evaluate=busy)


@pytest.mark.parametrize(
    ("step", "recipe", "said"),
    [
        (Step("a", "audio"), Recipe(), 'step "a": audio is nothing that can be run here'),
        (Step("a", "upscale"), Recipe(), 'step "a": no workhorse is picked'),
        (Step("a", "upscale", model="nobody"), Recipe(), '"nobody" is not registered here'),
        (
            Step("a", "upscale", model="renderer"),
            Recipe(),
            '"renderer" is a model for text-to-image',
        ),
        (
            Step("a", "text-to-image", model="renderer"),
            Recipe(),
            "nothing to begin with; name its run.suite",
        ),
        (
            Step("a", "upscale", model="lanczos"),
            Recipe("calibration"),
            "does not begin as upscale does",
        ),
        (
            Step("a", "text-to-image", model="renderer"),
            Recipe("calibration", only=("x",)),
            'has no prompt "x"',
        ),
        (
            Step("a", "text-to-image", model="renderer"),
            Recipe("calibration", metrics=("x",)),
            'no metric is called "x"',
        ),
    ],
)
def test_what_cannot_be_run_is_said_by_step(
    home: Path, step: Step, recipe: Recipe, said: str
) -> None:
    (one,) = ran(home, Chain("made", "Made", "made", (step,), True, {"a": recipe}))
    assert one.status == "failed"
    assert said in (one.reason or "")


def test_clips_and_several_inputs_begin_nothing(home: Path) -> None:
    late = Step("late", "upscale", ("move",), model="lanczos")
    both = Step("both", "upscale", ("draw", "enlarge"), model="lanczos")
    chain = replace(CHAIN, steps=(*CHAIN.steps, late, both))
    runs = {one.step: one for one in ran(home, chain)}
    assert "begins with a picture, and move makes clips" in (runs["late"].reason or "")
    assert "takes from 2 steps" in (runs["both"].reason or "")


def test_own_models_of_the_home_can_be_named(home: Path) -> None:
    (home / "models").mkdir(parents=True)
    text = 'task = "upscale"\nbackend = "procedural"\n[settings]\nkind = "lanczos"\n'
    (home / "models" / "mine.toml").write_text(text)
    chain = replace(CHAIN, steps=(DRAW, replace(ENLARGE, model="mine")))
    assert [one.status for one in ran(home, chain)] == ["done", "done"]
    shutil.rmtree(home / "models")
    assert [one.status for one in ran(home)] == ["done"] * 3


def test_the_command_runs_it_and_says_where_the_result_lies(home: Path) -> None:
    files.write(files.file_of(home, "made"), CHAIN)
    done = CliRunner().invoke(
        build(), ["workflow", "run", "made", "--json"], catch_exceptions=False
    )
    answer = json.loads(done.stdout)
    assert [one["status"] for one in answer["steps"]] == ["done"] * 3
    assert all(Path(one["path"]).is_file() for one in answer["steps"][-1]["outputs"])
    failing = replace(CHAIN, id="bad", steps=(replace(DRAW, model="nobody"), ENLARGE))
    files.write(files.file_of(home, "bad"), failing)
    assert CliRunner().invoke(build(), ["workflow", "run", "bad"]).exit_code == 1


@pytest.mark.slow
def test_the_shipped_chain_runs_on_trained_models(home: Path) -> None:
    shipped = files.load(home)["reference-clip"]
    short = replace(
        shipped,
        steps=tuple(replace(step, count=1) for step in shipped.steps),
        recipes={
            name: replace(
                recipe,
                only=recipe.only[:1],
                otherwise={"hero": _fast(recipe), "workhorse": _fast(recipe)},
            )
            for name, recipe in shipped.recipes.items()
        },
    )
    runs = ran(home, short)
    assert [one.status for one in runs] == ["done"] * 3
    assert runs[-1].outputs[0].fps
    assert all(one.cost_usd for one in runs)


def _fast(recipe: Recipe) -> str:
    """The quickest reference model of a step."""
    turbo = {"reference-medium": "reference-large-turbo"}
    return turbo.get(recipe.otherwise["workhorse"], recipe.otherwise["workhorse"])


def test_an_input_error_of_staffing_is_an_input_error(home: Path) -> None:
    found = staff(replace(CHAIN, steps=(Step("a", "3d"),)), (), "final", registry.load(home))
    assert isinstance(found["a"], InputError)
