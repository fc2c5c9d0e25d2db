"""Read-only: one function per question, answered from one published edition.

A reader opens an edition (`open_edition`), which is an immutable file, so it never blocks the
writer and never sees half a refresh. `Edition.path` is the real path: equal paths mean equal
answers, which makes it the key of every cache. Connections cannot reach other files, load
extensions or change their own settings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from evals.errors import NotFoundError, StoreError
from leaderboard.answers import (
    ALL_DOMAINS,
    EVALS,
    Board,
    BoardKey,
    BoardRow,
    FailureRow,
    GalleryItem,
    HalfLife,
    LeftOut,
    ModelScore,
    NoPick,
    Pick,
    Picks,
    PromptRow,
    Refusal,
    RunRow,
    SnapshotRow,
    SuiteRow,
)

READ_ONLY = {
    "enable_external_access": "false",
    "lock_configuration": "true",
    "python_enable_replacements": "false",
    "TimeZone": "UTC",
}


@dataclass(frozen=True)
class Edition:
    """An open published database. Use one `cursor()` per query; close it by leaving `with`."""

    name: str
    path: Path
    home: Path
    connection: duckdb.DuckDBPyConnection

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A fresh cursor: cursors of one edition may be used from several threads."""
        return self.connection.cursor()

    def close(self) -> None:
        """Give the file back. Further queries raise."""
        self.connection.close()


def edition_path(home: Path, edition: str | None = None) -> Path:
    """The real path of an edition by name (`leaderboard-<stamp>`), of the current one by default.

    Raises `NotFoundError` when there is no such edition, saying how to make one.
    """
    folder = home / "editions"
    if edition is None:
        current = folder / "current"
        if not current.exists():
            raise NotFoundError(f"{folder}: no edition yet; run `churnboard refresh` to make one")
        return current.resolve()
    names = [path.stem for path in sorted(folder.glob("leaderboard-*.duckdb"))]
    if edition not in names:
        newest = f"; the newest is {names[-1]}" if names else ""
        raise NotFoundError(f"{folder}: no edition {edition!r}{newest}")
    return folder / f"{edition}.duckdb"


