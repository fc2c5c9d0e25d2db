"""Architectures of the reference upscaler: stock diffusers classes, laid out as the x2 upscaler is.

It is a `StableDiffusionLatentUpscalePipeline`: latents of the small picture, each repeated 2 x 2,
stand beside noisy latents of the large one, and a denoiser with the preconditioning of Karras et
al. (2022) cleans them. Neither network loses what a colour exactly is: the autoencoder has no
normalisation, and in the denoiser unnormalised paths lead around it. The other models' autoencoder
is no use here: of 128 x 128 pixels it keeps less than plain enlargement gives (34 dB and 37 dB).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from evals.calibration import enlarging, networks
from evals.calibration.scenes import SIZE

FACTOR = enlarging.FACTOR
LARGE = FACTOR * SIZE
LATENT_CHANNELS = 12
LATENT_NOISE = 0.05
"""Standard deviation of the noise the decoder is trained to undo; latents have unit variance."""
WIDTH = 32
NO_NOISE = 64
"""Ones, and as many zeros: how the pipeline says that the small picture has no noise."""


def autoencoder() -> Any:
    """Pixels in [-1, 1] <-> half as many latents a side, 12 channels; 0.17 M parameters."""
    return networks.diffusers().AutoencoderTiny(
        latent_channels=LATENT_CHANNELS,
        encoder_block_out_channels=(WIDTH, WIDTH),
        decoder_block_out_channels=(WIDTH, WIDTH),
        num_encoder_blocks=(0, 2),
        num_decoder_blocks=(2, 1),
    )


def unet() -> Any:
    """Denoiser of 64 x 64 latents; its last channel is a variance that nobody asks for."""
    return networks.diffusers().UNet2DConditionModel(
        sample_size=SIZE,
        in_channels=2 * LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS + 1,
        layers_per_block=2,
        block_out_channels=(WIDTH, 2 * WIDTH, 2 * WIDTH),
        down_block_types=("KDownBlock2D", "KDownBlock2D", "KCrossAttnDownBlock2D"),
        up_block_types=("KCrossAttnUpBlock2D", "KUpBlock2D", "KUpBlock2D"),
        mid_block_type=None,
        cross_attention_dim=networks.TEXT_WIDTH,
        attention_head_dim=16,
        norm_num_groups=None,
        resnet_time_scale_shift="scale_shift",
        time_embedding_type="fourier",
        time_cond_proj_dim=networks.TEXT_WIDTH + 2 * NO_NOISE,
        timestep_post_act="gelu",
        act_fn="gelu",
        conv_in_kernel=1,
        conv_out_kernel=1,
    )


def scheduler() -> Any:
    """Euler's method, from the most noise to none, for a network that predicts the sample."""
    return networks.diffusers().EulerDiscreteScheduler(
        num_train_timesteps=networks.TIMESTEPS,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="sample",
        timestep_spacing="trailing",
    )


def clean(model: Any, noisy: Tensor, sigma: Tensor, small: Tensor, tokens: Tensor) -> Tensor:
    """The clean latents that the pipeline guesses from noisy ones, N x 12 x H x W.

    Args:
        model: with a `text_encoder` and a `unet`.
        noisy: N x 12 x H x W, clean latents + sigma * noise.
        sigma: (N,), above 0.
        small: latents of the small picture, N x 12 x H/2 x W/2.
        tokens: of the captions.
    """
    said = model.text_encoder(tokens, output_hidden_states=True)
    no_noise = torch.cat([torch.ones(len(noisy), NO_NOISE), torch.zeros(len(noisy), NO_NOISE)], 1)
    condition = torch.cat([no_noise, said.pooler_output], dim=1)
    wide = sigma[:, None, None, None]
    scale = (wide.square() + 1).rsqrt()
    seen = torch.cat([noisy * scale, functional.interpolate(small, scale_factor=FACTOR)], dim=1)
    made: Tensor = model.unet(
        seen, sigma.log() * 0.25, said.hidden_states[-1], timestep_cond=condition
    ).sample[:, :-1]
    return scale.square() * noisy + wide * scale * made.float()
