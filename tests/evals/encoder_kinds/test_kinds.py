"""What every kind of judge has in common: found by its name, light until loaded, frank."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from evals import encoder_kinds
from evals.encoder_kinds._refusing import Refusing
from evals.errors import NotFoundError, ScoreError
from evals.judges.pins import Judge, Preprocessing
from evals.weights import Weights

KINDS = {"open_clip", "transformers_clip", "inception", "lpips"}


def test_kinds_go_by_the_names_of_their_files() -> None:
    found = encoder_kinds.discover()
    assert set(found) >= KINDS
    for name in KINDS:
        assert found[name].__name__ == f"evals.encoder_kinds.{name}"  # pyright: ignore
        assert isinstance(found[name].BESIDE, tuple)


def test_a_mistyped_kind_is_told_the_nearest() -> None:
    with pytest.raises(NotFoundError, match=r'"openclip".*open_clip'):
        encoder_kinds.get("openclip")


def test_finding_kinds_and_places_of_weights_imports_nothing_heavy() -> None:
    code = (
        "import json, sys; from evals import encoder_kinds, weights;"
        "encoder_kinds.discover(); weights.snapshot('a/b', '0' * 40);"
        "print(json.dumps(sorted(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    heavy = {"torch", "transformers", "open_clip", "torchmetrics", "torchvision", "httpx"}
    heavy.add("huggingface_hub.file_download")
    assert not heavy & set(json.loads(shown))


@pytest.mark.slow
def test_what_a_kind_cannot_do_is_refused_in_one_line() -> None:
    import torch

    how = Preprocessing(8)
    judge = Judge("plain", "P", "f", "lpips", Weights(None, None, "w"), preprocessing=how)
    network = Refusing(judge)
    assert network.width == 0
    assert network.preprocess(np.zeros((5, 9, 3), np.uint8)).shape == (3, 8, 8)
    empty = torch.zeros(1, 3, 8, 8)
    refused = {
        "embeds no pictures": lambda: network.images(empty),
        "reads no texts": lambda: network.texts(["a star"]),
        "measures no distance": lambda: network.distance(empty, empty),
        "learnt no factor": lambda: network.logit_scale,
    }
    for what, ask in refused.items():
        with pytest.raises(ScoreError, match=f"judge plain is of kind lpips, which {what}"):
            ask()
