"""Arena.

People compare: two pictures or clips of one prompt, blind, and which is better. Votes go to the
ballot box, the only thing this page writes; the next refresh counts them. The pair on the screen
follows from the voter and the box alone, so a reload shows the same one and loses nothing. No model
is named before its pair has been judged.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st
from PIL import Image

from evals.errors import ChurnboardError, MediaError
from leaderboard.answers import SuiteRow
from leaderboard.dashboard import player, presses, reads, text, voter, widgets
from leaderboard.edition import Edition
from leaderboard.ratings.weighting import LEAST_VOTES
from leaderboard.run_answers import VotableItem
from leaderboard.voting.ballots import Ballot, CastVote, Choice, Outcome, Side, next_ballot
from leaderboard.voting.box import BallotBox

ORDER = 3
ICON = ":material/thumbs_up_down:"

TASKS = ("text-to-image", "text-to-video", "image-to-video")
"""What can be judged here: what the prompt explains, or it and the start frame beside it."""
WIDTH = 512
"""Least width in pixels at which a picture is handed to the browser."""
THUMBNAIL = 96
START = 160
"""Width in pixels of the picture that clips were to begin with."""

BUTTONS: Mapping[Outcome, tuple[str, str]] = {
    "left": ("Left", "Left"),
    "tie": ("Tie", "Up"),
    "both_bad": ("Both bad", "Down"),
    "right": ("Right", "Right"),
}
"""Outcome -> its label and its key, in the order of the buttons."""
SAID: Mapping[Outcome, str] = {
    "left": "You chose the left one.",
    "right": "You chose the right one.",
    "tie": "You called it a tie.",
    "both_bad": "You called both bad.",
}

_SUITE = "suite"
_PRESSES = "arena.presses"
_PROBLEM = "arena.problem"

_Shown = Image.Image | player.Screen
"""What a side shows: a picture, or a clip."""
_Pair = Mapping[Side, _Shown]


def show(edition: Edition) -> None:
    """Draw the page."""
    st.title("Which one is better?", anchor=False)
    name = voter.token()
    suites = {s.id: s for s in reads.suites(edition) if s.task in TASKS}
    suites = {id_: s for id_, s in suites.items() if _comparable(reads.votable(edition, id_))}
    if not suites:
        _nothing_to_judge()
        return
    suite = _choose(suites)
    if name is None:
        st.caption("One moment: your browser is about to say whether it has voted here before.")
        return
    try:
        cast = BallotBox(edition.home).votes(suite.id)
    except ChurnboardError as error:
        st.error(text.plain(str(error)), icon=":material/inbox:")
        return
    items = reads.votable(edition, suite.id)
    judging, aside = st.columns([7, 2], gap="large")
    with judging:
        _judging(edition.home, suite, items, cast, name)
    with aside:
        _aside(suite, items, cast, name)
    st.session_state[_PRESSES] = presses.drawn(_presses(), time.monotonic())


def _comparable(items: Sequence[VotableItem]) -> bool:
    """Whether two models have something to show for one prompt."""
    models: dict[str, set[str]] = {}
    for item in items:
        models.setdefault(item.prompt_id, set()).add(item.model)
    return any(len(found) > 1 for found in models.values())


def _choose(suites: Mapping[str, SuiteRow]) -> SuiteRow:
    """The suite to vote on. Plain buttons: a segmented control or menu, once clicked, keeps the
    arrow keys to itself.
    """
    ids = list(suites)
    widgets.recall(_SUITE, ids)
    chosen = widgets.remember(_SUITE, st.session_state[_SUITE], ids)
    if len(ids) > 1:
        with st.container(horizontal=True):
            for id_ in ids:
                st.button(
                    text.plain(suites[id_].title),
                    key=f"suite-{id_}",
                    type="secondary" if id_ == chosen else "tertiary",
                    on_click=st.session_state.__setitem__,
                    args=(_SUITE, id_),
                )
    return suites[chosen]


def _nothing_to_judge() -> None:
    st.markdown(
        "Nothing to compare yet: it takes pictures or clips of one prompt by two models. "
        "With two models registered, these make them:"
    )
    st.code("churnboard eval --suite calibration\nchurnboard refresh", language="shell")


def _judging(
    home: Path, suite: SuiteRow, items: Sequence[VotableItem], cast: Sequence[CastVote], name: str
) -> None:
    """The pair to judge and the buttons, or that there is none left."""
    ballot, pair, unreadable = _next(suite, items, cast, name)
    if unreadable:
        what = "pictures" if suite.task == "text-to-image" else "clips"
        st.caption(
            f":material/hide_image: {unreadable} of {len(items)} {what} cannot be shown and are"
            " left out."
        )
    if ballot is None:
        st.markdown("You have judged every pair there is here. Thank you.")
        st.caption("New pairs come with new models, prompts or seeds.")
        return
    _asked(next(item for item in items if _choice(item) == _chosen(ballot, ballot.left)))
    _sides(ballot, pair)
    for (outcome, (label, key)), column in zip(BUTTONS.items(), st.columns(4), strict=True):
        column.button(
            label,
            # Of this ballot alone: what is pressed on a pair that is gone cannot meet the next one.
            key=f"{outcome}-{ballot.id}",
            shortcut=key,
            width="stretch",
            on_click=_vote,
            args=(home, ballot, outcome, name),
        )
    if _presses().hasty:
        st.caption("The last press came too quickly to be a judgement and was not counted.")
    problem = st.session_state.pop(_PROBLEM, None)
    if problem is not None:
        st.error(text.plain(problem), icon=":material/inbox:")


def _asked(item: VotableItem) -> None:
    """The prompt, and beside it the picture that its clips were to begin with."""
    if item.start is None:
        st.subheader(text.plain(item.text), anchor=False)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(reads.picture(item.start, START), width=START, alt="The start frame")
        with st.container():
            st.subheader(text.plain(item.text), anchor=False)
            st.caption("Both clips begin with this picture.")


def _sides(ballot: Ballot, pair: _Pair) -> None:
    """Both sides; clips play in step. Nothing here tells who made them."""
    named = ((pair[ballot.left], "Left"), (pair[ballot.right], "Right"))
    clips = [
        replace(shown, alt=f"{where} clip")
        for shown, where in named
        if isinstance(shown, player.Screen)
    ]
    if clips:
        player.play(clips, key=f"clips-{ballot.id}", columns=2)
        return
    for (shown, where), column in zip(named, st.columns(2), strict=True):
        if isinstance(shown, Image.Image):
            column.image(shown, width="stretch", alt=f"{where} picture", output_format="PNG")


def _next(
    suite: SuiteRow, items: Sequence[VotableItem], cast: Sequence[CastVote], name: str
) -> tuple[Ballot | None, _Pair, int]:
    """The voter's next ballot whose two sides can be shown, and how many were left out."""
    left = {_choice(item): item for item in items}
    while ballot := next_ballot(suite.id, suite.version, tuple(left), cast, name):
        pair: dict[Side, _Shown] = {}
        for side in (ballot.left, ballot.right):
            choice = _chosen(ballot, side)
            try:
                pair[side] = _shown(left[choice])
            except (MediaError, OSError):
                del left[choice]
        if len(pair) == 2:
            return ballot, pair, len(items) - len(left)
    return None, {}, len(items) - len(left)


