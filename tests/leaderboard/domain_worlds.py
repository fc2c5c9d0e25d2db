"""A suite of real kinds of work, and models that are good at different ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from evals.record_types import RunRecord
from evals.types import Prompt, Suite
from leaderboard.refresh import Refreshed, refresh
from tests.leaderboard.factory import CLIP, START, Made, run_record, write

KINDS = ("photoreal", "animation", "fantasy", "composition")
MARKET = (
    Made("studio", 23.0, cost_usd=0.05),
    Made("draft", 22.6, cost_usd=0.004),
    Made("tiny", 20.0, cost_usd=0.0005),
    Made("unpriced", 22.0, cost_usd=None),
)


def market_suite(prompts: int = 48) -> Suite:
    """As many prompts of each kind, without facts."""
    made = tuple(
        Prompt(f"p{n:02}", f"caption {n}", (KINDS[n % len(KINDS)],)) for n in range(prompts)
    )
    return Suite("market", "Made up", "text-to-image", made, "draft", (0, 1))


def market_record(prompts: int = 48) -> RunRecord:
    """What the models of the market made of it, judged by one metric."""
    made = run_record(MARKET, market_suite(prompts))
    results = tuple(
        replace(r, scores=tuple(s for s in r.scores if s.metric == CLIP.name)) for r in made.results
    )
    return RunRecord(replace(made.run, metrics=(CLIP,)), results)


def market_home(home: Path, prompts: int = 48) -> Refreshed:
    """A home with an edition of it."""
    write(home, market_record(prompts))
    return refresh(home, START + timedelta(days=1), draws=100)
