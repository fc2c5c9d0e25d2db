"""Picks.

Which model to call: for each task and domain the hero (best, for the final output) and the
workhorse (cheapest that holds its own, for volume), with the odds that the choice is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from leaderboard import wording
from leaderboard.answers import ALL_DOMAINS, EVALS, NoPick, Pick, Role, SnapshotRow, ground_of
from leaderboard.dashboard import pick_charts, reads, text, widgets
from leaderboard.edition import Edition
from leaderboard.pick_answers import Decision, FrontierPoint, Ground, LogEntry
from leaderboard.pick_words import (
    GENERATIONS,
    LABELS,
    calling,
    evidence,
    ground_in,
    grounds_of,
    saving,
)
from leaderboard.sources import selections
from leaderboard.usage.words import traffic_lines

ORDER = 1
ICON = ":material/star:"

MEANING: dict[Role, str] = {
    "hero": "The best, for the final output.",
    "workhorse": "The cheapest that holds its own, for volume.",
}
COLUMNS = 3
"""Domains side by side."""


def show(edition: Edition) -> None:
    """Draw the page."""
    picks = reads.picks(edition)
    st.title("Which model to call", anchor=False)
    filled = {p.task for p in picks.picks}
    tasks = [*sorted(filled), *sorted({p.task for p in picks.none} - filled)]
    if not tasks:
        st.markdown("Nothing is decided yet: no evaluated model has both a rating and a price.")
        st.code("churnboard eval --suite calibration\nchurnboard refresh", language="shell")
    else:
        task = widgets.choice("Task", tasks, key="task", format_func=text.title)
        every = [p for p in picks.picks if p.task == task]
        gaps = [p for p in picks.none if p.task == task]
        grounds = grounds_of(every, gaps)
        asked = widgets.choice("Evidence", grounds, key="evidence", format_func=_label)
        ground = grounds[list[str](grounds).index(asked)]
        chosen = [p for p in every if ground_in(p) == ground]
        nobody = [p for p in gaps if ground_in(p) == ground]
        if any(pick.simulated for pick in chosen):
            widgets.simulated_note()
        _standing_on(chosen)
        decisions = [made for made in picks.decisions if _on(made, ground)]
        _headline(chosen, nobody, decisions)
        _saving(chosen)
        _got(edition, chosen)
        _domains(chosen, nobody)
        _frontier(edition, task, ground, chosen)
        _terms(edition, task, ground)
        _refused(edition, task, ground)
    _public_board(edition)


def _label(ground: str) -> str:
    return next(label for name, label in LABELS.items() if name == ground)


def _on(one: Decision | FrontierPoint | LogEntry, ground: str) -> bool:
    return ground_of(one.source, one.simulated) == ground


def _standing_on(chosen: Sequence[Pick]) -> None:
    """Which public board, and how old it is: said before anything is picked from it."""
    now = datetime.now(UTC)
    for line in dict.fromkeys(evidence(p, now) for p in chosen if ground_in(p) == "outside"):
        st.warning(text.plain(text.sentence(line)), icon=":material/public:")


def _saving(chosen: Sequence[Pick]) -> None:
    """What a switch saves, for as many generations as the reader makes."""
    held = {p.role: p for p in chosen if p.domain == ALL_DOMAINS}
    if len(held) < len(MEANING) or any(p.simulated for p in chosen):
        return
    many = st.number_input(
        "Generations a month", min_value=1, value=GENERATIONS, step=1000, key="generations"
    )
    line = saving(held["hero"], held["workhorse"], int(many))
    st.markdown(f"**{text.plain(text.sentence(line))}**")


def _got(edition: Edition, chosen: Sequence[Pick]) -> None:
    """The traffic that the picks got, where a router's log tells."""
    boards = {(p.task, p.source, p.simulated) for p in chosen}
    for report in reads.usage(edition):
        if (report.task, report.source, report.simulated) in boards:
            for line in traffic_lines(report):
                st.caption(text.plain(text.sentence(line)))


def _headline(
    chosen: Sequence[Pick], nobody: Sequence[NoPick], decisions: Sequence[Decision]
) -> None:
    st.subheader("All domains", anchor=False)
    for role, column in zip(MEANING, st.columns(2), strict=True):
        with column:
            found = [p for p in chosen if p.role == role and p.domain == ALL_DOMAINS]
            for pick in found:
                _card(pick, _decision(decisions, pick))
            for gap in nobody:
                if gap.role == role and gap.domain == ALL_DOMAINS:
                    _nobody(gap)


