"""A metric is fooled by what its own, current form preferred."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leaderboard.boards.fooled import fooled_by
from leaderboard.evidence import Canary


def canary(metric: str, name: str, low: float, fingerprint: str = "now") -> Canary:
    return Canary(metric, fingerprint, name, pairs=100, wins=80, ties=0, low=low)


def test_only_bounds_above_a_half_fool() -> None:
    results = [canary("m", "noise", 0.51), canary("m", "blur", 0.5), canary("n", "noise", 0.2)]
    assert fooled_by(results, {"m": "now", "n": "now"}) == {"m": ("noise",)}


def test_results_of_other_weights_or_unknown_metrics_say_nothing() -> None:
    results = [canary("m", "noise", 0.9, "before"), canary("gone", "blur", 0.9)]
    assert fooled_by(results, {"m": "now"}) == {}


RESULTS = st.builds(
    canary,
    st.sampled_from("mn"),
    st.sampled_from(["blur", "noise", "posterise"]),
    st.floats(0, 1),
    st.sampled_from(["now", "before"]),
)


@given(st.lists(RESULTS), st.randoms())
def test_neither_order_nor_repetition_matters(results: list[Canary], random: object) -> None:
    mixed = [*results, *results]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    now = {"m": "now", "n": "now"}
    found = fooled_by(results, now)
    assert fooled_by(mixed, now) == found
    assert list(found) == sorted(found)
    assert all(list(names) == sorted(set(names)) and names for names in found.values())
    for metric, names in found.items():
        for name in names:
            assert any((r.metric, r.canary) == (metric, name) and r.low > 0.5 for r in results)
