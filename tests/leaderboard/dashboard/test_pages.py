"""Every page, drawn on a home with everything in it, on an empty one and on a damaged one."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from leaderboard.dashboard import navigation
from tests.sample_home import SLY

PAGES = [page.name for page in navigation.discover()]
SCRIPT = """
from leaderboard.dashboard import navigation
page = next(page for page in navigation.discover() if page.name == {name!r})
navigation.draw(page)
"""


def drawn(name: str, home: Path, monkeypatch: pytest.MonkeyPatch, **address: str) -> AppTest:
    """Page `name` after one run, opened at an address with these query parameters."""
    monkeypatch.setenv("CHURNBOARD_HOME", str(home))
    app = AppTest.from_string(SCRIPT.format(name=name), default_timeout=60)
    for key, value in address.items():
        app.query_params[key] = value
    return app.run()


def words(app: AppTest) -> str:
    """All text on the page."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "text", "metric", "error")
    found = [element for kind in kinds for element in getattr(app, kind)]
    return "\n".join(
        f"{getattr(element, 'label', '')} {element.value}" for element in found
    ).replace("\u200b", "")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_draws_without_error(
    name: str, published_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = drawn(name, published_home, monkeypatch)
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1
    assert "all times UTC" in words(app)


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_home_says_what_to_do(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = drawn(name, tmp_path, monkeypatch)
    assert not app.exception
    assert "make demo" in [block.value for block in app.code]


@pytest.mark.parametrize("name", PAGES)
def test_a_damaged_edition_is_said_and_not_raised(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editions = tmp_path / "editions"
    editions.mkdir()
    (editions / "leaderboard-1.duckdb").write_bytes(b"not a database")
    (editions / "current").symlink_to("leaderboard-1.duckdb")
    app = drawn(name, tmp_path, monkeypatch)
    assert not app.exception
    assert len(app.error) == 1


def test_picks_names_hero_and_workhorse_of_every_domain(
    published_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = words(drawn("picks", published_home, monkeypatch))
    for expected in ("Sly", "Flat", "Shaded", "Sketch", "simulated", "is the best"):
        assert expected in text


@pytest.mark.parametrize("name", ["picks", "board"])
def test_markup_from_data_is_escaped(
    name: str, published_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = drawn(name, published_home, monkeypatch)
    read_as_markdown = [
        element.value
        for kind in ("title", "header", "subheader", "markdown", "caption")
        for element in getattr(app, kind)
    ]
    assert any("Sly" in value for value in read_as_markdown)
    assert not any(SLY in value or "<b>" in value.replace("\\<", "") for value in read_as_markdown)


def test_the_address_chooses_the_domain(
    published_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = drawn("board", published_home, monkeypatch, domain="sketch")
    assert app.session_state["domain"] == "sketch"
    assert "4 prompts" in words(app).replace("\\", "")


def test_nonsense_in_the_address_is_ignored(
    published_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = drawn(
        "board", published_home, monkeypatch, domain="no-such", prompt="../../etc", seed="x"
    )
    assert not app.exception
    assert app.session_state["domain"] == "all"


def test_a_choice_is_written_to_the_address(
    published_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = drawn("board", published_home, monkeypatch)
    app.segmented_control(key="domain").set_value("flat").run()
    assert app.query_params["domain"] in ("flat", ["flat"])
    app.segmented_control(key="domain").set_value("all").run()
    assert "domain" not in app.query_params


def test_the_gallery_shows_every_model_and_why_one_has_no_picture(
    published_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = words(drawn("board", published_home, monkeypatch, prompt="p00")).replace("\\", "")
    for expected in (
        "Exact renderer",
        "Reference L turbo",
        "Reference S",
        "Noise",
        "invalid_media",
    ):
        assert expected in text


def test_outside_boards_can_be_looked_at(
    published_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = drawn("board", published_home, monkeypatch, source="arena", task="text-to-video")
    assert not app.exception
    assert "as published" in words(app).replace("\\", "")


def test_runs_lists_the_failure(published_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = drawn("runs", published_home, monkeypatch)
    tables = [frame.value.to_dict("records") for frame in app.dataframe]
    failures = [row for table in tables for row in table if row.get("kind") == "invalid_media"]
    assert [(row["model"], row["prompt"]) for row in failures] == [("small", "p00")]
