"""What a reader is told of how picks came about: frozen rows, as in `answers`.

Every edition says of every role who was chosen, since when, before whom and why not the others;
the log of switches, and of wishes to switch that were refused, goes on for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["hero", "workhorse"]
ROLES: tuple[Role, ...] = ("hero", "workhorse")
Action = Literal["chosen", "kept", "held", "switched", "dropped"]
"""`chosen`: nobody held the role. `kept`: nobody else is wished for. `held`: another is, and is
refused. `switched`: another took over. `dropped`: the role has nobody any more."""
Cause = Literal[
    "first", "better", "cheaper", "floor", "gone", "unqualified", "repriced", "pinned", "none"
]
"""What made a role change hands: a surely better challenger, a cheaper one, the incumbent's fall
below the floor, its leaving the board, its not qualifying any more, its own rise in price, or the
policy's word; `none` where it did not."""


Ground = Literal["own", "outside", "simulated"]
"""What a pick stands on, the firmest first: own evaluations of real models, a public board, own
evaluations of simulated models. Each has holders of its own."""
GROUNDS: tuple[Ground, ...] = ("own", "outside", "simulated")


@dataclass(frozen=True)
class Call:
    """What a client calls a model, and the parameters that its price is for."""

    litellm: str | None = None
    """Model string of LiteLLM."""
    fal: str | None = None
    """Endpoint of fal.ai."""
    replicate: str | None = None
    """`owner/name` on Replicate."""
    size: str | None = None
    quality: str | None = None
    seconds: float | None = None

    def told(self) -> str | None:
        """The first way to call it that is known."""
        if self.litellm is not None:
            return self.litellm
        if self.fal is not None:
            return f"{self.fal} (fal)"
        return None if self.replicate is None else f"{self.replicate} (Replicate)"


@dataclass(frozen=True)
class Rival:
    """A model that was not chosen, and why."""

    model: str
    reason: str
    p_better: float | None = None
    """Hero: P(it is better than the pick)."""
    p_floor: float | None = None
    """Workhorse: P(its win-rate against the hero reaches the floor)."""
    tied: bool = False
    """It cannot be told apart from the pick."""


@dataclass(frozen=True)
class Fallback:
    """A model that qualifies too: it is called where those before it cannot be."""

    model: str
    name: str
    cost_usd: float
    """US dollars per generation."""
    cost_basis: str | None
    usd_per_clip_second: float | None
    p_best: float
    p_floor: float | None
    """Workhorse: P(its win-rate against the hero reaches the floor)."""
    call: Call | None = None
    """What a client calls it; `None` = the registry says, or nobody knows."""


@dataclass(frozen=True)
class Outlook:
    """How long a pick may be believed."""

    days_7: float | None
    """P(the same policy, run on every board until then, has kept the model); `None` = unknown."""
    days_30: float | None
    exits: float | None
    """Departures from the top five that the history shows; `None` = the odds are unknown."""
    reason: str | None
    """Why the two are unknown."""
    revalidate_by: datetime


@dataclass(frozen=True)
class Decision:
    """What was decided for one role of one task and domain, and from what."""

    task: str
    domain: str
    role: Role
    decided_at: datetime
    source: str
    """Whose board it was decided from."""
    evidence: str
    evidence_at: datetime
    action: Action
    cause: Cause
    model: str | None
    """`None` = nobody holds the role."""
    since: datetime | None
    """When the model took the role."""
    previous: str | None
    """Who held it before this model."""
    challenger: str | None
    """Who would hold it if nobody did; `None` = the model itself would."""
    runner_up: str | None
    p_best: float | None
    p_floor: float | None
    price: float | None
    """What a rise in price is measured from: when the model took the role, or was last chosen
    afresh; per generation, or per second of clip."""
    reason: str
    tied: tuple[str, ...]
    """Models that cannot be told apart from it."""
    rivals: tuple[Rival, ...]
    """Everybody else on the board."""
    outlook: Outlook | None = None
    simulated: bool = False
    """Whether the board has simulated models only."""
    fallbacks: tuple[Fallback, ...] = ()
    """Who would be picked next, the best first."""
    latency_p95_s: float | None = None
    """Of the model."""


@dataclass(frozen=True)
class FrontierPoint:
    """One candidate on the plane of cost and quality."""

    task: str
    domain: str
    model: str
    name: str
    price: float
    """US dollars per generation, or per second of clip."""
    per_clip_second: bool
    rating: float
    rating_low: float | None
    rating_high: float | None
    p_frontier: float
    """P(no candidate that costs no more is better)."""
    on_frontier: bool
    """Nobody that costs no more has a higher rating."""
    source: str = "evals"
    """Whose board it is on."""
    simulated: bool = False


@dataclass(frozen=True)
class LogEntry:
    """One line of the log of picks, which is kept for ever."""

    at: datetime
    task: str
    domain: str
    role: Role
    action: Action
    cause: Cause
    model: str | None
    previous: str | None
    since: datetime | None
    challenger: str | None
    price: float | None
    source: str
    evidence_at: datetime
    reason: str
    simulated: bool = False
