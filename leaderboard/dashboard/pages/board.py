"""Board.

How the models compare: ratings with their intervals, quality against cost, the numbers behind
them, and what each model made of the same prompt and seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from leaderboard import judge_words, wording
from leaderboard.answers import EVALS, Board, BoardKey, BoardRow, Pick
from leaderboard.dashboard import charts, credits, gallery, judges, reads, text, widgets
from leaderboard.edition import Edition

ORDER = 2
ICON = ":material/leaderboard:"

AUDITS = frozenset({"caption_accuracy", "clip_caption_accuracy", "motion_accuracy"})
"""Ground truth of the calibration world: shown beside the ratings, never part of them."""


def show(edition: Edition) -> None:
    """Draw the page."""
    st.title("How the models compare", anchor=False)
    keys = reads.boards(edition)
    if not keys:
        st.markdown("No board yet: nothing was evaluated or imported.")
        return
    key = _choose(keys)
    board = reads.board(edition, key.task, key.domain, key.source, key.suite)
    roles = _roles(edition, board)
    _summary(board)
    chart_column, scatter_column = st.columns([3, 2], gap="large")
    with chart_column:
        st.subheader("Rating", anchor=False)
        widgets.figure(charts.ratings(board, roles), key="ratings", alt=_alt(board))
        if board.source == EVALS:
            st.caption(
                "Dot: rating. Line: 95 % interval over prompts and the judges' disagreement. "
                "Right: the places that the evidence cannot tell apart. Hollow: anchors; an "
                "arrowhead is off the scale."
            )
    with scatter_column:
        if any(row.cost_usd is not None and row.anchor is None for row in board.rows):
            _cost_quality(board, roles)
    st.subheader("The numbers", anchor=False)
    _table(board)
    judges.changes(board)
    judges.flags(board)
    if board.left_out:
        with st.expander(f"Left out of this board ({len(board.left_out)})"):
            st.dataframe(
                [{"what": item.what, "reason": item.reason} for item in board.left_out],
                hide_index=True,
            )
    judges.show(edition, board)
    if board.source == EVALS and board.suite_id is not None:
        gallery.show(edition, board.suite_id, board.domain)


def _choose(keys: Sequence[BoardKey]) -> BoardKey:
    with st.container(horizontal=True, gap="large"):
        sources = list(dict.fromkeys(key.source for key in keys))
        source = widgets.choice("Source", sources, key="source", format_func=credits.named)
        keys = [key for key in keys if key.source == source]
        tasks = list(dict.fromkeys(key.task for key in keys))
        task = widgets.choice("Task", tasks, key="task", format_func=text.title)
        keys = [key for key in keys if key.task == task]
        suites = list(dict.fromkeys(key.suite for key in keys if key.suite is not None))
        if suites:
            suite = widgets.choice("Suite", suites, key="suite")
            keys = [key for key in keys if key.suite == suite]
        domains = list(dict.fromkeys(key.domain for key in keys))
        domain = widgets.choice("Domain", domains, key="domain", format_func=text.title)
    return next(key for key in keys if key.domain == domain)


def _roles(edition: Edition, board: Board) -> Mapping[str, str]:
    """Hero and workhorse of this very board; a model that is both is shown as hero."""

    def concerns(pick: Pick) -> bool:
        return (pick.task, pick.domain) == (board.task, board.domain) and (
            board.source == EVALS and pick.suite_id in (None, board.suite_id)
        )

    picks = sorted(filter(concerns, reads.picks(edition).picks), key=lambda p: p.role == "hero")
    return {pick.model: pick.role for pick in picks}


def _summary(board: Board) -> None:
    real = [row for row in board.rows if row.anchor is None]
    words = [f"{len(real)} models"]
    if board.source == EVALS:
        words.append(f"{max((row.prompts for row in board.rows), default=0)} prompts")
        words.append(f"voting: {judge_words.weights(board.weights)}")
        words.append(f"suite {board.suite_id} @ {board.suite_version}")
        words.append(f"newest evidence {text.day(board.at)}")
        if board.reference is not None:
            words.append(f"{board.reference} = 1000 by definition")
    else:
        words.append(f"as published {text.day(board.at)}")
    with st.container(horizontal=True, vertical_alignment="center"):
        if board.simulated:
            widgets.simulated_badge()
        st.caption(text.plain(" · ".join(words)), width="stretch")


def _alt(board: Board) -> str:
    best = next((row.name for row in board.rows if row.anchor is None), "nobody")
    return f"Ratings of {len(board.rows)} models with intervals; the highest is {best}."


def _cost_quality(board: Board, roles: Mapping[str, str]) -> None:
    st.subheader("Quality and cost", anchor=False)
    widgets.figure(
        charts.cost_quality(board, roles), key="cost", alt="Rating against cost of each model."
    )
    unknown = [r.name for r in board.rows if r.cost_usd is None and r.anchor is None]
    note = "The grey steps: nothing else is both better and cheaper. Point at a dot for its name."
    if unknown:
        note += f" Cost unknown, so not shown: {', '.join(unknown)}."
    st.caption(text.plain(note))


def _table(board: Board) -> None:
    metrics = sorted({name for row in board.rows for name in row.scores})
    metrics.sort(key=lambda name: (name not in board.metrics, name))
    config = {
        "rating": st.column_config.NumberColumn(
            format=f"%.{wording.decimals(row.rating for row in board.rows)}f"
        ),
        "comparisons": st.column_config.NumberColumn(
            format="%d", help="With models that can be picked; one pair, prompt and seed is one."
        ),
        "is best": st.column_config.TextColumn(help="Probability that no other model is better."),
        "failed": st.column_config.NumberColumn(
            format="%.1f %%", help="Share of generations that failed by the model's own fault."
        ),
        "p50 s": st.column_config.NumberColumn(format="%.2f", help="Median latency, seconds."),
        "p95 s": st.column_config.NumberColumn(format="%.2f"),
        "per 1,000": st.column_config.TextColumn(help="US dollars per thousand generations."),
        "$ per clip s": st.column_config.TextColumn(help="US dollars per second of clip."),
        "s per clip s": st.column_config.NumberColumn(
            format="%.2f", help="Seconds of the model's computing per second of clip."
        ),
        "clip": st.column_config.TextColumn(help="Mean length, and commonest size of a frame."),
    }
    for name in metrics:
        weight = next((one for one in board.weights if one.metric == name), None)
        config[text.measure(name)] = st.column_config.NumberColumn(
            format="%.3f" if name in AUDITS else "%.2f",
            help=None if weight is None else f"{weight.weight:.0%} of the rating: {weight.why}.",
        )
    records = [_record(row, metrics) for row in board.rows]
    filled = {column for record in records for column, cell in record.items() if cell is not None}
    st.dataframe(
        [{c: v for c, v in record.items() if c in filled} for record in records],
        column_config={name: value for name, value in config.items() if name in filled},
        hide_index=True,
        height="content",
        placeholder="–",
    )


def _dollars(value: float | None) -> str | None:
    return None if value is None else text.usd(value)


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _record(row: BoardRow, metrics: Sequence[str]) -> dict[str, object]:
    place = row.anchor and f"{row.anchor} anchor"
    if row.rank_low is not None and row.rank_high is not None:
        place = wording.place(row.rank_low, row.rank_high)
    elif row.rank is not None:
        place = str(row.rank)
    interval = None
    if row.rating_low is not None and row.rating_high is not None:
        interval = f"{row.rating_low:.0f} – {row.rating_high:.0f}"
    return {
        "place": place,
        "model": row.name,
        "vendor": row.vendor,
        "rating": row.rating,
        "95 %": interval,
        "is best": None if row.p_best is None else wording.odds(row.p_best),
        **{text.measure(name): row.scores.get(name) for name in metrics},
        "failed": _percent(row.failure_rate),
        "p50 s": row.latency_p50_s,
        "p95 s": row.latency_p95_s,
        "per 1,000": None if row.cost_usd is None else text.per_thousand(row.cost_usd),
        "$ per clip s": _dollars(row.usd_per_clip_second),
        "s per clip s": row.compute_s_per_clip_second,
        "clip": wording.clip_size(row.clip_seconds, row.clip_width, row.clip_height),
        "comparisons": row.comparisons or None,
    }
