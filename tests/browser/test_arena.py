"""The Arena in a real Chromium: every vote counts once, none is lost, and names stay hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from leaderboard.dashboard.presses import PAUSE_S
from leaderboard.voting.ballots import Ballot, Outcome
from leaderboard.voting.box import BallotBox
from tests import voting_home
from tests.browser.chromium import PATIENCE_MS, chromium, served, settled
from tests.voting_home import ANCHOR, NAMES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KEYS: tuple[tuple[str, Outcome], ...] = (
    ("ArrowLeft", "left"),
    ("ArrowRight", "right"),
    ("ArrowUp", "tie"),
    ("ArrowDown", "both_bad"),
)
LOOK_MS = 1000 * PAUSE_S + 250
"""How long a person looks before voting; anything quicker is taken for an accident."""
DRAIN_MS = 4000
"""In which a page has dealt with all that was pressed in a second."""
WITHOUT_LAST_VOTE = """() => {
    const page = document.documentElement.cloneNode(true);
    page.querySelectorAll(".st-key-last-vote").forEach((part) => part.remove());
    return page.outerHTML;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with 36 ballots for each voter and no vote."""
    return voting_home.build(tmp_path / "home")


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    """The Arena page of `home`."""
    with served(home) as address:
        yield f"{address}/arena"


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[[], Page]]:
    """Open the page as somebody who was never here: a browser context of its own."""
    contexts = []

    def open_page() -> Page:
        contexts.append(browser.new_context(viewport={"width": 1360, "height": 1000}))
        page = contexts[-1].new_page()
        page.goto(address)
        ready(page, 0)
        return page

    yield open_page
    for context in contexts:
        context.close()


def ready(page: Page, votes: int) -> None:
    """Wait until the page says that this voter has cast `votes`, and look at the pair."""
    settled(page)
    counted = page.get_by_test_id("stMetricValue").first
    expect(counted).to_have_text(str(votes), timeout=PATIENCE_MS)
    page.get_by_role("button", name="Both bad").wait_for(timeout=PATIENCE_MS)
    page.wait_for_timeout(LOOK_MS)


def pair(page: Page) -> tuple[str, str, str]:
    """The prompt on the screen and the addresses of its pictures, left and right."""
    left, right = (
        page.get_by_role("img", name=f"{side} picture", exact=True).get_attribute("src") or ""
        for side in ("Left", "Right")
    )
    return page.locator("h3").first.inner_text(), left, right


def ballots(home: Path) -> list[Ballot]:
    """The ballots in the box, in the order they were cast."""
    return [vote.ballot for vote in BallotBox(home).votes()]


def test_twenty_votes_by_keyboard_are_kept_as_they_were_meant(
    visit: Callable[[], Page], home: Path
) -> None:
    page = visit()
    seen: list[tuple[str, str, str]] = []
    for number in range(20):
        prompt, *pictures = pair(page)
        left, right = (
            voting_home.maker_of(page.request.get(address).body()) for address in pictures
        )
        seen.append((prompt, left, right))
        if number in (7, 13):
            before = pair(page)
            page.reload()
            ready(page, number)
            assert pair(page) == before
        page.keyboard.press(KEYS[number % 4][0])
        ready(page, number + 1)
    votes = BallotBox(home).votes()
    assert [vote.outcome for vote in votes] == [KEYS[number % 4][1] for number in range(20)]
    assert len({vote.voter for vote in votes}) == 1
    assert ANCHOR not in {model for _, *models in seen for model in models}
    recorded = [
        (f"thing number {int(ballot.prompt_id[1:])}", ballot.left.model, ballot.right.model)
        for ballot in ballots(home)
    ]
    assert recorded == seen
    assert len(set(recorded)) == 20


def test_no_model_is_named_before_its_pair_was_judged(
    browser: Browser, address: str, home: Path
) -> None:
    context = browser.new_context()
    page = context.new_page()
    sent: list[bytes] = []

    def listen(socket: WebSocket) -> None:
        socket.on(
            "framereceived", lambda data: sent.append(data.encode() if type(data) is str else data)
        )

    page.on("websocket", listen)
    page.goto(address)
    ready(page, 0)
    secrets = [*NAMES.values(), *NAMES, voting_home.REVISION, ANCHOR]
    for number in range(4):
        everything = b"".join(sent)
        document = page.evaluate(WITHOUT_LAST_VOTE)
        urls = page.locator("img").evaluate_all("images => images.map(image => image.src)")
        pictures = [page.request.get(src).body() for src in urls if "/media/" in src]
        assert len(pictures) >= 2
        judged = set[str]()
        if number:
            last = ballots(home)[-1]
            judged = {NAMES[last.left.model], NAMES[last.right.model]}
            shown = page.locator(".st-key-last-vote").inner_text()
            assert all(name in shown and name.encode() in everything for name in judged)
        for secret in secrets:
            assert secret not in document
            assert not any(secret in url for url in urls)
            assert not any(secret.encode() in picture for picture in pictures)
            assert secret in judged or secret.encode() not in everything
        sent.clear()
        page.keyboard.press("ArrowLeft")
        ready(page, number + 1)
    context.close()


@pytest.mark.parametrize("gap_ms", [0, 100, 250])
def test_a_double_click_is_one_vote(visit: Callable[[], Page], home: Path, gap_ms: int) -> None:
    page = visit()
    shown = pair(page)
    box = page.get_by_role("button", name="Right Shortcut").bounding_box()
    assert box is not None
    # A page that a busy machine is still drawing takes neither click, and says so: click again.
    for _ in range(3):
        # By the place on the screen: the second click meets whatever has come there meanwhile.
        for _ in range(2):
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.wait_for_timeout(gap_ms)
        page.wait_for_timeout(DRAIN_MS)
        if ballots(home):
            break
        expect(page.get_by_text("came too quickly")).to_be_visible(timeout=PATIENCE_MS)
    ready(page, 1)
    assert [vote.outcome for vote in BallotBox(home).votes()] == ["right"]
    assert pair(page) != shown


def test_a_key_that_is_held_down_votes_once(visit: Callable[[], Page], home: Path) -> None:
    page = visit()
    for _ in range(40):
        page.keyboard.down("ArrowRight")
        page.wait_for_timeout(30)
    page.keyboard.up("ArrowRight")
    ready(page, 1)
    page.wait_for_timeout(DRAIN_MS)
    assert len(ballots(home)) == 1
    page.keyboard.press("ArrowRight")
    ready(page, 2)


def test_one_browser_is_one_voter_and_another_is_another(
    visit: Callable[[], Page], home: Path, address: str
) -> None:
    first = visit()
    second_tab = first.context.new_page()
    second_tab.goto(address)
    ready(second_tab, 0)
    assert pair(second_tab) == pair(first)
    first.keyboard.press("ArrowUp")
    ready(first, 1)
    # The other tab still shows the pair that has been answered: the first answer stays.
    second_tab.keyboard.press("ArrowDown")
    ready(second_tab, 1)
    assert [vote.outcome for vote in BallotBox(home).votes()] == ["tie"]
    assert pair(second_tab) == pair(first)
    stranger = visit()
    stranger.keyboard.press("ArrowLeft")
    ready(stranger, 1)
    assert len({vote.voter for vote in BallotBox(home).votes()}) == 2
