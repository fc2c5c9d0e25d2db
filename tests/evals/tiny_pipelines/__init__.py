"""Pipelines of a few thousand random weights, of the classes that real models are made of.

Each is a function `folder -> folder` that saves one in the layout of diffusers.

    parts    tokenizers, text encoders and autoencoders that several share
    pictures pipelines that make, repaint or enlarge a picture
    clips    pipelines that make clips of words, or of a picture
"""

from tests.evals.tiny_pipelines.clips import (
    animate_diff,
    cogvideox,
    hunyuan_video,
    ltx,
    mochi,
    sparse_control,
    stable_video,
    wan,
    wan_started,
)
from tests.evals.tiny_pipelines.pictures import (
    flux,
    flux_kontext,
    hidream,
    pixart,
    qwen_image,
    sana,
    stable_diffusion,
    stable_diffusion_3,
    stable_diffusion_xl,
    upscaler,
    z_image,
)

__all__ = [
    "animate_diff",
    "cogvideox",
    "flux",
    "flux_kontext",
    "hidream",
    "hunyuan_video",
    "ltx",
    "mochi",
    "pixart",
    "qwen_image",
    "sana",
    "sparse_control",
    "stable_diffusion",
    "stable_diffusion_3",
    "stable_diffusion_xl",
    "stable_video",
    "upscaler",
    "wan",
    "wan_started",
    "z_image",
]
