"""Pictures that a model made become a suite that begins with them, whole or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evals import media, record, registry
from evals.errors import InputError, NotFoundError, RecordError
from evals.request import Request
from evals.run import evaluate
from evals.suites.animate import Animated, Wish, animate
from tests.evals.worlds import CAPTIONS, NOON, Write

WISH = Wish("moving", "small", "renderer", motion="moving left slowly")


@pytest.fixture
def made(home: Path, data: Path) -> Path:
    """A home in which both models have made every picture of the small suite."""
    evaluate(home, Request("small", metrics=()), data, clock=lambda: NOON)
    return home


def grant(home: Path, data: Path, **changes: object) -> Animated:
    return animate(home, replace(WISH, **changes), data)  # type: ignore[arg-type]


def pictures(home: Path, model: str, seed: int, epoch: int = 1) -> dict[str, bytes]:
    """Prompt -> the file that a model made of it, straight from the records."""
    found: dict[str, bytes] = {}
    for kept in record.read_all(home):
        for result in kept.results:
            trial, stored = result.trial, result.generation.media
            if (trial.model_id, trial.seed, trial.epoch) == (model, seed, epoch) and stored:
                path = home / "runs" / kept.run.id / stored.path
                found[trial.prompt_id] = path.read_bytes()
    return found


def test_the_pictures_of_the_first_seed_are_what_the_prompts_begin_with(
    made: Path, data: Path
) -> None:
    done = grant(made, data)
    suite = registry.load(made, data).suite("moving")
    assert suite == done.suite
    assert (suite.task, suite.seeds, done.written, done.epoch) == (
        "image-to-video",
        (0, 1),
        True,
        1,
    )
    source = registry.load(made, data).suite("small")
    wanted = pictures(made, "renderer", 0)
    assert [prompt.id for prompt in suite.prompts] == [prompt.id for prompt in source.prompts]
    for prompt, before in zip(suite.prompts, source.prompts, strict=True):
        frame = prompt.start_frame
        assert frame is not None
        assert (made / "suites" / frame.path).read_bytes() == wanted[prompt.id]
        assert frame.sha256 == hashlib.sha256(wanted[prompt.id]).hexdigest()
        assert prompt.text == f"{before.text}, moving left slowly"
        assert (prompt.domains, prompt.facts) == (before.domains, before.facts)


def test_a_second_time_changes_nothing(made: Path, data: Path) -> None:
    first = grant(made, data)
    before = {path: path.stat().st_mtime_ns for path in (made / "suites").rglob("*")}
    again = grant(made, data)
    assert (again.written, again.suite) == (False, first.suite)
    assert before == {path: path.stat().st_mtime_ns for path in (made / "suites").rglob("*")}


def test_another_motion_or_model_is_another_version(made: Path, data: Path) -> None:
    first = grant(made, data)
    for change in ({"motion": "growing"}, {"model": "noise"}):
        with pytest.raises(InputError, match="never mix versions") as caught:
            grant(made, data, **change)
        assert first.suite.version in str(caught.value)
        other = grant(made, data, name="other-" + next(iter(change)), **change)
        assert other.suite.version != first.suite.version


def test_a_line_for_each_prompt(made: Path, data: Path, tmp_path: Path) -> None:
    path = tmp_path / "motions.txt"
    path.write_text("growing\nblinking \nrotating\nstanding still\n")
    done = grant(made, data, motion=None, motions=path)
    ends = [prompt.text.removeprefix(text) for prompt, text in zip(done.suite.prompts, CAPTIONS)]  # noqa: B905
    assert ends == [", growing", ", blinking", ", rotating", ", standing still"]


def test_a_full_stop_does_not_stand_before_the_motion(home: Path, data: Path, write: Write) -> None:
    text = (
        'title = "T"\ntask = "text-to-image"\n[[prompts]]\nid = "p"\ntext = "A cat. On a mat. "\n'
    )
    write("suites/small.toml", text)
    evaluate(home, Request("small", models=("noise",), metrics=()), data, clock=lambda: NOON)
    done = grant(home, data, model="noise", motion="asleep")
    assert done.suite.prompts[0].text == "A cat. On a mat, asleep"


def test_the_newest_epoch_counts(made: Path, data: Path, write: Write) -> None:
    again = Request("small", models=("renderer",), prompts=2, new_epoch=True, metrics=())
    evaluate(made, again, data, clock=lambda: NOON)
    done = grant(made, data)
    assert (done.epoch, done.without) == (2, ("p3", "p4"))
    assert [prompt.id for prompt in done.suite.prompts] == ["p1", "p2"]


def test_a_seed_that_failed_gives_way_to_the_next(home: Path, data: Path) -> None:
    request = Request("small", models=("noise",), seeds=(1,), metrics=())
    evaluate(home, request, data, clock=lambda: NOON)
    later = replace(request, seeds=(0,), prompts=1)
    evaluate(home, later, data, clock=lambda: NOON)
    grant(home, data, model="noise")
    first, second = pictures(home, "noise", 0), pictures(home, "noise", 1)
    kept = {p.name: p.read_bytes() for p in (home / "suites" / "moving").iterdir()}
    assert kept == {f"{name}.png": (second | first)[name] for name in second}


def test_the_suite_can_be_evaluated(made: Path, data: Path, write: Write) -> None:
    write(
        "models/held.toml",
        'name = "Held"\ntask = "image-to-video"\nbackend = "procedural"\n'
        '[settings]\nkind = "still"\n',
    )
    grant(made, data)
    outcome = evaluate(made, Request("moving", models=("held",), prompts=1, metrics=()), data)
    assert outcome.counts == {"ok": 2}


def test_small_pictures_are_a_suite_for_upscaling(made: Path, data: Path) -> None:
    suite = grant(made, data, task="upscale", motion=None).suite
    assert suite.task == "upscale"
    assert suite.prompts[0].text == CAPTIONS[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "../x"}, "NEW_ID"),
        ({"name": "SMALL"}, "only in case"),
        ({"name": "small"}, "is there as version"),
        ({"source": "smal"}, 'did you mean "small"'),
        ({"model": "rendrer"}, 'did you mean "renderer"'),
        ({"task": "image-to-vide"}, 'did you mean "image-to-video"'),
        ({"task": "upscale"}, "--motion is for clips"),
        ({"motion": "  "}, "no words"),
        ({"motions": Path("none.txt")}, "give one of the two"),
        ({"motion": None, "motions": Path("none.txt")}, "none.txt cannot be read"),
        ({"motion": "x" * 20_000}, "prompt p1"),
    ],
)
def test_a_wish_that_cannot_be_granted_writes_nothing(
    made: Path, data: Path, change: dict[str, object], words: str
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        grant(made, data, **change)
    assert "\n" not in str(caught.value)
    assert not (made / "suites").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"a\nb\n", "2 lines, and suite"), (b"a\n\nb\nc\n", "line 2 is empty"), (b"\xff", "UTF-8")],
)
def test_motions_that_do_not_fit_are_one_line(
    made: Path, data: Path, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "motions.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        grant(made, data, motion=None, motions=path)


def test_clips_are_no_start_frames(home: Path, data: Path, write: Write) -> None:
    text = 'title = "T"\ntask = "text-to-video"\n[[prompts]]\nid = "p"\ntext = "A cat"\n'
    write("suites/films.toml", text)
    with pytest.raises(InputError, match="makes clips"):
        grant(home, data, source="films")


def test_without_results_it_says_what_to_do(home: Path, data: Path) -> None:
    with pytest.raises(NotFoundError, match="eval --suite small"):
        grant(home, data)


def test_a_picture_that_is_not_what_was_recorded_is_not_taken(made: Path, data: Path) -> None:
    for path in (made / "runs").rglob("*.png"):
        path.write_bytes(media.encode_png(np.zeros((8, 8, 3), np.uint8)))
    with pytest.raises(RecordError, match="is not the picture that was recorded"):
        grant(made, data)
    assert not (made / "suites").exists()


def test_pictures_in_the_way_are_not_overwritten(made: Path, data: Path) -> None:
    mine = made / "suites" / "moving" / "p1.png"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    with pytest.raises(InputError, match=r"p1\.png is another picture"):
        grant(made, data)
    assert mine.read_bytes() == b"mine"
    assert not (made / "suites" / "moving.toml").exists()


def test_what_a_crash_left_is_taken_over(
    made: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.suffix == ".toml":
            raise OSError(28, "No space left on device")
        return whole(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(InputError, match="No space"):
            grant(made, data)
    assert "moving" not in registry.load(made, data).suites
    assert grant(made, data).written
