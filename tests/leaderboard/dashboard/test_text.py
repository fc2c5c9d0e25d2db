"""Words and numbers for people; above all, that data is shown and never interpreted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from leaderboard import wording
from leaderboard.dashboard import text

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HOSTILE = [
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "![x](https://example.com/pixel.png)",
    "# heading",
    "1. list",
    "- list",
    "1) list",
    "> quote",
    "    code",
    "`code` **bold** _it_ ~~gone~~",
    "a | b\n--- | ---\n1 | 2",
    "title\n===",
    "&lt;b&gt; &amp; &copy;",
    "$x^2$ and $$y$$",
    "back\\slash\\",
]


def shown(markdown: str) -> str:
    """What a CommonMark reader shows for `markdown`; fails when it holds anything but text."""
    tokens = MARKDOWN.parse(markdown)
    assert [t.type for t in tokens] in (["paragraph_open", "inline", "paragraph_close"], [])
    children = [child for t in tokens for child in t.children or ()]
    assert {child.type for child in children} <= {"text"}
    return "".join(child.content for child in children)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_markup_from_data_is_shown_as_text(hostile: str) -> None:
    assert shown(text.plain(hostile)).replace("\u200b", "") == " ".join(hostile.split())


@given(st.text(st.characters(codec="utf-8", exclude_characters="\u200b\x00"), max_size=60))
def test_any_text_is_shown_as_it_is(data: str) -> None:
    assert shown(text.plain(data)).replace("\u200b", "") == " ".join(data.split())


@pytest.mark.parametrize("address", [":material/face:", ":red[x]", "a@b.example", "www.b.example"])
def test_streamlit_finds_no_icon_colour_or_link(address: str) -> None:
    sign = next(sign for sign in (":", "@", "www") if sign in address)
    assert sign + "\u200b" in text.plain(address)


@given(st.floats(0, 1))
def test_odds_never_claim_certainty(probability: float) -> None:
    words = wording.odds(probability)
    assert words not in ("0 %", "100 %")
    assert words.endswith(" %")


@given(st.floats(1e-7, 1e5))
def test_dollars_keep_two_digits(value: float) -> None:
    assert float(text.usd(value).replace("$", "").replace(",", "")) == pytest.approx(
        value, rel=0.06
    )


def test_nothing_known_is_said_to_be_unknown() -> None:
    assert {wording.odds(None), text.seconds(None), text.usd(None), text.per_thousand(None)} == {
        text.UNKNOWN
    }
