"""Evidence -> a rated board."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import duckdb
import pytest

from evals.record_types import RunRecord
from leaderboard.boards.rated import Rated, domains_of, rated_board
from leaderboard.evidence import SuiteEvidence
from leaderboard.store.evidence import read_evidence
from leaderboard.store.ingest import ingest_records
from leaderboard.store.migrations import migrate
from tests.leaderboard.factory import START, WORLD, Made, run_record, suite


def evidence(*records: RunRecord) -> SuiteEvidence:
    """Through the database, as a refresh reads it."""
    connection = duckdb.connect()
    migrate(connection, START)
    ingest_records(connection, records)
    (found,) = read_evidence(connection)
    return found


def board(of: SuiteEvidence, domain: str = "all") -> Rated:
    found = rated_board(of, domain, draws=100)
    assert isinstance(found, Rated)
    return found


@pytest.fixture(scope="module")
def world() -> SuiteEvidence:
    return evidence(run_record())


def test_rows_are_ordered_with_the_anchors_at_the_ends(world: SuiteEvidence) -> None:
    rows = board(world).board.rows
    assert [row.model for row in rows] == ["renderer", "large", "middle", "small", "noise"]
    assert [row.rank for row in rows] == [None, 1, 2, 3, None]
    assert [row.p_best is None for row in rows] == [True, False, False, False, True]


def test_the_reference_is_1000(world: SuiteEvidence) -> None:
    found = board(world).board
    assert found.reference == "middle"
    assert {row.model: row.rating for row in found.rows}["middle"] == pytest.approx(1000)


def test_truth_is_a_column_and_never_a_vote(world: SuiteEvidence) -> None:
    found = board(world).board
    assert found.metrics == ("clip_score",)
    assert set(found.rows[1].scores) == {"clip_score", "caption_accuracy"}


def test_domains_split_the_prompts(world: SuiteEvidence) -> None:
    assert domains_of(world) == ("all", "flat", "shaded")
    whole, flat = board(world).board, board(world, "flat").board
    assert whole.rows[1].prompts == 20
    assert flat.rows[1].prompts == 10
    assert flat.rows[1].comparisons == 2 * 10 * 2


def test_comparisons_count_candidates_only(world: SuiteEvidence) -> None:
    # Two others, twenty prompts, two seeds; a third opponent for the anchors.
    by_model = {row.model: row.comparisons for row in board(world).board.rows}
    assert by_model == {"renderer": 120, "large": 80, "middle": 80, "small": 80, "noise": 120}


def test_cost_is_a_mean_or_unknown_with_its_reason() -> None:
    found = board(evidence(run_record((*WORLD, Made("priceless", 22, cost_usd=None))))).board
    rows = {row.model: row for row in found.rows}
    assert rows["large"].cost_usd == pytest.approx(0.02)
    assert "mean of 40 generations" in (rows["large"].cost_basis or "")
    assert rows["priceless"].cost_usd is None
    assert rows["priceless"].cost_basis == "no price for its hardware"


def test_failures_by_the_model_lose_and_are_counted() -> None:
    found = board(evidence(run_record((*WORLD, Made("flaky", 40.0, failing=0.5))))).board
    rows = {row.model: row for row in found.rows}
    assert 0.2 < (rows["flaky"].failure_rate or 0) < 0.8
    # It would beat everybody if it did not fail.
    assert rows["flaky"].rating < rows["renderer"].rating - 300
    assert rows["large"].failure_rate == 0


def test_a_model_that_always_fails_is_last_and_finite() -> None:
    found = board(evidence(run_record((*WORLD[2:], Made("broken", 40.0, failing=1.0))))).board
    assert found.rows[-1].model == "broken"
    assert found.rows[-1].scores == {}
    assert found.rows[-1].cost_usd is None


def test_scores_of_another_judge_are_left_out_and_said() -> None:
    old = run_record(WORLD[:4], fingerprint="judge-a")
    new = run_record(
        WORLD[3:], id="run-2", at=START + timedelta(days=1), fingerprint="judge-b", epoch=2
    )
    found = board(evidence(old, new)).board
    assert [row.model for row in found.rows if row.anchor is None] == ["middle", "small"]
    said = {entry.what: entry.reason for entry in found.left_out}
    assert "large" in said
    assert "fingerprint" in said["clip_score"]
    # A mean is never taken over two judges: the older judge's scores give none.
    assert "churnboard rescore" in said["clip_score of renderer"]


def test_one_model_makes_no_board() -> None:
    found = rated_board(evidence(run_record(WORLD[2:3])), "all", draws=10)
    assert isinstance(found, str)
    assert "calibration/all" in found


def test_a_reference_without_results_is_said() -> None:
    found = board(evidence(run_record(of=suite(reference="absent")))).board
    assert found.reference is None
    assert any("absent" in entry.what for entry in found.left_out)


def test_the_same_evidence_gives_the_same_numbers(world: SuiteEvidence) -> None:
    assert board(world).board == board(world).board


def test_the_order_of_evidence_changes_nothing(world: SuiteEvidence) -> None:
    turned = replace(world, samples=world.samples[::-1], models=world.models[::-1])
    assert board(turned).board == board(world).board


def test_a_simulated_candidate_marks_the_board() -> None:
    simulated = Made("stand-in", 22.0, simulated=True)
    assert board(evidence(run_record((*WORLD, simulated)))).board.simulated
    assert not board(evidence(run_record())).board.simulated
