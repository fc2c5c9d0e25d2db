"""A router's log: what is read, what is refused, what makes two lines one call."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.errors import UsageError
from leaderboard.usage.files import read_log
from tests.leaderboard.usage.logs import NOW, call, write_log


def test_a_line_is_read_with_every_key(tmp_path: Path) -> None:
    line = call(task="text-to-image", count=3, id="r-1", at="2026-03-01T13:00:00+01:00")
    (found,) = read_log(write_log(tmp_path / "l.jsonl", [line]), NOW).calls
    assert found.at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert (found.alias, found.model, found.ok) == ("hero-text-to-image", "a", True)
    assert (found.latency_s, found.cost_usd, found.calls) == (2.5, 0.04, 3)
    assert (found.task, found.kind) == ("text-to-image", "ai")


@pytest.mark.parametrize(
    ("change", "key", "what"),
    [
        ({"at": "2026-03-01T12:00:00"}, "at", "no zone"),
        ({"at": "2027-03-01T12:00:00Z"}, "at", "future"),
        ({"at": "yesterday"}, "at", "no time"),
        ({"at": 17}, "at", "missing"),
        ({"model": None}, "model", "missing"),
        ({"model": ""}, "model", "characters"),
        ({"model": "a\nb"}, "model", "characters"),
        ({"ok": "yes"}, "ok", "neither"),
        ({"latency": -1}, "latency", "from 0"),
        ({"latency": True}, "latency", "no number"),
        ({"latency": 10**400}, "latency", "from 0"),
        ({"cost": "0.04"}, "cost", "no number"),
        ({"count": 0}, "count", "from 1"),
        ({"count": 1.5}, "count", "from 1"),
        ({"class": "human"}, "class", "ai, traditional"),
        ({"task": "text-to-imgae"}, "task", 'did you mean "text-to-image"'),
        ({"alias": 3}, "alias", "no text"),
        ({"id": [1]}, "id", "no text"),
    ],
)
def test_a_wrong_value_is_named_by_line_and_key(
    tmp_path: Path, change: dict[str, Any], key: str, what: str
) -> None:
    path = write_log(tmp_path / "l.jsonl", [call(), call() | change])
    with pytest.raises(UsageError, match=f"l.jsonl: line 2, key {key}: ") as error:
        read_log(path, NOW)
    assert what in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "line 1"),
        ("{}\n", "key at: is missing"),
        ('{"at": "2026-03-01T12:00:00Z", "model": "a"}\n', "key ok: is missing"),
        ('{"a": 1\n', "line 1, key line: no JSON"),
        ('{"at": NaN}\n', "key line: no JSON"),
        ("{" + '"a":[' * 100_000, "key line: no JSON"),
        ("day,model\n", "key calls: the column is missing"),
        ("day,model,calls,prompt\n", "key prompt: no column"),
        ("day,model,calls\n2026-03-01,a\n", "line 2, key line: 2 cells"),
        ("day,model,calls\n2026-03-01,a,-1\n", "key calls"),
        ("day,model,calls\n2026-12-01,a,1\n", "key day: 2026-12-01 is not over"),
        ("day,model,calls\n2026-03-01,a,1\n2026-03-01,a,2\n", "line 3, key day"),
        ("day,model,calls,failed\n2026-03-01,a,1,2\n", "key failed: 2 of 1"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "l"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        read_log(path, NOW)
    assert what in str(error.value)


def test_errors_quote_nothing_of_other_keys(tmp_path: Path) -> None:
    line = call(ok="?", api_key="sk-secret", headers={"authorization": "sk-secret"})
    with pytest.raises(UsageError) as error:
        read_log(write_log(tmp_path / "l.jsonl", [line]), NOW)
    assert "secret" not in str(error.value)


def test_an_id_makes_a_line_one_call(tmp_path: Path) -> None:
    twice = write_log(tmp_path / "l.jsonl", [call(id="r"), call(id="r")])
    assert len(read_log(twice, NOW).calls) == 1
    other = write_log(tmp_path / "m.jsonl", [call(id="r"), call(id="r", ok=False)])
    with pytest.raises(UsageError, match="line 2, key id: stands twice"):
        read_log(other, NOW)


def test_counts_of_a_day(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(
        "\ufeffday,model,calls,failed,class,cost\n"
        "2026-03-01,a,10,2,,5\n\n2026-03-01,photo shoot,3,,traditional,\n"
    )
    found = read_log(path, NOW).calls
    assert [(c.model, c.ok, c.calls, c.kind) for c in found] == [
        ("a", True, 8, "ai"),
        ("a", False, 2, "ai"),
        ("photo shoot", None, 3, "traditional"),
    ]
    assert sum(c.cost_usd or 0 for c in found) == pytest.approx(5)


lines = st.lists(
    st.builds(
        lambda hour, model, ok: call(at=f"2026-03-01T{hour:02}:00:00Z", model=model, ok=ok),
        st.integers(0, 3),
        st.sampled_from("ab"),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@given(lines, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_of_keys_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, log: list[dict[str, Any]], order: random.Random
) -> None:
    folder = tmp_path_factory.mktemp("logs")
    shuffled = [dict(reversed(line.items())) | {"request": "x"} for line in log]
    order.shuffle(shuffled)
    one = read_log(write_log(folder / "a.jsonl", log), NOW).calls
    other = read_log(write_log(folder / "b.jsonl", shuffled), NOW).calls
    assert len(one) == len(log), "alike lines are calls of their own"
    assert set(one) == set(other)
    assert len({c.id for c in one}) == len(one)
    assert json.dumps([c.id for c in one]).isascii()
