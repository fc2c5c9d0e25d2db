"""What a model's file may say of a diffusers pipeline: what is loaded, and how it is sampled.

What has a default that came later than the first release is named in `ADDED`: models that do not
use it keep their revision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from evals import weights
from evals.backends import BackendSettings, Fetch
from evals.clips.limits import FASTEST, MOST_FRAMES
from evals.tomlfile import Strict
from evals.types import Task

VIDEO_TASKS: tuple[Task, ...] = ("text-to-video", "image-to-video")
STARTED_TASKS: tuple[Task, ...] = ("image-edit", "image-to-video", "upscale")
"""Tasks that begin with a picture."""

Side = Annotated[int, Field(ge=8, le=8192, multiple_of=8)]
Dtype = Literal["float32", "float16", "bfloat16"]
ClassName = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]{2,79}$")]
Source = Annotated[str, Field(min_length=1, max_length=500)]
Argument = str | int | float | bool | list[int] | list[float] | list[str]


class Adapter(Strict):
    """A LoRA over the pipeline's weights."""

    source: Source
    """The folder of the file, or `owner/name@commit` of a hub."""
    file: Annotated[str, Field(pattern=r"^[^/\\\x00].*\.safetensors$", max_length=200)]
    """The file of weights within it."""
    strength: Annotated[float, Field(ge=-4, le=4, allow_inf_nan=False)] = 1.0
    """1 as it was trained, 0 not at all."""
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")] | None = None
    """For error messages; else the file's."""


