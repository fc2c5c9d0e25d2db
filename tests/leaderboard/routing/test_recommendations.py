"""What routers read: whole, of its time, and of nobody who did not qualify."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from leaderboard.answers import NoPick, Picks, Refusal
from leaderboard.edition import open_edition
from leaderboard.errors import ExportError
from leaderboard.export import export, read_recommendations, verify
from leaderboard.pick_answers import Call
from leaderboard.routing.recommendations import LIFE, firmest, sealed
from leaderboard.routing.verification import (
    TOLERANCE,
    Seen,
    check_sequence,
    check_time,
    parse,
    validate,
)
from leaderboard.wire import plain
from tests.leaderboard.factory import START
from tests.leaderboard.routing import offered

HERO = offered.pick("large")
HORSE = offered.pick("small", "workhorse", cost=0.001)
CLIP = offered.pick(
    "veo", task="text-to-video", source="arena", call=Call(fal="a/veo", seconds=5), per_second=0.1
)
PICKS = offered.picks_of(
    (HERO, offered.made(HERO, offered.line("second", "third"))),
    (HORSE, offered.made(HORSE, offered.line("large"), days=0)),
    (CLIP, offered.made(CLIP)),
    refused=(Refusal("text-to-image", "all", "free", "cost unknown"),),
)
SERVED = offered.served("large", "http://127.0.0.1:1/v1", width=64, height=64)
GOOD = offered.document(PICKS, SERVED, sequence=5)
TEXT = json.dumps(GOOD, indent=2).encode()


def obeyed(data: bytes, at: Any = START, last: Seen | None = None) -> dict[str, Any]:
    found = parse(data, "f")
    validate(found, "f")
    check_time(found, "f", at)
    check_sequence(found, "f", last)
    return found


@pytest.fixture(scope="module")
def reader() -> ModuleType:
    path = Path(__file__).parents[3] / "docs" / "read_recommendations.py"
    assert len(path.read_text().splitlines()) <= 60
    spec = importlib.util.spec_from_file_location("read_recommendations", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_pick_says_all_that_a_router_asks_for() -> None:
    hero, horse, clip = GOOD["picks"]
    assert hero["call"] == {
        "provider": "openai",
        "model": "large",
        "parameters": {"size": "64x64"},
        "api_base": "http://127.0.0.1:1/v1",
        "key_env": None,
        "litellm": {
            "model": "openai/large",
            "api_base": "http://127.0.0.1:1/v1",
            "size": "64x64",
        },
    }
    assert (hero["latency_p50_s"], hero["latency_p95_s"]) == (1.5, 4.0)
    assert (hero["p_still_right_7_days"], hero["p_still_right_30_days"]) == (0.9, 0.6)
    assert hero["revalidate_by"] == plain(START + timedelta(days=20))
    assert (hero["stale"], horse["stale"]) == (False, True)
    assert (hero["previous"], hero["since"]) == ("before", plain(START))
    assert [one["model"] for one in hero["fallbacks"]] == ["second", "third"]
    assert horse["fallbacks"][0]["call"] == hero["call"]
    assert (clip["evidence"], clip["source"]) == ("outside board", "arena")
    assert clip["usd_per_clip_second"] == 0.1
    assert GOOD["expires_at"] == plain(START + LIFE)


def test_who_lost_a_role_has_a_successor() -> None:
    nobody = NoPick("text-to-image", "flat", "hero", "nobody")
    log = (
        offered.left("oldest", HERO, 1),
        offered.left("old", HERO, 2, cause="better"),
        offered.left("oldest", HERO, 3, cause="unqualified"),
        offered.left("large", HERO, 4),
        offered.left("elsewhere", replace(HERO, source="arena"), 5),
        offered.left("lone", nobody, 6, "dropped"),
    )
    found = offered.document(replace(PICKS, none=(nobody,)), SERVED, log=log)
    validate(found)
    told = [(one["model"], one["until"], one["cause"], one["successor"]) for one in found["former"]]
    assert told == [
        ("old", plain(START + timedelta(days=2)), "better", "large"),
        ("oldest", plain(START + timedelta(days=3)), "unqualified", "large"),
        ("lone", plain(START + timedelta(days=6)), "gone", None),
    ]


def test_the_firmest_ground_answers() -> None:
    real, outside = replace(HERO, model="real"), replace(HERO, model="out", source="arena")
    made_up = replace(HERO, model="sim", simulated=True)
    none = NoPick("text-to-image", "all", "hero", "nobody")
    assert [one.model for one in firmest(Picks((made_up, outside, real), (none,)))[0]] == ["real"]
    picked, missing = firmest(Picks((made_up, outside), (none,)))
    assert [one.model for one in picked] == ["out"]
    assert missing == ()


def test_no_key_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-0123456789abcdef")
    model = offered.served("large", "https://example.org/v1", key_env="OPENAI_API_KEY")
    found = offered.document(PICKS, model)
    assert found["picks"][0]["call"]["key_env"] == "OPENAI_API_KEY"
    assert "sk-secret" not in json.dumps(found)
    found["picks"][0]["call"]["litellm"]["api_key"] = "sk-secret"
    with pytest.raises(ExportError, match=r"picks\[0\].call"):
        validate(sealed(found))


def test_a_good_file_is_obeyed_until_it_expires() -> None:
    assert obeyed(TEXT) == GOOD
    assert obeyed(TEXT, START + LIFE - timedelta(seconds=1)) == GOOD
    with pytest.raises(ExportError, match="expired"):
        obeyed(TEXT, START + LIFE)
    assert obeyed(TEXT, START - TOLERANCE) == GOOD
    with pytest.raises(ExportError, match="from the future"):
        obeyed(TEXT, START - TOLERANCE - timedelta(seconds=1))


@given(st.integers(0, len(TEXT) - 1), st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_any_edit_of_one_byte_is_refused(place: int, flip: int) -> None:
    edited = bytearray(TEXT)
    edited[place] ^= flip
    try:
        same = repr(json.loads(bytes(edited))) == repr(GOOD)
    except ValueError:
        same = False
    assume(not same)  # other white space is the same content
    with pytest.raises(ExportError) as caught:
        obeyed(bytes(edited))
    assert "\n" not in str(caught.value)


@given(st.integers(0, len(TEXT) - 1), st.binary(max_size=3))
@settings(max_examples=150, deadline=None)
def test_what_is_cut_or_put_in_is_refused(place: int, more: bytes) -> None:
    edited = TEXT[:place] + more
    with pytest.raises(ExportError):
        obeyed(edited if more else TEXT[: min(place, len(TEXT) - 2)])


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.booleans())
@settings(deadline=None)
def test_a_replay_is_refused(sequence: int, last: int, known: bool) -> None:
    found = sealed({**GOOD, "sequence": sequence})
    seen = Seen(last, found["sha256"] if known else None)
    if sequence > last or (known and sequence == last):
        check_sequence(found, "f", seen)
    else:
        with pytest.raises(ExportError, match="replayed"):
            check_sequence(found, "f", seen)


def unqualified(document: dict[str, Any]) -> None:
    document["picks"][0]["fallbacks"][1]["model"] = "free"


def unqualified_pick(document: dict[str, Any]) -> None:
    document["picks"][0]["model"] = "free"


def twice(document: dict[str, Any]) -> None:
    document["picks"].append(document["picks"][0])


def itself(document: dict[str, Any]) -> None:
    document["picks"][0]["fallbacks"][0]["model"] = "large"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (unqualified, "fallback free did not qualify"),
        (unqualified_pick, "free did not qualify"),
        (twice, "two picks for one role"),
        (itself, "stands twice in its line"),
    ],
)
def test_what_no_schema_sees_is_refused(change: Callable[[dict[str, Any]], None], why: str) -> None:
    document = json.loads(TEXT)
    change(document)
    with pytest.raises(ExportError, match=why):
        obeyed(json.dumps(sealed(document)).encode())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe\xfd", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not an object"),
        (b"{}", "schema_version"),
        (b'{"schema_version": "1.1"}', "upgrade churnboard"),
        (b'{"schema_version": "0.9"}', r"f: \$"),
        (TEXT.replace(b'"sequence": 5', b'"sequence": 9, "sequence": 5'), "stands twice"),
        (TEXT.replace(b'"rating": 1040.0', b'"rating": NaN'), "NaN"),
        (TEXT.replace(b'"rating": 1040.0', b'"rating": 1e999'), "number"),
        (TEXT.replace(b'"rating": 1040.0', b'"rating": 1041.0'), "edited"),
    ],
)
def test_why_a_file_is_refused_is_said(data: bytes, why: str) -> None:
    with pytest.raises(ExportError, match=why):
        obeyed(data)


def test_the_last_file_seen_is_remembered(home: Path, tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_bytes(TEXT)
    new.write_text(json.dumps(sealed({**GOOD, "sequence": 6})))
    for path in (old, old, new, new):
        verify(str(path), START, home)
    with pytest.raises(ExportError, match="replayed: its sequence is 5, and 6"):
        verify(str(old), START, home)
    assert verify(str(old), START, home, after=4)["sequence"] == 5
    with pytest.raises(ExportError, match="replayed"):
        verify(str(new), START, home, after=6)
    other = tmp_path / "other.json"
    other.write_text(json.dumps(sealed({**GOOD, "sequence": 6, "edition": "another"})))
    with pytest.raises(ExportError, match="replayed"):
        verify(str(other), START, home)
    (home / "exports" / "verified.json").write_text("{")
    with pytest.raises(ExportError, match="damaged"):
        verify(str(new), START, home)
    with pytest.raises(ExportError, match="no such file"):
        verify(str(tmp_path / "absent.json"), START, home)


def test_the_reader_of_the_docs_obeys_as_verify_does(reader: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "recommendations.json"
    path.write_bytes(TEXT)
    said = reader.load(path, seen=5, now=START)
    assert said == GOOD
    (call, *more) = reader.calls(said, "text-to-image", role="hero")
    assert (call["provider"], call["model"], call["cost_usd"]) == ("openai", "large", 0.02)
    assert more == []  # nobody knows how the others are called
    assert reader.calls(said, "text-to-image", "flat", "workhorse")[0]["model"] == "large"
    assert reader.pick(said, "upscale") is None
    assert reader.calls(said, "upscale") == []
    with pytest.raises(ValueError, match="replayed"):
        reader.load(path, seen=6, now=START)
    with pytest.raises(ValueError, match="expired"):
        reader.load(path, now=START + LIFE)
    with pytest.raises(ValueError, match="future"):
        reader.load(path, now=START - timedelta(hours=1))


def test_the_reader_reads_a_real_export(reader: ModuleType, published_home: Path) -> None:
    with open_edition(published_home) as edition:
        path = export(edition, START)
    said = reader.load(path, now=datetime.fromisoformat(read_recommendations(path)["generated_at"]))
    chosen = reader.pick(said, "text-to-image", role="workhorse")
    assert chosen["model"] in {one["model"] for one in said["picks"]}
    assert reader.pick(said, "text-to-image", "no such domain", "workhorse") == chosen
    path_of_edited = path.with_name("edited.json")
    path_of_edited.write_text(path.read_text().replace(chosen["name"], "Somebody else"))
    with pytest.raises(ValueError, match="edited"):
        reader.load(path_of_edited)


@given(st.integers(0, len(TEXT) - 1), st.integers(1, 255))
@settings(max_examples=100, deadline=None)
def test_the_reader_refuses_every_edit(
    reader: ModuleType, tmp_path_factory: pytest.TempPathFactory, place: int, flip: int
) -> None:
    edited = bytearray(TEXT)
    edited[place] ^= flip
    path = tmp_path_factory.getbasetemp() / "edited.json"
    path.write_bytes(bytes(edited))
    try:
        assert reader.load(path, now=START) == GOOD
    except ValueError:
        return


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False, width=64)


@given(words, numbers, numbers.filter(lambda cost: cost > 0), words)
@settings(max_examples=80, deadline=None)
def test_whatever_is_said_is_read_as_it_was(
    name: str, rating: float, cost: float, why: str
) -> None:
    one = replace(HERO, name=name, rating=rating, cost_usd=cost, reason=why, cost_basis=why)
    found = offered.document(offered.picks_of((one, offered.made(one))))
    for options in ({}, {"indent": 2}, {"ensure_ascii": False}, {"sort_keys": True}):
        assert obeyed(json.dumps(found, **options).encode()) == found
