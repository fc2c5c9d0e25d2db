"""A small, seeded certificate: markets of known truth, where the naive figure is far off."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import churn_coverage, markets
from leaderboard.churn.headline import draw_worlds, half_life, stay_curve
from leaderboard.churn.panel import panel
from leaderboard.churn.published import kaplan_meier
from leaderboard.churn.scatter import fit_scatter
from leaderboard.churn.spells import spells

MARKETS = range(1, 13)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "naive_at_most"), [("weekly, constant noise", 14.0), ("daily, constant noise", 2.0)]
)
def test_the_truth_is_found_where_the_naive_figure_misses_it(
    name: str, naive_at_most: float
) -> None:
    cell = markets.cell(name)
    truth = markets.truth(cell)
    assert truth == pytest.approx(34.0, rel=0.02)
    naive: list[float] = []
    found: list[float] = []
    held = 0
    for seed in MARKETS:
        boards = markets.boards(cell, seed)
        median = kaplan_meier([s for s in spells(boards, cell.k) if s.entry_seen]).days
        assert median is not None
        naive.append(median)
        data = panel(boards)
        worlds = draw_worlds(data, fit_scatter(data), cell.k, 100, seed)
        estimate = half_life(worlds, stay_curve(worlds))
        assert estimate.days is not None
        assert estimate.interval is not None
        found.append(estimate.days)
        low, high = estimate.interval
        held += low <= truth and (high is None or truth <= high)
    assert np.median(naive) <= naive_at_most
    assert np.median(found) == pytest.approx(truth, rel=0.10)
    assert held >= 10


@pytest.mark.torture
@pytest.mark.parametrize("cell", markets.CELLS, ids=lambda cell: cell.name)
def test_every_cell_of_the_certificate(cell: markets.Cell) -> None:
    """Sixty markets: allowances are those of the certificate, and what sixty may differ by."""
    found = [churn_coverage.measure(cell, seed) for seed in range(500, 560)]
    headline = churn_coverage.rows(cell, found)[-1]
    limit = churn_coverage.BIAS_UNDER_DRIFT if cell.drift else churn_coverage.BIAS
    assert abs(headline.bias) < limit + 0.03
    assert headline.coverage >= churn_coverage.EACH - 0.05
    assert headline.missing == 0
