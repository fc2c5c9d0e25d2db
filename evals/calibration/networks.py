"""Architectures of the reference models: stock diffusers, transformers and open_clip classes.

A reference model is a `StableDiffusionPipeline`: a word-level CLIP tokenizer, a CLIP text encoder
without attention layers (word plus position embedding, normalised), a UNet on 16 x 16 latents and
a shared autoencoder. The UNet predicts the clean latent; the sampler is DPM-Solver++ on the
rectified-flow noise schedule.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evals.calibration.scenes import SIZE, caption, every_scene

LATENT_CHANNELS = 8
LATENT_SIZE = SIZE // 4
LATENT_NOISE = 0.15
"""Standard deviation of the noise the decoder is trained to undo; latents have unit variance."""
TEXT_WIDTH = 96
TEXT_LENGTH = 20
"""Tokens of the longest caption, with its start and end marks."""
TIMESTEPS = 1000


@dataclass(frozen=True)
class Size:
    """Widths of a UNet, outermost resolution (16 x 16) first."""

    widths: tuple[int, int, int]
    layers: int = 1


SIZES: dict[str, Size] = {
    "small": Size((24, 32, 32)),
    "medium": Size((48, 64, 64)),
    "large": Size((64, 80, 80)),
}


def diffusers() -> Any:
    """The diffusers library, imported when it is needed; its classes publish no usable types."""
    import diffusers as library

    return library


def autoencoder() -> Any:
    """64 x 64 x 3 pixels in [-1, 1] <-> 16 x 16 x 8 latents of unit variance; 0.66 M parameters."""
    return diffusers().AutoencoderKL(
        latent_channels=LATENT_CHANNELS,
        block_out_channels=(16, 32, 64),
        layers_per_block=1,
        norm_num_groups=8,
        mid_block_add_attention=False,
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        sample_size=SIZE,
        scaling_factor=1.0,
    )


def unet(size: Size) -> Any:
    """Denoiser of `size`: pooled text steers every layer, tokens are attended to at 8 x 8."""
    return diffusers().UNet2DConditionModel(
        sample_size=LATENT_SIZE,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        layers_per_block=size.layers,
        block_out_channels=size.widths,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        mid_block_type="UNetMidBlock2DCrossAttn",
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=4,
        norm_num_groups=8,
        resnet_time_scale_shift="scale_shift",
        addition_embed_type="text",
        addition_embed_type_num_heads=4,
    )


def text_encoder(vocabulary: int, layers: int = 0) -> Any:
    """Word and position embeddings, normalised: TEXT_LENGTH x TEXT_WIDTH per caption.

    Layers of attention are for pipelines that ask for what one of them makes.
    """
    from transformers import CLIPTextConfig, CLIPTextModel

    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=TEXT_WIDTH,
            intermediate_size=TEXT_WIDTH,
            num_hidden_layers=layers,
            num_attention_heads=4,
            max_position_embeddings=TEXT_LENGTH,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )


def scheduler(shift: float = 1.0) -> Any:
    """DPM-Solver++ (2M) on the rectified-flow schedule, for a network that predicts the sample.

    A `shift` above 1 spends more of the steps where there is much noise.
    """
    return diffusers().DPMSolverMultistepScheduler(
        num_train_timesteps=TIMESTEPS,
        prediction_type="sample",
        algorithm_type="dpmsolver++",
        solver_order=2,
        use_flow_sigmas=True,
        flow_shift=shift,
        final_sigmas_type="zero",
        lower_order_final=True,
        steps_offset=1,
    )


def world_words() -> list[str]:
    """Every word and mark that occurs in a caption, sorted."""
    words: set[str] = set()
    for scene in every_scene():
        words.update(caption(scene).replace(",", " ,").split())
    return sorted(words)


def tokenizer(further: Sequence[str] = ()) -> Any:
    """A CLIP tokenizer trained on the world's words, and further ones, until each is one token."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import CLIPTokenizer

    kind: Any = CLIPTokenizer
    words = sorted({*world_words(), *further})
    learner = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    learner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    learner.train_from_iterator(
        words,
        trainers.BpeTrainer(
            vocab_size=10_000,
            min_frequency=1,
            special_tokens=["<|startoftext|>", "<|endoftext|>"],
            end_of_word_suffix="</w>",
            show_progress=False,
        ),
    )
    learnt = json.loads(learner.to_str())["model"]
    start, end = "<|startoftext|>", "<|endoftext|>"
    marks = {"bos_token": start, "eos_token": end, "unk_token": end, "pad_token": end}
    return kind(
        vocab=learnt["vocab"],
        merges=[tuple(pair) for pair in learnt["merges"]],
        model_max_length=TEXT_LENGTH,
        **marks,
    )
