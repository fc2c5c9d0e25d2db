"""Lines of scores survive a round trip and a crash; what is no score is never written."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals import record
from evals.errors import RecordError
from evals.record_types import CanaryResult, ModelScored, Scored
from evals.types import Score
from tests.evals.test_record import SCORED, SIMPLE


def test_scores_come_back_as_written_and_a_torn_line_of_them_is_cut(home: Path) -> None:
    model = ModelScored("m", "r", "s", "v", 1, 12, SCORED.scores)
    canary = CanaryResult("clip", "print", "s", "v", "blur", 30, 20, 4, 0.61)
    with record.create(home, SIMPLE) as writer:
        writer.append_scores([SCORED, model])
        writer.append_scores([canary])
    assert record.read(writer.folder).scored == (SCORED, model, canary)
    assert canary.fooled
    path = writer.folder / record.SCORES
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    back = record.read(writer.folder)
    assert back.scored == (SCORED, model)
    assert "torn" in back.notes[0]
    (note,) = record.recover(writer.folder)
    assert record.SCORES in note
    assert record.read(writer.folder).notes == ()
    path.write_bytes(b"{}\n" + whole)
    with pytest.raises(RecordError, match=r"scores.jsonl line 1: damaged"):
        record.read(writer.folder)


@pytest.mark.parametrize(
    "score", [Score("m", "1", float("nan")), Score("m", "1", None), Score("m", "1", 1.0, "why")]
)
def test_what_is_no_score_is_not_written(home: Path, score: Score) -> None:
    with record.create(home, SIMPLE) as writer, pytest.raises(RecordError, match="score m"):
        writer.append_scores([Scored("k", "a" * 64, (score,))])
    assert record.read(writer.folder).scored == ()
