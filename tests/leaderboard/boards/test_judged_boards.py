"""Boards of several judges: weights, flags, people, other weights; stored, asked and told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from evals.errors import StoreError
from evals.types import MetricSpec
from leaderboard import queries
from leaderboard.answers import Board, Picks
from leaderboard.boards.rated import Rated, domains_of, people_of, rated_board, with_sensitivity
from leaderboard.cli import build
from leaderboard.evidence import Canary, ModelFacts, ModelMark, Sample, SuiteEvidence
from leaderboard.ratings.verdicts import Mark, Outcome
from leaderboard.store.database import writing
from leaderboard.store.derived import replace_derived
from leaderboard.store.editions import publish
from leaderboard.trust import PEOPLE, People
from tests.leaderboard.factory import CLIP, START, TRUTH
from tests.leaderboard.ratings.opinions import specs, vote, votes, world

FID = replace(CLIP, name="fid", family="inception", level="model", higher_is_better=False)
FIVE = ("keen", "dim", "fair", "blind", "blinder")


def sample(one: Outcome) -> Sample:
    marks = {name: replace(mark, strict=f"strict-{name}") for name, mark in one.marks.items()}
    return Sample(one.model, one.prompt, one.seed, "ok", START, marks=marks)


def evidence(cast: int = 0, of: tuple[MetricSpec, ...] = specs()) -> SuiteEvidence:
    """Six models on 40 prompts by five metrics in three families, and some votes."""
    outcomes, truth = world(0, prompts=40)
    prompts = sorted({one.prompt for one in outcomes})
    return SuiteEvidence(
        suite_id="s",
        suite_version="v1",
        task="text-to-image",
        reference=None,
        models=tuple(ModelFacts(f"m{n}", f"Model {n}") for n in range(6)),
        specs=(*of, TRUTH),
        domains={prompt: ("even" if n % 2 == 0 else "odd",) for n, prompt in enumerate(prompts)},
        samples=tuple(map(sample, outcomes)),
        votes=votes(truth, cast, 0) if cast else (),
    )


def board(of: SuiteEvidence, domain: str = "all", **how: object) -> Board:
    found = rated_board(of, domain, draws=60, **how)  # type: ignore[arg-type]
    assert isinstance(found, Rated), found
    return found.board


def weights(of: Board) -> dict[str, float]:
    return {one.metric: one.weight for one in of.weights if one.weight}


def canary(metric: str, low: float = 0.9, fingerprint: str | None = None) -> Canary:
    return Canary(metric, fingerprint or f"strict-{metric}", "noise", 50, 48, 0, low)


def test_every_metric_is_weighed_and_the_voting_ones_are_named() -> None:
    found = board(evidence())
    assert weights(found) == pytest.approx(
        {"keen": 1 / 6, "dim": 1 / 6, "blind": 1 / 6, "blinder": 1 / 6, "fair": 1 / 3}
    )
    assert set(found.metrics) == set(FIVE)
    assert {one.metric for one in found.weights} == {*FIVE, "caption_accuracy"}


def test_a_judge_without_a_tie_band_is_said_where_it_votes() -> None:
    keen, dim, *others = specs()
    exact = replace(others[0], judge=None, tie_band=0.0)
    of = (replace(keen, tie_band=0.0), replace(dim, tie_band=0.0), exact, *others[1:])
    found = board(replace(evidence(of=of), weights={"keen": 1.0, "dim": 0.0, exact.name: 1.0}))
    said = {e.what: e.reason for e in found.left_out if "tie band" in e.what}
    assert set(said) == {"tie band of keen"}
    assert "python -m evals.tie_band s --metric keen" in said["tie band of keen"]


def test_the_suites_weights_decide() -> None:
    alone = evidence(of=tuple(spec for spec in specs() if spec.name == "keen"))
    stated = replace(evidence(), weights={"keen": 2.0})
    one, other = board(stated), board(alone)
    assert one.metrics == ("keen",)
    assert [(row.model, row.rating) for row in one.rows] == [
        (row.model, row.rating) for row in other.rows
    ]


def test_a_fooled_metric_is_flagged_and_silent() -> None:
    found = board(replace(evidence(), canaries=(canary("blind"), canary("keen", low=0.4))))
    flagged = {one.metric: one.fooled_by for one in found.weights if one.fooled_by}
    assert flagged == {"blind": ("noise",)}
    assert "blind" not in found.metrics
    kept = replace(evidence(), canaries=(canary("blind"),), keep_fooled=("blind",))
    assert "blind" in board(kept).metrics


def test_a_canary_of_another_fingerprint_says_nothing() -> None:
    stale = replace(evidence(), canaries=(canary("blind", fingerprint="older weights"),))
    assert "blind" in board(stale).metrics


def test_audits_are_flagged_too() -> None:
    made = evidence()
    marked = tuple(
        replace(one, marks={**one.marks, "caption_accuracy": Mark(0.5, "exact", "strict-truth")})
        for one in made.samples
    )
    found = board(
        replace(
            made,
            samples=marked,
            canaries=(canary("caption_accuracy", fingerprint="strict-truth"),),
        )
    )
    assert {one.metric for one in found.weights if one.fooled_by} == {"caption_accuracy"}


def test_without_an_honest_metric_there_is_no_board_unless_people_voted() -> None:
    all_fooled = tuple(canary(name) for name in FIVE)
    silent = rated_board(replace(evidence(), canaries=all_fooled), "all", draws=10)
    assert isinstance(silent, str)
    assert "nothing may vote" in silent
    assert "noise" in silent
    found = board(replace(evidence(cast=500), canaries=all_fooled))
    assert weights(found) == {PEOPLE: 1.0}
    assert found.metrics == ()


def test_without_a_judge_that_votes_the_missing_judges_are_the_reason() -> None:
    silent = rated_board(evidence(of=(replace(CLIP, name="keen", in_rating=False),)), "all")
    assert isinstance(silent, str)
    assert "no metric that votes has scored anything" in silent
    assert "churnboard metrics" in silent


def test_a_judge_that_scored_nothing_has_no_share() -> None:
    absent = replace(CLIP, name="absent", family="absent")
    assert weights(board(evidence(of=(*specs(), absent)))) == weights(board(evidence()))


def test_peoples_votes_count_in_their_own_domain() -> None:
    made = evidence(cast=120)
    whole = board(made)
    assert weights(whole)[PEOPLE] == pytest.approx(0.25)
    (said,) = (one.why for one in board(made, "even").weights if one.metric == PEOPLE)
    even = sum(made.domains[vote.prompt] == ("even",) for vote in made.votes)
    assert f"{even} votes" in said


def test_votes_alone_make_a_newer_board() -> None:
    made = evidence(cast=50)
    late = replace(made.votes[0], at=START + timedelta(days=3))
    assert board(replace(made, votes=(late, *made.votes[1:]))).at == late.at


def test_fitted_weights_reach_the_board() -> None:
    made = evidence(cast=600)
    told = people_of(made)
    assert told is not None
    assert told.fit is not None
    found = board(made, fit=told.fit)
    metrics = {name: weight for name, weight in weights(found).items() if name != PEOPLE}
    scale = sum(metrics.values())
    for name, weight in metrics.items():
        assert weight / scale == pytest.approx(told.fit.weights[name])


def test_the_fooled_are_not_fitted() -> None:
    told = people_of(replace(evidence(cast=400), canaries=(canary("keen"),)))
    assert told is not None
    assert told.fit is not None
    assert "keen" not in told.fit.weights
    assert "keen" in {one.metric for one in told.agreement}


def test_one_family_is_said_to_leave_bias_unknown() -> None:
    one = board(evidence(of=tuple(spec for spec in specs() if spec.family == "one")))
    said = {entry.what: entry.reason for entry in one.left_out}
    assert "one votes" in said["bias of the judges"]
    assert "bias of the judges" not in {entry.what for entry in board(evidence()).left_out}


def test_many_votes_on_few_generations_neither_drown_the_metrics_nor_narrow_the_board() -> None:
    """The same 480 votes on two models and four prompts: each pair of generations has one vote."""
    made = evidence()
    few = [
        vote("left", f"p{n % 4:03}", f"w{n}", left="m0", left_seed=n // 4 % 2, right="m5")
        for n in range(480)
    ]
    plain, flooded = board(made), board(replace(made, votes=tuple(few)))
    assert "bias of the judges" not in {entry.what for entry in flooded.left_out}
    assert flooded.rows[0].model == plain.rows[0].model
    before, after = (
        np.mean([row.rating_high - row.rating_low for row in each.rows])
        for each in (plain, flooded)
    )
    assert after > 0.9 * before


def test_a_guess_of_the_judges_bias_is_said_to_be_one() -> None:
    made = evidence(of=tuple(spec for spec in specs() if spec.family == "one"))
    some = tuple(vote("tie", f"p{n:03}", left="m0", right="m1") for n in range(3))
    said = {entry.what: entry.reason for entry in board(replace(made, votes=some)).left_out}
    assert "a guess of 26 points: no two of one, people" in said["bias of the judges"]


def test_scores_of_whole_models_are_columns_of_the_board_of_all_prompts() -> None:
    made = replace(
        evidence(of=(*specs(), FID)),
        model_marks=(
            ModelMark("m0", "fid", Mark(12.5, "now"), 80),
            ModelMark("m1", "fid", Mark(14.0, "now"), 80),
            ModelMark("m2", "fid", Mark(99.0, "before"), 80),
        ),
    )
    whole = {row.model: row.scores for row in board(made).rows}
    assert (whole["m0"]["fid"], whole["m1"]["fid"]) == (12.5, 14.0)
    assert "fid" not in whole["m2"]
    assert "fid of m2" in {entry.what for entry in board(made).left_out}
    assert all("fid" not in row.scores for row in board(made, "even").rows)
    assert "fid" not in weights(board(made))


def test_scores_of_more_pictures_than_the_others_made_are_no_column() -> None:
    """Vendi rises and FID falls with the number of pictures alone; a few failures do no harm."""
    sizes = {"m0": 80, "m1": 78, "m2": 160}
    marks = tuple(ModelMark(m, "fid", Mark(9.0, "now"), size) for m, size in sizes.items())
    found = board(replace(evidence(of=(*specs(), FID)), model_marks=marks))
    assert {row.model for row in found.rows if "fid" in row.scores} == {"m0", "m1"}
    said = {entry.what: entry.reason for entry in found.left_out}
    assert "of 160 generations, where others are of 80" in said["fid of m2"]


def test_sensitivity_ranks_the_boards_own_models() -> None:
    rated = rated_board(evidence(), "all", draws=60)
    assert isinstance(rated, Rated)
    told = with_sensitivity(rated, draws=50).sensitivity
    assert told is not None
    assert [one.model for one in told.models] == [row.model for row in rated.board.rows]
    assert told.disagreement == rated.ratings.disagreement
    assert told.disagreement is not None


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the boards of such evidence, people and all."""
    home = tmp_path_factory.mktemp("judged")
    made = replace(evidence(cast=300), canaries=(canary("blind"),))
    voice = people_of(made)
    assert voice is not None
    rated = [rated_board(made, domain, 60, 0, voice.fit) for domain in domains_of(made)]
    boards = [with_sensitivity(each, 40) for each in rated if isinstance(each, Rated)]
    with writing(home, START) as database:
        replace_derived(database.connection, boards, ["s"], Picks(), (), [voice])
        publish(home, database, START)
    return home


