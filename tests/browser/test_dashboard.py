"""The dashboard in a real Chromium: it loads, every page can be reached, nothing raises."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from leaderboard.dashboard import navigation

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
PATIENCE_MS = 60_000


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def address(published_home: Path) -> Iterator[str]:
    """The dashboard, served on the loopback address from a home with one edition."""
    port = free_port()
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")),
            f"--server.port={port}",
            "--server.address=127.0.0.1",
        ],
        cwd=ROOT,
        env=os.environ | {"CHURNBOARD_HOME": str(published_home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_up(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def wait_until_up(port: int, server: subprocess.Popen[bytes]) -> None:
    """Return when the server answers; fail when it ended or a minute has passed."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert server.poll() is None, "the dashboard ended at once"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the dashboard did not come up within a minute")


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    """A page of a headless Chromium."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here: install the Debian package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser.new_page(viewport={"width": 1360, "height": 1000})
        browser.close()


def settled(page: Page) -> None:
    """Wait for the page's end, which every page draws last, and look for errors."""
    page.get_by_text("all times UTC").wait_for(timeout=PATIENCE_MS)
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlert").count() == 0


def test_every_page_is_reached_from_the_menu(address: str, browser_page: Page) -> None:
    failures: list[str] = []
    browser_page.on("pageerror", lambda error: failures.append(str(error)))
    browser_page.goto(address)
    settled(browser_page)
    pages = navigation.discover()
    assert len(pages) >= 4
    for page in pages[::-1]:
        browser_page.get_by_test_id("stTopNavLink").filter(has_text=page.title).click()
        heading = browser_page.locator("h1").first
        heading.wait_for(timeout=PATIENCE_MS)
        settled(browser_page)
    assert failures == []


def test_the_gallery_shows_pictures_and_keeps_its_crisp_pixels(
    address: str, browser_page: Page
) -> None:
    browser_page.goto(f"{address}/board")
    settled(browser_page)
    pictures = browser_page.get_by_test_id("stImage").locator("img")
    pictures.first.wait_for(timeout=PATIENCE_MS)
    widths = pictures.evaluate_all("images => images.map(image => image.naturalWidth)")
    assert len(widths) >= 3
    assert min(widths) >= 256
    browser_page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=PATIENCE_MS)


def test_a_domain_is_chosen_and_kept_in_the_address(address: str, browser_page: Page) -> None:
    browser_page.goto(f"{address}/board")
    settled(browser_page)
    browser_page.get_by_role("radio", name="Flat").click()
    browser_page.wait_for_url("**/board?domain=flat", timeout=PATIENCE_MS)
    settled(browser_page)
    browser_page.reload()
    settled(browser_page)
    assert browser_page.get_by_role("radio", name="Flat").is_checked()


def test_the_churn_page_draws_its_figures_and_keeps_names_whole(
    address: str, browser_page: Page
) -> None:
    browser_page.goto(f"{address}/churn?arena=text-to-video")
    settled(browser_page)
    assert browser_page.get_by_role("radio", name="Text to video").is_checked()
    figures = browser_page.locator(".js-plotly-plot .main-svg")
    figures.first.wait_for(timeout=PATIENCE_MS)
    cut = browser_page.locator(".js-plotly-plot").evaluate_all(
        """figures => figures.flatMap(figure => {
            const edge = figure.getBoundingClientRect().right;
            return [...figure.querySelectorAll(".annotation-text")]
                .filter(label => label.getBoundingClientRect().right > edge + 1)
                .map(label => label.textContent);
        })"""
    )
    assert cut == []