def connect_read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a published file for reading and nothing else. Raises `StoreError`."""
    try:
        return duckdb.connect(str(path), read_only=True, config=dict(READ_ONLY))
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise StoreError(
            f"{path}: cannot be read ({reason}); run `churnboard refresh` to publish a new edition"
        ) from error


@contextmanager
def open_edition(home: Path, edition: str | None = None) -> Iterator[Edition]:
    """Open the current edition of `home`, or the named one, for the length of a `with` block."""
    path = edition_path(home, edition)
    opened = Edition(path.stem, path, home, connect_read_only(path))
    try:
        yield opened
    finally:
        opened.close()


def suites(edition: Edition) -> tuple[SuiteRow, ...]:
    """The current version of every suite that has results, by id."""
    rows = _rows(
        edition,
        "SELECT suite_id AS id, suite_version AS version, title, task, reference_model"
        " FROM current_suites JOIN suites USING (suite_id, suite_version) ORDER BY 1",
    )
    return tuple(SuiteRow(**row) for row in rows)


def boards(edition: Edition) -> tuple[BoardKey, ...]:
    """Which boards there are: own boards first, the newest suite first, `all` before domains."""
    rows = _rows(
        edition,
        "SELECT source, task, domain, suite_id AS suite, at, simulated FROM boards"
        " ORDER BY source <> ?, source, task, decides DESC, suite_id, domain <> ?, domain",
        [EVALS, ALL_DOMAINS],
    )
    return tuple(BoardKey(**row) for row in rows)


def board(
    edition: Edition,
    task: str,
    domain: str = ALL_DOMAINS,
    source: str = EVALS,
    suite: str | None = None,
) -> Board:
    """One board with its rows by falling rating.

    Where several suites cover the task, `suite` chooses; by default it is the one that decides
    the picks. Raises `NotFoundError` naming the boards there are.
    """
    found = _rows(
        edition,
        "SELECT * FROM boards WHERE source = ? AND task = ? AND domain = ?"
        " AND (?::VARCHAR IS NULL OR suite_id = ?) ORDER BY decides DESC, suite_id LIMIT 1",
        [source, task, domain, suite, suite],
    )
    if not found:
        there = ", ".join(f"{k.source}/{k.task}/{k.domain}" for k in boards(edition)) or "none"
        raise NotFoundError(f"{edition.name}: no board {source}/{task}/{domain}; there are: {there}")
    head = found[0]
    key = head.pop("board_id")
    head.pop("decides")
    scores: dict[str, dict[str, float]] = {}
    for row in _rows(
        edition,
        "SELECT model, metric, value FROM board_scores WHERE board_id = ? ORDER BY metric",
        [key],
    ):
        scores.setdefault(row["model"], {})[row["metric"]] = row["value"]
    rows = tuple(
        BoardRow(**row, scores=scores.get(row["model"], {}))
        for row in _rows(
            edition,
            "SELECT * EXCLUDE (board_id, ordinal) FROM board_rows WHERE board_id = ?"
            " ORDER BY ordinal",
            [key],
        )
    )
    left_out = _rows(
        edition,
        "SELECT what, reason FROM board_left_out WHERE board_id = ? ORDER BY ordinal",
        [key],
    )
    head["metrics"] = tuple(head["metrics"])
    return Board(**head, rows=rows, left_out=tuple(LeftOut(**row) for row in left_out))


def picks(edition: Edition) -> Picks:
    """Every pick, every role that nothing qualified for and every refusal."""
    order = f"ORDER BY task, domain <> '{ALL_DOMAINS}', domain"
    return Picks(
        tuple(Pick(**row) for row in _rows(edition, f"SELECT * FROM picks {order}, role")),
        tuple(NoPick(**row) for row in _rows(edition, f"SELECT * FROM picks_none {order}, role")),
        tuple(
            Refusal(**row) for row in _rows(edition, f"SELECT * FROM picks_refused {order}, model")
        ),
    )


def runs(edition: Edition) -> tuple[RunRow, ...]:
    """Every ingested run, the newest first."""
    rows = _rows(
        edition,
        "SELECT run_id AS id, started_at, finished_at, status, suite_id AS suite, suite_version,"
        " task, epoch, planned, ok, failed, skipped, seconds, cost_usd, models, machine,"
        " versions, notes FROM runs ORDER BY started_at DESC, run_id",
    )
    for row in rows:
        row["models"], row["notes"] = tuple(row["models"]), tuple(row["notes"])
        row["machine"], row["versions"] = json.loads(row["machine"]), json.loads(row["versions"])
    return tuple(RunRow(**row) for row in rows)


def failures(edition: Edition, run_id: str) -> tuple[FailureRow, ...]:
    """The generations of a run that have no media, in order of time."""
    rows = _rows(
        edition,
        "SELECT model_id AS model, prompt_id, seed, status, kind, message, blame, at"
        " FROM failures WHERE run_id = ? ORDER BY at, model, prompt_id, seed",
        [run_id],
    )
    return tuple(FailureRow(**row) for row in rows)


def prompts(edition: Edition, suite_id: str) -> tuple[PromptRow, ...]:
    """The prompts of the current version of a suite, in its own order."""
    rows = _rows(
        edition,
        "SELECT p.prompt_id AS id, p.text, p.domains, p.facts,"
        " (SELECT list(DISTINCT g.seed ORDER BY g.seed) FROM current_generations g"
        "  WHERE g.suite_id = p.suite_id AND g.prompt_id = p.prompt_id) AS seeds"
        " FROM prompts p JOIN current_suites USING (suite_id, suite_version)"
        " WHERE p.suite_id = ? ORDER BY p.ordinal",
        [suite_id],
    )
    for row in rows:
        row["domains"], row["seeds"] = tuple(row["domains"]), tuple(row["seeds"] or ())
        row["facts"] = json.loads(row["facts"])
    return tuple(PromptRow(**row) for row in rows)


def gallery(
    edition: Edition, suite_id: str, prompt_id: str, seed: int
) -> tuple[GalleryItem, ...]:
    """What every model made of one prompt and seed: exactly the generations that were rated.

    Ordered as the suite's board for all domains; a generation without media says why.
    """
    rows = _rows(
        edition,
        "SELECT g.trial_key, g.run_id, g.media_path, g.model_id AS model, m.name, m.anchor,"
        " g.failure_kind, g.failure_message, g.latency_s, g.cost_usd, g.width, g.height"
        " FROM current_generations g JOIN models m USING (model_id, model_revision)"
        " LEFT JOIN boards b ON b.suite_id = g.suite_id AND b.domain = ?"
        " LEFT JOIN board_rows r ON r.board_id = b.board_id AND r.model = g.model_id"
        " WHERE g.suite_id = ? AND g.prompt_id = ? AND g.seed = ?"
        " ORDER BY r.ordinal NULLS LAST, model",
        [ALL_DOMAINS, suite_id, prompt_id, seed],
    )
    scores: dict[str, dict[str, float]] = {}
    for row in _rows(
        edition,
        "SELECT trial_key, metric, value FROM scores JOIN current_generations g USING (trial_key)"
        " WHERE g.suite_id = ? AND g.prompt_id = ? AND g.seed = ? AND value IS NOT NULL"
        " ORDER BY metric",
        [suite_id, prompt_id, seed],
    ):
        scores.setdefault(row["trial_key"], {})[row["metric"]] = row["value"]
    return tuple(_gallery_item(edition.home, row, scores) for row in rows)


def _gallery_item(
    home: Path, row: dict[str, Any], scores: Mapping[str, Mapping[str, float]]
) -> GalleryItem:
    path, reason = None, None
    if row["media_path"] is None:
        reason = f"{row['failure_kind']}: {row['failure_message']}"
    else:
        path = home / "runs" / row["run_id"] / row["media_path"]
        if not path.is_file():
            path, reason = None, "the media is no longer in the run's folder"
    kept = ("model", "name", "anchor", "latency_s", "cost_usd", "width", "height")
    return GalleryItem(
        path=path,
        reason=reason,
        scores=scores.get(row["trial_key"], {}),
        **{key: row[key] for key in kept},
    )


def history(edition: Edition, source: str, arena: str | None = None) -> tuple[SnapshotRow, ...]:
    """An outside board as published, by arena, date and rank; all arenas when none is named."""
    rows = _rows(
        edition,
        "SELECT source, arena, published_at, rank, model, organization, score FROM snapshots"
        " WHERE source = ? AND (?::VARCHAR IS NULL OR arena = ?)"
        " ORDER BY arena, published_at, rank",
        [source, arena, arena],
    )
    return tuple(SnapshotRow(**row) for row in rows)


def half_lives(edition: Edition) -> tuple[HalfLife, ...]:
    """Every half-life that the last refresh computed."""
    rows = _rows(edition, "SELECT * FROM half_lives ORDER BY source, arena, k, method")
    return tuple(HalfLife(**row) for row in rows)


def scores(edition: Edition, suite_id: str, metric: str) -> tuple[ModelScore, ...]:
    """Rating beside the mean of one metric, on the suite's board for all domains.

    Ordered by falling rating; a model without a score of that metric is not in it.
    """
    rows = _rows(
        edition,
        "SELECT r.model, r.name, r.anchor, m.training_run, r.rating, s.value"
        " FROM boards b JOIN board_rows r USING (board_id)"
        " JOIN board_scores s USING (board_id, model)"
        " LEFT JOIN current_models c ON c.suite_id = b.suite_id AND c.model_id = r.model"
        " LEFT JOIN models m USING (model_id, model_revision)"
        " WHERE b.suite_id = ? AND b.domain = ? AND s.metric = ? ORDER BY r.ordinal",
        [suite_id, ALL_DOMAINS, metric],
    )
    return tuple(ModelScore(**row) for row in rows)


def _rows(edition: Edition, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Rows as dictionaries; times as aware UTC datetimes. Values are bound, never pasted."""
    try:
        result = edition.cursor().execute(sql, list(values))
        names = [column[0] for column in result.description or ()]
        fetched = result.fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise StoreError(
            f"{edition.path}: this edition cannot be queried ({reason});"
            " run `churnboard refresh` to publish a new one"
        ) from error
    return [dict(zip(names, map(_utc, row), strict=True)) for row in fetched]


def _utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
