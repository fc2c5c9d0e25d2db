"""A report of churn in words and rows (pure): plain strings, never Markdown.

Every number carries its unit, and where there is none the reason stands in its place.
"""

from __future__ import annotations

from leaderboard import wording
from leaderboard.churn.answers import (
    CLAIM_DAYS,
    Change,
    ChurnReport,
    Estimate,
    Noise,
    Published,
    SpellRow,
)
from leaderboard.dashboard import text
from leaderboard.wording import number

NONE = "no number"
SURE_OF_CHANGE = 0.05
"""Below this p-value a change is called one."""


def days(value: float) -> str:
    """A number of days, with one decimal below ten.

    >>> days(34.2), days(7.46), days(1.0)
    ('34 days', '7.5 days', '1 day')
    """
    return f"{number(value)} day" + ("" if number(value) == "1" else "s")


def amount(estimate: Estimate) -> str:
    """The days, or what they exceed.

    >>> amount(Estimate(None, at_least_days=60.0)), amount(Estimate(None))
    ('over 60 days', 'no number')
    """
    if estimate.days is not None:
        return days(estimate.days)
    return NONE if estimate.at_least_days is None else f"over {days(estimate.at_least_days)}"


def interval(estimate: Estimate) -> str:
    """The 95 % interval in days; empty where there is none.

    >>> interval(Estimate(34.0, (27.0, 45.0))), interval(Estimate(34.0, (27.0, None)))
    ('95 %: 27–45 days', '95 %: 27 days or more')
    """
    if estimate.interval is None:
        return ""
    low, high = estimate.interval
    if high is None:
        return f"95 %: {days(low)} or more"
    return f"95 %: {number(low)}–{days(high)}"


def share(value: float | None) -> str:
    """A share in [0, 1] that was counted, in per cent.

    >>> share(0.284), share(None)
    ('28 %', 'unknown')
    """
    return text.UNKNOWN if value is None else f"{100 * value:.0f} %"


def share_interval(estimate: Estimate) -> str:
    """The 95 % interval of a share; empty where there is none.

    >>> share_interval(Estimate(0.28, (0.2, 0.35)))
    '95 %: 20–35 %'
    """
    if estimate.interval is None:
        return ""
    low, high = estimate.interval
    return f"95 %: {100 * low:.0f}–{100 * (1.0 if high is None else high):.0f} %"


def provenance(report: ChurnReport) -> str:
    """Where the numbers come from: top, dates, boards."""
    boards = counted(report.snapshots, "board")
    if report.distinct_boards != report.snapshots:
        boards += f", {report.distinct_boards} of them distinct"
    place = "the order of published scores" if report.by_score else "the published rank"
    span = f"{text.day(report.begins)} to {text.day(report.ends)}"
    return f"Top {report.top} by {place} · {span} · {boards}"


def headline(report: ChurnReport) -> str:
    """The half-life with interval and method; or why there is none, and what is missing."""
    half = report.half_life
    if half.estimate.days is not None:
        within = "; ".join(filter(None, (interval(half.estimate), _method(report))))
        return (
            f"A model that enters the top {report.top} stays {days(half.estimate.days)} "
            f"at the median ({within})."
        )
    reason = half.estimate.reason or "the median stay was not reached"
    return f"No half-life with the noise taken out: {reason}."


def below_headline(report: ChurnReport) -> str:
    """What stands below the headline: its interval, or how many exits are missing."""
    half = report.half_life
    if half.missing_exits:
        return f"{counted(half.missing_exits, 'exit')} missing"
    return interval(half.estimate)


def counted(count: int, noun: str) -> str:
    """A count with its noun.

    >>> counted(1, "exit"), counted(3, "exit")
    ('1 exit', '3 exits')
    """
    return f"{count} {noun}" + ("" if count == 1 else "s")


def claim(report: ChurnReport) -> str:
    """The field's claim, judged by the half of the top that is replaced."""
    claimed = f"The claimed half-life of {CLAIM_DAYS:.0f} days"
    told = report.replaced_half_time
    where = interval(told).removeprefix("95 %: ")
    range_ = f"the interval of the time until half of the top {report.top} has gone ({where})"
    if report.claim_30_days == "below":
        return f"{claimed} lies below {range_}: this board turns over more slowly."
    if report.claim_30_days == "above":
        return f"{claimed} lies above {range_}: this board turns over faster."
    if report.claim_30_days == "inside":
        return f"{claimed} lies inside {range_}: it may be right for this board."
    reason = f" {text.sentence(told.reason)}" if told.reason else ""
    return f"{claimed} cannot be judged on this board.{reason}"


def change(found: Change | None) -> str:
    """Did the rate of exits change? In one or two sentences."""
    if found is None or found.at is None or found.p_value is None:
        return "Whether the rate of exits changed cannot be tested: too few exits."
    before, after = (
        NONE if value is None else days(value) for value in (found.before_days, found.after_days)
    )
    p = "< 0.01" if found.p_value < 0.01 else f"= {found.p_value:.2f}"
    where = f"{text.day(found.at)} (half-life {before} before it, {after} after; p {p})"
    if found.p_value < SURE_OF_CHANGE:
        return f"The rate of exits changed, most likely on {where}."
    return f"No change of the rate of exits is shown. The likeliest date would be {where}."


