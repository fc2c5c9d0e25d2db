"""What is asked for → the arguments of a forward, without torch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.compute.files import architectures
from evals.compute.geometry import hd, nearest_frames, shot_of, tokens_of, ultra_hd
from evals.compute.needed import passes
from evals.compute.recipes import RECIPES, inputs_of
from evals.compute.types import Tensor
from evals.errors import InputError
from tests.evals.compute.published import FORWARDS, PUBLISHED

MODELS = architectures()


def plain(value: Any) -> Any:
    """Shapes in the place of tensors, tuples in that of lists."""
    if isinstance(value, Tensor):
        return value.shape
    if isinstance(value, list | tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


@pytest.mark.parametrize("name", FORWARDS)
def test_recipes_give_the_published_shapes(name: str) -> None:
    model = MODELS[name]
    assert plain(inputs_of(model, shot_of(model))) == FORWARDS[name]


@pytest.mark.parametrize("name", PUBLISHED)
def test_tokens_and_passes_are_the_published_ones(name: str) -> None:
    model = MODELS[name]
    shot = shot_of(model)
    assert (tokens_of(model, shot).count, passes(model, shot)) == PUBLISHED[name]


def test_shapes_of_the_forwards_that_are_published_in_words() -> None:
    z, mochi = MODELS["z-image-turbo"], MODELS["mochi-1-preview"]
    positional = plain(inputs_of(z, shot_of(z)))["positional"]
    assert positional == (((16, 1, 128, 128),), (1,), ((64, 2560),))
    assert inputs_of(mochi, shot_of(mochi))["hidden_states"].shape == (1, 12, 28, 60, 106)


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"sd3.5-large"}))
def test_every_architecture_can_be_asked_at_720p_and_4k(name: str) -> None:
    model = MODELS[name]
    small = tokens_of(model, shot_of(model, *hd(model))).count
    assert tokens_of(model, shot_of(model, *ultra_hd(model))).count == 9 * small


@given(st.sampled_from(sorted(MODELS)), st.integers(1, 40), st.integers(1, 40), st.integers(1, 5))
def test_tokens_grow_with_every_side(name: str, wide: int, high: int, long: int) -> None:
    model = MODELS[name]
    unit = model.vae.spatial * model.patch[2]
    frames = 1 + model.vae.temporal * long if model.modality == "video" else None

    def count(width: int, height: int, frames: int | None) -> int:
        return tokens_of(model, shot_of(model, unit * width, unit * height, frames)).count

    base = count(wide, high, frames)
    assert count(wide + 1, high, frames) > base
    assert count(wide, high + 1, frames) > base
    assert base % (wide * high) == 0
    if frames is not None:
        assert count(wide, high, frames + model.vae.temporal) > base


@given(st.sampled_from(sorted(n for n in MODELS if MODELS[n].defaults.fps)), st.floats(0, 2000))
def test_the_nearest_number_of_frames_is_taken(name: str, wanted: float) -> None:
    model = MODELS[name]
    frames = nearest_frames(model, wanted)
    assert shot_of(model, frames=frames).frames == frames
    assert frames == 1 or abs(frames - wanted) <= model.vae.temporal / 2 + 1e-9


@pytest.mark.parametrize(
    ("name", "asked", "message"),
    [
        ("flux.1-dev", {"frames": 5}, "flux.1-dev makes pictures and takes no frames"),
        ("flux.1-dev", {"width": 1000}, "--width 1000: flux.1-dev takes multiples of 16"),
        ("ltx-video-2b", {"height": 720}, "--height 720: ltx-video-2b takes multiples of 32"),
        (
            "wan2.1-t2v-1.3b-480p",
            {"frames": 80},
            "--frames 80: wan2.1-t2v-1.3b-480p takes one more than a multiple of 4, such as 81",
        ),
        ("sd1.5", {"steps": 0}, "--steps 0: sd1.5 takes 1 to 16384"),
        ("sd1.5", {"width": -8}, "--width -8: sd1.5 takes 1 to 16384"),
        ("sd3.5-large", {"width": 3840}, "sd3.5-large has positions for 3072 pixels a side"),
    ],
)
def test_what_a_model_cannot_make_is_named(name: str, asked: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match="^" + message.replace(".", r"\.")):
        shot_of(MODELS[name], **asked)


def test_a_class_without_recipe_and_a_configuration_without_a_key_are_named() -> None:
    model = MODELS["flux.1-dev"]
    strange = replace(model, network=replace(model.network, kind="FluxTransformer3DModel"))
    with pytest.raises(InputError, match=r'no recipe .* did you mean "FluxTransformer2DModel"'):
        inputs_of(strange, shot_of(model))
    arguments = {k: v for k, v in model.network.arguments.items() if k != "joint_attention_dim"}
    poor = replace(model, network=replace(model.network, arguments=arguments))
    with pytest.raises(InputError, match=r'flux\.1-dev\.toml: key "config\.arguments\.joint_att'):
        inputs_of(poor, shot_of(model))


def test_every_recipe_is_of_a_class_that_ships_or_is_trained_here() -> None:
    assert set(RECIPES) == {one.network.kind for one in MODELS.values()} | {"UNetMotionModel"}
