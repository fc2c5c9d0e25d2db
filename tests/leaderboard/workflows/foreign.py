"""Workflows as other tools write them, and the file that holds one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

API: dict[str, Any] = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sdxl.safetensors"}},
    "2": {
        "class_type": "EmptyLatentImage",
        "inputs": {"width": 1024, "height": 768, "batch_size": 4},
    },
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "a pear", "clip": ["1", 1]}},
    "4": {
        "class_type": "KSampler",
        "inputs": {"model": ["1", 0], "positive": ["3", 0], "latent_image": ["2", 0], "seed": 1},
    },
    "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
    "6": {"class_type": "UpscaleModelLoader", "inputs": {"model_name": "x4.pth"}},
    "7": {
        "class_type": "ImageUpscaleWithModel",
        "inputs": {"upscale_model": ["6", 0], "image": ["5", 0]},
    },
    "8": {"class_type": "KlingImage2VideoNode", "inputs": {"start_frame": ["7", 0]}},
    "9": {"class_type": "SaveVideo", "inputs": {"video": ["8", 0]}},
}


def written(folder: Path, value: Any, name: str = "chain.json") -> Path:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def ui(inner_kind: str = "sub") -> dict[str, Any]:
    """A graph whose only node but a loader and a saver is a subgraph that samples."""
    inner = {
        "id": "sub",
        "name": "Draw",
        "inputs": [{"name": "image"}],
        "outputs": [{"name": "IMAGE"}],
        "nodes": [
            {
                "id": 1,
                "type": "UNETLoader",
                "outputs": [{"type": "MODEL"}],
                "properties": {"models": [{"name": "edit.safetensors"}]},
            },
            {
                "id": 2,
                "type": "VAEEncode",
                "inputs": [{"name": "pixels", "link": 1}],
                "outputs": [{"type": "LATENT"}],
            },
            {
                "id": 3,
                "type": "KSampler",
                "inputs": [{"name": "model", "link": 2}, {"name": "latent_image", "link": 3}],
                "outputs": [{"type": "LATENT"}],
            },
            {
                "id": 4,
                "type": "VAEDecode",
                "inputs": [{"name": "samples", "link": 4}],
                "outputs": [{"type": "IMAGE"}],
            },
        ],
        "links": [
            {
                "id": 1,
                "origin_id": -10,
                "origin_slot": 0,
                "target_id": 2,
                "target_slot": 0,
                "type": "IMAGE",
            },
            {
                "id": 2,
                "origin_id": 1,
                "origin_slot": 0,
                "target_id": 3,
                "target_slot": 0,
                "type": "MODEL",
            },
            {
                "id": 3,
                "origin_id": 2,
                "origin_slot": 0,
                "target_id": 3,
                "target_slot": 1,
                "type": "LATENT",
            },
            {
                "id": 4,
                "origin_id": 3,
                "origin_slot": 0,
                "target_id": 4,
                "target_slot": 0,
                "type": "LATENT",
            },
            {
                "id": 5,
                "origin_id": 4,
                "origin_slot": 0,
                "target_id": -20,
                "target_slot": 0,
                "type": "IMAGE",
            },
        ],
    }
    return {
        "nodes": [
            {"id": 1, "type": "LoadImage", "outputs": [{"type": "IMAGE"}]},
            {
                "id": 2,
                "type": inner_kind,
                "inputs": [{"name": "image", "link": 9}],
                "outputs": [{"type": "IMAGE"}],
            },
            {"id": 3, "type": "SaveImage", "inputs": [{"name": "images", "link": 10}]},
        ],
        "links": [[9, 1, 0, 2, 0, "IMAGE"], [10, 2, 0, 3, 0, "IMAGE"]],
        "definitions": {"subgraphs": [inner]},
    }
