"""The Arena page where something is amiss: pictures gone, nothing to compare, a damaged box."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from leaderboard.dashboard import presses, voter
from leaderboard.voting.box import BallotBox
from tests import voting_home
from tests.leaderboard.dashboard.test_pages import drawn, words

TOKEN = "0f" * 16


@pytest.fixture(autouse=True)
def known_voter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that has said who it is, and a hand that never hurries."""
    monkeypatch.setattr(voter, "token", lambda: TOKEN)
    monkeypatch.setattr(presses, "PAUSE_S", 0.0)


def vote(app: AppTest, label: str) -> AppTest:
    """The page after a press of the button that says `label`."""
    return next(button for button in app.button if button.label == label).click().run()


def labels(app: AppTest) -> list[str]:
    """What the buttons say."""
    return [button.label for button in app.button]


def test_voting_ends_when_every_pair_was_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = voting_home.build(tmp_path, prompts=2)
    app = drawn("arena", home, monkeypatch)
    for _ in range(6):
        assert labels(app) == ["Left", "Tie", "Both bad", "Right"]
        app = vote(app, "Tie")
    assert labels(app) == []
    assert "every pair there is" in words(app)
    assert not app.exception
    votes = BallotBox(home).votes()
    assert [(vote.outcome, vote.voter) for vote in votes] == [("tie", TOKEN)] * 6
    assert len({vote.ballot for vote in votes}) == 6


def test_a_picture_that_cannot_be_read_is_left_out_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = voting_home.build(tmp_path, prompts=2)
    damaged, gone = (
        path
        for path in sorted((home / "runs").rglob("*.png"))
        if voting_home.maker_of(path.read_bytes()) == "quoll-x3"
    )
    damaged.write_bytes(b"not a picture")
    app = drawn("arena", home, monkeypatch)
    gone.unlink()
    app.run()
    for _ in range(2):
        app = vote(app, "Left")
    assert "every pair there is" in words(app)
    assert "2 of 6 pictures cannot be shown" in words(app)
    judged = {
        side.model
        for vote in BallotBox(home).votes()
        for side in (vote.ballot.left, vote.ballot.right)
    }
    assert judged == {"quagga-x1", "quokka-x2"}


def test_one_model_alone_is_nothing_to_compare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = drawn("arena", voting_home.build(tmp_path, prompts=2, models=1), monkeypatch)
    assert "Nothing to compare yet" in words(app)
    assert any("churnboard eval" in block.value for block in app.code)
    assert labels(app) == []


def test_a_damaged_box_is_said_with_its_line_and_nothing_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = voting_home.build(tmp_path, prompts=2)
    app = vote(drawn("arena", home, monkeypatch), "Right")
    box = BallotBox(home).path
    box.write_bytes(b"{broken\n" + box.read_bytes())
    app.run()
    assert [("line 1" in error.value.replace("\\", "")) for error in app.error] == [True]
    assert labels(app) == []
    assert not app.exception


def test_a_vote_that_could_not_be_kept_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = voting_home.build(tmp_path, prompts=2)
    app = drawn("arena", home, monkeypatch)
    (home / "votes").write_text("a file where the folder should be")
    app = vote(app, "Left")
    assert app.error
    assert not app.exception


def test_a_token_is_hexadecimal_or_nothing() -> None:
    for said in ("", "0F" * 16, "0f" * 16 + "\n", "../" * 11, 7, None, ["0f" * 16]):
        assert voter.valid(said) is None
    assert voter.valid(TOKEN) == TOKEN
