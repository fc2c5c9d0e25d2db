"""The training loop: its rates, its batches, its log, and that it goes on where it stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from evals.calibration import diffusion, fitting, lessons, networks
from evals.calibration.scenes import Scene, every_scene


@given(st.integers(200, 5000), st.floats(0.3, 0.9))
def test_rate_rises_stays_and_falls_to_nothing(steps: int, decay_from: float) -> None:
    plan = fitting.Plan(steps=steps, batch=1, rate=0.5, warmup=50, decay_from=decay_from)
    rates = [plan.rate_at(step) for step in range(steps)]
    top = rates.index(max(rates))
    assert max(rates) == 0.5
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert 0 < rates[-1] < 0.1 * max(rates)


@given(st.integers(4, 60), st.integers(1, 4), st.integers(0, 9))
def test_batches_show_everything_before_anything_twice(count: int, size: int, seed: int) -> None:
    stream = fitting.batches(count, size, seed)
    shown = np.concatenate([next(stream) for _ in range(count // size)])
    assert len(set(shown.tolist())) == len(shown)
    assert set(shown.tolist()) <= set(range(count))


def test_fit_learns_and_logs(tmp_path: Path) -> None:
    torch.manual_seed(0)
    line = torch.nn.Linear(1, 1)
    x = torch.linspace(-1, 1, 32)[:, None]
    fitting.fit(
        fitting.Plan(steps=300, batch=32, rate=0.05, warmup=10),
        list(line.parameters()),
        lambda step: (line(x) - 3 * x - 1).square().mean(),
        tmp_path / "log.jsonl",
        every=100,
    )
    logged = [json.loads(text) for text in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in logged] == [100, 200, 300]
    assert logged[-1]["loss"] < 1e-3
    assert line.weight.item() == pytest.approx(3, abs=0.05)


def test_divergence_is_an_error_and_not_a_log_of_nan(tmp_path: Path) -> None:
    weight = torch.nn.Parameter(torch.ones(1))
    with pytest.raises(FloatingPointError, match="diverged at step 1"):
        fitting.fit(
            fitting.Plan(steps=5, batch=1, rate=0.1),
            [weight],
            lambda step: weight.sum() * float("nan"),
            tmp_path / "log.jsonl",
            every=1,
        )


def test_training_a_reference_model_continues_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two sittings reach the same number of steps and leave a checkpoint that can be drawn from."""
    few = list(every_scene())[:40]
    monkeypatch.setattr(diffusion.corpus, "seen_scenes", lambda: few)
    monkeypatch.setattr(diffusion, "SAVE_EVERY", 2)
    monkeypatch.setattr(diffusion, "RENDERS", 1)
    plan = replace(diffusion.PLANS["small"], batch=4, warmup=1)
    monkeypatch.setitem(diffusion.CHECKPOINTS, "small", (4,))
    networks.autoencoder().save_pretrained(tmp_path / "autoencoder")

    monkeypatch.setitem(diffusion.PLANS, "small", replace(plan, steps=2))
    diffusion.train("small", tmp_path)
    first = torch.load(tmp_path / "small" / "state.pt", weights_only=True)
    monkeypatch.setitem(diffusion.PLANS, "small", replace(plan, steps=4))
    diffusion.train("small", tmp_path)
    second = torch.load(tmp_path / "small" / "state.pt", weights_only=True)
    assert (first["step"], second["step"]) == (2, 4)
    assert (tmp_path / "small" / "step-00004.pt").exists()
    name = "unet.conv_in.weight"
    assert not torch.equal(first["model"][name], second["model"][name])


def test_hard_negatives_differ_in_one_word() -> None:
    rng = np.random.default_rng(0)
    scene = Scene("two", "red", "star", "left", "sky", "flat")
    for _ in range(50):
        other = lessons.neighbour(scene, rng)
        assert sum(other.words[name] != word for name, word in scene.words.items()) == 1
