"""Workflows of other tools: what is read out of them, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.errors import WorkflowError
from leaderboard.workflows.importing import NoWorkflowError, read_chain

API: dict[str, Any] = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sdxl.safetensors"}},
    "2": {
        "class_type": "EmptyLatentImage",
        "inputs": {"width": 1024, "height": 768, "batch_size": 4},
    },
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "a pear", "clip": ["1", 1]}},
    "4": {
        "class_type": "KSampler",
        "inputs": {"model": ["1", 0], "positive": ["3", 0], "latent_image": ["2", 0], "seed": 1},
    },
    "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
    "6": {"class_type": "UpscaleModelLoader", "inputs": {"model_name": "x4.pth"}},
    "7": {
        "class_type": "ImageUpscaleWithModel",
        "inputs": {"upscale_model": ["6", 0], "image": ["5", 0]},
    },
    "8": {"class_type": "KlingImage2VideoNode", "inputs": {"start_frame": ["7", 0]}},
    "9": {"class_type": "SaveVideo", "inputs": {"video": ["8", 0]}},
}


def written(folder: Path, value: Any, name: str = "chain.json") -> Path:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def test_the_api_format_of_comfyui(tmp_path: Path) -> None:
    found = read_chain(written(tmp_path, API))
    assert found.format == "comfyui-api"
    steps = found.chain.steps
    assert [(s.task, s.inputs, s.role) for s in steps] == [
        ("text-to-image", (), "workhorse"),
        ("upscale", ("text-to-image",), "workhorse"),
        ("image-to-video", ("upscale",), "hero"),
    ]
    assert (steps[0].count, steps[0].size, steps[0].calls) == (4, "1024x768", ("sdxl.safetensors",))
    assert steps[1].calls == ("x4.pth",)
    wrapped = read_chain(written(tmp_path, {"prompt": API}, "wrapped.json"))
    assert wrapped.chain.steps == steps


def test_samplers_that_hand_on_a_latent_are_one_step_and_a_picture_makes_it_an_edit(
    tmp_path: Path,
) -> None:
    graph = API | {
        "10": {"class_type": "LoadImage", "inputs": {"image": "x.png"}},
        "2": {"class_type": "VAEEncode", "inputs": {"pixels": ["10", 0], "vae": ["1", 2]}},
        "11": {
            "class_type": "KSamplerAdvanced",
            "inputs": {"model": ["1", 0], "latent_image": ["4", 0]},
        },
        "5": {"class_type": "VAEDecode", "inputs": {"samples": ["11", 0], "vae": ["1", 2]}},
    }
    steps = read_chain(written(tmp_path, graph)).chain.steps
    assert [step.task for step in steps] == ["image-edit", "upscale", "image-to-video"]


def ui(inner_kind: str = "sub") -> dict[str, Any]:
    """A graph whose only node but a loader and a saver is a subgraph that samples."""
    inner = {
        "id": "sub",
        "name": "Draw",
        "inputs": [{"name": "image"}],
        "outputs": [{"name": "IMAGE"}],
        "nodes": [
            {
                "id": 1,
                "type": "UNETLoader",
                "outputs": [{"type": "MODEL"}],
                "properties": {"models": [{"name": "edit.safetensors"}]},
            },
            {
                "id": 2,
                "type": "VAEEncode",
                "inputs": [{"name": "pixels", "link": 1}],
                "outputs": [{"type": "LATENT"}],
            },
            {
                "id": 3,
                "type": "KSampler",
                "inputs": [{"name": "model", "link": 2}, {"name": "latent_image", "link": 3}],
                "outputs": [{"type": "LATENT"}],
            },
            {
                "id": 4,
                "type": "VAEDecode",
                "inputs": [{"name": "samples", "link": 4}],
                "outputs": [{"type": "IMAGE"}],
            },
        ],
        "links": [
            {
                "id": 1,
                "origin_id": -10,
                "origin_slot": 0,
                "target_id": 2,
                "target_slot": 0,
                "type": "IMAGE",
            },
            {
                "id": 2,
                "origin_id": 1,
                "origin_slot": 0,
                "target_id": 3,
                "target_slot": 0,
                "type": "MODEL",
            },
            {
                "id": 3,
                "origin_id": 2,
                "origin_slot": 0,
                "target_id": 3,
                "target_slot": 1,
                "type": "LATENT",
            },
            {
                "id": 4,
                "origin_id": 3,
                "origin_slot": 0,
                "target_id": 4,
                "target_slot": 0,
                "type": "LATENT",
            },
            {
                "id": 5,
                "origin_id": 4,
                "origin_slot": 0,
                "target_id": -20,
                "target_slot": 0,
                "type": "IMAGE",
            },
        ],
    }
    return {
        "nodes": [
            {"id": 1, "type": "LoadImage", "outputs": [{"type": "IMAGE"}]},
            {
                "id": 2,
                "type": inner_kind,
                "inputs": [{"name": "image", "link": 9}],
                "outputs": [{"type": "IMAGE"}],
            },
            {"id": 3, "type": "SaveImage", "inputs": [{"name": "images", "link": 10}]},
        ],
        "links": [[9, 1, 0, 2, 0, "IMAGE"], [10, 2, 0, 3, 0, "IMAGE"]],
        "definitions": {"subgraphs": [inner]},
    }


def test_subgraphs_are_laid_open(tmp_path: Path) -> None:
    found = read_chain(written(tmp_path, ui()))
    (step,) = found.chain.steps
    assert (step.task, step.calls, found.format, found.nodes) == (
        "image-edit",
        ("edit.safetensors",),
        "comfyui-ui",
        6,
    )


def test_a_subgraph_within_another_keeps_its_links(tmp_path: Path) -> None:
    graph = ui("outer")
    graph["definitions"]["subgraphs"].append(
        {
            "id": "outer",
            "inputs": [{"name": "image"}],
            "outputs": [{"name": "IMAGE"}],
            "nodes": [{"id": 7, "type": "sub", "inputs": [{"name": "image", "link": 1}]}],
            "links": [
                {"id": 1, "origin_id": -10, "origin_slot": 0, "target_id": 7, "target_slot": 0},
                {"id": 2, "origin_id": 7, "origin_slot": 0, "target_id": -20, "target_slot": 0},
            ],
        }
    )
    (step,) = read_chain(written(tmp_path, graph)).chain.steps
    assert step.task == "image-edit"


def test_bypassed_nodes_call_nothing(tmp_path: Path) -> None:
    graph = ui()
    graph["definitions"]["subgraphs"][0]["nodes"][2]["mode"] = 4
    assert read_chain(written(tmp_path, graph)).chain.steps == ()


FAL = {
    "contents": {
        "nodes": {
            "draw": {
                "id": "draw",
                "type": "run",
                "app": "fal-ai/flux/dev",
                "input": {"prompt": "$input.prompt", "num_images": 3},
            },
            "move": {
                "id": "move",
                "type": "run",
                "depends": ["draw"],
                "app": "fal-ai/kling-video/v2/master",
                "input": {"image_url": "$draw.images.0.url", "duration": "5"},
            },
            "say": {
                "id": "say",
                "type": "run",
                "depends": [],
                "app": "fal-ai/any-llm",
                "input": {},
            },
            "out": {"id": "out", "type": "display", "depends": ["move"], "fields": {}},
        }
    }
}


def test_a_fal_workflow(tmp_path: Path) -> None:
    found = read_chain(written(tmp_path, FAL))
    assert found.format == "fal"
    assert [(s.id, s.task, s.inputs, s.count, s.seconds, s.role) for s in found.chain.steps] == [
        ("draw", "text-to-image", (), 3, None, "workhorse"),
        ("move", "image-to-video", ("draw",), 1, 5.0, "hero"),
        ("say", "language", (), 1, None, "hero"),
    ]


def test_a_text_that_begins_with_a_dollar_names_no_node(tmp_path: Path) -> None:
    nodes = {
        "con": {
            "type": "run",
            "app": "fal-ai/flux",
            "input": {"prompt": "$5 burger", "seed": "$input"},
        }
    }
    (step,) = read_chain(written(tmp_path, nodes)).chain.steps
    assert (step.id, step.inputs) == ("step-con", ())


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
