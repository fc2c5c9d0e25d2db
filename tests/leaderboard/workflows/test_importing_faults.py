"""Workflows of other tools that are broken, or none: each is refused by its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.errors import WorkflowError
from leaderboard.workflows.importing import NoWorkflowError, read_chain
from tests.leaderboard.workflows.foreign import API, ui, written


def broken(**changes: Any) -> dict[str, Any]:
    graph = json.loads(json.dumps(API))
    graph["5"]["inputs"] |= changes
    return graph


def in_itself() -> dict[str, Any]:
    graph = ui()
    graph["definitions"]["subgraphs"][0]["nodes"].append({"id": 9, "type": "sub"})
    return graph


def dangling_ui(link: Any) -> dict[str, Any]:
    graph = ui()
    graph["links"][0] = link
    return graph


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("{", "not JSON: Expecting property name"),
        (
            broken(samples=["44", 0]),
            'node "5", input "samples": takes from node "44", which is not there',
        ),
        ({"1": {"class_type": "KSampler", "inputs": []}}, 'node "1": its inputs are no table'),
        (in_itself(), 'subgraph "Draw" contains itself'),
        (dangling_ui([9, 77, 0, 2, 0, "IMAGE"]), 'node "2", input "image": takes from node "77"'),
        (dangling_ui([8, 1, 0, 2, 0, "IMAGE"]), 'node "2", input "image": link 9 is not there'),
        (dangling_ui([9]), "a link of no known form"),
        ({"nodes": [3], "links": []}, "a node without an id or a type"),
        ({"a": {"type": "run", "input": {}}}, 'node "a": a run without an "app"'),
        (
            {"a": {"type": "run", "app": "x", "input": {"x": "$b.y"}}},
            'node "a": takes from "b", which is no node',
        ),
        ({"a": {"type": "run", "app": "x", "depends": "b"}}, '"depends" is no list'),
        (
            {
                "a": {"type": "run", "app": "x", "input": {"x": "$b.y"}},
                "b": {"type": "run", "app": "x", "depends": ["a"]},
            },
            "waits for itself",
        ),
    ],
)
def test_broken_files_are_refused_by_place(tmp_path: Path, value: Any, said: str) -> None:
    with pytest.raises(WorkflowError) as refused:
        read_chain(written(tmp_path, value))
    assert said in str(refused.value)
    assert "chain.json" in str(refused.value)
    assert not isinstance(refused.value, NoWorkflowError)


@pytest.mark.parametrize(
    "value", [[], {}, 3, None, "x", {"a": 1}, [{"name": "index"}], {"a": {"b": []}}]
)
def test_what_is_no_workflow_is_told_from_a_broken_one(tmp_path: Path, value: Any) -> None:
    with pytest.raises(NoWorkflowError, match="no workflow"):
        read_chain(written(tmp_path, json.dumps(value)))


def test_a_missing_file_and_other_bytes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkflowError, match="cannot be read"):
        read_chain(tmp_path / "none.json")
    (tmp_path / "b.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(WorkflowError, match=r"not UTF-8|not JSON"):
        read_chain(tmp_path / "b.json")
    (tmp_path / "deep.json").write_text("[" * 200_000)
    with pytest.raises(WorkflowError):
        read_chain(tmp_path / "deep.json")


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-30, 30) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "nodes",
                    "links",
                    "id",
                    "type",
                    "inputs",
                    "link",
                    "class_type",
                    "app",
                    "depends",
                    "input",
                    "definitions",
                    "subgraphs",
                    "1",
                    "a",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(JSONS)
def test_any_json_is_read_or_refused(tmp_path_factory, value: Any) -> None:
    path = written(tmp_path_factory.mktemp("any"), json.dumps(value))
    told = ""
    try:
        read = read_chain(path)
    except WorkflowError as error:
        told = str(error)
    else:
        ids = [step.id for step in read.chain.steps]
        assert len(ids) == len(set(ids)) <= read.nodes
    assert path.name in told or not told
    assert "\n" not in told
