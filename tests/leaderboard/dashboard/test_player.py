"""What the pages hand to the player: every clip, or a poster and why it is not played."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from leaderboard.dashboard import player, presses, voter
from tests import video_home
from tests.leaderboard.dashboard.test_pages import drawn, words
from tests.voting_home import COLOURS, NAMES


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of clips with enough prompts for picks."""
    return video_home.build(tmp_path_factory.mktemp("clips"), prompts=24)


@pytest.fixture(autouse=True)
def known_voter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that has said who it is, and a hand that never hurries."""
    monkeypatch.setattr(voter, "token", lambda: "0f" * 16)
    monkeypatch.setattr(presses, "PAUSE_S", 0.0)


def handed(app: AppTest) -> list[dict[str, Any]]:
    """The clips that the player of a page was given."""
    (found,) = [
        element.proto
        for element in app.get("bidi_component")
        if element.proto.component_name == "churnboard_player"
    ]
    clips: list[dict[str, Any]] = json.loads(found.json)["clips"]
    return clips


def test_the_gallery_hands_over_every_clip_with_what_is_known_of_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = drawn("board", home, monkeypatch)
    assert not app.exception
    clips = handed(app)
    assert {clip["name"] for clip in clips} >= set(NAMES.values())
    assert len(clips) == len(COLOURS)
    assert len({clip["src"] for clip in clips}) == len(clips)
    for clip in clips:
        assert (clip["fps"], clip["frames"], clip["width"], clip["height"]) == (8.0, 16, 64, 64)
        assert clip["poster"]
        assert "2 s, 64 × 64" in clip["notes"]


def test_what_is_too_large_is_a_poster_and_can_be_played_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = sorted(path.stat().st_size for path in (home / "runs").rglob("*.mp4"))
    monkeypatch.setattr(player, "BUDGET_BYTES", 2 * sizes[-1])
    app = drawn("board", home, monkeypatch)
    clips = handed(app)
    still = [clip for clip in clips if clip["src"] is None]
    assert len(clips) - len(still) == 2
    assert all(clip["poster"] and "too large" in " ".join(clip["notes"]) for clip in still)
    (choice,) = [group for group in app.button_group if group.key == "large-clip"]
    app = choice.set_value("0").run()
    assert not app.exception
    assert len(app.get("video")) == 1


def test_a_damaged_clip_says_so_and_the_others_play(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = video_home.build(tmp_path, prompts=1)
    damaged, gone, *_ = sorted((home / "runs").rglob("*.mp4"))
    damaged.write_bytes(b"no clip")
    gone.unlink()
    app = drawn("board", home, monkeypatch)
    assert not app.exception
    clips = handed(app)
    silent = [" ".join(clip["notes"]) for clip in clips if clip["src"] is None]
    assert len(silent) == 2
    assert any("cannot be read" in notes for notes in silent)
    assert any("no longer in the run's folder" in notes for notes in silent)


def test_the_arena_asks_about_clips_that_can_be_played_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = video_home.build(tmp_path, prompts=1)
    app = drawn("arena", home, monkeypatch)
    assert not app.exception
    left, right = handed(app)
    assert (left["alt"], right["alt"]) == ("Left clip", "Right clip")
    assert {left["name"], right["name"], *left["notes"], *right["notes"]} == {""}
    monkeypatch.setattr(player, "BUDGET_BYTES", 100)
    app.run()
    assert "2 of 3 clips cannot be shown" in words(app)
    assert not app.exception


def test_clips_that_begin_with_a_picture_are_shown_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = video_home.build(tmp_path, prompts=2, task="image-to-video")
    for page in ("arena", "board"):
        app = drawn(page, home, monkeypatch)
        assert not app.exception
        assert "begin with this picture" in words(app)
    for start in (home / "runs").rglob("*.png"):
        start.unlink()
    assert "4 of 6 clips cannot be shown" in words(drawn("arena", home, monkeypatch))
    assert not drawn("board", home, monkeypatch).exception


def test_picks_and_runs_speak_of_clips(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = words(drawn("picks", home, monkeypatch))
    assert "per clip second" in told
    assert "$0.0005" in told
    runs = drawn("runs", home, monkeypatch)
    assert not runs.exception
    assert "clips, by their posters" in words(runs)
    (table, *_) = drawn("board", home, monkeypatch).dataframe
    assert "$ per clip s" in table.value.columns
    assert set(table.value["clip"]) == {"2 s, 64 × 64"}
