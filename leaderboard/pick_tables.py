"""How picks came about, as tables for people: outlooks, the log, backtests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from leaderboard.answers import ALL_DOMAINS, NoPick, Pick, Picks
from leaderboard.pick_answers import ROLES, Decision, LogEntry
from leaderboard.pick_words import (
    GENERATIONS,
    LABELS,
    calling,
    evidence,
    ground_in,
    grounds_of,
    saving,
)
from leaderboard.tables import (
    UNKNOWN,
    add_row,
    digits,
    dollars,
    interval,
    new_table,
    per_thousand,
)
from leaderboard.wording import odds

if TYPE_CHECKING:
    from leaderboard.picks.backtest import Backtest

RECENT = 10
"""Lines of the log that are shown; `--json` has all."""


def show_picks(picks: Picks, now: datetime, generations: int = GENERATIONS) -> None:
    """Every pick, the reasons beneath, then what has none and why; real models before simulated.

    Args:
        picks: of one edition, or some of them.
        now: what the age of evidence is counted to.
        generations: per month, for what a switch saves.
    """
    console = Console()
    tasks = sorted({one.task for one in (*picks.picks, *picks.none)})
    for ground in grounds_of(picks.picks, picks.none):
        for task in tasks:
            chosen = [p for p in picks.picks if p.task == task and ground_in(p) == ground]
            gaps = [p for p in picks.none if p.task == task and ground_in(p) == ground]
            if chosen or gaps:
                title = f"Picks for {task} · {LABELS[ground].lower()}"
                _task(console, title, chosen, gaps, now, generations)
    for refusal in picks.refused:
        place = f"{refusal.task}, {refusal.domain}"
        console.print(Text(f"refused for {place}: {refusal.model}: {refusal.reason}", style="dim"))


def _task(
    console: Console,
    title: str,
    chosen: Sequence[Pick],
    gaps: Sequence[NoPick],
    now: datetime,
    generations: int,
) -> None:
    """The picks of one task that stand on one ground."""
    clips = any(pick.compute_s_per_clip_second is not None for pick in chosen)
    dear = any(pick.usd_per_clip_second is not None for pick in chosen)
    # Where it is narrow, the price of a second stands for that of a clip and for the time it takes.
    each = not dear or console.width >= 100
    clips = clips and each
    table = new_table(
        title,
        *("domain", "role", "model"),
        ("rating", "right"),
        ("95 %", "right"),
        *((("s/clip s", "right"),) if clips else ()),
        *((("$/clip s", "right"),) if dear else ()),
        *((("$/1000", "right"),) if each else ()),
    )
    why: list[tuple[str, str]] = []
    for pick in chosen:
        mark = " (simulated)" if pick.simulated else ""
        add_row(
            table,
            *(pick.domain, pick.role, pick.name + mark, f"{pick.rating:.0f}"),
            interval(pick.rating_low, pick.rating_high),
            *((digits(pick.compute_s_per_clip_second),) if clips else ()),
            *((dollars(pick.usd_per_clip_second),) if dear else ()),
            *((per_thousand(pick.cost_usd),) if each else ()),
        )
        place = f"{pick.domain} {pick.role}: "
        why.append((place, pick.reason))
        call = calling(pick)
        if call is not None:
            why.append((place, f"call {call}"))
    for gap in gaps:
        add_row(table, gap.domain, gap.role, *(UNKNOWN,) * (3 + clips + dear + each))
        why.append((f"{gap.domain} {gap.role}: ", gap.reason))
    console.print(table)
    for line in dict.fromkeys(
        evidence(pick, now) for pick in chosen if ground_in(pick) == "outside"
    ):
        console.print(Text(line, style="bold yellow"))
    for what, reason in why:
        console.print(Text.assemble((what, "bold"), reason))
    held = {pick.role: pick for pick in chosen if pick.domain == ALL_DOMAINS}
    if len(held) == len(ROLES) and not any(pick.simulated for pick in chosen):
        console.print(saving(held["hero"], held["workhorse"], generations), markup=False)


def show_outlooks(decisions: Sequence[Decision]) -> None:
    """Since when each pick holds its role, before whom, and how long it may be believed."""
    held = [one for one in decisions if one.model is not None]
    held.sort(key=lambda one: one.simulated)
    if not held:
        return
    console = Console()
    roomy = console.width >= 100
    followed = roomy and any(one.previous is not None for one in held)
    table = new_table(
        "How long to believe them: odds of being right still, and when to check again",
        *("for", "role", "model"),
        *((("since", "right"),) if roomy else ()),
        *(("before it",) if followed else ()),
        ("in 7 d", "right"),
        ("in 30 d", "right"),
        ("check by", "right"),
    )
    if not roomy:
        table.columns[0].max_width = 16  # domains go to a second line, and models stay on one
    why: dict[str, None] = {}
    for one in held:
        told = one.outlook
        if told is not None and told.reason:
            why.setdefault(f"{_place(one)}: not known how long: {told.reason}")
        add_row(
            table,
            *(_place(one), one.role, one.model or UNKNOWN),
            *((UNKNOWN if one.since is None else f"{one.since:%y-%m-%d}",) if roomy else ()),
            *((one.previous or UNKNOWN,) if followed else ()),
            *(
                (UNKNOWN,) * 3
                if told is None
                else (_chance(told.days_7), _chance(told.days_30), f"{told.revalidate_by:%y-%m-%d}")
            ),
        )
    console.print(table)
    for line in why:
        console.print(Text(line, style="dim"))
    for one in held:
        if one.tied:
            names = ", ".join(one.tied)
            line = f"{_place(one)} {one.role}: cannot be told apart from {one.model}: {names}"
            console.print(Text(line, style="dim"))


def show_log(log: Sequence[LogEntry]) -> None:
    """The last switches, and wishes to switch that were refused; first choices are told above."""
    told = [entry for entry in log if entry.action != "chosen"]
    if not told:
        return
    console = Console()
    console.print(Text("Switches, and refusals to switch", style="bold"))
    for entry in told[-RECENT:]:
        what = {
            "kept": f"{entry.model} chosen again",
            "held": f"{entry.model} kept before {entry.challenger}",
            "switched": f"{entry.previous} to {entry.model}",
            "dropped": f"{entry.previous} dropped",
        }[entry.action]
        head = f"{entry.at:%y-%m-%d} {_place(entry)} {entry.role}: {what}: "
        console.print(Text.assemble((head, "bold"), entry.reason))


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


def _place(one: Decision | LogEntry) -> str:
    return one.task if one.domain == ALL_DOMAINS else f"{one.task}, {one.domain}"


def _chance(probability: float | None) -> str:
    return UNKNOWN if probability is None else odds(probability)
