"""Answers of compute as tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer

from evals import display
from evals.compute.answers import (
    Ladder,
    Measured,
    ModelCompute,
    OnGpu,
    Roofline,
)


def show_models(answers: Sequence[ModelCompute], gpus: Sequence[str], detail: bool) -> None:
    """Models by compute on the first GPU; with `detail`, every GPU and part of each."""
    ordered = sorted(answers, key=lambda one: one.flops_denoise)
    if not detail:
        rows = [_row(one, gpus[0]) for one in ordered]
        shown = ("model", "PFLOP", "units", "seconds", "USD")
        display.table(f"one generation; seconds and dollars on {gpus[0]}", rows, shown)
        typer.echo(
            "PFLOP: of all forwards of the denoiser. units: prompts of 200 tokens of an 8B language"
            " model. `churnboard compute MODEL` tells more."
        )
        return
    for one in ordered:
        _detail(one)


def _row(one: ModelCompute, gpu: str) -> dict[str, Any]:
    there = next(on for on in one.gpus if on.gpu == gpu)
    return {
        "model": one.model,
        "PFLOP": _digits(one.flops_denoise / 1e15),
        "units": f"{next(iter(one.units.values())):,.0f}",
        "seconds": f"{_short(there.seconds_low)}–{_short(there.seconds_high)}",
        "USD": _usd(there),
    }


def _detail(one: ModelCompute) -> None:
    clip = "" if one.seconds is None else f", {one.seconds:.2f} s at {one.fps:g} fps"
    published = f" (published: {one.published_params})" if one.published_params else ""
    typer.echo(f"{one.model}: {size(one)}{clip}")
    typer.echo(f"  parameters    {one.params / 1e9:,.4g} billion{published}")
    typer.echo(f"  tokens        {one.tokens:,} of the {one.modality}, {one.text_tokens:,} of text")
    typer.echo(f"  one forward   {one.flops_per_forward / 1e12:,.5g} TFLOP")
    each = one.passes // one.steps
    per_step = "one pass a step" if each == 1 else f"{each} passes a step"
    typer.echo(
        f"  denoising     {one.flops_denoise / 1e12:,.5g} TFLOP: {one.steps} steps, {per_step}"
    )
    typer.echo(f"  text encoder  {_part(one.flops_text_encoder, one.text_encoder_basis)}")
    typer.echo(f"  VAE           {_part(one.flops_vae, one.vae_basis)}")
    units = "; ".join(f"{_digits(value)} of {llm}" for llm, value in one.units.items())
    typer.echo(f"  units         prompts of 200 tokens: {units}")
    typer.echo(
        f"  intensity     {one.intensity_fused:,.0f} FLOP per byte fused,"
        f" {one.intensity_unfused:,.0f} unfused"
    )
    rows = [
        {
            "GPU": on.gpu,
            "ridge": f"{on.ridge:.0f}",
            "fused": on.fused,
            "unfused": on.unfused,
            "MFU": f"{on.mfu_low:.2f}–{on.mfu_high:.2f}",
            "seconds": f"{_short(on.seconds_low)}–{_short(on.seconds_high)}",
            "USD": _usd(on),
        }
        for on in one.gpus
    ]
    display.table(
        "what bounds it, and how long it takes",
        rows,
        ("GPU", "ridge", "fused", "unfused", "MFU", "seconds", "USD"),
    )
    for on in one.gpus:
        typer.echo(f"{on.gpu}: MFU of {on.mfu_basis}; USD: {on.usd_basis}")
    for note in (f"network: {one.source}", *one.notes):
        typer.echo(f"note: {note}")


def show_ladder(answer: Ladder) -> None:
    """The claim, what is counted, and the verdict."""
    typer.echo(f"claim: {answer.claim}")
    llms = list(answer.units)
    rows = [
        {
            "model": one.model,
            "what": one.what,
            **{
                llm: f"{_digits(one.units[llm])}{' ✓' if llm in one.fits else '  '}" for llm in llms
            },
        }
        for one in answer.rungs
    ]
    display.table("in prompts of 200 tokens of", rows, ("model", "what", *llms))
    typer.echo("✓: within a factor of two of its rung with that language model.")
    for line in answer.spread:
        typer.echo(line)
    typer.echo(f"verdict: {answer.verdict}")
    scaled = [
        {
            "model": one.model,
            "attention": one.method.removesuffix(" attention"),
            "tokens": f"{one.tokens:,}",
            "at_4K": f"{one.tokens_4k:,}",
            "FLOPs": f"{one.times:.1f}×",
            "without_softmax": f"{one.without_attention:.1f}×",
        }
        for one in answer.scaling
    ]
    columns = ("model", "attention", "tokens", "at_4K", "FLOPs", "without_softmax")
    display.table("from 720p to 4K, nine times the pixels", scaled, columns)
    typer.echo(f"verdict: {answer.scaling_verdict}")


def show_roofline(answer: Roofline) -> None:
    """The claim, intensities against ridges, and the verdict."""
    typer.echo(f"claim: {answer.claim}")
    typer.echo(answer.definition)
    rows = [
        {
            "workload": one.name,
            "kind": one.kind,
            "fused": f"{one.fused:,.0f}",
            "unfused": f"{one.unfused:,.0f}",
        }
        for one in sorted(answer.points, key=lambda point: point.fused)
    ]
    display.table("FLOP per byte", rows, ("workload", "kind", "fused", "unfused"))
    for gpu, words in answer.verdicts:
        typer.echo(f"{gpu}: {words}")
    if answer.measured:
        show_measured(answer.measured)
    typer.echo(f"verdict: {answer.verdict}")


def show_measured(points: Sequence[Measured]) -> None:
    """What ran on a device."""
    rows = [
        {
            "workload": one.name,
            "device": one.device,
            "ms": f"{one.seconds * 1000:,.3g}",
            "TFLOP/s": f"{one.flops_per_second / 1e12:,.3g}",
            "GB/s": f"{one.bytes_per_second / 1e9:,.3g}",
        }
        for one in points
    ]
    display.table("measured", rows, ("workload", "device", "ms", "TFLOP/s", "GB/s"))


def size(one: ModelCompute) -> str:
    """`1280×720×81`."""
    frame = f"{one.width}×{one.height}"
    return frame if one.seconds is None else f"{frame}×{one.frames}"


def _part(flops: int | None, basis: str) -> str:
    return f"not counted: {basis}" if flops is None else f"{flops / 1e12:,.4g} TFLOP: {basis}"


def _usd(there: OnGpu) -> str | None:
    if there.usd_low is None or there.usd_high is None:
        return None
    return f"{there.usd_low:.1g}–{there.usd_high:.1g}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
