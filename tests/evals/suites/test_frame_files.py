"""Start frames beside a suite: hashed, kept within its folder, there exactly where a task begins
with a picture.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import registry
from evals.errors import InputError, RegistryError
from evals.media import encode_png
from evals.suites import frames as frame_files
from evals.suites.files import read_suite, to_toml
from evals.suites.imports import import_suite
from evals.types import Prompt, StartFrame, Suite


def png(level: int) -> bytes:
    return encode_png(np.full((4, 4, 3), level, np.uint8))


def suite_text(frame: str | None, task: str = "image-to-video") -> str:
    """A suite of one prompt; `frame` is a TOML string without its quotes."""
    line = "" if frame is None else f'start_frame = "{frame}"\n'
    return f'title = "T"\ntask = "{task}"\n[[prompts]]\nid = "p1"\ntext = "a heron"\n{line}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of suites with one start frame, and a picture outside it."""
    (tmp_path / "suites" / "mine").mkdir(parents=True)
    (tmp_path / "suites" / "mine" / "p1.png").write_bytes(png(10))
    (tmp_path / "outside.png").write_bytes(png(20))
    return tmp_path / "suites"


def read(folder: Path, frame: str | None, task: str = "image-to-video") -> Suite:
    path = folder / "mine.toml"
    path.write_text(suite_text(frame, task))
    return read_suite(path)


@pytest.mark.parametrize("task", ["image-to-video", "upscale", "image-edit", "interpolate"])
def test_a_start_frame_is_named_by_its_content(folder: Path, task: str) -> None:
    suite = read(folder, "mine/p1.png", task)
    wanted = StartFrame(hashlib.sha256(png(10)).hexdigest(), "mine/p1.png")
    assert suite.prompts[0].start_frame == wanted
    (folder / "mine.toml").write_text(to_toml(suite))
    assert read_suite(folder / "mine.toml") == suite


def test_another_picture_under_the_same_name_is_another_version(folder: Path) -> None:
    first = read(folder, "mine/p1.png")
    (folder / "mine" / "p1.png").write_bytes(png(11))
    os.utime(folder / "mine" / "p1.png", ns=(1, 1))
    assert read(folder, "mine/p1.png").version != first.version


def test_a_picture_is_hashed_once_while_it_stays_as_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read(folder, "mine/p1.png")

    def refuse(*_: object) -> None:
        raise AssertionError("hashed again")

    monkeypatch.setattr("evals.suites.frames.hashlib.file_digest", refuse)
    assert read(folder, "mine/p1.png") == first


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ("mine/p2.png", "is no file beside the suite"),
        ("mine", "is no picture by its name"),
        ("mine/p1.png/", "plainly"),
        ("mine/p1.gif", "is no picture by its name"),
        ("mine/p1", "is no picture by its name"),
        ("../outside.png", "leaves the folder"),
        ("mine/../../outside.png", "leaves the folder"),
        ("mine/../mine/p1.png", "leaves the folder"),
        ("./mine/p1.png", "plainly"),
        ("mine//p1.png", "plainly"),
        ("", "plainly"),
        ("/etc/hostname.png", "absolute"),
        ("C:/p1.png", "absolute"),
        ("mine\\\\p1.png", "forward slashes"),
        ("mine/p1\\u0000.png", "forward slashes"),
        ("mine/link.png", "a link that leaves"),
        ("linked/outside.png", "a link that leaves"),
        ("mine/folder.png", "is no file beside the suite"),
        ("mine/empty.png", "has 0 bytes"),
        ("mine/looped.png", "cannot be read"),
    ],
)
def test_what_cannot_be_a_start_frame_is_one_line(folder: Path, frame: str, words: str) -> None:
    (folder / "mine" / "link.png").symlink_to(folder.parent / "outside.png")
    (folder / "mine" / "looped.png").symlink_to("looped.png")
    (folder / "linked").symlink_to(folder.parent)
    (folder / "mine" / "folder.png").mkdir()
    (folder / "mine" / "empty.png").touch()
    with pytest.raises(RegistryError) as caught:
        read(folder, frame)
    message = str(caught.value)
    assert "mine.toml" in message
    assert 'key "prompts[0].start_frame"' in message
    assert words in message
    assert "\n" not in message


def test_a_link_within_the_folder_is_followed(folder: Path) -> None:
    (folder / "mine" / "again.png").symlink_to("p1.png")
    frame = read(folder, "mine/again.png").prompts[0].start_frame
    assert frame is not None
    assert frame.sha256 == hashlib.sha256(png(10)).hexdigest()


@pytest.mark.parametrize("task", frame_files.NEEDED)
def test_a_task_that_begins_with_a_picture_needs_one(folder: Path, task: str) -> None:
    with pytest.raises(RegistryError, match=rf"start_frame.*{task} begins with a picture"):
        read(folder, None, task)


@pytest.mark.parametrize("task", frame_files.REFUSED)
def test_a_task_that_begins_with_words_takes_none(folder: Path, task: str) -> None:
    with pytest.raises(RegistryError, match=rf"start_frame.*{task} begins with words alone"):
        read(folder, "mine/p1.png", task)


@given(st.text(max_size=30), st.sampled_from(frame_files.SUFFIXES))
def test_what_is_let_through_stays_in_its_folder(text: str, suffix: str) -> None:
    path = text + suffix
    if frame_files.path_fault(path) is None:
        folder = Path("/suites/folder")
        assert os.path.normpath(folder / path) == str(folder / path)


def test_the_registry_says_where_frames_lie(home: Path, data: Path) -> None:
    folder = home / "suites"
    (folder / "mine").mkdir(parents=True)
    (folder / "mine" / "p1.png").write_bytes(png(10))
    (folder / "mine.toml").write_text(suite_text("mine/p1.png"))
    known = registry.load(home, data)
    assert known.suite_folder(known.suite("mine")) == folder


def test_a_list_of_prompts_makes_no_suite_that_needs_pictures(home: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("a heron\n")
    with pytest.raises(InputError, match="begin with pictures"):
        import_suite(home, tmp_path / "list.txt", "mine", task="image-to-video")
    assert not (home / "suites").exists()


def test_to_toml_names_the_frame_of_each_prompt() -> None:
    frames = [StartFrame("0" * 64, f"a/{n}.png") for n in range(3)]
    prompts = tuple(Prompt(f"p{n}", "x", start_frame=frame) for n, frame in enumerate(frames))
    text = to_toml(Suite("a", "A", "image-to-video", prompts))
    assert [line for line in text.splitlines() if line.startswith("start_frame")] == [
        f'start_frame = "a/{n}.png"' for n in range(3)
    ]
