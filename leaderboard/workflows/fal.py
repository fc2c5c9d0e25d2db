"""A fal workflow → the steps of a chain (pure).

A workflow is a table of nodes, at the top, under ``nodes`` or under ``contents.nodes``: those of
type ``run`` name an ``app`` and are steps, those of type ``display`` show what came out. A node
takes from what its ``depends`` name and from every ``$other…`` in its ``input``. ``$input`` is what
the caller gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from evals.names import id_fault
from leaderboard.errors import WorkflowError
from leaderboard.pick_answers import Role
from leaderboard.workflows.chain import Step

Table = Mapping[str, Any]
GIVEN = "input"
_REFERENCE = re.compile(r"\$\{?([A-Za-z_][\w-]*)(?=[.\[}]|$)")
"""`$draw.images.0.url`; a text that begins with `$5` names nothing."""
_TASKS: tuple[tuple[str, str], ...] = (
    (r"any-llm|any-vlm|/vision|llava|florence|moondream|caption|openrouter", "language"),
    (r"whisper|tts|speech|kokoro|elevenlabs|music|audio(?!-to-video)|sfx|sound|lyria", "audio"),
    (r"trellis|hunyuan3d|triposr|tripo|rodin|meshy|image-to-3d|text-to-3d", "3d"),
    (r"lipsync|lip-sync|sync-lipsync|audio-to-video|talking|avatar|omnihuman", "audio-to-video"),
    (r"rife|film|frame-interpolation|interpolat", "interpolate"),
    (r"video-upscal|upscale/video|topaz/upscale/video|seedvr/upscale/video", "video-upscale"),
    (r"upscal|esrgan|aura-sr|ccsr|drct|super-resolution", "upscale"),
    (r"birefnet|rembg|sam2?3?(/|$)|segment|remove-background|background/remove", "segmentation"),
    (r"depth|midas|dwpose|openpose|/preprocessors", "perception"),
    (r"vectorize|text-to-vector|image-to-svg", "vector"),
    (r"video-to-video|/extend|edit-video|video/edit", "video-edit"),
    (r"image-to-video|i2v|first-last-frame|reference-to-video", "image-to-video"),
    (r"text-to-video|t2v", "text-to-video"),
    (r"controlnet|-canny|-depth|control-lora", "control-to-image"),
    (
        r"image-to-image|/edit|kontext|inpaint|fill|redux|reframe|instruct-pix2pix|img2img|style-transfer",
        "image-edit",
    ),
    (r"text-to-image", "text-to-image"),
)
_CLIP_APPS = re.compile(
    r"veo|kling|sora|luma|ray-?2|wan|hailuo|minimax/video|ltx|hunyuan-video|pixverse|vidu|cogvideo|mochi|seedance|svd"
)
_PICTURE_APPS = re.compile(
    r"flux|sdxl|stable-diffusion|fast-sd|recraft|ideogram|imagen|hidream|qwen-image|seedream|nano-banana"
    r"|gpt-image|aura-flow|kolors|sana|bria|playground|pixart|z-image|gemini"
)


def nodes_of(table: Any) -> Table | None:
    """The table of nodes, or None if it is no fal workflow."""
    tables = [table]
    for key in ("contents", "nodes"):
        tables += [cast(Table, one)[key] for one in tables if isinstance(one, dict) and key in one]
    for one in reversed(tables):
        if isinstance(one, dict) and any(_is_node(node) for node in cast(Table, one).values()):
            return cast(Table, one)
    return None


def steps_of(nodes: Table, place: str) -> tuple[Step, ...]:
    """The steps of a fal workflow, those that nobody takes from as heroes.

    Raises:
        WorkflowError: a node without an app, or one that takes from what is not there.
    """
    runs = {name: node for name, node in nodes.items() if _is_node(node) and _kind(node) == "run"}
    inputs: dict[str, tuple[str, ...]] = {}
    for name, node in nodes.items():
        if not _is_node(node):
            continue
        named = dict.fromkeys((*_depends(node, place, name), *_references(node.get("input"))))
        for other in named:
            if other != GIVEN and other not in nodes:
                raise WorkflowError(
                    f'{place}: node "{name}": takes from "{other}", which is no node of it'
                )
        inputs[name] = tuple(other for other in named if other in runs)
    taken = {other for name in runs for other in inputs[name]}
    return tuple(
        _step(name, node, inputs[name], "workhorse" if name in taken else "hero", place)
        for name, node in runs.items()
    )


def _step(name: str, node: Table, inputs: tuple[str, ...], role: Role, place: str) -> Step:
    app = node.get("app")
    if not isinstance(app, str) or not app:
        raise WorkflowError(f'{place}: node "{name}": a run without an "app"')
    given = node.get("input")
    values: Table = cast(Table, given) if isinstance(given, dict) else dict[str, Any]()
    count = values.get("num_images", 1)
    seconds = values.get("duration")
    return Step(
        _id(name),
        task_of(app, values),
        tuple(_id(other) for other in inputs),
        count if isinstance(count, int) and not isinstance(count, bool) else 1,
        role=role,
        seconds=_seconds(seconds),
        calls=(app[:200],),
    )


def task_of(app: str, given: Table) -> str:
    """The task of an endpoint, by its name, and by whether it is given a picture.

    >>> task_of("fal-ai/flux/dev", {}), task_of("fal-ai/veo3", {"image_url": "$draw.images.0.url"})
    ('text-to-image', 'image-to-video')
    """
    name = app.lower()
    for known, task in _TASKS:
        if re.search(known, name):
            return task
    picture = any("image_url" in key for key in given)
    clip = any("video_url" in key for key in given)
    if _CLIP_APPS.search(name):
        return "video-edit" if clip else "image-to-video" if picture else "text-to-video"
    if _PICTURE_APPS.search(name):
        return "image-edit" if picture else "text-to-image"
    return "other"


def _id(name: str) -> str:
    """A node's name as the id of a step."""
    usable = re.sub(r"[^\w.-]", "-", name)[:100].strip(".-")
    return usable if usable and id_fault(usable) is None else f"step-{usable}".rstrip(".-")


def _is_node(node: Any) -> bool:
    return isinstance(node, dict) and (
        "app" in node or cast(Table, node).get("type") in ("run", "display")
    )


def _kind(node: Table) -> str:
    kind = node.get("type")
    return kind if isinstance(kind, str) else "run"


def _depends(node: Table, place: str, name: str) -> tuple[str, ...]:
    named: Any = node.get("depends", ())
    if not isinstance(named, list | tuple):
        raise WorkflowError(f'{place}: node "{name}": "depends" is no list')
    return tuple(str(one) for one in cast(list[Any], named))


def _references(value: Any) -> Iterator[str]:
    """Nodes that a value names as `$name.…`, however deep."""
    if isinstance(value, str):
        if value.startswith("$"):
            found = _REFERENCE.match(value)
            if found is not None:
                yield found[1]
    elif isinstance(value, dict):
        for one in cast(Table, value).values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in cast(list[Any], value):
            yield from _references(one)


def _seconds(value: Any) -> float | None:
    """A length in seconds, as a number or as `"5s"`."""
    if isinstance(value, str):
        found = re.fullmatch(r"(\d+(?:\.\d+)?)s?", value.strip())
        value = float(found[1]) if found else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 36_000:
        return None
    return float(value)
