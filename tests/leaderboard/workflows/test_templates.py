"""The published templates of ComfyUI: all can be read, and tasks agree with their tags."""

from __future__ import annotations

import json
from collections import Counter
from importlib import metadata
from pathlib import Path

import pytest

from leaderboard.workflows import graph
from leaderboard.workflows.counts import load_counts
from leaderboard.workflows.importing import NoWorkflowError, read_chain

package = pytest.importorskip("comfyui_workflow_templates_json")
FOLDER = Path(package.__file__).parent / "templates"
TAGS = {
    "Image Edit": "image-edit",
    "Text to Image": "text-to-image",
    "Image to Video": "image-to-video",
    "Text to Video": "text-to-video",
    "Image Upscale": "upscale",
    "Video Edit": "video-edit",
}


def tagged() -> dict[str, str]:
    """Template -> the one task that its publisher tags it with."""
    found: dict[str, str] = {}
    for group in json.loads((FOLDER / "index.json").read_text()):
        for one in group["templates"]:
            tasks = [TAGS[tag] for tag in one.get("tags", ()) if tag in TAGS]
            if len(tasks) == 1 and (FOLDER / f"{one['name']}.json").is_file():
                found[one["name"]] = tasks[0]
    return found


def agreement(names: dict[str, str]) -> float:
    hits = [
        task in {step.task for step in read_chain(FOLDER / f"{name}.json").chain.steps}
        for name, task in names.items()
    ]
    return sum(hits) / len(hits)


def test_a_part_of_the_templates_is_read_as_tagged() -> None:
    some = dict(sorted(tagged().items())[::12])
    assert len(some) > 20
    assert agreement(some) >= 0.85


def test_indexes_are_told_from_workflows_by_content() -> None:
    for name in ("index.json", "index_logo.json", "fuse_options.json", "index.schema.json"):
        with pytest.raises(NoWorkflowError):
            read_chain(FOLDER / name)


def test_every_template_is_read_and_the_shipped_counts_are_these() -> None:
    sizes: Counter[int] = Counter()
    tasks: Counter[str] = Counter()
    models: Counter[int] = Counter()
    for path in sorted(FOLDER.glob("*.json")):
        try:
            found = read_chain(path).chain
        except NoWorkflowError:
            assert path.stem.startswith(("index", "fuse_options"))
            continue
        sizes[len(found.steps)] += 1
        models[len({step.calls for step in found.steps})] += 1
        tasks.update(step.task for step in found.steps)
        if found.steps:
            graph.check(found, path.name)
    assert sum(sizes.values()) >= 600
    counts = load_counts()
    if metadata.version("comfyui-workflow-templates-json") in counts.source:
        assert (sizes, models, tasks) == (counts.steps, counts.models, counts.tasks)
        assert sum(sizes.values()) == counts.workflows


def test_tasks_agree_with_the_publishers_tags() -> None:
    names = tagged()
    assert len(names) > 300
    assert agreement(names) >= 0.9
