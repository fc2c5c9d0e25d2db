"""Workflows.

Chains of models: who does each step in drafts and in the final output, what the whole chain costs,
what a budget buys, and when the first of its picks is stale.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from evals.errors import ChurnboardError
from leaderboard.dashboard import reads, text, widgets, workflow_charts
from leaderboard.edition import Edition
from leaderboard.workflows import words
from leaderboard.workflows.answers import Bill, WorkflowAnswer
from leaderboard.workflows.chain import MODES, Chain

ORDER = 8
ICON = ":material/account_tree:"
BUDGETS = 21
WIDE = 5
"""More steps than this are drawn as wide as the page."""
PLANS = (*MODES[1:], MODES[0], "best")
"""The mixed plan first: each step by its role."""


def show(edition: Edition) -> None:
    """Draw the page."""
    st.title("Chains of models", anchor=False)
    try:
        chains = reads.workflows(edition)
        chain = chains[
            widgets.menu(
                "Workflow",
                list(chains),
                key="workflow",
                format_func=lambda name: _label(chains[name]),
            )
        ]
        answer = reads.workflow(edition, chain, reads.today())
        plans = reads.workflow_budgets(edition, chain, reads.today(), BUDGETS)
    except ChurnboardError as error:
        st.error(text.plain(str(error)), icon=":material/account_tree:")
        return
    if chain.simulated:
        widgets.simulated_note()
    st.caption(text.plain(chain.source))
    plan = widgets.choice("Plan", PLANS, key="plan", format_func=str.capitalize)
    budget = _budget(plans, answer)
    best = _under(plans, budget)
    bill = (best if plan == "best" else answer.bill(plan)) or answer.bills[0]
    # A short chain would be blown up to the width of the page.
    wide = len(chain.steps) > WIDE
    st.graphviz_chart(workflow_charts.steps(chain, bill), width="stretch" if wide else "content")
    _steps(bill, answer)
    _costs(answer, best, plans, budget)
    _half_life(answer)
    _claims(list(chains.values()), answer)


def _label(chain: Chain) -> str:
    return f"{chain.title} · {len(chain.steps)} steps{' · simulated' if chain.simulated else ''}"


def _budget(plans: Sequence[tuple[float, Bill]], answer: WorkflowAnswer) -> float | None:
    """The budget that the reader chose, the first one that pays for the mixed plan by default."""
    amounts = {words.usd(one): one for one, _ in plans}
    if len(amounts) < 2:
        return next(iter(amounts.values()), None)
    mixed = answer.bill("mixed")
    wanted = mixed.usd if mixed is not None and mixed.usd is not None else 0.0
    usual = next((name for name, one in amounts.items() if one >= wanted), list(amounts)[-1])
    options = [usual, *(name for name in amounts if name != usual)]
    widgets.recall("budget", options)
    chosen = st.select_slider("Budget for one run", list(amounts), key="budget")
    return amounts[widgets.remember("budget", str(chosen), options)]


def _under(plans: Sequence[tuple[float, Bill]], budget: float | None) -> Bill | None:
    return next((bill for amount, bill in plans if amount == budget), None)


def _steps(bill: Bill, answer: WorkflowAnswer) -> None:
    st.dataframe(
        [
            {
                "step": one.step,
                "task": one.task,
                "role": one.role,
                "model": one.name or "",
                "generations": one.generations,
                "$ each": one.usd_each,
                "$": one.usd,
                "s each": one.latency_s,
                "% against the hero": None if one.win_rate is None else 100 * one.win_rate,
                "not known": one.reason or "",
            }
            for one in bill.choices
        ],
        hide_index=True,
        height="content",
        column_config={
            "$ each": st.column_config.NumberColumn(format="%.4g"),
            "$": st.column_config.NumberColumn(format="%.4g"),
            "s each": st.column_config.NumberColumn(format="%.3g"),
            "% against the hero": st.column_config.NumberColumn(format="%.0f"),
        },
    )
    st.caption(
        text.plain(
            "Against the hero: expected share of comparisons with the step's hero at the ratings of"
            " its board; 50 % is the hero itself. Steps that no board ranks have no price here."
        )
    )
    for note in answer.notes:
        st.caption(text.plain(note))


def _costs(
    answer: WorkflowAnswer,
    best: Bill | None,
    plans: Sequence[tuple[float, Bill]],
    budget: float | None,
) -> None:
    st.subheader("What one run costs", anchor=False)
    bills = [*answer.bills, *((best,) if best is not None else ())]
    columns = st.columns(len(bills))
    for column, one in zip(columns, bills, strict=True):
        name = f"best under {words.usd(budget)}" if one.plan == "best" else one.plan
        column.metric(
            text.plain(name.capitalize()),
            text.plain(
                f"{'≥ ' if one.at_least and one.usd is not None else ''}{words.usd(one.usd)}"
            ),
            None if one.quality is None else text.plain(f"{one.quality:.1%} against heroes"),
            delta_color="off",
            delta_arrow="off",
        )
    mixed = answer.bill("mixed")
    if mixed is not None:
        st.caption(text.plain(_latency(mixed)))
    if plans:
        widgets.figure(
            workflow_charts.budgets(plans, answer.bills, budget),
            key="budgets",
            alt="Quality that each budget buys",
        )


def _latency(bill: Bill) -> str:
    if bill.latency_s is None:
        return "How long a run takes is not known: no latency of its models was measured."
    missing = f", without {', '.join(bill.unmeasured)}" if bill.unmeasured else ""
    return (
        f"The mixed plan takes {text.seconds(bill.latency_s)} along {' → '.join(bill.path)}, if the"
        f" generations of a step are made at once, and {text.seconds(bill.serial_s)} one after the"
        f" other{missing}."
    )


def _half_life(answer: WorkflowAnswer) -> None:
    st.subheader("When the first pick is stale", anchor=False)
    for line in words.joint_words(answer.joint):
        st.markdown(text.plain(line))
    if not answer.lives:
        return
    st.markdown(f"**{text.plain(words.first_words(answer))}**")
    st.dataframe(
        [
            {
                "steps": ", ".join(one.steps),
                "model": one.model,
                "vendor": one.vendor or "",
                "board": f"{one.source} · {one.task}",
                "half-life, days": one.days,
                "95 %": words.days(one.days, one.low, one.high) if one.days else one.reason or "",
                "goes first, %": None if one.share is None else 100 * one.share,
                "check by": one.revalidate_by,
            }
            for one in answer.lives
        ],
        hide_index=True,
        column_config={
            "half-life, days": st.column_config.NumberColumn(format="%.0f"),
            "goes first, %": st.column_config.NumberColumn(format="%.0f"),
            "check by": st.column_config.DateColumn(),
        },
    )


def _claims(chains: Sequence[Chain], answer: WorkflowAnswer) -> None:
    st.subheader("What is said, and what was measured", anchor=False)
    counts = reads.workflow_counts()
    for claim, (measured, verdict) in (
        (words.CLAIM_STEPS, words.steps_words(chains, counts)),
        (words.CLAIM_ROLES, words.savings_words(answer)),
        (words.CLAIM_STALE, words.stale_words(answer)),
    ):
        st.markdown(
            f"**Claim:** {text.plain(claim)}  \n**Measured:** {text.plain(measured)}  \n"
            f"**Verdict:** {text.plain(verdict)}"
        )
