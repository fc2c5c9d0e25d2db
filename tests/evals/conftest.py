"""A small shipped folder of its own: two procedural models, a suite of four captions, one price."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evals.worlds import Write, model_toml, suite_toml


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """What ships, in small."""
    root = tmp_path / "data"
    files = {
        "models/renderer.toml": model_toml(extra='hardware = "box"\nanchor = "upper"'),
        "models/noise.toml": model_toml('kind = "noise"', 'anchor = "lower"'),
        "suites/small.toml": suite_toml(),
        "prices/hardware.toml": (
            '[box]\nname = "A box"\ndevice = "cpu"\n[[box.prices]]\nusd_per_hour = 3.6\n'
            'effective_from = 2026-01-01\nsource = "made up"\n'
        ),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def write(data: Path) -> Write:
    """Write a file beneath the small shipped folder."""

    def put(name: str, text: str) -> Path:
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return put


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub; `tests.evals.hub` fills it."""
    cache = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    return cache
