"""A ComfyUI file → one flat graph of nodes (pure).

Two formats are read. API: ``{"3": {"class_type", "inputs": {"samples": ["7", 0]}}}``. UI: ``nodes``
and ``links``, where a node whose type is a key of ``definitions.subgraphs`` stands for a graph of
its own, which may hold others. Nodes inside of one get the path of their instances as id:
``75/12``. Links that no node listens to any more stay in files, and are left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from leaderboard.errors import WorkflowError

Table = Mapping[str, Any]
ENTRANCE, EXIT = "-10", "-20"
"""Ids by which the links of a subgraph name its own inputs and outputs."""
MUTED, BYPASSED = 2, 4
DEEPEST = 16
"""Subgraphs within each other; what is deeper is taken for a circle that hides its names."""
MOST_NODES = 50_000


@dataclass(frozen=True)
class Source:
    """Where a value comes from."""

    node: str
    slot: int
    kind: str | None = None
    """`IMAGE`, `LATENT`, … in capital letters; `None` = the format does not say."""


@dataclass(frozen=True)
class Node:
    """One node that is no subgraph."""

    id: str
    type: str
    inputs: Mapping[str, Source] = field(default_factory=dict[str, Source])
    """What is linked, by name."""
    outputs: tuple[str, ...] = ()
    """Kinds; empty where the format does not say."""
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What is set: by name (API), or by place (`"0"`, `"1"`, …)."""
    models: tuple[str, ...] = ()
    """Files that it names."""
    title: str = ""
    off: bool = False
    """Muted or bypassed: what comes in passes through, if anything."""


Graph = dict[str, Node]


def is_ui(table: Any) -> bool:
    """Whether it looks like a file that the editor saved."""
    return isinstance(table, dict) and isinstance(cast(Table, table).get("nodes"), list)


def is_api(table: Any) -> bool:
    """Whether it looks like what is sent to a server; its nodes all have a class."""
    if not isinstance(table, dict) or not table:
        return False
    nodes = cast(dict[str, Any], table).values()
    return all(isinstance(node, dict) and "class_type" in node for node in nodes)


def read_api(table: Table, place: str) -> Graph:
    """The graph of an API file.

    Raises:
        WorkflowError: a node's inputs are no table, or it takes from a node that is not there.
    """
    graph: Graph = {}
    for name, node in table.items():
        given: Any = node.get("inputs", {})
        if not isinstance(given, dict):
            raise WorkflowError(f'{place}: node "{name}": its inputs are no table')
        inputs: dict[str, Source] = {}
        values: dict[str, Any] = {}
        for key, value in cast(dict[str, Any], given).items():
            source = _link_of(value)
            if source is None:
                values[key] = value
            elif source.node not in table:
                raise _dangling(place, name, key, source.node)
            else:
                inputs[key] = source
        meta: Any = node.get("_meta")
        title = str(cast(Table, meta).get("title", "")) if isinstance(meta, dict) else ""
        files = tuple(v for k, v in values.items() if k.endswith("_name") and isinstance(v, str))
        graph[name] = Node(name, str(node["class_type"]), inputs, (), values, files, title)
    return graph


def read_ui(table: Table, place: str) -> Graph:
    """The graph of an editor's file, subgraphs laid open.

    Raises:
        WorkflowError: nodes or links of another form, a node that takes from one that is not
            there, or a subgraph that contains itself.
    """
    reader = _Reader(place, {}, {})
    definitions: Any = table.get("definitions")
    graphs = cast(Table, definitions).get("subgraphs") if isinstance(definitions, dict) else None
    for one in _tables(graphs):
        if not is_ui(one) or "id" not in one:
            raise WorkflowError(f"{place}: definitions.subgraphs: an entry that is no graph")
        reader.subgraphs[str(one["id"])] = one
    reader.lay_open(table, "", (), {})
    return reader.resolved()


