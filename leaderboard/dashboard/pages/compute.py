"""Compute.

What a generation takes in FLOPs, seconds and dollars; the ladder of prompts, images and clips; and
what bounds language models, image and video models on a GPU.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from evals.compute.answers import Ladder, ModelCompute, Roofline
from leaderboard.dashboard import compute_charts, reads, text, widgets
from leaderboard.edition import Edition

ORDER = 10
ICON = ":material/memory:"


def show(edition: Edition) -> None:
    """Draw the page."""
    st.title("What a generation takes", anchor=False)
    report = reads.compute(edition)
    if report is None:
        st.markdown("Nothing was counted yet. It needs no weights and no GPU, and takes a minute:")
        st.code(
            "churnboard compute\nchurnboard compute ladder\nchurnboard compute roofline\n"
            "churnboard refresh",
            language="shell",
        )
        return
    st.caption(
        "FLOPs of the real networks, run without weights; text encoders and VAEs are not in these"
        " figures. One multiply-add is two."
    )
    _ladder(report.ladder)
    _roofline(report.roofline)
    _models(report.models)


def _claim(claim: str, verdict: str) -> None:
    st.markdown(f"**Claim.** {text.plain(claim)}")
    st.markdown(f"**Verdict.** {text.plain(verdict)}")


def _uncounted(command: str) -> None:
    st.markdown("Not counted yet:")
    st.code(f"{command}\nchurnboard refresh", language="shell")


def _ladder(ladder: Ladder | None) -> None:
    st.subheader("The ladder", anchor=False)
    if ladder is None:
        _uncounted("churnboard compute ladder")
        return
    _claim(ladder.claim, ladder.verdict)
    llm = widgets.choice("In prompts of", list(ladder.units), key="llm")
    widgets.figure(
        compute_charts.rungs(ladder, llm),
        key="ladder",
        alt="Units of every model, one prompt of 200 tokens being 1",
    )
    st.caption("Filled: within a factor of two of the claimed rung. A video is of five seconds.")
    for line in ladder.spread:
        st.text(line)
    st.subheader("From 720p to 4K", anchor=False)
    st.markdown(f"**Verdict.** {text.plain(ladder.scaling_verdict)}")
    st.dataframe(
        [
            {
                "model": one.model,
                "attention": one.method.removesuffix(" attention"),
                "tokens at 720p": one.tokens,
                "tokens at 4K": one.tokens_4k,
                "FLOPs": f"{one.times:.1f}×",
                "without softmax attention": f"{one.without_attention:.1f}×",
            }
            for one in ladder.scaling
        ],
        hide_index=True,
    )


def _roofline(answer: Roofline | None) -> None:
    st.subheader("The roofline", anchor=False)
    if answer is None:
        _uncounted("churnboard compute roofline")
        return
    _claim(answer.claim, answer.verdict)
    gpu = widgets.choice("GPU", [one.gpu for one in answer.roofs], key="gpu")
    widgets.figure(
        compute_charts.roof(answer, gpu),
        key="roofline",
        alt="Arithmetic intensity of workloads under the roofs of GPUs",
    )
    words = dict(answer.verdicts)[gpu]
    st.markdown(f"On **{text.plain(gpu)}**: {text.plain(words)}")
    source = next(one.source for one in answer.roofs if one.gpu == gpu)
    st.caption("Filled: fused. Hollow: nothing is fused but attention.")
    st.caption(text.plain(f"{answer.definition} Peaks of {gpu}: {source}"))


def _models(models: Sequence[ModelCompute]) -> None:
    st.subheader("Models", anchor=False)
    if not models:
        _uncounted("churnboard compute")
        return
    gpus = [one.gpu for one in models[0].gpus]
    gpu = widgets.menu("Seconds and dollars on", gpus, key="on")
    there = {model.model: next(on for on in model.gpus if on.gpu == gpu) for model in models}
    st.dataframe(
        [
            {
                "model": one.model,
                "parameters, billion": round(one.params / 1e9, 2),
                "size": f"{one.width} × {one.height}"
                + ("" if one.seconds is None else f", {one.frames} frames"),
                "passes": one.passes,
                "TFLOP, one pass": round(one.flops_per_forward / 1e12, 2),
                "PFLOP": round(one.flops_denoise / 1e15, 3),
                "seconds": _band(there[one.model].seconds_low, there[one.model].seconds_high),
                "USD": _band(there[one.model].usd_low, there[one.model].usd_high),
            }
            for one in sorted(models, key=lambda model: model.flops_denoise)
        ],
        hide_index=True,
    )
    first = there[models[0].model]
    st.caption(
        text.plain(
            f"MFU {first.mfu_low:.2f} to {first.mfu_high:.2f}, from {first.mfu_basis}."
            f" US dollars: {first.usd_basis}"
        )
    )


def _band(low: float | None, high: float | None) -> str:
    return text.UNKNOWN if low is None or high is None else f"{low:.2g} to {high:.2g}"
