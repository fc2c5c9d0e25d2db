"""Tiny pipelines that make clips with a transformer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.evals.tiny_pipelines import parts
from tests.evals.tiny_pipelines.parts import WIDTH, saved


def wan(folder: Path) -> Path:
    """Text to clips of 16 x 16 and 5 frames: `WanPipeline`."""
    from diffusers import WanPipeline

    return saved(WanPipeline(**_wan_parts(16)), folder)


def wan_started(folder: Path) -> Path:
    """A picture to clips of 5 frames: `WanImageToVideoPipeline`."""
    from diffusers import WanImageToVideoPipeline

    # Noisy latents, the mask of known frames and the latents of the start picture.
    parts = _wan_parts(16 + 4 + 16)
    return saved(WanImageToVideoPipeline(image_processor=None, image_encoder=None, **parts), folder)


def ltx(folder: Path) -> Path:
    """Text to clips of 32 x 32 and 9 frames: `LTXPipeline`, which is told the frame rate."""
    import torch
    from diffusers import (
        AutoencoderKLLTXVideo,
        FlowMatchEulerDiscreteScheduler,
        LTXPipeline,
        LTXVideoTransformer3DModel,
    )

    torch.manual_seed(0)
    tokenizer = parts.t5_tokenizer()
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
        caption_channels=WIDTH,
    )
    pipeline = LTXPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        text_encoder=parts.t5_encoder(len(tokenizer)),
        tokenizer=tokenizer,
        transformer=transformer,
    )
    return saved(pipeline, folder)


def cogvideox(folder: Path) -> Path:
    """Text to clips of 16 x 16 and 9 frames: `CogVideoXPipeline`."""
    from diffusers import CogVideoXPipeline

    return saved(CogVideoXPipeline(**_cogvideox_parts(4)), folder)


def cogvideox_started(folder: Path) -> Path:
    """A picture to clips of 16 x 16 and 9 frames: `CogVideoXImageToVideoPipeline`."""
    from diffusers import CogVideoXImageToVideoPipeline

    # Noisy latents, and those of the start picture.
    return saved(CogVideoXImageToVideoPipeline(**_cogvideox_parts(4 + 4)), folder)


def _cogvideox_parts(channels: int) -> dict[str, Any]:
    import torch
    from diffusers import (
        AutoencoderKLCogVideoX,
        CogVideoXDDIMScheduler,
        CogVideoXTransformer3DModel,
    )

    torch.manual_seed(0)
    tokenizer = parts.t5_tokenizer()
    transformer = CogVideoXTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=16,
        in_channels=channels,
        out_channels=4,
        time_embed_dim=2,
        text_embed_dim=WIDTH,
        num_layers=1,
        sample_width=2,
        sample_height=2,
        sample_frames=9,
        patch_size=2,
        temporal_compression_ratio=4,
    )
    vae = AutoencoderKLCogVideoX(
        down_block_types=("CogVideoXDownBlock3D",) * 4,
        up_block_types=("CogVideoXUpBlock3D",) * 4,
        block_out_channels=(8, 8, 8, 8),
        latent_channels=4,
        layers_per_block=1,
        norm_num_groups=2,
        temporal_compression_ratio=4,
    )
    return {
        "tokenizer": tokenizer,
        "text_encoder": parts.t5_encoder(len(tokenizer)),
        "vae": vae,
        "transformer": transformer,
        "scheduler": CogVideoXDDIMScheduler(),
    }


def hunyuan_video(folder: Path) -> Path:
    """Text to clips of 16 x 16 and 9 frames: `HunyuanVideoPipeline`, with a Llama and a CLIP."""
    import torch
    from diffusers import (
        AutoencoderKLHunyuanVideo,
        FlowMatchEulerDiscreteScheduler,
        HunyuanVideoPipeline,
        HunyuanVideoTransformer3DModel,
    )
    from diffusers.pipelines.hunyuan_video.pipeline_hunyuan_video import DEFAULT_PROMPT_TEMPLATE

    torch.manual_seed(0)
    llama, clip = parts.llama_tokenizer(DEFAULT_PROMPT_TEMPLATE["template"]), parts.clip_tokenizer()
    transformer = HunyuanVideoTransformer3DModel(
        in_channels=4,
        out_channels=4,
        num_attention_heads=2,
        attention_head_dim=16,
        num_layers=1,
        num_single_layers=1,
        num_refiner_layers=1,
        patch_size=1,
        patch_size_t=1,
        text_embed_dim=WIDTH,
        pooled_projection_dim=WIDTH,
        rope_axes_dim=(4, 4, 8),
    )
    vae = AutoencoderKLHunyuanVideo(
        latent_channels=4,
        down_block_types=("HunyuanVideoDownBlock3D",) * 4,
        up_block_types=("HunyuanVideoUpBlock3D",) * 4,
        block_out_channels=(8, 8, 8, 8),
        layers_per_block=1,
        norm_num_groups=4,
    )
    made = HunyuanVideoPipeline(
        text_encoder=parts.llama_encoder(len(llama)),
        tokenizer=llama,
        transformer=transformer,
        vae=vae,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=7.0),
        text_encoder_2=parts.clip_encoder(len(clip)),
        tokenizer_2=clip,
    )
    return saved(made, folder)


def mochi(folder: Path) -> Path:
    """Text to clips of 16 x 16 and 7 frames: `MochiPipeline`."""
    import torch
    from diffusers import (
        AutoencoderKLMochi,
        FlowMatchEulerDiscreteScheduler,
        MochiPipeline,
        MochiTransformer3DModel,
    )

    torch.manual_seed(0)
    tokenizer = parts.t5_tokenizer()
    transformer = MochiTransformer3DModel(
        patch_size=2,
        num_attention_heads=2,
        attention_head_dim=8,
        num_layers=2,
        pooled_projection_dim=16,
        in_channels=12,
        text_embed_dim=WIDTH,
        time_embed_dim=4,
    )
    vae = AutoencoderKLMochi(
        latent_channels=12,
        encoder_block_out_channels=(32, 32, 32, 32),
        decoder_block_out_channels=(32, 32, 32, 32),
        layers_per_block=(1, 1, 1, 1, 1),
    )
    made = MochiPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        text_encoder=parts.t5_encoder(len(tokenizer)),
        tokenizer=tokenizer,
        transformer=transformer,
    )
    return saved(made, folder)


def _wan_parts(channels: int) -> dict[str, Any]:
    import torch
    from diffusers import (
        AutoencoderKLWan,
        FlowMatchEulerDiscreteScheduler,
        WanTransformer3DModel,
    )

    torch.manual_seed(0)
    tokenizer = parts.t5_tokenizer()
    return {
        "tokenizer": tokenizer,
        "text_encoder": parts.t5_encoder(len(tokenizer), multilingual=True),
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
            text_dim=WIDTH,
            freq_dim=16,
            ffn_dim=16,
            num_layers=1,
            rope_max_seq_len=32,
        ),
    }
