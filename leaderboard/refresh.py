"""From run records and imported files to a published edition and its recommendations.

::

    run records -> store -> comparisons -> ratings -> boards -> picks
    kept embeddings -> variants beside their bases -> who is folded, and on no board
    log of picks -> who holds the roles -> picks -> log of picks
    routers' logs -> failures and latencies in production -> picks
    picks, evidence, costs of traditional work -> advantage by domain
    registry    -> what weighs how much in them, as the files say today
    kept files  -> store -> snapshots -> boards, churn
    snapshots, crosswalk, price book -> picks
    own boards  -> kept files, where they say something new
    counts of compute -> its report
    all of them -> store -> edition -> recommendations

The only file that knows this order (`imports` puts files where this one finds them).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path

import duckdb

from evals import record, registry
from evals.compute.survey import kept_report
from evals.prices.report import price_report
from evals.types import Model
from leaderboard.advantage.costs import load_costs
from leaderboard.advantage.index import reports as advantages_of
from leaderboard.answers import EVALS, Board
from leaderboard.boards.outside import outside_board
from leaderboard.boards.rated import (
    Rated,
    domains_of,
    family_voters,
    people_of,
    rated_board,
    with_sensitivity,
)
from leaderboard.boards.registered import as_registered, served_today, spec_today
from leaderboard.changes.after import since_changes
from leaderboard.changes.silent import Watch, watch
from leaderboard.churn.report import churn_reports
from leaderboard.crosswalk.file import load_crosswalk
from leaderboard.distinctness.fold import one_family, without_folded
from leaderboard.distinctness.gather import evaluated
from leaderboard.distinctness.report import families as families_of
from leaderboard.evidence import SuiteEvidence
from leaderboard.export import export
from leaderboard.history.imports import ingest_kept
from leaderboard.history.own import arena_of, with_own_boards
from leaderboard.history.series import series
from leaderboard.identity import load_aliases
from leaderboard.outside_picks import outside_cases
from leaderboard.pick_answers import LogEntry
from leaderboard.pick_log import append_log, news, read_log
from leaderboard.picks.conclude import Case, conclude, incumbents
from leaderboard.picks.field import Facts, own_field
from leaderboard.picks.policy import load_policy
from leaderboard.queries import open_edition
from leaderboard.ratings.rate import DRAWS
from leaderboard.snapshots import Snapshot
from leaderboard.sources import selections
from leaderboard.store import derived, editions, history, ingest
from leaderboard.store.counts import read_counts
from leaderboard.store.database import writing
from leaderboard.store.epochs import read_answers
from leaderboard.store.evidence import read_evidence
from leaderboard.store.usage import read_days
from leaderboard.store.votes import ingest_votes
from leaderboard.trust import People
from leaderboard.usage import kept, kept_counts
from leaderboard.usage.report import as_used, longest_window, places_of, reports, usage_of
from leaderboard.usage.shift import adoption_reports

SEED = 0
"""Of the resampling: the same evidence gives the same numbers."""


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did."""

    edition: Path
    recommendations: Path
    runs: tuple[str, ...]
    """Runs that had something new."""
    boards: int
    picks: int
    notes: tuple[str, ...]
    """What was repaired, and which boards could not be made."""
    changes: tuple[LogEntry, ...] = ()
    """What this refresh added to the log of picks."""


