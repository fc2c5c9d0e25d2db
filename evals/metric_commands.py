"""`churnboard metrics`: what can be measured, by which judge, and how far it can be trusted."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evals import display
from evals.options import HomeOption, JsonOption, registered

if TYPE_CHECKING:
    from evals.rank_agreement import Estimate
    from evals.registry import Registry
    from evals.types import MetricSpec
    from evals.validity import Report

USUAL_SUITE = "calibration"

ValidityOption = Annotated[
    bool, typer.Option("--validity", help="Hold each metric against exact truth")
]
SuiteOption = Annotated[
    str | None,
    typer.Option("--suite", "-s", help=f"Suite with a truth, for --validity: {USUAL_SUITE}"),
]
FetchOption = Annotated[
    str | None, typer.Option("--fetch", metavar="JUDGE", help="Download the weights of a judge")
]
PinOption = Annotated[
    bool, typer.Option("--pin", help="With --fetch: trust what came, and refuse all else later")
]


def metrics(
    validity: ValidityOption = False,
    suite: SuiteOption = None,
    fetch: FetchOption = None,
    pin: PinOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the metrics on every judge, hold them against the truth, or fetch a judge."""
    from evals.errors import InputError

    if pin and fetch is None:
        raise InputError("--pin belongs to --fetch JUDGE")
    if suite is not None and not validity:
        raise InputError("--suite belongs to --validity")
    if validity and fetch is not None:
        raise InputError("give --validity or --fetch, not both")
    known = registered(home)
    if fetch is not None:
        _fetch(known, fetch, pin, as_json)
    elif validity:
        _validity(known, suite or USUAL_SUITE, as_json)
    else:
        _list(known, as_json)


def _list(known: Registry, as_json: bool) -> None:
    from evals import instruments, metrics

    rows: list[dict[str, Any]] = []
    reasons: dict[str, str] = {}
    unmeasured: list[str] = []
    for name, spec in metrics.served(known.judges).items():
        reason = instruments.unavailable(spec, known.judges)
        if reason is not None:
            # What a judge lacks it lacks for several metrics: it is said once.
            reasons.setdefault(reason, f"{spec.judge or name} is unavailable: {reason}")
        band = _tie_band(spec, known)
        # A metric over frames lacks what the one of pictures lacks, which is said already.
        lifted = metrics.of_picture(name) != name.partition("@")[0]
        votes = spec.in_rating and spec.level == "generation"
        if band is None and reason is None and votes and not lifted:
            unmeasured.append(name)
        rows.append(_row(spec, band) | {"available": reason is None, "unavailable_because": reason})
    notes = [*known.notes, *reasons.values()]
    if unmeasured:
        notes.append(
            f"no tie band was measured for {', '.join(unmeasured)}: every difference counts;"
            " `python -m evals.tie_band SUITE --metric NAME` measures it for the judge's file"
        )
    if as_json:
        display.answer("metrics", rows, (), True, notes)
        return
    for judge in sorted({row["judge"] or "" for row in rows}):
        title = judge if judge not in known.judges else f"{judge}: {known.judges[judge].name}"
        own = [
            row
            | {
                "per": "model" if row["level"] == "model" else row["modality"],
                "tie": row["tie_band"],
                "here": row["available"],
            }
            for row in rows
            if (row["judge"] or "") == judge
        ]
        columns = ("name", "measures", "per", "better", "tie", "here")
        display.table(title or "without a judge", own, columns)
    display.tell(notes)


def _tie_band(spec: MetricSpec, known: Registry) -> float | None:
    """Largest difference that is a tie; None for a judged metric whose judge's file gives none
    (or 0, which nobody measures of a judge).

    What only counts pixels needs none, unless its spec says so.
    """
    from evals import metrics

    if not metrics.wants_judge(spec):
        return spec.tie_band
    judge = known.judges.get(spec.judge or "")
    if judge is None:
        return None
    bare = spec.name.partition("@")[0]
    return judge.tie_band.get(bare, judge.tie_band.get(metrics.of_picture(bare))) or None


