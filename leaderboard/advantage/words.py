"""AI's advantage in words: the same in the terminal and on the page (pure)."""

from __future__ import annotations

from leaderboard.advantage.answers import (
    AdvantageReport,
    DomainAdvantage,
    ModelAdvantage,
    ProductionCost,
)

UNKNOWN = "–"
_SOME = 6
"""Reasons that are told one by one."""


def times(value: float | None) -> str:
    """A ratio: whole and grouped from ten on, two digits below.

    >>> times(0.034), times(4.21), times(12345.6), times(None)
    ('0.034×', '4.2×', '12,346×', '–')
    """
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}×" if value >= 10 else f"{value:.2g}×"


def index(one: ModelAdvantage) -> str:
    """The index, marked where it is an upper bound only."""
    return ("≤ " if one.upper_bound and one.index is not None else "") + times(one.index)


def span(one: ModelAdvantage) -> str:
    """The interval of the index; of an upper bound the bounds at the traditional cost's ends."""
    if one.index_low is None or one.index_high is None:
        return UNKNOWN
    return f"{times(one.index_low)} to {times(one.index_high)}"


def accepted(one: ModelAdvantage) -> str:
    """The share accepted, with its interval."""
    found = one.acceptance
    if found is None:
        return "unknown"
    return f"{found.share:.0%} [{found.low:.0%}, {found.high:.0%}]"


def break_even(one: ModelAdvantage) -> str:
    """The acceptance below which handwork is cheaper, over the span of the traditional cost."""
    if one.break_even_low is None or one.break_even_high is None:
        return UNKNOWN
    if one.break_even_low >= 1:
        return "never cheaper"
    low, high = _share(one.break_even_low), _share(min(one.break_even_high, 1.0))
    return low if low == high else f"{low} to {high}"


def cost(one: ProductionCost) -> str:
    """What the work costs by hand, and who says so."""
    unit = "a second of clip" if one.modality == "video" else "a picture"
    return (
        f"{one.domain}: ${one.usd_low:,.10g} to ${one.usd_high:,.10g} {unit} by hand, {one.what}"
        f" ({one.source}; {one.date.isoformat()})"
    )


def floor(one: DomainAdvantage) -> str:
    """What counted as accepted; the domain has checks."""
    loose = "" if one.absolute else "; whether a buyer takes the hero's own work is not measured"
    return f"{one.domain}: accepted is what {', and '.join(one.checks)}{loose}"


def notes(report: AdvantageReport) -> list[str]:
    """What the figures rest on, and what has none, one line each."""
    lines: list[str] = []
    for one in report.domains:
        if one.reason is not None:
            lines.append(f"{one.domain}: {one.reason}")
        elif one.traditional is not None and any(m.index_high is not None for m in one.models):
            lines.append(cost(one.traditional))
            lines += [floor(one)] if one.checks else []
    bounded = (one for domain in report.domains for one in domain.models if one.upper_bound)
    if any(one.index is not None for one in bounded):
        lines.append("no generation was judged by domain: every index is an upper bound")
    where: dict[tuple[str, str | None], list[str]] = {}
    for domain in report.domains:
        for one in domain.models:
            if one.index is None:
                where.setdefault((one.name, one.reason), []).append(domain.domain)
    every = sum(bool(one.models) for one in report.domains)
    untold = [
        f"no index of {name}{'' if len(there) == every else ' in ' + ', '.join(there)}: {reason}"
        for (name, reason), there in where.items()
    ]
    more = [f"no index of {len(untold) - _SOME} more"] if len(untold) > _SOME else []
    return [*lines, *untold[:_SOME], *more]


def answer(report: AdvantageReport) -> str:
    """The claim's verdict on one board in one sentence."""
    about = "clips" if report.per == "second of clip" else "pictures, which say nothing of films"
    return f"{report.verdict.answer} by this board of {about}: {report.verdict.why}."


def _share(value: float) -> str:
    if value >= 0.1:
        return f"{value:.0%}"
    return f"{100 * value:.2g} %" if value >= 1e-5 else "< 0.001 %"
