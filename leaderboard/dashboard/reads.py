"""Cached reads: every page asks here, and here asks `leaderboard.queries`.

An edition never changes, so its real path is the whole key of the cache: when a refresh swaps
`editions/current`, the next rerun of a page resolves to a new path and reads afresh. Answers are
frozen dataclasses shared between sessions, hence `cache_resource`, which does not copy.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image

from evals.clips import codec as clips
from evals.home import resolve_home
from leaderboard import queries
from leaderboard.edition import Edition, connect_read_only, edition_path
from leaderboard.workflows import ask, counts, files
from leaderboard.workflows.chain import Chain

_CRISP = 256
"""Pixels; wider posters are handed to the browser as JPEG."""


def current() -> Edition:
    """The edition that is current in the home.

    Raises `NotFoundError` when nothing was published yet and `StoreError` when it cannot be read.
    """
    home = resolve_home(None)
    return _open(home, edition_path(home))


def _close(edition: Edition) -> None:
    edition.close()


@st.cache_resource(show_spinner=False, max_entries=8, on_release=_close)
def _open(home: Path, path: Path) -> Edition:
    return Edition(path.stem, path, home, connect_read_only(path))


def _key(edition: Edition) -> str:
    return str(edition.path)


_by_path: dict[str, Any] = {
    "show_spinner": False,
    "max_entries": 512,
    "hash_funcs": {Edition: _key},
}

boards = st.cache_resource(queries.boards, **_by_path)
board = st.cache_resource(queries.board, **_by_path)
picks = st.cache_resource(queries.picks, **_by_path)
pick_log = st.cache_resource(queries.pick_log, **_by_path)
runs = st.cache_resource(queries.runs, **_by_path)
failures = st.cache_resource(queries.failures, **_by_path)
suites = st.cache_resource(queries.suites, **_by_path)
prompts = st.cache_resource(queries.prompts, **_by_path)
gallery = st.cache_resource(queries.gallery, **_by_path)
votable = st.cache_resource(queries.votable, **_by_path)
history = st.cache_resource(queries.history, **_by_path)
churn = st.cache_resource(queries.churn, **_by_path)
people = st.cache_resource(queries.people, **_by_path)
advantage = st.cache_resource(queries.advantage, **_by_path)
adoption = st.cache_resource(queries.adoption, **_by_path)
usage = st.cache_resource(queries.usage, **_by_path)
compute = st.cache_resource(queries.compute, **_by_path)
families = st.cache_resource(queries.families, **_by_path)
prices = st.cache_resource(queries.prices, **_by_path)
made = st.cache_resource(queries.made, **_by_path)

_known = st.cache_resource(ask.known_of, **_by_path)
_by_chain: dict[str, Any] = _by_path | {"hash_funcs": {Edition: _key, Chain: repr}}


def workflows(edition: Edition) -> dict[str, Chain]:
    """Every chain by id: those that ship, and those of the home.

    Raises `ChurnboardError` where a file is wrong.
    """
    return files.load(edition.home)


@st.cache_resource(show_spinner=False)
def workflow_counts() -> counts.Counts:
    """How many steps published workflows have, as it ships."""
    return counts.load_counts()


@st.cache_resource(**_by_chain)
def workflow(edition: Edition, chain: Chain, day: str) -> ask.WorkflowAnswer:
    """All that the edition says of a chain, at the prices of a day. Raises `ChurnboardError`."""
    return ask.answer(_known(edition, edition.home, datetime.fromisoformat(day).date()), chain)


@st.cache_resource(**_by_chain)
def workflow_budgets(
    edition: Edition, chain: Chain, day: str, steps: int
) -> tuple[tuple[float, ask.Bill], ...]:
    """Budgets in US dollars and the best plan under each. Raises `ChurnboardError`."""
    known = _known(edition, edition.home, datetime.fromisoformat(day).date())
    return ask.sweep(known, chain, steps)


def today() -> str:
    """The day whose prices count, in UTC."""
    return datetime.now(UTC).date().isoformat()


def picture(path: Path, width: int) -> Image.Image:
    """The image at `path`, at least `width` pixels wide.

    A small one is enlarged by a whole factor without smoothing: the reader should see the pixels
    that were scored, not an interpolation of them. It carries nothing but its pixels: a colour
    profile can tell what drew it. Raises `OSError` if it cannot be read.
    """
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    return _enlarged(image, width)


def _enlarged(image: Image.Image, width: int) -> Image.Image:
    image.info.clear()
    factor = max(1, -(-width // image.width))
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)


@st.cache_data(show_spinner=False, max_entries=1024)
def poster(path: Path) -> tuple[bytes, str]:
    """One picture that stands for the clip at `path`: the bytes of a file, and their mime type.

    Raises `MediaError` where the file is no clip and `OSError` where it cannot be read.
    """
    image = Image.fromarray(clips.poster(path))
    buffer = io.BytesIO()
    # A small one is looked at pixel by pixel; a large one is on the screen for a moment.
    if image.width <= _CRISP:
        image.save(buffer, "PNG")
        return buffer.getvalue(), "image/png"
    image.save(buffer, "JPEG", quality=85)
    return buffer.getvalue(), "image/jpeg"


def thumbnail(path: Path, fps: float | None, width: int) -> Image.Image:
    """A picture, or the poster of a clip (which has an `fps`), at least `width` pixels wide.

    Raises `MediaError` and `OSError` as `picture` and `poster` do.
    """
    if fps is None:
        return picture(path, width)
    return _enlarged(Image.open(io.BytesIO(poster(path)[0])), width)


def blank(width: int) -> Image.Image:
    """A square in the place of a picture that does not exist, so that a row stays aligned."""
    return Image.new("RGB", (width, width), "#efece4")
