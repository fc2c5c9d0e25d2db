"""Training a variant: from what ships to a file that diffusers lays over the base."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evals.calibration import publish, variants
from evals.calibration.fitting import Plan
from evals.home import data_root

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.mark.parametrize("name", ["neon", variants.NULL])
def test_a_variant_is_trained_taken_up_again_and_published(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.numpy import load_file

    monkeypatch.setattr(variants, "PLAN", Plan(steps=2, batch=4, rate=1e-2, seed=1, warmup=1))
    monkeypatch.setattr(variants, "ENCODING", Plan(steps=2, batch=4, rate=1e-3, seed=2, warmup=1))
    for constant, value in (("SCENES", 4), ("OWN_STEPS", 2)):
        monkeypatch.setattr(variants, constant, value)
    published = data_root() / "reference" / "images"
    variants.train(name, tmp_path, published)
    file = tmp_path / variants.stage(name) / variants.FILE
    first = load_file(file)
    assert {value.dtype for value in first.values()} == {np.dtype(np.float16)}
    assert all(key.startswith("unet.") for key in first)
    assert any(np.any(value) for key, value in first.items() if "lora_B" in key)
    variants.train(name, tmp_path, published)  # nothing is left to do
    assert all(np.array_equal(value, load_file(file)[key]) for key, value in first.items())
    publish.publish_variant(name, tmp_path, tmp_path / "out")
    shipped = load_file(tmp_path / "out" / "variants" / f"{name}.safetensors")
    assert shipped.keys() == first.keys()
    # What ships has the same layers in the same shapes.
    ours = load_file(data_root() / "reference" / "variants" / f"{name}.safetensors")
    assert {k: v.shape for k, v in ours.items()} == {k: v.shape for k, v in first.items()}
