"""A tiny random open_clip judge in an ordinary folder, and its description."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

CONFIG = {
    "model_cfg": {
        "embed_dim": 16,
        "vision_cfg": {
            "image_size": 32,
            "layers": 1,
            "width": 32,
            "head_width": 16,
            "patch_size": 16,
        },
        "text_cfg": {
            "context_length": 24,
            "vocab_size": 49408,
            "width": 16,
            "heads": 1,
            "layers": 1,
        },
    },
    "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
}


def save_judge(folder: Path, seed: int = 0) -> str:
    """Write config and random weights; sha256 of the weights."""
    import torch
    from open_clip.model import CLIP
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    (folder / "open_clip_config.json").write_text(json.dumps(CONFIG))
    torch.manual_seed(seed)
    model = CLIP(**json.loads(json.dumps(CONFIG["model_cfg"])))
    weights = folder / "open_clip_model.safetensors"
    save_file({name: value.contiguous() for name, value in model.state_dict().items()}, weights)
    return hashlib.sha256(weights.read_bytes()).hexdigest()


def register_judge(
    data: Path, name: str = "reference", metrics: Sequence[str] = ("clip_score",)
) -> Path:
    """Save a judge under a shipped folder and describe it; the description's path."""
    sha256 = save_judge(data / "reference" / name)
    path = data / "judges" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'name = "Tiny"\nfamily = "tiny"\nsource = "../reference/{name}"\nsha256 = "{sha256}"\n'
        f"metrics = {json.dumps(list(metrics))}\n[tie_band]\nclip_score = 0.5\n"
    )
    return path
