"""How each tiny pipeline is registered and called: what its tests are parametrised over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from evals.types import Model, Prompt, Task
from tests.evals import tiny_pipelines

PROMPT = Prompt("p1", "one red circle")
PICTURE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
STARTED = ("image-edit", "image-to-video", "upscale")
STEPS = 2


@dataclass(frozen=True)
class Case:
    """One class of pipelines, as a model's file and as its own call name things."""

    kind: str
    """Class in diffusers."""
    task: Task
    shape: tuple[int, ...]
    """Of what it makes, in pixels: height and width, of a clip after the frames."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Beyond size, frames and rate, which follow from the shape."""
    call: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Arguments of the pipeline's own call beyond those."""
    asked: tuple[int, ...] | None = None
    """Height and width that are asked for, where the pipeline makes others; () for none."""
    weights: str | None = None
    """Function that saves it, where it is not the case's own name."""
    guidance: float | None = 2.0

    @property
    def started(self) -> bool:
        return self.task in STARTED

    @property
    def size(self) -> dict[str, int]:
        sides = self.shape[-2:] if self.asked is None else self.asked
        return dict(zip(("height", "width"), sides, strict=False))


_ROUGH = {"use_resolution_binning": False, "max_sequence_length": 32}
_SMALL = {"_auto_resize": False, "max_area": 32 * 32}
_CFG = {"true_cfg_scale": 2.0, "negative_prompt": " "}

CASES: dict[str, Case] = {
    "stable_diffusion": Case("StableDiffusionPipeline", "text-to-image", (32, 32)),
    "img2img": Case(
        "StableDiffusionImg2ImgPipeline",
        "image-edit",
        (64, 64),
        {"pipeline": "StableDiffusionImg2ImgPipeline", "arguments": {"strength": 1.0}},
        {"strength": 1.0},
        asked=(),
        weights="stable_diffusion",
    ),
    "stable_diffusion_xl": Case("StableDiffusionXLPipeline", "text-to-image", (32, 32)),
    "stable_diffusion_3": Case("StableDiffusion3Pipeline", "text-to-image", (32, 32)),
    "flux": Case("FluxPipeline", "text-to-image", (32, 32)),
    "flux_kontext": Case(
        "FluxKontextPipeline", "image-edit", (32, 32), {"arguments": _SMALL}, _SMALL
    ),
    "qwen_image": Case(
        "QwenImagePipeline", "text-to-image", (32, 32), {"arguments": _CFG}, _CFG, guidance=None
    ),
    "z_image": Case("ZImagePipeline", "text-to-image", (32, 32)),
    "pixart": Case(
        "PixArtSigmaPipeline",
        "text-to-image",
        (32, 32),
        {"arguments": {**_ROUGH, "clean_caption": False}},
        {**_ROUGH, "clean_caption": False},
    ),
    "sana": Case("SanaPipeline", "text-to-image", (32, 32), {"arguments": _ROUGH}, _ROUGH),
    "upscaler": Case(
        "StableDiffusionUpscalePipeline",
        "upscale",
        (128, 128),
        {"arguments": {"noise_level": 0}},
        {"noise_level": 0},
        asked=(),
    ),
    "animate_diff": Case("AnimateDiffPipeline", "text-to-video", (16, 64, 64)),
    "sparse_control": Case(
        "AnimateDiffSparseControlNetPipeline",
        "image-to-video",
        (16, 64, 64),
        call={"controlnet_frame_indices": [0]},
    ),
    "wan": Case("WanPipeline", "text-to-video", (5, 16, 16)),
    "wan_started": Case("WanImageToVideoPipeline", "image-to-video", (5, 64, 64)),
    "cogvideox": Case("CogVideoXPipeline", "text-to-video", (9, 16, 16)),
    "hunyuan_video": Case("HunyuanVideoPipeline", "text-to-video", (9, 16, 16)),
    "ltx": Case("LTXPipeline", "text-to-video", (9, 32, 32), call={"frame_rate": 8.0}),
    "cogvideox_started": Case("CogVideoXImageToVideoPipeline", "image-to-video", (9, 16, 16)),
    "ltx_started": Case(
        "LTXImageToVideoPipeline",
        "image-to-video",
        (9, 32, 32),
        {"pipeline": "LTXImageToVideoPipeline"},
        {"frame_rate": 8.0},
        weights="ltx",
    ),
    "ltx_condition": Case(
        "LTXConditionPipeline",
        "text-to-video",
        (9, 32, 32),
        {"pipeline": "LTXConditionPipeline"},
        {"frame_rate": 8.0},
        weights="ltx",
    ),
    "mochi": Case("MochiPipeline", "text-to-video", (7, 16, 16)),
    "stable_video": Case(
        "StableVideoDiffusionPipeline",
        "image-to-video",
        (2, 32, 32),
        call={"fps": 8},
        guidance=None,
    ),
}


@cache
def saved(root: Path, name: str) -> Path:
    """The folder of a case's pipeline beneath `root`; built once."""
    weights = CASES[name].weights or name
    folder = root / weights
    return folder if folder.exists() else getattr(tiny_pipelines, weights)(folder)


def settings(name: str, source: Path | str, **more: Any) -> dict[str, Any]:
    """What the model's file of a case says; `more` wins, and what is None is left out."""
    case = CASES[name]
    clip = {"frames": case.shape[0], "fps": 8.0} if len(case.shape) == 3 else {}
    common = {"source": str(source), "steps": STEPS, "device": "cpu", "guidance": case.guidance}
    given = {**common, **case.size, **clip, **case.settings, **more}
    return {key: value for key, value in given.items() if value is not None}


def model(name: str, source: Path | str, task: Task | None = None, **more: Any) -> Model:
    """A case as it is registered."""
    asked = settings(name, source, **more)
    return Model("tiny", "Tiny", task or CASES[name].task, "diffusers", asked)


def start_of(name: str) -> np.ndarray | None:
    """The picture that a case begins with."""
    return PICTURE if CASES[name].started else None


def toml(name: str, source: str, suite: str, **more: Any) -> str:
    """The model's file of a case."""
    lines = [f'name = "Tiny {name}"', f'task = "{CASES[name].task}"', 'backend = "diffusers"']
    lines += [f'suites = ["{suite}"]', "[settings]"]
    tables: list[str] = []
    for key, value in settings(name, source, **more).items():
        if isinstance(value, dict):
            tables.append(f"[settings.{key}]")
            tables += [f"{word} = {json.dumps(item)}" for word, item in value.items()]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for table in value:
                tables.append(f"[[settings.{key}]]")
                tables += [f"{word} = {json.dumps(item)}" for word, item in table.items()]
        else:
            lines.append(f"{key} = {json.dumps(value)}")
    return "\n".join([*lines, *tables]) + "\n"
