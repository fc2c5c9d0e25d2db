"""Who votes: one browser, known by a random token that it keeps for itself.

Streamlit reads cookies but cannot set one, and a token in the address would travel with every link
that is shared. Its components, however, run in the page itself, where local storage outlives a
reload, a new tab and a restart of the server. The token says nothing about a person and is sent
nowhere but here.
"""

from __future__ import annotations

import re

import streamlit as st
from streamlit.components.v2 import component

STORED_AS = "churnboard.voter"
"""Name of the entry in the browser's local storage."""
_TOKEN = re.compile(r"[0-9a-f]{32}")

# `crypto.randomUUID` exists only on secure origins; a dashboard in an office network is none.
_SCRIPT = """
const form = /^[0-9a-f]{32}$/;

function fresh() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function kept(key, sent) {
  try {
    const found = localStorage.getItem(key);
    if (found !== null && form.test(found)) return found;
    const made = sent ?? fresh();
    localStorage.setItem(key, made);
    return made;
  } catch (error) {
    // Storage is switched off in this browser: the token then lives as long as the page.
    console.warn("churnboard: no local storage, so a reload will be a new voter", error);
    return sent ?? fresh();
  }
}

export default function ({ data, setStateValue }) {
  const token = kept(data.key, data.token);
  if (token !== data.token) setStateValue("token", token);
}
"""
_component = component("churnboard_voter", js=_SCRIPT)
_KEY = "voter"


def token() -> str | None:
    """The token of the browser that looks at the page: 32 hexadecimal digits.

    `None` in the first moment of a visit, before the browser has said it; the page runs again as
    soon as it has. What is no token (a browser sends what it likes) counts as nothing said.
    """
    before = valid(getattr(st.session_state.get(_KEY), "token", None))
    said = _component(
        key=_KEY, data={"key": STORED_AS, "token": before}, on_token_change=_said, height=1
    )
    return valid(said.token)


def valid(said: object) -> str | None:
    """`said` if it is a token, else `None`.

    >>> valid("0f" * 16) == "0f" * 16, valid("Robert"), valid(None)
    (True, None, None)
    """
    return said if isinstance(said, str) and _TOKEN.fullmatch(said) else None


def _said() -> None:
    """Nothing to do: Streamlit keeps the state itself, but only of a name with a callback."""
