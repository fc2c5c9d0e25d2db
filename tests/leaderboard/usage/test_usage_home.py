"""From a router's log to a pick that is exchanged: kept once, counted, and told."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from leaderboard import queries
from leaderboard.cli import build
from leaderboard.errors import UsageError
from leaderboard.refresh import refresh
from leaderboard.store.database import FILE, writing
from leaderboard.store.usage import read_days
from leaderboard.usage.days import Day
from leaderboard.usage.kept import import_usage
from tests.leaderboard.factory import START, run_record, write
from tests.leaderboard.usage.logs import NOW, call, write_log

FIRST = START + timedelta(days=1)


def stored(home: Path) -> tuple[Day, ...]:
    with writing(home, NOW) as database:
        return read_days(database.connection, NOW, date(2026, 1, 1))


def calls(model: str, day: int, ok: int, failed: int, alias: str | None) -> list[dict[str, Any]]:
    at = (START + timedelta(days=day)).replace(hour=3)
    return [
        call(model=model, alias=alias, ok=n < ok, at=(at + timedelta(seconds=n)).isoformat())
        for n in range(ok + failed)
    ]


def test_only_known_keys_are_kept(home: Path, tmp_path: Path) -> None:
    line = call(id="request-17", api_key="sk-secret", prompt="a private prompt")
    done = import_usage(home, write_log(tmp_path / "l.jsonl", [line]), NOW)
    assert done.file is not None
    for path in (done.file, home / FILE):
        kept = path.read_bytes()
        assert b"secret" not in kept
        assert b"private" not in kept
        assert b"request-17" not in kept
    (row,) = done.file.read_text().splitlines()
    assert json.loads(row)["model"] == "a"


@settings(max_examples=6, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from("ab"), st.booleans()), min_size=1),
    st.data(),
)
def test_importing_again_and_in_parts_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    made: list[tuple[int, str, bool]],
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("home")
    log = [
        call(at=f"2026-03-01T0{hour}:00:00Z", model=model, ok=ok, id=number)
        for number, (hour, model, ok) in enumerate(made)
    ]
    whole = write_log(folder / "whole.jsonl", log)
    import_usage(folder / "one", whole, NOW)
    once = stored(folder / "one")
    assert sum(day.calls for day in once) == len(log)
    assert import_usage(folder / "one", whole, NOW).new == 0
    assert stored(folder / "one") == once
    cut = data.draw(st.integers(1, len(log)))
    back = data.draw(st.integers(0, cut - 1))
    for number, part in enumerate((log[back:], log[:cut])):
        import_usage(folder / "two", write_log(folder / f"{number}.jsonl", part[::-1]), NOW)
    assert stored(folder / "two") == once
    (folder / "two" / FILE).unlink()
    refresh(folder / "two", NOW)
    assert stored(folder / "two") == once


def test_what_contradicts_a_known_call_stores_nothing(home: Path, tmp_path: Path) -> None:
    import_usage(home, write_log(tmp_path / "l.jsonl", [call(id="r")]), NOW)
    before = stored(home), sorted((home / "usage").iterdir())
    other = write_log(tmp_path / "m.jsonl", [call(id="s"), call(id="r", ok=False)])
    with pytest.raises(UsageError, match=r"m.jsonl: line 2, key id: .* is stored already"):
        import_usage(home, other, NOW)
    assert (stored(home), sorted((home / "usage").iterdir())) == before


def test_a_damaged_copy_is_named_by_its_line(home: Path, tmp_path: Path) -> None:
    kept = import_usage(home, write_log(tmp_path / "l.jsonl", [call()]), NOW).file
    assert kept is not None
    kept.with_name("0.jsonl").write_bytes(b'{"schema":9}\n')
    with pytest.raises(UsageError, match=r"0.jsonl: line 1 is damaged"):
        refresh(home, NOW)


def test_a_day_of_counts_is_the_same_as_its_calls(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("day,model,calls,failed,alias\n2026-03-01,a,3,1,hero-text-to-image\n")
    import_usage(home, path, NOW)
    one, other = tmp_path / "other", [call(latency=None, cost=None, ok=n > 0) for n in range(3)]
    import_usage(one, write_log(tmp_path / "l.jsonl", other), NOW)
    assert stored(home) == stored(one)


def test_a_hero_that_fails_in_production_is_replaced(home: Path, tmp_path: Path) -> None:
    """Dwell and odds would keep it: failures bypass both."""
    write(home, run_record())
    refresh(home, FIRST, draws=200)
    with queries.open_edition(home) as edition:
        first = next(
            p for p in queries.picks(edition).picks if (p.domain, p.role) == ("all", "hero")
        )
        assert queries.usage(edition) == ()
    alias = "hero-text-to-image"
    few = calls(first.model, 1, 60, 30, alias)
    import_usage(home, write_log(tmp_path / "few.jsonl", few), FIRST + timedelta(days=1))
    refresh(home, FIRST + timedelta(days=1), draws=200)
    with queries.open_edition(home) as edition:
        now = next(p for p in queries.picks(edition).picks if (p.domain, p.role) == ("all", "hero"))
        assert now.model == first.model, "90 calls decide nothing"
        (report,) = queries.usage(edition)
        assert (report.calls, report.picks[0].alias_share) == (90, 1.0)
        assert report.models[0].failure_rate is None
    more = calls(first.model, 2, 50, 10, alias)
    at = FIRST + timedelta(days=2)
    import_usage(home, write_log(tmp_path / "more.jsonl", more), at)
    done = refresh(home, at, draws=200)
    with queries.open_edition(home) as edition:
        found = queries.picks(edition)
        now = next(p for p in found.picks if (p.domain, p.role) == ("all", "hero"))
        assert now.model != first.model
        why = {(r.domain, r.model): r.reason for r in found.refused}["all", first.model]
        assert "of 150 calls in production" in why
        assert "limit 5.0%" in why
    switch = next(e for e in done.changes if (e.domain, e.role) == ("all", "hero"))
    assert (switch.action, switch.cause) == ("switched", "unqualified")

    # The router obeys on the third day after: the lag is told, and so is the traffic.
    later = [
        *calls(first.model, 3, 20, 0, alias),
        *calls(first.model, 6, 1, 0, alias),
        *calls(now.model, 6, 19, 0, alias),
    ]
    end = FIRST + timedelta(days=6)
    import_usage(home, write_log(tmp_path / "later.jsonl", later), end)
    refresh(home, end, draws=200)
    with queries.open_edition(home) as edition:
        (report,) = queries.usage(edition)
    lag = next(one for one in report.switches if (one.domain, one.role) == ("all", "hero"))
    assert (lag.model, lag.days) == (now.model, 3)
    got = next(p for p in report.picks if (p.domain, p.role) == ("all", "hero"))
    assert (got.model, got.alias_calls) == (now.model, 19)
    assert got.alias_share == pytest.approx(19 / 190)


def test_the_commands_tell_it(home: Path, tmp_path: Path) -> None:
    write(home, run_record())
    log = calls("large", 1, 120, 0, "hero-text-to-image")
    log += calls("stranger", 1, 5, 0, "hero-text-to-image")
    path = write_log(tmp_path / "l.jsonl", log)
    run = CliRunner().invoke
    told = run(build(), ["usage", "import", str(path)])
    assert "125 of 125 lines are new" in told.output
    assert "nothing new" in run(build(), ["usage", "import", str(path)]).output
    refresh(home, FIRST + timedelta(days=1), draws=200)
    table = run(build(), ["usage"])
    assert table.exit_code == 0, table.output
    assert "96.0 %" in table.output
    assert "stranger, 5 calls" in table.output
    answer = json.loads(run(build(), ["usage", "--json"]).output)
    (report,) = answer["usage"]
    assert report["models"][0]["failure_rate"] == 0.0
    assert report["models"][0]["latency_p50_s"] == 2.5
    picks = json.loads(run(build(), ["picks", "--json"]).output)
    heroes = [t for t in picks["traffic"] if t["role"] == "hero" and t["domain"] == "all"]
    assert [(t["model"], t["alias_calls"]) for t in heroes] == [("large", 120)]
    assert "traffic: text-to-image hero large" in run(build(), ["picks"]).output


def test_no_usage_says_what_to_do(home: Path) -> None:
    refresh(home, datetime(2026, 6, 1, tzinfo=UTC))
    told = CliRunner().invoke(build(), ["usage"]).output
    assert "churnboard usage import FILE" in told
