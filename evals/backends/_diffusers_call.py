"""Calling a diffusers pipeline: which arguments it takes, and what it returns.

Pipelines of one task differ in what they call a thing. What they take is told from the signature of
their call, so that a mistake is found before anything is made.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from evals.backends._diffusers_settings import STARTED_TASKS
from evals.errors import GenerationError, LoadError
from evals.names import hint
from evals.types import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Pixels = NDArray[np.uint8] | NDArray[np.floating[Any]]

_RATES: Mapping[str, Callable[[float], float]] = {"frame_rate": float, "fps": round}
"""What pipelines call the rate that a clip will be played at, where they want to know it, and how
they take it: `fps` is an embedded whole number (Stable Video Diffusion)."""
_KEYS: Mapping[str, str] = {"num_frames": "frames"}
"""Arguments that settings call otherwise."""
_REPAINT = ("Img2Img", "ImageToVideo", "Inpaint", "Edit", "InstructPix2Pix", "Upscale")
_OURS = frozenset(
    {
        "self",
        "prompt",
        "image",
        "conditioning_frames",
        "generator",
        "output_type",
        "return_dict",
        "callback_on_step_end",
        "callback",
        "callback_steps",
        "num_images_per_prompt",
        "num_videos_per_prompt",
        "kwargs",
    }
)
"""Arguments that every call is given here, or that would make other than one piece of media."""


@dataclass(frozen=True)
class Call:
    """What is the same in every call of one model."""

    task: Task
    words: bool
    """Whether the pipeline takes the prompt's text: some animate or enlarge a picture alone."""
    fixed: Mapping[str, Any]
    known: Mapping[str, inspect.Parameter]
    """What the pipeline's call takes."""
    size: tuple[int, int] | None = None
    """Width and height that a start picture is brought to, in pixels; None: it stays as it is."""
    start: str | None = None
    """The argument that takes the start picture, where the task begins with one."""

    def arguments(self, text: str, start: NDArray[np.uint8] | None) -> dict[str, Any]:
        """Arguments of one call, less generator and output type.

        Raises:
            GenerationError: the task begins with a picture, and there is none.
        """
        given = dict(self.fixed)
        if self.words:
            given["prompt"] = text
        if self.start is None:
            return given
        if start is None:
            what = f"{self.task} begins with a picture, and the prompt came without one"
            raise GenerationError(what, blame="infrastructure")
        picture = _as_image(start, self.size)
        if self.start == "conditioning_frames":
            return {**given, "conditioning_frames": [picture], "controlnet_frame_indices": [0]}
        return {**given, self.start: picture}


def plan(
    pipeline: Any,
    task: Task,
    named: Mapping[str, Any],
    arguments: Mapping[str, Any],
    fps: float | None = None,
) -> Call:
    """How `pipeline` is called for `task`.

    Args:
        pipeline: loaded.
        task: of the model.
        named: arguments that settings of their own stand for; those that are None are left out.
        arguments: further ones, as the model's file spells them; they win.
        fps: of the clip, told to pipelines that want to know it.

    Raises:
        LoadError: it takes no such argument, begins with a picture where the task does not, or
            takes none where the task begins with one.
    """
    kind = type(pipeline).__name__
    known = inspect.signature(type(pipeline).__call__).parameters
    ours = next((name for name in arguments if name in _OURS), None)
    if ours is not None:
        raise LoadError(f"arguments.{ours} is given by every call here; leave it out")
    fixed = {name: value for name, value in named.items() if value is not None}
    if task in ("image-edit", "image-to-video"):
        # Where the media has the size of the start picture, bringing that to it is enough.
        sides = ("width", "height")
        fixed = {name: fixed[name] for name in fixed if name in known or name not in sides}
    fixed |= arguments
    for name in fixed:
        if name not in known:
            raise LoadError(f'{kind} takes no argument "{name}"{hint(name, known)}')
    for name, taken in _RATES.items():
        if fps is not None and name in known and name not in fixed:
            fixed[name] = taken(fps)
    start = _start_argument(kind, task, known)
    words = "prompt" in known
    if not words and task not in STARTED_TASKS:
        raise LoadError(f"{kind} takes no prompt, and {task} begins with one")
    width, height = named.get("width"), named.get("height")
    size = (width, height) if width is not None and height is not None else None
    return Call(task, words, fixed, known, size, start)


