"""Clips side by side, in step: the same moment of each, with one scrubber for all of them.

One component plays all clips of a prompt, because elements of their own would each keep a clock of
their own. `player.js` holds the clock: it starts every clip at one moment, corrects any that is
half a frame off, and repeats from the start when the longest has ended (a shorter one holds its
last frame). Nothing is loaded from elsewhere, sound is never played, and nothing moves by itself
where a reader has asked for less motion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit import runtime
from streamlit.components.v2 import component

from evals.errors import MediaError
from leaderboard.dashboard import reads, text

BUDGET_BYTES = 128_000_000
"""Of the clips that one player plays: a server keeps them in memory while they are on a screen."""

MIME = "video/mp4"
"""Of a clip whose type was not recorded."""

_FOLDER = Path(__file__).parent
_component = component(
    "churnboard_player",
    css=(_FOLDER / "player.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "player.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Screen:
    """One clip as it is to be shown."""

    path: Path | None
    """Its file; `None` where there is none, and `notes` say why."""
    alt: str
    """For who cannot see it."""
    mime: str = MIME
    fps: float = 1.0
    frames: int = 1
    width: int = 1
    height: int = 1
    name: str = ""
    """What stands beneath it, as plain text."""
    notes: tuple[str, ...] = ()


def play(screens: Sequence[Screen], *, key: str, columns: int) -> tuple[Screen, ...]:
    """Draw the clips, `columns` beside each other, and return those that are too large for that.

    Each of these is shown as its poster. A file that is gone or damaged is shown as a blank with
    the reason.
    """
    alone: list[Screen] = []
    told: list[dict[str, object]] = []
    left = BUDGET_BYTES
    for number, screen in enumerate(screens):
        source, poster, notes = None, None, screen.notes
        if screen.path is not None:
            try:
                size = screen.path.stat().st_size
                poster = _serve(*reads.poster(screen.path), f"{key}.{number}.poster")
                if size <= left:
                    left -= size
                    source = _serve(screen.path.read_bytes(), screen.mime, f"{key}.{number}")
                else:
                    alone.append(screen)
                    notes = (*notes, f"{text.megabytes(size)}: too large to play beside others")
            except (MediaError, OSError) as error:
                notes = (*notes, f"the file cannot be read: {error}")
        told.append(
            {
                "src": source,
                "poster": poster,
                "alt": screen.alt,
                "name": screen.name,
                "notes": list(notes),
                "fps": screen.fps,
                "frames": screen.frames,
                "width": screen.width,
                "height": screen.height,
            }
        )
    _component(key=key, data={"clips": told, "columns": columns})
    return tuple(alone)


def alone(screens: Sequence[Screen], *, key: str) -> None:
    """Let the reader choose one of the clips that are too large to play beside others."""
    if not screens:
        return
    names = {str(number): screen.name for number, screen in enumerate(screens)}
    chosen = st.pills(
        "Play on its own",
        list(names),
        key=key,
        format_func=lambda number: text.plain(names[number]),
    )
    if chosen is not None:
        screen = screens[int(chosen)]
        if screen.path is not None:
            st.video(str(screen.path), format=screen.mime, loop=True, muted=True)


def fits(path: Path, beside: int) -> bool:
    """Whether so many clips of this size could be played together. `OSError` if it is gone."""
    return path.stat().st_size * beside <= BUDGET_BYTES


def _serve(content: bytes, mime: str, place: str) -> str:
    """The address at which the server hands out `content` while `place` is on the screen."""
    return runtime.get_instance().media_file_mgr.add(content, mime, place)
