"""Everything that can be said of how the top of one board turns over (pure).

::

    series -> spells -> published                       names and dates as they stand
    series -> panel -> scatter -> headline (worlds)     noise taken out
    worlds, or spells where there are none -> replacement, windows, outlook, causes
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

import numpy as np

from leaderboard.answers import EVALS
from leaderboard.churn.answers import (
    CLAIM_DAYS,
    AtRisk,
    CauseShare,
    ChurnReport,
    CurvePoint,
    Estimate,
    FindingRow,
    HalfLife,
    SpellRow,
)
from leaderboard.churn.curves import Curve, incidence
from leaderboard.churn.headline import (
    DRAWS,
    FEWEST_EXITS,
    Worlds,
    draw_worlds,
    exits,
    half_life,
    missing_exits,
    stay_curve,
)
from leaderboard.churn.membership import Stays
from leaderboard.churn.meter import noise, tied_exits
from leaderboard.churn.outlook import p_leaves, p_top
from leaderboard.churn.panel import Panel, panel
from leaderboard.churn.published import curve as published_curve
from leaderboard.churn.published import interval_censored, published
from leaderboard.churn.replacement import (
    claim,
    half_time,
    remaining_curve,
    repeated,
    replaced_within,
    unbroken,
)
from leaderboard.churn.scatter import Scatter, fit_scatter
from leaderboard.churn.spells import Spell, bridged, spells
from leaderboard.churn.windows import change, windows
from leaderboard.history.series import Series, by_arena, by_score
from leaderboard.identity import RENAMED, Alias, apply_aliases
from leaderboard.snapshots import Entry, Finding, Snapshot

FEWEST_BOARDS = 3
_POINTS = 250


def churn_report(
    series: Series,
    k: int = 5,
    aliases: Sequence[Alias] = (),
    draws: int = DRAWS,
    seed: int = 0,
    scored: bool = False,
) -> ChurnReport:
    """Measure the churn of the top `k` of one board.

    Args:
        series: its boards through time; ranks as published, or by score where `by_score` says so.
        k: number of places that count as the top.
        aliases: names that are one model, for everything but the figures as published.
        draws: histories drawn for the headline.
        seed: of the draws: the same boards give the same numbers.
        scored: the ranks are by score; only noted in the report.
    """
    found = spells(series.snapshots, k)
    named, merged = apply_aliases(series.snapshots, aliases)
    joined = bridged(spells(named, k))
    boards = apply_aliases(series.distinct, aliases)[0]
    start, end = series.distinct[0].published_at, series.snapshots[-1].published_at
    data, reason = _panel(replace(series, distinct=boards))
    noticed = [*series.findings, *merged]
    if data is not None and data.truncated:
        # Under the last place that is shown nobody can be told from somebody withdrawn.
        found, joined = (_without_withdrawals(one) for one in (found, joined))
        noticed.append(_cut_off(len(boards[-1].entries)))
    scatter = fit_scatter(data) if data is not None else None
    worlds, life, curve = _headline(data, scatter, reason, k, draws, seed)
    if len(boards) < FEWEST_BOARDS:
        seen = sum(spell.ended and spell.entry_seen for spell in joined)
        life = replace(life, missing_exits=max(0, ceil(FEWEST_EXITS) - seen))
    stays: Stays
    if worlds is not None:
        stays, last = worlds.stays, worlds.end
    else:
        stays, last = repeated(joined, start, draws), (end - start).total_seconds() / 86400
    remaining = remaining_curve(stays, last, seed) if last > 0 and len(stays.draw) else None
    if remaining is None:
        replaced = within = Estimate(None, reason=_SHORT)
    elif not stays.exits:
        replaced, within = unbroken(stays, CLAIM_DAYS)
    else:
        replaced, within = half_time(remaining), replaced_within(remaining, CLAIM_DAYS)
    return ChurnReport(
        source=series.source,
        arena=series.arena,
        top=k,
        simulated=any(e.simulated for board in series.distinct for e in board.entries),
        begins=series.snapshots[0].published_at,
        ends=end,
        snapshots=len(series.snapshots),
        distinct_boards=len(series.distinct),
        by_score=scored,
        aliases=tuple(
            e for finding in merged if finding.check == RENAMED for e in finding.examples
        ),
        as_published=published(found),
        bridged=published(joined),
        interval_censored=interval_censored(spells(series.distinct, k)),
        half_life=life,
        replaced_half_time=replaced,
        replaced_in_30_days=within,
        replaced_by="noise taken out" if worlds is not None else "as published",
        claim_30_days=claim(replaced),
        noise=noise(found, series.snapshots, k, data, scatter),
        causes=_causes(stays),
        windows=windows(stays, start, last),
        change=change(stays, start, last, seed),
        curve_published=published_curve(found),
        curve=_points(curve) if curve is not None else (),
        at_risk=_at_risk(boards[-1].entries, worlds, scatter, k, seed),
        spells=_rows(joined, named, k),
        findings=tuple(_finding(finding) for finding in noticed),
    )


def churn_reports(
    snapshots: Sequence[Snapshot],
    k: int = 5,
    aliases: Sequence[Alias] = (),
    draws: int = DRAWS,
    seed: int = 0,
    scored: bool = False,
) -> tuple[ChurnReport, ...]:
    """A report for every source and arena among the boards, by name.

    `scored` takes places from the order of the published scores instead of the published ranks.
    """
    boards = by_score(snapshots) if scored else snapshots
    return tuple(
        churn_report(one, k, aliases, draws, seed, scored)
        for one in by_arena(boards)
        if one.snapshots
    )


def _cut_off(places: int) -> Finding:
    return Finding(
        "cut-off-board",
        places,
        f"only the first {places} places are shown: a fall below them cannot be told from a"
        " withdrawal, strengths are not pulled towards what releases are like, and nothing is said"
        " of who is about to fall",
    )


def _without_withdrawals(found: Sequence[Spell]) -> tuple[Spell, ...]:
    return tuple(replace(spell, withdrawn=False) for spell in found)


_SHORT = "the history has fewer than two boards"


def _panel(series: Series) -> tuple[Panel | None, str | None]:
    """The arrays that the headline needs, or why there is none."""
    entries = [e for board in series.distinct for e in board.entries if e.rank is not None]
    if len(series.distinct) < FEWEST_BOARDS:
        missing = FEWEST_BOARDS - len(series.distinct)
        boards = f"{missing} more distinct board{'s' if missing > 1 else ''}"
        return None, f"too little history: {boards} at least, and exits on them, are needed"
    if not entries:
        return None, "no line has a rank: nobody is in the top"
    if sum(e.score is not None for e in entries) < 0.9 * len(entries):
        return None, "only ranks are published: without scores their noise cannot be taken out"
    if series.source == EVALS:
        unknown = {e.model for e in entries if e.released is None}
        if unknown:
            return None, (
                f"release dates unknown for {len(unknown)} models: it would measure when they were"
                " registered"
            )
    return panel(series.distinct, own=series.source == EVALS).standard(), None


def _headline(
    data: Panel | None,
    scatter: Scatter | None,
    reason: str | None,
    k: int,
    draws: int,
    seed: int,
) -> tuple[Worlds | None, HalfLife, Curve | None]:
    if data is None or scatter is None:
        return None, HalfLife(Estimate(None, reason=reason), "none", 0, None, 0), None
    if len(data.models) <= k:
        models = f"{len(data.models)} model{'s' if len(data.models) > 1 else ''}"
        reason = f"only {models} in all: nobody can be outside the top {k}"
        return None, HalfLife(Estimate(None, reason=reason), "none", 0, None, 0), None
    worlds = draw_worlds(data, scatter, k, draws, seed)
    method = "drifting strengths" if scatter.drift else "frozen strengths"
    curve, missing = stay_curve(worlds), missing_exits(worlds)
    life = HalfLife(half_life(worlds, curve), method, draws, exits(worlds), missing)
    return worlds, life, None if missing else curve


def _causes(stays: Stays) -> tuple[CauseShare, ...]:
    known = np.isfinite(stays.entered)
    if not known.any():
        return ()
    entered = stays.entered[known]
    until = stays.until[known] - entered
    cause = np.where(stays.ended, np.where(stays.withdrawn, 2, 1), 0)[known]
    shares = incidence(
        stays.draw[known],
        np.maximum(0.0, -entered),
        until,
        cause.astype(np.intp),
        stays.draws,
        (30.0, 90.0),
        2,
    )
    seen = [bool(until.max() >= days) for days in (30.0, 90.0)]
    return tuple(
        CauseShare(
            name,
            float(shares[0, c]) if seen[0] else None,
            float(shares[1, c]) if seen[1] else None,
        )
        for c, name in enumerate(("displaced", "withdrawn"))
    )


def _points(curve: Curve) -> tuple[CurvePoint, ...]:
    if not len(curve.days):
        return ()
    rows = np.unique(np.linspace(0, len(curve.days) - 1, _POINTS).round().astype(int))
    low, high = curve.band()
    drawn = (
        CurvePoint(float(curve.days[i]), float(curve.share[i]), float(low[i]), float(high[i]))
        for i in rows
    )
    return (CurvePoint(0.0, 1.0, 1.0, 1.0), *drawn)


def _at_risk(
    entries: Sequence[Entry], worlds: Worlds | None, scatter: Scatter | None, k: int, seed: int
) -> tuple[AtRisk, ...]:
    now: dict[str, float] = {}
    leaves: dict[str, float] | None = None
    if worlds is not None and scatter is not None:
        now = p_top(worlds, k)
        leaves = p_leaves(worlds, k, scatter.drift, seed)
    return tuple(
        AtRisk(
            entry.model,
            entry.organization,
            entry.rank,
            now.get(entry.model),
            None if leaves is None else leaves.get(entry.model),
        )
        for entry in entries
        if entry.rank is not None and entry.rank <= k
    )


def _rows(joined: Sequence[Spell], named: Sequence[Snapshot], k: int) -> tuple[SpellRow, ...]:
    organizations = {
        entry.model: entry.organization
        for board in named
        for entry in board.entries
        if entry.organization is not None
    }
    return tuple(
        SpellRow(
            spell.model,
            organizations.get(spell.model),
            spell.entered_at,
            spell.entry_seen,
            spell.until,
            spell.days,
            spell.ended,
            ("withdrawn" if spell.withdrawn else "displaced") if spell.ended else None,
            tied,
        )
        for spell, tied in zip(joined, tied_exits(joined, named, k), strict=True)
    )


def _finding(finding: Finding) -> FindingRow:
    # The names that were merged stand in full among the report's aliases.
    examples = () if finding.check == RENAMED else finding.examples
    return FindingRow(finding.check, finding.count, finding.detail, examples)
