"""Clips from a registered model to recorded scores, and start frames with them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from evals import backlog, media, metrics, record, start_frames, stored, wire
from evals.backends import RawMedia
from evals.calibration import motions
from evals.clips import codec as clips
from evals.errors import MediaError
from evals.generate import Studio, Timing, attempt, keep
from evals.request import Request
from evals.run import evaluate
from evals.types import Prompt, StartFrame, Suite
from tests.evals.worlds import NOON, Write

pytestmark = pytest.mark.slow

CAPTIONS = (
    "one red star on the left on a white background, flat style, moving right fast",
    "one blue circle in the centre on a sand background, shaded style, standing still",
)
TRUTHS = ("motion_accuracy", "clip_caption_accuracy")
FRAMES = motions.render_clip(motions.parse(CAPTIONS[0]), 0)


def suite_of(task: str, starts: Mapping[int, str] | None = None) -> str:
    """A suite file of the two captions."""
    lines = ['title = "Small"', f'task = "{task}"', "seeds = [0, 1]"]
    lines.append(f"metrics = {json.dumps(TRUTHS)}")
    for number, text in enumerate(CAPTIONS):
        facts = ", ".join(f'{k} = "{v}"' for k, v in motions.parse(text).words.items())
        lines += ["[[prompts]]", f'id = "p{number}"', f'text = "{text}"']
        lines.append(f"facts = {{ {facts} }}")
        if starts:
            lines.append(f'start_frame = "{starts[number]}"')
    return "\n".join(lines) + "\n"


def model_of(task: str, kind: str, suite: str) -> str:
    return (
        f'name = "{kind}"\ntask = "{task}"\nbackend = "procedural"\nhardware = "box"\n'
        f'suites = ["{suite}"]\n[settings]\nkind = "{kind}"\n'
    )


def truths(home: Path) -> dict[tuple[str, str], dict[str, float | None]]:
    """(model, prompt) of seed 0 -> metric -> value."""
    records = record.read_all(home)
    trials = {result.trial.key: result.trial for result in record.results_of(records)}
    return {
        (trials[key].model_id, trials[key].prompt_id): {n: s.value for n, s in there.items()}
        for (key, _), there in backlog.newest_scores(records).items()
        if trials[key].seed == 0
    }


def test_clips_are_stored_billed_and_scored(write: Write, data: Path, tmp_path: Path) -> None:
    write("suites/moving.toml", suite_of("text-to-video"))
    for kind in ("renderer", "noise", "still"):
        write(f"models/{kind}-video.toml", model_of("text-to-video", kind, "moving"))
    home = tmp_path / "home"
    outcome = evaluate(home, Request("moving"), data)
    assert outcome.counts == {"ok": 12}
    for result in record.results_of(record.read_all(home)):
        kept, made = result.generation.media, result.generation.quantities
        assert kept is not None
        assert (kept.frames, kept.fps, kept.seconds) == (16, 8.0, 2.0)
        assert (made["clip_seconds"], made["frames"], made["pixels"]) == (2.0, 16, 16 * 64 * 64)
        assert result.generation.cost_usd is not None
        folder = home / "runs" / record.read_all(home)[0].run.id
        pixels = stored.read(kept, folder)
        assert pixels.shape == (16, 64, 64, 3)
    found = truths(home)
    assert found["renderer-video", "p0"] == dict.fromkeys(TRUTHS, 1.0)
    assert found["noise-video", "p0"] == dict.fromkeys(TRUTHS, 0.0)
    assert found["still-video", "p0"]["motion_accuracy"] == 0.0
    assert found["still-video", "p1"]["motion_accuracy"] == 1.0
    assert evaluate(home, Request("moving"), data).planned == 0


def test_start_frames_are_kept_with_the_run_that_showed_them(
    write: Write, data: Path, tmp_path: Path
) -> None:
    names = {}
    for number, text in enumerate(CAPTIONS):
        picture = motions.first_frame(motions.parse(text), number)
        names[number] = f"frames/{number}.png"
        path = data / "suites" / names[number]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(media.encode_png(picture))
    write("suites/begun.toml", suite_of("image-to-video", names))
    write("models/still-i2v.toml", model_of("image-to-video", "still", "begun"))
    home = tmp_path / "home"
    assert evaluate(home, Request("begun"), data).counts == {"ok": 4}
    (run,) = record.read_all(home)
    for number, prompt in enumerate(run.run.suite.prompts):
        assert prompt.start_frame is not None
        shown = start_frames.kept(prompt.start_frame, home / "runs" / run.run.id)
        assert np.array_equal(shown, motions.first_frame(motions.parse(CAPTIONS[number]), number))


def test_another_start_frame_is_another_version_and_none_is_the_old_one() -> None:
    plain = Suite("s", "S", "image-to-video", (Prompt("p", "text"),))
    versions = {
        Suite("s", "S", "image-to-video", (Prompt("p", "text", start_frame=frame),)).version
        for frame in (StartFrame("a" * 64, "a.png"), StartFrame("b" * 64, "a.png"))
    }
    assert len(versions | {plain.version}) == 3
    elsewhere = Prompt("p", "text", start_frame=StartFrame("a" * 64, "other/name.png"))
    assert Suite("s", "S", "image-to-video", (elsewhere,)).version in versions


def test_a_start_frame_that_changes_while_it_is_used_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(media.encode_png(FRAMES[0]))
    frame = StartFrame(hashlib.sha256(path.read_bytes()).hexdigest(), "a.png")
    run = tmp_path / "run"
    assert np.array_equal(start_frames.keep(frame, tmp_path, run), FRAMES[0])
    path.write_bytes(media.encode_png(FRAMES[-1]))
    with pytest.raises(MediaError, match=r"a\.png has changed"):
        start_frames.keep(frame, tmp_path, run)
    assert np.array_equal(start_frames.kept(frame, run), FRAMES[0])
    path.unlink()
    with pytest.raises(MediaError, match="No such file"):
        start_frames.keep(frame, tmp_path, run)


class Returns:
    """A generator that returns what it is given."""

    device = "cpu"

    def __init__(self, raw: RawMedia) -> None:
        self.raw = raw

    def generate(self, prompt: Prompt, seed: int) -> RawMedia:
        return self.raw


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (RawMedia(FRAMES[0]), "not frames"),
        (RawMedia(FRAMES), "how many frames a second"),
        (RawMedia(FRAMES[:1], fps=8.0), "frame"),
        (RawMedia(np.zeros_like(FRAMES), fps=8.0), "black"),
    ],
    ids=["picture", "no-rate", "one-frame", "black"],
)
def test_what_is_no_clip_is_the_models_failure(tmp_path: Path, raw: RawMedia, reason: str) -> None:
    tried = attempt(Returns(raw), Prompt("p", "text"), 0, Timing(lambda: NOON))
    made = keep(tried, None, Studio(tmp_path, "text-to-video")).generation
    assert made.failure is not None
    assert (made.status, made.failure.kind, made.failure.blame) == (
        "failed",
        "invalid_media",
        "model",
    )
    assert re.search(reason, made.failure.message)


def test_a_clip_is_no_picture(tmp_path: Path) -> None:
    tried = attempt(
        Returns(RawMedia(FRAMES, fps=8.0)), Prompt("p", "text"), 0, Timing(lambda: NOON)
    )
    made = keep(tried, None, Studio(tmp_path, "text-to-image")).generation
    assert made.failure is not None
    assert made.failure.kind == "invalid_media"


def test_a_clip_that_is_not_what_was_recorded_is_not_scored(tmp_path: Path) -> None:
    kept = clips.store(clips.Clip(FRAMES, 8.0), tmp_path)
    other = clips.store(clips.Clip(FRAMES[:9], 8.0), tmp_path)
    (tmp_path / kept.path).write_bytes((tmp_path / other.path).read_bytes())
    with pytest.raises(MediaError):
        stored.read(kept, tmp_path)


def test_records_of_the_schema_before_clips_are_read(
    write: Write, data: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    evaluate(home, Request("small", metrics=()), data)
    (folder,) = record.folders(home)
    for name in ("run.json", "results.jsonl"):
        path = folder / name
        lines = path.read_text().splitlines() if name.endswith("l") else [path.read_text()]
        older = []
        for line in lines:
            body = json.loads(line)
            body["schema"] = 2
            for kept in [body.get("generation", {}).get("media") or {}]:
                kept.pop("frames", None)
                kept.pop("fps", None)
            for prompt in body.get("suite", {}).get("prompts", []):
                prompt.pop("start_frame", None)
            older.append(json.dumps(body))
        path.write_text("\n".join(older) + "\n")
    (read,) = record.read_all(home)
    assert read.run.schema == wire.SCHEMA
    assert all(r.generation.media and r.generation.media.fps is None for r in read.results)
    assert metrics.modality(read.run.suite.task) == "image"
