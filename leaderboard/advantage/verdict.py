"""Is AI's advantage in non-photorealistic work? What intervals of the index say (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from leaderboard.advantage.answers import Compared, DomainAdvantage, Verdict
from leaderboard.pick_answers import Role

_ORDER: tuple[Role, ...] = ("workhorse", "hero")


def verdict(domains: Sequence[DomainAdvantage]) -> Verdict:
    """The claim against the domains of one board.

    A domain is represented by its workhorse, else by its hero. The claim is confirmed where every
    non-photorealistic domain's interval lies above every photorealistic one's, and refuted where
    some photorealistic one's lies above all the others'. Else these data do not decide.
    """
    compared = tuple(one for one in map(_of, domains) if one is not None)
    photo = [one for one in compared if one.photoreal]
    other = [one for one in compared if not one.photoreal]
    if not compared:
        return Verdict("not decided", _nothing(domains), ())
    if not photo or not other:
        side = "photorealistic" if not photo else "non-photorealistic"
        return Verdict("not decided", f"no {side} domain has an index to compare with", compared)
    pairs = list(product(other, photo))
    above = [one for one, two in pairs if one.low > two.high]
    relative = _relative(domains, compared)
    if len(above) == len(pairs):
        told = f"{_names(other)} lie above {_names(photo)}, intervals and all{relative}"
        return Verdict("confirmed", told, compared)
    for one in photo:
        if all(one.low > two.high for two in other):
            told = f"{one.domain} lies above {_names(other)}, intervals and all{relative}"
            return Verdict("refuted", told, compared)
    return Verdict("not decided", _overlap(domains, compared, len(above), len(pairs)), compared)


def _of(domain: DomainAdvantage) -> Compared | None:
    """The domain's workhorse, else its hero, where its index was measured."""
    if domain.traditional is None:
        return None
    for role in _ORDER:
        for one in domain.models:
            low, high = one.index_low, one.index_high
            if role in one.roles and not one.upper_bound and low is not None and high is not None:
                return Compared(
                    *(domain.domain, domain.traditional.photoreal, one.model, role, low, high)
                )
    return None


def _nothing(domains: Sequence[DomainAdvantage]) -> str:
    bounded = [one for domain in domains for one in domain.models if one.index is not None]
    if bounded:
        return (
            "no generation was judged by domain, so the acceptance is unknown, and without it a"
            " model costs the same in every domain; evaluate a suite with these domains"
        )
    if any(domain.models for domain in domains):
        return "no model has a cost that is known"
    reasons = sorted({domain.reason for domain in domains if domain.reason})
    return "; ".join(reasons) or "the board has no domains"


def _overlap(
    domains: Sequence[DomainAdvantage], compared: Sequence[Compared], above: int, pairs: int
) -> str:
    told = f"{above} of {pairs} pairs of domains lie apart in the claim's direction"
    spans = [
        (one.traditional.usd_high / one.traditional.usd_low, one.domain)
        for one in domains
        if one.traditional is not None and one.domain in {two.domain for two in compared}
    ]
    wide, domain = max(spans)
    if wide > 2:
        told += (
            f"; the traditional costs alone span up to {wide:,.0f}-fold ({domain}): narrow them in"
            " production_costs.toml to what you really pay"
        )
    else:
        told += "; more prompts would narrow the acceptance"
    return told


def _relative(domains: Sequence[DomainAdvantage], compared: Sequence[Compared]) -> str:
    named = {one.domain for one in compared}
    loose = [one.domain for one in domains if one.domain in named and not one.absolute]
    if not loose:
        return ""
    return (
        f"; provided that the hero's own work is good enough for a buyer in {', '.join(loose)},"
        " which nobody has measured"
    )


def _names(compared: Sequence[Compared]) -> str:
    return ", ".join(one.domain for one in compared)
