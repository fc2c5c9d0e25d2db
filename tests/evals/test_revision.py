"""A revision changes with what a model is, and not with where it lies or runs."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from evals import registry, revision
from evals.errors import RegistryError
from evals.types import PinnedAdapter
from tests.evals.worlds import Write, model_toml

COMMIT = "462165984030d82259a11f4367a4eed129e94a7b"


def local_model(source: str, more: str = "") -> str:
    return model_toml(f'source = "{source}"\nsteps = 4\n{more}', backend="diffusers")


def weights(folder: Path, content: bytes = b"weights") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model_index.json").write_text("{}")
    (folder / "w.safetensors").write_bytes(content)
    return folder


def pin(home: Path, data: Path, name: str = "m") -> str:
    known = registry.load(home, data)
    return revision.pinned(known, known.model(name)).revision


def test_one_byte_of_weights_is_a_new_revision(data: Path, home: Path, write: Write) -> None:
    write("models/m.toml", local_model("weights/m"))
    weights(data / "weights" / "m")
    before = pin(home, data)
    assert pin(home, data) == before
    weights(data / "weights" / "m", b"weightz")
    assert pin(home, data) != before


def test_moving_the_folder_or_the_device_is_no_new_revision(
    data: Path, home: Path, write: Write
) -> None:
    write("models/m.toml", local_model("weights/m", 'device = "cpu"'))
    weights(data / "weights" / "m")
    before = pin(home, data)
    shutil.move(data / "weights", data / "elsewhere")
    write("models/m.toml", local_model("../elsewhere/m", 'device = "cuda"'))
    assert pin(home, data) == before


def test_a_setting_is_part_of_the_revision(data: Path, home: Path, write: Write) -> None:
    weights(data / "weights" / "m")
    write("models/m.toml", local_model("weights/m"))
    before = pin(home, data)
    write("models/m.toml", local_model("weights/m").replace("steps = 4", "steps = 5"))
    assert pin(home, data) != before


def test_shared_components_are_followed(data: Path, home: Path, write: Write) -> None:
    write("models/m.toml", local_model("weights/m"))
    vae = weights(data / "weights" / "vae")
    folder = weights(data / "weights" / "m")
    (folder / "vae").symlink_to("../vae")
    before = pin(home, data)
    (vae / "w.safetensors").write_bytes(b"another")
    assert pin(home, data) != before


def test_a_link_that_leaves_data_and_home_is_refused(
    data: Path, home: Path, write: Write, tmp_path: Path
) -> None:
    write("models/m.toml", local_model("weights/m"))
    outside = tmp_path / "outside"
    outside.mkdir()
    (weights(data / "weights" / "m") / "vae").symlink_to(outside)
    with pytest.raises(RegistryError, match="a link that leaves"):
        pin(home, data)


def test_a_missing_folder_is_named_with_where_it_was_sought(
    data: Path, home: Path, write: Write
) -> None:
    path = write("models/m.toml", local_model("./weights/none"))
    with pytest.raises(RegistryError, match=r"settings\.source.*no folder at") as caught:
        pin(home, data)
    assert str(path) in str(caught.value)
    assert str(data / "weights" / "none") in str(caught.value)


@pytest.mark.parametrize("wrong", ["", 'revision = "main"', 'revision = "4621659"'])
def test_a_hub_name_must_be_pinned_to_a_commit(
    data: Path, home: Path, write: Write, wrong: str
) -> None:
    write("models/m.toml", local_model("owner/name", wrong))
    with pytest.raises(RegistryError, match=r"settings\.revision.*owner/name.*40 hex"):
        pin(home, data)


def test_a_pinned_hub_model_needs_no_folder(data: Path, home: Path, write: Write) -> None:
    write("models/m.toml", local_model("owner/name", f'revision = "{COMMIT}"'))
    before = pin(home, data)
    write("models/m.toml", local_model("owner/name", f'revision = "{COMMIT[::-1]}"'))
    assert len(before) == revision.REVISION_DIGITS
    assert pin(home, data) != before


def test_a_backend_gets_absolute_folders_and_the_record_relative_ones(
    data: Path, home: Path, write: Write
) -> None:
    write("models/m.toml", local_model("weights/m"))
    folder = weights(data / "weights" / "m")
    known = registry.load(home, data)
    assert revision.located(known, known.model("m")).settings["source"] == str(folder.resolve())
    assert revision.pinned(known, known.model("m")).settings["source"] == "weights/m"


def test_keys_that_came_later_leave_older_models_their_revision(
    data: Path, home: Path, write: Write
) -> None:
    weights(data / "weights" / "m")
    write("models/m.toml", local_model("weights/m"))
    known = registry.load(home, data)
    model = known.model("m")
    later = {"frames", "fps"}
    assert later < set(model.settings)
    older = {key: value for key, value in model.settings.items() if key not in later}
    now = revision.pinned(known, model).revision
    assert revision.pinned(known, replace(model, settings=older)).revision == now
    for key, value in (("frames", 8), ("fps", 8.0)):
        changed = replace(model, settings={**model.settings, key: value})
        assert revision.pinned(known, changed).revision != now


@pytest.mark.parametrize(
    ("line", "same"),
    [
        ('offload = "model"', True),
        ("deadline_s = 60.0", True),
        ("vae_slicing = true", True),
        ("trust_remote_code = true", True),
        ("compile = false", True),
        ("adapters = []", True),
        ("compile = true", False),
        ("vae_tiling = true", False),
        ('dtype = "bfloat16"', False),
        ('dtypes = { vae = "bfloat16" }', False),
        ('scheduler = "DDIMScheduler"', False),
        ("scheduler_arguments = { shift = 3.0 }", False),
        ('pipeline = "StableDiffusionPipeline"', False),
    ],
)
def test_only_what_a_model_is_changes_its_revision(
    data: Path, home: Path, write: Write, line: str, same: bool
) -> None:
    weights(data / "weights" / "m")
    write("models/m.toml", local_model("weights/m"))
    before = pin(home, data)
    write("models/m.toml", local_model("weights/m", line))
    assert (pin(home, data) == before) is same


def test_the_revisions_of_the_first_release_are_what_they_were() -> None:
    """Results are kept by revision: a change of the program must not orphan them."""
    known = registry.load(Path("/nowhere"))
    found = {
        name: revision.pinned(known, known.model(name)).revision
        for name in ("reference-small-r1", "reference-clip-turbo", "noise")
    }
    assert found == {
        "reference-small-r1": "388cac36ea50",
        "reference-clip-turbo": "3aeac01e0f70",
        "noise": "e06b10f89c53",
    }


def test_adapters_are_pinned_by_content_and_strength(data: Path, home: Path, write: Write) -> None:
    laid = """
[[settings.adapters]]
source = "loras"
file = "ink.safetensors"
strength = 0.5
[[settings.adapters]]
source = "owner/loras@462165984030d82259a11f4367a4eed129e94a7b"
file = "oil.safetensors"
"""
    write("models/m.toml", local_model("weights/m", laid))
    weights(data / "weights" / "m")
    (data / "loras").mkdir()
    (data / "loras" / "ink.safetensors").write_bytes(b"ink")
    known = registry.load(home, data)
    ink, oil = revision.pinned(known, known.model("m")).adapters
    assert ink == PinnedAdapter(hashlib.sha256(b"ink").hexdigest(), 0.5)
    assert (len(oil.content), oil.strength) == (64, 1.0)
    (data / "loras" / "ink.safetensors").write_bytes(b"other ink")
    assert revision.pinned(known, known.model("m")).adapters[0] != ink
    assert known.model("m").adapters == ()
