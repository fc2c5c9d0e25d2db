"""A flat graph of ComfyUI → the steps of a chain (pure).

A step is one generation: samplers that hand a latent to each other are one step, however many
experts or stages they are, as are the nodes that prepare and decode it. Its task follows from what
it takes (loaded files, outputs of other steps) and what becomes of what it makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evals.names import id_fault
from evals.prices.tiers import size_fault
from leaderboard.workflows import comfy_nodes
from leaderboard.workflows.chain import Step
from leaderboard.workflows.comfy_graph import Graph, Node, Source

_BESIDE = frozenset({"INT", "FLOAT", "BOOLEAN", "COMBO", "NUMBER", "VAE", "CLIP"})
"""Kinds of links (or, where the format states none, names of inputs) that carry neither what a step
works on nor the weights that make it."""
_CONTROL = re.compile(
    r"ControlNetApply|Controlnet|FunControl|VaceToVideo|LLLite|CameraImageToVideo"
)
_WEIGHTS = re.compile(
    r"^(CheckpointLoader|ImageOnlyCheckpointLoader|UNETLoader|UnetLoader|LoraLoader|ControlNetLoader"
    r"|UpscaleModelLoader|LatentUpscaleModelLoader|ModelPatchLoader|FrameInterpolationModelLoader)"
)
_CLIP_LATENT = re.compile(r"Video(?!15SuperResolution)|LTXV|WanFirst|SVD|Hunyuan.*Video")
LONGEST_ID = 60


@dataclass(frozen=True)
class _Found:
    """A step before it has a name: its nodes, of which the first gives it."""

    nodes: tuple[str, ...]
    task: str | None
    """Known from the node alone; `None` for what samples, or calls a service."""
    makes: str | None
    """The kind of thing; `None` for samplers, of which the graph tells."""


def steps_of(graph: Graph) -> tuple[Step, ...]:
    """The steps of a graph, in the order of its nodes; none where no node calls a model.

    The last ones are heroes and the others workhorses: a reading to start from.
    """
    found = _found(graph)
    owner = {name: number for number, one in enumerate(found) for name in one.nodes}
    users = _users(graph)
    made = [one.makes or _made(graph, users, owner, one) for one in found]
    inputs: list[tuple[int, ...]] = []
    bare: list[Step] = []
    for number, one in enumerate(found):
        behind = _Behind(graph, owner, made, number)
        behind.walk(one.nodes)
        inputs.append(tuple(sorted(behind.steps)))
        kinds = {graph[name].type for name in (*behind.seen, *one.nodes)}
        task = one.task or _task(made[number], behind.kinds, kinds)
        count, size = _batch(graph, behind.seen) if one.makes is None else (1, None)
        calls = _calls(graph, one, behind.seen)
        bare.append(Step("", task, count=count, size=size, calls=calls))
    names = _names([graph[one.nodes[0]] for one in found], [step.task for step in bare])
    taken = {other for rows in inputs for other in rows}
    return tuple(
        replace(
            step,
            id=names[number],
            inputs=tuple(names[other] for other in inputs[number]),
            role="workhorse" if number in taken else "hero",
        )
        for number, step in enumerate(bare)
    )


def _found(graph: Graph) -> list[_Found]:
    samplers = [name for name, node in graph.items() if comfy_nodes.is_sampler(node)]
    groups = _joined(graph, samplers)
    first = {group[0]: group for group in groups}
    found: list[_Found] = []
    for name, node in graph.items():
        if name in first:
            found.append(_Found(first[name], None, None))
            continue
        task = comfy_nodes.local_task(node)
        if task is not None:
            made = {"upscale": "image", "interpolate": "video", "segmentation": "mask"}
            found.append(_Found((name,), task, made.get(task, "text")))
            continue
        made_here = comfy_nodes.made_by_vendor(node)
        if made_here is not None:
            known = {"text": "language", "3d": "3d", "vector": "vector", "mask": "segmentation"}
            found.append(_Found((name,), known.get(made_here), made_here))
    return found


def _joined(graph: Graph, samplers: list[str]) -> list[tuple[str, ...]]:
    """Samplers by the generation that they are of: a latent goes from one to the next."""
    parent = {name: name for name in samplers}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for name in samplers:
        stack, seen = [name], {name}
        while stack:
            for key, source in graph[stack.pop()].inputs.items():
                if source.node in seen or not _is_latent(key, source):
                    continue
                seen.add(source.node)
                if source.node in parent:
                    parent[root(name)] = root(source.node)
                else:
                    stack.append(source.node)
    groups: dict[str, list[str]] = {}
    for name in samplers:
        groups.setdefault(root(name), []).append(name)
    return [tuple(group) for group in groups.values()]


def _is_latent(key: str, source: Source) -> bool:
    if source.kind is not None:
        return source.kind.upper() == "LATENT"
    return "latent" in key or key.startswith("samples")


@dataclass
class _Behind:
    """What a step takes: nodes, steps and kinds of things behind it."""

    graph: Graph
    owner: Mapping[str, int]
    made: list[str]
    of: int

    def __post_init__(self) -> None:
        self.seen: dict[str, None] = {}
        self.steps: set[int] = set()
        self.kinds: set[str] = set()

    def walk(self, nodes: Iterable[str]) -> None:
        """Go back from the nodes of the step to other steps and to what is loaded."""
        stack = [(name, False, False) for name in nodes]
        been = set(stack)
        while stack:
            name, framed, told = stack.pop()
            for source in self._sources(self.graph[name]):
                node = self.graph[source.node]
                other = self.owner.get(source.node)
                if other == self.of:
                    continue
                said = told or (source.kind or "").upper() == "STRING"
                loaded = comfy_nodes.kinds_loaded(node)
                if other is not None or loaded is not None:
                    if other is not None:
                        self.steps.add(other)
                    kind = loaded if other is None else self.made[other]
                    if kind is not None and not said:
                        one = framed or comfy_nodes.single_frame(self.graph[name])
                        self.kinds.add("image" if one and kind == "video" else kind)
                    continue
                self.seen.setdefault(source.node)
                state = (source.node, framed or comfy_nodes.single_frame(node), said)
                if state not in been:
                    been.add(state)
                    stack.append(state)

    def _sources(self, node: Node) -> Iterator[Source]:
        for key, source in node.inputs.items():
            beside = (source.kind or key).upper() in _BESIDE
            if not beside and not comfy_nodes.numbers_only(self.graph[source.node]):
                yield source


def _users(graph: Graph) -> dict[str, list[str]]:
    users: dict[str, list[str]] = {}
    for name, node in graph.items():
        for source in node.inputs.values():
            users.setdefault(source.node, []).append(name)
    return users


def _made(
    graph: Graph, users: Mapping[str, list[str]], owner: Mapping[str, int], one: _Found
) -> str:
    """What becomes of what samplers make: what is saved says so, and else the latent does."""
    shown: set[str] = set()
    stack, seen = list(one.nodes), set(one.nodes)
    while stack:
        for name in users.get(stack.pop(), ()):
            if name in seen or name in owner:
                continue
            seen.add(name)
            node = graph[name]
            if comfy_nodes.numbers_only(node) or node.off:
                continue
            kind = comfy_nodes.shown_as(node)
            if kind is not None:
                shown.add(kind)
            else:
                stack.append(name)
    for kind in ("3d", "video", "image"):
        if kind in shown:
            return kind
    names = [graph[name].type for name in _ancestors(graph, one.nodes, owner)]
    if any(_CLIP_LATENT.search(name) for name in names):
        return "video"
    return "audio" if "audio" in shown or any("Audio" in name for name in names) else "image"


def _ancestors(graph: Graph, nodes: Iterable[str], owner: Mapping[str, int]) -> list[str]:
    stack, seen = list(nodes), dict.fromkeys(nodes)
    while stack:
        for source in graph[stack.pop()].inputs.values():
            if source.node not in seen and source.node not in owner:
                seen[source.node] = None
                stack.append(source.node)
    return list(seen)


def _task(makes: str, takes: set[str], types: set[str]) -> str:
    """The task of a step by what it makes, what it takes and the nodes that it is made of."""
    larger = any(comfy_nodes.larger(one) or one.startswith("SeedVR2") for one in types)
    if makes == "audio":
        return "audio"
    if makes == "3d":
        return "3d"
    if makes == "video":
        if larger and "video" in takes:
            return "video-upscale"
        if "video" in takes:
            return "video-edit"
        if "audio" in takes:
            return "audio-to-video"
        if "image" in takes:
            control = any(_CONTROL.search(one) for one in types)
            return "control-to-video" if control else "image-to-video"
        return "text-to-video"
    if any(one.startswith(("Lotus", "Marigold")) for one in types):
        return "perception"
    if any(comfy_nodes.cuts_out(one) for one in types):
        return "segmentation"
    if takes & {"image", "video"}:
        if larger:
            return "upscale"
        control = any(_CONTROL.search(one) for one in types)
        return "control-to-image" if control else "image-edit"
    return "text-to-image"


def _batch(graph: Graph, behind: Iterable[str]) -> tuple[int, str | None]:
    """How many pictures are made at once, and how large, where the empty latent says so."""
    for name in behind:
        node = graph[name]
        if not re.match(r"^Empty\w*LatentImage$", node.type):
            continue
        values = [
            node.values.get(key, node.values.get(str(place)))
            for place, key in enumerate(("width", "height", "batch_size"))
        ]
        width, height, batch = (
            one if isinstance(one, int) and not isinstance(one, bool) and one > 0 else None
            for one in values
        )
        linked = {"width", "height"} & set(node.inputs)
        size = f"{width}x{height}" if width and height and not linked else None
        return batch or 1, size if size is not None and size_fault(size) is None else None
    return 1, None


def _calls(graph: Graph, one: _Found, behind: Iterable[str]) -> tuple[str, ...]:
    """Weights and services that a step names."""
    if one.makes is not None and one.task is None:
        return (graph[one.nodes[0]].type,)
    files = [
        file
        for name in (*behind, *one.nodes)
        if _WEIGHTS.match(graph[name].type) and not graph[name].off
        for file in graph[name].models or _first_word(graph[name])
    ]
    named = tuple(dict.fromkeys(file for file in files if file.isprintable() and len(file) <= 200))
    return named or (graph[one.nodes[0]].type,)


def _first_word(node: Node) -> tuple[str, ...]:
    value = node.values.get("0")
    return (value,) if isinstance(value, str) and value else ()


def _names(nodes: Sequence[Node], tasks: Sequence[str]) -> list[str]:
    """Ids that people can read: a node's own title, else its task, and a number where need be."""
    names: list[str] = []
    for node, task in zip(nodes, tasks, strict=True):
        title = node.title if node.title.lower() != node.type.lower() else ""
        text = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
        base = text[:LONGEST_ID].strip("-") or task
        name, number = base, 1
        while name in names or id_fault(name) is not None:
            number += 1
            name = f"{base}-{number}"
        names.append(name)
    return names
