"""Clips and their start frames, found again from an edition."""

from __future__ import annotations

from pathlib import Path

from evals.clips.codec import decode
from leaderboard import queries
from leaderboard.edition import open_edition
from tests import video_home

RUN = "20261123T130000Z-clips"


def test_a_clip_is_told_with_its_rate_and_its_start_frame(tmp_path: Path) -> None:
    home = video_home.build(tmp_path, prompts=3, task="image-to-video")
    with open_edition(home) as edition:
        shown = queries.gallery(edition, "clips", "p01", 0)
        votable = queries.votable(edition, "clips")
    assert len(shown) == 4
    for item in shown:
        assert item.path is not None
        assert item.start is not None
        clip = decode(item.path.read_bytes())
        assert (item.frames, item.fps, item.mime) == (len(clip.frames), clip.fps, "video/mp4")
    assert len({item.start for item in shown}) == 1
    assert {item.start for item in votable if item.prompt_id == "p01"} == {shown[0].start}
    gone = shown[0].start
    assert gone is not None
    gone.unlink()
    with open_edition(home) as edition:
        left = queries.votable(edition, "clips")
    assert {item.prompt_id for item in left} == {"p00", "p02"}


def test_a_run_shows_some_of_what_it_made_by_prompt(tmp_path: Path, published_home: Path) -> None:
    home = video_home.build(tmp_path, prompts=3)
    with open_edition(home) as edition:
        made = queries.made(edition, RUN, 6)
        assert queries.made(edition, "no-such-run", 6) == ()
    assert [item.text[:14] for item in made] == ["thing number 0"] * 4 + ["thing number 1"] * 2
    assert len({item.name for item in made}) == 4
    assert {item.fps for item in made} == {video_home.FPS}
    with open_edition(published_home) as edition:
        pictures = queries.made(edition, queries.runs(edition)[0].id, 4)
    assert {item.fps for item in pictures} == {None}
