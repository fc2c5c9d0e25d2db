"""Runs.

What was evaluated, when, on what machine, and what failed.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from evals.errors import MediaError
from leaderboard.dashboard import reads, text, widgets
from leaderboard.edition import Edition
from leaderboard.run_answers import RunRow

ORDER = 5
ICON = ":material/play_circle:"

THUMBNAIL = 96
"""Width in pixels of one picture or poster of a run."""
THUMBNAILS = 10


def show(edition: Edition) -> None:
    """Draw the page."""
    st.title("What was evaluated", anchor=False)
    runs = reads.runs(edition)
    if not runs:
        st.markdown("No run was ingested yet.")
        st.code("churnboard eval --suite calibration\nchurnboard refresh", language="shell")
        return
    _totals(runs)
    st.dataframe([_record(run) for run in runs], hide_index=True, column_config=_COLUMNS)
    by_id = {run.id: run for run in runs}
    _detail(edition, by_id[widgets.menu("Run", list(by_id), key="run")])


_COLUMNS = {
    "started": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", timezone="UTC"),
    "done": st.column_config.ProgressColumn(format="percent", min_value=0.0, max_value=1.0),
    "cost": st.column_config.TextColumn(help="Unknown when any generation's cost is."),
}


def _totals(runs: tuple[RunRow, ...]) -> None:
    columns = st.columns(4)
    columns[0].metric("runs", len(runs))
    columns[1].metric("generations", f"{sum(run.ok for run in runs):,}")
    columns[2].metric("failed", f"{sum(run.failed for run in runs):,}")
    columns[3].metric("wall time", text.seconds(sum(run.seconds for run in runs)))


def _record(run: RunRow) -> dict[str, object]:
    settled = run.ok + run.failed + run.skipped
    return {
        "started": run.started_at,
        "suite": run.suite,
        "epoch": run.epoch,
        "status": run.status,
        "done": settled / run.planned if run.planned else 1.0,
        "ok": run.ok,
        "failed": run.failed,
        "skipped": run.skipped,
        "took": text.seconds(run.seconds),
        "cost": text.usd(run.cost_usd),
        "models": len(run.models),
        "run": run.id,
    }


def _detail(edition: Edition, run: RunRow) -> None:
    _made(edition, run)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Failures", anchor=False)
        failures = reads.failures(edition, run.id)
        if failures:
            st.dataframe(
                [
                    {
                        "at": f.at,
                        "model": f.model,
                        "prompt": f.prompt_id,
                        "seed": f.seed,
                        "kind": f.kind,
                        "blame": f.blame,
                        "message": f.message,
                    }
                    for f in failures
                ],
                hide_index=True,
            )
        else:
            st.caption("Every generation of this run has media.")
        for note in run.notes:
            st.text(note)
        st.subheader("Models", anchor=False)
        st.text(", ".join(run.models))
    with right:
        st.subheader("Machine and versions", anchor=False)
        _facts({**run.machine, **run.versions})


def _made(edition: Edition, run: RunRow) -> None:
    """A strip of what the run made, clips as posters."""
    items = reads.made(edition, run.id, THUMBNAILS)
    if not items:
        return
    st.subheader("What it made", anchor=False)
    with st.container(horizontal=True, gap="small"):
        for item in items:
            about = f"{item.name}: {item.text}, seed {item.seed}"
            try:
                shown = reads.thumbnail(item.path, item.fps, THUMBNAIL)
            except (MediaError, OSError):
                shown = reads.blank(THUMBNAIL)
            st.image(shown, width=THUMBNAIL, alt=about)
    kind = "pictures" if items[0].fps is None else "clips, by their posters"
    st.caption(f"The first {kind}, prompt by prompt; the Board page shows all of them.")


def _facts(facts: Mapping[str, str]) -> None:
    st.dataframe(
        [{"what": key, "value": str(value)} for key, value in facts.items()],
        hide_index=True,
        height="content",
    )