def refresh(
    home: Path,
    at: datetime,
    draws: int = DRAWS,
    tell: Callable[[str], None] = lambda step: None,
) -> Refreshed:
    """Bring the home's database up to date, publish an edition and export its recommendations.

    Raises a `ChurnboardError` before anything is published when an input is wrong; the last
    edition and the last recommendations then stay as they are.
    """
    policy, known = load_policy(home), registry.load(home)
    costs = load_costs(home)
    log, aliases, crosswalk = read_log(home), load_aliases(home), load_crosswalk(home)
    today = partial(spec_today, served=served_today(known.judges))
    tell("reading run records")
    records = record.read_all(home)
    with writing(home, at) as database:
        notes = [*database.notes, *(note for r in records for note in r.notes)]
        ingest_kept(database, home, at)
        kept.ingest_kept(database, home)
        kept_counts.ingest_counts(database, home)
        changed = ingest.ingest_records(database.connection, records)
        ingest_votes(database.connection, home)
        tell("rating models")
        recorded = read_evidence(database.connection, today)
        registered = [as_registered(suite, known.suites) for suite in recorded]
        tell("comparing variants with their bases")
        compared = evaluated(home, records, registered, known.judges, known.models)
        families = families_of(known.models, compared)
        watches = {suite.suite_id: _watch(database.connection, suite) for suite in registered}
        evidence = tuple(
            without_folded(_as_it_is(suite, watches[suite.suite_id]), families)
            for suite in registered
        )
        voices = {suite.suite_id: people_of(suite, SEED) for suite in evidence}
        rated, boards, problems = _rated(evidence, watches, voices, draws, tell)
        snapshots, unkept = with_own_boards(
            database, home, boards, evidence, history.read_snapshots(database.connection), at
        )
        tell("picking")
        facts = {model.id: facts_of(model) for model in known.models.values()}
        cases = [
            Case(own_field(one.board, one.ratings, facts), history_of(one.board, snapshots))
            for one in rated
        ]
        public, unpicked = outside_cases(
            snapshots, aliases, crosswalk, known.prices, at.date(), selections(), SEED
        )
        days = read_days(database.connection, at, longest_window(policy, at))
        usage = usage_of(days, [*cases, *public], crosswalk, aliases, known.models)
        decided = as_used([*cases, *public], usage, log, policy, at)
        picks = conclude(decided, policy, at, incumbents(log), SEED)
        changes = news(picks.decisions, log)
        append_log(home, changes)
        tell("measuring half-lives")
        chosen = selections()
        through_time = [board for board in snapshots if board.source not in chosen]
        churn = churn_reports(through_time, aliases=aliases)
        used = reports(decided, usage, picks.picks, (*log, *changes), policy, at)
        counts = read_counts(database.connection, at.date())
        outside = _outside([board for board in snapshots if board.source != EVALS])
        tell("publishing")
        derived.replace_derived(
            database.connection,
            [*boards, *outside],
            deciding_suites(evidence).values(),
            picks,
            churn,
            people=[voice for voice in voices.values() if voice is not None],
            log=(*log, *changes),
            usage=used,
            advantages=advantages_of(rated, evidence, public, picks.picks, policy, costs),
            adoption=adoption_reports(counts, used, places_of(decided, usage)),
            compute=kept_report(home, at.date()),
            families=families,
            prices=price_report(known.prices.values(), at.date()),
        )
        path = editions.publish(home, database, at)
    editions.prune(home)
    with open_edition(home) as edition:
        recommendations = export(edition, at)
    return Refreshed(
        path,
        recommendations,
        changed,
        len(boards) + len(outside),
        len(picks.picks),
        (*notes, *problems, *unpicked, *unkept),
        changes,
    )


def deciding_suites(evidence: Sequence[SuiteEvidence]) -> dict[str, str]:
    """Task -> the suite that its picks are made from.

    Suites with real candidates come before those with simulated ones only, and those of several
    families before a base alone with its variants; then the one with the newest result decides.
    """

    def rank(suite: SuiteEvidence) -> tuple[bool, bool, datetime, str]:
        candidates = [model for model in suite.models if model.anchor is None]
        real = any(not model.simulated for model in candidates)
        newest = max(sample.at for sample in suite.samples)
        return real, not one_family(candidates), newest, suite.suite_id

    ordered = sorted((suite for suite in evidence if suite.samples), key=rank)
    return {suite.task: suite.suite_id for suite in ordered}


def _watch(connection: duckdb.DuckDBPyConnection, suite: SuiteEvidence) -> Watch:
    """Whether the models of a suite are still what they were."""
    anchors = {model.id for model in suite.models if model.anchor is not None}
    answers = read_answers(connection, suite.suite_id, suite.specs)
    return watch(answers, family_voters(suite), anchors, SEED)


def _as_it_is(suite: SuiteEvidence, found: Watch) -> SuiteEvidence:
    """The evidence on what answers today, and what could not be told of it."""
    kept = since_changes(suite, found.changes)
    return replace(kept, left_out=(*kept.left_out, *found.untold))


def history_of(board: Board, snapshots: Sequence[Snapshot]) -> tuple[Snapshot, ...]:
    """The distinct boards of an own board's arena, in order of time."""
    arena = arena_of(board)
    own = [one for one in snapshots if one.source == EVALS and one.arena == arena]
    return series(own).distinct if own else ()


def facts_of(model: Model) -> Facts:
    """What a model's file says that a policy may ask for."""
    return Facts(provider=model.backend, licence=model.licence, released=model.released)


def _rated(
    evidence: Sequence[SuiteEvidence],
    watches: Mapping[str, Watch],
    voices: Mapping[str, People | None],
    draws: int,
    tell: Callable[[str], None],
) -> tuple[list[Rated], list[Board], list[str]]:
    """What picks are decided from, every own board, and why a board is missing."""
    deciding = set(deciding_suites(evidence).values())
    decides: list[Rated] = []
    boards: list[Board] = []
    problems: list[str] = []
    for suite in evidence:
        voice = voices[suite.suite_id]
        for domain in domains_of(suite):
            tell(f"rating {suite.suite_id}, {domain}")
            rated = rated_board(suite, domain, draws, SEED, voice.fit if voice else None)
            if isinstance(rated, str):
                problems.append(rated)
                continue
            board = with_sensitivity(rated, draws, SEED)
            boards.append(replace(board, silent_changes=watches[suite.suite_id].changes))
            if suite.suite_id in deciding:
                decides.append(rated)
    return decides, boards, problems


def _outside(snapshots: Sequence[Snapshot]) -> list[Board]:
    """The newest board of every arena."""
    by_arena = groupby(snapshots, key=lambda snapshot: (snapshot.source, snapshot.arena))
    return [outside_board(list(group)[-1]) for _, group in by_arena]
