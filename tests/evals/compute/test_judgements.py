"""Prediction, ladder and roofline: what is said follows from the figures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.compute import ladder, roofline
from evals.compute.answers import Point, Rung, Scaled
from evals.compute.files import facts
from evals.compute.prediction import Mfu, mfu, mfu_bands, seconds
from evals.compute.types import Gpu, Latency, Modality
from tests.evals.compute.published import MEASURED, MFU, PUBLISHED

GPU = Gpu("A", 1e15, 5e12, "made up")
OTHER = Gpu("B", 2e14, 1e12, "made up")
PROMPTS = {"small": 10**12, "large": 10**13}
positive = st.floats(1e-3, 1e6)


def denoising(model: str) -> float:
    """FLOPs of a whole generation, by the published figures."""
    alike = {"wan2.1-t2v-14b-720p": "wan2.2-t2v-a14b-720p"}
    return MEASURED[alike.get(model, model)][1] * PUBLISHED[model][1]


@pytest.mark.parametrize(("model", "gpu", "latency"), MFU)
def test_latencies_imply_the_published_utilisations(model: str, gpu: str, latency: float) -> None:
    by_name = {one.name: one for one in facts().gpus}
    found = mfu(denoising(model), latency, by_name[gpu])
    assert found == pytest.approx(MFU[model, gpu, latency], abs=6e-4)


def test_a_gpu_with_fewer_than_two_latencies_has_the_band_of_all() -> None:
    known = facts()
    flops = {one.model: denoising(one.model) for one in known.latencies}
    bands = mfu_bands(known.gpus, known.latencies, flops)
    assert (bands["H100-SXM"].low, bands["H100-SXM"].high) == pytest.approx((0.27, 0.51), abs=0.005)
    assert bands["H100-SXM"].basis == "8 published latencies on H100-SXM"
    assert bands["RTX4090"].basis.startswith("one published latency (0.655) on RTX4090")
    assert bands["L40S"].basis.startswith("no published latency on L40S")
    for name in ("RTX4090", "L40S", "H200-SXM", "A100-80G-SXM"):
        assert (bands[name].low, bands[name].high) == pytest.approx((0.27, 0.655), abs=0.002)


@given(positive, st.floats(0.01, 0.5), st.floats(0, 0.5))
def test_the_latency_behind_a_band_lies_within_it(taken: float, low: float, more: float) -> None:
    band = Mfu(low, low + more, "")
    flops = taken * GPU.flops * (low + more / 2)
    least, most = seconds(flops, GPU, band)
    assert least <= taken * 1.0000001
    assert taken <= most * 1.0000001
    twice = seconds(2 * flops, GPU, band)
    assert twice == pytest.approx((2 * least, 2 * most))


def test_bands_need_no_latency_of_every_gpu() -> None:
    latencies = [Latency("m", "A", 1.0, ""), Latency("m", "A", 2.0, "")]
    bands = mfu_bands([GPU, OTHER], latencies, {"m": 5e14})
    assert (bands["A"].low, bands["A"].high) == pytest.approx((0.25, 0.5))
    assert (bands["B"].low, bands["B"].high) == pytest.approx((0.25, 0.5))


def rung(name: str, modality: Modality, units: float) -> Rung:
    return ladder.rung(name, modality, "", units * PROMPTS["small"], PROMPTS)


def test_the_ladder_holds_for_whom_it_holds() -> None:
    holds = [rung("i", "image", 120), rung("v", "video", 9_000)]
    assert ladder.verdict(holds, list(PROMPTS)).startswith("Holds: every model is within")
    tiers = [*holds, rung("w", "video", 90_000)]
    said = ladder.verdict(tiers, list(PROMPTS))
    assert said.startswith("Holds only as paired tiers")
    assert "small with i and v" in said
    assert "large with" not in said  # an image of 12 is on no rung of it
    assert ladder.verdict([rung("i", "image", 120)], ["small"]).startswith("Holds")
    apart = [rung("i", "image", 120), rung("v", "video", 90_000)]
    assert ladder.verdict(apart, ["small"]).startswith("Does not hold")


def test_spread_names_the_least_and_the_most() -> None:
    lines = ladder.spread([rung("a", "image", 27), rung("b", "image", 4674)])
    assert lines[0] == "In prompts of small, an image is 27 (a) to 4,674 (b), over 2 models."


def test_scaling_is_judged_by_method() -> None:
    full = Scaled("m", ladder.FULL, 100, 900, 65.0, 9.0)
    linear = Scaled("s", ladder.LINEAR, 100, 900, 8.6, 8.5)
    said = ladder.scaling_verdict([full, linear])
    assert "does not hold with full attention: 65.0×" in said
    assert "“4K another 10×” holds with linear attention: 8.6×" in said
    assert "8.5× to 9.0×" in said
    mixed = ladder.scaling_verdict([full, replace(full, times=12.0)])
    assert "holds for 1 of 2 models" in mixed
    assert ladder.scaling_verdict([]) == "Nothing could be counted at both sizes."


@given(positive)
def test_memory_bounds_below_the_ridge_and_the_peak_is_never_passed(intensity: float) -> None:
    reached = roofline.attainable(intensity, GPU)
    assert reached <= GPU.flops
    memory = roofline.bound(intensity, GPU.ridge) == "memory"
    assert memory == (reached < GPU.flops)


def test_ridges_are_those_published() -> None:
    ridges = {one.name: round(one.ridge) for one in facts().gpus}
    assert ridges == {
        "H100-SXM": 295,
        "H200-SXM": 206,
        "A100-80G-SXM": 153,
        "RTX4090": 164,
        "L40S": 419,
    }


def test_the_claim_is_judged_by_the_points() -> None:
    token = Point("token", "decode", 30, 20)
    clip = Point("clip", "video", 3000, 500)
    assert roofline.roofline([token, clip], [GPU]).verdict.startswith("Holds. On the 1 GPUs")
    loose = replace(clip, unfused=50)
    said = roofline.roofline([token, loose], [GPU]).verdict
    assert said.startswith("Holds, as far as elementwise work is fused.")
    assert "video is compute-bound only when fused" in said
    slow = replace(clip, fused=60, unfused=50)
    assert roofline.roofline([token, slow], [GPU]).verdict.startswith("Holds in part")
    busy = replace(token, fused=900, unfused=800)
    assert roofline.roofline([busy, slow], [GPU]).verdict.startswith("Does not hold")
    picture = Point("picture", "image", 1149, 160)
    words = dict(roofline.roofline([picture], [GPU]).verdicts)["A"]
    assert words == "ridge 200 FLOP per byte; image: 1 of 1 compute-bound fused, 0 unfused"