class Component(Strict):
    """A part of the pipeline that lies elsewhere than the pipeline, and takes the place of its."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
    """As the pipeline calls it, such as `vae` or `text_encoder_4`."""
    source: Source
    """A folder, or `owner/name@commit` of a hub."""
    kind: ClassName
    """Its class in transformers or diffusers."""
    subfolder: Annotated[str, Field(pattern=r"^[\w-]{0,60}$")] = ""
    options: dict[str, str | int | float | bool] = Field(
        default_factory=dict[str, "str | int | float | bool"]
    )
    """Further arguments of its `from_pretrained`."""


class Settings(BackendSettings):
    """What is loaded and how it is sampled."""

    RUNTIME_ONLY: ClassVar[frozenset[str]] = frozenset(
        {"device", "offload", "vae_slicing", "deadline_s", "trust_remote_code"}
    )
    ADDED: ClassVar[frozenset[str]] = frozenset(
        {
            "frames",
            "fps",
            "pipeline",
            "dtypes",
            "scheduler",
            "scheduler_arguments",
            "adapters",
            "components",
            "compile",
            "vae_tiling",
        }
    )

    source: Source
    """Folder in the diffusers layout, or hub name `owner/name`."""
    revision: str | None = None
    """Commit of the hub repository, 40 hex digits; or a branch, which is pinned to its commit."""
    variant: str | None = None
    """Weights variant, such as `fp16`."""
    pipeline: ClassName | None = None
    """Class of diffusers to open the folder with, where one set of weights does several tasks;
    else the one that the folder names."""
    components: list[Component] = Field(default_factory=list[Component])
    adapters: list[Adapter] = Field(default_factory=list[Adapter])
    trust_remote_code: bool = False
    """Whether code that lies beside the weights may be run, with all that code can do."""
    steps: Annotated[int, Field(ge=1, le=1000)]
    guidance: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = None
    """`guidance_scale`; None for the pipeline's own default."""
    width: Side | None = None
    """Of what is made, in pixels; None for the pipeline's own default. With both sides set, the
    picture that an edit or a clip begins with is stretched to them (Lanczos)."""
    height: Side | None = None
    dtype: Dtype = "float32"
    dtypes: dict[str, Dtype] = Field(default_factory=dict[str, Dtype])
    """Components of another type, such as a `vae` that overflows in half precision."""
    scheduler: ClassName | None = None
    """Class of diffusers, built from the configuration of the pipeline's own; None for its own."""
    scheduler_arguments: dict[str, str | int | float | bool] = Field(
        default_factory=dict[str, "str | int | float | bool"]
    )
    """What to change of that configuration, such as `shift`."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    offload: Literal["model", "sequential"] | None = None
    """Keep on the accelerator only the component (`model`) or the layer (`sequential`) at work."""
    compile: bool = False
    """Compile the denoiser while the model is loaded; sums in another order, so another revision"""
    vae_tiling: bool = False
    """Decode large media in overlapping tiles, which are blended: less memory, other pixels."""
    vae_slicing: bool = False
    """Decode one picture of a batch at a time."""
    deadline_s: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] | None = None
    """Longest that one call may take, in seconds; None for as long as it takes."""
    frames: Annotated[int, Field(ge=2, le=MOST_FRAMES)] | None = None
    """Frames of a clip; None for the pipeline's own default."""
    fps: Annotated[float, Field(gt=0, le=FASTEST, allow_inf_nan=False)] | None = None
    """Frames per second at which a clip is played; needed exactly for tasks that make clips. A
    pipeline that wants to know it is told."""
    threads: Annotated[int, Field(ge=1, le=1024)] = 1
    """Processor threads while denoising: fixed, as sums in another order differ in the last bits
    and the picture follows them. Pictures are made one at a time for the same reason."""
    arguments: dict[str, Argument] = Field(default_factory=dict[str, Argument])
    """Further arguments of the pipeline's call, such as `negative_prompt` or `true_cfg_scale`."""

    @model_validator(mode="after")
    def _one_of_a_name(self) -> Settings:
        for key, named in (("adapters", self.adapters), ("components", self.components)):
            names = [item.name for item in named if item.name is not None]
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f'two of {key} are called "{twice}"')
        return self

    def sources(self) -> Mapping[str, str]:
        """The pipeline's folder or hub name, and those of what is added to it."""
        found = {"source": self.source}
        for number, part in enumerate(self.components):
            found[f"components.{number}.source"] = part.source
        for number, adapter in enumerate(self.adapters):
            # Of a folder only the one file counts: what lies beside it is other adapters.
            hub = "@" in adapter.source
            file = adapter.source if hub else f"{adapter.source}/{adapter.file}"
            found[f"adapters.{number}.source"] = file
        return found

    def commit(self) -> str | None:
        """The hub revision of the pipeline itself."""
        return self.revision

    def fetches(self) -> Sequence[Fetch]:
        """Of the pipeline, of parts and of adapters: what is of a hub and not in its cache."""
        from evals.backends import _diffusers_files as files

        found: list[Fetch] = []
        if not Path(self.source).exists():
            commit = self.revision or ""
            replaced = [part.name for part in self.components]
            if files.cached(self.source, commit, self.variant, replaced) is None:
                found.append(
                    Fetch(self.source, commit, lambda names: files.needed(names, self.variant))
                )
        for part in self.components:
            found += _apart(part.source, lambda name, of=part: _is_of(name, of.subfolder))
        for adapter in self.adapters:
            found += _apart(adapter.source, lambda name, of=adapter: name == of.file)
        return found

    def fault(self, task: Task) -> tuple[str, str] | None:
        """Clips need a rate, and pictures have neither rate nor frames."""
        if task in VIDEO_TASKS:
            if self.fps is None:
                return (
                    "fps",
                    f"is missing: {task} needs it, as no pipeline says how fast its clips play",
                )
            return None
        for key in ("fps", "frames"):
            if getattr(self, key) is not None:
                return key, f"is of clips, and {task} makes pictures; leave it out"
        return None


def _apart(source: str, wanted: Callable[[str], bool]) -> list[Fetch]:
    """What lies apart from the pipeline, in `owner/name@commit`, unless some of it is here."""
    repository, at, commit = source.partition("@")
    if not at or Path(source).exists() or weights.snapshot(repository, commit).is_dir():
        return []
    return [Fetch(repository, commit, lambda names: [name for name in names if wanted(name)])]


def _is_of(name: str, subfolder: str) -> bool:
    """Whether a file lies in a folder of a repository, and is a configuration or safetensors."""
    folder, _, file = name.rpartition("/")
    return folder == subfolder and file.endswith((".json", ".safetensors", ".model", ".txt"))
