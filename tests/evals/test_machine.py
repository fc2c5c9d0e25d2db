"""What a run says of where it ran."""

from __future__ import annotations

import pytest

from evals import machine

pytestmark = pytest.mark.slow


def test_two_models_of_accelerator_are_two_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the probes of one would stand for those of the other, and be compared with nothing."""
    found: list[str] = []
    for model in ("Card A", "Card B"):
        monkeypatch.setattr("torch.cuda.get_device_name", lambda model=model: model)
        found.append(machine.judging("cuda", 1))
    assert len(set(found)) == 2
    assert machine.judging("cpu", 1) not in found


def test_threads_are_part_of_an_environment() -> None:
    assert machine.judging("cpu", 1) != machine.judging("cpu", 2)
