"""Pipelines of a few thousand random weights, of the classes that real models are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WIDTHS = (8, 16, 16)


def animate_diff(folder: Path) -> Path:
    """Text to clips of 64 x 64: `AnimateDiffPipeline`, whose motion layers are in the denoiser."""
    from diffusers import AnimateDiffPipeline

    return _saved(AnimateDiffPipeline(**_animate_diff_parts()), folder)


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
    return _saved(AnimateDiffSparseControlNetPipeline(controlnet=control, **parts), folder)


def wan(folder: Path) -> Path:
    """Text to clips of 16 x 16 and 5 frames: `WanPipeline`."""
    from diffusers import WanPipeline

    return _saved(WanPipeline(**_wan_parts(16)), folder)


def wan_started(folder: Path) -> Path:
    """A picture to clips of 5 frames: `WanImageToVideoPipeline`."""
    from diffusers import WanImageToVideoPipeline

    # Noisy latents, the mask of known frames and the latents of the start picture.
    parts = _wan_parts(16 + 4 + 16)
    return _saved(
        WanImageToVideoPipeline(image_processor=None, image_encoder=None, **parts), folder
    )


def ltx(folder: Path) -> Path:
    """Text to clips of 32 x 32 and 9 frames: `LTXPipeline`, which is told the frame rate."""
    import torch
    from diffusers import (
        AutoencoderKLLTXVideo,
        FlowMatchEulerDiscreteScheduler,
        LTXPipeline,
        LTXVideoTransformer3DModel,
    )
    from transformers import T5Config, T5EncoderModel

    torch.manual_seed(0)
    tokenizer = _tokenizer()
    vae = AutoencoderKLLTXVideo(
        latent_channels=8,
        block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
        spatio_temporal_scaling=(True, True, False, False),
        decoder_spatio_temporal_scaling=(True, True, False, False),
        patch_size=1,
    )
    transformer = LTXVideoTransformer3DModel(
        in_channels=8,
        out_channels=8,
        num_attention_heads=2,
        attention_head_dim=16,
        cross_attention_dim=32,
        num_layers=1,
        caption_channels=16,
    )
    encoder = T5EncoderModel(T5Config(**_T5, vocab_size=len(tokenizer)))
    pipeline = LTXPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        text_encoder=encoder,
        tokenizer=tokenizer,
        transformer=transformer,
    )
    return _saved(pipeline, folder)


def upscaler(folder: Path) -> Path:
    """Pictures of 64 x 64 to 128 x 128: `StableDiffusionUpscalePipeline`."""
    import torch
    from diffusers import (
        AutoencoderKL,
        DDPMScheduler,
        StableDiffusionUpscalePipeline,
        UNet2DConditionModel,
    )

    from evals.calibration import networks

    torch.manual_seed(0)
    vae = AutoencoderKL(
        block_out_channels=(8, 8),
        norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        scaling_factor=0.08333,
    )
    unet = UNet2DConditionModel(
        in_channels=4 + 3,  # noisy latents, and the small picture beside them
        out_channels=4,
        block_out_channels=(8, 16),
        norm_num_groups=4,
        layers_per_block=1,
        cross_attention_dim=networks.TEXT_WIDTH,
        attention_head_dim=4,
        num_class_embeds=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )
    tokenizer = networks.tokenizer()
    made = StableDiffusionUpscalePipeline(
        vae=vae,
        text_encoder=networks.text_encoder(len(tokenizer)),
        tokenizer=tokenizer,
        unet=unet,
        low_res_scheduler=DDPMScheduler(),
        scheduler=networks.scheduler(),
        max_noise_level=0,
    )
    return _saved(made, folder)


_T5 = {
    "d_model": 16,
    "d_kv": 8,
    "d_ff": 16,
    "num_layers": 1,
    "num_heads": 2,
    "pad_token_id": 1,
    "eos_token_id": 1,
    "decoder_start_token_id": 1,
}


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


def _wan_parts(channels: int) -> dict[str, Any]:
    import torch
    from diffusers import (
        AutoencoderKLWan,
        FlowMatchEulerDiscreteScheduler,
        WanTransformer3DModel,
    )
    from transformers import UMT5Config, UMT5EncoderModel

    torch.manual_seed(0)
    tokenizer = _tokenizer()
    return {
        "tokenizer": tokenizer,
        "text_encoder": UMT5EncoderModel(UMT5Config(**_T5, vocab_size=len(tokenizer))),
        "vae": AutoencoderKLWan(
            base_dim=4,
            z_dim=16,
            dim_mult=[1, 1, 1, 1],
            num_res_blocks=1,
            temperal_downsample=[False, True, True],
        ),
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=3.0),
        "transformer": WanTransformer3DModel(
            num_attention_heads=2,
            attention_head_dim=12,
            in_channels=channels,
            out_channels=16,
            text_dim=16,
            freq_dim=16,
            ffn_dim=16,
            num_layers=1,
            rope_max_seq_len=32,
        ),
    }


def _tokenizer() -> Any:
    from evals.calibration import networks

    return networks.tokenizer()


def _saved(pipeline: Any, folder: Path) -> Path:
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder
