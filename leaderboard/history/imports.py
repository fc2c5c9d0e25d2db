"""From files of outside boards to stored snapshots.

::

    address -> fetch -> file -> source -> sift against what stands -> kept copy -> store

Nothing of an import is stored when one of its files is wrong. What is stored can always be made
again from the kept copies.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from evals.errors import InputError
from evals.home import shown
from leaderboard.errors import SnapshotError
from leaderboard.history.fetch import fetch, is_address, shown_address
from leaderboard.history.made import RESERVED
from leaderboard.history.series import by_arena, sift
from leaderboard.identity import Alias, apply_aliases, load_aliases, suggest_renames
from leaderboard.snapshots import BoardKey, Feed, Finding, Snapshot
from leaderboard.sources import Source, selections, source
from leaderboard.store import history
from leaderboard.store.database import Database, writing

Tell = Callable[[str, int, int | None], None]
"""What is being done, how much of it is done, and how much there is where that is known."""


@dataclass(frozen=True)
class Noted:
    """A finding and the arena it is about; `None` = the file as a whole."""

    arena: str | None
    finding: Finding


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    files: tuple[Path, ...]
    """The copies kept in the home."""
    boards: int
    """Usable boards in the files."""
    rows: int
    """New rows; 0 when the files were imported before."""
    findings: tuple[Noted, ...]
    snapshots: tuple[Snapshot, ...]
    """The usable boards themselves."""


@dataclass(frozen=True)
class _Read:
    """A file that was read and found good."""

    path: Path
    name: str
    """As errors call it."""
    feed: Feed
    noted: tuple[Noted, ...]


def import_boards(
    home: Path,
    kind: str,
    given: str,
    at: datetime,
    tell: Tell = lambda what, done, of: None,
    published_at: datetime | None = None,
) -> Imported:
    """Keep outside boards and store their snapshots. A second time changes nothing.

    Args:
        home: where they are kept; the next refresh shows them.
        kind: of the files, as `leaderboard.sources` names it.
        given: a file, a folder of files, or an address that fsspec knows.
        at: now; no board may be dated later.
        tell: hears of progress.
        published_at: when tables were published that do not say it themselves; by default `at`,
            or the time of their first import.

    Raises:
        SnapshotError: a file is wrong, contradicts a stored board, or has no usable board.
        InputError: an address cannot be fetched, or files that say their own time are given one.
        NotFoundError: no such kind.
        RegistryError: the home's aliases.toml is wrong.
    """
    reader = source(kind)
    aliases = load_aliases(home)
    with tempfile.TemporaryDirectory() as scratch:
        if is_address(given):
            paths = fetch(given, Path(scratch), tell)
            names = [f"{shown_address(given)} ({path.parent.name}/{path.name})" for path in paths]
        else:
            paths = _files(Path(given))
            names = [shown(path) for path in paths]
        paths = _dated(reader, home, paths, names, published_at, at, Path(scratch))
        feeds: list[Feed] = []
        for number, (path, name) in enumerate(zip(paths, names, strict=True)):
            tell(f"reading {path.name}", number, len(paths))
            feeds.append(_named(reader, path, name, at))
            _refuse_own_names(name, feeds[-1])
        with writing(home, at) as database:
            standing = history.board_sizes(database.connection)
            good = _sifted(paths, names, feeds, standing, aliases)
            for one in good:
                history.check_feed(database.connection, one.name, one.feed)
            kept: list[Path] = []
            rows = 0
            for number, one in enumerate(good):
                tell(f"storing {one.path.name}", number, len(good))
                place = history.kept_path(home, kind, one.path, reader.label(one.path))
                # The copy comes first: what the database holds can then always be made again.
                history.keep_file(one.path, place)
                kept.append(place)
                rows += _store(database, place, one, at)
    return Imported(
        tuple(kept),
        sum(len(one.feed) for one in good),
        rows,
        tuple(noted for one in good for noted in one.noted),
        tuple(board for one in good for board in one.feed),
    )


def ingest_kept(database: Database, home: Path, at: datetime) -> None:
    """Store the kept files that the database lacks, as after it had to be made again."""
    missing = [
        (kind, path)
        for kind, path in history.kept_files(home)
        if not history.is_imported(database.connection, history.import_id(path))
    ]
    if not missing:
        return
    paths = [path for _, path in missing]
    names = [shown(path) for path in paths]
    feeds = [_named(source(kind), path, shown(path), at) for kind, path in missing]
    standing = history.board_sizes(database.connection)
    for one in _sifted(paths, names, feeds, standing, load_aliases(home)):
        _store(database, one.path, one, at)


def _files(given: Path) -> tuple[Path, ...]:
    """The file, or the tables of a folder: `full-*` only, where there are such."""
    if not given.is_dir():
        return (given,)
    tables = sorted(path for end in ("parquet", "csv") for path in given.rglob(f"*.{end}"))
    if not tables:
        raise SnapshotError(f"{shown(given)}: no .parquet or .csv file in that folder")
    return tuple(path for path in tables if path.name.startswith("full-")) or tuple(tables)


def _dated(
    reader: Source,
    home: Path,
    paths: Sequence[Path],
    names: Sequence[str],
    published_at: datetime | None,
    now: datetime,
    scratch: Path,
) -> tuple[Path, ...]:
    """The files, undated ones as copies whose name says a time, as that of a kept copy does."""
    dated: list[Path] = []
    for number, (path, name) in enumerate(zip(paths, names, strict=True)):
        with _naming(path, name):
            undated = reader.dating is not None and reader.dating.undated(path)
        if reader.dating is None or not undated:
            if published_at is not None:
                raise InputError(f"{name}: says itself when it was published; leave --date out")
            dated.append(path)
            continue
        label = reader.dating.stamp(published_at or now)
        if published_at is None:
            # A second import of one table is not a second table.
            earlier = history.kept_path(home, reader.kind, path, "*")
            kept = sorted(earlier.parent.glob(earlier.name))
            label = (reader.label(kept[0]) if kept else None) or label
        copy = scratch / f"undated-{number}" / f"{path.stem}.{label}{path.suffix}"
        copy.parent.mkdir()
        copy.write_bytes(path.read_bytes())
        dated.append(copy)
    return tuple(dated)


def _named(reader: Source, path: Path, name: str, at: datetime) -> Feed:
    with _naming(path, name):
        return reader.read(path, at)


@contextmanager
def _naming(path: Path, name: str) -> Generator[None]:
    """Let errors name a file as the person did, not where a copy of it lay."""
    try:
        yield
    except SnapshotError as error:
        raise SnapshotError(str(error).replace(shown(path), name, 1)) from error


def _refuse_own_names(name: str, feed: Feed) -> None:
    """Boards that churnboard makes itself come from nowhere else."""
    for board in feed:
        if board.source in RESERVED:
            rows = [row for (key, _), row in feed.rows.items() if key == board.key]
            where = f"row {min(rows)}, column source" if rows else "column source"
            raise SnapshotError(
                f"{name}: {where}: {board.source!r} is the name of boards that churnboard makes"
                " itself; give the source another one; nothing stored"
            )


def _sifted(
    paths: Sequence[Path],
    names: Sequence[str],
    feeds: Sequence[Feed],
    standing: Mapping[BoardKey, int],
    aliases: Sequence[Alias],
) -> list[_Read]:
    """Every file without its unusable boards, judged against the boards of all the others.

    So it does not matter in which order files come.
    """
    sizes = dict(standing)
    seen: dict[BoardKey, tuple[str, Snapshot]] = {}
    for name, feed in zip(names, feeds, strict=True):
        for board in feed:
            other, first = seen.setdefault(board.key, (name, board))
            if first.entries != board.entries:
                raise SnapshotError(
                    f"{name}: {board.arena} of {board.published_at:%Y-%m-%d} differs from the same"
                    f" board in {other}; nothing stored"
                )
            sizes[board.key] = max(len(board.entries), sizes.get(board.key, 0))
    chosen = selections()
    good: list[_Read] = []
    for path, name, feed in zip(paths, names, feeds, strict=True):
        own = {board.key for board in feed}
        others = {key: size for key, size in sizes.items() if key in standing or key not in own}
        # The next table of somebody's choice may well be a short one.
        picked = all(board.source in chosen for board in feed)
        sifted = sift(feed, {} if picked else others)
        if not sifted.kept:
            raise SnapshotError(
                f"{name}: no usable board: {'; '.join(f.detail for f in sifted.findings)};"
                " nothing stored"
            )
        noted = [Noted(None, found) for found in (*feed.findings, *sifted.findings)]
        noted += [Noted(s.arena, found) for s in by_arena(sifted.kept) for found in s.findings]
        noted += _renames(sifted.kept, aliases)
        good.append(_Read(path, name, replace(feed, snapshots=sifted.kept), tuple(noted)))
    return good


def _renames(boards: Sequence[Snapshot], aliases: Sequence[Alias]) -> list[Noted]:
    """Likely renames that no alias covers, by arena."""
    known, _ = apply_aliases(boards, aliases)
    noted: list[Noted] = []
    for one in by_arena(known):
        likely = suggest_renames(one)
        if likely:
            examples = tuple(f"{s.old} -> {s.new}: {s.reason}" for s in likely[:5])
            detail = "likely renames that no alias covers: judge them, and add them to aliases.toml"
            noted.append(Noted(one.arena, Finding("likely-renames", len(likely), detail, examples)))
    return noted


def _store(database: Database, kept: Path, one: _Read, at: datetime) -> int:
    return history.ingest_feed(
        database.connection,
        history.import_id(kept),
        one.path.name,
        one.feed,
        [(noted.arena, noted.finding) for noted in one.noted],
        at,
    )
