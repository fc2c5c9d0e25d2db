"""How answers of `evals` look: a table or JSON, notes, and the bar of a run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from evals.run import Progress

SHORT, LEAST, GAP = 16, 10, 3
"""Characters: of a cell that need not be broken into lines, of a column of longer ones, and between
two columns."""


def answer(
    title: str,
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    as_json: bool,
    notes: Sequence[str],
) -> None:
    """Rows as a table for people, or all their keys as JSON under `title`."""
    if as_json:
        show_json({title: rows, "notes": list(notes)})
        return
    table(title, rows, columns)
    tell(notes)


def show_json(body: Mapping[str, Any]) -> None:
    """Print an answer for machines."""
    typer.echo(json.dumps(body, indent=2, ensure_ascii=False))


def table(title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Draw the named columns; what is unknown is a dash, never a zero."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    drawn = Table(title=escape(title), title_justify="left", box=SIMPLE_HEAD)
    heads = [column.replace("_", " ") for column in columns]
    widths = [
        max([len(head), *(len(_cell(row[column])) for row in rows)])
        for head, column in zip(heads, columns, strict=True)
    ]
    # Short cells stay whole where that leaves the long ones room to be broken.
    room = console.width - sum(GAP + (w if w <= SHORT else LEAST) for w in widths)
    for place, (head, column) in enumerate(zip(heads, columns, strict=True)):
        numeric = any(_is_number(row[column]) for row in rows)
        drawn.add_column(
            head,
            justify="right" if numeric else "left",
            # The id is what the reader types next.
            no_wrap=place == 0 or (widths[place] <= SHORT and room >= 0),
            overflow="fold",
        )
    for row in rows:
        drawn.add_row(*(escape(_cell(row[column])) for column in columns))
    console.print(drawn)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(value: Any) -> str:
    if value is None or value == []:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]
    return value.isoformat() if isinstance(value, date) else str(value)


def tell(notes: Sequence[str]) -> None:
    """Print notes on the error stream, one a line."""
    for note in notes:
        typer.echo(f"note: {note}", err=True)


class ProgressBar:
    """One bar for the run, on the error stream: what is printed stays readable by machines."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task: Any = None
        self._told: Counter[str] = Counter()

    def __enter__(self) -> ProgressBar:
        return self  # what ends before its first step draws no empty bar above its error

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()
        for line, times in self._told.items():
            if times > 1:
                self._say(f"{times} times: {line}", "red")

    def show(self, step: Progress) -> None:
        """Draw one step; devices and failures get a line of their own, the same failure one."""
        from rich.markup import escape

        if self._task is None:
            self._bar.start()
            self._task = self._bar.add_task("", total=step.planned)
        words = f"{step.model} judging".strip() if step.event == "judging" else step.model
        self._bar.update(self._task, completed=step.done, description=escape(words))
        if step.event == "loaded":
            self._say(f"{step.model} on {step.detail}")
        elif step.event == "noted":
            self._say(f"{step.model}: {step.detail}")
        elif step.event in ("failed", "skipped"):
            line = f"{step.model}: {step.event}: {step.detail}"
            if line not in self._told:
                self._say(line, "red")
            self._told[line] += 1

    def _say(self, line: str, style: str = "") -> None:
        from rich.text import Text

        # A line stays one in a log, however wide that takes the terminal to be.
        self._bar.console.print(Text(line, style=style), soft_wrap=True)
