"""What production says of a model -> the field that picks are decided from (pure).

A rate of failures counts where its window has enough calls, and then stands in the place of the
evaluation's own: it is of the calls that matter. A model is refused by the lower end of its 95 %
interval, not by the rate itself. For a failure bypasses hysteresis, and a limit held against the
bare rate would throw a good hero out by chance: of 100 calls of a model that fails 3 % more than 5
fail once in twelve windows, and the interval of those lies above a limit of 5 % once in a thousand.
The price is that few calls show a bad model late: against that limit a model that fails half of its
calls is refused as soon as it has `min_calls`, one that fails 8 % after about 210.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from leaderboard.picks.field import Candidate, Field
from leaderboard.picks.policy import Usage
from leaderboard.usage.answers import ModelUsage
from leaderboard.usage.rates import quantile, wilson
from leaderboard.usage.traffic import Flow, made, total, within


def window(at: datetime, rules: Usage) -> tuple[date, date]:
    """The first and the last day of the window."""
    return at.date() - timedelta(days=rules.window_days - 1), at.date()


def measured(
    every: Sequence[Flow], models: Sequence[str], at: datetime, rules: Usage
) -> dict[str, ModelUsage]:
    """Model -> what the calls of the window say of it; who had none is not in it.

    Failures of a call string that several models share are of the endpoint, and count for each of
    them; latencies are a model's own alone.
    """
    recent = made(within(every, *window(at, rules)))
    whole = total(recent)
    found: dict[str, ModelUsage] = {}
    for model in models:
        own = [flow for flow in recent if flow.model == model]
        could = [flow for flow in recent if flow.model == model or model in flow.could_be]
        if could:
            found[model] = _usage(model, own, could, whole, rules)
    return found


def with_usage(field: Field, usage: Mapping[str, ModelUsage]) -> Field:
    """The field with what production says in the place of what evaluations said."""
    return replace(
        field,
        candidates=tuple(_with(one, usage.get(one.model)) for one in field.candidates),
    )


def _with(one: Candidate, found: ModelUsage | None) -> Candidate:
    if found is None:
        return one
    if found.failure_rate is not None:
        one = replace(
            one,
            failure_rate=found.failure_rate,
            failure_low=found.failure_low,
            failures_of=f"{found.judged:,} calls in production",
        )
    if found.latency_p50_s is not None:
        one = replace(one, latency_p50_s=found.latency_p50_s, latency_p95_s=found.latency_p95_s)
    return one


def _usage(
    model: str, own: Sequence[Flow], could: Sequence[Flow], whole: int, rules: Usage
) -> ModelUsage:
    judged = sum(flow.counts.judged for flow in could)
    failed = sum(flow.counts.failed for flow in could)
    timed = tuple(sorted(second for flow in own for second in flow.counts.latencies))
    priced = sum(flow.counts.priced for flow in own)
    low, high = wilson(failed, judged) if judged else (0.0, 1.0)
    known, quick = judged >= rules.min_calls, len(timed) >= rules.min_calls
    missing = [
        f"{count:,} {what}"
        for count, what, enough in (
            (judged, "calls with a known outcome", known),
            (len(timed), "with a latency of their own", quick),
        )
        if not enough
    ]
    return ModelUsage(
        model=model,
        calls=total(own),
        share=total(own) / whole,
        judged=judged,
        failed=failed,
        failure_rate=failed / judged if known else None,
        failure_low=low if known else None,
        failure_high=high if known else None,
        timed=len(timed),
        latency_p50_s=quantile(timed, 0.5) if quick else None,
        latency_p95_s=quantile(timed, 0.95) if quick else None,
        usd_per_call=sum(flow.counts.cost_usd or 0.0 for flow in own) / priced if priced else None,
        reason=f"{' and '.join(missing)}, {rules.min_calls:,} needed" if missing else None,
    )
