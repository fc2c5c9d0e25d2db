"""A file of any known format → a chain: ComfyUI (API, UI), fal, or a file of ours.

Formats are told apart by content, never by name.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

from evals.home import shown
from evals.names import id_fault
from leaderboard.errors import WorkflowError
from leaderboard.workflows import comfy, comfy_graph, fal, files, graph
from leaderboard.workflows.chain import Chain, Step

Format = Literal["comfyui-api", "comfyui-ui", "fal", "toml"]
FORMATS: dict[Format, str] = {
    "comfyui-api": "ComfyUI, API format",
    "comfyui-ui": "ComfyUI, as its editor saves it",
    "fal": "fal workflow",
    "toml": "a chain of ours",
}
LARGEST_FILE = 64_000_000


class NoWorkflowError(WorkflowError):
    """A well-formed file that describes something else."""


@dataclass(frozen=True)
class Imported:
    """What a file holds."""

    chain: Chain
    """Without steps where no node is known to call a model: it only cuts and pastes."""
    format: Format
    nodes: int
    """Of the graph that was read; steps of a file of ours."""


def read_chain(path: Path) -> Imported:
    """The chain in a file.

    Raises:
        NoWorkflowError: well-formed, and no workflow.
        WorkflowError: unreadable, broken, a link into nothing, a graph within itself, or steps
            that are no chain; names the file and the node or step.
        RegistryError: a TOML file of another form.
    """
    if path.suffix.lower() == ".toml":
        chain = files.read(path)
        return Imported(chain, "toml", len(chain.steps))
    place = shown(path)
    table = _json(path, place)
    form: Format
    sent = cast("dict[str, Any]", table).get("prompt", table) if isinstance(table, dict) else table
    if comfy_graph.is_ui(table):
        form, found = "comfyui-ui", comfy_graph.read_ui(cast("dict[str, Any]", table), place)
    elif comfy_graph.is_api(sent):
        form, found = "comfyui-api", comfy_graph.read_api(cast("dict[str, Any]", sent), place)
    else:
        nodes = fal.nodes_of(table)
        if nodes is None:
            raise NoWorkflowError(
                f"{place}: no workflow: neither ComfyUI's nodes (API or UI format) nor fal's"
            )
        return _imported(path, "fal", fal.steps_of(nodes, place), len(nodes))
    return _imported(path, form, comfy.steps_of(found), len(found))


def _imported(path: Path, form: Format, steps: tuple[Step, ...], nodes: int) -> Imported:
    title = " ".join(re.sub(r"[_-]+", " ", path.stem).split())[:200] or path.stem
    chain = Chain(name_of(path), title, f"{FORMATS[form]}: {path.name}"[:1000], steps)
    if not steps:
        return Imported(chain, form, nodes)
    graph.check(chain, shown(path))
    return Imported(replace(chain, steps=graph.order(chain)), form, nodes)


def name_of(path: Path) -> str:
    """An id for the chain in a file, after its name."""
    name = re.sub(r"[^\w.-]+", "-", path.stem).strip(".-")[:100]
    return name if name and id_fault(name) is None else "workflow"


def _json(path: Path, place: str) -> Any:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise WorkflowError(f"{place}: larger than {LARGEST_FILE:,} bytes")
        return json.loads(path.read_bytes())
    except OSError as error:
        raise WorkflowError(f"{place}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WorkflowError(f"{place}: not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise WorkflowError(f"{place}: not JSON: {error.msg} at {where}") from error
    except RecursionError as error:
        raise WorkflowError(f"{place}: nested too deeply to be a workflow") from error
