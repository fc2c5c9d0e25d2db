"""The checks on a chain, and what follows from its shape."""

from __future__ import annotations

from itertools import pairwise

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.errors import WorkflowError
from leaderboard.workflows import graph
from leaderboard.workflows.chain import Chain, Step
from tests.leaderboard.workflows.made import chain

IMAGE = "text-to-image"


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """Any chain without a circle, its steps in any order."""
    size = draw(st.integers(1, 9))
    steps = [
        Step(
            f"s{n}",
            IMAGE,
            tuple(f"s{m}" for m in range(n) if draw(st.booleans())),
            draw(st.integers(1, 5)),
        )
        for n in range(size)
    ]
    return chain(*draw(st.permutations(steps)))


@given(chains())
def test_a_step_comes_behind_all_that_it_takes_from(made: Chain) -> None:
    graph.check(made, "made")
    seen: set[str] = set()
    for step in graph.order(made):
        assert seen.issuperset(step.inputs)
        seen.add(step.id)
    assert len(seen) == len(made.steps)


@given(chains(), st.data())
def test_the_longest_path_is_that_of_another_library(made: Chain, data: st.DataObject) -> None:
    seconds = {step.id: data.draw(st.floats(0.1, 100)) for step in made.steps}
    other = networkx.DiGraph()
    for step in made.steps:
        other.add_edge("end", step.id, weight=0.0)
        for name in (*step.inputs, "start"):
            other.add_edge(step.id, name, weight=seconds[step.id])
    path, total = graph.critical_path(made, seconds)
    assert total == pytest.approx(networkx.dag_longest_path_length(other))
    assert total == pytest.approx(sum(seconds[name] for name in path))
    assert all(a in made.step(b).inputs for a, b in pairwise(path))


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (
            (Step("a", IMAGE, ("b",)), Step("b", IMAGE, ("a",))),
            'step "a": waits for itself (a -> b -> a)',
        ),
        ((Step("a", IMAGE, ("a",)),), 'step "a": waits for itself (a -> a)'),
        (
            (Step("a", "text-to-imag"),),
            'no task is called "text-to-imag"; did you mean "text-to-image"?',
        ),
        ((Step("a", IMAGE, count=0),), 'step "a": count is 0; a step makes at least 1'),
        ((Step("a", IMAGE, count=-2),), 'step "a": count is -2'),
        (
            (Step("draw", IMAGE), Step("b", IMAGE, ("drew",))),
            'step "b": its input "drew" is no step; did you mean "draw"',
        ),
        ((Step("a", IMAGE), Step("A", IMAGE)), 'step "A": another step has this id'),
        ((Step("a", IMAGE, weight=0.0),), 'step "a": weight is 0'),
        ((Step("a", IMAGE, size="huge"),), 'step "a": size "huge" must be like'),
        ((Step("a", IMAGE, seconds=float("nan")),), 'step "a": seconds is nan'),
        ((Step("a b", IMAGE),), "its id may hold letters"),
        ((), "at least one step"),
    ],
)
def test_what_is_no_chain_is_refused_by_step(steps: tuple[Step, ...], said: str) -> None:
    with pytest.raises(WorkflowError) as refused:
        graph.check(chain(*steps), "file.toml")
    assert said in str(refused.value)
    assert str(refused.value).startswith("file.toml: ")


def test_a_long_circle_is_found_without_recursion() -> None:
    steps = [Step(f"s{n}", IMAGE, (f"s{(n + 1) % 400}",)) for n in range(400)]
    with pytest.raises(WorkflowError, match="waits for itself"):
        graph.check(chain(*steps), "made")


def test_what_is_kept_is_made_once_more_by_who_takes_it() -> None:
    best = chain(Step("a", IMAGE, count=4), Step("b", IMAGE, ("a",), count=2))
    assert graph.generations(best) == {"a": 4, "b": 2}
    every = chain(
        Step("a", IMAGE, count=4, keep="all"),
        Step("b", IMAGE, ("a",), count=2),
        Step("c", IMAGE, ("b",)),
    )
    assert graph.generations(every) == {"a": 4, "b": 8, "c": 4}


def test_outputs_are_paired_and_a_single_one_is_shared() -> None:
    steps = (
        Step("a", IMAGE, count=3, keep="all"),
        Step("b", IMAGE, count=3, keep="all"),
        Step("c", IMAGE),
    )
    assert graph.generations(chain(*steps, Step("d", IMAGE, ("a", "b", "c"))))["d"] == 3
    odd = (*steps[:1], Step("b", IMAGE, count=2, keep="all"))
    with pytest.raises(
        WorkflowError, match='step "d": a hands on 3, b hands on 2, which cannot be paired'
    ):
        graph.check(chain(*odd, Step("d", IMAGE, ("a", "b"))), "made")


def test_counts_that_multiply_beyond_reason_are_refused() -> None:
    steps = [Step("s0", IMAGE, count=1000, keep="all")]
    steps += [Step(f"s{n}", IMAGE, (f"s{n - 1}",), count=1000, keep="all") for n in range(1, 3)]
    with pytest.raises(WorkflowError, match=r"step .s2.: makes 1,000,000,000 generations"):
        graph.check(chain(*steps), "made")
