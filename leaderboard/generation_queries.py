"""Which generations count, and where their media is: questions to a published edition.

Asked through `leaderboard.queries`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leaderboard.answers import ALL_DOMAINS
from leaderboard.edition import Edition, rows_of
from leaderboard.run_answers import GalleryItem, MadeItem, VotableItem


def gallery(edition: Edition, suite_id: str, prompt_id: str, seed: int) -> tuple[GalleryItem, ...]:
    """What every model made of one prompt and seed: exactly the generations that were rated.

    Ordered as the suite's board for all domains; a generation without media says why.
    """
    rows = rows_of(
        edition,
        "SELECT g.trial_key, g.run_id, g.media_path, g.model_id AS model, m.name, m.anchor,"
        " g.failure_kind, g.failure_message, g.latency_s, g.cost_usd, g.width, g.height,"
        " g.mime, g.frames, g.fps, p.start_path"
        " FROM current_generations g JOIN models m USING (model_id, model_revision)"
        " JOIN prompts p USING (suite_id, suite_version, prompt_id)"
        " LEFT JOIN boards b ON b.suite_id = g.suite_id AND b.domain = ?"
        " LEFT JOIN board_rows r ON r.board_id = b.board_id AND r.model = g.model_id"
        " WHERE g.suite_id = ? AND g.prompt_id = ? AND g.seed = ?"
        " ORDER BY r.ordinal NULLS LAST, model",
        [ALL_DOMAINS, suite_id, prompt_id, seed],
    )
    scores: dict[str, dict[str, float]] = {}
    for row in rows_of(
        edition,
        "SELECT trial_key, metric, value FROM current_scores"
        " JOIN current_generations g USING (trial_key)"
        " WHERE g.suite_id = ? AND g.prompt_id = ? AND g.seed = ? AND value IS NOT NULL"
        " ORDER BY metric",
        [suite_id, prompt_id, seed],
    ):
        scores.setdefault(row["trial_key"], {})[row["metric"]] = row["value"]
    return tuple(_gallery_item(edition.home, row, scores) for row in rows)


def votable(edition: Edition, suite_id: str) -> tuple[VotableItem, ...]:
    """What people may be asked to compare: generations of models that can be picked, with media.

    By prompt in the suite's own order, then model and seed.
    """
    rows = rows_of(
        edition,
        "SELECT g.run_id, g.media_path, p.prompt_id, p.text, g.model_id AS model, m.name,"
        " g.model_revision AS revision, g.seed, g.mime, g.width, g.height, g.frames, g.fps,"
        " p.start_path FROM current_generations g"
        " JOIN models m USING (model_id, model_revision)"
        " JOIN prompts p USING (suite_id, suite_version, prompt_id)"
        " WHERE g.suite_id = ? AND m.anchor IS NULL AND g.media_path IS NOT NULL"
        " ORDER BY p.ordinal, model, g.seed",
        [suite_id],
    )
    found: list[VotableItem] = []
    for row in rows:
        path, start = _media(edition.home, row), _media(edition.home, row, "start_path")
        # What somebody is to judge by must be there too.
        if path is None or (start is None and row["start_path"] is not None):
            continue
        left = ("run_id", "media_path", "start_path")
        kept = {key: row[key] for key in row if key not in left}
        found.append(VotableItem(**kept, path=path, start=start))
    return tuple(found)


def made(edition: Edition, run_id: str, most: int) -> tuple[MadeItem, ...]:
    """Some of what a run made and what is still on this disk: of every model in turn, by prompt."""
    rows = rows_of(
        edition,
        "SELECT g.run_id, g.media_path, m.name, p.text, g.seed, g.fps FROM generations g"
        " JOIN models m USING (model_id, model_revision)"
        " JOIN prompts p USING (suite_id, suite_version, prompt_id)"
        " WHERE g.run_id = ? AND g.media_path IS NOT NULL"
        " ORDER BY p.ordinal, g.seed, g.model_id LIMIT ?",
        [run_id, most],
    )
    paths = [_media(edition.home, row) for row in rows]
    return tuple(
        MadeItem(row["name"], row["text"], row["seed"], path, row["fps"])
        for row, path in zip(rows, paths, strict=True)
        if path is not None
    )


def revisions(edition: Edition, suite_id: str) -> Mapping[str, str]:
    """Model -> the revision that was evaluated last on the current version of a suite."""
    rows = rows_of(
        edition,
        "SELECT model_id, model_revision FROM current_models WHERE suite_id = ? ORDER BY 1",
        [suite_id],
    )
    return {row["model_id"]: row["model_revision"] for row in rows}


def _gallery_item(
    home: Path, row: dict[str, Any], scores: Mapping[str, Mapping[str, float]]
) -> GalleryItem:
    path, reason = None, None
    if row["media_path"] is None:
        reason = f"{row['failure_kind']}: {row['failure_message']}"
    else:
        path = _media(home, row)
        if path is None:
            reason = "the media is no longer in the run's folder"
    kept = ("model", "name", "anchor", "latency_s", "cost_usd", "width", "height")
    kept += ("mime", "frames", "fps")
    return GalleryItem(
        path=path,
        reason=reason,
        scores=scores.get(row["trial_key"], {}),
        start=_media(home, row, "start_path"),
        **{key: row[key] for key in kept},
    )


def _media(home: Path, row: Mapping[str, Any], column: str = "media_path") -> Path | None:
    """A file of a run, if there was one and it is still in the folder of the run."""
    if row[column] is None:
        return None
    path = home / "runs" / row["run_id"] / row[column]
    return path if path.is_file() else None
