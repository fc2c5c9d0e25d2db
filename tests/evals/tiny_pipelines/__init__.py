"""Pipelines of a few thousand random weights, of the classes that real models are made of.

Each is a function `folder -> folder` that saves one in the layout of diffusers.

    parts    tokenizers, text encoders and autoencoders that several share
    pictures unet_pictures   pipelines that make, repaint or enlarge a picture
    clips    unet_clips      pipelines that make clips of words, or of a picture
    cases    how each is registered and called
"""

from tests.evals.tiny_pipelines.clips import (
    cogvideox,
    cogvideox_started,
    hunyuan_video,
    ltx,
    mochi,
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
    stable_diffusion_3,
    z_image,
)
from tests.evals.tiny_pipelines.unet_clips import animate_diff, sparse_control, stable_video
from tests.evals.tiny_pipelines.unet_pictures import (
    stable_diffusion,
    stable_diffusion_xl,
    upscaler,
)

__all__ = [
    "animate_diff",
    "cogvideox",
    "cogvideox_started",
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
