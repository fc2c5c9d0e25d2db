"""Clips in a real Chromium: side by side they show the same frame, and in the Arena no name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocket, expect

from leaderboard.voting.box import BallotBox
from tests import video_home, voting_home
from tests.browser.chromium import PATIENCE_MS, chromium, served, settled
from tests.browser.test_arena import WITHOUT_LAST_VOTE, ready
from tests.video_home import CORNER, FPS, FRAMES
from tests.voting_home import ANCHOR, NAMES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CORNERS = """(videos, corner) => videos.map((video) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const pen = canvas.getContext("2d");
    pen.drawImage(video, 0, 0);
    return pen.getImageData(corner / 2, corner / 2, 1, 1).data[0];
})"""
"""How bright the corner of each clip is: which of its frames it shows."""
SHADOWS = """() => [...document.querySelectorAll("*")]
    .map((part) => part.shadowRoot?.innerHTML ?? "").join("")"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of clips, each of which counts its own frames in a corner."""
    return video_home.build(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """The dashboard of `home`."""
    with served(home) as address:
        yield address


def gallery(page: Page, address: str) -> Locator:
    """The player of the Board page, in view and with every clip loaded."""
    page.goto(f"{address}/board")
    settled(page)
    player = page.locator(".player")
    player.wait_for(timeout=PATIENCE_MS)
    player.scroll_into_view_if_needed()
    page.wait_for_function(
        "videos => videos.every((video) => video.readyState >= 2)",
        arg=player.locator("video").element_handles(),
        timeout=PATIENCE_MS,
    )
    return player


def times(player: Locator) -> list[float]:
    return player.locator("video").evaluate_all("videos => videos.map((v) => v.currentTime)")


def shows(page: Page, player: Locator, frame: int) -> None:
    """Wait until every clip shows this frame, to the pixel."""
    want = [video_home.shade(frame)] * player.locator("video").count()
    for _ in range(50):
        seen = player.locator("video").evaluate_all(CORNERS, CORNER)
        if seen == want:
            return
        page.wait_for_timeout(100)
    assert seen == want


def test_clips_play_in_step_and_show_one_frame_when_held(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 1360, "height": 1000})
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    player = gallery(page, address)
    assert player.locator("video").count() == len(NAMES) + 1
    expect(player).to_have_attribute("data-playing", "true")
    # It moves by itself, past its own end, and no clip is ever a frame away from another.
    seen: list[float] = []
    for _ in range(40):
        now = times(player)
        assert max(now) - min(now) <= 1 / FPS or min(now) < 1 / FPS
        seen.append(now[0])
        page.wait_for_timeout(100)
    assert max(seen) > FRAMES / FPS / 2
    assert any(later < sooner for sooner, later in pairwise(seen))
    player.get_by_role("button", name="Pause all").click()
    slider = player.get_by_role("slider", name="Frame")
    for frame in (9, 0, FRAMES - 1):
        slider.fill(str(frame))
        shows(page, player, frame)
        assert times(player) == pytest.approx([(frame + 0.5) / FPS] * len(times(player)), abs=0.01)
        expect(player.locator("output")).to_contain_text(f"{frame + 1} / {FRAMES}")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    shows(page, player, FRAMES - 2)
    # Without repeating it ends where it ends.
    player.get_by_role("button", name="Repeat").click()
    player.get_by_role("button", name="Play all").click()
    expect(player).to_have_attribute("data-playing", "false", timeout=PATIENCE_MS)
    shows(page, player, FRAMES - 1)
    assert failures == []
    context.close()


def test_nothing_moves_by_itself_where_less_motion_is_asked_for(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    player = gallery(page, address)
    page.wait_for_timeout(1000)
    assert set(times(player)) == {0.0}
    expect(player).to_have_attribute("data-playing", "false")
    posters = player.locator("img")
    assert posters.evaluate_all("all => all.every((one) => one.naturalWidth === 64)")
    expect(posters.first).to_be_visible()
    player.get_by_role("button", name="Play all").click()
    page.wait_for_function(
        "video => video.currentTime > 0.5", arg=player.locator("video").first.element_handle()
    )
    context.close()


def test_in_the_arena_two_clips_play_unnamed_and_keys_vote(
    browser: Browser, address: str, home: Path
) -> None:
    context = browser.new_context(viewport={"width": 1360, "height": 1000})
    page = context.new_page()
    sent: list[bytes] = []

    def listen(socket: WebSocket) -> None:
        socket.on(
            "framereceived", lambda data: sent.append(data.encode() if type(data) is str else data)
        )

    page.on("websocket", listen)
    page.goto(f"{address}/arena")
    ready(page, 0)
    player = page.locator(".player")
    assert player.locator("video").count() == 2
    told = page.evaluate(WITHOUT_LAST_VOTE) + page.evaluate(SHADOWS)
    everything = b"".join(sent)
    sources = player.locator("video").evaluate_all("all => all.map((video) => video.src)")
    clips = [page.request.get(source).body() for source in sources]
    assert len(set(clips)) == 2
    for secret in (*NAMES.values(), *NAMES, voting_home.REVISION, ANCHOR):
        assert secret not in told
        assert secret.encode() not in everything
        assert not any(secret in source for source in sources)
        assert not any(secret.encode() in clip for clip in clips)
    # Arrow keys belong to the scrubber while it has the focus, and vote otherwise.
    player.get_by_role("button", name="Pause all").click()
    slider = player.get_by_role("slider", name="Frame")
    slider.fill("3")
    slider.press("ArrowRight")
    shows(page, player, 4)
    assert BallotBox(home).votes() == ()
    slider.blur()
    page.keyboard.press("ArrowRight")
    ready(page, 1)
    assert [vote.outcome for vote in BallotBox(home).votes()] == ["right"]
    # The next pair is another one, and nothing of the last one is left playing.
    again = page.locator(".player video").evaluate_all("all => all.map((video) => video.src)")
    assert len(again) == 2
    assert again != sources
    expect(page.locator(".st-key-last-vote img")).to_have_count(2)
    context.close()
