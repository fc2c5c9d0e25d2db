"""recommendations.json: always whole and valid, its sequence never falls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.answers import NoPick, Pick, Picks, Refusal
from leaderboard.edition import open_edition
from leaderboard.errors import ExportError
from leaderboard.export import (
    SCHEMA_VERSION,
    SCHEMAS,
    export,
    export_to,
    read_recommendations,
    recommendations_path,
    validate,
)
from leaderboard.pick_answers import Call, Decision, Outlook
from leaderboard.routing import deliver
from leaderboard.routing.recommendations import LIFE, RENEWED_AFTER, build, sealed
from leaderboard.routing.routes import Route
from leaderboard.store.database import writing
from leaderboard.store.derived import replace_derived
from leaderboard.store.editions import publish
from leaderboard.wire import decisions, plain
from tests.leaderboard.factory import START

PICK = Pick(
    task="text-to-image",
    domain="all",
    role="hero",
    model="large",
    name="Large",
    rating=1040.0,
    rating_low=None,
    rating_high=1080.0,
    p_best=0.7,
    p_floor=None,
    cost_usd=0.02,
    cost_basis="a price",
    latency_p50_s=None,
    reason="best",
    runner_up=None,
    evidence="own evaluation",
    simulated=True,
    decided_at=START,
    suite_id="calibration",
)
PICKS = Picks(
    (PICK,),
    (NoPick("text-to-image", "flat", "hero", "nobody"),),
    (Refusal("text-to-image", "all", "free", "cost unknown"),),
)


DECISION = Decision(
    task="text-to-image",
    domain="all",
    role="hero",
    decided_at=START,
    source="evals",
    evidence="own evaluation",
    evidence_at=START,
    action="chosen",
    cause="first",
    model="large",
    since=START,
    previous=None,
    challenger=None,
    runner_up=None,
    p_best=0.7,
    p_floor=None,
    price=0.02,
    reason="best",
    tied=(),
    rivals=(),
)


def nobody(model: str, task: str, source: str, call: Call | None) -> Route | None:
    """Nobody knows how a model is called."""
    del model, task, source, call


def exported(home: Path, day: int, picks: Picks = PICKS) -> Path:
    at = START + timedelta(days=day)
    with writing(home, at) as database:
        replace_derived(database.connection, (), (), picks, ())
        publish(home, database, at)
    with open_edition(home) as edition:
        return export(edition, at)


def sequence(home: Path) -> int:
    return int(read_recommendations(recommendations_path(home))["sequence"])


@pytest.mark.parametrize("version", SCHEMAS)
def test_the_schema_is_a_schema(version: str) -> None:
    schema = json.loads(SCHEMAS[version].read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema_version"] == {"const": version}


def of_version(version: str) -> dict[str, object]:
    """What was written then."""
    keys = set(json.loads(SCHEMAS[version].read_text())["$defs"]["pick"]["required"])
    told = decisions(PICKS)
    return {
        "schema_version": version,
        "sequence": 7,
        "generated_at": "2026-03-01T12:00:00Z",
        "edition": "leaderboard-1",
        "picks": [{key: pick[key] for key in pick if key in keys} for pick in told["picks"]],
        "none": [{k: v for k, v in one.items() if k in REASONED} for one in told["none"]],
        "refused": [{k: v for k, v in one.items() if k in REASONED} for one in told["refused"]],
    }


REASONED = ("task", "domain", "role", "model", "reason")


@pytest.mark.parametrize("version", ["0.1", "0.2"])
def test_a_file_of_an_earlier_version_is_still_read(home: Path, version: str) -> None:
    path = exported(home, 0)
    path.write_text(json.dumps(of_version(version)))
    before = int(read_recommendations(path)["sequence"])
    assert read_recommendations(exported(home, 1))["schema_version"] == SCHEMA_VERSION
    assert sequence(home) == before + 1


def test_what_was_decided_is_in_the_file(home: Path) -> None:
    document = read_recommendations(exported(home, 0))
    (pick,) = document["picks"]
    assert {key: pick[key] for key in ("task", "domain", "role", "model", "simulated")} == {
        "task": "text-to-image",
        "domain": "all",
        "role": "hero",
        "model": "large",
        "simulated": True,
    }
    assert document["none"][0]["reason"] == "nobody"
    assert document["refused"][0]["model"] == "free"


def test_the_sequence_grows_with_each_edition_and_not_without(home: Path) -> None:
    exported(home, 0)
    assert sequence(home) == 1
    with open_edition(home) as edition:
        before = recommendations_path(home).read_bytes()
        export(edition, START + timedelta(days=5))
    assert recommendations_path(home).read_bytes() == before
    exported(home, 1)
    assert sequence(home) == 2


@pytest.mark.parametrize("damage", ["removed", "emptied", "garbage", "edited", "lowered"])
def test_the_sequence_never_falls(home: Path, damage: str) -> None:
    path = exported(home, 0)
    exported(home, 1)
    if damage == "removed":
        path.unlink()
    elif damage == "lowered":
        path.write_text(json.dumps(json.loads(path.read_text()) | {"sequence": 1}))
    else:
        path.write_text({"emptied": "", "garbage": "{", "edited": '{"sequence": -4}'}[damage])
    exported(home, 2)
    assert sequence(home) == 3


def test_an_edited_file_is_written_again(home: Path) -> None:
    path = exported(home, 0)
    document = json.loads(path.read_text())
    document["picks"][0]["model"] = "somebody-else"
    path.write_text(json.dumps(document))
    with open_edition(home) as edition:
        export(edition, START)
    assert read_recommendations(path)["picks"][0]["model"] == "large"
    assert sequence(home) == 2


def test_a_torn_log_is_no_obstacle(home: Path) -> None:
    exported(home, 0)
    log = home / "exports" / "log.jsonl"
    with log.open("ab") as file:
        file.write(b'{"sequence": 7')
    exported(home, 1)
    exported(home, 2)
    assert sequence(home) == 3
    assert [json.loads(line)["sequence"] for line in log.read_text().splitlines()[-2:]] == [2, 3]


def test_a_failed_export_leaves_the_last_good_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = exported(home, 0)
    before = path.read_bytes()

    def broken(*given: object) -> dict[str, object]:
        return sealed({**build(*given), "surprise": 1})  # type: ignore[arg-type]

    monkeypatch.setattr("leaderboard.export.build", broken)
    with pytest.raises(ExportError, match="surprise"):
        exported(home, 1)
    assert path.read_bytes() == before


@pytest.mark.parametrize("version", ["1.1", "2.0", "10.0"])
def test_a_file_from_the_future_says_upgrade(home: Path, version: str) -> None:
    path = exported(home, 0)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema_version": version}))
    with pytest.raises(ExportError, match="upgrade churnboard"):
        read_recommendations(path)
    with pytest.raises(ExportError, match="upgrade churnboard"):
        exported(home, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"cost_usd": 0},
        {"usd_per_clip_second": 0},
        {"role": "villain"},
        {"p_best": 1.2},
        {"model": ""},
        {"decided_at": "yesterday"},
        {"evidence": "hearsay"},
        {"p_still_right_7_days": 2},
        {"call": {"provider": "openai", "model": "m"}},
        {"fallbacks": [{"model": "other"}]},
        {"extra": 1},
    ],
)
def test_the_schema_refuses_what_no_router_should_read(change: dict[str, object]) -> None:
    document = build("leaderboard-1", PICKS, (), nobody, 1, START)
    validate(document)
    document["picks"] = [document["picks"][0] | change]
    with pytest.raises(ExportError, match="picks"):
        validate(sealed(document))


chance = st.floats(0, 1)
words = st.text(min_size=1, max_size=20)
picks = st.builds(
    Pick,
    task=words,
    domain=words,
    role=st.sampled_from(["hero", "workhorse"]),
    model=words,
    name=words,
    rating=st.floats(-5000, 5000),
    rating_low=st.none() | st.floats(-5000, 5000),
    rating_high=st.none() | st.floats(-5000, 5000),
    p_best=chance,
    p_floor=st.none() | chance,
    cost_usd=st.floats(1e-9, 100),
    cost_basis=st.none() | words,
    latency_p50_s=st.none() | st.floats(0, 1000),
    reason=words,
    runner_up=st.none() | words,
    evidence=st.sampled_from(["own evaluation", "outside board"]),
    simulated=st.booleans(),
    decided_at=st.datetimes(timezones=st.just(START.tzinfo)),
    suite_id=st.none() | words,
    usd_per_clip_second=st.none() | st.floats(1e-9, 100),
    compute_s_per_clip_second=st.none() | st.floats(0, 1000),
)


@given(st.lists(picks, max_size=4))
@settings(max_examples=40, deadline=None)
def test_whatever_is_decided_is_valid(found: Sequence[Pick]) -> None:
    validate(build("leaderboard-1", Picks(tuple(found)), (), nobody, 1, START))


def test_a_file_that_says_the_same_is_renewed_before_it_expires(home: Path) -> None:
    path = exported(home, 0)
    with open_edition(home) as edition:
        export(edition, START + RENEWED_AFTER - timedelta(seconds=1))
        assert sequence(home) == 1
        export(edition, START + RENEWED_AFTER)
    found = read_recommendations(path)
    assert found["sequence"] == 2
    assert found["expires_at"] == plain(START + RENEWED_AFTER + LIFE)


def test_a_pick_that_goes_stale_is_told_and_kept(home: Path) -> None:
    outlook = Outlook(0.9, 0.6, 12.0, None, START + timedelta(days=3))
    made = replace(DECISION, outlook=outlook)
    path = exported(home, 0, replace(PICKS, decisions=(made,)))
    assert not read_recommendations(path)["picks"][0]["stale"]
    with open_edition(home) as edition:
        export(edition, START + timedelta(days=3))
    (pick,) = read_recommendations(path)["picks"]
    assert pick["stale"]
    assert pick["model"] == "large"
    assert pick["revalidate_by"] == plain(START + timedelta(days=3))
    assert pick["p_still_right_30_days"] == 0.6


@pytest.mark.parametrize(
    "place", ["memory://picks/{}.json", "{}/deep/picks.json", "file://{}.json"]
)
def test_a_copy_goes_to_any_file_or_address(home: Path, tmp_path: Path, place: str) -> None:
    exported(home, 0)
    target = place.format(home.name if "memory" in place else tmp_path / "copies")
    with open_edition(home) as edition:
        export_to(edition, START, target)
        export_to(edition, START, target)
    assert deliver.read(target) == recommendations_path(home).read_bytes()
    exported(home, 1)
    with open_edition(home) as edition:
        export_to(edition, START + timedelta(days=1), target)
    assert json.loads(deliver.read(target) or b"")["sequence"] == 2
    assert not [path for path in tmp_path.rglob("*.tmp") if home not in path.parents]


def test_a_copy_never_takes_the_place_of_a_newer_one(home: Path, tmp_path: Path) -> None:
    exported(home, 0)
    target = tmp_path / "picks.json"
    target.write_text(json.dumps(build("other", PICKS, (), nobody, 9, START)))
    before = target.read_bytes()
    with open_edition(home) as edition, pytest.raises(ExportError, match="another home"):
        export_to(edition, START, str(target))
    assert target.read_bytes() == before


def test_an_address_that_cannot_be_written_is_one_line(home: Path) -> None:
    exported(home, 0)
    with open_edition(home) as edition, pytest.raises(ExportError, match="nowhere://") as caught:
        export_to(edition, START, "nowhere://user:secret@bucket/picks.json")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