def test_what_is_stored_is_asked_back(published: Path) -> None:
    made = replace(evidence(cast=300), canaries=(canary("blind"),))
    voice = people_of(made)
    assert isinstance(voice, People)
    rated = rated_board(made, "odd", 60, 0, voice.fit)
    assert isinstance(rated, Rated)
    with queries.open_edition(published) as edition:
        assert queries.people(edition, "s") == voice
        assert queries.people(edition, "other") is None
        assert queries.board(edition, "text-to-image", "odd") == with_sensitivity(rated, 40)


def test_a_report_of_another_version_is_one_line(published: Path, tmp_path: Path) -> None:
    with writing(published, START) as database:
        database.connection.execute("UPDATE people SET report = '{\"voices\": 3}'")
        path = publish(published, database, START + timedelta(days=1))
    with (
        queries.open_edition(published, path.stem) as edition,
        pytest.raises(StoreError, match="churnboard refresh"),
    ):
        queries.people(edition, "s")


def test_the_command_tells_weights_places_and_people(published: Path) -> None:
    first = sorted((published / "editions").glob("leaderboard-*.duckdb"))[0].stem
    asked = ["board", "--sensitivity", "--edition", first, "--home", str(published)]
    shown = CliRunner().invoke(build(), asked, catch_exceptions=False, env={"COLUMNS": "140"})
    assert shown.exit_code == 0
    for words in ("agrees with people", "300 votes", "Places under 40 weightings", "noise"):
        assert words in shown.stdout
    told = json.loads(
        CliRunner().invoke(build(), [*asked, "--json"], catch_exceptions=False).stdout
    )
    one = next(each for each in told["boards"] if each["domain"] == "all")
    assert {each["metric"] for each in one["weights"]} == {*FIVE, "caption_accuracy", PEOPLE}
    assert len(one["sensitivity"]["models"]) == 6
    assert one["people"]["votes"] == 300
    plain = CliRunner().invoke(
        build(), ["board", "--edition", first, "--home", str(published)], catch_exceptions=False
    )
    assert "blind is fooled" in plain.stdout
    assert "votes: " in plain.stdout
