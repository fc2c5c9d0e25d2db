"""Published names -> vendors, prices and calls: the shipped file, one's own, and suggestions."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from evals.errors import RegistryError
from evals.prices.tiers import Tier
from evals.prices.types import Entry, Price, Unit
from leaderboard.crosswalk.entries import USUAL, Crosswalk, missing_prices, standard_cost
from leaderboard.crosswalk.file import load_crosswalk, read_crosswalk
from leaderboard.crosswalk.suggest import Unmapped, matches, pasted, unmapped
from leaderboard.history.series import by_arena
from leaderboard.identity import apply_aliases, load_aliases
from leaderboard.snapshots import Snapshot
from leaderboard.sources import source

DAY = date(2026, 11, 30)
SINCE = date(2026, 1, 1)
HISTORY = Path(__file__).parents[3] / "data" / "history" / "arena_monthly_top8.csv"
LINE = """
[[model]]
names = ["dall-e-9"]
vendor = "OpenAI"
source = "https://example.com/prices"
"""


def at_home(folder: Path, text: str) -> Path:
    (folder / "crosswalk.toml").write_text(text)
    return folder


def listed(name: str, *prices: Price, modality: str = "image") -> Entry:
    return Entry(name, name, prices, "acme", "video" if modality == "video" else "image")


def a_price(
    usd: float | None,
    unit: Unit = "image",
    size: str | None = None,
    quality: str | None = None,
) -> Price:
    return Price(unit, usd, SINCE, "test", Tier(size, quality))


def newest_boards() -> list[Snapshot]:
    feed = source("arena-monthly").read(HISTORY, datetime(2026, 12, 1, tzinfo=UTC))
    last = [one.distinct[-1] for one in by_arena(feed.snapshots)]
    return list(apply_aliases(last, load_aliases(Path("no such home")))[0])


def test_every_name_on_the_newest_shipped_boards_is_known_with_a_price_or_a_reason() -> None:
    known = load_crosswalk(Path("no such home"))
    boards = newest_boards()
    assert {board.arena for board in boards} == set(USUAL)
    assert unmapped(boards, known) == ()
    priced = [
        offer.price is not None
        for board in boards
        for line in board.entries
        if (one := known.find(line.model)) and (offer := one.offer(board.arena))
    ]
    assert len(priced) == 32
    assert sum(priced) >= 20


def test_a_standard_generation_costs_what_the_list_says_of_its_size_quality_and_length(
    tmp_path: Path,
) -> None:
    known = Crosswalk(
        read_crosswalk(
            at_home(
                tmp_path,
                LINE
                + '[model.task.text-to-image]\nprice = "pic"\nquality = "high"\n'
                + '[model.task.image-to-video]\nprice = "clip"\nseconds = 4\nsize = "1080p"\n',
            )
            / "crosswalk.toml"
        )
    ).find("dall-e-9")
    assert known is not None
    book = {
        "pic": listed(
            "pic",
            a_price(0.01, size="1024x1024", quality="low"),
            a_price(0.07, size="1024x1024", quality="high"),
        ),
        "clip": listed(
            "clip",
            a_price(0.1, "second", size="720p"),
            a_price(0.2, "second", size="1080p"),
            a_price(0.05, "input_image"),
            modality="video",
        ),
    }
    assert standard_cost(known.offer("text-to-image"), book, DAY).usd == pytest.approx(0.07)
    clip = standard_cost(known.offer("image-to-video"), book, DAY)
    assert clip.usd == pytest.approx(4 * 0.2 + 0.05)
    assert known.offer("text-to-video") is None


def test_what_is_billed_by_the_token_costs_what_the_stated_tokens_do(tmp_path: Path) -> None:
    offer = '[model.task.text-to-image]\nprice = "pic"\nimage_tokens = 1000\n'
    with pytest.raises(RegistryError, match="need a `note` that says whence"):
        read_crosswalk(at_home(tmp_path, LINE + offer) / "crosswalk.toml")
    (one,) = read_crosswalk(at_home(tmp_path, LINE + offer + 'note = "x"') / "crosswalk.toml")
    book = {"pic": listed("pic", a_price(3e-5, "image_token"))}
    assert standard_cost(one.offer("text-to-image"), book, DAY).usd == pytest.approx(0.03)


@pytest.mark.parametrize(
    ("price", "why"),
    [
        (None, "brings it"),
        (a_price(None), "has no price"),
        (a_price(0.0), "is not a price"),
        (a_price(-1.0), "is not a price"),
        (replace(a_price(0.1), expires=date(2026, 9, 24)), "expired on 2026-09-24"),
    ],
)
def test_an_unknown_price_is_never_zero_and_says_why(
    tmp_path: Path, price: Price | None, why: str
) -> None:
    text = LINE + '[model.task.text-to-image]\nprice = "pic"'
    (one,) = read_crosswalk(at_home(tmp_path, text) / "crosswalk.toml")
    book = {} if price is None else {"pic": listed("pic", price)}
    found = standard_cost(one.offer("text-to-image"), book, DAY)
    assert found.usd is None
    assert why in found.basis
    assert missing_prices(Crosswalk((one,)), book) == (() if book else ("pic",))


def test_the_home_takes_the_place_of_a_shipped_line_and_narrower_scopes_win(
    tmp_path: Path,
) -> None:
    shipped = load_crosswalk(tmp_path)
    assert shipped.find("minimax-h3") is not None
    own = LINE.replace("dall-e-9", "minimax-h3") + 'unpriced = "mine"\n'
    narrow = own.replace("mine", "there") + 'on_source = "arena"\n'
    known = load_crosswalk(at_home(tmp_path, own + narrow))
    assert len(known.lines) == len(shipped.lines) + 1
    there, elsewhere = known.find("minimax-h3", "arena"), known.find("minimax-h3", "aa_web")
    assert there is not None
    assert elsewhere is not None
    assert (there.unpriced, elsewhere.unpriced) == ("there", "mine")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LINE, "needs a `task`, or `unpriced`"),
        (LINE + 'prise = "x"', 'unknown key "model[0].prise"; did you mean'),
        (LINE + '[model.task.text-to-imag]\nprice = "x"', 'did you mean "text-to-image"'),
        (LINE + "[model.task.image-edit]\n", "needs `price`, or `unpriced`"),
        (LINE + '[model.task.image-edit]\nprice = "x"\nsize = "720p"', "like 1024x1024"),
        (LINE + '[model.task.image-edit]\nprice = "x"\nseconds = 5', "a picture has no length"),
        (LINE + '[model.task.text-to-video]\nprice = "x"\nsize = "huge"', "one of 480p"),
        ((LINE + 'unpriced = "x"\n') * 2, '"dall-e-9" stands here twice'),
        (LINE.replace("https", "file") + 'unpriced = "x"', "source"),
    ],
)
def test_errors_name_the_file_and_the_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(RegistryError) as error:
        load_crosswalk(at_home(tmp_path, text))
    assert "crosswalk.toml" in str(error.value)
    assert told in str(error.value)


def test_a_likely_price_is_suggested_with_its_score_and_never_one_of_another_task_or_kind() -> None:
    book = {
        name: listed(name, a_price(0.1, "second"), modality=modality)
        for name, modality in {
            "acme/hopper-2.0/text-to-video": "video",
            "acme/hopper-2.0/image-to-video": "video",
            "acme/hopper-1.5/text-to-video": "video",
            "acme/hopper-2.0": "image",
            "high/1024-x-1024/hopper-2.0": "video",
            "acme/something-else": "video",
        }.items()
    }
    one = Unmapped("Hopper 2.0 (preview) 720p", "arena", "text-to-video", 3, "Acme")
    found = matches(one, book, {})
    assert [match.id for match in found] == [
        "acme/hopper-2.0/text-to-video",
        "acme/hopper-1.5/text-to-video",
    ][: len(found)]
    assert found[0].score > 0.9
    assert "the same version" in found[0].why


@pytest.mark.parametrize("name", ['a"b\\c', "x\n[[model]]", "plain"])
def test_what_is_suggested_can_be_pasted(tmp_path: Path, name: str) -> None:
    book = {"acme/plain": listed("acme/plain", a_price(0.1))}
    one = Unmapped(name, "arena", "text-to-image", None, None)
    text = pasted(one, matches(one, book, {}))
    assert len(tomllib.loads(text)["model"]) == 1
    (line,) = read_crosswalk(at_home(tmp_path, text) / "crosswalk.toml")
    assert line.name == " ".join(name.split())
