"""The noise meter: how much of the published churn is measurement (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from leaderboard.churn.answers import Noise
from leaderboard.churn.panel import Panel
from leaderboard.churn.scatter import Scatter
from leaderboard.churn.spells import Spell
from leaderboard.snapshots import Entry, Snapshot


def noise(
    found: Sequence[Spell],
    snapshots: Sequence[Snapshot],
    k: int,
    panel: Panel | None,
    scatter: Scatter | None,
) -> Noise:
    """Read the meter on spells and the boards that they were counted on."""
    verdicts = [verdict for verdict in tied_exits(found, snapshots, k) if verdict is not None]
    error, shared = _errors(panel, scatter)
    return Noise(
        reentries=reentries(found, snapshots),
        exits=sum(spell.ended for spell in found),
        tied_exits=sum(verdicts) if verdicts else None,
        tied_exits_share=sum(verdicts) / len(verdicts) if verdicts else None,
        chi2_per_df=None if scatter is None else scatter.chi2_per_df,
        error=error,
        error_source=None
        if scatter is None
        else ("published intervals" if scatter.published else "residuals"),
        autocorrelation=shared,
        drift_per_month=None
        if scatter is None or panel is None
        else panel.unit * (scatter.drift * 30) ** 0.5,
        drift_p=None if scatter is None else scatter.drift_p,
    )


def reentries(found: Sequence[Spell], snapshots: Sequence[Snapshot]) -> int:
    """Comings back of a model under the same id; another id is another version of it."""
    ids = {
        (board.published_at, entry.model): entry.model_id
        for board in snapshots
        for entry in board.entries
    }
    counted = Counter((s.model, ids.get((s.entered_at, s.model))) for s in found)
    return sum(number - 1 for number in counted.values())


def tied_exits(
    found: Sequence[Spell], snapshots: Sequence[Snapshot], k: int
) -> tuple[bool | None, ...]:
    """For each spell: did its model leave within the error of the new number k?

    On the board that ended it, the leaver's published interval reaches that of the model which now
    has rank k. A model that is no longer listed did not leave by a tie. `None` for a spell that is
    running, or where an interval is missing.
    """
    boards = {board.published_at: board for board in snapshots}
    return tuple(_tied(spell, boards[spell.until], k) if spell.ended else None for spell in found)


def _tied(spell: Spell, board: Snapshot, k: int) -> bool | None:
    if spell.withdrawn and any(e.score_high is not None for e in board.entries):
        return False
    leaver = next((e for e in board.entries if e.model == spell.model), None)
    ranked = [e for e in board.entries if e.rank is not None and e.rank <= k]
    if leaver is None or not ranked:
        return None
    last = max(ranked, key=_rank)
    if leaver.score_high is None or last.score_low is None:
        return None
    return leaver.score_high >= last.score_low


def _rank(entry: Entry) -> int:
    return entry.rank or 0


def _errors(panel: Panel | None, scatter: Scatter | None) -> tuple[float | None, float | None]:
    """Median standard error in points, and the share of its variance that later boards keep."""
    if panel is None or scatter is None:
        return None, None
    known = np.isfinite(panel.rating)
    own = (scatter.independent + scatter.passing)[known]
    kept = (scatter.shared + scatter.lasting)[known]
    total = own + kept
    if total.sum() <= 0:
        # Whatever moved was taken for drift: nothing is left to call error.
        return None, None
    return panel.unit * float(np.median(total) ** 0.5), float(kept.sum() / total.sum())
