"""What a model made of one suite → another suite, whose models begin with it.

So a chain is measured link by link: a clip is judged by how it goes on from a picture that was
chosen before, and all models that animate begin with the same one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from evals import backlog, metrics, record, registry
from evals.backlog import Kept
from evals.errors import InputError, NotFoundError, RecordError
from evals.home import runs_folder, shown
from evals.names import hint
from evals.suites import frames as frame_files
from evals.suites import own as own_suites
from evals.suites.files import LONGEST_PROMPT
from evals.types import Prompt, StartFrame, Suite, Task

LONGEST_TITLE = 200
ARGUMENT = "NEW_ID"


@dataclass(frozen=True)
class Wish:
    """What a person asks for."""

    name: str
    """Id of the suite to make."""
    source: str
    """Id of the suite whose prompts the pictures are of."""
    model: str
    """Id of the model that made them."""
    task: str = "image-to-video"
    motion: str | None = None
    """What is to happen, in words that are put behind every prompt."""
    motions: Path | None = None
    """File with a line of such words for each prompt of the source, in its order."""


@dataclass(frozen=True)
class Animated:
    """What was made of a wish."""

    suite: Suite
    path: Path
    written: bool
    """False: the suite was there with the same prompts and pictures, and was left as it is."""
    epoch: int
    """Of the source, from which the pictures are."""
    without: tuple[str, ...]
    """Prompts of the source of which that epoch has no picture; they are left out."""


def animate(home: Path, wish: Wish, data: Path | None = None) -> Animated:
    """Make a suite whose start frames are the pictures that a model made of another suite.

    They are of the model's newest epoch; of several seeds, the first of the suite that has a
    picture. Ids, tags and facts of the prompts stay. A second time changes nothing.

    Args:
        home: whose records hold the pictures, and whose `suites` folder gets file and copies.
        wish: see `Wish`.
        data: the shipped folder; None for this installation's.

    Raises:
        InputError: the wish cannot be granted; says which part of it, and why.
        NotFoundError: no such suite, or no pictures of that model.
        RecordError: a record is damaged, or a picture in it.
    """
    known = registry.load(home, data)
    own_suites.check_id(wish.name, ARGUMENT, known.suites)
    task = _task(wish.task)
    source = known.suite(wish.source)
    if metrics.modality(source.task) != "image":
        raise InputError(f'--from "{source.id}": {source.task} makes clips, and no start frames')
    endings = _endings(wish, task, source)
    generations = _of_model(backlog.kept(record.read_all(home), source.id, source.version), wish)
    chosen = _first_of_each(generations, source)
    pictures = {prompt: _read(kept, home) for prompt, kept in chosen.items()}
    frames = {
        prompt: StartFrame(
            hashlib.sha256(picture).hexdigest(),
            f"{wish.name}/{prompt}{PurePosixPath(chosen[prompt].media.path).suffix}",
        )
        for prompt, picture in pictures.items()
    }
    prompts = tuple(
        _prompt(prompt, ending, frames[prompt.id])
        for prompt, ending in zip(source.prompts, endings, strict=True)
        if prompt.id in frames
    )
    title = f"{source.title}: begun by {wish.model}"[:LONGEST_TITLE]
    suite = Suite(wish.name, title, task, prompts, seeds=source.seeds)
    without = tuple(prompt.id for prompt in source.prompts if prompt.id not in frames)
    epoch = generations[0].trial.epoch
    origin = f"{wish.model} on {source.id}, epoch {epoch},"
    registered = own_suites.there(known, suite, origin, ARGUMENT)
    if registered is not None:
        path = own_suites.file_of(home, wish.name)
        return Animated(registered, path, False, epoch, without)
    comment = f"Begins with what {wish.model} made of {source.id} in epoch {epoch}."
    files = {frames[prompt].path: picture for prompt, picture in pictures.items()}
    path = own_suites.write(home, suite, comment, files)
    return Animated(suite, path, True, epoch, without)


def _task(name: str) -> Task:
    tasks: dict[str, Task] = {task: task for task in frame_files.NEEDED}
    if name not in tasks:
        raise NotFoundError(f'--task "{name}": nothing to begin with a picture{hint(name, tasks)}')
    return tasks[name]


def _endings(wish: Wish, task: Task, source: Suite) -> Sequence[str]:
    """What is put behind each prompt of the source; empty for nothing."""
    if wish.motion is not None and wish.motions is not None:
        raise InputError("--motion and --motions: give one of the two")
    if task != "image-to-video" and (wish.motion is not None or wish.motions is not None):
        raise InputError(f"--motion is for clips, and {task} makes pictures; leave it out")
    if wish.motions is None:
        words = (wish.motion or "").strip()
        if wish.motion is not None and not words:
            raise InputError("--motion holds no words")
        return [words] * len(source.prompts)
    lines = _lines(wish.motions)
    if len(lines) != len(source.prompts):
        raise InputError(
            f'--motions {shown(wish.motions)}: {len(lines)} lines, and suite "{source.id}" has'
            f" {len(source.prompts)} prompts; write a line for each"
        )
    return lines


def _lines(path: Path) -> list[str]:
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise InputError(f"--motions {shown(path)} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"--motions {shown(path)}: not UTF-8 at byte {error.start}") from error
    for number, line in enumerate(lines, start=1):
        if not line:
            raise InputError(f"--motions {shown(path)}: line {number} is empty")
    return lines


def _of_model(generations: Sequence[Kept], wish: Wish) -> Sequence[Kept]:
    """What the model made in its newest epoch."""
    newest = backlog.newest_epochs(generations)
    if wish.model not in newest:
        end = hint(wish.model, newest)
        raise NotFoundError(
            f'--model "{wish.model}": no pictures of the current version of "{wish.source}"{end}'
            if end
            else f'no pictures of the current version of "{wish.source}" are recorded; run'
            f" `churnboard eval --suite {wish.source}` first"
        )
    return newest[wish.model]


def _first_of_each(generations: Sequence[Kept], source: Suite) -> dict[str, Kept]:
    """Prompt -> its picture of the first seed: of the suite's own seeds, then of any other."""
    place = {seed: number for number, seed in enumerate(source.seeds)}
    last = len(place)
    chosen: dict[str, Kept] = {}
    for kept in sorted(
        generations, key=lambda kept: (place.get(kept.trial.seed, last), kept.trial.seed)
    ):
        chosen.setdefault(kept.trial.prompt_id, kept)
    return chosen


def _read(kept: Kept, home: Path) -> bytes:
    """The file of a kept picture, as it was recorded."""
    path = runs_folder(home) / kept.run_id / kept.media.path
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecordError(f"{shown(path)} cannot be read: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != kept.media.sha256:
        raise RecordError(f"{shown(path)} is not the picture that was recorded")
    return data


def _prompt(prompt: Prompt, ending: str, frame: StartFrame) -> Prompt:
    """A prompt that goes on from its picture."""
    text = f"{prompt.text.rstrip().rstrip('.')}, {ending}" if ending else prompt.text
    if len(text) > LONGEST_PROMPT:
        raise InputError(f"prompt {prompt.id}: its text would have over {LONGEST_PROMPT:,} letters")
    return Prompt(prompt.id, text, prompt.domains, prompt.facts, frame)
