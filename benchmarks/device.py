"""What this machine's device does with diffusion models: `python -m benchmarks.device`.

Seconds, peak memory and achieved FLOP/s of a call: of reference models, and of a pipeline that has
the size of Stable Diffusion 1.5 with random weights, which is loaded from a folder like any other.
On a processor it makes a smaller picture in fewer steps. Operations are those of matrix products,
convolutions and attention, counted by torch in a call of its own, as counting takes time.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evals import backends, registry, revision
from evals.backends import _diffusers_device as devices
from evals.types import Model, Prompt

MODELS = ("reference-large", "reference-medium", "reference-clip-large")
SIZES = {"cuda": (512, 50), "mps": (512, 20), "cpu": (256, 2)}
"""Side in pixels and steps of the large pipeline, by kind of device."""
PROMPT = Prompt("p", "one red circle on the left on a white background, flat style")


def save_large(folder: Path, dtype: str) -> Path:
    """A pipeline of Stable Diffusion 1.5's architecture and size, its weights random."""
    import torch
    from diffusers import (
        AutoencoderKL,
        DDIMScheduler,
        StableDiffusionPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel

    from evals.calibration import networks

    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, dtype))
    try:
        unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768)
        vae = AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            layers_per_block=2,
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            sample_size=512,
        )
        text = CLIPTextModel(
            CLIPTextConfig(
                hidden_size=768,
                intermediate_size=3072,
                num_hidden_layers=12,
                num_attention_heads=12,
            )
        )
    finally:
        torch.set_default_dtype(before)
    made = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text,
        tokenizer=networks.tokenizer(),
        unet=unet,
        scheduler=DDIMScheduler(clip_sample=False, steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    made.save_pretrained(folder, safe_serialization=True)
    return folder


def measure(model: Model, device: str | None, turns: int) -> dict[str, Any]:
    """Median seconds, peak memory and operations of one call of a model."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    begun = time.perf_counter()
    with backends.get(model.backend).open_model(model, device) as generator:
        loading = time.perf_counter() - begun
        kind = generator.device
        generator.generate(PROMPT, 0)
        if kind == "cuda":
            torch.cuda.reset_peak_memory_stats()
        seconds: list[float] = []
        for seed in range(turns):
            begun = time.perf_counter()
            # What comes back lies in the processor's memory: nothing is left to wait for.
            generator.generate(PROMPT, seed)
            seconds.append(time.perf_counter() - begun)
        peak = _peak(kind)
        with FlopCounterMode(display=False) as counter:
            generator.generate(PROMPT, 0)
        operations = counter.get_total_flops()
        placement = getattr(generator, "placement", kind)
    median = statistics.median(seconds)
    return {
        "model": model.id,
        "device": placement,
        "dtype": model.settings.get("dtype", "float32"),
        "loading_s": round(loading, 2),
        "seconds": round(median, 4),
        "peak_gb": round(peak / 1e9, 3),
        "gflop": round(operations / 1e9, 1),
        "gflop_per_s": round(operations / median / 1e9, 1),
    }


def _peak(kind: str) -> int:
    """Bytes: of an accelerator what torch held at most; of a processor, the process's maximum."""
    import torch

    if kind == "cuda":
        return torch.cuda.max_memory_allocated()
    if kind == "mps":
        return torch.mps.driver_allocated_memory()
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _large(folder: Path, kind: str, threads: int) -> Model:
    side, steps = SIZES[kind]
    settings: Mapping[str, Any] = {
        "source": str(folder),
        "steps": steps,
        "guidance": 7.5,
        "width": side,
        "height": side,
        "dtype": "float32" if kind == "cpu" else "bfloat16",
        "threads": threads,
    }
    return Model("sd1.5-random", "random weights", "text-to-image", "diffusers", settings)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a line a model, and one JSON object last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", action="append", help="registered; else some reference models")
    parser.add_argument("--device", help="cpu, cuda or mps; else the best there is")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1, help="of the large pipeline, on a cpu")
    parser.add_argument("--no-large", action="store_true", help="only registered models")
    given = parser.parse_args(arguments)
    place = devices.choose(given.device or "auto")
    print(f"device: {place.why}")
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        known = registry.load(Path(folder) / "home")
        for name in given.model or MODELS:
            model = revision.located(known, known.model(name))
            rows.append(_told(measure(model, given.device, given.turns)))
        if not given.no_large:
            saved = save_large(Path(folder) / "large", "bfloat16")
            rows.append(_told(measure(_large(saved, place.kind, given.threads), given.device, 1)))
    print(json.dumps({"device": place.why, "rows": rows}))


def _told(row: dict[str, Any]) -> dict[str, Any]:
    print(
        f"{row['model']:<24} {row['seconds']:>9.3f} s  {row['peak_gb']:>7.2f} GB"
        f"  {row['gflop']:>10.1f} GFLOP  {row['gflop_per_s']:>10.1f} GFLOP/s"
    )
    return row


if __name__ == "__main__":
    main()
