"""What tiny pipelines share: tokenizers of each family, text encoders, an autoencoder."""

from __future__ import annotations

import json
import string
from collections.abc import Iterable
from pathlib import Path
from typing import Any

WIDTH = 16
"""Of every text encoder."""
_T5 = {
    "d_model": WIDTH,
    "d_kv": 8,
    "d_ff": 16,
    "num_layers": 1,
    "num_heads": 2,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "decoder_start_token_id": 0,
}
_DECODER = {
    "hidden_size": WIDTH,
    "intermediate_size": 16,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 1024,
}


def saved(pipeline: Any, folder: Path) -> Path:
    """Saved as a model's folder is."""
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


def clip_tokenizer() -> Any:
    from evals.calibration import networks

    return networks.tokenizer()


def clip_encoder(size: int, projected: bool = False) -> Any:
    """A CLIP text encoder for a vocabulary of `size`."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    kind: Any = CLIPTextModelWithProjection if projected else CLIPTextModel
    return kind(
        CLIPTextConfig(
            vocab_size=size,
            hidden_size=WIDTH,
            intermediate_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=256,
            projection_dim=WIDTH,
        )
    )


def t5_tokenizer() -> Any:
    """Every word of the calibration world, and letters for the rest."""
    from transformers import T5Tokenizer

    from evals.calibration import networks

    kind: Any = T5Tokenizer
    marks = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -9.0)]
    words = [(f"▁{word}", -1.0) for word in sorted(networks.world_words())]
    letters = [(letter, -9.0) for letter in string.printable if not letter.isspace()]
    vocabulary = dict([*marks, *letters, *words])
    return kind(vocab=list(vocabulary.items()), extra_ids=0, model_max_length=64)


def t5_encoder(size: int, multilingual: bool = False) -> Any:
    from transformers import T5Config, T5EncoderModel, UMT5Config, UMT5EncoderModel

    kind: Any = UMT5EncoderModel if multilingual else T5EncoderModel
    config: Any = UMT5Config if multilingual else T5Config
    return kind(config(**_T5, vocab_size=size))


def qwen_tokenizer(*texts: str) -> Any:
    """Byte-level BPE that has learnt `texts`, with a chat template of one turn."""
    from tokenizers import pre_tokenizers
    from transformers import Qwen2Tokenizer

    kind: Any = Qwen2Tokenizer
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    split = pre_tokenizers.ByteLevel(add_prefix_space=False)
    vocabulary, merges = _learn(texts, split, ["<|endoftext|>"], alphabet)
    tokenizer = kind(vocab=vocabulary, merges=merges, model_max_length=1100)
    tokenizer.chat_template = (
        "{% for message in messages %}{{ message['content'] }}{% endfor %}<|endoftext|>"
    )
    return tokenizer


def qwen_encoder(size: int) -> Any:
    from transformers import Qwen3Config, Qwen3Model

    return Qwen3Model(Qwen3Config(**_DECODER, vocab_size=size, num_hidden_layers=2, head_dim=8))


def qwen_eyes(size: int) -> Any:
    """A text encoder that could see pictures too: Qwen2.5-VL."""
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    rotary = {"mrope_section": [1, 1, 2], "rope_type": "default", "type": "default"}
    config = Qwen2_5_VLConfig(
        text_config={
            **_DECODER,
            "num_hidden_layers": 2,
            "rope_scaling": rotary,
            "vocab_size": size,
        },
        vision_config={
            "depth": 1,
            "hidden_size": WIDTH,
            "intermediate_size": 16,
            "num_heads": 2,
            "out_hidden_size": WIDTH,
        },
        vocab_size=size,
        vision_end_token_id=0,
        vision_start_token_id=0,
        vision_token_id=0,
    )
    return Qwen2_5_VLForConditionalGeneration(config)


def llama_tokenizer(*texts: str) -> Any:
    from tokenizers import pre_tokenizers
    from transformers import LlamaTokenizer

    kind: Any = LlamaTokenizer
    marks = ["<unk>", "<s>", "</s>"]
    vocabulary, merges = _learn(texts, pre_tokenizers.Metaspace(), marks, string.printable)
    tokenizer = kind(vocab=vocabulary, merges=merges, pad_token="</s>", model_max_length=600)
    tokenizer.padding_side = "right"
    return tokenizer


def llama_encoder(size: int) -> Any:
    from transformers import LlamaConfig, LlamaModel

    # HunyuanVideo reads the third layer from the end.
    return LlamaModel(LlamaConfig(**_DECODER, vocab_size=size, num_hidden_layers=3, pad_token_id=2))


def llama_speaker(size: int) -> Any:
    """A Llama that could go on writing, for pipelines that read its layers."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(**_DECODER, vocab_size=size, num_hidden_layers=2, pad_token_id=2)
    return LlamaForCausalLM(config)


def gemma_encoder(size: int) -> Any:
    from transformers import Gemma2Config, Gemma2Model

    config = Gemma2Config(**_DECODER, vocab_size=size, num_hidden_layers=1, head_dim=8)
    return Gemma2Model(config)


def autoencoder(channels: int = 4, **more: Any) -> Any:
    """Pictures to latents of half their side."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        latent_channels=channels,
        block_out_channels=(8, 8),
        norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        **{"sample_size": 32, **more},
    )


def _learn(
    texts: Iterable[str], split: Any, marks: list[str], alphabet: Iterable[str]
) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Vocabulary and merges of a BPE in which every word of some texts is one token."""
    from tokenizers import Tokenizer, models, trainers

    from evals.calibration import networks

    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = split
    trainer = trainers.BpeTrainer(
        vocab_size=10_000,
        min_frequency=1,
        special_tokens=marks,
        initial_alphabet=sorted(set(alphabet)),
        show_progress=False,
    )
    learner.train_from_iterator([*texts, " ".join(sorted(networks.world_words()))], trainer)
    learnt = json.loads(learner.to_str())["model"]
    return learnt["vocab"], [tuple(pair) for pair in learnt["merges"]]
