"""The section of a board on its judges, and its figure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from leaderboard.answers import Picks
from leaderboard.boards.rated import Rated, people_of, rated_board, with_sensitivity
from leaderboard.dashboard import judge_charts
from leaderboard.evidence import SuiteEvidence
from leaderboard.store.database import writing
from leaderboard.store.derived import replace_derived
from leaderboard.store.editions import publish
from leaderboard.trust import PlaceRange, Sensitivity
from tests.leaderboard.boards.test_judged_boards import canary, evidence
from tests.leaderboard.dashboard.test_pages import drawn, words
from tests.leaderboard.factory import START

SLY = "<b>*Sly*</b>"


def home_of(made: SuiteEvidence, home: Path) -> Path:
    """A home with the one board of this evidence."""
    voice = people_of(made)
    rated = rated_board(made, "all", 60, 0)
    assert isinstance(rated, Rated)
    with writing(home, START) as database:
        boards = [with_sensitivity(rated, 40)]
        replace_derived(
            database.connection, boards, ["s"], Picks(), (), [voice] if voice is not None else []
        )
        publish(home, database, START)
    return home


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = evidence(cast=300)
    # The best one, so that the words about places are about it.
    models = (*made.models[:-1], replace(made.models[-1], name=SLY))
    made = replace(made, models=models, canaries=(canary("blind"),))
    return home_of(made, tmp_path_factory.mktemp("judged"))


def page(home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    app = drawn("board", home, monkeypatch)
    assert not app.exception
    assert not app.error
    return app


def test_it_says_who_votes_what_is_robust_and_what_people_say(
    judged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page(judged, monkeypatch)
    said = words(app).replace("\\", "")
    assert "How much the judges matter" in said
    assert "Place 1 is" in said
    assert "300 votes by 5 people" in said
    assert "blind is fooled: it prefers copies with noise" in said
    assert "Families of judges disagree" in said
    (table,) = (each.value for each in app.dataframe if "why" in each.value)
    assert list(table.columns) == ["metric", "weight", "agrees with people", "why"]
    assert set(table["metric"]) >= {"keen", "blind", "people"}


def test_names_are_shown_as_they_stand(judged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page(judged, monkeypatch)
    assert SLY in words(app).replace("\\", "")
    assert not any(SLY in block.value for block in (*app.markdown, *app.caption))


def test_without_votes_there_is_no_column_of_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page(home_of(evidence(), tmp_path), monkeypatch)
    (table,) = (each.value for each in app.dataframe if "why" in each.value)
    assert list(table.columns) == ["metric", "weight", "why"]
    assert "votes by" not in words(app)


def test_one_metric_says_that_there_is_nothing_to_vary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = replace(evidence(), weights={"keen": 1.0})
    assert "nothing to vary" in words(page(home_of(made, tmp_path), monkeypatch))


def test_the_figure_holds_every_share_and_outlines_the_boards_places() -> None:
    told = Sensitivity(
        draws=100,
        models=(
            PlaceRange("b", 1, 1, 2, (0.95, 0.05), True),
            PlaceRange("a", 2, 1, 2, (0.05, 0.95), True),
        ),
        weightings=(),
        swap=None,
    )
    figure = judge_charts.places(told, {"a": "A", "b": "<a href='x'>B</a>"})
    (heat,) = figure.data
    assert [list(row) for row in heat.z] == [[0.95, 0.05], [0.05, 0.95]]
    assert [(shape.x0, shape.y0) for shape in figure.layout.shapes] == [(0.5, -0.5), (1.5, 0.5)]
    # Only what fills a good part of a cell is written into it.
    assert [note.text for note in figure.layout.annotations] == ["95 %", "95 %"]
    assert "<a " not in figure.to_json().replace("\\u003c", "<")
