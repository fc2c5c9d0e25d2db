"""Chains as TOML: what ships, what is refused, and back and forth."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import registry
from evals.errors import NotFoundError, RegistryError
from leaderboard.errors import WorkflowError
from leaderboard.workflows import files, graph
from leaderboard.workflows.chain import EVERY_TASK, Chain, Recipe, Step
from leaderboard.workflows.counts import load_counts

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1, max_size=20)
STEPS = st.builds(
    Step,
    st.just("one"),
    st.sampled_from(EVERY_TASK),
    st.just(()),
    st.integers(1, 9),
    st.sampled_from(["best", "all"]),
    st.sampled_from(["hero", "workhorse"]),
    WORDS,
    st.floats(0.001, 100),
    st.sampled_from([None, "1024x1024", "720p"]),
    st.none() | st.floats(0.1, 60),
    st.none() | WORDS,
    st.lists(WORDS, max_size=3).map(tuple),
    st.none() | WORDS,
)


@given(STEPS, WORDS, st.booleans())
def test_what_is_written_is_read_back(
    tmp_path_factory, step: Step, text: str, simulated: bool
) -> None:
    second = Step("two", "upscale", ("one",))
    recipes = {"one": Recipe("calibration", 3, ("c001",), text, ("clip_score",), {"hero": text})}
    made = Chain("made", text, " ".join(text.split()) or "x", (step, second), simulated, recipes)
    path = tmp_path_factory.mktemp("chains") / "made.toml"
    files.write(path, made, ("a comment",))
    assert files.read(path) == made
    files.write(path, made, ("a comment",))  # once more changes nothing
    with pytest.raises(WorkflowError, match="is there with other steps"):
        files.write(path, Chain("made", "Other", "x", (step,)))


def test_all_that_ships_can_be_read_and_the_home_wins(home: Path) -> None:
    shipped = files.load(home)
    assert {"reference-clip", "advert-14", "product-shot", "storyboard-clip"} <= set(shipped)
    assert len(shipped["advert-14"].steps) == 14
    assert "titched" in shipped["advert-14"].source
    files.write(
        files.file_of(home, "advert-14"),
        Chain("advert-14", "Mine", "mine", (Step("a", "upscale"),)),
    )
    assert files.load(home)["advert-14"].title == "Mine"


def test_models_and_suites_that_shipped_chains_run_on_are_registered(home: Path) -> None:
    known = registry.load(home)
    for chain in files.load(home).values():
        for name, recipe in chain.recipes.items():
            if recipe.suite is not None:
                prompts = {prompt.id for prompt in known.suites[recipe.suite].prompts}
                assert prompts.issuperset(recipe.only)
            for model in recipe.otherwise.values():
                assert known.models[model].task == chain.step(name).task


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ('title = "t"', RegistryError, 'key "source" is missing'),
        ('title = "t"\nsource = "s"\nstep = []', RegistryError, 'unknown key "step"'),
        ('title = "t"\nsource = "s"', WorkflowError, "at least one step"),
        (
            'title = "t"\nsource = "s"\n[[steps]]\nid = "a"\ntask = "x"',
            WorkflowError,
            'step "a": no task',
        ),
        (
            'title = "t"\nsource = "s"\n[[steps]]\nid = "a"\ntask = "upscale"\nrole = "star"',
            RegistryError,
            "steps[0].role",
        ),
        (
            'title = "t"\nsource = "s"\n[[steps]]\nid = "a"\ntask = "upscale"\ncount = "2"',
            RegistryError,
            "steps[0].count",
        ),
        ("title = ", RegistryError, "not TOML"),
    ],
)
def test_a_wrong_file_is_refused(
    tmp_path: Path, text: str, error: type[Exception], said: str
) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(error) as refused:
        files.read(path)
    assert said in str(refused.value)
    assert "wrong.toml" in str(refused.value)


def test_a_name_that_is_none_gets_the_nearest(home: Path) -> None:
    with pytest.raises(NotFoundError, match='did you mean "advert-14"'):
        files.find(home, "advert14")


def test_shipped_counts_add_up() -> None:
    counts = load_counts()
    assert sum(counts.steps.values()) == counts.workflows
    assert (
        sum(counts.tasks.values()) == counts.total == pytest.approx(counts.mean * counts.workflows)
    )
    assert set(counts.tasks) <= set(EVERY_TASK)


def test_every_step_of_what_ships_is_priced_or_named(home: Path) -> None:
    for chain in files.load(home).values():
        assert set(graph.generations(chain)) == {step.id for step in chain.steps}
