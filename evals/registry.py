"""Models, suites, judges and prices: files written by people → frozen types.

One TOML file each, its stem the id, in `models/`, `suites/` and `judges/` of the shipped data and
of the home; prices in any file of `prices/` of either. The same id in the
home wins, and is said so. Nothing is loaded, hashed or written here; `evals.revision` pins what a
model runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import Field

from evals import backends, metrics, tomlfile
from evals.errors import NotFoundError
from evals.home import data_root, shown
from evals.judges.files import read_judge
from evals.judges.pins import Judge
from evals.names import hint
from evals.prices import book as price_book
from evals.prices.files import own_price
from evals.prices.types import Entry, at_quality
from evals.pricing import quality_of
from evals.suites.files import check_metrics, read_suite
from evals.tomlfile import Line
from evals.types import Anchor, Model, Need, Suite, Task

T = TypeVar("T")


@dataclass(frozen=True)
class Priced:
    """The registered models and what they are billed by, by id."""

    models: Mapping[str, Model]
    """Without their revision: see `evals.revision.pinned`."""
    prices: Mapping[str, Entry]
    """Price lists of models and of machines."""
    notes: tuple[str, ...]
    """What a person should know: which shipped file is overridden."""

    @property
    def hardware(self) -> Mapping[str, Entry]:
        """The price lists of machines that can be rented."""
        return {name: entry for name, entry in self.prices.items() if entry.device is not None}

    def price_of(self, model: Model) -> Entry | None:
        """What the model is billed by, at the quality that it asks for; None if its file does not
        say.
        """
        named = model.price or model.hardware
        return None if named is None else at_quality(self.prices[named], quality_of(model))


@dataclass(frozen=True)
class Registry(Priced):
    """All that is registered, by id, each in the order of its ids."""

    suites: Mapping[str, Suite]
    judges: Mapping[str, Judge]
    model_files: Mapping[str, Path]
    suite_files: Mapping[str, Path]
    data: Path
    home: Path

    def model(self, name: str) -> Model:
        """The model called `name`; NotFoundError says the nearest."""
        return _get("model", name, self.models, self.home / "models")

    def suite(self, name: str) -> Suite:
        """The suite called `name`; NotFoundError says the nearest."""
        return _get("suite", name, self.suites, self.home / "suites")

    def suite_folder(self, suite: Suite) -> Path:
        """Where the file of a suite lies, and its start frames with it."""
        return self.suite_files[suite.id].parent

    def judge(self, name: str) -> Judge:
        """The judge called `name`; NotFoundError says the nearest."""
        return _get("judge", name, self.judges, self.home / "judges")


class _ModelFile(tomlfile.Strict):
    name: Line | None = None
    """Its id, if nothing else."""
    task: Task
    backend: Line
    vendor: Line | None = None
    licence: Line | None = None
    released: date | None = None
    anchor: Anchor | None = None
    base: str | None = None
    training_run: Line | None = None
    suites: list[str] = Field(default_factory=list[str])
    hardware: str | None = None
    price: str | dict[str, Any] | None = None
    """Id of a price list, or a price."""
    simulated: bool = False
    needs: list[Need] = Field(default_factory=list[Need])
    settings: dict[str, Any] = Field(default_factory=dict[str, Any])


def load(home: Path, data: Path | None = None) -> Registry:
    """Everything registered in `data` and `home`, checked, and its references to each other too.

    Args:
        home: the user's folder; need not exist.
        data: the shipped folder; None for the one of this installation.

    Raises:
        RegistryError: one line that names file, key and the nearest valid key or value.
    """
    shipped = data if data is not None else data_root()
    roots = (shipped, home)
    model_files, model_notes = _layered(roots, "models")
    suite_files, suite_notes = _layered(roots, "suites")
    judge_files, judge_notes = _layered(roots, "judges")
    models, own_prices = _read_models(model_files)
    registry = Registry(
        models=models,
        suites=_read_all(suite_files, read_suite),
        judges=_read_all(judge_files, lambda path: read_judge(path, roots)),
        prices=price_book.load_prices(shipped, home) | own_prices,
        model_files=model_files,
        suite_files=suite_files,
        data=shipped,
        home=home,
        notes=(*model_notes, *suite_notes, *judge_notes),
    )
    _check_references(registry)
    return registry


def load_priced(home: Path, data: Path | None = None) -> Priced:
    """Models and prices alone, checked: no suite, judge or metric is looked at.

    Args:
        home: the user's folder; need not exist.
        data: the shipped folder; None for the one of this installation.

    Raises:
        RegistryError: as `load`.
    """
    shipped = data if data is not None else data_root()
    files, notes = _layered((shipped, home), "models")
    models, own_prices = _read_models(files)
    found = Priced(models, price_book.load_prices(shipped, home) | own_prices, tuple(notes))
    for model in found.models.values():
        _check_price(files[model.id], model, found)
    return found


def _get(kind: str, name: str, known: Mapping[str, T], folder: Path) -> T:
    if name not in known:
        end = hint(name, known) or f"; put {name}.toml into {shown(folder)}"
        raise NotFoundError(f'no {kind} is called "{name}"{end}')
    return known[name]


def _layered(roots: tuple[Path, ...], kind: str) -> tuple[dict[str, Path], list[str]]:
    """Files by id over all roots, the later root winning, and a note for each that it hides."""
    found: dict[str, Path] = {}
    seen: dict[str, Path] = {}
    notes: list[str] = []
    for root in roots:
        for name, path in tomlfile.files(root / kind).items():
            tomlfile.check_clash(path, seen)
            if name in found:
                notes.append(f"{shown(path)} is used instead of {shown(found[name])}")
            found[name] = path
    return dict(sorted(found.items())), notes


def _read_all(files: Mapping[str, Path], read: Callable[[Path], T]) -> dict[str, T]:
    return {name: read(path) for name, path in files.items()}


def _read_models(files: Mapping[str, Path]) -> tuple[dict[str, Model], dict[str, Entry]]:
    """Models by id, and the prices that stand in their own files, by the ids given to those."""
    models: dict[str, Model] = {}
    prices: dict[str, Entry] = {}
    for name, path in files.items():
        models[name], own = _read_model(path)
        if own is not None:
            prices[own.id] = own
    return models, prices


def _read_model(path: Path) -> tuple[Model, Entry | None]:
    table = tomlfile.validate(path, tomlfile.read(path), _ModelFile)
    try:
        backend = backends.get(table.backend)
    except NotFoundError as error:
        raise tomlfile.key_error(path, "backend", str(error)) from error
    if table.task not in backend.TASKS:
        can = ", ".join(backend.TASKS)
        raise tomlfile.key_error(path, "task", f"backend {table.backend} can do {can} only")
    settings = tomlfile.validate(path, table.settings, backend.Settings, at="settings")
    fault = settings.fault(table.task)
    if fault is not None:
        raise tomlfile.key_error(path, f"settings.{fault[0]}", fault[1])
    own = own_price(path, table.price) if isinstance(table.price, dict) else None
    model = Model(
        id=path.stem,
        name=table.name or path.stem,
        task=table.task,
        backend=table.backend,
        settings=settings.model_dump(mode="json"),
        hardware=table.hardware,
        price=own.id if own is not None else cast("str | None", table.price),
        anchor=table.anchor,
        vendor=table.vendor,
        licence=table.licence,
        released=table.released,
        base=table.base,
        training_run=table.training_run,
        suites=tuple(table.suites),
        simulated=table.simulated,
        needs=tuple(table.needs),
    )
    return model, own


def _check_references(registry: Registry) -> None:
    """Every id that one file names in another must be registered."""
    for model in registry.models.values():
        path = registry.model_files[model.id]
        _check(path, "base", model.base, "model", registry.models)
        _check_price(path, model, registry)
        if model.base == model.id:
            raise tomlfile.key_error(path, "base", "a model is not a variant of itself")
        for suite in model.suites:
            _check(path, "suites", suite, "suite", registry.suites)
            if registry.suites[suite].task != model.task:
                wanted = registry.suites[suite].task
                raise tomlfile.key_error(path, "suites", f'"{suite}" is a suite for {wanted}')
    served = metrics.served(registry.judges)
    for suite in registry.suites.values():
        path = registry.suite_files[suite.id]
        check_metrics(path, suite, served)
        _check(path, "reference_model", suite.reference_model, "model", registry.models)


def _check_price(path: Path, model: Model, known: Priced) -> None:
    _check(path, "hardware", model.hardware, "hardware", known.hardware)
    if model.price is None:
        return
    if model.price not in known.prices:
        listed = [id for id, entry in known.prices.items() if entry.modality is not None]
        sold = [id for id in listed if not id.endswith(".toml")]  # the others are models' own
        way = hint(model.price, sold) if sold else "; try `churnboard prices import litellm`"
        raise tomlfile.key_error(path, "price", f'no price is called "{model.price}"{way}')
    if model.hardware is not None:
        raise tomlfile.key_error(path, "price", "a model with hardware is billed by the hour")
    modality = known.prices[model.price].modality
    if modality not in (None, metrics.modality(model.task)):
        made = "clips" if modality == "video" else "pictures"
        raise tomlfile.key_error(path, "price", f"is of {made}, and {model.task} makes none")


def _check(path: Path, key: str, name: str | None, kind: str, known: Mapping[str, object]) -> None:
    if name is not None and name not in known:
        raise tomlfile.key_error(path, key, f'no {kind} is called "{name}"{hint(name, known)}')