def _decision(decisions: Sequence[Decision], pick: Pick) -> Decision | None:
    place = pick.task, pick.domain, pick.role
    return next((one for one in decisions if (one.task, one.domain, one.role) == place), None)


def _card(pick: Pick, made: Decision | None) -> None:
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center"):
            widgets.role_badge(pick.role)
            if pick.simulated:
                widgets.simulated_badge()
            st.caption(MEANING[pick.role], width="stretch")
        st.header(text.plain(pick.name), anchor=False)
        odds, cost, latency, rating = st.columns(4)
        odds.metric(*_odds(pick), help=_odds_help(pick))
        cost.metric(*_cost(pick), help=_cost_help(pick))
        latency.metric(*_time(pick), help=_time_help(pick))
        rating.metric("rating", widgets.rating(pick.rating, pick.rating_low, pick.rating_high))
        st.text(text.sentence(pick.reason))
        call = calling(pick)
        if call is not None:
            st.text(f"Call {call}")
        if made is not None:
            st.caption(text.plain(_belief(made)))


def _belief(made: Decision) -> str:
    """Since when, who cannot be told apart, and how long to believe it."""
    parts: list[str] = []
    if made.since is not None:
        before = f", before that {made.previous}" if made.previous else ""
        parts.append(f"Since {text.day(made.since)}{before}.")
    if made.tied:
        parts.append(f"Cannot be told apart from it: {', '.join(made.tied)}.")
    told = made.outlook
    if told is not None and told.days_7 is not None:
        parts.append(
            f"Still the pick in 7 days with {wording.odds(told.days_7)},"
            f" in 30 with {wording.odds(told.days_30)}."
        )
    if told is not None:
        parts.append(f"Check again by {text.day(told.revalidate_by)}.")
    return " ".join(parts)


def _frontier(edition: Edition, task: str, ground: Ground, chosen: Sequence[Pick]) -> None:
    points = [
        point
        for point in reads.picks(edition).frontier
        if point.task == task and _on(point, ground)
    ]
    domains = text.ordered({point.domain for point in points})
    if not domains:
        return
    st.subheader("Cost and quality", anchor=False)
    st.caption(
        "On the dotted line nobody that costs no more is rated higher; the fuller, the surer."
    )
    domain = widgets.choice("Domain", domains, key="frontier", format_func=text.title)
    roles = {p.model: p.role for p in chosen if p.domain == domain}
    shown = [point for point in points if point.domain == domain]
    widgets.figure(
        pick_charts.frontier(shown, roles),
        key="frontier-chart",
        alt="Rating over price on a log axis, with the frontier",
    )


def _terms(edition: Edition, task: str, ground: Ground) -> None:
    log = [e for e in reads.pick_log(edition) if e.task == task and _on(e, ground)]
    every = [entry for entry in log if entry.domain == ALL_DOMAINS]
    if not every:
        return
    st.subheader("Who held which role", anchor=False)
    st.caption("All domains. A cross is another model that was wished for and refused.")
    now = max(made.decided_at for made in reads.picks(edition).decisions)
    widgets.figure(pick_charts.terms(every, now), key="terms", alt="Who held each role when")
    with st.expander(f"Every switch and every refusal to switch ({len(log)})"):
        st.dataframe(
            [
                {
                    "day": entry.at,
                    "domain": entry.domain,
                    "role": entry.role,
                    "what": entry.action,
                    "model": entry.model,
                    "before": entry.previous,
                    "why": entry.reason,
                }
                for entry in reversed(log)
            ],
            hide_index=True,
        )


def _odds(pick: Pick) -> tuple[str, str]:
    if pick.role == "workhorse" and pick.p_floor is not None:
        return "holds its own", wording.odds(pick.p_floor)
    return "is the best", wording.odds(pick.p_best)


def _odds_help(pick: Pick) -> str:
    if pick.role == "workhorse":
        return "Probability that its win-rate against the hero reaches the policy's floor."
    return "Probability that no other candidate is better, over resampled prompts."


