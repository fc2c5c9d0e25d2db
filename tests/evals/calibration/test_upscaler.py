"""The upscaler: trained on what its pipeline does with it, shipped as an ordinary folder."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from evals.calibration import (
    corpus,
    enlarging,
    networks,
    upscale_autoencoder,
    upscale_corpus,
    upscale_networks,
)
from evals.calibration.scenes import Picture, caption
from evals.calibration.upscaler import LEAST_NOISE, Upscaler, noise_levels
from evals.home import data_root

FOLDER = data_root() / "reference" / "upscaler"


def test_a_network_is_trained_on_what_its_pipeline_shows_it() -> None:
    torch.manual_seed(0)
    tokenizer = networks.tokenizer()
    model = Upscaler(len(tokenizer)).eval()
    for parameter in model.parameters():
        # Anything but the start, at which noise and words have no say.
        parameter.data += 0.02 * torch.randn_like(parameter)
    pipeline = networks.diffusers().StableDiffusionUpscalePipeline(
        vae=upscale_networks.autoencoder(),
        text_encoder=model.text_encoder,
        tokenizer=tokenizer,
        unet=model.unet,
        low_res_scheduler=upscale_networks.low_res_scheduler(),
        scheduler=networks.scheduler(),
        max_noise_level=upscale_networks.MOST_NOISE,
    )
    pipeline.set_progress_bar_config(disable=True)
    text = caption(corpus.unseen_scenes()[0])
    shown = torch.rand(1, 3, 64, 64)
    start = torch.randn(1, upscale_networks.LATENT_CHANNELS, 64, 64)
    drawn = pipeline(
        text,
        shown,
        num_inference_steps=1,
        guidance_scale=1.0,
        noise_level=7,
        generator=torch.Generator().manual_seed(3),
        latents=start,
        output_type="latent",
    ).images
    level = torch.tensor([7])
    t = pipeline.scheduler.timesteps.float() / networks.TIMESTEPS
    noise = torch.randn(shown.shape, generator=torch.Generator().manual_seed(3))
    small = upscale_networks.low_res_scheduler().add_noise(2 * shown - 1, noise, level)
    words = tokenizer([text], padding="max_length", max_length=networks.TEXT_LENGTH)
    with torch.no_grad():
        guess = model.predict(start, t, torch.tensor(words["input_ids"]), small, level)
    assert torch.allclose(drawn, guess, atol=1e-3)


def test_training_begins_with_pixels_repeated() -> None:
    torch.manual_seed(0)
    tokenizer = networks.tokenizer()
    small = torch.rand(2, 3, 32, 32) * 2 - 1
    words = torch.tensor(tokenizer([""] * 2, padding="max_length", max_length=20)["input_ids"])
    vae = upscale_networks.autoencoder()
    upscale_autoencoder.begin(vae)
    upscale_autoencoder.rescale(vae)
    with torch.no_grad():
        noisy = torch.randn(2, upscale_networks.LATENT_CHANNELS, 32, 32)
        level = torch.zeros(2, dtype=torch.long)
        latents = Upscaler(len(tokenizer)).predict(noisy, torch.ones(2), words, small, level)
        repeated = torch.nn.functional.interpolate(small, scale_factor=2)
        wanted = vae.encode(repeated).latent_dist.mean * upscale_networks.SCALING
        drawn = vae.decode(latents / upscale_networks.SCALING).sample
    assert float((latents - wanted).square().mean().sqrt()) < 0.1
    inside = (..., slice(2, -2), slice(2, -2))
    blurred = torch.nn.functional.avg_pool2d(repeated, 3, 1, 1)
    assert float((drawn - blurred)[inside].abs().mean()) < 0.35


def test_noise_levels_cover_what_sampling_goes_through() -> None:
    torch.manual_seed(0)
    t = noise_levels(4000)
    assert LEAST_NOISE <= float(t.min()) < LEAST_NOISE + 0.02
    assert float(t.max()) == 1
    assert float((t == 1).float().mean()) == pytest.approx(0.5, abs=0.05)
    scheduler = networks.scheduler()
    scheduler.set_timesteps(4)
    assert float(scheduler.timesteps.min()) >= LEAST_NOISE * networks.TIMESTEPS


def test_a_crop_shows_the_same_place_in_both_sizes() -> None:
    data = upscale_corpus.build(8)
    small = upscale_corpus.cut(torch.from_numpy(data.small).permute(0, 3, 1, 2), data.corners)
    large = upscale_corpus.cut(torch.from_numpy(data.large).permute(0, 3, 1, 2), data.corners, 2)
    assert (data.corners % 2 == 0).all()
    assert large.shape[-2:] == (64, 64)
    means = torch.nn.functional.avg_pool2d(large.float(), 2)
    assert float((means - small.float()).abs().mean()) < 3
    # There is something in it: more than paper.
    assert all(float(crop.float().std((1, 2)).max()) > 10 for crop in small)


def test_some_pictures_are_flawed_and_the_others_untouched() -> None:
    data = upscale_corpus.build(64)
    vae = networks.diffusers().AutoencoderKL.from_pretrained(data_root() / "reference/images/vae")
    flawed = upscale_corpus.flaw(data.small, vae.float())
    changed = (flawed != data.small).any((1, 2, 3))
    assert 0.1 < changed.mean() < 0.5
    assert np.abs(flawed.astype(int) - data.small).mean() < 5


def psnr(picture: Picture, target: Picture) -> float:
    return float(10 * np.log10(255**2 / np.square(picture.astype(float) - target).mean()))


@pytest.mark.slow
@pytest.mark.parametrize("steps", [1, 4])
def test_it_beats_plain_enlargement_on_scenes_it_was_not_trained_on(steps: int) -> None:
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline

    pipeline: Any = DiffusionPipeline.from_pretrained(
        FOLDER, dtype=torch.float32, local_files_only=True
    )
    pipeline.set_progress_bar_config(disable=True)
    unseen = corpus.unseen_scenes()
    ahead: list[float] = []
    for number in range(5, len(unseen), len(unseen) // 12):
        scene = unseen[number]
        image = Image.fromarray(enlarging.small(scene, number))
        target = enlarging.large(scene, number)
        made = pipeline(
            caption(scene),
            image,
            num_inference_steps=steps,
            guidance_scale=1.0,
            noise_level=0,
            generator=torch.Generator().manual_seed(0),
            output_type="np",
        ).images[0]
        plain = np.asarray(image.resize((128, 128), Image.Resampling.LANCZOS))
        ahead.append(psnr(np.rint(255 * made), target) - psnr(plain, target))
    assert np.mean(ahead) > 1
    assert np.mean(np.array(ahead) > 0) > 0.5


def test_its_weights_stay_small() -> None:
    files = [file for file in FOLDER.rglob("*") if file.is_file()]
    assert any(file.suffix == ".safetensors" for file in files)
    assert sum(file.stat().st_size for file in files) <= 5_000_000
