"""The registered open models: what their files say fits the pipelines that open their weights."""

from __future__ import annotations

import inspect
import re
import tomllib
from typing import Any

import pytest

from evals import registry, revision
from evals.backends import _diffusers_call as calls
from evals.backends._diffusers_settings import Settings
from evals.errors import RegistryError
from evals.home import data_root
from evals.registry import Registry

CLASSES = {
    "cogvideox-2b": "CogVideoXPipeline",
    "cogvideox-5b": "CogVideoXPipeline",
    "cogvideox-5b-i2v": "CogVideoXImageToVideoPipeline",
    "flux.1-dev": "FluxPipeline",
    "flux.1-kontext-dev": "FluxKontextPipeline",
    "flux.1-schnell": "FluxPipeline",
    "flux.2-dev": "Flux2Pipeline",
    "flux.2-klein-4b": "Flux2KleinPipeline",
    "flux.2-klein-9b": "Flux2KleinPipeline",
    "hidream-i1-full": "HiDreamImagePipeline",
    "hunyuanvideo-720p": "HunyuanVideoPipeline",
    "hunyuanvideo1.5-480p": "HunyuanVideo15Pipeline",
    "instruct-pix2pix": "StableDiffusionInstructPix2PixPipeline",
    "ltx-video-13b": "LTXConditionPipeline",
    "ltx-video-2b": "LTXPipeline",
    "ltx-video-2b-i2v": "LTXImageToVideoPipeline",
    "mochi-1-preview": "MochiPipeline",
    "pixart-sigma": "PixArtSigmaPipeline",
    "qwen-image": "QwenImagePipeline",
    "qwen-image-edit": "QwenImageEditPipeline",
    "sana-1.6b": "SanaPipeline",
    "sd-x4-upscaler": "StableDiffusionUpscalePipeline",
    "sd1.5": "StableDiffusionPipeline",
    "sd3.5-large": "StableDiffusion3Pipeline",
    "sd3.5-large-turbo": "StableDiffusion3Pipeline",
    "sd3.5-medium": "StableDiffusion3Pipeline",
    "sdxl-base": "StableDiffusionXLPipeline",
    "sdxl-turbo": "StableDiffusionXLPipeline",
    "svd-xt": "StableVideoDiffusionPipeline",
    "wan2.1-i2v-14b-480p": "WanImageToVideoPipeline",
    "wan2.1-i2v-14b-720p": "WanImageToVideoPipeline",
    "wan2.1-t2v-1.3b-480p": "WanPipeline",
    "wan2.1-t2v-14b-480p": "WanPipeline",
    "wan2.1-t2v-14b-720p": "WanPipeline",
    "wan2.2-i2v-a14b-720p": "WanImageToVideoPipeline",
    "wan2.2-t2v-a14b-720p": "WanPipeline",
    "wan2.2-ti2v-5b-704p": "WanPipeline",
    "z-image-turbo": "ZImagePipeline",
}
SIDES = {
    "CogVideoX": 16,
    "Flux": 16,
    "HiDream": 16,
    "Hunyuan": 16,
    "LTX": 32,
    "Mochi": 16,
    "Qwen": 16,
    "Sana": 32,
    "StableDiffusion3": 16,
    "Wan": 16,
    "ZImage": 16,
}
"""What sides are multiples of: the autoencoder's factor times the patch; of others 8."""
HIGH_AND_LOW = {"wan2.2-t2v-a14b-720p": [3.0, 4.0]}
"""Guidance while noise is low, and while it is high."""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return registry.load(tmp_path_factory.mktemp("home"))


def test_every_model_that_needs_weights_is_checked(known: Registry) -> None:
    needing = {one.id for one in known.models.values() if "weights" in one.needs}
    assert needing == set(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_its_file_says_where_its_settings_are_from(known: Registry, name: str) -> None:
    model = known.model(name)
    text = (data_root() / "models" / f"{name}.toml").read_text()
    comment = "\n".join(line for line in text.splitlines() if line.startswith("#"))
    assert re.search(r"https://(huggingface\.co|github\.com)/", comment)
    assert f"https://huggingface.co/{model.settings['source']}" in comment
    assert model.vendor
    assert model.licence
    # No commit is known here, and none is invented: it is looked up when the model is first run.
    assert model.settings["revision"] == "main"
    assert model.suites == ()


def test_without_weights_and_network_it_is_one_line(known: Registry, hub_cache: Any) -> None:
    del hub_cache
    for name in CLASSES:
        assert revision.known(known, known.model(name)).revision == ""
    with pytest.raises(RegistryError, match=r"flux\.1-dev\.toml.*hf download black-forest-labs"):
        revision.pinned(known, known.model("flux.1-dev"))


def test_what_is_run_is_what_its_compute_is_counted_for(known: Registry) -> None:
    """Two files tell the recommended settings of one model, and each from its own source."""
    counted = [
        name for name in CLASSES if (data_root() / "architectures" / f"{name}.toml").exists()
    ]
    assert len(counted) > 20
    for name in counted:
        text = (data_root() / "architectures" / f"{name}.toml").read_text()
        wanted = tomllib.loads(text)["defaults"]
        settings = known.model(name).settings
        told = {key: settings.get(key) for key in ("width", "height", "steps")}
        if "frames" in wanted:
            told |= {key: settings.get(key) for key in ("frames", "fps")}
        # Of nine steps eight call the denoiser.
        told["steps"] -= name == "z-image-turbo"
        assert told == {key: wanted[key] for key in told}, name
        given = settings["arguments"]
        guidance = given.get("true_cfg_scale", settings.get("guidance"))
        if name in HIGH_AND_LOW:
            guidance = [given["guidance_scale_2"], guidance]
        # The guidance of HunyuanVideo 1.5 is kept with its weights.
        assert guidance == (None if "hunyuanvideo1.5" in name else wanted["guidance"]), name


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("name", "kind"), CLASSES.items())
def test_its_settings_fit_its_pipeline(known: Registry, name: str, kind: str) -> None:
    import diffusers
    import transformers

    from evals.backends._diffusers_extras import scheduler_class

    model = known.model(name)
    settings = Settings.model_validate(dict(model.settings))
    assert settings.pipeline in (None, kind)
    pipeline = getattr(diffusers, kind)
    named = {
        "num_inference_steps": settings.steps,
        "guidance_scale": settings.guidance,
        "width": settings.width,
        "height": settings.height,
        "num_frames": settings.frames,
    }
    call = calls.plan(object.__new__(pipeline), model.task, named, settings.arguments, settings.fps)
    assert call.task == model.task
    parts = inspect.signature(pipeline.__init__).parameters
    assert set(settings.dtypes) <= set(parts)
    assert {part.name for part in settings.components} <= set(parts)
    for part in settings.components:
        assert hasattr(transformers, part.kind)
    if settings.scheduler is not None:
        taken = inspect.signature(scheduler_class(settings.scheduler).__init__).parameters
        assert set(settings.scheduler_arguments) <= set(taken)
    sides = next((n for word, n in SIDES.items() if kind.startswith(word)), 8)
    assert not (settings.width or 0) % sides
    assert not (settings.height or 0) % sides
    if settings.frames is not None:
        steps = {"LTX": 8, "Mochi": 6, "StableVideo": 1}
        every = next((n for word, n in steps.items() if kind.startswith(word)), 4)
        assert (settings.frames - 1) % every == 0
