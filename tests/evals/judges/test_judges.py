"""Judges: what their files say, when they are unavailable, what makes two of them different."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evals import metrics, registry
from evals.errors import LoadError, RegistryError
from evals.home import data_root
from evals.judges import pins as judges
from evals.judges.files import read_judge
from evals.judges.pins import Judge, Preprocessing
from evals.weights import Weights
from tests.evals.hub import COMMIT, put

WRITTEN = """name = "J"
family = "f"
metrics = ["clip_score", "laion_aesthetic"]
"""
CONTENT = b"weights"
SHA = hashlib.sha256(CONTENT).hexdigest()
SHIPPED = sorted((data_root() / "judges").glob("*.toml"))
Describe = Callable[..., Judge]


@pytest.fixture
def describe(tmp_path: Path) -> Describe:
    """Write and read a judge's file; beside it lies a folder `weights` with one file."""
    folder = tmp_path / "judges"
    (folder / "weights").mkdir(parents=True)
    (folder / "weights" / "w.pt").write_bytes(CONTENT)

    def read(text: str = "", source: str = "weights") -> Judge:
        path = folder / "j.toml"
        path.write_text(WRITTEN + f'source = "{source}"\nfile = "w.pt"\n' + text)
        return read_judge(path, ())

    return read


def test_what_a_file_leaves_out_is_the_usual(describe: Describe) -> None:
    judge = describe()
    assert (judge.id, judge.kind, judge.threads, judge.micro_batch) == ("j", "open_clip", 1, 8)
    assert judge.preprocessing is None
    assert judge.beside == (judges.CONFIG,)
    assert describe('architecture = "ViT-H-14"').beside == ()


def test_a_file_can_say_all_of_a_preprocessing(describe: Describe) -> None:
    judge = describe(
        'antonyms = ["clean", "damaged"]\n[preprocessing]\nsize = 336\nresize = "squash"\n'
        'interpolation = "bilinear"\nantialias = false\nresized_as = "float32"\n'
        "mean = [0, 0.5, 0.5]\nstd = [1, 0.5, 0.5]\n"
    )
    assert judge.antonyms == ("clean", "damaged")
    assert judge.preprocessing == Preprocessing(
        336, "squash", "bilinear", False, "float32", (0.0, 0.5, 0.5), (1.0, 0.5, 0.5)
    )


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[preprocessing]\nsize = 224\nantialias = false", "preprocessing.antialias"),
        ("[preprocessing]\nsize = 224\nstd = [0.5, 0.5, 0]", r"preprocessing.std\[2\]"),
        ("[preprocessing]\nsize = 224\nmean = [0.5, 0.5]", r"preprocessing.mean"),
        ('[preprocessing]\nsize = 224\nresize = "padd"', r'"pad"'),
        ('kind = "open_clipp"', r'"kind".*open_clip'),
        ('sha256 = "abc"', "sha256"),
        ("[heads.x]\nfile = 'h'\nsource = 'hf://a/b@main'", r"heads.x.source"),
        ("antialias = false", 'unknown key "antialias"'),
    ],
)
def test_a_fault_is_told_by_file_and_key(describe: Describe, text: str, key: str) -> None:
    with pytest.raises(RegistryError, match=rf"j.toml.*{key}"):
        describe(text)


def test_weights_that_are_missing_or_not_pinned_are_a_reason(describe: Describe) -> None:
    assert judges.unavailable(describe(f'architecture = "A"\nsha256 = "{SHA}"')) is None
    said = judges.unavailable(describe('architecture = "A"'))
    assert said == "weights/w.pt is not pinned; churnboard metrics --fetch j --pin"
    judge = describe(f'sha256 = "{SHA}"\npublished = "https://x.example/w"', source="nowhere")
    assert judges.unavailable(judge) == (
        "nowhere/w.pt is not on this machine; it is published at https://x.example/w"
    )
    with pytest.raises(LoadError, match=r"judge j: nowhere/w.pt is not on this machine"):
        judges.check(judge)


def test_what_must_lie_beside_the_weights_may_be_missing_too(describe: Describe) -> None:
    judge = describe(f'sha256 = "{SHA}"')
    assert judges.unavailable(judge) == "open_clip_config.json is missing beside weights/w.pt"
    (judge.folder / judges.CONFIG).write_text("{}")  # pyright: ignore
    assert judges.unavailable(judge) is None


def test_a_missing_head_costs_its_metric_alone(describe: Describe, hub_cache: Path) -> None:
    judge = describe(
        f'architecture = "A"\nsha256 = "{SHA}"\n'
        f'[heads.laion_aesthetic]\nsource = "hf://o/n@{COMMIT}"\nfile = "h.pth"\nsha256 = "{SHA}"\n'
    )
    assert judges.unavailable(judge) is judges.unavailable(judge, "clip_score") is None
    said = judges.unavailable(judge, "laion_aesthetic")
    assert said == "o/n/h.pth is not on this machine; churnboard metrics --fetch j"
    judges.check(judge)


