"""The shape of the tree: arrows point one way, maps are complete, files stay small."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("evals", "leaderboard")
LONGEST = 350
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def label(path: Path) -> str:
    """A path as pytest shows it."""
    return path.relative_to(ROOT).as_posix()


FOUND_BY_NAME = {
    "evals/backends",
    "evals/encoder_kinds",
    "evals/metrics",
    "evals/prices/sources",
    "leaderboard/commands",
    "leaderboard/dashboard/pages",
    "leaderboard/sources",
}
"""Folders to which one new file is all there is to add: nothing else may have to name it."""
FOLDERS = sorted({path.parent for path in FILES})
HEAVY = {"torch", "diffusers", "transformers", "open_clip", "pandas", "lifelines", "torchmetrics"}


def children(folder: Path) -> set[str]:
    """Modules and packages directly in `folder`."""
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "__main__"}
    return modules | {path.name for path in folder.iterdir() if (path / "__init__.py").is_file()}


@pytest.mark.parametrize("folder", FOLDERS, ids=label)
def test_every_package_says_what_it_is(folder: Path) -> None:
    start = folder / "__init__.py"
    assert start.is_file(), f"{label(folder)} is no package: add __init__.py"
    assert ast.get_docstring(ast.parse(start.read_text())), f"{label(start)} has no docstring"


@pytest.mark.parametrize(
    "folder", [path for path in FOLDERS if label(path) not in FOUND_BY_NAME], ids=label
)
def test_every_module_is_on_the_map_of_its_package(folder: Path) -> None:
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    words = set(docstring.replace("/", " ").replace(",", " ").replace("`", " ").split())
    words |= {word.removesuffix(".py").rstrip(":.;()").lstrip("(") for word in words}
    missing = children(folder) - words
    assert not missing, f"{label(folder)}/__init__.py: its docstring does not mention {missing}"


@pytest.mark.parametrize("path", FILES, ids=label)
def test_files_stay_small(path: Path) -> None:
    length = len(path.read_text().splitlines())
    assert length <= LONGEST, f"{label(path)} has {length} lines: split it by reason to change"


def test_arrows_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_contract_has_a_subject() -> None:
    """A contract about a module that was renamed would hold for ever and check nothing."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    named = [
        f"{container}.{module.strip()}".lstrip(".")
        for contract in settings["contracts"]
        for container in contract.get("containers", [""])
        for key in ("source_modules", "layers")
        for entry in contract.get(key, ())
        for module in entry.replace("|", ":").split(":")
    ]
    assert named
    for module in named:
        path = ROOT / module.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), f"no module {module}"


LIGHT = [
    "evals.types",
    "evals.registry",
    "evals.plan",
    "evals.record",
    "evals.metrics",
    "leaderboard.answers",
    "leaderboard.queries",
    "leaderboard.cli",
]
"""What must import in an instant. Every metric's SPEC is read by importing `evals.metrics`."""


@pytest.mark.parametrize("module", LIGHT)
def test_what_only_reads_imports_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_listing_metrics_needs_no_torch() -> None:
    code = (
        "import sys, pkgutil, importlib, evals.metrics as m\n"
        "specs = [importlib.import_module(f'evals.metrics.{i.name}').SPEC.name"
        " for i in pkgutil.iter_modules(m.__path__) if not i.name.startswith('_')]\n"
        f"print(len(specs), *({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    count, *heavy = done.stdout.split()
    assert int(count) > 0
    assert heavy == []
