"""AI's advantage by domain as tables for people."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from leaderboard import advantage_words as words
from leaderboard.advantage_answers import CLAIM, AdvantageReport, DomainAdvantage, ModelAdvantage
from leaderboard.tables import add_row, dollars, new_table

_SOME = 12


def show_advantage(report: AdvantageReport) -> None:
    """One board: every domain's models by falling index, then the verdict."""
    console = Console()
    mark = " · simulated models" if report.simulated else ""
    suite = f" · suite {report.suite}" if report.suite else ""
    table = new_table(
        f"{report.task} · {report.source}{suite}{mark} · traditional cost / (cost / acceptance)",
        *("domain", "model", "role"),
        ("$/" + ("picture" if report.per == "picture" else "clip s"), "right"),
        ("accepted", "right"),
        ("index", "right"),
        ("span", "right"),
        ("break-even", "right"),
    )
    for domain in report.domains:
        for one in _shown(domain):
            add_row(
                table,
                *(domain.domain, one.name, " ".join(one.roles)),
                *(dollars(one.usd), words.accepted(one), words.index(one)),
                *(words.span(one), words.break_even(one)),
            )
    if table.row_count:
        console.print(table)
    for line in words.notes(report):
        console.print(Text(line, style="dim"))
    console.print(Text(f'"{CLAIM}"'))
    console.print(Text(words.answer(report)))


def _shown(domain: DomainAdvantage) -> list[ModelAdvantage]:
    """The picks and those of the highest index; a public board has a hundred models."""
    known = [one for one in domain.models if one.index is not None or one.index_high is not None]
    return [one for n, one in enumerate(known) if n < _SOME or one.roles]
