"""Of several generations of one prompt the one that goes on (pure)."""

from __future__ import annotations

from collections.abc import Mapping

from evals.types import MetricSpec


def best(scores: Mapping[int, Mapping[str, float]], specs: Mapping[str, MetricSpec]) -> int:
    """The seed whose generation wins most against the others, as comparisons are judged.

    In each pair the better score of a metric wins, a difference inside its tie band is half a win
    for both, and metrics of one judge family share one vote. Audits of the truth do not vote. Of
    equals the first seed goes on.

    Args:
        scores: seed -> metric -> score, at least one seed; what has no score is compared in
            nothing.
        specs: of the metrics.
    """
    voting = {name: spec for name, spec in specs.items() if spec.in_rating}
    families: dict[str, list[str]] = {}
    for name, spec in voting.items():
        families.setdefault(spec.family or name, []).append(name)
    won = dict.fromkeys(sorted(scores), 0.0)
    for mine in won:
        for other in won:
            for names in families.values():
                both = [n for n in names if n in scores[mine] and n in scores[other]]
                if mine != other and both:
                    won[mine] += sum(
                        _won(scores[mine][n], scores[other][n], voting[n]) for n in both
                    ) / len(both)
    return max(won, key=lambda seed: (won[seed], -seed))


def _won(mine: float, other: float, spec: MetricSpec) -> float:
    if abs(mine - other) <= spec.tie_band:
        return 0.5
    return 1.0 if (mine > other) == spec.higher_is_better else 0.0
