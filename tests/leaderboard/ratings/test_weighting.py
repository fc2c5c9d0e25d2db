"""What every metric weighs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.types import MetricSpec
from leaderboard.ratings.weighting import as_mapping, equal_weights, weights
from leaderboard.trust import PEOPLE, Fit, Held, MetricWeight
from tests.leaderboard.factory import CLIP, TRUTH


def metric(name: str, family: str, **changes: object) -> MetricSpec:
    return replace(CLIP, name=name, family=family, **changes)  # type: ignore[arg-type]


SPECS = (metric("a1", "a"), metric("a2", "a"), metric("b1", "b"), TRUTH)
HELD = Held(0.5, 0.8)


def fitted(**shares: float) -> Fit:
    return Fit(shares, "verdicts", 0.1, HELD, HELD, 5)


def weighed(
    specs: tuple[MetricSpec, ...] = SPECS,
    stated: Mapping[str, float] | None = None,
    fit: Fit | None = None,
    fooled: Mapping[str, tuple[str, ...]] | None = None,
    keep: tuple[str, ...] = (),
    votes: int = 0,
) -> dict[str, MetricWeight]:
    return {one.metric: one for one in weights(specs, stated or {}, fit, fooled or {}, keep, votes)}


def values(found: Mapping[str, MetricWeight]) -> dict[str, float]:
    return {name: one.weight for name, one in found.items() if one.weight}


def test_families_share_alike() -> None:
    assert values(weighed()) == pytest.approx({"a1": 0.25, "a2": 0.25, "b1": 0.5})


def test_the_suite_has_the_first_word() -> None:
    found = weighed(stated={"a1": 3, "b1": 1, "unknown": 9}, fit=fitted(a1=0.0, b1=1.0))
    assert values(found) == pytest.approx({"a1": 0.75, "b1": 0.25})
    assert found["a2"].weight == 0
    assert "suite" in found["a2"].why


def test_people_have_the_second_word() -> None:
    found = weighed(fit=fitted(a1=0.7, a2=0.0, b1=0.3))
    assert values(found) == pytest.approx({"a1": 0.7, "b1": 0.3})
    assert "people's votes" in found["a1"].why


def test_a_fit_that_gained_nothing_leaves_families_alike_and_says_so() -> None:
    """Also without a metric that was there when it was fitted: its family's others take over."""
    lost = replace(fitted(a1=0.25, a2=0.25, b1=0.5), ridge=None)
    found = weighed(fit=lost, fooled={"a1": ("blur",)})
    assert values(found) == pytest.approx({"a2": 0.5, "b1": 0.5})
    assert "do not clearly beat" in found["b1"].why


def test_audits_and_metrics_of_whole_models_never_vote() -> None:
    fid = metric("fid", "c", level="model")
    found = weighed((*SPECS, fid), stated={"a1": 1, "fid": 5, "caption_accuracy": 5})
    assert values(found) == {"a1": 1.0}
    assert "never" in found["fid"].why
    assert "never" in found["caption_accuracy"].why


def test_the_fooled_lose_their_weight_within_the_family() -> None:
    found = weighed(fooled={"a1": ("blur", "noise")})
    assert values(found) == pytest.approx({"a2": 0.5, "b1": 0.5})
    assert found["a1"].fooled_by == ("blur", "noise")
    assert "blur, noise" in found["a1"].why


def test_stated_and_fitted_weights_of_the_fooled_go_to_the_others() -> None:
    shares = {"a1": 0.5, "a2": 0.2, "b1": 0.3}
    for found in (
        weighed(stated=shares, fooled={"a1": ("blur",)}),
        weighed(fit=fitted(**shares), fooled={"a1": ("blur",)}),
    ):
        assert values(found) == pytest.approx({"a2": 0.4, "b1": 0.6})


def test_a_suite_may_keep_the_fooled() -> None:
    found = weighed(fooled={"a1": ("blur",)}, keep=("a1",))
    assert values(found) == values(weighed())
    assert "keeps it" in found["a1"].why
    assert found["a1"].fooled_by == ("blur",)


def test_nothing_is_left_when_all_are_fooled() -> None:
    fooled = dict.fromkeys(("a1", "a2", "b1"), ("noise",))
    assert values(weighed(fooled=fooled)) == {}
    assert values(weighed(fooled=fooled, votes=3)) == {PEOPLE: 1.0}


def test_people_weigh_as_much_as_one_family() -> None:
    found = weighed(votes=12)
    assert values(found) == pytest.approx({"a1": 1 / 6, "a2": 1 / 6, "b1": 1 / 3, PEOPLE: 1 / 3})
    assert "12 votes" in found[PEOPLE].why
    # Families without weight are none.
    assert weighed(stated={"b1": 1}, votes=12)[PEOPLE].weight == pytest.approx(0.5)


def test_the_suite_may_weigh_people() -> None:
    stated = {"a1": 1.0, PEOPLE: 4.0}
    assert values(weighed(stated=stated, votes=5)) == pytest.approx({"a1": 0.2, PEOPLE: 0.8})
    assert values(weighed(stated=stated)) == {"a1": 1.0}
    assert values(weighed(stated={"a1": 1.0, PEOPLE: 0.0}, votes=5)) == {"a1": 1.0}


@given(
    st.dictionaries(
        st.sampled_from(["a1", "a2", "b1", PEOPLE]), st.just(0.0) | st.floats(0.01, 10), max_size=4
    ),
    st.sets(st.sampled_from(["a1", "a2", "b1"])),
    st.integers(0, 3),
)
def test_weights_sum_to_one_or_nothing_votes(
    stated: dict[str, float], fooled: set[str], votes: int
) -> None:
    found = weighed(stated=stated, fooled=dict.fromkeys(fooled, ("blur",)), votes=votes)
    total = sum(one.weight for one in found.values())
    assert total == pytest.approx(1) or total == 0
    assert all(one.weight >= 0 for one in found.values())
    assert not fooled & set(as_mapping(found.values()))
    assert all(one.why for one in found.values())


def test_equal_weights_of_nothing() -> None:
    assert equal_weights([TRUTH]) == {}
    assert equal_weights([TRUTH], people=True) == {PEOPLE: 1.0}
