"""Usage as tables for people, and a pick's traffic in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from leaderboard.answers import ALL_DOMAINS, Pick
from leaderboard.tables import UNKNOWN, add_row, digits, dollars, new_table
from leaderboard.usage import shift_words
from leaderboard.usage.answers import Lag, ModelUsage, Typical, UsageReport
from leaderboard.usage.shift_answers import CLAIM, AdoptionReport
from leaderboard.usage.words import percent, traffic_lines, typical_words

_SOME = 10


def show_usage(report: UsageReport) -> None:
    """One task: models by traffic, then how long traffic took to follow."""
    console = Console()
    mark = " (simulated)" if report.simulated else ""
    table = new_table(
        f"{report.task}, {report.source}{mark}: {report.window_days} days before the edition;"
        f" the log ends on {report.ends:%Y-%m-%d}",
        "model",
        ("calls", "right"),
        ("share", "right"),
        ("failures", "right"),
        ("95 %", "right"),
        ("p50 s", "right"),
        ("p95 s", "right"),
        ("$ each", "right"),
    )
    for one in report.models:
        add_row(table, one.model, f"{one.calls:,}", percent(one.share), *_rates(one))
    console.print(table)
    for line in traffic_lines(report):
        console.print(line, markup=False, highlight=False)
    for one in report.models[:_SOME]:
        if one.reason:
            console.print(Text(f"{one.model}: decides nothing yet: {one.reason}", style="dim"))
    for one in report.unmatched[:_SOME]:
        line = f"no model of this board, or not known which: {one.name}, {one.calls:,} calls"
        console.print(Text(line, style="dim"))
    _lags(console, "a switch of a pick", report.switches, report.typical_switch)
    _lags(console, "a rise in rank", report.rises, report.typical_rise)


def show_traffic(picks: Sequence[Pick], usage: Sequence[UsageReport]) -> None:
    """What the shown picks got, beneath their tables; nothing where no call is logged."""
    shown = {(one.task, one.source, one.simulated) for one in picks}
    for report in usage:
        if (report.task, report.source, report.simulated) in shown:
            for line in traffic_lines(report):
                Console().print(f"traffic: {line}", markup=False, highlight=False)


def _rates(one: ModelUsage) -> tuple[str, ...]:
    interval = UNKNOWN
    if one.failure_low is not None and one.failure_high is not None:
        interval = f"{100 * one.failure_low:.1f}–{100 * one.failure_high:.1f}"
    return (
        percent(one.failure_rate),
        interval,
        digits(one.latency_p50_s),
        digits(one.latency_p95_s),
        dollars(one.usd_per_call),
    )


def _lags(console: Console, what: str, lags: Sequence[Lag], middle: Typical) -> None:
    """What can be told as a table; of the others how many there are, by reason."""
    if not lags:
        return
    told = [lag for lag in lags if lag.days is not None or lag.watched is not None]
    if told:
        table = new_table(
            f"How long until traffic followed {what}",
            *("day", "model", "to"),
            ("days", "right"),
            ("share before", "right"),
            ("after", "right"),
        )
        for lag in told[-_SOME:]:
            domain = "" if lag.domain in (None, ALL_DOMAINS) else f", {lag.domain}"
            add_row(
                table,
                *(f"{lag.at:%y-%m-%d}", lag.model),
                f"{lag.role}{domain}" if lag.role else f"rank {lag.rank}",
                f"over {lag.watched}" if lag.days is None else str(lag.days),
                *(percent(lag.before), percent(lag.after)),
            )
        console.print(table)
    console.print(typical_words(what, middle), markup=False, highlight=False)
    untold = Counter(lag.reason for lag in lags if lag not in told)
    for reason, count in sorted(untold.items(), key=lambda item: (-item[1], item[0] or "")):
        console.print(Text(f"not told of {count}: {reason}", style="dim"))


def show_adoption(found: Sequence[AdoptionReport]) -> None:
    """Every series: who has which share, what it does, and what follows for the claim."""
    console = Console()
    for report in found:
        table = new_table(
            f"{report.series} ({'imported counts' if report.origin == 'counts' else 'log'})",
            "share of",
            ("dates", "right"),
            ("first", "right"),
            ("last", "right"),
            ("rank", "right"),
            "curve",
        )
        for one in report.trends:
            last = one.points[-1] if one.points else None
            add_row(
                table,
                shift_words.name(one),
                str(len(one.points)),
                percent(one.points[0].share if one.points else None),
                percent(None if last is None else last.share),
                UNKNOWN if last is None or last.rank is None else str(last.rank),
                shift_words.curve(one),
            )
        if report.trends:
            console.print(table)
        for note in report.notes:
            console.print(Text(note, style="dim"))
    console.print(Text(f'"{CLAIM}"'))
    for line in shift_words.answers(found):
        console.print(Text(line))
