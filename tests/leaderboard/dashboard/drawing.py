"""One page drawn by Streamlit's own test runner, with an answer of the test's choice."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest


def drawn(monkeypatch: pytest.MonkeyPatch, home: Path, page: str, answer: object) -> AppTest:
    """The page after its first run; what it asks `reads` for under its own name is `answer`."""
    monkeypatch.setenv("CHURNBOARD_HOME", str(home))
    monkeypatch.setattr(f"leaderboard.dashboard.reads.{page}", lambda edition: answer)
    app = AppTest.from_string(
        "from leaderboard.dashboard import reads\n"
        f"from leaderboard.dashboard.pages import {page}\n"
        f"{page}.show(reads.current())\n",
        default_timeout=60,
    )
    return app.run()