def noise(told: Noise, top: int) -> tuple[tuple[str, str, str], ...]:
    """The noise meter: (what, value, how to read it), what is known of it."""
    error = text.UNKNOWN
    if told.error is not None:
        error = f"{told.error:.1f} points"
    rows = [
        (
            "Came back",
            f"{told.reentries} of {told.exits} exits",
            "Re-entries with the same version: a tie at the edge, rather than a loss and a win.",
        ),
        (
            "Tied exits",
            _tied(told),
            f"The leaver's interval still overlapped the new number {top}'s.",
        ),
        (
            "Scatter, χ² per degree of freedom",
            NONE if told.chi2_per_df is None else f"{told.chi2_per_df:.2f}",
            _scatter(told.chi2_per_df),
        ),
        (
            "Error of a rating",
            error,
            {
                "published intervals": "Median standard error, from the published intervals.",
                "residuals": "Median standard error, from the scatter of each model around its "
                "own mean: no interval is published.",
                None: "Neither intervals nor enough boards to tell.",
            }[told.error_source],
        ),
        (
            "Shared error",
            NONE if told.autocorrelation is None else share(told.autocorrelation),
            "Share of the error's variance that later boards keep, because votes add up.",
        ),
        (
            "Drift in 30 days",
            NONE if told.drift_per_month is None else f"{told.drift_per_month:.1f} points",
            _drift(told.drift_per_month, told.drift_p),
        ),
    ]
    return tuple(rows)


def _tied(told: Noise) -> str:
    if told.tied_exits is None:
        return "no interval published" if told.exits else "no exits"
    return f"{told.tied_exits}, {share(told.tied_exits_share)} of the exits that can be judged"


def _scatter(value: float | None) -> str:
    if value is None:
        return "Needs published intervals and models that stay on several boards."
    if value > 1.5:
        return "Ratings move more than their intervals allow: drift, or intervals too narrow."
    if value < 0.67:
        return "Ratings move less than their intervals allow: boards share most of their votes."
    return "About 1: ratings scatter as their intervals say."


def _drift(per_month: float | None, p: float | None) -> str:
    if per_month is None:
        return "Not tested."
    tested = "" if p is None else f" (p {'< 0.01' if p < 0.01 else f'= {p:.2f}'})"
    if per_month == 0:
        return f"None found{tested}: strengths are taken as fixed."
    return f"Strengths move{tested}: each model gets a path of its own."


def estimators(report: ChurnReport) -> tuple[dict[str, str], ...]:
    """Every half-life there is, so that nobody has to guess which number is which."""
    half, censored = report.half_life, report.interval_censored
    exits = text.UNKNOWN if half.exits is None else f"{half.exits:.1f} on average"
    return (
        _row("Noise taken out (the headline)", half.estimate, "", exits, _method(report)),
        *_published("As published", report.as_published, "names and dates as printed"),
        *_published("Bridged", report.bridged, "aliases merged, gaps up to 7 days closed"),
        _row("As published, Turnbull", censored.turnbull, "", "", _CENSORED),
        _row("As published, Weibull", censored.weibull, "", "", _CENSORED),
        _row("Half of the top replaced", report.replaced_half_time, "", "", report.replaced_by),
    )


_CENSORED = "an exit is only known to lie between two boards"


def _method(report: ChurnReport) -> str:
    half = report.half_life
    return f"{half.method}, {half.draws} draws" if half.draws else half.method


def _published(name: str, told: Published, how: str) -> tuple[dict[str, str], dict[str, str]]:
    return (
        _row(
            f"{name}, Kaplan-Meier",
            told.kaplan_meier,
            f"{told.entered} seen entering",
            str(told.entered_exits),
            how,
        ),
        _row(
            f"{name}, exponential",
            told.exponential,
            str(told.spells),
            str(told.exits),
            "ln 2 × model-days / exits",
        ),
    )


def _row(name: str, told: Estimate, spells: str, exits: str, how: str) -> dict[str, str]:
    return {
        "figure": name,
        "days": amount(told).removesuffix(" days"),
        "95 % interval": interval(told).removeprefix("95 %: "),
        "spells": spells,
        "exits": exits,
        "how": f"{how}; {told.reason}" if told.days is None and told.reason else how,
    }


def spell(row: SpellRow) -> dict[str, object]:
    """One row of the spells table."""
    ending = "still there"
    if row.ended:
        ending = row.cause or "left"
        ending += ", tied" if row.tied else ""
    return {
        "model": row.model,
        "vendor": row.organization,
        "entered": row.entered_at.date() if row.entry_seen else None,
        "until": row.until.date(),
        "days": row.days,
        "ending": ending,
    }


def odds(value: float | None) -> str:
    """A probability for a table: `unknown` where there is none."""
    return wording.odds(value)
