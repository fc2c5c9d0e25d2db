"""A file of prompts becomes a suite, whole or not at all, and never changes one that is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from evals import commands, registry
from evals.errors import ChurnboardError, InputError
from evals.suites.imports import import_suite

PARTI = (
    "Prompt\tCategory\tChallenge\tNote\na heron\tAnimals\tBasic\t\na red barn\tPlaces\tBasic\t\n"
)
app = typer.Typer()
commands.register(app)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A list of two prompts."""
    path = tmp_path / "birds.tsv"
    path.write_text(PARTI)
    return path


def files(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((home / "suites").glob("*"))}


def test_the_suite_is_registered_with_its_tags(home: Path, data: Path, source: Path) -> None:
    done = import_suite(home, source, "birds", data=data)
    suite = registry.load(home, data).suite("birds")
    assert suite == done.suite
    assert (done.written, done.format, done.path) == (True, "parti", home / "suites/birds.toml")
    assert [(p.text, p.domains) for p in suite.prompts] == [
        ("a heron", ("animals", "basic")),
        ("a red barn", ("places", "basic")),
    ]
    assert (suite.task, suite.seeds, suite.metrics) == ("text-to-image", (0, 1), ())
    assert list(files(home)) == ["birds.toml"]


def test_the_same_prompts_again_leave_the_file_as_it_is(
    home: Path, data: Path, source: Path
) -> None:
    first = import_suite(home, source, "birds", data=data)
    # What its owner added is not part of the version, and stays.
    text = first.path.read_text().replace("seeds = [0, 1]", "seeds = [5]")
    first.path.write_text(text)
    again = import_suite(home, source, "birds", data=data)
    assert (again.written, again.suite.version) == (False, first.suite.version)
    assert again.suite.seeds == (5,)
    assert first.path.read_text() == text


def test_other_prompts_are_refused_with_both_versions(home: Path, data: Path, source: Path) -> None:
    first = import_suite(home, source, "birds", data=data)
    before = files(home)
    source.write_text(PARTI.replace("a heron", "a crane"))
    with pytest.raises(InputError) as caught:
        import_suite(home, source, "birds", data=data)
    other = import_suite(home, source, "cranes", data=data).suite.version
    assert first.suite.version in str(caught.value)
    assert other in str(caught.value)
    assert str(first.path) in str(caught.value)
    assert files(home) | before == files(home)


def test_another_task_is_another_version(home: Path, data: Path, source: Path) -> None:
    import_suite(home, source, "birds", data=data)
    with pytest.raises(InputError, match="never mix versions"):
        import_suite(home, source, "birds", task="text-to-video", data=data)


def test_prompts_of_a_benchmark_of_clips_are_for_clips(
    home: Path, data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "info.json"
    path.write_text(json.dumps([{"prompt_en": "a heron takes off", "dimension": ["motion"]}]))
    assert import_suite(home, path, "clips", data=data).suite.task == "text-to-video"
    told = import_suite(home, path, "stills", task="text-to-image", data=data)
    assert told.suite.task == "text-to-image"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../birds", "--as"),
        ("CON", "device name"),
        ("small", "is there as version"),
        ("Small", "only in case"),
    ],
)
def test_an_id_that_cannot_be_is_refused(
    home: Path, data: Path, source: Path, name: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        import_suite(home, source, name, data=data)
    assert not home.exists()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 8_000_001, b"", None])
def test_a_file_that_cannot_be_read_writes_nothing(
    home: Path, data: Path, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "x.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"x\.txt"):
        import_suite(home, path, "x", data=data)
    assert not home.exists()


def test_a_disk_that_refuses_leaves_nothing_half_written(
    home: Path, data: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputError, match=r"birds\.toml cannot be written: No space"):
        import_suite(home, source, "birds", data=data)
    assert files(home) == {}
    assert set(registry.load(home, data).suites) == {"small"}


def test_a_folder_that_is_a_file_is_one_line(home: Path, data: Path, source: Path) -> None:
    home.mkdir()
    (home / "suites").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        import_suite(home, source, "birds", data=data)


@pytest.fixture
def shipped(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evals.registry.data_root", lambda: data)


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["suites", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.usefixtures("shipped")
def test_the_command_says_what_it_made_and_where(home: Path, source: Path) -> None:
    lines = run("--import", str(source), "--as", "birds").splitlines()
    assert lines[-1] == str(home / "suites" / "birds.toml")
    assert "2 prompts" in lines[0]
    body = json.loads(run("--import", str(source), "--as", "birds", "--json"))
    assert (body["written"], body["prompts"], body["format"]) == (False, 2, "parti")
    assert body["version"] in lines[0]
    listed = {row["id"]: row for row in json.loads(run("--json"))["suites"]}
    assert listed["birds"]["domains"] == ["animals", "basic", "places"]
    assert "birds" in run()


@pytest.mark.usefixtures("shipped")
def test_a_prompt_left_out_is_said(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("a heron\na crane\na heron\n")
    result = CliRunner().invoke(app, ["suites", "--import", str(path), "--as", "x"])
    assert "line 3 repeats line 1" in result.stderr


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--import", "x.txt"], "--as ID"),
        (["--as", "x"], "--import"),
        (["--format", "parti"], "--import"),
        (["--import", "x.txt", "--as", "x", "--task", "text-to-imag"], '"text-to-image"?'),
    ],
)
def test_options_that_miss_each_other_are_one_line(home: Path, words: list[str], told: str) -> None:
    with pytest.raises(ChurnboardError) as caught:
        CliRunner().invoke(app, ["suites", *words], catch_exceptions=False)
    assert told in str(caught.value)
    assert not home.exists()
