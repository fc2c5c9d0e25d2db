"""A Ray cluster of three nodes of one slot each, and a plugin that all of them can import."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evals import backends

HERE = Path(__file__).parent
STORE = 80 * 1024 * 1024


@dataclass
class Nodes:
    """The cluster; the driver sits on the first node, which is not removed."""

    cluster: Any

    def add(self) -> Any:
        return self.cluster.add_node(num_cpus=1, num_gpus=0, object_store_memory=STORE)

    def complete(self) -> None:
        """Bring it back to three nodes."""
        while len(self.cluster.worker_nodes) < 2:
            self.add()

    def remove(self, abrupt: bool = False) -> None:
        """Take a node away: its processes are asked to end, or killed."""
        node = min(self.cluster.worker_nodes, key=lambda node: node.node_id)
        self.cluster.remove_node(node, allow_graceful=not abrupt)


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """A folder on every process's path with an installed package that registers a backend."""
    folder = tmp_path_factory.mktemp("plugin")
    shutil.copy(HERE / "faults.py", folder / "cluster_faults.py")
    info = folder / "cluster_faults-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: cluster-faults\nVersion: 1\n")
    group = backends.ENTRY_POINTS
    (info / "entry_points.txt").write_text(f"[{group}]\nfaults = cluster_faults\n")
    with pytest.MonkeyPatch.context() as patch:
        root = Path(__file__).parents[3]
        patch.setenv("PYTHONPATH", os.pathsep.join([str(folder), str(root)]))
        patch.setattr(sys, "path", [str(folder), *sys.path])
        backends.discover.cache_clear()
        yield folder
    backends.discover.cache_clear()


@pytest.fixture(scope="session")
def nodes(plugin: Path) -> Generator[Nodes]:
    """Three nodes, and this process connected to them."""
    del plugin
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        import ray
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 1, "num_gpus": 0, "include_dashboard": False}
        cluster = Cluster(True, head_node_args={**head, "object_store_memory": STORE})
        ready = Nodes(cluster)
        ready.complete()
        ray.init(cluster.address, log_to_driver=False, logging_level=logging.ERROR)
        yield ready
        ray.shutdown()
        cluster.shutdown()


@pytest.fixture
def three(nodes: Nodes) -> Nodes:
    """The cluster, complete."""
    nodes.complete()
    return nodes
