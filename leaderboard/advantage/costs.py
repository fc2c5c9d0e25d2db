"""production_costs.toml -> what work costs by traditional means, checked.

A file of that name in the home takes the place of the shipped one as a whole.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import Field

from evals import tomlfile
from evals.home import data_root
from evals.names import hint, id_fault
from leaderboard.advantage.answers import Modality, ProductionCost
from leaderboard.answers import ALL_DOMAINS

FILE = "production_costs.toml"
MODALITIES: Mapping[str, Modality] = {"image": "image", "video": "video"}
Usd = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]
_Said = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]


class _Cost(tomlfile.Strict):
    usd_low: Usd
    usd_high: Usd
    photoreal: bool
    what: tomlfile.Line
    source: _Said
    date: datetime.date


def costs_path(home: Path) -> Path:
    """The home's own file where there is one, else the shipped one."""
    own = home / FILE
    return own if own.is_file() else data_root() / FILE


def load_costs(home: Path) -> tuple[ProductionCost, ...]:
    """What every kind of work costs, by modality and domain.

    Raises `RegistryError` naming the file and the key: an unknown modality or key, a bound that is
    not above 0, a low one above the high one, a missing source or date.
    """
    return read_costs(costs_path(home))


def read_costs(path: Path) -> tuple[ProductionCost, ...]:
    """The costs in one file. Raises as `load_costs`."""
    found: list[ProductionCost] = []
    for name, domains in tomlfile.read(path).items():
        modality = MODALITIES.get(name)
        if modality is None:
            fault = f"no modality is called so{hint(name, MODALITIES)}; there are image and video"
            raise tomlfile.key_error(path, name, fault)
        for domain, table in _table(path, name, domains).items():
            found.append(_cost(path, modality, domain, table))
    return tuple(sorted(found, key=lambda one: (one.modality, one.domain)))


def _cost(path: Path, modality: Modality, domain: str, table: object) -> ProductionCost:
    at = f"{modality}.{domain}"
    fault = id_fault(domain)
    if fault is not None:
        raise tomlfile.key_error(path, at, f"the domain {fault}")
    if domain == ALL_DOMAINS:
        raise tomlfile.key_error(path, at, "all domains together are no kind of work; name them")
    read = tomlfile.validate(path, _table(path, at, table), _Cost, at)
    if read.usd_low > read.usd_high:
        wrong = f"{read.usd_low:g} is above usd_high {read.usd_high:g}"
        raise tomlfile.key_error(path, f"{at}.usd_low", wrong)
    return ProductionCost(
        modality,
        domain,
        read.usd_low,
        read.usd_high,
        read.photoreal,
        read.what,
        read.source,
        read.date,
    )


def _table(path: Path, at: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise tomlfile.key_error(path, at, "should be a table")
    return cast("dict[str, Any]", value)
