"""LiteLLM's price map of image and video models, from its JSON file.

The map ships in the package, which is read as a file and never imported: importing takes seconds
and tries the network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from evals.errors import InputError
from evals.home import shown
from evals.prices.history import Row
from evals.prices.sources import Feed, Listing
from evals.prices.sources._litellm_fields import MODES, not_understood, rows_of
from evals.prices.table import read_text

FEED = "litellm"
MAP = "model_prices_and_context_window_backup.json"
_SHOWN = 3


def default() -> Path:
    """The map within the installed package."""
    spec = find_spec("litellm")  # of a top-level package: nothing of it is run
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    found = next((path for folder in folders if (path := Path(folder) / MAP).is_file()), None)
    if found is None:
        raise InputError(
            "litellm is not installed, so its price map is not here: pip install litellm, or name"
            " the file: churnboard prices import litellm FILE"
        )
    return found


def read(path: Path, day: date) -> Feed:
    """Every image and video entry, as of `day`: the map names none."""
    try:
        whole = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError(
            f"{shown(path)}: row {error.lineno}, column {error.colno}: not JSON: {error.msg}"
        ) from error
    if not isinstance(whole, dict):
        raise InputError(
            f"{shown(path)}: row 1, column 1: no price map: must be an object by model"
        )
    rows: list[Row] = []
    odd: list[str] = []
    for model, entry in cast("dict[str, Any]", whole).items():
        listed = cast("dict[str, Any]", entry if isinstance(entry, dict) else {})
        modality = MODES.get(str(listed.get("mode")))
        if modality is None:
            continue
        fields = _fields(path, model, listed)
        odd += [f"{field} of {model}" for field in not_understood(fields)]
        rows += rows_of(
            model,
            modality,
            str(listed.get("litellm_provider") or model.partition("/")[0]),
            fields,
            day,
            _expires(path, model, listed.get("deprecation_date")),
            str(listed.get("source") or ""),
            _free_inputs(listed),
        )
    if not rows:
        raise InputError(f"{shown(path)}: no image or video entries; is this LiteLLM's price map?")
    some = ", ".join(odd[:_SHOWN]) + (", …" if len(odd) > _SHOWN else "")
    notes = (f"prices of what is not known here, left out: {some}",) if odd else ()
    return Feed((Listing(day, tuple(rows), ""),), notes)


def _fields(path: Path, model: str, entry: Mapping[str, Any]) -> dict[str, float]:
    """The fields that hold prices; a `null` is none."""
    found: dict[str, float] = {}
    for name, value in entry.items():
        if "cost" not in name or value is None or isinstance(value, dict | list):
            continue
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if isinstance(value, bool) or number != number or abs(number) == float("inf"):
            raise _fault(path, model, name, f"{str(value)[:40]!r} is no number")
        found[name] = number
    return found


def _free_inputs(entry: Mapping[str, Any]) -> float:
    """Pictures that a call may begin with for nothing."""
    special = entry.get("provider_specific_entry")
    found = cast("dict[str, Any]", special if isinstance(special, dict) else {})
    counts = [value for name, value in found.items() if name.endswith("_free_input_images")]
    return max((count for count in counts if isinstance(count, int | float)), default=0)


def _expires(path: Path, model: str, value: object) -> date | None:
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        what = f"{str(value)[:40]!r} is no day such as 2026-01-31"
        raise _fault(path, model, "deprecation_date", what) from None


def _fault(path: Path, model: str, field: str, what: str) -> InputError:
    """A map has entries and fields for rows and columns."""
    return InputError(f'{shown(path)}: row "{model}", column {field}: {what}')
