"""Which nodes there are, which of them went, and what that says about trials that were there."""

from __future__ import annotations

import time
from collections.abc import Container, Sequence
from typing import Any

from evals.cluster.deaths import Death, Verdict, verdict
from evals.cluster.slots import Room

LOOK_S = 0.5


class Nodes:
    """The cluster as it was last seen."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self._names: dict[str, str] = {}
        self._rooms: dict[str, Room] = {}
        self._gone: dict[str, float] = {}
        self._answered: dict[str, float] = {}
        self._looked_at = float("-inf")
        self.look()

    @property
    def rooms(self) -> list[Room]:
        """What the nodes that live offer."""
        return list(self._rooms.values())

    def without(self, barred: Container[str]) -> list[Room]:
        """What those of them offer that are not `barred`."""
        return [room for node, room in self._rooms.items() if node not in barred]

    def name(self, node: str) -> str:
        """What people call a node."""
        return self._names.get(node, node)

    def look(self) -> None:
        """See which nodes there are, unless that was done a moment ago."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_S:
            return
        self._looked_at = now
        self._rooms = {}
        for node in self._ray.nodes():
            name = node["NodeID"]
            self._names[name] = node.get("NodeName") or node["NodeManagerAddress"]
            if node["Alive"]:
                offers = node["Resources"]
                self._rooms[name] = Room(offers.get("CPU", 0.0), offers.get("GPU", 0.0))
            else:
                self._gone.setdefault(name, now)

    def answers(self, node: str) -> None:
        """Something on `node` answered just now."""
        self._answered[node] = time.monotonic()

    def verdict(self, deaths: Sequence[Death]) -> Verdict:
        """What is to become of a trial, by what is known of its nodes now."""
        return verdict(deaths, self._gone, self._answered, time.monotonic())
