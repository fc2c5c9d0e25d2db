"""The shipped judge of motion reads captions that it was not trained on, and needs the motion."""

from __future__ import annotations

import pytest

from evals.calibration import clip_networks, clip_validity, validity
from evals.calibration.clip_validity import WORDS, moves, preference
from evals.calibration.validity import Judge
from evals.canaries.disorders import frozen, shuffled
from evals.home import data_root

pytestmark = pytest.mark.slow

FOLDER = data_root() / "reference" / "motion-judge"


@pytest.fixture(scope="module")
def judge() -> Judge:
    return validity.load_judge(FOLDER)


@pytest.fixture(scope="module")
def areas(judge: Judge) -> dict[str, float]:
    return clip_validity.judge_auc(judge, count=210)


FLOORS = {name: 0.9 for name in WORDS if name != "speed"} | {"shape": 0.7, "motion": 0.88}
"""It cannot tell fast from slow, and takes one shape for another in one of five."""


@pytest.mark.parametrize("attribute", FLOORS)
def test_one_changed_word_lowers_the_score(areas: dict[str, float], attribute: str) -> None:
    assert areas[attribute] > FLOORS[attribute]


def test_without_the_motion_the_caption_is_not_true(judge: Judge) -> None:
    assert preference(judge, frozen, moves, count=60) > 0.85
    assert preference(judge, shuffled, clip_validity.travels_or_grows, count=60) > 0.65


def test_its_tokenizer_knows_every_word_of_motion_as_one_token() -> None:
    import open_clip

    tokenizer = open_clip.get_tokenizer(f"local-dir:{FOLDER}")
    for word in clip_networks.motion_words():
        (row,) = tokenizer([word])
        assert len(set(row.tolist())) == 3, word  # start, the word, end


def test_it_is_small() -> None:
    size = sum(file.stat().st_size for file in FOLDER.iterdir())
    assert size < 1_500_000
