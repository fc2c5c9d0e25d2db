"""Names that are one model: what files may say, what is applied, and what is suggested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evals.errors import RegistryError
from leaderboard.history.series import by_arena, series
from leaderboard.identity import (
    Alias,
    apply_aliases,
    families,
    load_aliases,
    suggest_renames,
)
from leaderboard.snapshots import Entry, Snapshot
from leaderboard.sources import source
from tests.leaderboard.history.histories import NOW, REAL, board, needs_real


def rename(old: str, new: str, **scope: str) -> Alias:
    return Alias(scope.get("source"), scope.get("arena"), (old,), new, "rename", "told so")


def names(snapshot: Snapshot) -> list[str]:
    return [entry.model for entry in snapshot.entries]


def home_with(folder: Path, text: str) -> Path:
    (folder / "aliases.toml").write_text(text)
    return folder


ONE = """
[[alias]]
kind = "rename"
names = ["a"]
same_as = "b"
reason = "told so"
"""


def test_what_ships_is_read_and_has_reasons(tmp_path: Path) -> None:
    shipped = load_aliases(tmp_path)
    assert {alias.kind for alias in shipped} == {"rename", "preview-to-ga", "variant-of", "vendor"}
    assert all(alias.reason and alias.names for alias in shipped)


def test_the_home_adds_and_wins(tmp_path: Path) -> None:
    shipped = load_aliases(tmp_path / "none")
    own = load_aliases(home_with(tmp_path, ONE + ONE.replace('"a"', '"mai-image-2.5-preview"')))
    (mai,) = (alias for alias in own if "mai-image-2.5-preview" in alias.names)
    assert mai.same_as == "b"
    assert rename("a", "b") in own
    # The shipped alias lost its only name to the home.
    assert len([alias for alias in own if alias.names]) == len(shipped) + 1


def test_a_name_that_is_itself_undoes_what_ships(tmp_path: Path) -> None:
    text = ONE.replace('"a"', '"mai-image-2.5-preview"').replace('"b"', '"mai-image-2.5-preview"')
    boards = [board(0, "mai-image-2.5-preview")]
    assert names(apply_aliases(boards, load_aliases(tmp_path / "none"))[0][0]) == ["mai-image-2.5"]
    kept, findings = apply_aliases(boards, load_aliases(home_with(tmp_path, text)))
    assert (names(kept[0]), findings) == (["mai-image-2.5-preview"], ())


def test_the_example_in_the_docs_does_what_it_says(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "import.md"
    (example,) = re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL)
    aliases = load_aliases(home_with(tmp_path, example))
    boards, _ = apply_aliases([board(0, "mai-image-2.5-preview")], aliases)
    assert names(boards[0]) == ["mai-image-2.5-preview"]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (ONE.replace("reason", "reasn"), 'unknown key "alias[0].reasn"; did you mean "reason"?'),
        (ONE.replace('"rename"', '"renam"'), 'did you mean "rename"?'),
        (ONE.replace('["a"]', "[]"), 'key "alias[0].names"'),
        (ONE.replace('["a"]', '[" "]'), 'key "alias[0].names": a name is blank'),
        (ONE.replace('"told so"', '""'), 'key "alias[0].reason"'),
        (ONE + ONE.replace('"b"', '"c"'), '"a" stands for "b" already'),
        (ONE + ONE.replace('["a"]', '["b"]').replace('= "b"', '= "a"'), "in a circle: a -> b -> a"),
        ("[[alias]]\nkind =", "not TOML"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(RegistryError) as caught:
        load_aliases(home_with(tmp_path, text))
    assert where in str(caught.value)
    assert "aliases.toml" in str(caught.value)


def test_a_circle_through_a_narrower_scope_is_a_circle_there(tmp_path: Path) -> None:
    back = ONE.replace('["a"]', '["b"]').replace('= "b"', '= "a"') + 'source = "s"\n'
    with pytest.raises(RegistryError, match="in a circle: a -> b -> a"):
        load_aliases(home_with(tmp_path, ONE + back))
    # Of two aliases that never meet on one board neither closes a circle.
    apart = (ONE + 'source = "t"\n') + back
    assert len(load_aliases(home_with(tmp_path, apart))) == len(load_aliases(tmp_path / "no")) + 2


def test_renames_join_names_and_are_counted() -> None:
    boards, findings = apply_aliases(
        [board(0, "a", "x"), board(1, "b", "x")], [rename("a", "b"), rename("b", "c")]
    )
    assert [names(one) for one in boards] == [["c", "x"], ["c", "x"]]
    (found,) = findings
    assert (found.check, found.count) == ("renamed", 2)
    assert found.examples == ("a -> c (told so)", "b -> c (told so)")


def test_two_names_on_one_board_are_two_models_there() -> None:
    boards, findings = apply_aliases([board(0, "a", "b"), board(1, "a")], [rename("a", "b")])
    assert [names(one) for one in boards] == [["a", "b"], ["b"]]
    assert {found.check: found.count for found in findings} == {"alias-clash": 1, "renamed": 1}


def test_two_names_that_become_one_do_not_stand_twice() -> None:
    boards, findings = apply_aliases([board(0, "a", "b")], [rename("a", "c"), rename("b", "c")])
    assert names(boards[0]) == ["c", "b"]
    assert {found.check for found in findings} == {"alias-clash", "renamed"}


def test_an_alias_holds_where_it_says() -> None:
    boards = [board(0, "a"), board(0, "a", source="y"), board(0, "a", arena="image-edit")]

    def applied(alias: Alias) -> list[str]:
        return [names(one)[0] for one in apply_aliases(boards, [alias])[0]]

    assert applied(rename("a", "b")) == ["b", "b", "b"]
    assert applied(rename("a", "b", source="x")) == ["b", "a", "b"]
    assert applied(rename("a", "b", source="x", arena="image-edit")) == ["a", "a", "b"]
    narrow = [rename("a", "c", source="y"), rename("a", "b")]
    for aliases in (narrow, narrow[::-1]):
        assert [names(one)[0] for one in apply_aliases(boards, aliases)[0]] == ["b", "c", "b"]


def test_vendors_are_respelt_and_variants_are_left() -> None:
    aliases = [
        Alias(None, None, ("acme",), "Acme", "vendor", "capitals"),
        Alias("x", None, ("a-480p",), "a-720p", "variant-of", "resolution"),
    ]
    boards, findings = apply_aliases([board(0, Entry(1, "a-480p", "acme"), Entry(2, "b"))], aliases)
    assert boards[0].entries == (Entry(1, "a-480p", "Acme"), Entry(2, "b"))
    assert [found.check for found in findings] == ["vendors-respelt"]
    assert families(aliases, "x", "any") == {"a-480p": "a-720p"}
    assert families(aliases, "y", "any") == {}


def rated(day: int, **scores: float) -> Snapshot:
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    return board(
        day, *(Entry(n, m.replace("_", "-"), score=s) for n, (m, s) in enumerate(ranked, start=1))
    )


def pairs(*boards: Snapshot) -> list[tuple[str, str]]:
    return [(one.old, one.new) for one in suggest_renames(series(boards))]


REST = {"x": 1000.0, "y": 900.0, "z": 800.0}


def test_a_name_that_gives_way_to_its_like_is_suggested() -> None:
    before = rated(0, rocket_preview=1100, **REST)
    assert pairs(before, rated(1, rocket=1102, **REST)) == [("rocket-preview", "rocket")]
    # A month apart, where no board lies between; not where one does.
    assert pairs(before, rated(30, rocket=1102, **REST)) == [("rocket-preview", "rocket")]
    between = rated(20, **REST)
    assert pairs(before, between, rated(30, rocket=1102, **REST)) == []
    assert pairs(before, rated(2, **REST), rated(5, rocket=1102, **REST)) != []


@pytest.mark.parametrize(
    "after",
    [
        rated(1, rocket=1150, **REST),  # another rating
        rated(1, sledge=1100, **REST),  # another name
        rated(1, rocket=1100, rocket_preview=1100, **REST),  # nobody left
        rated(1, rocket_preview_2=1100, **REST),  # another version
    ],
)
def test_what_is_no_rename_is_not_suggested(after: Snapshot) -> None:
    assert pairs(rated(0, rocket_preview=1100, **REST), after) == []


def test_a_moved_scale_does_not_hide_a_rename() -> None:
    moved = {name: score - 60 for name, score in REST.items()}
    found = pairs(rated(0, rocket_preview=1100, **REST), rated(1, rocket=1040, **moved))
    assert found == [("rocket-preview", "rocket")]


def test_one_id_under_two_names_is_enough() -> None:
    first = board(0, Entry(1, "peanut", model_id="7"), Entry(2, "x"))
    second = board(1, Entry(1, "walnut oil", model_id="7"), Entry(2, "x"))
    (found,) = suggest_renames(series([first, second]))
    assert (found.old, found.new) == ("peanut", "walnut oil")
    assert "the id 7" in found.reason


@needs_real
@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("arena-scrape", "arena_ai_daily.csv", 8),
        ("artificial-analysis", "aa_web_spring.csv", 1),
        ("arena-dataset", "arena_official_2026summer.csv", 5),
    ],
)
def test_the_real_renames_are_all_suggested_and_all_shipped(
    tmp_path: Path, kind: str, name: str, expected: int
) -> None:
    feed = source(kind).read(REAL / name, NOW)
    found = [one for every in by_arena(feed) for one in suggest_renames(every)]
    assert len(found) == expected
    known, findings = apply_aliases(feed, load_aliases(tmp_path))
    assert "alias-clash" not in {finding.check for finding in findings}
    assert [one for every in by_arena(known) for one in suggest_renames(every)] == []
