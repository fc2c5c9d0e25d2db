"""The Compute page: claims with verdicts from the figures, or what to type where there are none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from evals.compute import survey
from evals.compute.answers import ComputeReport, Measured
from leaderboard.dashboard import compute_charts
from leaderboard.documents import from_document, to_document
from tests.evals.compute.made_up import fill
from tests.leaderboard.dashboard.drawing import drawn

POINT = Measured("<b>flux</b>", "NVIDIA X", 4e14, 2e12, 200.0, 0.1, 7, "2026-12-01T00:00:00+00:00")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> ComputeReport:
    """A report of made-up counts."""
    made = survey.kept_report(fill(tmp_path_factory.mktemp("counted")), date(2026, 12, 1))
    assert made is not None
    return made


@pytest.fixture
def page(published_home: Path, monkeypatch: pytest.MonkeyPatch):
    """Draws the page with this report."""

    def draw(report: ComputeReport | None) -> AppTest:
        return drawn(monkeypatch, published_home, "compute", report)

    return draw


def said(app: AppTest) -> str:
    words = "\n".join(one.value for kind in ("markdown", "caption") for one in getattr(app, kind))
    return words.replace("\\", "").replace("\u200b", "")


def test_claims_and_verdicts_are_told(page, report: ComputeReport) -> None:
    assert report.ladder is not None
    assert report.roofline is not None
    app = page(report)
    assert not app.exception
    words = said(app)
    for sentence in (
        report.ladder.claim,
        report.ladder.verdict,
        report.ladder.scaling_verdict,
        report.roofline.claim,
        report.roofline.verdict,
    ):
        assert sentence in words
    assert len(app.dataframe[1].value) == len(report.models)


def test_another_gpu_and_language_model_are_chosen_in_the_address(page, report) -> None:
    app = page(report)
    app.segmented_control(key="gpu").set_value("L40S").run()
    app.segmented_control(key="llm").set_value("llama-3.1-70b").run()
    assert not app.exception
    assert app.query_params["gpu"] in ("L40S", ["L40S"])
    assert dict(report.roofline.verdicts)["L40S"] in said(app)


def test_without_counts_it_says_what_to_type(page, report: ComputeReport) -> None:
    assert page(None).code[0].value.startswith("churnboard compute\n")
    app = page(ComputeReport((), None, report.roofline))
    assert [one.value for one in app.code] == [
        "churnboard compute ladder\nchurnboard refresh",
        "churnboard compute\nchurnboard refresh",
    ]


def test_a_report_survives_the_store(report: ComputeReport) -> None:
    assert from_document(ComputeReport, to_document(report)) == report


def test_names_are_escaped_and_every_workload_is_drawn(report: ComputeReport) -> None:
    assert report.roofline is not None
    assert report.ladder is not None
    answer = replace(report.roofline, measured=(POINT,))
    figure = compute_charts.roof(answer, "H100-SXM")
    drawn = [trace for trace in figure.data if trace.mode == "markers"]
    assert sum(len(trace.x) for trace in drawn) == 2 * len(answer.points) + 1
    assert "&lt;b&gt;flux" in str(drawn[-1].customdata)
    roof = 989.4
    assert max(max(trace.y) for trace in drawn) <= roof + 1e-6
    rungs = compute_charts.rungs(report.ladder, "llama-3.1-8b")
    assert sum(len(trace.x) for trace in rungs.data) == len(report.ladder.rungs)
