"""What sources are called on pages, and whom their boards are to be credited to."""

from __future__ import annotations

from leaderboard.answers import EVALS
from leaderboard.dashboard import text
from leaderboard.history.made import REPLAY

_NAMES = {
    EVALS: "Own evaluation",
    "aa_web": "Artificial Analysis",
    "arena": "Arena, month ends",
    "arena_hf": "Arena dataset",
    "arena_scrape": "Arena scrapes",
    REPLAY: "Replay (simulated)",
    "vbench": "VBench tables",
}
_ARENA_DATASET = (
    "Boards: [Arena](https://arena.ai), public leaderboard dataset "
    "`lmarena-ai/leaderboard-dataset`, "
    "[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)"
)
_CREDITS = {
    "aa_web": "Boards: [Artificial Analysis](https://artificialanalysis.ai).",
    "arena": f"{_ARENA_DATASET}; the top eight of each month-end board, retyped.",
    "arena_hf": f"{_ARENA_DATASET}.",
    "arena_scrape": "Boards: [Arena](https://arena.ai), scraped from its public pages.",
}


def named(source: str) -> str:
    """A source for people.

    >>> named("aa_web"), named("my_boards")
    ('Artificial Analysis', 'My boards')
    """
    return _NAMES.get(source, text.title(source))


def credit(source: str) -> str | None:
    """Our own Markdown that credits a source; `None` where none is asked for."""
    return _CREDITS.get(source)
