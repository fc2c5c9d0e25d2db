"""The few things that several pages draw, so that they look and read the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import plotly.graph_objects as go
import streamlit as st

from leaderboard.answers import Role
from leaderboard.dashboard import text

SIMULATED = (
    "A reference model of the calibration world: a small diffusion model, trained by this project "
    "on a simulated grammar of pictures. It shows that the machinery works; nobody sells it."
)


def choice(
    label: str, options: Sequence[str], *, key: str, format_func: Callable[[str], str] = str
) -> str:
    """One of `options`, kept in the address under `key`; no widget when there is nothing to choose.

    `options` must not be empty; the first one is the default.
    """
    if len(options) == 1:
        return options[0]
    recall(key, options)
    chosen = st.segmented_control(
        label,
        options,
        required=True,
        key=key,
        format_func=lambda option: text.plain(format_func(option)),
        label_visibility="collapsed",
    )
    return remember(key, chosen or options[0], options)


def menu(
    label: str, options: Sequence[str], *, key: str, format_func: Callable[[str], str] = str
) -> str:
    """As `choice`, for many options: a drop-down, which shows its options as plain text."""
    recall(key, options)
    chosen = st.selectbox(
        label, options, key=key, format_func=format_func, label_visibility="collapsed"
    )
    return remember(key, chosen, options)


def recall(key: str, options: Sequence[str]) -> None:
    """Before the widget `key`: start it where the address says, or at the first option.

    What the address asks for and is not among the options is ignored, and so is a choice that an
    earlier rerun made among other options.
    """
    if st.session_state.get(key) not in options:
        asked = st.query_params.get(key)
        st.session_state[key] = asked if asked in options else options[0]


def remember(key: str, chosen: str, options: Sequence[str]) -> str:
    """After the widget `key`: keep the choice in the address, unless it is the default one."""
    if chosen != options[0]:
        st.query_params[key] = chosen
    elif key in st.query_params:
        del st.query_params[key]
    return chosen


def role_badge(role: Role, help: str | None = None) -> None:
    """The role as a coloured label."""
    if role == "hero":
        st.badge("Hero", icon=":material/trophy:", color="green", help=help)
    else:
        st.badge("Workhorse", icon=":material/conveyor_belt:", color="orange", help=help)


def simulated_badge() -> None:
    """Marks a reference model of the calibration world."""
    st.badge("simulated", icon=":material/science:", color="gray", help=SIMULATED)


def simulated_note() -> None:
    """One quiet line above everything simulated."""
    with st.container(horizontal=True, vertical_alignment="center"):
        simulated_badge()
        st.caption(
            "The models below are reference models of the calibration world: really run and really "
            "scored, but stand-ins for models that somebody sells.",
            width="stretch",
        )


def rating(value: float, low: float | None, high: float | None) -> str:
    """A rating with the half-width of its interval, or alone where there is none."""
    if low is None or high is None:
        return f"{value:.0f}"
    return f"{value:.0f} ± {(high - low) / 2:.0f}"


def figure(drawn: go.Figure, *, key: str, alt: str) -> None:
    """A plotly figure in our own theme, without the toolbar; `alt` is read to who cannot see it."""
    st.plotly_chart(drawn, theme=None, key=key, alt=alt, config={"displayModeBar": False})
