"""AI's advantage by domain as tables for people."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from leaderboard.advantage import words
from leaderboard.advantage.answers import CLAIM, AdvantageReport, DomainAdvantage, ModelAdvantage
from leaderboard.tables import add_row, dollars, new_table

ROOMY = 110
"""Columns of a screen from which everything is shown."""
MOST, FEW = 12, 3
"""Models of a domain shown beside its picks: on such a screen, and on a narrower one."""


def show_advantage(report: AdvantageReport) -> None:
    """One board: every domain's models by falling index, then the verdict."""
    console = Console()
    mark = " · simulated models" if report.simulated else ""
    suite = f" · suite {report.suite}" if report.suite else ""
    roomy = console.width >= ROOMY
    table = new_table(
        f"{report.task} · {report.source}{suite}{mark} · traditional cost / (cost / acceptance)",
        *("domain", "model"),
        *(("role",) if roomy else ()),
        ("$/" + ("picture" if report.per == "picture" else "clip s"), "right"),
        *((("accepted", "right"),) if roomy else ()),
        ("index", "right"),
        ("span", "right"),
        *((("break-even", "right"),) if roomy else ()),
    )
    for domain in report.domains:
        for one in _shown(domain, roomy):
            add_row(
                table,
                *(domain.domain, one.name),
                *((" ".join(one.roles),) if roomy else ()),
                dollars(one.usd),
                *((words.accepted(one),) if roomy else ()),
                *(words.index(one), words.span(one)),
                *((words.break_even(one),) if roomy else ()),
            )
    if table.row_count:
        console.print(table)
    for line in words.notes(report):
        console.print(Text(line, style="dim"))
    console.print(Text(f'"{CLAIM}"'))
    console.print(Text(words.answer(report)))


def _shown(domain: DomainAdvantage, roomy: bool) -> list[ModelAdvantage]:
    """The picks and those of the highest index; a public board has a hundred models."""
    known = [one for one in domain.models if one.index is not None or one.index_high is not None]
    most = MOST if roomy else FEW
    return [one for n, one in enumerate(known) if n < most or one.roles]
