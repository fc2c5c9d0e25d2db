"""Tiny pipelines that make, repaint or enlarge a picture with a UNet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.evals.tiny_pipelines import parts
from tests.evals.tiny_pipelines.parts import WIDTH, saved


def stable_diffusion(folder: Path) -> Path:
    """`StableDiffusionPipeline`; opened as `StableDiffusionImg2ImgPipeline` it repaints."""
    import torch
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    torch.manual_seed(0)
    tokenizer = parts.clip_tokenizer()
    made = StableDiffusionPipeline(
        vae=parts.autoencoder(),
        text_encoder=parts.clip_encoder(len(tokenizer)),
        tokenizer=tokenizer,
        unet=_unet(cross_attention_dim=WIDTH),
        scheduler=DDIMScheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    return saved(made, folder)


def stable_diffusion_xl(folder: Path) -> Path:
    """`StableDiffusionXLPipeline`: two text encoders, and sizes as conditions."""
    import torch
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline

    torch.manual_seed(0)
    tokenizer = parts.clip_tokenizer()
    unet = _unet(
        cross_attention_dim=2 * WIDTH,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=WIDTH + 6 * 8,
        transformer_layers_per_block=(1, 1),
    )
    made = StableDiffusionXLPipeline(
        vae=parts.autoencoder(),
        text_encoder=parts.clip_encoder(len(tokenizer)),
        text_encoder_2=parts.clip_encoder(len(tokenizer), projected=True),
        tokenizer=tokenizer,
        tokenizer_2=parts.clip_tokenizer(),
        unet=unet,
        scheduler=EulerDiscreteScheduler(),
        add_watermarker=False,
    )
    return saved(made, folder)


def upscaler(folder: Path) -> Path:
    """Pictures of 64 x 64 to 128 x 128: `StableDiffusionUpscalePipeline`."""
    import torch
    from diffusers import DDPMScheduler, StableDiffusionUpscalePipeline

    from evals.calibration import networks

    torch.manual_seed(0)
    tokenizer = parts.clip_tokenizer()
    made = StableDiffusionUpscalePipeline(
        vae=parts.autoencoder(scaling_factor=0.08333),
        text_encoder=networks.text_encoder(len(tokenizer)),
        tokenizer=tokenizer,
        # Noisy latents, and the small picture beside them.
        unet=_unet(in_channels=4 + 3, cross_attention_dim=networks.TEXT_WIDTH, num_class_embeds=1),
        low_res_scheduler=DDPMScheduler(),
        scheduler=networks.scheduler(),
        max_noise_level=0,
    )
    return saved(made, folder)


def _unet(**more: Any) -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        **{
            "sample_size": 16,
            "in_channels": 4,
            "out_channels": 4,
            "block_out_channels": (8, 16),
            "norm_num_groups": 4,
            "layers_per_block": 1,
            "attention_head_dim": 4,
            "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
            "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
            **more,
        }
    )
