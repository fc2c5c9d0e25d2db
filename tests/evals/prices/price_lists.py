"""Small files of every kind of price list, and how to break each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from evals.prices.book import load_prices
from evals.prices.history import Row
from evals.prices.imports import Imported
from evals.prices.types import Entry

DAY = date(2026, 7, 1)
LITELLM = {
    "sample_spec": {"mode": "chat", "input_cost_per_token": 1e-6},
    "low/1024-x-1024/gpt-image-1": {
        "mode": "image_generation",
        "litellm_provider": "openai",
        "input_cost_per_image": 0.011,
        "input_cost_per_pixel": 1.0490417e-08,
        "output_cost_per_pixel": 0.0,
        "deprecation_date": "2026-10-23",
    },
    "gpt-image-1": {
        "mode": "image_generation",
        "litellm_provider": "openai",
        "output_cost_per_image_token": 4e-05,
    },
    "some/clip": {
        "mode": "video_generation",
        "litellm_provider": "some",
        "output_cost_per_second": 0.1,
        "output_cost_per_second_1080p": 0.12,
        "output_cost_per_second_4k": 0.3,
        "source": "https://example.org/prices",
    },
    "free/pixels": {
        "mode": "image_generation",
        "litellm_provider": "free",
        "input_cost_per_pixel": 0.0,
    },
    "bare": {"mode": "image_edit", "litellm_provider": "bare"},
}
EVENTS = """date,model,mode,price_field,value,event,previous
2024-01-30,256-x-256/dall-e-2,image_generation,input_cost_per_pixel,2.4414e-07,new,
2024-01-30,256-x-256/dall-e-2,image_generation,output_cost_per_pixel,0.0,new,
2024-03-01,some/model,image_generation,output_cost_per_image,0.04,new,
2024-06-01,some/model,image_generation,output_cost_per_image,0.03,changed,0.04
2024-09-01,some/model,image_generation,output_cost_per_image,,removed,0.03
"""
BOARDS = """arena,snapshot_date,model,organization,price_usd,price_unit
text-to-image,2026-04-10,Model One (high),Maker,133,price_per_1k_images
text-to-image,2026-04-10,Model Two,Maker,,
image-edit,2026-04-10,Model One (high),Maker,266,price_per_1k_images
text-to-video,2026-04-10,Clip One,Other,6,price_per_minute
text-to-video,2026-04-10,Clip Two,Other,0,price_per_minute
text-to-image,2026-04-12,Model One (high),Maker,120,price_per_1k_images
"""
TABLE = """model,provider,modality,unit,usd,size,quality,up_to_seconds,effective_from,expires,source
mine,me,image,image,0.04,1024x1024,high,,2026-01-01,,a page
mine,me,image,image,0.02,1024x1024,low,,2026-01-01,2026-12-31,a page
mine-clip,me,video,second,0.1,4K,,5,,,
nothing,me,video,second,0,,,,,,
"""


@dataclass(frozen=True)
class Kind:
    """A source with a good file, and pieces of it that are wrong when exchanged."""

    suffix: str
    good: str
    faults: tuple[tuple[str, str, str, str], ...]
    """What stands there, what to put there, and row and column as the error names them."""


KINDS: dict[str, Kind] = {
    "litellm": Kind(
        ".json",
        json.dumps(LITELLM, indent=1),
        (
            ("0.12", '"a lot"', '"some/clip"', "output_cost_per_second_1080p"),
            ("0.011", "NaN", "gpt-image-1", "input_cost_per_image"),
            ("2026-10-23", "soon", "gpt-image-1", "deprecation_date"),
            ('"mode": "image_edit",', '"mode" "image_edit",', "row", "column"),
        ),
    ),
    "litellm-events": Kind(
        ".csv",
        EVENTS,
        (
            ("0.04,new", "cheap,new", "row 4", "value"),
            ("2024-06-01", "June", "row 5", "date"),
            ("changed", "altered", "row 5", "event"),
            ("price_field", "field", "row 1", "price_field"),
        ),
    ),
    "artificial-analysis": Kind(
        ".csv",
        BOARDS,
        (
            ("133", "cheap", "row 2", "price_usd"),
            ("133,price_per_1k_images", "133,price_per_minute", "row 2", "price_unit"),
            ("6,price_per_minute", "6,price_per_hour", "row 5", "price_unit"),
            ("2026-04-12", "12/4/26", "row 7", "snapshot_date"),
            ("text-to-video,2026-04-10,Clip Two", "chess,2026-04-10,Clip Two", "row 6", "arena"),
            ("image-edit,2026-04-10", "text-to-image,2026-04-10", "row 4", "model"),
        ),
    ),
    "csv": Kind(
        ".csv",
        TABLE,
        (
            ("0.04", "0,04 €", "row 2", ""),
            ("0.04", "nan", "row 2", "usd"),
            ("image,image", "image,picture", "row 2", "unit"),
            ("image,image", "image,second", "row 2", "unit"),
            ("nothing", "mine", "row 5", "modality"),
            ("2026-12-31", "2025-12-31", "row 3", "expires"),
            ("a page", "a \x1b[31mpage", "row 2", "source"),
            ("model,provider,modality", "model;provider;modality", "row 1", ""),
            ("1024x1024,high", "large,high", "row 2", "size"),
            ("low", "high", "row 3", "model"),
            (",5,", ",-5,", "row 4", "up_to_seconds"),
            ("nothing", "", "row 5", "model"),
            ("quality", "qualitie", "row 1", "qualitie"),
            ("video,second,0,", "video,gpu_hour,0,", "row 5", "unit"),
        ),
    ),
}


def put(folder: Path, kind: str, text: str | None = None) -> Path:
    path = folder / f"prices{KINDS[kind].suffix}"
    path.write_text(KINDS[kind].good if text is None else text, encoding="utf-8")
    return path


def book(home: Path) -> dict[str, Entry]:
    return load_prices(home / "no data", home)


def by_id(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.model, []).append(row)
    return found


def counts(done: Imported) -> tuple[int, int, int]:
    return done.new, done.changed, done.unlisted
