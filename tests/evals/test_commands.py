"""The commands: answers for people and for machines, one-line errors, quick to start."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from evals import commands
from evals import home as home_module
from evals.errors import ChurnboardError, InputError, NotFoundError
from tests.evals.worlds import Write, model_toml

app = typer.Typer()
commands.register(app)
ONLY_PICTURES = ["--metric", "caption_accuracy"]


@pytest.fixture(autouse=True)
def shipped(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the commands read the small shipped folder."""
    for module in ("evals.registry", "evals.home"):
        monkeypatch.setattr(f"{module}.data_root", lambda: data)
    return data


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def answer(*words: str) -> dict[str, object]:
    return json.loads(run(*words, "--json"))


@pytest.mark.parametrize(
    ("command", "ids"),
    [
        ("models", {"renderer", "noise"}),
        ("suites", {"small"}),
    ],
)
def test_what_is_registered_is_listed(home: Path, command: str, ids: set[str]) -> None:
    rows = answer(command)[command]
    assert isinstance(rows, list)
    assert {row.get("id") or row["name"] for row in rows} == ids
    table = run(command)
    for name in ids:
        assert name in table
    assert not home.exists()


def test_an_unusable_price_is_unknown_and_never_zero(home: Path, write: Write, data: Path) -> None:
    path = data / "prices" / "hardware.toml"
    write("prices/hardware.toml", path.read_text().replace("3.6", "0.0"))
    (row,) = answer("prices")["hardware"]  # type: ignore[misc]
    assert (row["usd_per_hour"], row["status"]) == (None, "unknown")


def test_a_plan_says_what_is_ahead_and_writes_nothing(home: Path) -> None:
    body = answer("plan", "-s", "small", "--seeds", "0-2", "--prompts", "3", *ONLY_PICTURES)
    assert (body["trials"], body["missing"], body["epoch"]) == (18, 18, 1)
    rows = body["models"]
    assert isinstance(rows, list)
    assert [(row["model"], row["trials"], row["seconds"]) for row in rows] == [
        ("noise", 9, None),
        ("renderer", 9, None),
    ]
    assert all(row["cost_usd"] is None and row["cost_basis"] for row in rows)
    assert "18 of 18 trials" in run("plan", "-s", "small", "--seeds", "0-2", "--prompts", "3",
                                    *ONLY_PICTURES)  # fmt: skip
    assert not home.exists()


@pytest.mark.slow
def test_an_evaluation_prints_its_folder_last(home: Path) -> None:
    words = ["eval", "-s", "small", "--prompts", "1", "--seeds", "0", *ONLY_PICTURES]
    lines = run(*words).splitlines()
    assert "2 ok" in lines[-2]
    assert Path(lines[-1]).is_dir()
    assert Path(lines[-1]).parent == home / "runs"
    again = run(*words).splitlines()
    assert "nothing to do" in again[0]
    assert again[-1] == lines[-1]
    known = answer("plan", "-s", "small", "--prompts", "1", *ONLY_PICTURES)["models"]
    assert known[1]["cost_usd"] > 0  # type: ignore[index]


def test_an_evaluation_in_which_nothing_ends_well_says_so_to_its_caller(
    home: Path, write: Write, data: Path
) -> None:
    write(
        data / "models" / "keyless.toml",
        'task = "text-to-image"\nbackend = "openai"\nsuites = ["small"]\n'
        '[settings]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\nkey_env = "NOT_SET_HERE"\n',
    )
    words = ["eval", "--suite", "small", *ONLY_PICTURES, "--model"]
    alone = CliRunner().invoke(app, [*words, "keyless"])
    assert alone.exit_code == 1, alone.output
    assert "NOT_SET_HERE" in alone.output
    assert Path(alone.stdout.splitlines()[-1]).is_dir()
    beside = CliRunner().invoke(app, [*words, "keyless", "--model", "noise"])
    assert beside.exit_code == 0, beside.output


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["eval", "-s", "smal"], NotFoundError),
        (["eval", "-s", "small", "-m", "nois"], NotFoundError),
        (["plan", "-s", "small", "--seeds", "a"], InputError),
        (["plan", "-s", "small", "--seeds", "3-1"], InputError),
        (["plan", "-s", "small", "--epoch", "1", "--new-epoch", *ONLY_PICTURES], InputError),
        (["models", "--home", __file__], InputError),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    home: Path, words: list[str], error: type[ChurnboardError]
) -> None:
    with pytest.raises(error) as caught:
        CliRunner().invoke(app, words, catch_exceptions=False)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    assert not home.exists()


def test_a_hidden_file_is_noted(home: Path) -> None:
    (home / "models").mkdir(parents=True)
    (home / "models" / "noise.toml").write_text(model_toml('kind = "noise"'))
    result = CliRunner().invoke(app, ["models"], catch_exceptions=False)
    assert "note: " in result.stderr
    assert "note: " not in result.stdout


def test_names_are_text_and_never_markup(home: Path, write: Write) -> None:
    write("models/x.toml", model_toml().replace("A model", "[red]A[/red] [/]"))
    assert "[red]A[/red] [/]" in run("models")


def test_home_is_the_option_then_the_variable_then_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHURNBOARD_HOME", str(tmp_path / "variable"))
    assert home_module.resolve_home(tmp_path / "option") == tmp_path / "option"
    assert home_module.resolve_home(None) == tmp_path / "variable"
    monkeypatch.delenv("CHURNBOARD_HOME")
    monkeypatch.chdir(tmp_path)
    assert home_module.resolve_home(None) == tmp_path / "home"


def test_help_needs_nothing_heavy() -> None:
    code = (
        "import sys, typer; from evals import commands; app = typer.Typer();"
        "commands.register(app);"
        "heavy = ('torch', 'numpy', 'pydantic', 'PIL', 'rich.progress');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
