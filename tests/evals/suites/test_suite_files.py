"""Suite files: what may stand in them, and that writing one and reading it back is the identity."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals import metrics, registry
from evals.errors import RegistryError
from evals.suites.files import EVERY_PROMPT, PEOPLE, check_metrics, read_suite, to_toml
from evals.suites.frames import NEEDED
from evals.types import TASKS, Prompt, Suite
from leaderboard import answers, trust
from tests.evals.worlds import Write, suite_toml

PRINTABLE = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30)
TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60).filter(str.strip)
NAME = st.from_regex(r"[a-z][a-z0-9_]{0,12}@?[a-z0-9]", fullmatch=True)


@st.composite
def suites(draw: st.DrawFn) -> Suite:
    """Any suite whose ids are fit to be ids, of a task that begins with words."""
    prompts = [
        Prompt(
            f"p{number}",
            draw(TEXT),
            tuple(draw(st.lists(PRINTABLE.filter(lambda tag: tag != "all"), max_size=3))),
            dict(sorted(draw(st.dictionaries(PRINTABLE, TEXT, max_size=2)).items())),
        )
        for number in range(draw(st.integers(1, 4)))
    ]
    return Suite(
        id="made",
        title=draw(PRINTABLE),
        task=draw(st.sampled_from([task for task in TASKS if task not in NEEDED])),
        prompts=tuple(prompts),
        reference_model=draw(st.none() | NAME),
        seeds=tuple(draw(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=3, unique=True))),
        metrics=tuple(draw(st.lists(NAME, max_size=3, unique=True))),
        weights=dict(sorted(draw(st.dictionaries(NAME, st.floats(0, 1e9), max_size=3)).items())),
        keep_fooled=tuple(draw(st.lists(NAME, max_size=2, unique=True))),
    )


@given(suites(), st.sampled_from(["", "a comment"]))
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, suite: Suite, comment: str
) -> None:
    path = tmp_path_factory.mktemp("suites") / "made.toml"
    path.write_text(to_toml(suite, comment), encoding="utf-8", newline="")
    assert read_suite(path) == suite
    assert read_suite(path).version == suite.version


@pytest.mark.parametrize(
    "change",
    [
        {"metrics": ("clip_score",)},
        {"weights": {"clip_score": 1.0}},
        {"keep_fooled": ("clip_score",)},
        {"seeds": (7,)},
        {"title": "Another"},
    ],
)
def test_the_version_is_of_task_and_prompts_alone(change: dict[str, object]) -> None:
    plain = {"id": "a", "title": "A", "task": "upscale", "prompts": (Prompt("p", "a heron"),)}
    assert Suite(**plain).version == Suite(**(plain | change)).version  # type: ignore[arg-type]
    other = plain | {"prompts": (Prompt("p", "a crane"),)}
    assert Suite(**plain).version != Suite(**other).version  # type: ignore[arg-type]


def test_a_suite_states_its_metrics_and_weights(data: Path, home: Path, write: Write) -> None:
    head = (
        'metrics = ["sharpness", "clip_score", "hps"]\nkeep_fooled = ["hps"]\n'
        "weights = { clip_score = 3, hps = 1.5, people = 4 }\n"
    )
    write("suites/small.toml", head + suite_toml())
    suite = registry.load(home, data).suite("small")
    assert suite.metrics == ("sharpness", "clip_score", "hps")
    assert suite.weights == {"clip_score": 3.0, "hps": 1.5, PEOPLE: 4.0}
    assert suite.keep_fooled == ("hps",)


BAD = [
    ('metrics = ["clip_scor"]', ['"metrics"', '"clip_scor"', 'did you mean "clip_score"?']),
    ('metrics = ["clip_score@nobody"]', ['"metrics"', '"clip_score@nobody"']),
    ('metrics = ["hps", "hps"]', ['"metrics"', "once"]),
    ("weights = { clip_scor = 1 }", ['"weights"', 'did you mean "clip_score"?']),
    ("weights = { clip_score = -1 }", ['"weights.clip_score"']),
    ("weights = { clip_score = nan }", ['"weights.clip_score"']),
    ("weights = { clip_score = 0, hps = 0 }", ['"weights"', "above 0"]),
    ('metrics = ["people"]', ['"metrics"', '"people"']),
    ("weights = { fid = 1 }", ['"weights"', '"fid"', "never votes"]),
    ("weights = { caption_accuracy = 1 }", ['"weights"', "never votes"]),
    ('metrics = ["hps"]\nweights = { clip_score = 1 }', ['"weights"', 'among the "metrics"']),
    ('keep_fooled = ["hp"]', ['"keep_fooled"', '"hps"?']),
    ('metrics = ["hps"]\nkeep_fooled = ["clip_score"]', ['"keep_fooled"', "among"]),
    ('metrics = "hps"', ['"metrics"']),
]


@pytest.mark.parametrize(("head", "words"), BAD)
def test_metrics_that_cannot_be_meant_are_one_line(
    data: Path, home: Path, write: Write, head: str, words: list[str]
) -> None:
    path = write("suites/small.toml", f"{head}\n{suite_toml()}")
    with pytest.raises(RegistryError) as caught:
        registry.load(home, data)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(str(path))
    for word in words:
        assert word in line


def test_a_metric_of_pictures_scores_no_clips(data: Path, home: Path, write: Write) -> None:
    text = suite_toml().replace("text-to-image", "text-to-video")
    write("suites/clips.toml", f'metrics = ["clip_score"]\n{text}')
    with pytest.raises(RegistryError, match="scores images, and text-to-video makes videos"):
        registry.load(home, data)


def test_no_domain_is_called_as_all_of_them_are(data: Path, home: Path, write: Write) -> None:
    write("suites/small.toml", suite_toml().replace('domains = ["flat"]', 'domains = ["all"]', 1))
    with pytest.raises(RegistryError, match=r"prompts\[0\]\.domains"):
        registry.load(home, data)


def test_ratings_call_people_and_all_prompts_the_same() -> None:
    assert (PEOPLE, EVERY_PROMPT) == (trust.PEOPLE, answers.ALL_DOMAINS)


def test_the_suite_of_the_docs_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "suites.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    path = tmp_path / "packshots.toml"
    path.write_text(example, encoding="utf-8")
    suite = read_suite(path)
    check_metrics(path, suite, metrics.served(registry.load(tmp_path / "no home").judges))
    assert suite.metrics
    assert suite.weights
