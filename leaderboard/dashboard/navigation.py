"""Which pages there are: every module in `pages/`, found by its file name.

A page's title is the first line of its docstring, `ORDER` its place, `ICON` a Material symbol, and
`show(edition)` draws it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

import streamlit as st

from evals.errors import ChurnboardError, NotFoundError
from leaderboard.dashboard import pages, reads, text
from leaderboard.edition import Edition

LOGO = Path(__file__).with_name("logo.svg")


@dataclass(frozen=True)
class PageModule:
    """One file of `pages/`."""

    name: str
    title: str
    icon: str
    order: int
    show: Callable[[Edition], None]


def discover() -> tuple[PageModule, ...]:
    """The pages in the order of the navigation. The first one is the home page."""
    found: list[PageModule] = []
    for entry in pkgutil.iter_modules(pages.__path__):
        module = import_module(f"{pages.__name__}.{entry.name}")
        title = (module.__doc__ or entry.name).splitlines()[0].rstrip(".")
        found.append(PageModule(entry.name, title, module.ICON, module.ORDER, module.show))
    return tuple(sorted(found, key=lambda page: (page.order, page.name)))


def draw(page: PageModule) -> None:
    """A page on the current edition; without one, what to do about it."""
    try:
        edition = reads.current()
    except NotFoundError:
        _empty(page)
        return
    except ChurnboardError as error:
        st.title(text.plain(page.title), anchor=False)
        st.error(text.plain(str(error)), icon=":material/database_off:")
        return
    page.show(edition)
    st.divider()
    st.caption(f"Edition {text.plain(edition.name)} · all times UTC · churnboard")


def _empty(page: PageModule) -> None:
    st.title(text.plain(page.title), anchor=False)
    st.markdown("Nothing has been published here yet. The main job, end to end, is one command:")
    st.code("make demo", language="shell")
    st.markdown("or, with models of your own registered in `home/models/`:")
    st.code("churnboard eval --suite calibration\nchurnboard refresh", language="shell")
    st.caption("Then reload this page.")


def menu() -> list[st.Page]:
    """The pages as Streamlit wants them, each at an address named like its file."""
    return [
        st.Page(
            partial(draw, page),
            title=page.title,
            icon=page.icon,
            url_path=page.name,
            default=index == 0,
        )
        for index, page in enumerate(discover())
    ]