def _cost(pick: Pick) -> tuple[str, str]:
    """Of clips by their seconds: models make clips of different lengths."""
    if pick.usd_per_clip_second is not None:
        return "per clip second", text.usd(pick.usd_per_clip_second)
    return "per 1,000", text.per_thousand(pick.cost_usd)


def _cost_help(pick: Pick) -> str | None:
    each = "" if pick.usd_per_clip_second is None else f"{text.usd(pick.cost_usd)} a clip; "
    return text.plain(each + pick.cost_basis) if pick.cost_basis else None


def _time(pick: Pick) -> tuple[str, str]:
    if pick.compute_s_per_clip_second is not None:
        return "computing per clip second", text.seconds(pick.compute_s_per_clip_second)
    return "each takes", text.seconds(pick.latency_p50_s)


def _time_help(pick: Pick) -> str:
    if pick.compute_s_per_clip_second is not None:
        return text.plain(f"One clip takes {text.seconds(pick.latency_p50_s)}, the median.")
    return "Median wall time."


def _nobody(gap: NoPick) -> None:
    with st.container(border=True, height="stretch"):
        widgets.role_badge(gap.role)
        st.text("Nobody qualified.")
        st.text(text.sentence(gap.reason))


def _domains(chosen: Sequence[Pick], nobody: Sequence[NoPick]) -> None:
    domains = sorted({p.domain for p in [*chosen, *nobody]} - {ALL_DOMAINS})
    if not domains:
        return
    st.subheader("By domain", anchor=False)
    for start in range(0, len(domains), COLUMNS):
        row = domains[start : start + COLUMNS]
        for domain, column in zip(row, st.columns(COLUMNS), strict=False):
            with column.container(border=True, height="stretch", gap="xsmall"):
                st.markdown(f"**{text.plain(text.title(domain))}**")
                for pick in (p for p in chosen if p.domain == domain):
                    _line(pick)
                for gap in (p for p in nobody if p.domain == domain):
                    widgets.role_badge(gap.role)
                    st.caption(text.plain(text.sentence(gap.reason)))


def _line(pick: Pick) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        widgets.role_badge(pick.role, help=text.plain(text.sentence(pick.reason)))
        st.markdown(f"**{text.plain(pick.name)}**", width="content")
    label, value = _odds(pick)
    cost_label, cost = _cost(pick)
    facts = (
        f"{label} {value}",
        f"{cost} {cost_label}",
        f"{text.seconds(pick.latency_p50_s)} each",
    )
    st.caption(text.plain(" · ".join(facts)))


def _refused(edition: Edition, task: str, ground: Ground) -> None:
    outside = ground == "outside"
    refused = [
        r for r in reads.picks(edition).refused if r.task == task and (r.source != EVALS) == outside
    ]
    if not refused:
        return
    with st.expander(f"Who was not a candidate, and why ({len({r.model for r in refused})})"):
        st.dataframe(
            [{"domain": r.domain, "model": r.model, "reason": r.reason} for r in refused],
            hide_index=True,
        )


def _public_board(edition: Edition) -> None:
    sources = sorted({key.source for key in reads.boards(edition)} - {EVALS} - selections())
    rows = [row for source in sources for row in reads.history(edition, source)]
    if not rows:
        return
    st.subheader("Meanwhile, on the public board", anchor=False)
    st.caption(
        "Real models, as Arena's voters rank them. None of them is evaluated here: register a "
        "model and its own evaluation comes before what a board says. The whole story is on the "
        "Churn page."
    )
    arenas = text.ordered({row.arena for row in rows})
    for start in range(0, len(arenas), 4):
        shown = arenas[start : start + 4]
        for arena, column in zip(shown, st.columns(4), strict=False):
            with column.container(border=True, height="stretch", gap="xsmall"):
                _podium([row for row in rows if row.arena == arena])


def _podium(rows: Sequence[SnapshotRow]) -> None:
    newest = max(row.published_at for row in rows)
    st.markdown(f"**{text.plain(text.title(rows[0].arena))}**")
    places = ((row.rank, row.model) for row in rows if row.published_at == newest)
    top = (f"{rank}  {model}" for rank, model in places if rank is not None and rank <= 3)
    st.text("\n".join(top))
    st.caption(f"Board of {text.day(newest)}")
