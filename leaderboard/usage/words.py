"""What picks got and how long traffic takes, in words: the same everywhere (pure)."""

from __future__ import annotations

from leaderboard.answers import ALL_DOMAINS
from leaderboard.usage.answers import Typical, UsageReport

UNKNOWN = "–"


def traffic_lines(report: UsageReport) -> list[str]:
    """What each pick got, one line each."""
    lines: list[str] = []
    for got in report.picks:
        domain = "" if got.domain == ALL_DOMAINS else f", {got.domain}"
        asked = (
            "nobody asked for its alias"
            if got.alias_share is None
            else f"{got.alias_calls:,} calls of its alias ({percent(got.alias_share)})"
        )
        lines.append(
            f"{report.task}{domain} {got.role} {got.model}: {asked}, {got.task_calls:,} of the"
            f" task ({percent(got.task_share)}) in {report.window_days} days"
        )
    return lines


def typical_words(what: str, found: Typical) -> str:
    """The median lag in one sentence."""
    if not found.lags:
        return f"Traffic after {what}: nothing can be told yet."
    if found.up_to is None:
        return f"Traffic after {what}: followed in {found.ended} of {found.lags} cases so far."
    return (
        f"Traffic follows {what} within {found.up_to:.0f} days in half of the cases"
        f" ({_interval(found)}{found.ended} of {found.lags} have ended)."
    )


def _interval(found: Typical) -> str:
    if found.low is None:
        return "too few for an interval; "
    if found.high is None:
        return f"95 %: {found.low:.0f} days or more; "
    return f"95 %: {found.low:.0f} to {found.high:.0f} days; "


def percent(share: float | None) -> str:
    """A share for people."""
    return UNKNOWN if share is None else f"{100 * share:.1f} %"
