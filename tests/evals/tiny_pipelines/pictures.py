"""Tiny pipelines that make or edit a picture with a transformer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.evals.tiny_pipelines import parts
from tests.evals.tiny_pipelines.parts import WIDTH, saved


def stable_diffusion_3(folder: Path) -> Path:
    """`StableDiffusion3Pipeline`: three text encoders, a transformer, flow matching."""
    import torch
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        SD3Transformer2DModel,
        StableDiffusion3Pipeline,
    )

    torch.manual_seed(0)
    clip, t5 = parts.clip_tokenizer(), parts.t5_tokenizer()
    transformer = SD3Transformer2DModel(
        sample_size=16,
        patch_size=2,
        in_channels=4,
        out_channels=4,
        num_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        caption_projection_dim=16,
        joint_attention_dim=2 * WIDTH,
        pooled_projection_dim=2 * WIDTH,
    )
    made = StableDiffusion3Pipeline(
        transformer=transformer,
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=parts.autoencoder(shift_factor=0.06, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=parts.clip_encoder(len(clip), projected=True),
        tokenizer=clip,
        text_encoder_2=parts.clip_encoder(len(clip), projected=True),
        tokenizer_2=parts.clip_tokenizer(),
        text_encoder_3=_wide_t5(len(t5)),
        tokenizer_3=t5,
    )
    return saved(made, folder)


def flux(folder: Path) -> Path:
    """`FluxPipeline`, whose guidance is an input of the transformer."""
    from diffusers import FluxPipeline

    return saved(FluxPipeline(**_flux_parts()), folder)


def flux_kontext(folder: Path) -> Path:
    """`FluxKontextPipeline`: edits a picture as told."""
    from diffusers import FluxKontextPipeline

    return saved(FluxKontextPipeline(**_flux_parts()), folder)


def qwen_image(folder: Path) -> Path:
    """`QwenImagePipeline`, guided by `true_cfg_scale` and a negative prompt."""
    import torch
    from diffusers import (
        AutoencoderKLQwenImage,
        FlowMatchEulerDiscreteScheduler,
        QwenImagePipeline,
        QwenImageTransformer2DModel,
    )

    torch.manual_seed(0)
    template = (
        "<|im_start|>system\nDescribe the image by detailing the color, shape, size:<|im_end|>"
    )
    tokenizer = parts.qwen_tokenizer(template)
    made = QwenImagePipeline(
        transformer=QwenImageTransformer2DModel(
            patch_size=2,
            in_channels=16,
            out_channels=4,
            num_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=WIDTH,
            axes_dims_rope=(8, 4, 4),
        ),
        vae=AutoencoderKLQwenImage(
            base_dim=4,
            z_dim=4,
            dim_mult=[1, 1, 1, 1],
            num_res_blocks=1,
            temperal_downsample=[False, True, True],
            latents_mean=[0.0] * 4,
            latents_std=[1.0] * 4,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(),
        text_encoder=parts.qwen_eyes(len(tokenizer)),
        tokenizer=tokenizer,
    )
    return saved(made, folder)


def z_image(folder: Path) -> Path:
    """`ZImagePipeline`."""
    import torch
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        ZImagePipeline,
        ZImageTransformer2DModel,
    )

    torch.manual_seed(0)
    tokenizer = parts.qwen_tokenizer()
    transformer = ZImageTransformer2DModel(
        in_channels=4,
        dim=32,
        n_layers=1,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=WIDTH,
        axes_dims=[8, 4, 4],
        axes_lens=[256, 32, 32],
    )
    # Fresh ones are torch.empty.
    torch.nn.init.normal_(transformer.x_pad_token, std=0.1)
    torch.nn.init.normal_(transformer.cap_pad_token, std=0.1)
    made = ZImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=parts.autoencoder(shift_factor=0.06, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=parts.qwen_encoder(len(tokenizer)),
        tokenizer=tokenizer,
        transformer=transformer,
    )
    return saved(made, folder)


def pixart(folder: Path) -> Path:
    """`PixArtSigmaPipeline`, whose callback is of the old kind."""
    import torch
    from diffusers import DDIMScheduler, PixArtSigmaPipeline, PixArtTransformer2DModel

    torch.manual_seed(0)
    tokenizer = parts.t5_tokenizer()
    transformer = PixArtTransformer2DModel(
        num_attention_heads=2,
        attention_head_dim=8,
        in_channels=4,
        out_channels=8,
        num_layers=1,
        cross_attention_dim=16,
        sample_size=16,
        caption_channels=WIDTH,
        norm_num_groups=4,
    )
    made = PixArtSigmaPipeline(
        tokenizer=tokenizer,
        text_encoder=parts.t5_encoder(len(tokenizer)),
        vae=parts.autoencoder(),
        transformer=transformer,
        scheduler=DDIMScheduler(),
    )
    return saved(made, folder)


def sana(folder: Path) -> Path:
    """`SanaPipeline`: an autoencoder without variance, and a Gemma that reads the prompt."""
    import torch
    from diffusers import (
        AutoencoderDC,
        FlowMatchEulerDiscreteScheduler,
        SanaPipeline,
        SanaTransformer2DModel,
    )

    torch.manual_seed(0)
    tokenizer = parts.llama_tokenizer()
    tokenizer.padding_side = "right"
    transformer = SanaTransformer2DModel(
        in_channels=4,
        out_channels=4,
        num_layers=1,
        num_attention_heads=2,
        attention_head_dim=4,
        num_cross_attention_heads=2,
        cross_attention_head_dim=4,
        cross_attention_dim=8,
        caption_channels=WIDTH,
        sample_size=16,
        patch_size=1,
    )
    vae = AutoencoderDC(
        latent_channels=4,
        attention_head_dim=2,
        encoder_block_types=("ResBlock", "EfficientViTBlock"),
        decoder_block_types=("ResBlock", "EfficientViTBlock"),
        encoder_block_out_channels=(8, 8),
        decoder_block_out_channels=(8, 8),
        encoder_qkv_multiscales=((), (5,)),
        decoder_qkv_multiscales=((), (5,)),
        encoder_layers_per_block=(1, 1),
        decoder_layers_per_block=(1, 1),
        downsample_block_type="conv",
        upsample_block_type="interpolate",
    )
    made = SanaPipeline(
        tokenizer=tokenizer,
        text_encoder=parts.gemma_encoder(len(tokenizer)),
        vae=vae,
        transformer=transformer,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    )
    return saved(made, folder)


def hidream(folder: Path) -> Path:
    """`HiDreamImagePipeline` without its fourth text encoder, which lies elsewhere: in
    `llama` beside it, with its tokenizer.
    """
    import torch
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        HiDreamImagePipeline,
        HiDreamImageTransformer2DModel,
    )

    torch.manual_seed(0)
    clip, t5, llama = parts.clip_tokenizer(), parts.t5_tokenizer(), parts.llama_tokenizer()
    transformer = HiDreamImageTransformer2DModel(
        patch_size=2,
        in_channels=4,
        out_channels=4,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        caption_channels=[WIDTH, WIDTH],
        text_emb_dim=2 * WIDTH,
        num_routed_experts=2,
        num_activated_experts=1,
        axes_dims_rope=(8, 4, 4),
        max_resolution=(32, 32),
        llama_layers=(0, 1),
        force_inference_output=True,
    )
    made = HiDreamImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=parts.autoencoder(shift_factor=0.06, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=parts.clip_encoder(len(clip), projected=True),
        tokenizer=clip,
        text_encoder_2=parts.clip_encoder(len(clip), projected=True),
        tokenizer_2=parts.clip_tokenizer(),
        text_encoder_3=parts.t5_encoder(len(t5)),
        tokenizer_3=t5,
        text_encoder_4=None,
        tokenizer_4=None,
        transformer=transformer,
    )
    parts.llama_speaker(len(llama)).save_pretrained(folder.with_name("llama"))
    llama.save_pretrained(folder.with_name("llama"))
    return saved(made, folder)


def _wide_t5(size: int) -> Any:
    """A T5 as wide as two CLIP encoders together, which is what is laid beside it."""
    from transformers import T5Config, T5EncoderModel

    config = T5Config(
        vocab_size=size, d_model=2 * WIDTH, d_kv=8, d_ff=16, num_layers=1, num_heads=2
    )
    return T5EncoderModel(config)


def _flux_parts() -> dict[str, Any]:
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxTransformer2DModel

    torch.manual_seed(0)
    clip, t5 = parts.clip_tokenizer(), parts.t5_tokenizer()
    return {
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        "vae": parts.autoencoder(
            shift_factor=0.06, use_quant_conv=False, use_post_quant_conv=False
        ),
        "text_encoder": parts.clip_encoder(len(clip)),
        "tokenizer": clip,
        "text_encoder_2": parts.t5_encoder(len(t5)),
        "tokenizer_2": t5,
        "transformer": FluxTransformer2DModel(
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=WIDTH,
            pooled_projection_dim=WIDTH,
            guidance_embeds=True,
            axes_dims_rope=(4, 4, 8),
        ),
    }