def _row(spec: MetricSpec, tie_band: float | None) -> dict[str, Any]:
    return {
        "name": spec.name,
        "version": spec.version,
        "title": spec.title,
        "modality": spec.modality,
        "measures": spec.measures,
        "level": spec.level,
        "better": "higher" if spec.higher_is_better else "lower",
        "low": spec.low,
        "high": spec.high,
        "judge": spec.judge,
        "family": spec.family,
        "tie_band": tie_band,
        "in_rating": spec.in_rating,
        "needs": list(spec.needs),
        "source": spec.source,
    }


def _validity(known: Registry, suite: str, as_json: bool) -> None:
    from evals import record, validity

    report = validity.of_suite(record.read_all(known.home), known.suite(suite))
    if as_json:
        display.show_json(_report_json(report))
        return
    rows = [
        {
            "metric": item.spec.name,
            "AUC": _words(item.auc),
            "within_prompts": _words(item.within_prompts),
            "across_models": _words(item.across_models),
        }
        for item in report.metrics
    ]
    title = (
        f"{report.suite.id} {report.suite.version}: {report.generations:,} generations of"
        f" {report.models} models"
    )
    display.table(title, rows, ("metric", "AUC", "within_prompts", "across_models"))
    display.tell(
        [
            "AUC: how often a metric prefers the truer of two generations of one prompt; 0.5 is"
            " chance. The other two are Spearman correlations with the truth; 0 is chance",
            "intervals are of 95 %, over prompts or over models; anchors are left out",
            "the truth is how much of its caption a picture honours, which the calibration world"
            " reads back exactly; what holds there need not hold for photographs",
            *_missing(report),
        ]
    )


def _missing(report: Report) -> list[str]:
    """Why a number or an interval is not there, each reason once."""
    found: dict[str, None] = {}
    for item in report.metrics:
        for estimate in (item.auc, item.within_prompts, item.across_models):
            if estimate is not None and estimate.reason is not None:
                found[f"{item.spec.name}: {estimate.reason}"] = None
    return list(found)


def _report_json(report: Report) -> dict[str, Any]:
    from evals import metrics

    return {
        "suite": {"id": report.suite.id, "version": report.suite.version},
        "world": "calibration",
        "truth": metrics.truth(report.suite.task),
        "generations": report.generations,
        "models": report.models,
        "metrics": [
            {
                "name": item.spec.name,
                "measures": item.spec.measures,
                "level": item.spec.level,
                "better": "higher" if item.spec.higher_is_better else "lower",
                "judge": item.spec.judge,
                "generations": item.generations,
                "models": item.models,
                "auc": asdict(item.auc) if item.auc else None,
                "within_prompts": asdict(item.within_prompts) if item.within_prompts else None,
                "across_models": asdict(item.across_models),
            }
            for item in report.metrics
        ],
    }


def _words(estimate: Estimate | None) -> str | None:
    if estimate is None or estimate.value is None:
        return None
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.2f}"
    return f"{estimate.value:.2f} [{estimate.low:.2f}, {estimate.high:.2f}]"


def _fetch(known: Registry, name: str, pin: bool, as_json: bool) -> None:
    """Download, pin if asked to, and say whether the judge can be used now; last its weights."""
    from evals import registry
    from evals.judges import fetch as fetch_judge
    from evals.judges import pins as judges

    path = fetch_judge.fetch(known.judge(name))
    roots, today = (known.data, known.home), datetime.now(UTC).date()
    written = fetch_judge.pin(name, roots, today) if pin else None
    reason = judges.unavailable(registry.load(known.home, known.data).judge(name))
    if as_json:
        display.show_json(
            {
                "judge": name,
                "weights": str(path),
                "pinned_in": str(written) if written else None,
                "available": reason is None,
                "unavailable_because": reason,
            }
        )
        return
    if written is not None:
        typer.echo(f"pinned in {written}: trusted on first use, other weights are refused")
    display.tell([] if reason is None else [f"{name} is still unavailable: {reason}"])
    typer.echo(str(path))
