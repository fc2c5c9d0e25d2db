"""Which published names are one model: aliases from files, applied visibly, and likely renames.

Sources rename models, and a rename looks like one model leaving and another entering. Merging two
names is a judgement, so every alias says why, what was applied is counted, and the home's own
`aliases.toml` can add to what ships or undo it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from itertools import pairwise, product
from pathlib import Path
from typing import Literal

from pydantic import Field

from evals import tomlfile
from evals.home import data_root
from evals.names import fold
from leaderboard.history.findings import common_shift, half_width
from leaderboard.history.series import Series
from leaderboard.snapshots import Entry, Finding, Snapshot, ordered

FILE = "aliases.toml"
RENAMED = "renamed"
"""The check that names what was merged."""
Kind = Literal["rename", "preview-to-ga", "variant-of", "vendor"]
_MERGING: tuple[Kind, ...] = ("rename", "preview-to-ga")
_EXAMPLES = 5
LONGEST_GAP = timedelta(days=7)
"""Between two names of one model: feeds drop the old name days before they show the new one."""
LEAST_LIKENESS = 0.75
"""Of two names without stages and dates, by `difflib`: 1 is equal."""
SAME_RATING = 10.0
"""Points that a rating may differ by where no interval says more."""


@dataclass(frozen=True)
class Alias:
    """Names that stand for another one."""

    source: str | None
    """Only there; `None` = on every source."""
    arena: str | None
    """Only there; `None` = in every arena."""
    names: tuple[str, ...]
    """As published."""
    same_as: str
    """What they stand for. A name that stands for itself undoes an alias that ships."""
    kind: Kind
    """`rename` and `preview-to-ga` are one model, `vendor` is a spelling of an organisation, and
    `variant-of` is another model of one family, which is recorded and never merged."""
    reason: str


class _AliasTable(tomlfile.Strict):
    source: str | None = Field(default=None, min_length=1)
    arena: str | None = Field(default=None, min_length=1)
    names: list[str] = Field(min_length=1)
    same_as: str = Field(min_length=1)
    kind: Kind
    reason: str = Field(min_length=1)


class _AliasFile(tomlfile.Strict):
    alias: list[_AliasTable] = Field(default_factory=list[_AliasTable])


def load_aliases(home: Path) -> tuple[Alias, ...]:
    """What ships, and the home's `aliases.toml` above it: the same name in the home wins.

    Raises `RegistryError` naming file and key: a wrong key or kind, a name with two meanings in
    one file, or names that stand for each other in a circle.
    """
    shipped = _read(data_root() / FILE)
    own_path = home / FILE
    own = _read(own_path) if own_path.is_file() else ()
    taken = {(_group(alias), _scope(alias), name) for alias in own for name in alias.names}
    kept = [
        replace(alias, names=names)
        for alias in shipped
        if (
            names := tuple(
                name
                for name in alias.names
                if (_group(alias), _scope(alias), name) not in taken
                and (_group(alias), (None, None), name) not in taken
            )
        )
    ]
    aliases = (*kept, *own)
    circle = _circle(aliases)
    if circle is not None:
        raise tomlfile.key_error(
            own_path if own else data_root() / FILE, "same_as", f"names in a circle: {circle}"
        )
    return aliases


def apply_aliases(
    snapshots: Sequence[Snapshot], aliases: Sequence[Alias]
) -> tuple[tuple[Snapshot, ...], tuple[Finding, ...]]:
    """The boards under the names that aliases give, and what that changed.

    Renames and previews take the name of their successor, through several steps if need be; where
    both names stand on one board they are two models there, keep their names, and that is said.
    Organisations take their usual spelling.

    Returns:
        The boards in the order given, and the findings `renamed`, `alias-clash` and
        `vendors-respelt`.
    """
    renamed: dict[str, int] = {}
    clashes: dict[str, int] = {}
    respelt: dict[str, int] = {}
    named: dict[tuple[str, str], tuple[dict[str, Alias], dict[str, Alias]]] = {}
    boards: list[Snapshot] = []
    for board in snapshots:
        models, vendors = named.setdefault(
            (board.source, board.arena),
            (
                _known(aliases, (board.source, board.arena), _MERGING),
                _known(aliases, (board.source, board.arena), ("vendor",)),
            ),
        )
        present = {entry.model for entry in board.entries}
        entries: list[Entry] = []
        for entry in board.entries:
            model, reason = _follow(entry.model, models)
            if model != entry.model and model in present:
                _count(clashes, f"{entry.model} beside {model}")
            elif model != entry.model:
                _count(renamed, f"{entry.model} -> {model} ({reason})")
                present.add(model)
                entry = replace(entry, model=model)
            vendor, _ = _follow(entry.organization or "", vendors)
            if vendor != (entry.organization or ""):
                _count(respelt, f"{entry.organization} -> {vendor}")
                entry = replace(entry, organization=vendor)
            entries.append(entry)
        boards.append(replace(board, entries=ordered(entries)))
    findings = (
        _finding(RENAMED, "lines that stand under the name of their successor", renamed, None),
        _finding("alias-clash", "lines whose two names stand on one board: kept apart", clashes),
        _finding("vendors-respelt", "lines whose organisation is spelt the usual way", respelt),
    )
    return tuple(boards), tuple(found for found in findings if found is not None)


def families(aliases: Sequence[Alias], source: str, arena: str) -> Mapping[str, str]:
    """Name -> the model it is a variant of, on one board: for counting seats by family."""
    return {
        name: alias.same_as
        for alias in aliases
        if alias.kind == "variant-of" and _covers(alias, source, arena)
        for name in alias.names
    }


def _read(path: Path) -> tuple[Alias, ...]:
    table = tomlfile.validate(path, tomlfile.read(path), _AliasFile)
    seen: dict[tuple[str, tuple[str | None, str | None], str], str] = {}
    aliases: list[Alias] = []
    for place, entry in enumerate(table.alias):
        alias = Alias(
            entry.source, entry.arena, tuple(entry.names), entry.same_as, entry.kind, entry.reason
        )
        for name in alias.names:
            other = seen.setdefault((_group(alias), _scope(alias), name), alias.same_as)
            if not name.strip():
                raise tomlfile.key_error(path, f"alias[{place}].names", "a name is blank")
            if other != alias.same_as:
                raise tomlfile.key_error(
                    path,
                    f"alias[{place}].names",
                    f'"{name}" stands for "{other}" already; keep one of the two',
                )
        aliases.append(alias)
    return tuple(aliases)


def _group(alias: Alias) -> str:
    """Kinds of one group give a name one meaning between them."""
    return "model" if alias.kind in _MERGING else alias.kind


def _scope(alias: Alias) -> tuple[str | None, str | None]:
    return alias.source, alias.arena


def _covers(alias: Alias, source: str | None, arena: str | None) -> bool:
    """Does it hold there? `None` stands for sources and arenas that no alias names."""
    return alias.source in (None, source) and alias.arena in (None, arena)


def _known(
    aliases: Iterable[Alias], scope: tuple[str | None, str | None], kinds: tuple[Kind, ...]
) -> dict[str, Alias]:
    """Name -> its alias on a board; the narrower scope wins, then the later line."""
    found: dict[str, Alias] = {}
    for alias in aliases:
        if alias.kind not in kinds or not _covers(alias, *scope):
            continue
        for name in alias.names:
            other = found.get(name)
            if other is None or _width(alias) <= _width(other):
                found[name] = alias
    return found


def _width(alias: Alias) -> int:
    return (alias.source is None) + (alias.arena is None)


def _follow(name: str, aliases: Mapping[str, Alias]) -> tuple[str, str]:
    """Where a name ends up, and the reason of the first step; a circle ends where it closes."""
    reason, passed = "", {name}
    while name in aliases and aliases[name].same_as not in passed:
        reason = reason or aliases[name].reason
        name = aliases[name].same_as
        passed.add(name)
    return name, reason


def _circle(aliases: Sequence[Alias]) -> str | None:
    """Two or more names that lead back to the first, if there are any.

    Aliases of different scopes meet on the boards that both cover, so every such place is tried.
    """
    sources = dict.fromkeys([None, *(alias.source for alias in aliases)])
    arenas = dict.fromkeys([None, *(alias.arena for alias in aliases)])
    groups: tuple[tuple[Kind, ...], ...] = (_MERGING, ("vendor",), ("variant-of",))
    for scope, kinds in product(product(sources, arenas), groups):
        step = {
            name: alias.same_as
            for name, alias in _known(aliases, scope, kinds).items()
            if alias.same_as != name
        }
        for start in step:
            path = [start]
            while path[-1] in step:
                path.append(step[path[-1]])
                if path[-1] in path[:-1]:
                    return " -> ".join(path)
    return None


def _count(counts: dict[str, int], what: str) -> None:
    counts[what] = counts.get(what, 0) + 1


def _finding(
    check: str, detail: str, counts: Mapping[str, int], examples: int | None = _EXAMPLES
) -> Finding | None:
    """A finding with at most so many examples, all of them for `None`."""
    if not counts:
        return None
    return Finding(check, sum(counts.values()), detail, tuple(counts)[:examples])


@dataclass(frozen=True)
class Suggestion:
    """Two names that may be one model: for a person to judge, never applied by itself."""

    source: str
    arena: str
    old: str
    new: str
    at: datetime
    """The first board with the new name."""
    reason: str


def suggest_renames(series: Series) -> tuple[Suggestion, ...]:
    """Likely renames on one board: one leaves for good, and its like enters as good as it was.

    The new name must never have stood there before, and must enter on the next board, or at most
    `LONGEST_GAP` after the old one was last seen. Either the source gives both one id; or the names
    are alike and differ in no version number, and the rating is the same within both intervals (at
    least `SAME_RATING` points), once the scale's own shift between the two boards is taken off.

    Returns:
        Suggestions by date and name; none for names that aliases have joined before.
    """
    first: dict[str, Snapshot] = {}
    last: dict[str, Snapshot] = {}
    for board in series.snapshots:
        for entry in board.entries:
            first.setdefault(entry.model, board)
            last[entry.model] = board
    after = {id(sooner): later for sooner, later in pairwise(series.snapshots)}
    found: list[Suggestion] = []
    for old, gone in last.items():
        for new, came in first.items():
            gap = came.published_at - gone.published_at
            if gap <= timedelta(0) or (gap > LONGEST_GAP and came is not after[id(gone)]):
                continue
            reason = _likeness(gone, old, came, new)
            if reason is not None:
                found.append(
                    Suggestion(series.source, series.arena, old, new, came.published_at, reason)
                )
    return tuple(sorted(found, key=lambda one: (one.at, one.old, one.new)))


def _likeness(gone: Snapshot, old: str, came: Snapshot, new: str) -> str | None:
    """Why two names may be one model, or `None`."""
    before = next(entry for entry in gone.entries if entry.model == old)
    after = next(entry for entry in came.entries if entry.model == new)
    when = f"last seen {gone.published_at:%Y-%m-%d}, entered {came.published_at:%Y-%m-%d}"
    if before.model_id is not None and before.model_id == after.model_id:
        return f"{when}; the source gives both the id {before.model_id}"
    alike = SequenceMatcher(None, _core(old), _core(new), autojunk=False).ratio()
    if alike < LEAST_LIKENESS or _versions(old) != _versions(new):
        return None
    if before.score is None or after.score is None:
        return None
    moved = common_shift(gone, came)
    change = after.score - before.score - (moved[0] if moved else 0.0)
    room = sum(half for half in map(half_width, (before, after)) if half is not None)
    if abs(change) > max(SAME_RATING, room):
        return None
    return f"{when}; names {alike:.0%} alike, rating {change:+.0f} points"


def _core(name: str) -> str:
    """A name without the words of a stage and without dates, which come and go."""
    return re.sub(r"\b(preview|beta|exp|experimental|\d{6,8})\b", "", fold(name))


def _versions(name: str) -> list[str]:
    """The numbers in a name, but for dates: `2.5` and `2.6` are two models, builds are not."""
    return [number for number in re.findall(r"\d+(?:\.\d+)*", name) if len(number) < len("260101")]
