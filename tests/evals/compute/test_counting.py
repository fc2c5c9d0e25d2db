"""Forwards on the meta device against figures counted elsewhere, and against arithmetic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.compute import jobs, meta
from evals.compute.files import architectures, facts
from evals.compute.geometry import shot_of
from evals.compute.jobs import counted, denoising
from evals.compute.types import Forward, Network, Tensor
from evals.errors import InputError
from tests.evals.compute.published import (
    INTENSITY,
    LLM_INTENSITY,
    LLMS,
    MEASURED,
    PUBLISHED,
)

pytestmark = pytest.mark.slow

LINEAR, HEADS, WIDTH, TOKENS, WORDS = 2, 4, 32, 64, 5


def forward_of(name: str) -> Forward:
    model = architectures()[name]
    return counted(denoising(model, shot_of(model)))


def check(name: str) -> None:
    found = forward_of(name)
    if name in MEASURED:
        params, flops = MEASURED[name]
        assert found.params == pytest.approx(params, rel=0.01)
        assert found.flops == pytest.approx(flops, rel=0.01)
    if name in INTENSITY:
        # Unfused the published figures of the two image models count some of the scores, too.
        fused, unfused = INTENSITY[name]
        assert found.fused_intensity == pytest.approx(fused, rel=0.01)
        close = 0.01 if name.startswith("wan") else 1.5
        assert found.unfused_intensity == pytest.approx(unfused, rel=close)
    assert 0 < found.attention_flops < found.flops
    assert 0 < found.matmul_bytes < found.all_bytes


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_forward_is_what_was_counted_elsewhere(name: str) -> None:
    check(name)


def test_flux_without_attention_is_what_counters_without_it_say() -> None:
    found = forward_of("flux.1-dev")
    assert found.flops - found.attention_flops == pytest.approx(59_523e9, rel=0.001)


def transformer(layers: int = LINEAR, **changes: Any) -> Network:
    """A small SD3: joint attention over picture and words in every block."""
    arguments = {
        "num_layers": layers,
        "num_attention_heads": HEADS,
        "attention_head_dim": WIDTH // HEADS,
        "caption_projection_dim": WIDTH,
        "joint_attention_dim": 24,
        "pooled_projection_dim": 16,
        "in_channels": 4,
        "out_channels": 4,
        "patch_size": 2,
        "sample_size": 16,
        "pos_embed_max_size": 64,
        **changes,
    }
    return Network("SD3Transformer2DModel", arguments, "made up")


def small(layers: int = LINEAR, side: int = 16, batch: int = 1) -> Forward:
    inputs = {
        "hidden_states": Tensor((batch, 4, side, side)),
        "encoder_hidden_states": Tensor((batch, WORDS, 24)),
        "pooled_projections": Tensor((batch, 16)),
        "timestep": Tensor((batch,)),
    }
    return meta.count(transformer(layers), inputs)


def test_attention_is_what_the_formula_says() -> None:
    tokens = (16 // 2) ** 2 + WORDS
    assert small().attention_flops == LINEAR * 4 * tokens**2 * WIDTH


def test_flops_of_blocks_add_up() -> None:
    one, two, five = (small(layers) for layers in (2, 3, 6))
    each = two.flops - one.flops
    assert five.flops == one.flops + 4 * each
    assert five.all_bytes - one.all_bytes == 4 * (two.all_bytes - one.all_bytes)
    assert five.params - one.params == 4 * (two.params - one.params)


@settings(max_examples=5)
@given(st.integers(2, 7))
def test_a_batch_takes_as_many_times_the_flops_and_fewer_times_the_bytes(batch: int) -> None:
    alone, together = small(), small(batch=batch)
    assert together.flops == batch * alone.flops
    assert together.params == alone.params
    assert alone.matmul_bytes < together.matmul_bytes < batch * alone.matmul_bytes


@settings(max_examples=5)
@given(st.integers(4, 15))
def test_a_larger_picture_takes_more_than_its_share_of_attention(half: int) -> None:
    before, after = small(side=2 * half), small(side=2 * half + 2)
    share = ((half + 1) ** 2 + WORDS) / (half**2 + WORDS)
    assert after.flops > before.flops
    assert after.attention_flops / before.attention_flops == pytest.approx(share**2)


def test_bytes_of_a_linear_layer_are_its_operands_and_result() -> None:
    import torch

    module = torch.nn.Linear(32, 48, device="meta").bfloat16()
    given = torch.empty(7, 32, dtype=torch.bfloat16, device="meta")
    found = meta.counted(module, lambda: module(given).relu(), "Linear")
    matmul = 2 * (7 * 32 + 32 * 48 + 48 + 7 * 48)
    assert found.flops == 2 * 7 * 32 * 48
    assert found.matmul_bytes == matmul
    assert found.all_bytes == matmul + 2 * 2 * 7 * 48


def test_attention_is_one_kernel_whose_scores_move_nothing() -> None:
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    q = torch.empty(1, 2, 1000, 8, dtype=torch.bfloat16, device="meta")
    found = meta.counted(torch.nn.Identity(), lambda: scaled_dot_product_attention(q, q, q), "it")
    elements = q.numel()
    assert found.attention_flops == found.flops == 4 * 2 * 1000**2 * 8
    assert found.matmul_bytes == 4 * 4 * elements
    # Converted to 32 bits and back, and scaled: 6 bytes an element of each, 8 of queries and keys.
    assert found.all_bytes == 4 * 4 * elements + 4 * 6 * elements + 2 * 8 * elements


def test_masks_keep_everything_and_their_negations_nothing() -> None:
    import torch

    from evals.compute.assumed import Assumed

    mask = torch.empty(9, dtype=torch.bool, device="meta")
    rows = torch.empty(9, 4, device="meta")
    with Assumed():
        assert rows[mask].shape == (9, 4)
        assert rows[~mask].shape == (0, 4)
        assert torch.nonzero(mask).shape == (9, 1)
        assert bool((rows == 0).all())


def test_what_cannot_be_built_or_run_is_one_line() -> None:
    with pytest.raises(InputError, match="no class SD9Transformer2DModel"):
        meta.build(replace(transformer(), kind="SD9Transformer2DModel"))
    with pytest.raises(InputError, match=r"SD3Transformer2DModel cannot be built so: .*colour"):
        meta.build(transformer(colour="red"))
    with pytest.raises(InputError, match="SD3Transformer2DModel cannot take that size") as caught:
        meta.count(transformer(), {"hidden_states": Tensor((1, 3, 16, 16))})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", LLMS)
def test_prompts_are_what_was_counted_elsewhere(name: str) -> None:
    found = counted(jobs.prompt(name, facts().llms[name], 200))
    assert (found.params, found.flops) == LLMS[name]


@pytest.mark.parametrize(("tokens", "batch"), LLM_INTENSITY)
def test_intensity_of_language_models(tokens: int, batch: int) -> None:
    network = facts().llms["llama-3.1-8b"]
    inputs = {"input_ids": Tensor((batch, tokens), "int64"), "use_cache": False}
    found = meta.count(network, inputs)
    fused, unfused = LLM_INTENSITY[tokens, batch]
    assert found.fused_intensity == pytest.approx(fused, rel=0.03)
    assert found.unfused_intensity == pytest.approx(unfused, rel=0.08)


def test_decoding_reads_the_whole_cache() -> None:
    network = Network(
        "LlamaForCausalLM",
        {
            "hidden_size": 64,
            "intermediate_size": 96,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "vocab_size": 50,
        },
        "made up",
        "transformers",
    )
    short, long = (counted(jobs.token("small", network, 3, context)) for context in (10, 20))
    # Keys and values of 2 layers and 3 sequences, 2 heads of 16, 10 tokens more, in 32 bits.
    assert long.matmul_bytes - short.matmul_bytes == 2 * 2 * 3 * 2 * 16 * 10 * 4
    assert long.flops - short.flops == 2 * 4 * 3 * 64 * 10
