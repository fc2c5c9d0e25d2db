"""A report of churn with something in every field, as the page may meet it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from leaderboard.churn.answers import (
    AtRisk,
    CauseShare,
    Change,
    ChurnReport,
    CurvePoint,
    Estimate,
    FindingRow,
    HalfLife,
    IntervalCensored,
    Noise,
    Published,
    SpellRow,
    Window,
)

START = datetime(2026, 3, 19, tzinfo=UTC)
DAY = timedelta(days=1)


def full(source: str = "arena_scrape", arena: str = "text-to-image") -> ChurnReport:
    """A board of 153 days with a headline of 54 days where the naive figure says 39."""
    ends = START + 153 * DAY
    naive = Published(
        spells=17,
        exits=12,
        entered=12,
        entered_exits=7,
        kaplan_meier=Estimate(39.0, (11.0, 88.0)),
        exponential=Estimate(45.0, (26.0, 87.0)),
    )
    return ChurnReport(
        source=source,
        arena=arena,
        top=5,
        simulated=False,
        begins=START,
        ends=ends,
        snapshots=153,
        distinct_boards=29,
        by_score=False,
        aliases=("mai-image-2.5-preview -> mai-image-2.5 (preview became the release)",),
        as_published=naive,
        bridged=replace(naive, spells=15, exits=10, exponential=Estimate(54.0, (29.0, 113.0))),
        interval_censored=IntervalCensored(
            turnbull=Estimate(41.0, (12.0, None)),
            weibull=Estimate(None, at_least_days=60.0, reason="the fit did not converge"),
        ),
        half_life=HalfLife(
            estimate=Estimate(54.2, (33.0, 91.0)),
            method="frozen strengths",
            draws=200,
            exits=8.4,
            missing_exits=0,
        ),
        replaced_half_time=Estimate(61.0, (40.0, 97.0)),
        replaced_in_30_days=Estimate(0.24, (0.15, 0.35)),
        replaced_by="noise taken out",
        claim_30_days="below",
        noise=Noise(
            reentries=3,
            exits=12,
            tied_exits=10,
            tied_exits_share=10 / 12,
            chi2_per_df=0.41,
            error=4.2,
            error_source="published intervals",
            autocorrelation=0.83,
            drift_per_month=0.0,
            drift_p=0.37,
        ),
        causes=(CauseShare("displaced", 0.21, 0.58), CauseShare("withdrawn", 0.02, None)),
        windows=tuple(
            Window(
                begins=START + (i * 15) * DAY,
                ends=START + (i * 15 + 60) * DAY,
                exits=float(i % 4),
                estimate=Estimate(40.0 + 12 * i, (20.0 + 4 * i, None if i == 5 else 110.0 + 30 * i))
                if i % 4
                else Estimate(None, at_least_days=60.0, reason="no exit"),
                provisional=i >= 5,
            )
            for i in range(7)
        ),
        change=Change(START + 70 * DAY, 35.0, 80.0, 0.31),
        curve_published=tuple(CurvePoint(10.0 * i, 0.87**i) for i in range(12)),
        curve=tuple(CurvePoint(5.0 * i, 0.94**i, 0.91**i, min(1.0, 0.966**i)) for i in range(28)),
        at_risk=tuple(
            AtRisk(f"model-{i}", "openai" if i % 2 else None, i, 1 - i / 12, i / 7)
            for i in range(1, 6)
        ),
        spells=(
            SpellRow("model-1", "openai", START, False, ends, 153.0, False, None, None),
            SpellRow(
                "model-9",
                None,
                START + 9 * DAY,
                True,
                START + 50 * DAY,
                41.0,
                True,
                "displaced",
                True,
            ),
        ),
        findings=(
            FindingRow("repeated-boards", 124, "boards that repeat the one before them"),
            FindingRow("re-centred", 2, "dates at which the scale moves", ("2026-05-26: -119",)),
        ),
    )


def bare(source: str = "arena", arena: str = "text-to-video") -> ChurnReport:
    """A short history of ranks only: no headline, no odds, nothing about noise."""
    nothing = Estimate(None, reason="too few exits")
    none = Published(5, 2, 1, 0, nothing, Estimate(210.0, (58.0, 1700.0)))
    return replace(
        full(source, arena),
        snapshots=4,
        distinct_boards=4,
        aliases=(),
        as_published=none,
        bridged=none,
        interval_censored=IntervalCensored(nothing, nothing),
        half_life=HalfLife(
            estimate=Estimate(None, reason="the board publishes ranks only"),
            method="none",
            draws=0,
            exits=None,
            missing_exits=3,
        ),
        replaced_half_time=Estimate(None, at_least_days=91.0, reason="fewer than half have left"),
        replaced_in_30_days=Estimate(None, reason="no two boards lie 30 days apart"),
        replaced_by="as published",
        claim_30_days="unknown",
        noise=Noise(0, 2, None, None, None, None, None, None, None, None),
        causes=(),
        windows=(),
        change=None,
        curve_published=(),
        curve=(),
        at_risk=(),
        findings=(),
    )
