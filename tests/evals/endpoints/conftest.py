"""Clocks that do not wait, and no keys but those of the test."""

from __future__ import annotations

import pytest

from evals.endpoints import bodies, timing
from tests.evals.loopback.bench import Clock

VARIABLES = ("OPENAI_API_KEY", "FAL_KEY", "REPLICATE_API_TOKEN", "HF_TOKEN", "OPENAI_BASE_URL")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(timing, "REAL", made.timing())
    return made


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the hub would say of `maker/model`: fal runs it, whatever the task."""
    from huggingface_hub.hf_api import InferenceProviderMapping
    from huggingface_hub.inference._providers import _common, fal_ai

    def known(self: object, model: str | None) -> InferenceProviderMapping:
        task = str(getattr(self, "task", ""))
        return InferenceProviderMapping(
            provider="fal-ai",
            hf_model_id="maker/model",
            providerId="maker/model",
            status="live",
            task=task,
        )

    monkeypatch.setattr(_common.TaskProviderHelper, "_prepare_mapping_info", known)
    monkeypatch.setattr(fal_ai, "_POLLING_INTERVAL", 0.0)


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are over the limit soon."""
    monkeypatch.setattr(bodies, "LARGEST", 300_000)
