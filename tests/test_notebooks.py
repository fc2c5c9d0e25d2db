"""Every notebook runs from its first cell to its last and says what the product says."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from evals.home import data_root
from leaderboard import sources
from leaderboard.churn.report import churn_report
from leaderboard.dashboard import churn_words
from leaderboard.history import series

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FULLER = ROOT.parent / "shared" / "history"
LARGEST = 200_000
NUMBER = re.compile(r"\d+(?:\.\d+)?")

pytestmark = pytest.mark.slow


def label(path: Path) -> str:
    return path.name


def markdown(notebook: Any) -> list[str]:
    """The Markdown that the cells of a notebook put out."""
    return [
        output["data"]["text/markdown"]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "text/markdown" in output.get("data", {})
    ]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Path, Path | None], Any]:
    """Runs a notebook in a kernel of its own, with an empty home."""
    monkeypatch.setenv("CHURNBOARD_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")

    def execute(path: Path, history: Path | None) -> Any:
        if history is None:
            monkeypatch.delenv("CHURNBOARD_HISTORY", raising=False)
        else:
            monkeypatch.setenv("CHURNBOARD_HISTORY", str(history))
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(
            notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}
        ).execute()
        return notebook

    return execute


def estimate_rows(kind: str, path: Path) -> list[str]:
    """What the notebook's tables must say of every arena of a file, from the product itself."""
    feed = sources.source(kind).read(path, datetime.now(UTC))
    rows: list[str] = []
    for one in series.by_arena(feed.snapshots):
        told = churn_report(one).as_published
        cells = (
            one.arena,
            told.spells,
            told.exits,
            churn_words.amount(told.kaplan_meier),
            churn_words.amount(told.exponential),
            churn_words.interval(told.exponential),
        )
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    return rows


@pytest.mark.parametrize("path", NOTEBOOKS, ids=label)
def test_a_notebook_runs_and_is_kept_as_it_runs(
    path: Path, run: Callable[[Path, Path | None], Any]
) -> None:
    kept = "\n".join(markdown(nbformat.read(path, as_version=4)))
    fresh = "\n".join(markdown(run(path, None)))
    stale = f"its outputs are old; run: .venv/bin/jupyter-execute --inplace notebooks/{path.name}"
    assert kept, stale
    assert NUMBER.sub("#", kept) == NUMBER.sub("#", fresh), stale
    # Draws may differ in the last digit from one processor to the next.
    was, now = ([float(number) for number in NUMBER.findall(text)] for text in (kept, fresh))
    assert was == pytest.approx(now, rel=0.1, abs=1), stale


@pytest.mark.parametrize("path", NOTEBOOKS, ids=label)
def test_a_notebook_is_small_and_names_no_folder_of_its_author(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text) < LARGEST
    assert "/home/" not in text
    assert str(ROOT) not in text


def test_the_embedded_history_has_the_numbers_of_the_product(
    run: Callable[[Path, Path | None], Any],
) -> None:
    shown = "\n".join(markdown(run(ROOT / "notebooks" / "half_life.ipynb", None)))
    expected = estimate_rows("arena-monthly", data_root() / "history" / "arena_monthly_top8.csv")
    assert len(expected) == 4
    for row in expected:
        assert row in shown


@pytest.mark.skipif(not FULLER.is_dir(), reason="the fuller histories are not beside the project")
def test_the_full_story_is_told_where_its_history_is(
    run: Callable[[Path, Path | None], Any],
) -> None:
    shown = "\n".join(markdown(run(ROOT / "notebooks" / "half_life.ipynb", FULLER)))
    feed = sources.source("arena-scrape").read(FULLER / "arena_ai_daily.csv", datetime.now(UTC))
    for one in series.by_arena(feed.snapshots):
        told = churn_words.amount(churn_report(one).as_published.exponential)
        assert f"| {one.arena} | {told} |" in shown
