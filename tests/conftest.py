"""What every test relies on: no network for the model libraries, and a home of its own."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

# The same examples every time, however slow the machine is: a failure is the code's.
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis.settings.load_profile("steady")

# Before any library is imported: a test that needs the hub is wrong, and should fail at once.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
# Tables printed by commands are compared as text.
os.environ["COLUMNS"] = "160"
os.environ.pop("CHURNBOARD_HOME", None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole jobs first: each takes minutes, and at the end one worker would wait for the other."""
    items.sort(key=lambda item: not item.path.name.endswith("_job.py"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home that commands find through CHURNBOARD_HOME."""
    folder = tmp_path / "home"
    monkeypatch.setenv("CHURNBOARD_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def published_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of `tests.sample_home`, for tests that only read."""
    from tests import sample_home

    return sample_home.build(tmp_path_factory.mktemp("published"))
