"""Lists of prompts in the field's formats: every prompt arrives, and what is wrong is named."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.errors import InputError
from evals.suites import prompts as prompt_files
from evals.suites.prompts import FORMATS, MOST_PROMPTS, detect, parse

PARTI = (
    "Prompt\tCategory\tChallenge\tNote\n"
    'a sign that says "no swimming"\tOutdoor Scenes\tWriting & Symbols\t\n'
    '"low tide"\tOutdoor Scenes\tBasic\n'
    '"a ""wet"" dog"\tAnimals\tBasic\tfrom a spreadsheet\n'
)
GENEVAL = (
    '{"tag": "counting", "include": [{"class": "pear", "count": 3}],'
    ' "exclude": [{"class": "pear", "count": 4}], "prompt": "a photo of three pears"}\n'
    '{"tag": "color_attr", "include": [], "prompt": "a photo of a blue pear and a red fork"}\n'
)
DRAWBENCH = (
    'Prompts,Category\na teal door.,Colors\n"A shop, closed,\nat night.",Descriptions\n,\n'
    '"A sign that says ""Open"".",Text\n'
)
VBENCH = json.dumps(
    [
        {"prompt_en": "a heron takes off", "dimension": ["subject_consistency", "dynamic_degree"]},
        {"prompt_en": "a still pond", "dimension": [], "auxiliary_info": {"x": 1}},
    ]
)
LINES = "a heron\r\n\n  a crane, two herons \n# no comment\n"

READ = {
    "parti": (
        PARTI,
        "prompts.tsv",
        [
            ('a sign that says "no swimming"', ("outdoor-scenes", "writing-symbols")),
            ("low tide", ("outdoor-scenes", "basic")),
            ('a "wet" dog', ("animals", "basic")),
        ],
    ),
    "geneval": (
        GENEVAL,
        "evaluation_metadata.jsonl",
        [
            ("a photo of three pears", ("counting",)),
            ("a photo of a blue pear and a red fork", ("color_attr",)),
        ],
    ),
    "drawbench": (
        DRAWBENCH,
        "prompts.csv",
        [
            ("a teal door.", ("colors",)),
            ("A shop, closed,\nat night.", ("descriptions",)),
            ('A sign that says "Open".', ("text",)),
        ],
    ),
    "vbench": (
        VBENCH,
        "info.json",
        [("a heron takes off", ("subject_consistency", "dynamic_degree")), ("a still pond", ())],
    ),
    "lines": (
        LINES,
        "mine.txt",
        [("a heron", ()), ("a crane, two herons", ()), ("# no comment", ())],
    ),
}


def test_every_format_is_tried() -> None:
    assert set(READ) == set(FORMATS)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("told", [True, False])
def test_a_file_is_read_whether_its_format_is_told_or_not(format: str, told: bool) -> None:
    content, name, expected = READ[format]
    found = parse(content, name, format if told else None)
    assert found.format == format
    assert [(p.text, p.domains) for p in found.prompts] == expected
    assert [p.id for p in found.prompts] == [f"p{n:03}" for n in range(1, len(expected) + 1)]
    assert all(not p.facts for p in found.prompts)
    assert found.repeats == ()


@pytest.mark.parametrize("format", FORMATS)
def test_a_byte_order_mark_changes_nothing(format: str) -> None:
    content, name, _ = READ[format]
    assert parse("\ufeff" + content, name) == parse(content, name)


def _as_parti(prompts: Sequence[str]) -> str:
    return "Prompt\tCategory\n" + "".join(f"{text}\tx\n" for text in prompts)


def _as_drawbench(prompts: Sequence[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("Prompts", "Category"), *((text, "x") for text in prompts)])
    return out.getvalue()


WRITERS: dict[str, Callable[[Sequence[str]], str]] = {
    "parti": _as_parti,
    "geneval": lambda prompts: "".join(
        json.dumps({"prompt": text, "tag": "x"}) + "\n" for text in prompts
    ),
    "drawbench": _as_drawbench,
    "vbench": lambda prompts: json.dumps(
        [{"prompt_en": text, "dimension": ["x"]} for text in prompts]
    ),
    "lines": lambda prompts: "\n".join(prompts),
}
ONE_LINE = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters='"\t'), min_size=1
).filter(lambda text: text == text.strip() and text)


@pytest.mark.parametrize("format", FORMATS)
@given(prompts=st.lists(ONE_LINE, min_size=1, max_size=8, unique=True))
@settings(max_examples=60, deadline=None)
def test_prompts_arrive_as_they_were_and_in_order(format: str, prompts: list[str]) -> None:
    found = parse(WRITERS[format](prompts), "file", format)
    assert [p.text for p in found.prompts] == prompts


def answer(content: str, format: str) -> str | int:
    """How many prompts there are, or the error."""
    try:
        return len(parse(content, "file.txt", format).prompts)
    except InputError as error:
        return str(error)


HEADS = {"parti": "Prompt\tCategory\n", "drawbench": "Prompts,Category\n", "vbench": "["}


@pytest.mark.parametrize("format", FORMATS)
@given(headed=st.booleans(), content=st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_whatever_stands_in_a_file_the_answer_is_prompts_or_one_line(
    format: str, headed: bool, content: str
) -> None:
    found = answer(HEADS.get(format, "") * headed + content, format)
    if isinstance(found, str):
        assert found.startswith("file.txt")
        assert "\n" not in found
    else:
        assert found > 0


def test_a_repeated_prompt_is_kept_once_with_the_tags_of_both() -> None:
    content = "Prompt\tCategory\na pear\tFood\na plum\tFood\na pear\tStill life\n"
    found = parse(content, "x.tsv")
    assert [(p.text, p.domains) for p in found.prompts] == [
        ("a pear", ("food", "still-life")),
        ("a plum", ("food",)),
    ]
    assert found.repeats == ("line 4 repeats line 2",)


def test_a_tag_for_every_prompt_is_no_domain() -> None:
    (prompt,) = parse("Prompts,Category\na pear,All\n", "x.csv").prompts
    assert prompt.domains == ()


def test_ids_sort_as_the_file_does() -> None:
    found = parse("\n".join(f"prompt {n}" for n in range(1200)), "x.txt")
    ids = [p.id for p in found.prompts]
    assert ids == sorted(ids)
    assert (ids[0], ids[-1]) == ("p0001", "p1200")


BAD = [
    ("parti", "Prompt\tKategory\na\tb\n", ["line 1", '"category"', 'did you mean "kategory"?']),
    ("parti", "Prompt\tCategory\na\tb\tc\n", ["line 2", "3 columns", "has 2"]),
    ("parti", "Prompt\tCategory\na\tb\n \tb\n", ["line 3", "empty"]),
    ("parti", "Prompt\tPrompt\tCategory\n", ["line 1", "two columns"]),
    ("parti", "Prompt\tCategory\n", ["no prompts"]),
    ("drawbench", "Prompts\na\n", ["line 1", '"category"']),
    ("drawbench", 'Prompts,Category\na,b\n"a,b\n\n', ["line 3", "not CSV"]),
    ("drawbench", "Prompts,Category\na,b,c\n", ["line 2", "3 columns"]),
    ("geneval", '{"tag": "x", "prompt": "a"}\n{"tag": "x"\n', ["line 2", "not JSON"]),
    ("geneval", '{"tag": "x", "promt": "a"}\n', ["line 1", '"prompt" is missing', '"promt"?']),
    ("geneval", '{"tag": 3, "prompt": "a"}\n', ["line 1", '"tag" is not text']),
    ("geneval", "[1]\n", ["line 1", "not an object"]),
    ("geneval", '{"tag": "x", "prompt": "\\ud800"}\n', ["line 1", "U+D800"]),
    ("vbench", '[{"prompt_en": "a"},\n{"prompt_en": ]', ["line 2, column 15"]),
    ("vbench", '{"prompt_en": "a"}', ["not a list"]),
    ("vbench", '[{"prompt_en": "a"}, {"prompt_en": "b", "dimension": "c"}]', ["entry 2"]),
    ("vbench", "[" * 100_000, ["not JSON"]),
    ("lines", "\n \n", ["no prompts"]),
    ("lines", "a\nb\x00c\n", ["line 2", "U+0000"]),
    ("lines", "a\n" + "b" * 20_001, ["line 2", "20,000"]),
    ("parti", f"Prompt\tCategory\na\t{'b' * 61}\n", ["line 2", "tag"]),
]


@pytest.mark.parametrize(("format", "content", "words"), BAD)
def test_what_is_wrong_is_named_by_its_line(format: str, content: str, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        parse(content, "some/file", format)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith("some/file")
    for word in words:
        assert word in line


def test_too_many_prompts_are_refused() -> None:
    with pytest.raises(InputError, match=f"line {MOST_PROMPTS + 1}: more than"):
        parse("\n".join(map(str, range(MOST_PROMPTS + 5))), "x.txt")


def test_a_table_of_an_unknown_kind_is_not_taken_for_lines() -> None:
    for name in ("x.csv", "x.tsv", "x.json", "x.jsonl"):
        with pytest.raises(InputError, match="say which with --format"):
            detect("id,text\n1,a heron\n", name)
    assert detect("id,text\n1,a heron\n", "x.txt") == "lines"
    assert detect("[close-up] a heron", "x.txt") == "lines"


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(InputError, match='did you mean "geneval"'):
        prompt_files.parse("a", "x", "genevel")
