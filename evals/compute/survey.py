"""Composes the answers: what has to be counted for each, and the answer from the counts.

`needed` names the jobs of each; counting them is the one slow step, and what was counted before is
read from the home, so that a second answer needs no torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from evals.compute import jobs, ladder, needed, prediction, roofline
from evals.compute.answers import (
    ComputeReport,
    Ladder,
    ModelCompute,
    OnGpu,
    Point,
    Roofline,
    Rung,
    Scaled,
)
from evals.compute.files import architectures, facts
from evals.compute.geometry import shot_of, tokens_of
from evals.compute.jobs import Job
from evals.compute.measured import measured_points
from evals.compute.needed import Asked
from evals.compute.prediction import HourPrice, Mfu
from evals.compute.types import Architecture, Facts, Forward, Gpu, Shot

Counts = Mapping[str, Forward]


def kept_report(home: Path, day: date) -> ComputeReport | None:
    """What the Compute page shows, from kept counts alone; a part that is not counted is None.

    Imports no torch. None where no part is whole.
    """
    if not jobs.folder(home).is_dir():
        return None
    known = facts()
    of_models, of_ladder = needed.model_jobs(needed.shipped(), known), needed.ladder_jobs(known)
    of_roofline = needed.roofline_jobs(known)
    counts = jobs.kept(home, [*of_models, *of_ladder, *of_roofline])

    def whole(work: Sequence[Job]) -> bool:
        return all(job.key in counts for job in work)

    models: tuple[ModelCompute, ...] = ()
    if whole(of_models):
        prices = hour_prices(home, known, day)
        models = tuple(model_answer(one, counts, known, prices) for one in needed.shipped())
    report = ComputeReport(
        models,
        ladder_answer(counts, known) if whole(of_ladder) else None,
        roofline_answer(home, counts, known) if whole(of_roofline) else None,
    )
    return None if report == ComputeReport((), None, None) else report


def hour_prices(home: Path, known: Facts, day: date) -> dict[str, HourPrice]:
    """What the price book says an hour of each GPU costs on a day."""
    from evals.home import data_root
    from evals.prices.book import load_prices
    from evals.prices.types import in_force

    book = load_prices(data_root(), home)
    found: dict[str, HourPrice] = {}
    for gpu in known.gpus:
        entry = book.get(gpu.hardware or "")
        listed = in_force(entry, day) if entry is not None else ()
        price = next((one for one in listed if one.status(day) == "current"), None)
        if price is not None:
            found[gpu.name] = HourPrice(price.usd, f"since {price.effective_from}: {price.source}")
        else:
            reason = "no price of it in the price book; give --usd-per-hour"
            found[gpu.name] = HourPrice(None, reason)
    return found


def bands(counts: Counts, known: Facts) -> dict[str, Mfu]:
    """The share of its peak that each GPU reaches, from the published latencies."""
    models = architectures()
    flops: dict[str, float] = {}
    for latency in known.latencies:
        model = models[latency.model]
        shot = shot_of(model)
        forward = counts[jobs.denoising(model, shot).key]
        flops[latency.model] = float(needed.passes(model, shot) * forward.flops)
    return prediction.mfu_bands(known.gpus, known.latencies, flops)


def model_answer(
    asked: Asked, counts: Counts, known: Facts, prices: Mapping[str, HourPrice]
) -> ModelCompute:
    """What one generation takes, where it is bound, and how long it takes.

    Args:
        asked: the model and the shot.
        counts: of `needed.model_jobs`.
        known: GPUs to answer for, and the yardsticks.
        prices: of an hour, by GPU.
    """
    model, shot = asked.model, asked.shot
    forward = counts[jobs.denoising(model, shot).key]
    passes = needed.passes(model, shot)
    denoise = passes * forward.flops
    text, text_basis = _text(model, counts)
    vae, vae_basis = _vae(model, shot, counts)
    prompts = _prompts(counts, known)
    shares = bands(counts, facts())
    return ModelCompute(
        model.name,
        model.modality,
        *(shot.width, shot.height, shot.frames, shot.fps, shot.seconds, shot.steps, passes),
        params=forward.params,
        published_params=model.published_params,
        tokens=tokens_of(model, shot).count,
        text_tokens=model.text.tokens,
        flops_per_forward=forward.flops,
        attention_flops_per_forward=forward.attention_flops,
        flops_denoise=denoise,
        flops_text_encoder=text,
        text_encoder_basis=text_basis,
        flops_vae=vae,
        vae_basis=vae_basis,
        flops_total=denoise + (text or 0) + (vae or 0),
        units={name: denoise / each for name, each in prompts.items()},
        matmul_bytes_per_forward=forward.matmul_bytes,
        all_bytes_per_forward=forward.all_bytes,
        intensity_fused=forward.fused_intensity,
        intensity_unfused=forward.unfused_intensity,
        gpus=tuple(
            _on_gpu(gpu, forward, denoise, shares[gpu.name], prices[gpu.name]) for gpu in known.gpus
        ),
        source=model.network.source,
        notes=model.notes,
    )


def ladder_answer(counts: Counts, known: Facts) -> Ladder:
    """The ladder from the counts of `needed.ladder_jobs`."""
    prompts = _prompts(counts, known)
    rungs: list[Rung] = []
    scaling: list[Scaled] = []
    for model in architectures().values():
        shot = needed.rung_shot(model)
        forward = counts[jobs.denoising(model, shot).key]
        what = f"{shot.width}×{shot.height}"
        if shot.seconds is not None:
            what += f", {shot.seconds:.2f} s"
        flops = needed.passes(model, shot) * forward.flops
        rungs.append(ladder.rung(model.name, model.modality, what, flops, prompts))
        scaling += _scaled(model, counts)
    return ladder.ladder(prompts, rungs, _distinct(scaling))


def roofline_answer(home: Path, counts: Counts, known: Facts) -> Roofline:
    """The roofline from the counts of `needed.roofline_jobs`, with what was measured here."""
    points: list[Point] = []
    network = known.llms[needed.DECODER]
    for batch in needed.BATCHES:
        forward = counts[jobs.token(needed.DECODER, network, batch, needed.PROMPT).key]
        name = f"{needed.DECODER} decoding, batch {batch}"
        points.append(Point(name, "decode", forward.fused_intensity, forward.unfused_intensity))
    forward = counts[jobs.prompt(needed.DECODER, network, needed.PROMPT).key]
    name = f"{needed.DECODER} reading {needed.PROMPT} tokens"
    points.append(Point(name, "prefill", forward.fused_intensity, forward.unfused_intensity))
    for one in needed.shipped():
        forward = counts[jobs.denoising(one.model, one.shot).key]
        fused, unfused = forward.fused_intensity, forward.unfused_intensity
        points.append(Point(one.model.name, one.model.modality, fused, unfused))
    return roofline.roofline(points, known.gpus, measured_points(home))


def _prompts(counts: Counts, known: Facts) -> dict[str, int]:
    return {
        name: counts[jobs.prompt(name, network, needed.PROMPT).key].flops
        for name, network in known.llms.items()
    }


def _text(model: Architecture, counts: Counts) -> tuple[int | None, str]:
    """FLOPs of the text encoders, once with the prompt and once without it where guided."""
    if not model.text.encoders:
        return None, f"the network of its text encoder is not in {model.origin}"
    times = model.defaults.passes_per_step
    flops = sum(times * counts[jobs.encoding(one).key].flops for one in model.text.encoders)
    names = ", ".join(f"{one.name} ({one.network.source})" for one in model.text.encoders)
    return flops, f"{names}; prompts encoded: {times}"


def _vae(model: Architecture, shot: Shot, counts: Counts) -> tuple[int | None, str]:
    """FLOPs of decoding the latents, frame by frame."""
    job = jobs.decoding(model, shot)
    if job is None or model.vae.network is None:
        return None, f"the network of its VAE is not in {model.origin}"
    return counts[job.key].flops * shot.frames, f"decoder: {model.vae.network.source}"


def _on_gpu(gpu: Gpu, forward: Forward, denoise: int, share: Mfu, price: HourPrice) -> OnGpu:
    low, high = prediction.seconds(denoise, gpu, share)
    return OnGpu(
        gpu.name,
        gpu.ridge,
        roofline.bound(forward.fused_intensity, gpu.ridge),
        roofline.bound(forward.unfused_intensity, gpu.ridge),
        *(share.low, share.high, share.basis, low, high, price.usd),
        usd_low=None if price.usd is None else low / 3600 * price.usd,
        usd_high=None if price.usd is None else high / 3600 * price.usd,
        usd_basis=price.basis,
    )


def _scaled(model: Architecture, counts: Counts) -> list[Scaled]:
    shots = needed.scaled_shots(model)
    if shots is None:
        return []
    small, large = (counts[jobs.denoising(model, shot).key] for shot in shots)
    method = ladder.LINEAR if model.network.kind in needed.LINEAR_CLASSES else ladder.FULL
    return [
        Scaled(
            model.name,
            method,
            *(tokens_of(model, shot).count for shot in shots),
            times=large.flops / small.flops,
            without_attention=(large.flops - large.attention_flops)
            / (small.flops - small.attention_flops),
        )
    ]


def _distinct(scaling: Sequence[Scaled]) -> list[Scaled]:
    """One of those that are the same network at the same frames."""
    seen: dict[tuple[object, ...], Scaled] = {}
    for one in scaling:
        seen.setdefault((one.method, one.tokens, one.times), one)
    return list(seen.values())
