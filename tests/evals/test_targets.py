"""Targets, what upscaling should give: named in a suite, kept with the run, scored against."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from evals import backlog, instruments, record
from evals.errors import RegistryError
from evals.judges.pins import Judge
from evals.media import encode_png
from evals.request import Request, RescoreRequest
from evals.run import evaluate, rescore
from evals.suites import frames as frame_files
from evals.suites.files import read_suite, to_toml
from evals.types import Prompt, StartFrame, Suite

SMALL = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
LARGE = SMALL.repeat(2, axis=0).repeat(2, axis=1)


def suite_text(target: str | None, task: str = "upscale", metrics: str = "") -> str:
    line = "" if target is None else f'target = "{target}"\n'
    start = 'start_frame = "mine/p1.png"\n' if task in frame_files.TARGETED else ""
    return (
        f'title = "T"\ntask = "{task}"\n{metrics}[[prompts]]\nid = "p1"\ntext = "a heron"\n'
        f"{start}{line}"
    )


def lay(folder: Path) -> Path:
    """A folder of suites with a small picture and its target."""
    (folder / "mine").mkdir(parents=True)
    (folder / "mine" / "p1.png").write_bytes(encode_png(SMALL))
    (folder / "mine" / "large.png").write_bytes(encode_png(LARGE))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return lay(tmp_path / "suites")


def read(folder: Path, target: str | None, task: str = "upscale") -> Suite:
    path = folder / "mine.toml"
    path.write_text(suite_text(target, task))
    return read_suite(path)


@pytest.mark.parametrize("task", ["upscale", "image-edit"])
def test_a_target_is_named_by_its_content(folder: Path, task: str) -> None:
    suite = read(folder, "mine/large.png", task)
    wanted = StartFrame(hashlib.sha256(encode_png(LARGE)).hexdigest(), "mine/large.png")
    assert suite.prompts[0].target == wanted
    (folder / "mine.toml").write_text(to_toml(suite))
    assert read_suite(folder / "mine.toml") == suite


def test_another_target_is_another_version(folder: Path) -> None:
    without, first = read(folder, None), read(folder, "mine/large.png")
    (folder / "mine" / "large.png").write_bytes(encode_png(LARGE // 2))
    os.utime(folder / "mine" / "large.png", ns=(1, 1))
    second = read(folder, "mine/large.png")
    assert len({without.version, first.version, second.version}) == 3


def test_a_start_frame_is_not_a_target() -> None:
    frame = StartFrame("0" * 64, "a.png")
    one = Suite("s", "S", "image-edit", (Prompt("p", "text", start_frame=frame),))
    other = Suite("s", "S", "image-edit", (Prompt("p", "text", target=frame),))
    assert one.version != other.version


@pytest.mark.parametrize(
    ("target", "task", "words"),
    [
        ("mine/none.png", "upscale", "is no file beside the suite"),
        ("../large.png", "upscale", "leaves the folder of the suite"),
        ("mine/large.gif", "upscale", "is no picture by its name"),
        ("mine/large.png", "text-to-image", "is of upscale and image-edit"),
        ("mine/large.png", "text-to-video", "is of upscale and image-edit"),
    ],
)
def test_a_target_that_cannot_be_one_is_refused(
    folder: Path, target: str, task: str, words: str
) -> None:
    with pytest.raises(RegistryError) as caught:
        read(folder, target, task)
    message = str(caught.value)
    assert 'key "prompts[0].target"' in message
    assert words in message
    assert len(message.splitlines()) == 1


def test_suites_with_targets_are_scored_against_them_unless_told_otherwise() -> None:
    judges: dict[str, Judge] = {}
    frame = StartFrame("0" * 64, "a.png")
    named = Suite("s", "S", "upscale", (Prompt("p", "text", start_frame=frame, target=frame),))
    bare = Suite("s", "S", "upscale", (Prompt("p", "text", start_frame=frame),))
    of_target = {"psnr", "ssim"}
    assert of_target <= {item.spec.name for item in instruments.choose(named, judges)[0]}
    assert not of_target & {item.spec.name for item in instruments.choose(bare, judges)[0]}


def write_home(home: Path, target: bool = True) -> None:
    lay(home / "suites")
    text = suite_text("mine/large.png" if target else None, metrics='metrics = ["psnr", "ssim"]\n')
    (home / "suites" / "mine.toml").write_text(text)
    (home / "models").mkdir()
    for kind in ("bicubic", "noise"):
        (home / "models" / f"{kind}.toml").write_text(
            f'name = "{kind}"\ntask = "upscale"\nbackend = "procedural"\nsuites = ["mine"]\n'
            f'[settings]\nkind = "{kind}"\n'
        )


def scores(
    home: Path, kind: str = "eval"
) -> dict[tuple[str, str], tuple[float | None, str | None]]:
    """(model, metric) -> value and reason, as the home's one run of that kind has it."""
    records = record.read_all(home)
    models = {
        item.trial.key: item.trial.model_id
        for item in backlog.kept(records, "mine", records[0].run.suite.version)
    }
    return {
        (models[line.trial_key], score.metric): (score.value, score.reason)
        for item in records
        if item.run.kind == kind
        for line in item.scored
        if line.kind == "generation"
        for score in line.scores
    }


def test_what_is_made_is_scored_against_the_target(tmp_path: Path) -> None:
    write_home(tmp_path)
    outcome = evaluate(tmp_path, Request("mine", seeds=(0,)))
    assert outcome.counts == {"ok": 2}
    assert outcome.unscored == 0
    from PIL import Image

    bicubic = np.asarray(Image.fromarray(SMALL).resize((16, 16), Image.Resampling.BICUBIC))
    error = np.square(bicubic.astype(float) - LARGE).mean()
    found = scores(tmp_path)
    assert found["bicubic", "psnr"][0] == pytest.approx(10 * np.log10(255**2 / error), abs=1e-4)
    for metric in ("psnr", "ssim"):
        good, bad = found["bicubic", metric][0], found["noise", metric][0]
        assert good is not None
        assert bad is not None
        assert good > bad


def test_a_run_can_be_scored_again_when_the_suite_is_gone(tmp_path: Path) -> None:
    write_home(tmp_path)
    evaluate(tmp_path, Request("mine", seeds=(0,)))
    before = scores(tmp_path)
    shutil.rmtree(tmp_path / "suites")
    shutil.rmtree(tmp_path / "models")
    (done,) = rescore(tmp_path, RescoreRequest(("mine",), everything=True))
    assert (done.generations, done.scored, done.unscored) == (2, 2, 0)
    assert scores(tmp_path, "rescore") == before


def test_a_target_that_the_run_has_lost_is_a_reason(tmp_path: Path) -> None:
    write_home(tmp_path)
    evaluate(tmp_path, Request("mine", seeds=(0,)))
    digest = hashlib.sha256(encode_png(LARGE)).hexdigest()
    (lost,) = (tmp_path / "runs").glob(f"*/media/*/{digest}.png")
    lost.unlink()
    (done,) = rescore(tmp_path, RescoreRequest(("mine",), everything=True))
    assert done.unscored == 4
    reasons = [reason for _, reason in scores(tmp_path, "rescore").values()]
    assert all(reason is not None and reason.startswith("MediaError: target") for reason in reasons)


def test_a_prompt_without_a_target_says_so(tmp_path: Path) -> None:
    write_home(tmp_path, target=False)
    outcome = evaluate(tmp_path, Request("mine", seeds=(0,)))
    assert outcome.unscored == 4
    assert {reason for _, reason in scores(tmp_path).values()} == {
        "prompt p1 has no target picture"
    }
