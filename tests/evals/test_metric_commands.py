"""`churnboard metrics`: the list, the truth it is held against, and fetching a judge."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from huggingface_hub import constants
from typer.testing import CliRunner

from evals import commands, record
from evals.errors import ChurnboardError
from evals.judges import fetch as fetch_judge
from evals.suites import files as suite_files
from tests.evals import truths
from tests.evals.worlds import Write

app = typer.Typer()
commands.register(app)
HUB = "hf://somebody/some-clip@" + "5" * 40


@pytest.fixture(autouse=True)
def shipped(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the commands read the small shipped folder, and a hub's cache of the test's own."""
    monkeypatch.setattr("evals.registry.data_root", lambda: data)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(data / "cache"))
    return data


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["metrics", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def listed() -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in json.loads(run("--json"))["metrics"]}


def judge_toml(source: str, sha256: str | None, extra: str = "") -> str:
    pin = f'sha256 = "{sha256}"\n' if sha256 else ""
    return (
        f'name = "Some CLIP"\nfamily = "clip"\narchitecture = "ViT-B-32"\nsource = "{source}"\n'
        f'file = "some.safetensors"\n{pin}metrics = ["clip_score", "vendi"]\n{extra}'
    )


def test_every_metric_on_every_judge_with_its_tie_band(home: Path, write: Write) -> None:
    write("reference/one/some.safetensors", "weights")
    write("judges/reference.toml", judge_toml("../reference/one", "0" * 64))
    write(
        "judges/other.toml",
        judge_toml("../reference/one", "0" * 64, "[tie_band]\nclip_score = 0.75\n"),
    )
    rows = listed()
    assert {"clip_score", "clip_score@other", "vendi@other", "vendi@reference"} <= set(rows)
    assert rows["clip_score@other"]["tie_band"] == 0.75
    assert rows["clip_score"]["judge"] == "reference"
    assert (rows["vendi@other"]["level"], rows["vendi@other"]["measures"]) == ("model", "diversity")
    assert (rows["sharpness"]["judge"], rows["sharpness"]["available"]) == (None, True)
    assert all(rows[name]["available"] for name in ("clip_score@other", "vendi@reference"))
    table = run()
    for name in rows:
        assert name in table
    assert not home.exists()


def test_a_tie_band_that_nobody_measured_is_unknown_and_not_zero(home: Path, write: Write) -> None:
    write("reference/one/some.safetensors", "weights")
    bands = "[tie_band]\nclip_score = 0.75\n"
    write("judges/reference.toml", judge_toml("../reference/one", "0" * 64, bands))
    write("judges/other.toml", judge_toml("../reference/one", "0" * 64))
    zero = "[tie_band]\nclip_score = 0\n"
    write("judges/zero.toml", judge_toml("../reference/one", "0" * 64, zero))
    write("judges/far.toml", judge_toml(HUB, "0" * 64))
    rows = listed()
    names = ("clip_score", "clip_score@other", "clip_score@zero", "clip_score@far", "hps")
    assert [rows[name]["tie_band"] for name in names] == [0.75, None, None, None, None]
    # Arithmetic on pixels has no noise of a judge.
    assert rows["sharpness"]["tie_band"] == 0
    told = CliRunner().invoke(app, ["metrics"]).stderr
    # Only what would vote today is asked for: no column, no judge that is not here.
    assert (
        "no tie band was measured for clip_score@other, clip_score@zero: every difference counts"
        in told
    )
    assert "python -m evals.tie_band SUITE --metric NAME" in told


def test_what_is_missing_is_said_and_how_to_get_it(home: Path, write: Write) -> None:
    write("judges/far.toml", judge_toml(HUB, "0" * 64))
    rows = listed()
    row = rows["clip_score@far"]
    assert row["available"] is False
    assert "not on this machine; churnboard metrics --fetch far" in row["unavailable_because"]
    # No judge is registered for it: nothing takes its place.
    assert rows["hps"]["available"] is False
    result = CliRunner().invoke(app, ["metrics"])
    assert result.stderr.count("--fetch far") == 1


def fake_hub(repository: str, file: str, commit: str) -> Path:
    """What the hub's client does, less the network."""
    path = fetch_judge.snapshot(repository, commit) / file
    path.parent.mkdir(parents=True)
    path.write_bytes(b"weights")
    return path


def test_a_judge_is_fetched_and_pinned(
    home: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("judges/far.toml", judge_toml(HUB, None))
    monkeypatch.setattr(fetch_judge, "from_hub", fake_hub)
    result = CliRunner().invoke(app, ["metrics", "--fetch", "far"], catch_exceptions=False)
    path = Path(result.stdout.splitlines()[-1])
    assert path.read_bytes() == b"weights"
    assert "far is still unavailable" in result.stderr
    assert "not pinned" in result.stderr
    assert listed()["clip_score@far"]["available"] is False
    path.unlink()
    path.parent.rmdir()
    lines = run("--fetch", "far", "--pin").splitlines()
    assert lines[-1] == str(path)
    assert str(home / "judges" / "far.toml") in lines[0]
    assert hashlib.sha256(b"weights").hexdigest() in (home / "judges" / "far.toml").read_text()
    assert listed()["clip_score@far"]["available"] is True


@pytest.fixture
def judged(home: Path, write: Write) -> str:
    """A home with a record of known truth; the id of its suite."""
    suite = truths.SUITE
    write(f"suites/{suite.id}.toml", suite_files.to_toml(suite))
    made = truths.record(truths.RULES)
    with record.create(home, made.run) as writer:
        for result in made.results:
            writer.append(result)
        writer.append_scores(made.scored)
    return suite.id


def test_metrics_are_held_against_the_truth(judged: str) -> None:
    body = json.loads(run("--validity", "--suite", judged, "--json"))
    assert body["suite"] == {"id": judged, "version": truths.SUITE.version}
    assert (body["generations"], body["models"], body["world"]) == (120, 5, "calibration")
    rows = {row["name"]: row for row in body["metrics"]}
    assert set(rows) == set(truths.RULES)
    assert rows["exact"]["auc"]["value"] == 1
    assert rows["inverse"]["across_models"]["value"] == -1
    low, high = rows["blind"]["auc"]["low"], rows["blind"]["auc"]["high"]
    assert low < 0.5 < high


def test_the_table_says_what_it_is_of(judged: str) -> None:
    words = ["metrics", "--validity", "-s", judged]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert "120 generations of 5 models" in result.stdout
    assert "calibration world" in result.stderr
    assert "1.00 [" in result.stdout
    assert "silent: all models are equal" in result.stderr
    assert "anchors are left out" in result.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--validity", "--suite", "small"], "churnboard eval --suite small"),
        (["--validity"], '"calibration"'),
        (["--suite", "small"], "--validity"),
        (["--pin"], "--fetch"),
        (["--fetch", "nobody"], '"nobody"'),
        (["--fetch", "x", "--validity"], "not both"),
    ],
)
def test_a_mistake_is_one_line(home: Path, words: list[str], told: str) -> None:
    with pytest.raises(ChurnboardError) as caught:
        CliRunner().invoke(app, ["metrics", *words], catch_exceptions=False)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not home.exists()


def test_nothing_heavy_is_needed() -> None:
    code = (
        "import sys; from evals import validity, metric_commands, score, metrics;"
        "from evals.judges import fetch;"
        "metrics.discover(); print([n for n in ('torch', 'pandas', 'scipy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