@dataclass
class _Reader:
    place: str
    subgraphs: dict[str, Table]
    found: Graph
    ways: dict[tuple[str, int], Source | None] = field(
        default_factory=dict[tuple[str, int], "Source | None"]
    )
    """(id of an instance of a subgraph, its output) -> what is behind it."""

    def lay_open(
        self,
        graph: Table,
        path: str,
        within: tuple[str, ...],
        given: Mapping[str, Source],
    ) -> None:
        """Add the nodes of a graph; `given` is what its own inputs are linked to, by name."""
        nodes = [self._node(one) for one in cast(Sequence[Any], graph["nodes"])]
        there = {str(node["id"]) for node in nodes}
        entrances = _names(graph.get("inputs"))
        links = {one[0]: one for one in self._links(graph)}
        for node in nodes:
            name, kind = str(node["id"]), str(node["type"])
            inputs: dict[str, Source] = {}
            for slot, entry in enumerate(_tables(node.get("inputs"))):
                link = entry.get("link")
                if link is None:
                    continue
                source = self._source(
                    links, str(link), there, (path, name, slot), entrances, given, entry
                )
                if source is not None:
                    inputs[str(entry.get("name", slot))] = source
            full = path + name
            if kind in self.subgraphs:
                if kind in within or len(within) >= DEEPEST:
                    title = str(self.subgraphs[kind].get("name", kind))
                    raise WorkflowError(f'{self.place}: subgraph "{title}" contains itself')
                inner = self.subgraphs[kind]
                self.lay_open(inner, f"{full}/", (*within, kind), inputs)
                for slot, source in self._exits(inner, f"{full}/", inputs).items():
                    self.ways[full, slot] = source
                continue
            if len(self.found) >= MOST_NODES:
                raise WorkflowError(f"{self.place}: more than {MOST_NODES:,} nodes")
            self.found[full] = _plain(full, kind, inputs, node)

    def resolved(self) -> Graph:
        """The nodes, taking from nodes and no more from instances of subgraphs."""
        return {
            name: Node(
                name,
                node.type,
                {key: way for key, source in node.inputs.items() if (way := self._behind(source))},
                node.outputs,
                node.values,
                node.models,
                node.title,
                node.off,
            )
            for name, node in self.found.items()
        }

    def _behind(self, source: Source) -> Source | None:
        """What is behind the outputs of subgraphs; None where one hands on nothing."""
        seen: set[tuple[str, int]] = set()
        now: Source | None = source
        while now is not None and (now.node, now.slot) in self.ways:
            if (now.node, now.slot) in seen:
                return None
            seen.add((now.node, now.slot))
            now = self.ways[now.node, now.slot]
        return now if now is not None and now.node in self.found else None

    def _source(
        self,
        links: Mapping[str, tuple[str, str, int, str, int, str | None]],
        link: str,
        there: set[str],
        at: tuple[str, str, int],
        entrances: Sequence[str],
        given: Mapping[str, Source],
        entry: Table,
    ) -> Source | None:
        path, name, slot = at
        key = str(entry.get("name", slot))
        if link not in links:
            raise WorkflowError(
                f'{self.place}: node "{path}{name}", input "{key}": link {link} is not there'
            )
        _, origin, origin_slot, _, _, kind = links[link]
        if origin == ENTRANCE:
            inner = entrances[origin_slot] if origin_slot < len(entrances) else ""
            return given.get(inner)
        if origin not in there:
            raise _dangling(self.place, path + name, key, path + origin)
        return Source(path + origin, origin_slot, kind)

    def _exits(
        self, graph: Table, path: str, given: Mapping[str, Source]
    ) -> dict[int, Source | None]:
        """Output of a subgraph -> what is behind it."""
        entrances = _names(graph.get("inputs"))
        found: dict[int, Source | None] = {}
        for _, origin, origin_slot, target, target_slot, kind in self._links(graph):
            if target != EXIT:
                continue
            if origin == ENTRANCE:
                inner = entrances[origin_slot] if origin_slot < len(entrances) else ""
                found[target_slot] = given.get(inner)
            else:
                found[target_slot] = Source(path + origin, origin_slot, kind)
        return found

    def _node(self, node: Any) -> Table:
        if not isinstance(node, dict) or "id" not in node or "type" not in node:
            raise WorkflowError(f"{self.place}: a node without an id or a type")
        return cast(Table, node)

    def _links(self, graph: Table) -> list[tuple[str, str, int, str, int, str | None]]:
        """Id, origin, its output, target, its input, and kind of every link."""
        found: list[tuple[str, str, int, str, int, str | None]] = []
        for one in cast(Sequence[Any], graph.get("links") or ()):
            if isinstance(one, dict):
                link = cast(Table, one)
                keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
                row = [link.get(key) for key in keys] + [link.get("type")]
            else:
                row = [*cast(Sequence[Any], one)] if isinstance(one, list) else []
            if len(row) < 5 or not isinstance(row[2], int) or not isinstance(row[4], int):
                raise WorkflowError(
                    f"{self.place}: a link of no known form: {json.dumps(one)[:60]}"
                )
            kind = row[5] if len(row) > 5 and isinstance(row[5], str) else None
            found.append((str(row[0]), str(row[1]), row[2], str(row[3]), row[4], kind))
        return found


def _plain(name: str, kind: str, inputs: Mapping[str, Source], node: Table) -> Node:
    given: Any = node.get("widgets_values")
    values: dict[str, Any] = {}
    if isinstance(given, list):
        values = {str(place): value for place, value in enumerate(cast(list[Any], given))}
    elif isinstance(given, dict):
        values = dict(cast(Table, given))
    properties: Any = node.get("properties")
    listed = cast(Table, properties).get("models") if isinstance(properties, dict) else None
    files = tuple(str(one["name"]) for one in _tables(listed) if "name" in one)
    outputs = tuple(str(one.get("type")).upper() for one in _tables(node.get("outputs")))
    off = node.get("mode") in (MUTED, BYPASSED)
    return Node(name, kind, inputs, outputs, values, files, str(node.get("title") or ""), off)


def _names(value: Any) -> list[str]:
    return [str(one.get("name")) for one in _tables(value)]


def _tables(value: Any) -> list[Table]:
    """The tables in a list; nothing where it is none."""
    if not isinstance(value, list):
        return []
    return [cast(Table, one) for one in cast(list[Any], value) if isinstance(one, dict)]


def _link_of(value: Any) -> Source | None:
    """A link of the API format: `["7", 0]`."""
    if not isinstance(value, list) or len(cast(list[Any], value)) != 2:
        return None
    node, slot = cast(list[Any], value)
    whole = isinstance(slot, int) and not isinstance(slot, bool)
    return Source(node, slot) if isinstance(node, str) and whole else None


def _dangling(place: str, name: str, key: str, missing: str) -> WorkflowError:
    return WorkflowError(
        f'{place}: node "{name}", input "{key}": takes from node "{missing}", which is not there'
    )
