"""How pipelines of other makers are called, told from their signatures; and what they return."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.backends import _diffusers_call as calls
from evals.errors import GenerationError, LoadError
from evals.types import Task

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

PICTURE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)


def unloaded(kind: str) -> Any:
    """A pipeline without weights: how it is called follows from its class."""
    import diffusers

    return object.__new__(getattr(diffusers, kind))


def planned(kind: str, task: Task, fps: float | None = 24.0, **arguments: Any) -> calls.Call:
    return calls.plan(unloaded(kind), task, {"num_inference_steps": 4}, arguments, fps)


@pytest.mark.parametrize(
    "kind",
    [
        "WanImageToVideoPipeline",
        "LTXImageToVideoPipeline",
        "LTXConditionPipeline",
        "CogVideoXImageToVideoPipeline",
        "HunyuanVideoImageToVideoPipeline",
        "I2VGenXLPipeline",
    ],
)
def test_most_pipelines_begin_with_an_image(kind: str) -> None:
    given = planned(kind, "image-to-video").arguments("a heron", PICTURE)
    assert given["prompt"] == "a heron"
    assert np.array_equal(np.asarray(given["image"]), PICTURE)


def test_sparse_control_is_given_the_first_frame() -> None:
    call = planned("AnimateDiffSparseControlNetPipeline", "image-to-video")
    given = call.arguments("a heron", PICTURE)
    assert given["controlnet_frame_indices"] == [0]
    assert [np.array_equal(np.asarray(one), PICTURE) for one in given["conditioning_frames"]] == [
        True
    ]
    assert "image" not in given


def test_stable_video_diffusion_has_no_words_and_is_told_a_whole_rate() -> None:
    given = planned("StableVideoDiffusionPipeline", "image-to-video", 7.6).arguments("x", PICTURE)
    assert set(given) == {"image", "fps", "num_inference_steps"}
    assert given["fps"] == 8
    assert isinstance(given["fps"], int)


@pytest.mark.parametrize(
    ("kind", "rate"), [("LTXPipeline", 12.5), ("LTX2Pipeline", 12.5), ("WanPipeline", None)]
)
def test_the_rate_is_told_where_it_is_asked_for(kind: str, rate: float | None) -> None:
    given = planned(kind, "text-to-video", 12.5).arguments("a heron", None)
    assert given.get("frame_rate") == rate
    assert given["prompt"] == "a heron"


def test_what_the_file_says_wins() -> None:
    given = planned("LTXPipeline", "text-to-video", 12.5, frame_rate=25, num_inference_steps=9)
    assert given.fixed == {"frame_rate": 25, "num_inference_steps": 9}


@pytest.mark.parametrize(
    ("kind", "task", "words"),
    [
        ("WanPipeline", "image-to-video", "WanPipeline takes no start picture"),
        ("AnimateDiffPipeline", "upscale", "takes no start picture"),
        ("WanImageToVideoPipeline", "text-to-video", "begins with a picture"),
        ("StableVideoDiffusionPipeline", "text-to-video", "begins with a picture"),
        ("DDPMPipeline", "text-to-image", "takes no prompt"),
    ],
)
def test_a_pipeline_of_another_task_is_told_at_once(kind: str, task: Task, words: str) -> None:
    with pytest.raises(LoadError, match=words):
        planned(kind, task)


def test_a_prompt_without_its_picture_is_not_the_models_fault() -> None:
    with pytest.raises(GenerationError, match="came without one") as caught:
        planned("WanImageToVideoPipeline", "image-to-video").arguments("a heron", None)
    assert caught.value.blame == "infrastructure"


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ({"width": 32, "height": 16}, (32, 16)),
        ({"width": 60, "height": 40}, (60, 40)),
        ({"width": 32, "height": None}, (60, 40)),
        ({"width": None, "height": None}, (60, 40)),
    ],
)
def test_the_start_picture_gets_the_size_of_the_clip(
    size: dict[str, int | None], wanted: tuple[int, int]
) -> None:
    call = calls.plan(unloaded("WanImageToVideoPipeline"), "image-to-video", size, {}, 8.0)
    assert call.arguments("a heron", PICTURE)["image"].size == wanted


def layouts(clip: np.ndarray) -> dict[str, Any]:
    """One clip in every way in which pipelines return a batch of it."""
    import torch
    from PIL import Image

    levels = np.rint(clip * 255).astype(np.uint8)
    return {
        "batch": clip[None],
        "list of clips": [clip],
        "list of frames": [list(clip)],
        "tensor": torch.from_numpy(clip)[None],
        "bfloat16": torch.from_numpy(clip)[None].to(torch.bfloat16),
        "channels before rows": clip.transpose(0, 3, 1, 2)[None],
        "frames of tensors": [torch.from_numpy(clip).permute(0, 3, 1, 2)],
        "channels before frames": clip.transpose(3, 0, 1, 2)[None],
        "pillow": [[Image.fromarray(frame) for frame in levels]],
    }


# Three frames, rows or columns could be taken for colours; no model makes so few of the last two.
@settings(max_examples=25, deadline=None)
@given(st.sampled_from([2, 4, 5]), st.integers(4, 9), st.integers(4, 9), st.integers(0, 99))
def test_every_layout_is_the_same_clip(frames: int, height: int, width: int, seed: int) -> None:
    clip = np.random.default_rng(seed).random((frames, height, width, 3), dtype=np.float32)
    for name, batch in layouts(clip).items():
        found = calls.clip_of(SimpleNamespace(frames=batch))
        assert found.shape == clip.shape, name
        wanted = np.rint(clip * 255) if name == "pillow" else clip
        np.testing.assert_allclose(found, wanted, atol=0.004, err_msg=name)


def test_three_frames_are_not_taken_for_colours() -> None:
    clip = np.random.default_rng(0).random((3, 8, 8, 3))
    assert np.array_equal(calls.clip_of(SimpleNamespace(frames=clip[None])), clip)


@pytest.mark.parametrize(
    ("output", "blame", "words"),
    [
        (SimpleNamespace(images=[PICTURE]), "infrastructure", "without frames"),
        (SimpleNamespace(frames=None), "infrastructure", "without frames"),
        (SimpleNamespace(frames=[]), "infrastructure", "without frames"),
        (SimpleNamespace(frames=PICTURE[None]), "model", "not frames x height"),
        (SimpleNamespace(frames=np.zeros((1, 4, 8, 8, 4))), "model", "not frames x height"),
        (SimpleNamespace(frames=[[PICTURE, PICTURE[:9]]]), "model", "not of one size"),
        (SimpleNamespace(frames=[[]]), "model", "not frames x height"),
    ],
)
def test_what_is_no_clip_is_said(output: Any, blame: str, words: str) -> None:
    with pytest.raises(GenerationError, match=words) as caught:
        calls.clip_of(output)
    assert caught.value.blame == blame


def test_a_picture_is_asked_of_pictures() -> None:
    assert np.array_equal(calls.picture_of(SimpleNamespace(images=[PICTURE])), PICTURE)
    with pytest.raises(GenerationError, match="without pictures"):
        calls.picture_of(SimpleNamespace(frames=[PICTURE]))
