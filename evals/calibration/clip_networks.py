"""Architectures of the reference video models: stock diffusers classes, laid out as AnimateDiff's.

A text-to-video model is an `AnimateDiffPipeline`, an image-to-video model an
`AnimateDiffSparseControlNetPipeline` whose control network sees the first frame. Frames are latents
of the autoencoder that the image models use, text encoder and sampler are of the same kind as
theirs. The denoiser, `UNetMotionModel`, attends to words and across frames at 8 x 8 and 4 x 4.
"""

from __future__ import annotations

from typing import Any

from evals.calibration import networks
from evals.calibration.motions import FRAMES, MOTIONS, SPEEDS

Widths = tuple[int, int, int]

SIZES: dict[str, Widths] = {"clip-small": (24, 48, 48), "clip-large": (32, 64, 64)}
"""Widths of a denoiser, outermost resolution (16 x 16) first."""
SHIFT = 3.0
"""Of the noise schedule: what is alike in sixteen frames is still seen through much noise."""


def motion_words() -> list[str]:
    """Words of captions of clips that captions of pictures do not have, sorted."""
    said = {word for motion in MOTIONS for word in motion.split()} | set(SPEEDS)
    return sorted(said - set(networks.world_words()))


def tokenizer() -> Any:
    """A CLIP tokenizer in which every word of a clip's caption is one token."""
    return networks.tokenizer(motion_words())


def unet(widths: Widths) -> Any:
    """Denoiser of N x 8 x frames x 16 x 16 latents."""
    return networks.diffusers().UNetMotionModel(
        sample_size=networks.LATENT_SIZE,
        in_channels=networks.LATENT_CHANNELS,
        out_channels=networks.LATENT_CHANNELS,
        up_block_types=("CrossAttnUpBlockMotion", "CrossAttnUpBlockMotion", "UpBlockMotion"),
        motion_num_attention_heads=2,
        num_attention_heads=4,
        temporal_transformer_layers_per_block=(0, 1, 1),
        **_encoder(widths),
    )


def control(widths: Widths) -> Any:
    """Reads the first frame, 64 x 64 x 3 pixels, and steers a denoiser of the same widths."""
    return networks.diffusers().SparseControlNetModel(
        in_channels=networks.LATENT_CHANNELS,
        conditioning_channels=3,
        conditioning_embedding_out_channels=(16, 24, 32),
        use_simplified_condition_embedding=False,
        motion_num_attention_heads=2,
        num_attention_heads=4,
        temporal_transformer_layers_per_block=(0, 1, 1),
        **_encoder(widths),
    )


def _encoder(widths: Widths) -> dict[str, Any]:
    """What a denoiser and the control network that steers it have in common."""
    return {
        "block_out_channels": widths,
        "down_block_types": (
            "DownBlockMotion",
            "CrossAttnDownBlockMotion",
            "CrossAttnDownBlockMotion",
        ),
        "layers_per_block": 1,
        "norm_num_groups": 8,
        "cross_attention_dim": networks.TEXT_WIDTH,
        "motion_max_seq_length": FRAMES,
    }
