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
    chosen = st.segmented_control(
        label,
        options,
        default=options[0],
        required=True,
        key=key,
        bind="query-params",
        format_func=lambda option: text.plain(format_func(option)),
        label_visibility="collapsed",
    )
    return chosen or options[0]


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
