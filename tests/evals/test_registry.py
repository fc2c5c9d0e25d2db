"""Files that people write become types, or one line that says what to change."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from evals import registry
from evals.errors import NotFoundError, RegistryError
from tests.evals.worlds import Write, model_toml, suite_toml

SDXL = """
name = "Stable Diffusion XL 1.0"
task = "text-to-image"
backend = "diffusers"
vendor = "Stability AI"
licence = "OpenRAIL++"
released = 2023-07-26

[settings]
source = "stabilityai/stable-diffusion-xl-base-1.0"
revision = "462165984030d82259a11f4367a4eed129e94a7b"
steps = 30
guidance = 5.0
width = 1024
height = 1024
dtype = "float16"
variant = "fp16"
device = "cuda"
"""


def test_the_shipped_files_are_valid(tmp_path: Path) -> None:
    known = registry.load(tmp_path / "no-home")
    assert known.models
    assert {model.anchor for model in known.models.values()} >= {"upper", "lower"}
    assert known.suite("calibration").prompts


def test_a_model_and_its_suite_are_read(data: Path, home: Path) -> None:
    known = registry.load(home, data)
    model = known.model("renderer")
    assert (model.id, model.task, model.suites) == ("renderer", "text-to-image", ("small",))
    assert model.settings == {
        "kind": "renderer",
        "imperfection": 0.0,
        "variation": 1.0,
        "factor": None,
    }
    assert [prompt.id for prompt in known.suite("small").prompts] == ["p1", "p2", "p3", "p4"]
    assert known.suite("small").prompts[1].facts["shape"] == "star"
    assert not home.exists()


def test_a_hub_model_is_registered_by_a_file_alone(data: Path, home: Path, write: Write) -> None:
    write("models/sdxl.toml", SDXL)
    model = registry.load(home, data).model("sdxl")
    assert model.settings["guidance"] == 5.0
    assert model.released is not None
    assert model.released.year == 2023


def test_the_home_wins_and_it_is_said(data: Path, home: Path) -> None:
    (home / "models").mkdir(parents=True)
    mine = home / "models" / "noise.toml"
    mine.write_text(model_toml('kind = "noise"').replace("A model", "Mine"))
    known = registry.load(home, data)
    assert known.model("noise").name == "Mine"
    assert len(known.notes) == 1
    assert str(mine) in known.notes[0]
    assert str(data / "models" / "noise.toml") in known.notes[0]


def test_the_homes_prices_win_by_key(data: Path, home: Path) -> None:
    (home / "prices").mkdir(parents=True)
    shipped = (data / "prices" / "hardware.toml").read_text()
    (home / "prices" / "hardware.toml").write_text(shipped.replace("3.6", "7.2"))
    assert registry.load(home, data).hardware["box"].prices[0].usd == 7.2


def diffusers_toml(settings: str = "", task: str = "text-to-video") -> str:
    """A model file of the backend whose settings depend on the task."""
    text = model_toml(f'source = "w"\nsteps = 4\n{settings}', backend="diffusers")
    return text.replace("text-to-image", task)


GOOD = model_toml()
BAD_MODELS = [
    pytest.param(GOOD.replace("backend", "bakend"), ['"bakend"', '"backend"?'], id="unknown key"),
    pytest.param(GOOD.replace("kind", "knd"), ['"settings.knd"', '"kind"?'], id="unknown setting"),
    pytest.param(
        GOOD + "imperfection = 'half'\n", ['"settings.imperfection"', "'half'"], id="wrong type"
    ),
    pytest.param(GOOD + "imperfection = 1.5\n", ["settings.imperfection", "1.5"], id="range"),
    pytest.param(
        GOOD.replace('"renderer"', '"rendrer"'), ["settings.kind", '"renderer"?'], id="value"
    ),
    pytest.param(GOOD.replace("procedural", "procedral"), ['"procedural"?'], id="backend"),
    pytest.param(GOOD.replace("text-to-image", "text-to-imag"), ['"text-to-image"?'], id="task"),
    pytest.param(GOOD.replace("text-to-image", "image-edit"), ["task", "procedural"], id="cannot"),
    pytest.param(GOOD.replace('task = "text-to-image"', ""), ['"task" is missing'], id="missing"),
    pytest.param(
        GOOD.replace('name = "A model"', 'name = "A"\nname = "B"'), ["line 2"], id="duplicate key"
    ),
    pytest.param("name = \n", ["not TOML", "line 1"], id="syntax"),
    pytest.param(GOOD.replace('"small"', '"smal"'), ["suites", '"small"?'], id="unknown suite"),
    pytest.param('base = "noize"\n' + GOOD, ["base", '"noise"?'], id="unknown base"),
    pytest.param('base = "bad"\n' + GOOD, ["base", "itself"], id="own base"),
    pytest.param('hardware = "bax"\n' + GOOD, ["hardware", '"box"?'], id="unknown hardware"),
    pytest.param('released = "2026-01-01"\n' + GOOD, ["released"], id="date as text"),
    pytest.param("simulated = 1\n" + GOOD, ["simulated"], id="number as truth value"),
    pytest.param(GOOD.replace("A model", "two\\nlines"), ["name"], id="line break in a name"),
    pytest.param(GOOD.replace("A model", ""), ["name"], id="empty name"),
    pytest.param(diffusers_toml(), ['"settings.fps": is missing: text-to-video'], id="no rate"),
    pytest.param(diffusers_toml("fps = 0"), ["settings.fps"], id="rate of nothing"),
    pytest.param(diffusers_toml("fps = 8\nframes = 1"), ["settings.frames"], id="one frame"),
    pytest.param(
        diffusers_toml("fps = 8", "text-to-image"), ["settings.fps", "leave it out"], id="rate"
    ),
    pytest.param(
        diffusers_toml("frames = 8", "upscale"), ["settings.frames", "leave it out"], id="frames"
    ),
]


@pytest.mark.parametrize(("text", "words"), BAD_MODELS)
def test_a_bad_model_is_one_line(
    data: Path, home: Path, write: Write, text: str, words: list[str]
) -> None:
    path = write("models/bad.toml", text)
    with pytest.raises(RegistryError) as caught:
        registry.load(home, data)
    line = str(caught.value)
    assert "\n" not in line
    assert str(path) in line
    for word in words:
        assert word in line


BAD_SUITES = [
    pytest.param(suite_toml().replace("text = ", "txt = ", 1), ["prompts[0].txt", '"text"?']),
    pytest.param(suite_toml().replace('id = "p2"', 'id = "P1"'), ["prompts[1].id", "duplicate"]),
    pytest.param(suite_toml().replace('id = "p2"', 'id = "../p"'), ["prompts[1].id"]),
    pytest.param(suite_toml().replace("[0, 1]", "[0, -1]"), ["seeds[1]"]),
    pytest.param(suite_toml().replace("[0, 1]", "[0, 0]"), ["seeds"]),
    pytest.param(suite_toml().replace("[0, 1]", "[]"), ["seeds"]),
    pytest.param('title = "T"\ntask = "text-to-image"\nprompts = []\n', ["prompts"]),
    pytest.param('reference_model = "nois"\n' + suite_toml(), ["reference_model", '"noise"?']),
    pytest.param(suite_toml().replace("text-to-image", "upscale"), ["upscale"]),
]


@pytest.mark.parametrize(("text", "words"), BAD_SUITES)
def test_a_bad_suite_is_one_line(
    data: Path, home: Path, write: Write, text: str, words: list[str]
) -> None:
    write("suites/small.toml", text)
    with pytest.raises(RegistryError) as caught:
        registry.load(home, data)
    line = str(caught.value)
    assert "\n" not in line
    for word in words:
        assert word in line


BAD_PRICES = [
    ("[box]\nname = 'x'\ndevice = 'cpu'\nprice = []\n", ['"box.price"', '"prices"?']),
    ("box = 3\n", ['"box"']),
    ("[box]\nname = 'x'\ndevice = 'gpu'\nprices = []\n", ['"box.device"']),
    (
        "[box]\nname = 'x'\ndevice = 'cpu'\n[[box.prices]]\nusd_per_hour = nan\n"
        "effective_from = 2026-01-01\nsource = 's'\n",
        ["box.prices[0].usd_per_hour"],
    ),
]


@pytest.mark.parametrize(("text", "words"), BAD_PRICES)
def test_a_bad_price_is_one_line(
    data: Path, home: Path, write: Write, text: str, words: list[str]
) -> None:
    write("prices/hardware.toml", text)
    with pytest.raises(RegistryError) as caught:
        registry.load(home, data)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    "stem", ["CON", "com1", "nul.x", "a..", "-x", "a b", "a" * 101, "x\ny", "a:b", "a\\b"]
)
def test_a_bad_id_is_refused_by_name(data: Path, home: Path, write: Write, stem: str) -> None:
    write(f"models/{stem}.toml", model_toml())
    with pytest.raises(RegistryError, match="the id"):
        registry.load(home, data)


@pytest.mark.parametrize(
    ("one", "other"), [("Model-x", "model-X"), ("ﬁne", "fine"), ("é", "e\u0301")]
)
def test_ids_that_differ_in_form_alone_are_duplicates(
    data: Path, home: Path, one: str, other: str
) -> None:
    assert unicodedata.normalize("NFKC", one).casefold() == (
        unicodedata.normalize("NFKC", other).casefold()
    )
    (home / "models").mkdir(parents=True)
    (data / "models" / f"{one}.toml").write_text(model_toml())
    (home / "models" / f"{other}.toml").write_text(model_toml())
    with pytest.raises(RegistryError):
        registry.load(home, data)


def test_a_link_that_leaves_the_folder_is_refused(data: Path, home: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.toml"
    outside.write_text(model_toml())
    (data / "models" / "linked.toml").symlink_to(outside)
    with pytest.raises(RegistryError, match=r"linked\.toml: a link that leaves"):
        registry.load(home, data)


def test_bytes_that_are_no_text_are_refused(data: Path, home: Path) -> None:
    (data / "models" / "bad.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(RegistryError, match="not UTF-8"):
        registry.load(home, data)


def test_the_nearest_name_is_said(data: Path, home: Path) -> None:
    known = registry.load(home, data)
    with pytest.raises(NotFoundError, match='did you mean "renderer"'):
        known.model("Renderr")
    with pytest.raises(NotFoundError, match='did you mean "small"'):
        known.suite("smal")
    with pytest.raises(NotFoundError, match=r"zzz\.toml"):
        known.judge("zzz")
