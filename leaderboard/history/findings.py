"""The checks on one board through time (pure): each a count, a sentence and a few examples.

None of them changes a board. Scores of two dates may be on two scales, and votes may have been
taken away between them, so dates are only ever compared through the models they have in common.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from leaderboard.snapshots import Entry, Finding, Snapshot

EXAMPLES = 5
LARGEST_GAP = 3.0
"""A board is missing where a gap is longer than this many usual ones."""
SHIFT_ERRORS, SHIFT_POINTS = 5.0, 10.0
"""A scale is re-centred where the median shift exceeds so many errors and so many points."""
FEWEST_COMMON = 3
"""Models that two boards must share before a common shift can be told from one model's own."""
LOST_VOTES = 0.05
"""Votes are dropped where the common models' total falls by more than this share."""
_DAY = timedelta(days=1)


def examine(snapshots: Sequence[Snapshot], distinct: Sequence[Snapshot]) -> tuple[Finding, ...]:
    """Every finding on the boards of one arena, in the order in which people should read them.

    Args:
        snapshots: as published, by time.
        distinct: the same without repeats.
    """
    lines = [(board, entry) for board in snapshots for entry in board.entries]
    found = (
        _repeated(snapshots, distinct),
        _missing_days(snapshots),
        _lines("unranked-rows", "lines without a rank: in no top k", lines, _unranked),
        _rank_gaps(distinct),
        _lines("tied-ranks", "lines that share their rank", _tied(snapshots), lambda _: True),
        _moves("re-centred", "dates at which the scale moves for all models", distinct, _shift),
        _moves("dropped-votes", "dates at which votes were taken away", distinct, _lost_votes),
        _moves("model-votes-fell", "falls of one model's votes", distinct, _model_lost_votes),
        _moves("score-jumps", "moves of one model beyond both its intervals", distinct, _jumps),
        _changed_ids(lines),
        _shared_ids(lines),
        _spellings(lines),
        _lines("price-missing", "lines without a price: unknown", lines, _no_price(lines)),
        _lines("price-zero", "lines priced 0: unknown, not free", lines, _free),
        _lines("price-negative", "lines priced below 0: unknown", lines, _negative_price),
    )
    return tuple(finding for finding in found if finding is not None)


