"""How picks came about, as tables for people: outlooks, the log, backtests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from leaderboard.pick_answers import Decision, LogEntry
from leaderboard.tables import UNKNOWN, add_row, new_table
from leaderboard.wording import odds

if TYPE_CHECKING:
    from leaderboard.picks.backtest import Backtest

RECENT = 10
"""Lines of the log that are shown; `--json` has all."""


def show_outlooks(decisions: Sequence[Decision]) -> None:
    """Since when each pick holds its role, before whom, and how long it may be believed."""
    held = [one for one in decisions if one.model is not None]
    if not held:
        return
    console = Console()
    table = new_table(
        "How long to believe them",
        *("domain", "role", "model", "since", "before it"),
        ("still right in 7 d", "right"),
        ("30 d", "right"),
        ("check again by", "right"),
    )
    why: dict[str, None] = {}
    for one in held:
        told = one.outlook
        if told is not None and told.reason:
            why.setdefault(f"{one.task}, {one.domain}: not known how long: {told.reason}")
        add_row(
            table,
            *(one.domain, one.role, one.model or UNKNOWN),
            UNKNOWN if one.since is None else f"{one.since:%Y-%m-%d}",
            one.previous or UNKNOWN,
            *(
                (UNKNOWN,) * 3
                if told is None
                else (_chance(told.days_7), _chance(told.days_30), f"{told.revalidate_by:%Y-%m-%d}")
            ),
        )
    console.print(table)
    for line in why:
        console.print(Text(line, style="dim"))
    for one in held:
        if one.tied:
            names = ", ".join(one.tied)
            line = f"{one.domain} {one.role}: cannot be told apart from {one.model}: {names}"
            console.print(Text(line, style="dim"))


def show_log(log: Sequence[LogEntry]) -> None:
    """The last switches, and wishes to switch that were refused."""
    if not log:
        return
    table = new_table("Switches, and refusals to switch", "day", "domain", "role", "what", "why")
    for entry in log[-RECENT:]:
        what = {
            "chosen": f"{entry.model} chosen",
            "kept": f"{entry.model} chosen again",
            "held": f"{entry.model} kept before {entry.challenger}",
            "switched": f"{entry.previous} to {entry.model}",
            "dropped": f"{entry.previous} dropped",
        }[entry.action]
        add_row(table, f"{entry.at:%Y-%m-%d}", entry.domain, entry.role, what, entry.reason)
    Console().print(table)


def show_backtests(found: Sequence[Backtest | str]) -> None:
    """Each policy's switches, flaps and regret on each board."""
    console = Console()
    for one in found:
        if isinstance(one, str):
            console.print(Text(f"no backtest: {one}", style="dim"))
            continue
        table = new_table(
            f"{one.source} {one.arena}, {one.begins:%Y-%m-%d} to {one.ends:%Y-%m-%d},"
            f" {one.boards - one.skipped} of {one.boards} boards",
            *("policy", "role"),
            ("switches", "right"),
            ("flaps", "right"),
            ("regret, points", "right"),
            ("regret, $/1000", "right"),
            ("under floor", "right"),
        )
        for line in one.lines:
            add_row(
                table,
                *(line.policy, line.role, str(line.switches), str(line.flaps)),
                UNKNOWN if line.regret_points is None else f"{line.regret_points:.1f}",
                UNKNOWN if line.regret_usd is None else f"{line.regret_usd:.2f}",
                _chance(line.under_floor),
            )
        console.print(table)
        for note in one.notes:
            console.print(Text(note, style="dim"))


def _chance(probability: float | None) -> str:
    return UNKNOWN if probability is None else odds(probability)
