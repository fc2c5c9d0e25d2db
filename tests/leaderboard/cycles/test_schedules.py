"""What makes a machine run cycles: read back by those who will read it."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from evals.errors import InputError
from leaderboard.cli import build
from leaderboard.cycles import schedules
from leaderboard.cycles.schedules import Call
from leaderboard.cycles.slots import parse_every

INTERVALS = ["5m", "7m", "30m", "45m", "1h", "6h", "9h", "1d", "3d", "1w", "2w", "30d"]
ODD_HOME = '/srv/a b/100%/it\'s $HOME/"q"/ä'


def call(
    home: str = ODD_HOME, every: str = "1d", executable: str = "/opt/my venv/churnboard"
) -> Call:
    return Call([executable], home, parse_every(every), ["--budget", "5"])


def test_cron_hands_the_very_words_to_the_program(tmp_path: Path) -> None:
    program = tmp_path / "my program"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(0o755)
    line = schedules.cron(call(executable=str(program))).splitlines()[-1]
    command = line.split(" ", 5)[5]
    assert "%" not in command.replace(r"\%", "")
    # cron takes the backslash away and gives the rest to a shell.
    said = subprocess.run(
        ["/bin/sh", "-c", command.replace(r"\%", "%")], capture_output=True, text=True, check=True
    )
    words = ["cycle", "--home", ODD_HOME, "--every", "1d", "--budget", "5"]
    assert said.stdout.splitlines() == words
    assert shlex.split(command.replace(r"\%", "%"))[1:] == words


def firings(fields: str) -> int:
    """How often a cron line with whole or stepped minutes and hours fires in a week."""
    minute, hour, _, _, weekday = fields.split()

    def count(field: str, size: int) -> int:
        if field == "*":
            return size
        return len(range(0, size, int(field[2:]))) if field.startswith("*/") else 1

    return count(minute, 60) * count(hour, 24) * (1 if weekday != "*" else 7)


@pytest.mark.parametrize("every", INTERVALS)
def test_no_slot_passes_without_a_call(every: str) -> None:
    length = parse_every(every)
    times = firings(schedules.cron_times(length))
    if length <= timedelta(days=7):
        assert times >= timedelta(days=7) // length
    else:
        assert times >= 1


def test_a_path_with_a_line_in_it_is_refused() -> None:
    with pytest.raises(InputError, match="crontab"):
        schedules.cron(call("/srv/a\nb"))
    with pytest.raises(InputError, match="unit"):
        schedules.systemd(call("/srv/a\nb"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("every", INTERVALS)
def test_systemd_accepts_the_units(every: str, tmp_path: Path) -> None:
    units = schedules.systemd(call('/srv/a b/100%/it\'s $HOME/"q"', every, "/bin/true"))
    for name, text in units.items():
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "churnboard" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("every", INTERVALS)
def test_systemd_understands_the_times(every: str) -> None:
    done = subprocess.run(
        ["systemd-analyze", "calendar", schedules.on_calendar(parse_every(every))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_word_of_a_unit_is_quoted() -> None:
    text = schedules.systemd(call())[schedules.SERVICE]
    line = next(line for line in text.splitlines() if line.startswith("ExecStart="))
    assert r'"/srv/a b/100%%/it' in line
    assert "$$HOME" in line
    assert r"\"q\"" in line


@pytest.mark.parametrize("every", INTERVALS)
def test_the_workflow_is_yaml_with_what_a_schedule_needs(every: str) -> None:
    found = yaml.safe_load(schedules.github(parse_every(every), ["--budget", "5"]))
    # YAML 1.1 reads the key `on` as true.
    when = found[True]
    assert when["schedule"][0]["cron"] == schedules.cron_times(parse_every(every))
    assert "workflow_dispatch" in when
    assert found["concurrency"] == {"group": "churnboard-cycle", "cancel-in-progress": False}
    steps = found["jobs"]["cycle"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert commands[-1] == f"churnboard cycle --home home --every {every} --budget 5"


def test_nobody_writes_an_expression_of_githubs_by_an_option() -> None:
    text = schedules.github(parse_every("1d"), ["${{ secrets.TOKEN }}"])
    command = yaml.safe_load(text)["jobs"]["cycle"]["steps"][-3]["run"]
    assert "${{" not in command


def test_the_command_prints_or_writes(tmp_path: Path, home: Path) -> None:
    runner = CliRunner()
    printed = runner.invoke(build(), ["schedule", "cron", "--every", "6h"])
    assert printed.exit_code == 0
    assert f"--home {home}" in printed.output
    assert "7 */6 * * *" in printed.output
    written = runner.invoke(build(), ["schedule", "systemd", "--to", str(tmp_path / "units")])
    assert written.exit_code == 0
    assert written.output.splitlines() == [
        str(tmp_path / "units" / schedules.SERVICE),
        str(tmp_path / "units" / schedules.TIMER),
    ]
    assert all(Path(line).is_file() for line in written.output.splitlines())


def test_an_unknown_kind_is_an_error(home: Path) -> None:
    found = CliRunner().invoke(build(), ["schedule", "corn"])
    assert isinstance(found.exception, InputError)
    assert "cron" in str(found.exception)
