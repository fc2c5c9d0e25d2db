"""A public board's history -> the field of its models, and what may come to it (pure).

A published rating is one measurement. Where a board has been seen often enough, what a model is
worth is read off all its boards with the noise that `leaderboard.churn` finds in them, as the
half-life is; a single board counts by its published intervals. Sources publish no covariance, so
errors are taken as independent between models. All is in the points of the source's newest board.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from leaderboard.answers import ALL_DOMAINS, EVALS
from leaderboard.churn.panel import Panel, panel
from leaderboard.churn.scatter import Scatter, fit_scatter
from leaderboard.churn.strengths import Levels, at_end, levels
from leaderboard.picks.field import OUTSIDE, Candidate, Facts, Field
from leaderboard.ratings.bradley_terry import Floats
from leaderboard.ratings.rank_sets import joint_draws
from leaderboard.ratings.rate import widening
from leaderboard.snapshots import NORMAL_95, Entry, Snapshot

DRAWS = 1000
FEWEST_BOARDS = 3
"""Distinct boards from which noise can be told from strength."""
FEWEST_PAIRS = 20
"""Ratings of one model on two boards, from which noise can be told without published intervals."""
LEAST_ERROR = 5.0
"""Rating points, one standard error: on a board that publishes no interval a rating is taken to be
known no better than this, however little its few boards happen to scatter. Arena and Artificial
Analysis publish 2 to 6.4 in the median of their top eight."""
_PER_CENT = 100.0
UNPRICED = "the board publishes no price"


@dataclass(frozen=True)
class Estimates:
    """What a board's history says of its M models, in standard units of the panel."""

    panel: Panel
    scatter: Scatter
    levels: Levels
    mean: Floats
    variance: Floats
    """(M,) of the strength on the last board."""

    @property
    def boards(self) -> Floats:
        """(M,) on how many boards each was."""
        return np.isfinite(self.panel.rating).sum(axis=0).astype(np.float64)


def estimates(boards: Sequence[Snapshot]) -> Estimates | str:
    """The history of one arena read as strengths, or one line that says why it cannot be."""
    if len(boards) < FEWEST_BOARDS:
        seen = f"{len(boards)} distinct board{'s' if len(boards) != 1 else ''}"
        return f"{seen}: noise cannot be told from strength"
    if boards[0].source == EVALS and any(e.released is None for b in boards for e in b.entries):
        return "release dates unknown: it would measure when models were registered"
    try:
        data = panel(boards, own=boards[0].source == EVALS).standard()
    except ValueError as error:
        return str(error)
    known = np.isfinite(data.rating)
    if data.variance is None and (known[1:] & known[:-1]).sum() < FEWEST_PAIRS:
        return "its ratings have no interval, and too few boards show how they scatter"
    scatter = fit_scatter(data)
    found = levels(data, scatter)
    return Estimates(data, scatter, found, *at_end(data, scatter, found))


def outside_field(
    boards: Sequence[Snapshot],
    known: Mapping[str, Facts] | None = None,
    found: Estimates | str | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    priced: bool = True,
) -> Field | str:
    """The field of an arena's newest board, or one line that says why there is none.

    Args:
        boards: its distinct boards up to that one, in order of time, renames applied.
        known: model -> what is known of it beside the board.
        found: `estimates` of the same boards, where they are at hand.
        draws: number of worlds.
        seed: of the draws.
        priced: False where no price is to be asked for (see `Field.priced`).

    Candidates are the models that the newest board ranks and scores.
    """
    newest = boards[-1]
    shown = [(e, e.score) for e in newest.entries if e.rank is not None and e.score is not None]
    shown.sort(key=lambda one: one[0].model)
    if not shown:
        return f"{newest.arena}: no line has both a rank and a score"
    names = [entry.model for entry, _ in shown]
    scores = np.array([score for _, score in shown])
    if np.abs(scores).max() <= _PER_CENT:
        return f"{newest.arena}: its scores are no ratings that a win-rate follows from"
    read = estimates(boards) if found is None else found
    if isinstance(read, Estimates):
        columns = [read.panel.models.index(name) for name in names]
        mean = read.mean[columns] * read.panel.unit
        spread = np.sqrt(read.variance[columns]) * read.panel.unit
        point, wide = mean + float((scores - mean).mean()), 1.0
        if read.panel.variance is None:
            spread = np.maximum(spread, LEAST_ERROR)
    else:
        errors = [_standard_error(entry) for entry, _ in shown]
        if None in errors:
            return f"{newest.arena}: {read}"
        point, spread = scores, np.array(errors, dtype=np.float64)
        wide = 0.0
    drawn = joint_draws(names, point, np.diag(spread**2), draws, seed)
    return Field(
        newest.arena,
        ALL_DOMAINS,
        newest.source,
        None,
        tuple(
            _candidate(entry, newest, float(centre), float(error), (known or {}).get(entry.model))
            for (entry, _), centre, error in zip(shown, point, spread, strict=True)
        ),
        drawn,
        wide=wide or widening(point, drawn),
        priced=priced,
    )


def _standard_error(entry: Entry) -> float | None:
    if entry.score_low is None or entry.score_high is None:
        return None
    return (entry.score_high - entry.score_low) / 2 / NORMAL_95


def _candidate(
    entry: Entry, board: Snapshot, point: float, error: float, facts: Facts | None
) -> Candidate:
    known = facts or Facts()
    price = list_price(entry)
    return Candidate(
        model=entry.model,
        name=entry.model,
        rating=point,
        rating_low=point - NORMAL_95 * error,
        rating_high=point + NORMAL_95 * error,
        evidence=OUTSIDE,
        evidence_at=board.published_at,
        comparisons=None if entry.votes is None else float(entry.votes),
        prompts=None,
        cost_usd=price.usd,
        cost_basis=price.basis,
        usd_per_clip_second=price.per_clip_second,
        vendor=known.vendor or entry.organization,
        provider=known.provider,
        region=known.region,
        licence=known.licence or entry.licence,
        released=known.released or entry.released,
        withdrawn=known.withdrawn,
        simulated=entry.simulated,
        call=known.call,
    )


CLIP_SECONDS = 5.0
"""A clip's length where a board prices minutes: what a clip of each model lasts it does not say."""


@dataclass(frozen=True)
class ListPrice:
    """What a board says that a generation costs."""

    usd: float | None
    """Per generation; `None` = unknown."""
    basis: str
    """What was read, or why it is unknown."""
    per_clip_second: float | None = None


def list_price(entry: Entry) -> ListPrice:
    """The published price of one line; 0 and below are no prices."""
    price = entry.known_price_usd
    if entry.price_usd is None:
        return ListPrice(None, UNPRICED)
    if price is None:
        return ListPrice(None, f"the board says {entry.price_usd:g}, which is no price")
    if entry.price_unit == "price_per_1k_images":
        return ListPrice(price / 1000, f"list price on the board: ${price:g} per 1,000 images")
    if entry.price_unit == "price_per_minute":
        second = price / 60
        basis = f"list price on the board: ${price:g} per minute, a clip of {CLIP_SECONDS:g} s"
        return ListPrice(second * CLIP_SECONDS, basis, second)
    return ListPrice(price, f"list price on the board: ${price:g} per {entry.price_unit or 'call'}")
