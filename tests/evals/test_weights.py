"""Places of weights: folders, the hub's cache as its client lays it out, installed packages."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from evals import weights
from evals.errors import RegistryError
from tests.evals.hub import COMMIT, put


def test_a_snapshot_is_where_the_hubs_client_looks(hub_cache: Path) -> None:
    from huggingface_hub import try_to_load_from_cache

    put(hub_cache, "owner/name", "sub/model.safetensors", b"weights")
    theirs = try_to_load_from_cache(
        "owner/name", "sub/model.safetensors", cache_dir=hub_cache, revision=COMMIT
    )
    assert weights.snapshot("owner/name", COMMIT) / "sub/model.safetensors" == Path(str(theirs))


def test_a_hub_source_is_there_once_it_was_downloaded(hub_cache: Path, tmp_path: Path) -> None:
    def look() -> weights.Weights:
        source = weights.find(tmp_path / "j.toml", "source", f"hf://o/n@{COMMIT}", ())
        return source.weights("w.bin", "0" * 64)

    assert look().path is None
    assert (look().wanted, look().hub) == ("o/n/w.bin", ("o/n", COMMIT))
    put(hub_cache, "o/n", "other.bin", b"")
    assert look().path is None
    put(hub_cache, "o/n", "w.bin", b"weights")
    found = look().path
    assert found is not None
    assert found.read_bytes() == b"weights"


@pytest.mark.parametrize(
    "source",
    ["hf://o/n", "hf://o/n@main", "hf://o@" + COMMIT, "hf://o/../n@" + COMMIT, "hf://o/n@0123"],
)
def test_a_hub_source_names_one_commit_of_one_repository(source: str, tmp_path: Path) -> None:
    described = tmp_path / "j.toml"
    with pytest.raises(
        RegistryError, match=r'j.toml: key "heads.x.source": write hf://owner/name@'
    ):
        weights.find(described, "heads.x.source", source, ())


def test_a_folder_lies_beside_the_file_or_in_a_root(tmp_path: Path) -> None:
    described = tmp_path / "judges" / "j.toml"
    data, home = tmp_path / "data", tmp_path / "home"
    assert weights.find(described, "source", "mine", (data, home)).folder is None
    for folder in (home, data, described.parent):
        (folder / "mine").mkdir(parents=True)
        found = weights.find(described, "source", "mine", (data, home))
        assert found.folder == (folder / "mine").resolve()
    assert found.weights("w.pt", None).path is None
    assert found.weights("w.pt", None).wanted == "mine/w.pt"
    (described.parent / "mine" / "w.pt").touch()
    assert found.weights("w.pt", None).path == described.parent / "mine" / "w.pt"


def test_a_package_is_found_without_importing_it(tmp_path: Path) -> None:
    origin = find_spec("torchmetrics").origin  # pyright: ignore
    inside = weights.find(tmp_path / "j.toml", "source", "package:torchmetrics/functional", ())
    assert inside.folder == Path(str(origin)).parent / "functional"
    for missing in ("no_such_package/x", "torchmetrics/no/such/folder", "os.path", ""):
        assert weights.find(tmp_path / "j", "source", f"package:{missing}", ()).folder is None
