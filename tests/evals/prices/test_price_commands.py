"""`prices`: a table to read, stable JSON, one model's cost, imports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals.errors import InputError, NotFoundError
from evals.home import HOME_VARIABLE
from leaderboard.cli import build
from tests.evals.prices.price_lists import KINDS

KEYS = {"model", "provider", "modality", "unit", "usd", "tier", "effective_from", "expires",
        "status", "source"}  # fmt: skip


@pytest.fixture(autouse=True)
def set_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of its own, on the shipped data."""
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    monkeypatch.setenv("COLUMNS", "160")


def run(*words: str) -> str:
    done = CliRunner().invoke(build(), ["prices", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def answer(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


@pytest.fixture
def filled(tmp_path: Path) -> None:
    """Both kinds of history, of days that are known."""
    for kind, day in (("litellm", "2026-07-01"), ("csv", "2026-07-01")):
        path = tmp_path / f"{kind}{KINDS[kind].suffix}"
        path.write_text(KINDS[kind].good)
        run("import", kind, str(path), "--at", day)


def test_an_empty_home_says_what_hardware_costs_and_how_to_get_more(home: Path) -> None:
    body = answer()
    assert body["prices"] == []
    assert {row["id"] for row in body["hardware"]} >= {"cpu-2", "nvidia-h100"}
    shown = run()
    assert "nvidia-h100" in shown
    assert "prices import litellm" in shown
    assert not home.exists()


@pytest.mark.usefixtures("filled")
def test_the_json_of_prices() -> None:
    body = answer("--at", "2026-11-01")
    assert set(body) == {"at", "prices", "hardware", "generation", "notes"}
    for row in body["prices"]:
        assert set(row) >= KEYS
        assert row["modality"] in ("image", "video")
        assert (row["usd"] is None) == (row["status"] == "unknown")
    status = {row["model"]: row["status"] for row in body["prices"]}
    assert status["low/1024-x-1024/gpt-image-1"] == "expired"
    assert status["some/clip"] == "current"
    assert status["bare"] == status["nothing"] == "unknown"
    assert answer("--at", "2026-06-01")["prices"] != body["prices"]


@pytest.mark.usefixtures("filled")
def test_what_is_chosen_is_shown_and_a_word_that_nothing_has_is_refused() -> None:
    expired = answer("--status", "expired", "--at", "2026-11-01")["prices"]
    assert {row["model"] for row in expired} == {"low/1024-x-1024/gpt-image-1"}
    clips = answer("--modality", "video", "--provider", "SOME")["prices"]
    assert {row["model"] for row in clips} == {"some/clip"}
    assert "some/clip" in run("--modality", "video")
    for option, word in (("--status", "curent"), ("--modality", "sound"), ("--provider", "sum")):
        with pytest.raises(InputError, match=option):
            run(option, word)
    with pytest.raises(InputError, match="2026-01-31"):
        run("--at", "today")


@pytest.mark.usefixtures("filled")
def test_one_list_says_what_one_generation_costs_and_why() -> None:
    body = answer("some/clip")
    assert body["generation"]["usd"] == pytest.approx(0.1 * 121 / 24)
    assert "720p" in body["generation"]["basis"]
    assert [row["size"] for row in body["prices"]] == ["720p", "1080p", "4k"]
    shown = run("some/clip")
    for word in ("one clip of 5 s at 1280 × 720", "0.12 USD/s", "1080p", "example.org"):
        assert word in shown
    # With its tiers from wherever they are listed.
    whole = answer("gpt-image-1", "--at", "2026-07-02")
    assert {row["unit"] for row in whole["prices"]} == {"image", "image_token"}
    assert whole["generation"]["usd"] == 0.011


@pytest.mark.usefixtures("filled")
def test_a_part_of_a_name_lists_and_a_wrong_one_is_answered_with_the_nearest() -> None:
    assert {row["model"] for row in answer("min")["prices"]} == {"mine", "mine-clip"}
    assert answer("min")["generation"] is None
    assert {row["model"] for row in answer("MINE")["prices"]} == {"mine"}
    assert answer("gpt-image")["generation"] is None
    with pytest.raises(NotFoundError, match='"mine-clip"'):
        run("mine-clap")


@pytest.mark.usefixtures("filled")
def test_a_registered_model_is_priced_as_its_settings_say(home: Path) -> None:
    (home / "models").mkdir(parents=True)
    (home / "models" / "bought.toml").write_text(
        'name = "Bought"\ntask = "text-to-image"\nbackend = "openai"\nprice = "mine"\n'
        '[settings]\nmodel = "m"\nwidth = 1024\nheight = 1024\narguments = {quality = "low"}\n'
    )
    body = answer("bought", "--at", "2026-07-02")
    assert (body["generation"]["what"], body["generation"]["usd"]) == ("one picture", 0.02)
    assert {row["quality"] for row in body["prices"]} == {"low"}
    shipped = answer("reference-large")
    assert shipped["generation"]["usd"] is None
    assert "no latency" in shipped["generation"]["basis"]
    assert shipped["hardware"][0]["id"] == "cpu-2"


def test_an_import_says_what_it_added_and_where(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(KINDS["csv"].good)
    lines = run("import", "csv", str(path)).splitlines()
    assert "3 models, 2 with a price; 4 prices new" in lines[0]
    assert Path(lines[-1]) == home / "prices" / "imported-csv.csv"
    body = answer("import", "csv", str(path))
    assert (body["new"], body["changed"], body["unlisted"]) == (0, 0, 0)


def test_hundreds_are_summed_up_and_the_way_to_one_is_shown(tmp_path: Path) -> None:
    lines = [f"m{number},image,image,0.0{number}" for number in range(1, 60)]
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(["model,modality,unit,usd", *lines]))
    run("import", "csv", str(path))
    shown = run()
    assert "59 prices; name a model" in shown
    assert "m17" not in shown
    assert "m17" in run("--modality", "image")


def test_help_names_what_may_be_left_out() -> None:
    shown = CliRunner().invoke(build(), ["prices", "--help"]).output
    for word in ("show", "import", "--at"):
        assert word in shown
