"""Variants as a table for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from leaderboard.distinctness.answers import Families, Measured, Variant
from leaderboard.distinctness.words import key_of, number, rows_told
from leaderboard.tables import add_row, new_table


def show_variants(found: Families, variants: Sequence[Variant]) -> None:
    """Base by base: who was measured, with what verdict; then who was not, and why."""
    console = Console()
    roomy = console.width >= 110
    for base in dict.fromkeys(one.base for one in variants):
        family = [one for one in variants if one.base == base]
        if any(one.measured is not None for one in family):
            mark = " · simulated models" if all(one.simulated for one in family) else ""
            table = new_table(
                f"{base} and its variants{mark}",
                "variant",
                "kind",
                *(("adapter × strength", "suite") if roomy else ()),
                *((("prompts", "right"), ("MMD²", "right"), ("p", "right")) if roomy else ()),
                ("q", "right"),
                ("style/seed", "right"),
                ("drift", "right"),
                ("Vendi", "right"),
                "verdict",
            )
            for one in family:
                if one.measured is None:
                    continue
                add_row(table, *_cells(one, one.measured, roomy))
            console.print(table)
        for one in family:
            if one.measured is None:
                line = f"{one.variant}: not measured: {one.reason}"
                console.print(Text(line, style="dim"))
    for line in rows_told(variants):
        console.print(Text(line))
    legend = (
        f"distinct: q up to {found.rate:g} and a style at least {found.factor:g} times as far off"
        " as another seed moves the base; drift: 0 follows the prompt as the base does, 1 as if of"
        " another prompt; Vendi: how many different pictures, over the base's. More with --json."
    )
    console.print(Text(legend, style="dim"))


def _cells(one: Variant, it: Measured, roomy: bool) -> list[str]:
    return [
        one.variant,
        one.kind,
        *((key_of(one), one.suite_id or "") if roomy else ()),
        *((str(it.prompts), number(it.mmd2), number(it.p)) if roomy else ()),
        number(one.q),
        number(it.ratio),
        number(it.content_drift),
        number(it.vendi_ratio, 3),
        one.verdict,
    ]