def _choice(item: VotableItem) -> Choice:
    return Choice(item.prompt_id, item.model, item.revision, item.seed)


def _chosen(ballot: Ballot, side: Side) -> Choice:
    return Choice(ballot.prompt_id, side.model, side.revision, side.seed)


def _shown(item: VotableItem) -> _Shown:
    """One side; raises `MediaError` or `OSError` where it, or what it is judged by, cannot be."""
    if item.start is not None:
        reads.picture(item.start, START)
    if item.fps is None or item.frames is None:
        return reads.picture(item.path, WIDTH)
    reads.poster(item.path)
    if not player.fits(item.path, beside=2):
        raise MediaError("too large to play beside another")
    return player.Screen(
        path=item.path,
        alt="",
        mime=item.mime or player.MIME,
        fps=item.fps,
        frames=item.frames,
        width=item.width or 1,
        height=item.height or 1,
    )


def _presses() -> presses.Presses:
    return st.session_state.get(_PRESSES, presses.Presses())


def _vote(home: Path, ballot: Ballot, outcome: Outcome, name: str) -> None:
    """A button was pressed. A ballot that was answered before keeps its first answer."""
    state = presses.pressed(_presses(), time.monotonic())
    st.session_state[_PRESSES] = state
    if state.hasty:
        return
    try:
        BallotBox(home).cast(CastVote(ballot, outcome, name, datetime.now(UTC)))
    except ChurnboardError as error:
        st.session_state[_PROBLEM] = str(error)


def _aside(
    suite: SuiteRow, items: Sequence[VotableItem], cast: Sequence[CastVote], name: str
) -> None:
    """How many votes there are, what the last one was about, and how this works."""
    here = [vote for vote in cast if vote.ballot.suite_version == suite.version]
    mine = [vote for vote in here if vote.voter == name]
    first, second = st.columns(2)
    first.metric("your votes", f"{len(mine):,}")
    second.metric("all votes", f"{len(here):,}")
    missing = LEAST_VOTES - len(here)
    if missing > 0:
        st.progress(len(here) / LEAST_VOTES)
        st.caption(f"{missing:,} more and the judges' weights are fitted to what people say.")
    if mine:
        with st.container(key="last-vote"):
            st.subheader("Your last vote", anchor=False)
            _reveal(mine[-1], items)
    st.subheader("How to vote", anchor=False)
    st.caption(
        "Arrow keys work: ← left, → right, ↑ tie, ↓ both bad. Judge what the prompt asks for first,"
        " then how well it is done. Names are shown after the vote. Votes are kept at once and"
        " count from the next `churnboard refresh`."
    )


def _reveal(vote: CastVote, items: Sequence[VotableItem]) -> None:
    """Who made the two sides of a ballot that has been answered."""
    made = {_choice(item): item for item in items}
    st.markdown(SAID[vote.outcome])
    sides = {"left": vote.ballot.left, "right": vote.ballot.right}
    for (where, side), column in zip(sides.items(), st.columns(2), strict=True):
        item = made.get(_chosen(vote.ballot, side))
        label = text.plain(side.model if item is None else item.name)
        with column:
            st.image(_thumbnail(item), width=THUMBNAIL, alt=f"The {where} one of your last vote")
            st.markdown(f"**{label}**" if vote.outcome == where else label)


def _thumbnail(item: VotableItem | None) -> Image.Image:
    """The picture or poster, or a blank where it has left the edition or cannot be read."""
    if item is None:
        return reads.blank(THUMBNAIL)
    try:
        return reads.thumbnail(item.path, item.fps, THUMBNAIL)
    except (MediaError, OSError):
        return reads.blank(THUMBNAIL)
