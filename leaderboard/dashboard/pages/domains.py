"""Domains.

What generation saves against traditional work, by domain; and of every domain its picks and how
long a place on its board lasts.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from leaderboard.advantage import words
from leaderboard.advantage.answers import CLAIM, AdvantageReport
from leaderboard.answers import EVALS, Picks
from leaderboard.churn.answers import ChurnReport
from leaderboard.dashboard import churn_words, credits, domain_charts, reads, text, widgets
from leaderboard.edition import Edition
from leaderboard.wording import odds

ORDER = 9
ICON = ":material/category:"
_TOP = 5


def show(edition: Edition) -> None:
    """Draw the page."""
    st.title("Where generation saves most", anchor=False)
    reports = reads.advantage(edition)
    if not reports:
        st.markdown("No board has picks yet. Evaluate a suite whose prompts have domains:")
        st.code("churnboard eval --suite everyday\nchurnboard refresh", language="shell")
        return
    # Models that somebody sells come first.
    labels = {_label(one): one for one in sorted(reports, key=lambda one: one.simulated)}
    report = labels[widgets.menu("Board", list(labels), key="board")]
    if report.simulated:
        widgets.simulated_note()
    st.markdown(f"**Claim.** {text.plain(CLAIM)}")
    st.markdown(
        "**Measurement.** What the work costs by hand, divided by what an accepted generation "
        f"costs, per {report.per}: all generations are paid for, and only those that reach the "
        "floor count. The span joins the 95 % interval of the share accepted with the low and the "
        "high cost by hand. The hours of people who prompt, choose and mend are not in it."
    )
    st.markdown(f"**Verdict.** {text.plain(text.sentence(words.answer(report)))}")
    _figure(report)
    _table(report)
    with st.expander("What these figures rest on"):
        for line in words.notes(report):
            st.markdown(f"- {text.plain(line)}")
        st.caption(
            text.plain(
                "Costs by hand are in production_costs.toml; a file of that name in the home takes"
                " the place of the shipped one."
            )
        )
    if report.source == EVALS:
        _domains(report, reads.picks(edition), reads.churn(edition))


def _label(one: AdvantageReport) -> str:
    mark = " · simulated" if one.simulated else ""
    of = one.suite if one.suite else credits.named(one.source)
    return f"{text.title(one.task)} · {of}{mark}"


def _figure(report: AdvantageReport) -> None:
    if not any(domain_charts.leading(domain) for domain in report.domains):
        return
    widgets.figure(
        domain_charts.advantage(report),
        key="advantage",
        alt="How many times cheaper than by hand, by domain, with intervals, on a log axis",
    )
    st.caption(
        "Filled: measured. Hollow and dotted: an upper bound, as if every generation were "
        "accepted. A span that begins at the left edge reaches to nothing."
    )


def _table(report: AdvantageReport) -> None:
    rows = [
        {
            "domain": domain.domain,
            "model": one.name,
            "role": ", ".join(one.roles),
            f"$ a {report.per}": text.usd(one.usd),
            "accepted": words.accepted(one),
            "times cheaper": words.index(one),
            "span": words.span(one),
            "by hand is cheaper below": words.break_even(one),
        }
        for domain in report.domains
        for one in domain.models
        if one.index_high is not None
    ]
    if rows:
        st.dataframe(rows, hide_index=True)


def _domains(report: AdvantageReport, picks: Picks, churn: Sequence[ChurnReport]) -> None:
    """Of every domain its picks, and the half-life of a place on its board."""
    st.subheader("Each domain's board", anchor=False)
    rows: list[dict[str, str]] = []
    for domain in report.domains:
        held = {
            pick.role: f"{pick.name}, best with {odds(pick.p_best)}"
            for pick in picks.picks
            if (pick.task, pick.domain, pick.suite_id) == (report.task, domain.domain, report.suite)
        }
        rows.append(
            {
                "domain": domain.domain,
                "hero": held.get("hero", "none"),
                "workhorse": held.get("workhorse", "none"),
                "half-life of a place": _half_life(report, domain.domain, churn),
            }
        )
    if rows:
        st.dataframe(rows, hide_index=True)
        st.caption("The boards themselves are on the Board page, their histories on Churn.")


def _half_life(report: AdvantageReport, domain: str, churn: Sequence[ChurnReport]) -> str:
    """Of the newest version of the suite."""
    start, end = f"{report.task}/{report.suite}@", f"/{domain}"
    own = [
        one
        for one in churn
        if one.source == EVALS
        and one.top == _TOP
        and one.arena.startswith(start)
        and one.arena.endswith(end)
    ]
    if not own:
        return "no board is kept yet"
    newest = max(own, key=lambda one: one.ends)
    found = newest.half_life.estimate
    if found.days is None and found.at_least_days is None:
        return f"not yet; boards that differ: {newest.distinct_boards}"
    return f"{churn_words.amount(found)} {churn_words.interval(found)}"