def silent(snapshots: Sequence[Snapshot], last: datetime) -> tuple[Finding, ...]:
    """Says so when an arena has no board for long while its source went on until `last`."""
    usual, quiet = usual_gap(snapshots), last - snapshots[-1].published_at
    if usual is None or quiet <= LARGEST_GAP * usual:
        return ()
    end = snapshots[-1].published_at
    detail = f"days without a board after {end:%Y-%m-%d}, while other arenas of the source go on"
    return (Finding("arena-silent", quiet // _DAY, detail),)


def usual_gap(snapshots: Sequence[Snapshot]) -> timedelta | None:
    """The median time between neighbouring boards; `None` with fewer than two."""
    gaps = [
        (later.published_at - sooner.published_at) / _DAY for sooner, later in pairwise(snapshots)
    ]
    return median(gaps) * _DAY if gaps else None


def common_shift(sooner: Snapshot, later: Snapshot) -> tuple[float, float] | None:
    """How far the scores of the common models moved together: median and its standard error.

    The error is 1.2533 x 1.4826 x MAD / sqrt(n), the one of a median under normal noise. `None`
    with fewer than `FEWEST_COMMON` models that have a score on both boards.
    """
    moves = [
        new.score - old.score
        for old, new in _common(sooner, later)
        if old.score is not None and new.score is not None
    ]
    if len(moves) < FEWEST_COMMON:
        return None
    middle = median(moves)
    spread = median(abs(move - middle) for move in moves)
    return middle, 1.2533 * 1.4826 * spread / math.sqrt(len(moves))


def half_width(entry: Entry) -> float | None:
    """Half of the published interval around a score; `None` where there is none."""
    if entry.score_low is None or entry.score_high is None:
        return None
    return (entry.score_high - entry.score_low) / 2


def _repeated(snapshots: Sequence[Snapshot], distinct: Sequence[Snapshot]) -> Finding | None:
    repeats = len(snapshots) - len(distinct)
    detail = f"boards that repeat the one before them; {len(distinct)} distinct boards remain"
    return Finding("repeated-boards", repeats, detail) if repeats else None


def _missing_days(snapshots: Sequence[Snapshot]) -> Finding | None:
    usual = usual_gap(snapshots)
    if usual is None:
        return None
    gaps = [
        f"{sooner.published_at:%Y-%m-%d} to {later.published_at:%Y-%m-%d}"
        for sooner, later in pairwise(snapshots)
        if later.published_at - sooner.published_at > LARGEST_GAP * usual
    ]
    detail = f"gaps longer than {LARGEST_GAP:g} times the usual {usual / _DAY:g} days"
    return _finding("missing-days", detail, gaps)


def _lines(
    check: str,
    detail: str,
    lines: Iterable[tuple[Snapshot, Entry]],
    wrong: Callable[[Entry], bool],
) -> Finding | None:
    """Counts lines; the examples are models, each once."""
    models = [entry.model for _, entry in lines if wrong(entry)]
    if not models:
        return None
    return Finding(check, len(models), detail, tuple(dict.fromkeys(models))[:EXAMPLES])


def _unranked(entry: Entry) -> bool:
    return entry.rank is None


def _no_price(lines: Sequence[tuple[Snapshot, Entry]]) -> Callable[[Entry], bool]:
    """Lines without a price matter only where the source publishes prices at all."""
    priced = any(entry.price_usd is not None for _, entry in lines)
    return lambda entry: priced and entry.price_usd is None


def _free(entry: Entry) -> bool:
    return entry.price_usd == 0


def _negative_price(entry: Entry) -> bool:
    return entry.price_usd is not None and entry.price_usd < 0


def _tied(snapshots: Sequence[Snapshot]) -> list[tuple[Snapshot, Entry]]:
    found: list[tuple[Snapshot, Entry]] = []
    for board in snapshots:
        for sooner, later in pairwise(board.entries):
            if sooner.rank is not None and sooner.rank == later.rank:
                found.append((board, later))
    return found


def _rank_gaps(distinct: Sequence[Snapshot]) -> Finding | None:
    """Boards whose ranks leave one out; after a tie of two, skipping one is no gap."""
    gaps: list[str] = []
    for board in distinct:
        ranks = [entry.rank for entry in board.entries if entry.rank is not None]
        wrong = [
            rank
            for number, (before, rank) in enumerate(pairwise([0, *ranks]), start=1)
            if rank > max(number, before + 1)
        ]
        if wrong:
            gaps.append(f"{board.published_at:%Y-%m-%d}: nobody before rank {wrong[0]}")
    return _finding("rank-gaps", "distinct boards with a rank that nobody holds", gaps)


def _moves(
    check: str,
    detail: str,
    distinct: Sequence[Snapshot],
    told: Callable[[Snapshot, Snapshot], list[str]],
) -> Finding | None:
    """What `told` has to say of neighbouring boards."""
    cases = [
        f"{later.published_at:%Y-%m-%d}: {text}"
        for sooner, later in pairwise(distinct)
        for text in told(sooner, later)
    ]
    return _finding(check, detail, cases)


def _shift(sooner: Snapshot, later: Snapshot) -> list[str]:
    moved = common_shift(sooner, later)
    if moved is None:
        return []
    shift, error = moved
    if abs(shift) <= SHIFT_POINTS or abs(shift) <= SHIFT_ERRORS * error:
        return []
    return [f"{shift:+.1f} points (error {error:.1f})"]


def _lost_votes(sooner: Snapshot, later: Snapshot) -> list[str]:
    pairs = [(before, after) for _, before, after in _votes(sooner, later)]
    before, after = (sum(votes) for votes in zip(*pairs, strict=True)) if pairs else (0, 0)
    return [f"{after / before - 1:+.0%}"] if after < (1 - LOST_VOTES) * before else []


def _model_lost_votes(sooner: Snapshot, later: Snapshot) -> list[str]:
    return [
        f"{model} {after / before - 1:+.0%}"
        for model, before, after in _votes(sooner, later)
        if after < (1 - LOST_VOTES) * before
    ]


def _votes(sooner: Snapshot, later: Snapshot) -> list[tuple[str, int, int]]:
    return [
        (new.model, old.votes, new.votes)
        for old, new in _common(sooner, later)
        if old.votes is not None and new.votes is not None
    ]


def _jumps(sooner: Snapshot, later: Snapshot) -> list[str]:
    """Models that moved against the others by more than both their intervals allow."""
    moved = common_shift(sooner, later)
    if moved is None:
        return []
    found: list[str] = []
    for old, new in _common(sooner, later):
        if old.score is None or new.score is None:
            continue
        half = [half_width(entry) for entry in (old, new)]
        own = new.score - old.score - moved[0]
        if None not in half and abs(own) > max(SHIFT_POINTS, sum(filter(None, half))):
            found.append(f"{new.model} {own:+.0f} points")
    return found


def _common(sooner: Snapshot, later: Snapshot) -> list[tuple[Entry, Entry]]:
    before = {entry.model: entry for entry in sooner.entries}
    return [(before[entry.model], entry) for entry in later.entries if entry.model in before]


def _changed_ids(lines: Iterable[tuple[Snapshot, Entry]]) -> Finding | None:
    ids: dict[str, dict[str, None]] = {}
    for _, entry in lines:
        if entry.model_id is not None:
            ids.setdefault(entry.model, {})[entry.model_id] = None
    detail = "names whose id changes: another model may stand under the same name"
    changed = [f"{name}: {', '.join(of)}" for name, of in ids.items() if len(of) > 1]
    return _finding("changed-identity", detail, changed)


def _shared_ids(lines: Iterable[tuple[Snapshot, Entry]]) -> Finding | None:
    names: dict[str, dict[str, None]] = {}
    for _, entry in lines:
        if entry.model_id is not None:
            names.setdefault(entry.model_id, {})[entry.model] = None
    detail = "ids that stand under several names: likely renames"
    shared = [f"{one}: {', '.join(of)}" for one, of in names.items() if len(of) > 1]
    return _finding("shared-identity", detail, shared)


def _spellings(lines: Iterable[tuple[Snapshot, Entry]]) -> Finding | None:
    """Vendors in several spellings, or named for a model at one time and blank at another."""
    spelt: dict[str, dict[str, None]] = {}
    of_model: dict[str, dict[str, None]] = {}
    for _, entry in lines:
        vendor = entry.organization or ""
        of_model.setdefault(entry.model, {})[vendor] = None
        if vendor:
            spelt.setdefault("".join(filter(str.isalnum, vendor.casefold())), {})[vendor] = None
    several = [" / ".join(of) for of in spelt.values() if len(of) > 1]
    several += [
        f"{model}: {' / '.join(vendor or 'blank' for vendor in of)}"
        for model, of in of_model.items()
        if len(of) > 1 and "" in of
    ]
    return _finding("vendor-spellings", "vendors that are not spelt one way", several)


def _finding(check: str, detail: str, cases: Sequence[str]) -> Finding | None:
    return Finding(check, len(cases), detail, tuple(cases[:EXAMPLES])) if cases else None
