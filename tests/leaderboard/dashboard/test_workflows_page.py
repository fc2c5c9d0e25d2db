"""The Workflows page: what is claimed, what a chain costs, and what is not known of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from leaderboard.dashboard import workflow_charts
from leaderboard.workflows import files
from leaderboard.workflows.ask import answer, sweep
from leaderboard.workflows.chain import Chain, Step
from tests.leaderboard.workflows.made import chain, known

MARKET = {
    "text-to-image": {"fine": (1200.0, 0.05), "mid": (1150.0, 0.02), "cheap": (1000.0, 0.01)},
    "upscale": {"big": (1100.0, 0.10), "small": (1000.0, 0.01)},
}
NAME = '<b>"draw"\\n</b> $x$'
KNOWN = known(MARKET, {"text-to-image": (30.0, 20.0, 45.0)}, latency=2.0)
CHAIN = replace(
    chain(
        Step("draw", "text-to-image", count=4),
        Step("enlarge", "upscale", ("draw",), role="hero"),
        Step("say", "audio", ("draw",)),
    ),
    title=NAME,
)


@pytest.fixture
def page(published_home: Path, monkeypatch: pytest.MonkeyPatch):
    """Draws the page with these chains."""

    def draw(*chains: Chain, **asked: str) -> AppTest:
        monkeypatch.setenv("CHURNBOARD_HOME", str(published_home))
        reads = "leaderboard.dashboard.reads"
        monkeypatch.setattr(f"{reads}.workflows", lambda edition: {c.id: c for c in chains})
        monkeypatch.setattr(f"{reads}.workflow", lambda edition, one, day: answer(KNOWN, one))
        monkeypatch.setattr(
            f"{reads}.workflow_budgets", lambda edition, one, day, steps: sweep(KNOWN, one, steps)
        )
        app = AppTest.from_string(
            "from leaderboard.dashboard import reads\n"
            "from leaderboard.dashboard.pages import workflows\n"
            "workflows.show(reads.current())\n",
            default_timeout=60,
        )
        app.query_params.update(asked)
        return app.run()

    return draw


def said(app: AppTest) -> str:
    parts = [one.value for kind in ("markdown", "caption", "text") for one in getattr(app, kind)]
    return "\n".join(parts).replace("\\", "").replace("\u200b", "")


def test_costs_half_life_and_verdicts_are_told(page) -> None:
    app = page(CHAIN)
    assert not app.exception
    metrics = {one.label: one.value for one in app.metric}
    assert metrics["Draft"] == "≥ \\$0\\.05"
    assert metrics["Final"] == "≥ \\$0\\.3"
    text = said(app)
    assert "Half of the time at least one of its 1 distinct picks has left" in text
    assert "1 more picks have no half-life, so it is shorter still" in text
    assert "Re-check first: draw (cheap): half-life 30 days" in text
    assert "they save 83%" in text
    assert "Does not hold for published workflows" in text
    steps = app.dataframe[0].value
    assert list(steps["model"]) == ["cheap", "big", ""]
    assert "not evaluated: audio" in steps["not known"][2]


def test_plan_and_budget_are_kept_in_the_address(page) -> None:
    app = page(CHAIN, plan="best", budget="$0.05")
    assert list(app.dataframe[0].value["model"]) == ["cheap", "small", ""]
    assert any(one.label.startswith("Best under") for one in app.metric)
    nonsense = page(CHAIN, plan="x", budget="y", workflow="z")
    assert not nonsense.exception
    assert list(nonsense.dataframe[0].value["model"]) == ["cheap", "big", ""]


def test_a_chain_of_which_nothing_is_known_says_so(page) -> None:
    app = page(chain(Step("say", "audio")))
    assert not app.exception
    text = said(app)
    assert "No half-life is known for any of the 0 picks" in text
    assert "No step of this chain has a price" in text
    assert {one.value for one in app.metric} == {"unknown"}


def test_a_wrong_file_of_the_home_is_told_and_not_raised(
    published_home: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "workflows").mkdir(parents=True)
    (home / "workflows" / "bad.toml").write_text("title = 1")
    monkeypatch.setenv("CHURNBOARD_HOME", str(published_home))
    monkeypatch.setattr("leaderboard.dashboard.reads.workflows", lambda edition: files.load(home))
    app = AppTest.from_string(
        "from leaderboard.dashboard import reads\n"
        "from leaderboard.dashboard.pages import workflows\n"
        "workflows.show(reads.current())\n",
        default_timeout=60,
    ).run()
    assert not app.exception
    assert "bad" in app.error[0].value


def test_the_shipped_chains_are_drawn_on_an_edition_without_real_picks(
    published_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHURNBOARD_HOME", str(published_home))
    app = AppTest.from_string(
        "from leaderboard.dashboard import reads\n"
        "from leaderboard.dashboard.pages import workflows\n"
        "workflows.show(reads.current())\n",
        default_timeout=60,
    ).run()
    assert not app.exception
    labels = list(app.selectbox[0].options)
    assert any("14 steps" in one for one in labels)
    for number in range(len(labels)):
        app.selectbox[0].select_index(number).run()
        assert not app.exception


def test_names_are_quoted_in_the_graph_and_every_step_is_drawn() -> None:
    odd = chain(Step("draw", "text-to-image", model=None, count=3), Step("b", "audio", ("draw",)))
    bill = answer(KNOWN, odd).bills[0]
    evil = replace(bill.choices[0], name='x" shape=star; "\\')
    dot = workflow_charts.steps(odd, replace(bill, choices=(evil, *bill.choices[1:])))
    assert '"draw" -> "b";' in dot
    assert 'x\\" shape=star; \\"\\\\' in dot
    assert "draw × 3" in dot
    assert "dashed" in dot.splitlines()[5]


def test_plans_that_coincide_share_a_mark_and_the_curve_never_falls() -> None:
    plans = sweep(KNOWN, CHAIN, 11)
    figure = workflow_charts.budgets(plans, answer(KNOWN, CHAIN).bills, 0.1)
    curve = figure.data[0]
    assert list(curve.y) == sorted(curve.y)
    assert {trace.text[0] for trace in figure.data[1:]} == {"draft", "mixed", "final"}
    alone = chain(Step("draw", "text-to-image", role="hero"))
    figure = workflow_charts.budgets(sweep(KNOWN, alone, 3), answer(KNOWN, alone).bills, None)
    assert {trace.text[0] for trace in figure.data[1:]} == {"draft", "mixed, final"}
    json.loads(figure.to_json())
