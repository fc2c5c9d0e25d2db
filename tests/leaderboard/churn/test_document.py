"""A report as it is stored, and back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.churn.answers import ChurnReport, Estimate, FindingRow, HalfLife
from leaderboard.churn.document import from_document, to_document
from tests.leaderboard.dashboard.report_factory import START, bare, full

NUMBERS = st.floats(0, 1e6)
MAYBE = st.none() | NUMBERS
ESTIMATES = st.builds(
    Estimate, MAYBE, st.none() | st.tuples(NUMBERS, MAYBE), MAYBE, st.none() | st.text()
)


@given(
    st.sampled_from([full(), bare()]),
    ESTIMATES,
    st.text(),
    st.lists(st.builds(FindingRow, st.text(), st.integers(1, 10**6), st.text())),
    st.timedeltas(timedelta(0), timedelta(days=400)),
)
def test_there_and_back(
    report: ChurnReport,
    estimate: Estimate,
    name: str,
    findings: list[FindingRow],
    later: timedelta,
) -> None:
    changed = replace(
        report,
        arena=name,
        half_life=HalfLife(estimate, name, 200, estimate.days, 0),
        replaced_half_time=estimate,
        findings=tuple(findings),
        ends=START + later,
    )
    assert from_document(to_document(changed)) == changed


def refuse(text: str) -> NoReturn:
    raise AssertionError(f"{text} is not JSON")


@pytest.mark.parametrize("report", [full(), bare()])
def test_it_is_json_that_anybody_reads(report: ChurnReport) -> None:
    found = json.loads(to_document(report), parse_constant=refuse)
    assert found["arena"] == report.arena
    assert found["begins"].startswith("2026-03-19T00:00:00")


@pytest.mark.parametrize("document", ["", "{}", "[]", to_document(full())[:-2]])
def test_what_is_no_report_is_refused(document: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        from_document(document)
