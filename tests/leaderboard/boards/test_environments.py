"""Environments are pooled only where they agree on the probes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leaderboard.boards.environments import Check, apart

AT = datetime(2026, 1, 1, tzinfo=UTC)
BANDS = {"clip": 0.5}


def check(environment: str, *probes: float, hours: int = 0, metric: str = "clip") -> Check:
    return Check(metric, "judge", environment, probes, AT + timedelta(hours=hours))


def test_within_the_band_is_one_pool_and_beyond_it_the_newest_stands_alone() -> None:
    old = check("cpu", 10.0, 20.0)
    assert apart([old, check("cuda", 10.4, 20.0, hours=1)], BANDS) == ()
    (found,) = apart([old, check("cuda", 10.4, 20.6, hours=1)], BANDS)
    assert (found.metric, found.environment) == ("clip", "cpu")
    assert "up to 0.6 from cuda" in found.reason
    assert "rescore" in found.reason


def test_another_judge_or_metric_is_another_matter() -> None:
    other = Check("clip", "other judge", "cuda", (99.0,), AT + timedelta(hours=1))
    assert apart([check("cpu", 1.0), other, check("mps", 50.0, metric="b", hours=2)], BANDS) == ()


def test_other_probes_cannot_be_compared() -> None:
    (found,) = apart([check("cpu", 1.0), check("cuda", 1.0, 2.0, hours=1)], BANDS)
    assert "other probes" in found.reason


def test_an_environment_that_scored_no_probes_stands_apart_from_one_that_did() -> None:
    seen = [("clip", "judge", name) for name in ("cpu", "cuda", "")] + [("other", "print", "cpu")]
    found = apart([check("cpu", 1.0)], BANDS, seen)
    assert [item.environment for item in found] == ["", "cuda"]
    assert "an unrecorded environment" in found[0].reason
    assert all("rescore" in item.reason for item in found)
    # Where nobody scored any, nobody can be told apart.
    assert apart([], BANDS, seen) == ()


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.floats(-5, 5), st.integers(0, 9)), max_size=8
    ).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows)))
)
def test_the_order_of_runs_does_not_matter_and_the_newest_is_never_apart(rows) -> None:  # type: ignore[no-untyped-def]
    one, other = ([check(e, value, hours=h) for e, value, h in part] for part in rows)
    found = apart(one, BANDS)
    assert found == apart(other, BANDS)
    if one:
        newest = max((c.at, c.environment) for c in one)[1]
        assert newest not in {item.environment for item in found}
