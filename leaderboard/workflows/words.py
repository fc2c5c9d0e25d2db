"""What is said of a chain in words: the claims of the field, what was measured, the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from leaderboard.churn.answers import CLAIM_DAYS
from leaderboard.workflows.answers import Bill, Joint, WorkflowAnswer
from leaderboard.workflows.chain import Chain
from leaderboard.workflows.counts import Counts

CLAIMED_STEPS = 14
CLAIM_STEPS = "Top customers chain 14 models on average."
CLAIM_STALE = "Models are replaced within 30 days, so a chain of fourteen is stale in two days."
CLAIM_ROLES = "Workhorses for prototypes, heroes for the final output."


def usd(value: float | None) -> str:
    """US dollars as tables show them.

    >>> usd(0.0123456), usd(4.5), usd(1.2345e-05), usd(0.0), usd(None)
    ('$0.0123', '$4.50', '$0.0000123', '$0', 'unknown')
    """
    if value is None:
        return "unknown"
    if value >= 1:
        return f"${value:,.2f}"
    return "$" + (f"{float(f'{value:.3g}'):.15f}".rstrip("0").rstrip(".") or "0")


def total(bill: Bill) -> str:
    """The cost of a plan, and that it is a lower bound where a step has no price."""
    if bill.usd is None:
        return "unknown: no step has a price"
    return f"{'at least ' if bill.at_least else ''}{usd(bill.usd)}"


def days(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """Days with their interval.

    >>> days(2.14), days(10.7, 5.5, 13.8), days(10.7, 5.5, None)
    ('2.1 days', '11 days (95 %: 5.5 to 14)', '11 days (95 %: 5.5 or more)')
    """
    if value is None:
        return "unknown"
    told = f"{_short(value)} days"
    if low is None:
        return told
    end = "or more" if high is None else f"to {_short(high)}"
    return f"{told} (95 %: {_short(low)} {end})"


def joint_words(joint: Joint) -> tuple[str, ...]:
    """The joint half-life in sentences."""
    if joint.days is None:
        return (f"No half-life is known for any of the {joint.picks} picks of this chain.",)
    lines = [
        f"Half of the time at least one of its {joint.known} distinct picks has left the top of"
        f" its board within {days(joint.days, joint.low, joint.high)}, if they leave independently."
    ]
    if joint.shared_days is not None and joint.shared_days > joint.days * 1.001:
        lines.append(
            f"If all picks of one vendor leave together it is {days(joint.shared_days)}; the truth"
            " is in between, and nobody has measured where."
        )
    if joint.assumed_share > 0:
        lines.append(
            f"With {joint.assumed_share:.0%} of a vendor's rate in common:"
            f" {days(joint.assumed_days)}."
        )
    if joint.odds_days is not None:
        lines.append(
            "By the picks' own odds the policy names another model for one of them within"
            f" {days(joint.odds_days)}."
        )
    if joint.known < joint.picks:
        lines.append(
            f"{joint.picks - joint.known} more picks have no half-life, so it is shorter still."
        )
    return tuple(lines)


def first_words(answer: WorkflowAnswer) -> str:
    """Which step to re-check first, and why."""
    if not answer.joint.first:
        return "Nothing says which step to re-check first."
    names = ", ".join(answer.joint.first)
    life = next(one for one in answer.lives if one.steps == answer.joint.first)
    if life.share is None or life.days is None:
        return f"Re-check first: {names} ({life.model})."
    return (
        f"Re-check first: {names} ({life.model}): half-life {days(life.days)}, the first to go with"
        f" {life.share:.0%}."
    )


def savings_words(answer: WorkflowAnswer) -> tuple[str, str]:
    """Measurement and verdict of what roles are worth in this chain."""
    draft, mixed, final = (answer.bill(name) for name in ("draft", "mixed", "final"))
    if draft is None or mixed is None or final is None or not draft.usd or not final.usd:
        return "No step of this chain has a price in this edition.", "Cannot be told."
    if final.at_least or draft.at_least:
        priced = sum(one.usd is not None for one in final.choices)
        scope = f"of the {priced} of {len(final.choices)} steps that have a price"
    else:
        scope = "of all steps"
    gone = [
        f"{name} {usd(one.usd)}" + (f" at {one.quality:.0%}" if one.quality is not None else "")
        for name, one in (("draft", draft), ("mixed", mixed), ("final", final))
    ]
    measured = (
        f"One run {scope}: {', '.join(gone)} (mean expected share of comparisons with the step's"
        " hero; 50% is the hero itself)."
    )
    if draft.usd >= final.usd * 0.999:
        return measured, "Does not hold here: the same models hold both roles, or cost as much."
    saved = 1 - draft.usd / final.usd
    lost = (final.quality or 0.0) - (draft.quality or 0.0)
    return measured, (
        f"Holds only for what drafts are for: they save {saved:.0%} and give away"
        f" {100 * lost:.0f} percentage points of comparisons a step. What that does to the final"
        " output, no board measures."
    )


def stale_words(answer: WorkflowAnswer) -> tuple[str, str]:
    """Measurement and verdict of how soon a chain is stale."""
    joint = answer.joint
    if joint.days is None:
        return f"No half-life is known for the picks of {answer.chain.title!r}.", "Cannot be told."
    known = [one.days for one in answer.lives if one.days is not None]
    two = CLAIM_DAYS / CLAIMED_STEPS
    even = f"Of {CLAIMED_STEPS} independent picks at {CLAIM_DAYS:g} days one goes in {days(two)}"
    span = (
        f"{_short(min(known))} to {_short(max(known))} days"
        if len(known) > 1
        else f"{_short(known[0])} days"
    )
    measured = (
        f"{even}. The {len(answer.chain.steps)} steps of this chain stand on {joint.known} distinct"
        f" picks with half-lives of {span}: together {days(joint.days, joint.low, joint.high)}."
    )
    if joint.low is not None and joint.low > two:
        return measured, (
            "Does not hold for this chain: its boards last longer than claimed, or its steps share"
            " picks."
        )
    if joint.high is not None and joint.high < two:
        return measured, "Holds for this chain, and more so."
    return measured, "This chain's interval does not settle it."


def steps_words(chains: Sequence[Chain], counts: Counts | None) -> tuple[str, str]:
    """Measurement and verdict of how long chains are."""
    parts: list[str] = []
    if counts is not None:
        parts.append(
            f"In {counts.workflows} published workflows ({counts.source}) the importer finds"
            f" {counts.mean:.2f} model steps on average, at most {counts.most}, and"
            f" {counts.mean_models:.2f} different models, at most {max(counts.models)};"
            f" workflows of {CLAIMED_STEPS} steps or more: {counts.at_least_14}."
        )
    if chains:
        sizes = [len(chain.steps) for chain in chains]
        parts.append(
            f"The {len(chains)} chains known here have {mean(sizes):.1f} on average, at most"
            f" {max(sizes)}; those that ship were composed for this project."
        )
    if counts is None:
        return " ".join(parts) or "Nothing was counted.", "Cannot be told from these."
    if counts.mean >= CLAIMED_STEPS:
        return " ".join(parts), "Holds for the workflows that were counted."
    return " ".join(parts), (
        "Does not hold for published workflows. What customers chain in private, neither these"
        " files nor anything else here can tell."
    )


def _short(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"
