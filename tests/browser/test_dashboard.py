"""The dashboard in a real Chromium: it loads, every page can be reached, nothing raises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from leaderboard.dashboard import navigation
from tests.browser.chromium import PATIENCE_MS, chromium, served, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def address(published_home: Path) -> Iterator[str]:
    """The dashboard, served on the loopback address from a home with one edition."""
    with served(published_home) as address:
        yield address


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    """A page of a headless Chromium."""
    with chromium() as browser:
        yield browser.new_page(viewport={"width": 1360, "height": 1000})


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
