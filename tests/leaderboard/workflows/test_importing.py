"""Workflows of other tools: what is read out of them."""

from __future__ import annotations

from pathlib import Path

from leaderboard.workflows.importing import read_chain
from tests.leaderboard.workflows.foreign import API, ui, written


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
