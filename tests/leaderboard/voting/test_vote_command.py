"""`churnboard vote`: counts, files in both directions, and where the page is."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from evals.errors import ChurnboardError
from leaderboard.cli import build
from leaderboard.refresh import refresh
from leaderboard.store.database import writing
from leaderboard.store.evidence import read_evidence
from leaderboard.voting.box import BallotBox
from tests.leaderboard.ratings.polls import LATER, OF, START, evaluate, voted


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return evaluate(tmp_path_factory.mktemp("once") / "home")


@pytest.fixture
def evaluated(once: Path, home: Path) -> Path:
    """A home of one's own, with an edition and its media."""
    shutil.copytree(once, home, symlinks=True)
    return home


def run(*arguments: str) -> str:
    done = CliRunner().invoke(build(), ["vote", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_status_counts(evaluated: Path) -> None:
    assert run("status").startswith("no votes yet")
    voted(evaluated, "ann", "bob")
    (found,) = json.loads(run("status", "--json"))["suites"]
    assert found == {
        "suite": OF.id,
        "suite_version": OF.version,
        "votes": 12,
        "voters": 2,
        "prompts": found["prompts"],
        "pairs": 3,
        "repeated": found["repeated"],
        "missing": 188,
    }
    cast = BallotBox(evaluated).votes()
    assert found["prompts"] == len({one.ballot.prompt_id for one in cast})
    assert 1 <= found["repeated"] <= 2
    assert "12 votes by 2 voters" in run("status")
    assert "188 more until fitted weights" in run("status")
    assert json.loads(run("status", "--suite", "other", "--json"))["suites"] == []


@pytest.mark.parametrize("name", ["votes.csv", "votes.parquet"])
def test_votes_move_from_home_to_home(evaluated: Path, tmp_path: Path, name: str) -> None:
    cast = voted(evaluated, "ann", "bob")
    file, other = tmp_path / name, tmp_path / "other"
    assert run("export", str(file)).splitlines() == [str(file)]
    assert "12 new votes; 0 were there before" in run("import", str(file), "--home", str(other))
    assert BallotBox(other).votes() == cast
    assert "0 new votes; 12 were there before" in run("import", str(file), "--home", str(other))
    assert "0 new votes; 12" in run("import", str(file), "--suite", OF.id)
    assert BallotBox(other).votes() == cast


@pytest.mark.parametrize("name", ["votes.csv", "votes.parquet"])
def test_votes_that_lost_their_ids_are_not_counted_again(
    evaluated: Path, tmp_path: Path, name: str
) -> None:
    cast, file = voted(evaluated, "ann", "bob"), tmp_path / name
    run("export", str(file))
    read, write = (
        (pd.read_csv, "to_csv") if name.endswith("csv") else (pd.read_parquet, "to_parquet")
    )
    getattr(read(file).drop(columns="vote_id"), write)(file, index=False)
    assert "0 new votes; 12 were there before" in run("import", str(file))
    assert BallotBox(evaluated).votes() == cast


def test_a_plain_list_of_votes_is_taken_for_the_suite_named(
    evaluated: Path, tmp_path: Path
) -> None:
    file = tmp_path / "votes.csv"
    file.write_text(
        "voted_at,voter,prompt_id,left_model,left_seed,right_model,right_seed,outcome\n"
        f"{START.isoformat()},ann,p00,large,0,small,1,both_bad\n"
    )
    assert "1 new votes" in run("import", str(file), "-s", OF.id)
    refresh(evaluated, LATER + timedelta(days=1), draws=20)
    with writing(evaluated, LATER) as database:
        ((vote,),) = (one.votes for one in read_evidence(database.connection))
    assert (vote.left, vote.right, vote.right_seed, vote.outcome) == (
        "large",
        "small",
        1,
        "both_bad",
    )
    with pytest.raises(ChurnboardError, match='did you mean "calibration"'):
        run("import", str(file), "--suite", "calibratoin")


def test_an_answer_that_differs_is_told_and_does_not_count(evaluated: Path, tmp_path: Path) -> None:
    file = tmp_path / "votes.csv"
    voted(evaluated, "ann", each=2)
    run("export", str(file))
    head, first, second = file.read_text().splitlines()
    file.write_text(f"{head}\n{first.removesuffix('left')}right\n{second}\n")
    done = CliRunner().invoke(build(), ["vote", "import", str(file)], catch_exceptions=False)
    assert "0 new votes; 2 were there before" in done.stdout
    assert "1 of those were answered otherwise there" in done.stderr
    assert {one.outcome for one in BallotBox(evaluated).votes()} == {"left"}


def test_show_says_where_the_page_is() -> None:
    assert run("show") == "http://localhost:8501/arena\n"
    assert run("show", "--port", "9000") == "http://localhost:9000/arena\n"
