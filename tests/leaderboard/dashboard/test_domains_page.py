"""The Domains page: claim, measurement, verdict, the figure, and each domain's board."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from leaderboard.advantage.answers import (
    Acceptance,
    AdvantageReport,
    DomainAdvantage,
    ProductionCost,
    Verdict,
)
from leaderboard.advantage.index import advantage
from leaderboard.dashboard import domain_charts
from tests.leaderboard.domain_worlds import market_home

SCRIPT = (
    "from leaderboard.dashboard import reads\n"
    "from leaderboard.dashboard.pages import domains\n"
    "domains.show(reads.current())\n"
)
SLY = "<b>*sly*</b>"


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("market")
    market_home(home)
    return home


def draw(home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("CHURNBOARD_HOME", str(home))
    return AppTest.from_string(SCRIPT, default_timeout=60).run()


def said(app: AppTest) -> str:
    every = (one.value for kind in ("markdown", "caption") for one in getattr(app, kind))
    return "\n".join(every).replace("\\", "").replace("\u200b", "")


def test_claim_measurement_and_verdict(market: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = draw(market, monkeypatch)
    assert not app.exception
    words = said(app)
    assert "**Claim.** AI's advantage is in non-photorealistic work" in words
    assert "**Measurement.**" in words
    assert "**Verdict.** Not decided by this board of pictures" in words
    assert "no traditional cost is given for domain composition" in words
    models, boards = (one.value for one in app.dataframe)
    assert set(models["domain"]) == {"photoreal", "animation", "fantasy"}
    assert list(boards["domain"]) == ["animation", "composition", "fantasy", "photoreal"]
    assert all("best with" in one for one in boards["hero"])
    assert all(one.startswith("not yet") for one in boards["half-life of a place"])


def test_simulated_boards_say_so_and_have_no_figure(
    published_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = draw(published_home, monkeypatch)
    (board,) = app.selectbox
    assert "simulated" not in board.options[0]
    board.select(next(one for one in board.options if "simulated" in one)).run()
    assert not app.exception
    assert "calibration world" in said(app)
    assert "no traditional cost is given for domain flat" in said(app)


def report(upper: bool) -> AdvantageReport:
    cost = ProductionCost("image", "fantasy", 10.0, 90.0, False, "x", "y", date(2026, 11, 1))
    told = "unknown" if upper else Acceptance(0.0, 0.0, 0.2, 9, 18)
    models = (
        advantage("a", SLY, ("hero",), 0.1, None, cost, told),
        advantage("b", "b", (), 0.2, None, cost, Acceptance(0.5, 0.2, 0.8, 9, 18)),
    )
    domain = DomainAdvantage("fantasy", cost, (), False, models, None)
    photo = replace(
        domain, domain="photoreal", traditional=replace(cost, photoreal=True), models=models[1:]
    )
    return AdvantageReport(
        *("text-to-image", "evals", "s", False, "picture", (domain, photo)),
        Verdict("not decided", "why", ()),
    )


@pytest.mark.parametrize("upper", [True, False])
def test_the_axis_is_logarithmic_and_nothing_is_drawn_at_zero(upper: bool) -> None:
    figure = domain_charts.advantage(report(upper))
    assert figure.layout.xaxis.type == "log"
    drawn = [x for trace in figure.data for x in (trace.x or ()) if x is not None]
    assert min(drawn) > 0
    assert any("&lt;b&gt;" in label for label in figure.layout.yaxis.ticktext)
    assert not any("<b>*" in label for label in figure.layout.yaxis.ticktext)
    dashes = {trace.line.dash for trace in figure.data if trace.mode == "lines"}
    assert ("dot" in dashes) == upper
