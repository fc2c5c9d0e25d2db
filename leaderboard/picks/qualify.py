"""Who is a candidate under a policy, and why somebody is none (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fnmatch import fnmatchcase

from leaderboard.picks.field import Candidate, Field
from leaderboard.picks.policy import Candidates, Rules

NON_COMMERCIAL = (
    "*non-commercial*",
    "*noncommercial*",
    "*non commercial*",
    "*cc-by-nc*",
    "*cc by-nc*",
    "*research only*",
    "*research-only*",
)
"""What licences that forbid commercial use are called, in lower case."""


def refusals(field: Field, rules: Rules, at: datetime) -> dict[str, str | None]:
    """Model -> why it is no candidate at that time, or `None` for a candidate."""
    asked = max((one.prompts or 0 for one in field.candidates), default=0)
    return {
        one.model: _refusal(one, field, rules.candidates, asked, at) for one in field.candidates
    }


def over_cap(one: Candidate, cap: float | None) -> bool:
    """True when a hero may not cost as much as this model does."""
    return cap is not None and (one.cost_usd is None or one.cost_usd > cap)


def _refusal(
    one: Candidate, field: Field, rules: Candidates, asked: int, at: datetime
) -> str | None:
    return (
        _by_name(one, rules, at)
        or (_by_price(one) if field.priced else None)
        or _by_evidence(one, rules, asked, at)
        or _by_terms(one, rules)
    )


def _by_name(one: Candidate, rules: Candidates, at: datetime) -> str | None:
    if one.model in rules.banned:
        return "banned by the policy"
    if one.withdrawn is not None and one.withdrawn <= at.date():
        return f"withdrawn on {one.withdrawn:%Y-%m-%d}"
    return None


def _by_price(one: Candidate) -> str | None:
    if one.cost_usd is None:
        return f"cost unknown: {one.cost_basis}" if one.cost_basis else "cost unknown"
    if one.price is None or one.cost_usd <= 0:
        return "its cost is recorded as 0 or less, which is no price"
    return None


def _by_evidence(one: Candidate, rules: Candidates, asked: int, at: datetime) -> str | None:
    surely = one.failure_rate if one.failure_low is None else one.failure_low
    if one.failure_rate is not None and surely is not None and surely > rules.max_failure_rate:
        at_least = "" if one.failure_low is None else f" (surely {one.failure_low:.1%})"
        return (
            f"fails {one.failure_rate:.1%} of {one.failures_of or 'generations'}{at_least},"
            f" limit {rules.max_failure_rate:.1%}"
        )
    if one.prompts is not None and one.prompts < rules.min_prompts:
        return f"compared on {one.prompts} prompts, at least {rules.min_prompts} needed"
    if one.prompts is not None and one.prompts < rules.min_prompt_share * asked:
        return (
            f"evaluated in part: compared on {one.prompts} of {asked} prompts, at least"
            f" {rules.min_prompt_share:.0%} needed"
        )
    if one.comparisons is not None and one.comparisons < rules.min_comparisons:
        return f"{one.comparisons:.0f} comparisons, at least {rules.min_comparisons} needed"
    age = (at - one.evidence_at).total_seconds() / 86400
    if age > rules.max_age_days:
        return f"its evidence is {age:.0f} days old, limit {rules.max_age_days:g}"
    limit = rules.max_latency_p95_s
    if limit is not None and one.latency_p95_s is None:
        return f"its latency is unknown, and the policy asks for a p95 of at most {limit:g} s"
    if limit is not None and one.latency_p95_s is not None and one.latency_p95_s > limit:
        return f"p95 latency {one.latency_p95_s:.3g} s, limit {limit:g} s"
    return None


def _by_terms(one: Candidate, rules: Candidates) -> str | None:
    named = f"licence {one.licence}" if one.licence else "licence unknown"
    if _matches(one.licence, rules.licences_denied):
        return f"{named}: denied by the policy"
    if rules.licences_allowed and not _matches(one.licence, rules.licences_allowed):
        return f"{named}: not among those that the policy allows"
    if rules.commercial and _matches(one.licence, NON_COMMERCIAL):
        return f"{named}: not for commercial use"
    if rules.providers and not _matches(one.provider, rules.providers):
        return f"provider {one.provider or 'unknown'}: not among those that the policy allows"
    if rules.regions and not _matches(one.region, rules.regions):
        return f"region {one.region or 'unknown'}: not among those that the policy allows"
    return None


def _matches(name: str | None, patterns: Sequence[str]) -> bool:
    """Without case; `*` stands for anything. What is unknown matches nothing."""
    return name is not None and any(
        fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns
    )
