"""Weights come from the hub at the commit that is named, and are pinned on first use if at all."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from evals.errors import InputError, LoadError
from evals.judges import fetch as fetch_judge
from evals.judges import pins as judges
from evals.judges.files import read_judge
from evals.judges.pins import Judge
from tests.evals.hub import COMMIT, put

TODAY = date(2026, 11, 23)
FILES = {"w.pt": b"weights", "head.pth": b"head"}
SHA = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}


class Hub:
    """A hub that holds what it is given, and remembers what it was asked for."""

    def __init__(self, cache: Path, files: dict[str, bytes]) -> None:
        self.cache = cache
        self.files = files
        self.asked: list[tuple[str, str, str]] = []

    def __call__(self, repository: str, file: str, commit: str) -> Path:
        self.asked.append((repository, file, commit))
        return put(self.cache, repository, file, self.files[file], commit)


@pytest.fixture
def roots(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "data", tmp_path / "home"


@pytest.fixture
def hub(hub_cache: Path) -> Hub:
    beside = dict.fromkeys(("config.json", "tokenizer.json", "tokenizer_config.json"), b"{}")
    return Hub(hub_cache, FILES | beside)


def describe(roots: tuple[Path, Path], extra: str = "", source: str | None = None) -> Judge:
    path = roots[0] / "judges" / "j.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        '# About this judge.\nname = "J"\nfamily = "f"\nkind = "transformers_clip"\n'
        f'source = "{source or f"hf://o/n@{COMMIT}"}"  # the place\nfile = "w.pt"\n'
        f'metrics = ["laion_aesthetic"]\n{extra}'
    )
    return read_judge(path, roots)


def head(extra: str = "", place: str = f"hf://p/q@{COMMIT}") -> str:
    return f'\n[heads.laion_aesthetic]\nsource = "{place}"\nfile = "head.pth"\n{extra}'


def test_what_is_needed_comes_at_the_commit_that_is_named(
    roots: tuple[Path, Path], hub: Hub
) -> None:
    judge = describe(roots, f'sha256 = "{SHA["w.pt"]}"' + head(f'sha256 = "{SHA["head.pth"]}"'))
    path = fetch_judge.fetch(judge, hub)
    assert path.read_bytes() == FILES["w.pt"]
    wanted = {("o/n", name, COMMIT) for name in ("w.pt", *judge.beside)}
    assert set(hub.asked) == wanted | {("p/q", "head.pth", COMMIT)}
    again = read_judge(roots[0] / "judges" / "j.toml", roots)
    assert judges.unavailable(again, "laion_aesthetic") is None
    judges.check(again)


@pytest.mark.parametrize("changed", ["w.pt", "head.pth"])
def test_another_file_than_the_pinned_one_is_refused(
    roots: tuple[Path, Path], hub: Hub, changed: str
) -> None:
    judge = describe(roots, f'sha256 = "{SHA["w.pt"]}"' + head(f'sha256 = "{SHA["head.pth"]}"'))
    hub.files[changed] = b"something else"
    with pytest.raises(LoadError, match=rf"judge j: .*{changed} is not the file that is pinned"):
        fetch_judge.fetch(judge, hub)


def test_what_is_on_no_hub_says_where_it_is_published(roots: tuple[Path, Path], hub: Hub) -> None:
    judge = describe(roots, 'published = "https://x.example/w"', source="judges/weights/j")
    with pytest.raises(InputError, match=r"weights/j/w.pt is on no hub.*https://x.example/w"):
        fetch_judge.fetch(judge, hub)
    folder = roots[1] / "judges" / "weights" / "j"
    folder.mkdir(parents=True)
    (folder / "w.pt").write_bytes(FILES["w.pt"])
    judge = describe(roots, source="judges/weights/j")
    assert fetch_judge.fetch(judge, hub) == folder / "w.pt"
    assert not hub.asked


def test_a_failed_download_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> str:
        raise OSError("no route\nto host")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", fails)
    with pytest.raises(LoadError) as caught:
        fetch_judge.from_hub("o/n", "w.pt", COMMIT)
    assert str(caught.value) == "o/n/w.pt at 01234567 cannot be downloaded: OSError: no route"


def test_the_hubs_client_is_asked_for_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    def finds(repository: str, file: str, *, revision: str) -> str:
        return f"/{repository}/{revision}/{file}"

    monkeypatch.setattr("huggingface_hub.hf_hub_download", finds)
    assert fetch_judge.from_hub("o/n", "w.pt", COMMIT) == Path(f"/o/n/{COMMIT}/w.pt")


def test_a_pin_is_the_hash_of_what_came(roots: tuple[Path, Path], hub: Hub) -> None:
    shipped = roots[0] / "judges" / "j.toml"
    fetch_judge.fetch(describe(roots, "threads = 3\n" + head()), hub)
    before = shipped.read_text()
    mine = fetch_judge.pin("j", roots, TODAY)
    assert mine == roots[1] / "judges" / "j.toml"
    assert shipped.read_text() == before
    judge = read_judge(mine, roots)
    assert judge.weights.sha256 == SHA["w.pt"]
    assert judge.heads["laion_aesthetic"].sha256 == SHA["head.pth"]
    assert judge.threads == 3
    judges.check(judge)
    assert judges.unavailable(judge, "laion_aesthetic") is None
    kept = [line for line in mine.read_text().splitlines() if line in before.splitlines()]
    assert kept == before.splitlines()
    assert mine.read_text().count("on 2026-11-23: trusted on first use") == 2
    assert [path.name for path in mine.parent.iterdir()] == ["j.toml"]
    with pytest.raises(InputError, match="judge j: every file that is here is pinned already"):
        fetch_judge.pin("j", roots, TODAY)


def test_a_pin_stays_when_the_file_changes(roots: tuple[Path, Path], hub: Hub) -> None:
    fetch_judge.fetch(describe(roots), hub)
    mine = fetch_judge.pin("j", roots, TODAY)
    put(hub.cache, "o/n", "w.pt", b"changed")
    with pytest.raises(LoadError, match="has sha256"):
        judges.check(read_judge(mine, roots))


def test_a_head_that_comes_later_is_pinned_later(roots: tuple[Path, Path], hub: Hub) -> None:
    fetch_judge.fetch(describe(roots, head(place="judges/weights/h")), hub)
    mine = fetch_judge.pin("j", roots, TODAY)
    folder = roots[1] / "judges" / "weights" / "h"
    folder.mkdir(parents=True)
    (folder / "head.pth").write_bytes(FILES["head.pth"])
    fetch_judge.pin("j", roots, TODAY)
    judge = read_judge(mine, roots)
    assert judge.weights.sha256 == SHA["w.pt"]
    assert judge.heads["laion_aesthetic"].sha256 == SHA["head.pth"]


def test_nothing_is_pinned_that_is_not_here(roots: tuple[Path, Path], hub: Hub) -> None:
    describe(roots)
    with pytest.raises(LoadError, match=r"judge j: o/n/w.pt is not on this machine"):
        fetch_judge.pin("j", roots, TODAY)
    with pytest.raises(InputError, match='no judge is called "k"'):
        fetch_judge.pin("k", roots, TODAY)
    assert not roots[1].exists()


def test_a_head_written_in_one_line_is_left_to_its_author(
    roots: tuple[Path, Path], hub: Hub
) -> None:
    place = f'{{ source = "hf://p/q@{COMMIT}", file = "head.pth" }}'
    fetch_judge.fetch(describe(roots, f"heads.laion_aesthetic = {place}\n"), hub)
    with pytest.raises(InputError, match=r"write the head of laion_aesthetic as a table"):
        fetch_judge.pin("j", roots, TODAY)
    assert not roots[1].exists()


def test_a_source_that_the_copy_would_not_find_is_refused(roots: tuple[Path, Path]) -> None:
    folder = roots[0] / "judges" / "beside"
    folder.mkdir(parents=True)
    (folder / "w.pt").write_bytes(FILES["w.pt"])
    describe(roots, source="beside")
    with pytest.raises(InputError, match="its source is relative to that file"):
        fetch_judge.pin("j", roots, TODAY)
    assert not list((roots[1] / "judges").iterdir())
