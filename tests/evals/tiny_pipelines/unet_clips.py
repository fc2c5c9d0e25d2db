"""Tiny pipelines that make clips with a UNet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.evals.tiny_pipelines.parts import saved

WIDTHS = (8, 16, 16)


def animate_diff(folder: Path) -> Path:
    """Text to clips of 64 x 64: `AnimateDiffPipeline`, whose motion layers are in the denoiser."""
    from diffusers import AnimateDiffPipeline

    return saved(AnimateDiffPipeline(**_animate_diff_parts()), folder)


def sparse_control(folder: Path) -> Path:
    """A picture to clips: `AnimateDiffSparseControlNetPipeline`, whose control net sees pixels."""
    import torch
    from diffusers import AnimateDiffSparseControlNetPipeline

    from evals.calibration import clip_networks

    parts = _animate_diff_parts()
    control = clip_networks.control(WIDTHS)
    # Fresh ones end in layers of zeros, through which no picture is heard.
    for block in (*control.controlnet_down_blocks, control.controlnet_mid_block):
        torch.nn.init.normal_(block.weight, std=0.1)
    torch.nn.init.normal_(control.controlnet_cond_embedding.conv_out.weight, std=0.1)
    return saved(AnimateDiffSparseControlNetPipeline(controlnet=control, **parts), folder)


def stable_video(folder: Path) -> Path:
    """A picture to clips of 32 x 32, without words: `StableVideoDiffusionPipeline`."""
    import torch
    from diffusers import (
        AutoencoderKLTemporalDecoder,
        EulerDiscreteScheduler,
        StableVideoDiffusionPipeline,
        UNetSpatioTemporalConditionModel,
    )
    from transformers import (
        CLIPImageProcessor,
        CLIPVisionConfig,
        CLIPVisionModelWithProjection,
    )

    torch.manual_seed(0)
    unet = UNetSpatioTemporalConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        num_attention_heads=8,
        cross_attention_dim=32,
        projection_class_embeddings_input_dim=96,
        addition_time_embed_dim=32,
        down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
        up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
    )
    eye = CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=32,
        projection_dim=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=224,  # to which the pipeline brings every picture
        patch_size=56,
    )
    made = StableVideoDiffusionPipeline(
        vae=AutoencoderKLTemporalDecoder(
            block_out_channels=(32, 32),
            down_block_types=("DownEncoderBlock2D",) * 2,
        ),
        image_encoder=CLIPVisionModelWithProjection(eye),
        unet=unet,
        scheduler=EulerDiscreteScheduler(
            timestep_type="continuous", prediction_type="v_prediction", use_karras_sigmas=True
        ),
        feature_extractor=CLIPImageProcessor(),
    )
    return saved(made, folder)


def _animate_diff_parts() -> dict[str, Any]:
    import torch

    from evals.calibration import clip_networks, networks

    torch.manual_seed(0)
    tokenizer = clip_networks.tokenizer()
    return {
        "vae": networks.autoencoder(),
        "text_encoder": networks.text_encoder(len(tokenizer)),
        "tokenizer": tokenizer,
        "unet": clip_networks.unet(WIDTHS),
        "motion_adapter": None,
        "scheduler": networks.scheduler(clip_networks.SHIFT),
    }
