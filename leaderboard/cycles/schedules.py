"""What runs cycles on a machine: a line for cron, units for systemd, a workflow for GitHub (pure).

A scheduler only has to call often enough: slots are of UTC, and a slot that was done does nothing.
So where a scheduler cannot say an interval, it calls more often; and a clock that changes in summer
makes no slot twice.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from evals.errors import InputError
from leaderboard.cycles.slots import every_text

MINUTE = 7
"""Of the hour; on the hour everybody calls."""
SERVICE = "churnboard-cycle.service"
TIMER = "churnboard-cycle.timer"
WORKFLOW = "churnboard-cycle.yml"


@dataclass(frozen=True)
class Call:
    """The command that a scheduler is to run."""

    executable: Sequence[str]
    """With what belongs before the options: a program, or an interpreter and a module."""
    home: str
    """Absolute."""
    every: timedelta
    options: Sequence[str] = ()
    """Of `cycle`, beside these."""

    @property
    def words(self) -> list[str]:
        """Program and arguments."""
        every = ["--every", every_text(self.every)]
        return [*self.executable, "cycle", "--home", self.home, *every, *self.options]


def cron(call: Call) -> str:
    """A line of a crontab, with what there is to know of it as comments.

    Raises:
        InputError: a path cannot stand in a crontab.
    """
    for word in call.words:
        if "\n" in word or "\r" in word:
            raise InputError(f"{word!r}: a crontab has no lines within lines; rename it")
    # cron takes a bare % for a new line, within quotes too.
    command = shlex.join(call.words).replace("%", r"\%")
    return (
        "# cron's hours are those of the machine; slots are of UTC, and each is done once.\n"
        "# What it says goes where cron mails to; CHURNBOARD_NOTIFY=… above it tells a webhook.\n"
        f"{cron_times(call.every)} {command}\n"
    )


def cron_times(every: timedelta) -> str:
    """The five fields: as often as the interval, or more often where cron cannot say it.

    >>> cron_times(timedelta(days=1)), cron_times(timedelta(hours=6)), cron_times(timedelta(days=7))
    ('7 0 * * *', '7 */6 * * *', '7 0 * * 1')
    >>> cron_times(timedelta(minutes=45)), cron_times(timedelta(days=3))
    ('*/15 * * * *', '7 0 * * *')
    """
    minutes = round(every.total_seconds() / 60)
    if minutes % 60:
        step = max(n for n in (5, 10, 15, 20, 30, 1) if n <= minutes and minutes % n == 0)
        return f"*/{step} * * * *" if step > 1 else "* * * * *"
    hours = minutes // 60
    if hours % 24:
        step = max(n for n in (1, 2, 3, 4, 6, 8, 12) if hours % n == 0)
        return f"{MINUTE} */{step} * * *" if step > 1 else f"{MINUTE} * * * *"
    return f"{MINUTE} 0 * * 1" if hours % 168 == 0 else f"{MINUTE} 0 * * *"


def systemd(call: Call) -> Mapping[str, str]:
    """File name -> content: a service and its timer.

    Raises:
        InputError: a path cannot stand in a unit.
    """
    words = " ".join(_unit_word(word) for word in call.words)
    service = (
        "[Unit]\n"
        "Description=churnboard: evaluate what is due, refresh, export\n"
        "Wants=network-online.target\n"
        "After=network-online.target\n"
        "\n"
        "[Service]\n"
        "Type=oneshot\n"
        f"ExecStart={words}\n"
        "# 75: another cycle is at work, and does this slot.\n"
        "SuccessExitStatus=75\n"
        "Nice=10\n"
    )
    timer = (
        "[Unit]\n"
        "Description=churnboard: a cycle in every slot\n"
        "\n"
        "[Timer]\n"
        f"OnCalendar={on_calendar(call.every)}\n"
        "# A machine that was off catches up when it comes back.\n"
        "Persistent=true\n"
        "\n"
        "[Install]\n"
        "WantedBy=timers.target\n"
    )
    return {SERVICE: service, TIMER: timer}


def on_calendar(every: timedelta) -> str:
    """As `cron_times`, in the words of systemd; of UTC.

    >>> on_calendar(timedelta(hours=6)), on_calendar(timedelta(days=7))
    ('*-*-* 00/6:07:00 UTC', 'Mon *-*-* 00:07:00 UTC')
    """
    minute, hour, _, _, day = cron_times(every).split()
    begins = {"*/": "00/", "*": "*"}
    hours = hour.replace("*/", begins["*/"]) if hour.startswith("*") else f"{int(hour):02d}"
    minutes = minute.replace("*/", begins["*/"]) if minute.startswith("*") else f"{int(minute):02d}"
    return f"{'Mon ' if day == '1' else ''}*-*-* {hours}:{minutes}:00 UTC"


def github(every: timedelta, options: Sequence[str] = ()) -> str:
    """A workflow that keeps the home between runs and uploads the recommendations.

    Args:
        every: GitHub's own schedule may be late by an hour; slots make nothing of that.
        options: of `cycle`, beside the interval.
    """
    cycle = shlex.join(["churnboard", "cycle", "--home", "home", "--every", every_text(every)])
    rest = "".join(f" {shlex.quote(word)}" for word in options)
    # What begins an expression of GitHub's own is none here.
    run = json.dumps(f"{cycle}{rest}".replace("${{", "$ {{"), ensure_ascii=False)
    return f"""\
name: churnboard cycle

on:
  schedule:
    - cron: "{cron_times(every)}" # UTC
  workflow_dispatch:

# One at a time; the one that waits does the slot's rest, or nothing.
concurrency:
  group: churnboard-cycle
  cancel-in-progress: false

permissions:
  contents: read

jobs:
  cycle:
    runs-on: ubuntu-latest
    timeout-minutes: 350
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: python -m pip install --require-hashes -r requirements.txt
      - run: python -m pip install --no-deps -e .
      - uses: actions/cache/restore@v4
        with:
          path: home
          key: churnboard-home-${{{{ github.run_id }}}}
          restore-keys: churnboard-home-
      - run: {run}
        env:
          CHURNBOARD_NOTIFY: ${{{{ secrets.CHURNBOARD_NOTIFY }}}}
      # Also of a cycle that failed: what it recorded is not made again.
      - uses: actions/cache/save@v4
        if: always()
        with:
          path: home
          key: churnboard-home-${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: recommendations
          path: home/exports/recommendations.json
"""


def _unit_word(word: str) -> str:
    """A word of ExecStart, in quotes where it needs them."""
    if any(ord(letter) < 32 for letter in word):
        raise InputError(f"{word!r}: control characters cannot stand in a unit; rename it")
    text = word.replace("%", "%%").replace("$", "$$")
    if word and all(letter.isalnum() or letter in "/._-+:=,@%$" for letter in word):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
