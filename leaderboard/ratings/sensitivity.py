"""How the order of a board changes with the weights of its metrics (pure).

The same verdicts are rated under many weightings at once: the board's own, families that share
alike, every metric alone, every family left out, and drawn ones (families share as a flat Dirichlet
says, and so do the metrics of each; people's votes are a family of one). A place is robust when at
least 90 % of the drawn weightings leave it to the same model. Prompts are not resampled here: this
is what the choice of judges alone can do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from leaderboard.ratings.rate import resampling_weights
from leaderboard.ratings.tally import Tally, tally
from leaderboard.ratings.verdicts import Floats, Ints, Verdicts
from leaderboard.ratings.weighting import equal_weights
from leaderboard.trust import PEOPLE, Kind, PlaceRange, Sensitivity, Swap, Weighting

DRAWS = 1000
ROBUST = 0.9
STEPS = 40
"""Weights between none and all that are tried, to find where two places swap."""
_HALVINGS = 20


def sensitivity(
    verdicts: Verdicts,
    weights: Mapping[str, float],
    models: Collection[str],
    draws: int = DRAWS,
    seed: int = 0,
) -> Sensitivity:
    """Rate the models under many weightings.

    Args:
        verdicts: of the metrics and of people.
        weights: metric -> weight on the board, above 0, `people` among them where they vote.
        models: those that are ranked, all joined by comparisons; anchors are not.
        draws: how many weightings to draw.
        seed: of the draws.

    A board on which one thing votes, or one model stands, gives a `reason` and nothing else.
    """
    counted = tally(verdicts.only(models), weights)
    if len(counted.models) < 2:
        return _nothing("one model is ranked: there is no order to change")
    if len(counted.names) < 2:
        return _nothing("one metric votes: there is nothing to vary")
    named = _named(verdicts, counted)
    orders = tuple(
        Weighting(kind, name, _order(counted, row) if counted.joins(row) else ())
        for kind, name, row in named
    )
    places = _places(counted, np.stack([counted.own, *_drawn(counted, draws, seed)]))
    return Sensitivity(
        draws=draws,
        models=_ranges(counted, places[0], places[1:], [each.order for each in orders]),
        weightings=orders,
        swap=_swap(counted, orders[0].order[:2]),
    )


def _nothing(reason: str) -> Sensitivity:
    return Sensitivity(0, (), (), None, reason)


def _named(verdicts: Verdicts, counted: Tally) -> list[tuple[Kind, str, Floats]]:
    """The weightings that have a name, the board's own first."""
    equal = equal_weights(
        [spec for spec in verdicts.specs if spec.name in counted.names],
        people=PEOPLE in counted.names,
    )
    alike = np.array([equal[name] for name in counted.names])
    found: list[tuple[Kind, str, Floats]] = [
        ("own", "own", counted.own),
        ("equal", "equal", alike),
    ]
    for number, name in enumerate(counted.names):
        found.append(("alone", name, np.eye(len(counted.names))[number]))
    families = sorted(set(counted.families))
    for family in families if len(families) > 1 else ():
        left = np.where([each == family for each in counted.families], 0.0, counted.own)
        found.append(("without", family, left / left.sum()))
    return found


def _drawn(counted: Tally, draws: int, seed: int) -> Floats:
    """(D, K): flat Dirichlet over families, and over the metrics of each; keyed by their names."""
    metrics = resampling_weights("metric", counted.names, draws, seed)
    families = sorted(set(counted.families))
    shares = resampling_weights("family", families, draws, seed)
    shares /= shares.sum(axis=1, keepdims=True)
    for number, family in enumerate(families):
        own = np.array([each == family for each in counted.families])
        metrics[:, own] *= shares[:, [number]] / metrics[:, own].sum(axis=1, keepdims=True)
    return metrics


def _places(counted: Tally, rows: Floats) -> Ints:
    """(B, M): place of each model under each weighting, 1 = best."""
    order = np.argsort(-_rounded(counted.strengths(rows)), axis=1, kind="stable")
    return np.argsort(order, axis=1) + 1


def _order(counted: Tally, row: Floats) -> tuple[str, ...]:
    """Models, best first; level ones by name."""
    places = _places(counted, row[None])[0]
    return tuple(counted.models[index] for index in map(int, np.argsort(places)))


def _rounded(strengths: Floats) -> Floats:
    # What lies below is left of the solver's last step, and would order level models by chance.
    return np.round(strengths, 9)


def _ranges(
    counted: Tally, own: Ints, drawn: Ints, orders: Sequence[tuple[str, ...]]
) -> tuple[PlaceRange, ...]:
    """One range per model, by place on the board."""
    found: list[PlaceRange] = []
    for column in map(int, np.argsort(own)):
        model = counted.models[column]
        seen = [*drawn[:, column].tolist(), int(own[column])]
        seen += [order.index(model) + 1 for order in orders if order]
        counts = np.bincount(drawn[:, column], minlength=len(own) + 1)[1:] / len(drawn)
        place = int(own[column])
        found.append(
            PlaceRange(
                model=model,
                place=place,
                low=min(seen),
                high=max(seen),
                shares=tuple(map(float, counts)),
                robust=bool(counts[place - 1] >= ROBUST),
            )
        )
    return tuple(found)


def _swap(counted: Tally, top: tuple[str, ...]) -> Swap | None:
    """The smallest change of one weight, the others in proportion, that levels the first two."""
    first, second = (counted.models.index(model) for model in top)

    def leads(number: int, values: Floats) -> Floats:
        """(B,): lead of the first when metric `number` has these weights."""
        rows = counted.own * ((1 - values) / (1 - counted.own[number]))[:, None]
        rows[:, number] = values
        strengths = _rounded(counted.strengths(rows))
        return strengths[:, first] - strengths[:, second]

    found: list[Swap] = []
    for number, name in enumerate(counted.names):
        weight = float(counted.own[number])
        # All and nothing are left out: alone, or without it, some models may not be joined.
        grid = np.arange(1, STEPS) / STEPS
        lead = leads(number, grid)
        for side in (grid < weight, grid > weight):
            lost = grid[side & (lead < 0)]
            if not len(lost):
                continue
            there = float(lost[np.argmin(np.abs(lost - weight))])
            kept = grid[side & (np.abs(grid - weight) < abs(there - weight))]
            here = float(kept[np.argmax(np.abs(kept - weight))]) if len(kept) else weight
            for _ in range(_HALVINGS):
                middle = (here + there) / 2
                if leads(number, np.array([middle]))[0] < 0:
                    there = middle
                else:
                    here = middle
            found.append(Swap(name, weight, there))
    return min(found, key=lambda swap: (abs(swap.needed - swap.weight), swap.metric), default=None)