@pytest.mark.parametrize("head", [False, True])
def test_other_bytes_than_the_pinned_ones_are_refused(describe: Describe, head: bool) -> None:
    table = f'[heads.laion_aesthetic]\nfile = "w.pt"\nsha256 = "{"0" * 64}"\n' if head else ""
    pin = SHA if head else "0" * 64
    judge = describe(f'architecture = "A"\nsha256 = "{pin}"\n' + table)
    assert judges.unavailable(judge, "laion_aesthetic") is None  # nothing was read yet
    with pytest.raises(LoadError, match=rf"judge j: .*w.pt has sha256 {SHA[:12]}….*pins 0000"):
        judges.check(judge)


def test_a_hub_judge_lives_in_its_snapshot(describe: Describe, hub_cache: Path) -> None:
    text = f'kind = "transformers_clip"\nsha256 = "{SHA}"'
    source = f"hf://owner/name@{COMMIT}"
    said = judges.unavailable(describe(text, source))
    assert said == "owner/name/w.pt is not on this machine; churnboard metrics --fetch j"
    link = put(hub_cache, "owner/name", "w.pt", CONTENT)
    judge = describe(text, source)
    assert judge.folder == link.parent
    assert judges.unavailable(judge) == "config.json is missing beside owner/name/w.pt"
    for name in judge.beside:
        put(hub_cache, "owner/name", name, b"{}")
    assert judges.unavailable(judge) is None
    judges.check(judge)


def test_who_else_downloaded_from_the_repository_makes_no_difference(
    describe: Describe, hub_cache: Path
) -> None:
    judge = describe(f'kind = "transformers_clip"\nsha256 = "{SHA}"', f"hf://owner/name@{COMMIT}")
    for name in ("w.pt", *judge.beside):
        put(hub_cache, "owner/name", name, CONTENT)
    judge = describe(f'kind = "transformers_clip"\nsha256 = "{SHA}"', f"hf://owner/name@{COMMIT}")
    first = judges.identity(judge)
    put(hub_cache, "owner/name", "vocab.json", b"{}")
    assert judges.identity(judge) == first
    put(hub_cache, "owner/name", "tokenizer.json", b"{}")
    assert judges.identity(judge) != first


HOW = Preprocessing(224)
PLAIN = Judge("j", "J", "f", "open_clip", Weights(None, SHA, "w"), preprocessing=HOW)


@pytest.mark.parametrize(
    "change",
    [
        {"size": 336},
        {"resize": "pad"},
        {"interpolation": "bilinear"},
        {"antialias": False},
        {"resized_as": "float32"},
        {"mean": (0.5, 0.5, 0.5)},
        {"std": (0.5, 0.5, 0.5)},
    ],
    ids=str,
)
def test_every_choice_of_a_preprocessing_is_part_of_the_identity(change: dict[str, object]) -> None:
    other = replace(PLAIN, preprocessing=replace(HOW, **change))
    assert judges.identity(other) != judges.identity(PLAIN)


def test_names_and_places_are_no_part_of_the_identity() -> None:
    moved = replace(PLAIN, id="k", name="K", family="g", weights=Weights(Path("x"), SHA, "y"))
    assert judges.identity(moved) == judges.identity(PLAIN)
    for other in (
        replace(PLAIN, architecture="ViT-L-14"),
        replace(PLAIN, kind="lpips"),
        replace(PLAIN, weights=Weights(None, "1" * 64, "w")),
        replace(PLAIN, preprocessing=None),
    ):
        assert judges.identity(other) != judges.identity(PLAIN)


def test_a_head_and_antonyms_are_part_of_a_scores_fingerprint() -> None:
    headed = replace(PLAIN, heads={"laion_aesthetic": Weights(None, "2" * 64, "h")})
    assert judges.identity(headed) == judges.identity(PLAIN)
    for metric, same in (("laion_aesthetic", False), ("clip_score", True)):
        pair = [judges.fingerprint(judge, metric, "1") for judge in (PLAIN, headed)]
        assert (pair[0] == pair[1]) is same
    wordy = replace(PLAIN, antonyms=("clean", "damaged"))
    assert judges.fingerprint(wordy, "x", "1") != judges.fingerprint(PLAIN, "x", "1")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_ships_is_pinned_or_says_that_it_is_not(path: Path, hub_cache: Path) -> None:
    judge = read_judge(path, (data_root(),))
    assert set(judge.metrics) <= set(metrics.discover())
    assert set(judge.heads) <= set(judge.metrics)
    for metric in judge.metrics:
        said = judges.unavailable(judge, metric)
        if not judge.calibration_world:
            assert said is not None, "nobody has these weights in an empty home"
            assert "is not on this machine" in said
            assert "--fetch" in said or "published at" in said
        else:
            assert said is None


def test_every_metric_of_the_field_has_the_judge_that_it_names(home: Path) -> None:
    known = registry.load(home).judges
    for name, module in metrics.discover().items():
        if module.SPEC.judge is not None:
            assert metrics.of_picture(name) in known[module.SPEC.judge].metrics, name
