"""Architectures of the reference upscaler: stock diffusers classes, laid out as the x4 upscaler is.

It is a `StableDiffusionUpscalePipeline` that doubles both sides. The denoiser works at the size of
the small picture, which stands beside the noisy latents; an autoencoder that halves pictures turns
clean latents into the large one. The other models' autoencoder is no use here: of 128 x 128 pixels
it keeps less than plain enlargement gives (34 dB and 37 dB).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from evals.calibration import enlarging, networks
from evals.calibration.scenes import SIZE

FACTOR = enlarging.FACTOR
LARGE = FACTOR * SIZE
LATENT_CHANNELS = 3 * FACTOR**2
"""Enough for every pixel: nothing has to be left out."""
LATENT_NOISE = 0.05
"""Standard deviation of the noise the decoder is trained to undo; latents have unit variance."""
SCALING = 0.08333
"""What the pipeline multiplies latents by; it accepts no other number."""
MOST_NOISE = 20
"""Highest noise level of the small picture, which is the pipeline's default; 0 is next to none."""
WIDTHS = (16, 32)
GROUPS = 4


def autoencoder() -> Any:
    """128 x 128 x 3 pixels in [-1, 1] <-> 64 x 64 x 12 latents; 0.17 M parameters."""
    return networks.diffusers().AutoencoderKL(
        latent_channels=LATENT_CHANNELS,
        block_out_channels=WIDTHS,
        layers_per_block=1,
        norm_num_groups=GROUPS,
        mid_block_add_attention=False,
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        sample_size=LARGE,
        scaling_factor=SCALING,
        # Half precision is enough for it; the pipeline need not run it in full.
        force_upcast=False,
    )


def unet() -> Any:
    """Denoiser of 64 x 64 latents beside the small picture; words are attended to at 16 x 16.

    Blocks and output are those of the x2 upscaler: a path around every normalisation keeps exactly
    what a colour is.
    """
    return networks.diffusers().UNet2DConditionModel(
        sample_size=SIZE,
        in_channels=LATENT_CHANNELS + 3,
        out_channels=LATENT_CHANNELS,
        layers_per_block=2,
        block_out_channels=(32, 64, 64),
        time_embedding_dim=64,  # as many as the deepest block, or its layers do not fit
        down_block_types=("KDownBlock2D", "KDownBlock2D", "KCrossAttnDownBlock2D"),
        up_block_types=("KCrossAttnUpBlock2D", "KUpBlock2D", "KUpBlock2D"),
        mid_block_type=None,
        cross_attention_dim=networks.TEXT_WIDTH,
        attention_head_dim=16,
        norm_num_groups=None,
        resnet_time_scale_shift="scale_shift",
        num_class_embeds=MOST_NOISE + 1,
        act_fn="gelu",
        conv_in_kernel=1,
        conv_out_kernel=1,
    )


def low_res_scheduler() -> Any:
    """Says how much noise a level is: from 0.01 to 0.08 for pixels in [-1, 1]."""
    return networks.diffusers().DDPMScheduler(
        num_train_timesteps=networks.TIMESTEPS, beta_start=1e-4, beta_end=0.02
    )


@torch.no_grad()
def silence(model: Any) -> None:
    """Let every residual layer add nothing, until it has learnt to."""
    for layer in model.modules():
        if hasattr(layer, "conv2") and hasattr(layer, "norm2"):
            layer.conv2.weight.zero_()
            layer.conv2.bias.zero_()


@torch.no_grad()
def wire(
    layer: Any,
    to: Tensor,
    of: Tensor,
    weight: float,
    shift: float = 0.0,
    row: Tensor | int | None = None,
    column: Tensor | int | None = None,
) -> None:
    """Make channels `to` of a convolution depend on channels `of`, and on no others.

    Args:
        layer: its other channels keep their weights.
        to: numbers of channels; one may stand there more than once.
        of: numbers of channels, in step.
        weight: of each.
        shift: bias.
        row: of the kernel, in step or for all; None for its middle.
        column: as `row`.
    """
    high, wide = layer.weight.shape[-2:]
    row, column = high // 2 if row is None else row, wide // 2 if column is None else column
    layer.weight[to] = 0
    layer.weight[to, of, row, column] = weight
    layer.bias[to] = shift
