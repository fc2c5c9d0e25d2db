"""Shares through time in words: the same in the terminal and on the page (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from leaderboard.usage.shift_answers import Adopted, AdoptionReport, Trend

NO_DATA = "no data: import counts (`churnboard usage import counts.csv`)"


def name(one: Trend) -> str:
    """Whose share, and of what."""
    return "AI, of all work" if one.what == "class" else f"{one.name}, of AI's"


def curve(one: Trend) -> str:
    """The curve in one line, or why there is none."""
    return f"not supported: {one.reason}" if one.fit is None else fitted(one.fit)


def fitted(fit: Adopted) -> str:
    """Where a curve levels off and when it reaches half, with 95 % intervals."""
    level = f"levels off at {fit.level:.0%} (95 %: {fit.level_low:.0%} to {fit.level_high:.0%})"
    if fit.half is None:
        return f"{level}, below 50 %"
    return f"{level}; 50 % on {fit.half} (95 %: {_day(fit.half_low)} to {_day(fit.half_high)})"


def answers(found: Sequence[AdoptionReport]) -> list[str]:
    """The verdict of every series, or what is missing."""
    asked = [one for one in found if one.answer != "no data"]
    if not asked:
        models = " of AI and of traditional work side by side" if found else ""
        return [f"{NO_DATA.replace('counts (', f'counts{models} (')}"]
    return [f"{one.series}: {one.answer}: {one.why}." for one in asked]


def _day(day: date | None) -> str:
    return "open" if day is None else day.isoformat()
