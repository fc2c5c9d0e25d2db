"""Take the pictures of the README from the current home: `.venv/bin/python docs/picture.py`.

Needs an edition (`make demo`), the development requirements and a Chromium. Writes
`docs/dashboard.png` (the home page) and `docs/churn.png` (the Churn page, its first half).
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = {"": ("dashboard.png", None), "churn": ("churn.png", "Who is about to fall")}
"""Address of the page -> file, and the heading above which the picture ends (`None` = all of the
page). The home page has no name of its own."""
WIDTH = 1280
PATIENCE_MS = 180_000


def main() -> None:
    """Serve the dashboard on the loopback address and take one picture per page."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("no Chromium here: install the Debian package chromium")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"], cwd=ROOT
    )
    try:
        wait_until_up(port)
        shoot(chromium, f"http://localhost:{port}")
    finally:
        server.terminate()
        server.wait(10)


def wait_until_up(port: int) -> None:
    """Return when the server accepts connections; the last refusal after a minute is raised."""
    until = time.monotonic() + 60
    while True:
        try:
            with socket.create_connection(("localhost", port), timeout=5):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def shoot(chromium: str, address: str) -> None:
    """Wait for each page to be drawn to its end, and keep it down to its last wanted line."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (file, below) in PICTURES.items():
            page = browser.new_page(viewport={"width": WIDTH, "height": 900})
            page.goto(f"{address}/{name}", timeout=PATIENCE_MS)
            end = page.get_by_text("all times UTC")
            end.wait_for(timeout=PATIENCE_MS)
            # Figures and fonts arrive after the text.
            loading = "document.querySelectorAll('[data-testid=stSkeleton]').length === 0"
            page.wait_for_function(loading, timeout=PATIENCE_MS)
            page.wait_for_timeout(2000)
            height = page.evaluate(
                "document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight"
            )
            page.set_viewport_size({"width": WIDTH, "height": int(height)})
            page.wait_for_timeout(2000)
            if below is not None:
                box = page.get_by_role("heading", name=below).bounding_box()
                height = box["y"] if box is not None else height
            clip = {"x": 0, "y": 0, "width": WIDTH, "height": int(height)}
            page.screenshot(path=str(ROOT / "docs" / file), clip=clip)
        browser.close()


if __name__ == "__main__":
    main()