def _start_argument(kind: str, task: Task, known: Mapping[str, inspect.Parameter]) -> str | None:
    """What takes the start picture; LoadError where task and pipeline do not agree."""
    if task not in STARTED_TASKS:
        image = known.get("image")
        # Those that repaint a picture need one, though their signatures do not say so.
        needs = image is not None and image.default is inspect.Parameter.empty
        if needs or (image is not None and any(word in kind for word in _REPAINT)):
            raise LoadError(f"{kind} begins with a picture, and {task} does not")
        return None
    if {"conditioning_frames", "controlnet_frame_indices"} <= known.keys():
        return "conditioning_frames"
    if "image" in known:
        return "image"
    raise LoadError(
        f'{kind} takes no start picture (neither "image" nor "conditioning_frames" with'
        f' "controlnet_frame_indices"), and {task} begins with one'
    )


def picture_of(output: Any) -> Pixels:
    """Height x width x 3 of what a pipeline for pictures returned.

    Raises:
        GenerationError: it returned no pictures.
    """
    return _array(_first(output, "images", "pictures"))


def clip_of(output: Any) -> Pixels:
    """Frames x height x width x 3 of what a pipeline for clips returned.

    Pipelines return batches of arrays, lists of frames, or frames with the channels in front of
    rows and columns, or in front of the frames too.

    Raises:
        GenerationError: it returned no frames, or nothing that can be laid out so.
    """
    import numpy as np

    first = _first(output, "frames", "frames")
    if isinstance(first, list | tuple):
        frames: list[Pixels] = [_array(frame) for frame in first]  # pyright: ignore[reportUnknownVariableType]
        if len({frame.shape for frame in frames}) > 1:
            raise GenerationError(f"{len(frames)} frames are not of one size", blame="model")
        clip = cast("Pixels", np.stack(frames) if frames else np.zeros(0))
    else:
        clip = _array(first)
    if clip.ndim == 4 and clip.shape[-1] != 3:
        # With the channels last wherever that is possible: three frames are no colours.
        if clip.shape[1] == 3:
            clip = clip.transpose(0, 2, 3, 1)
        elif clip.shape[0] == 3:
            clip = clip.transpose(1, 2, 3, 0)
    if clip.ndim != 4 or clip.shape[-1] != 3:
        raise GenerationError(
            f"the pipeline returned {clip.shape}, not frames x height x width x 3", blame="model"
        )
    return clip


def check_shape(call: Call, shape: tuple[int, ...]) -> None:
    """LoadError where media has other sides or another length than its model's file asks for.

    Some pipelines round what their networks cannot make and only log it, or choose a size of their
    own: what is measured would not be what the file says.

    Args:
        call: as planned.
        shape: of the media, channels last.
    """
    names = ("num_frames", "height", "width")[4 - len(shape) :]
    for name, made in zip(names, shape, strict=False):
        asked = call.fixed.get(name)
        if asked is not None and asked != made:
            key = _KEYS.get(name, name)
            raise LoadError(
                f"the pipeline makes {key} {made} where {key} = {asked} is asked for; write"
                f" {key} = {made}, or see which it can make",
                kind="settings",
            )


def check_finite(pixels: Pixels) -> None:
    """GenerationError where what half precision made is not a number; every eighth pixel is seen.

    What overflows in a network spreads over all that it decodes.
    """
    import numpy as np

    if not np.isfinite(pixels[..., ::8, ::8, :]).all():
        raise GenerationError(
            "NaN or infinity in place of colours: something overflows in float16; write"
            ' dtypes = { vae = "float32" }, or dtype = "bfloat16"',
            blame="model",
            kind="invalid_media",
        )


def _first(output: Any, field: str, what: str) -> Any:
    """The first of the batch in a field of the output."""
    batch: Collection[Any] | None = getattr(output, field, None)
    if batch is None or len(batch) == 0:
        kind = type(output).__name__
        raise GenerationError(
            f"the pipeline returned a {kind} without {what}: is the model's task the right one?",
            blame="infrastructure",
        )
    return next(iter(batch))


def _array(value: Any) -> Pixels:
    """A picture or clip as an array: of numpy, torch or Pillow."""
    import numpy as np
    import torch

    if isinstance(value, torch.Tensor):
        # numpy has no bfloat16.
        value = value.detach().float().cpu().numpy()
    array: Pixels = np.asarray(value)
    return array


def _as_image(picture: NDArray[np.uint8], size: tuple[int, int] | None) -> Image:
    """A start picture as pipelines take it, brought to the size that the model makes."""
    from PIL import Image

    image = Image.fromarray(picture)
    if size is None or image.size == size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS)
