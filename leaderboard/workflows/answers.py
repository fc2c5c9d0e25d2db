"""What is told of a chain: frozen rows. `None` means not known or not applicable, never zero."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from leaderboard.pick_answers import Role
from leaderboard.workflows.chain import Chain

Plan = Literal["draft", "mixed", "final", "best"]
PLANS: tuple[Plan, ...] = ("draft", "mixed", "final", "best")


@dataclass(frozen=True)
class Choice:
    """Who does one step, and what that takes in one run of the chain."""

    step: str
    task: str
    role: Role
    """What the chain's file says of the step."""
    model: str | None
    """`None` = nobody can be named, and `reason` says why."""
    name: str | None
    source: str | None
    """Whose board ranks it."""
    generations: int
    usd_each: float | None
    usd: float | None
    """Of all its generations."""
    basis: str | None
    latency_s: float | None
    """Median of one generation."""
    win_rate: float | None
    """Expected share of comparisons that it takes from the step's hero, a tie being half: 0.5 of
    the hero itself."""
    rating: float | None
    behind: float | None
    """Rating points below the hero."""
    reason: str | None
    """Why something of it is not known."""


@dataclass(frozen=True)
class Bill:
    """One way to staff the whole chain."""

    plan: Plan
    choices: tuple[Choice, ...]
    usd: float | None
    """Of the steps that have a price; `None` where none has."""
    at_least: bool
    """Steps without a price are not in it: it costs that and more."""
    unpriced: tuple[str, ...]
    """`step: reason` of each of them."""
    quality: float | None
    """Mean win rate against the step's hero, by the steps' weights, over the steps where it is
    known. No chain was judged whole."""
    judged: int
    """Over how many steps."""
    path: tuple[str, ...]
    """The steps that take longest one behind the other, as far as latencies are known."""
    latency_s: float | None
    """Of that path, the generations of a step being made at once; `None` where none is known."""
    serial_s: float | None
    """Of all generations one after the other."""
    unmeasured: tuple[str, ...]
    """Steps whose latency is not known: the two above are at least that."""


@dataclass(frozen=True)
class Life:
    """How long a pick may be believed: steps that share it, in whatever role, are one line."""

    steps: tuple[str, ...]
    task: str
    domain: str
    roles: tuple[Role, ...]
    model: str
    vendor: str | None
    source: str
    days: float | None
    """Half-life of a place in the top of its board."""
    low: float | None
    high: float | None
    """95 %; `high` may be open."""
    at_least: float | None
    """Where there is no number: a bound that the history allows."""
    p_30: float | None
    """P(the same policy still picks this model 30 days on), the lower of its roles'."""
    share: float | None
    """P(of the steps whose half-life is known, this is the first to go)."""
    revalidate_by: datetime | None
    reason: str | None
    """Why there is no half-life."""


@dataclass(frozen=True)
class Joint:
    """Until at least one step's pick has left the top of its board."""

    days: float | None
    """Median, the picks being independent: the shortest that the half-lives allow."""
    low: float | None
    high: float | None
    """95 % of that median, from the intervals of the half-lives."""
    shared_days: float | None
    """Median where a vendor's picks fall together: the longest that sharing allows."""
    assumed_share: float
    """Share of each hazard that a vendor's models are taken to have in common."""
    assumed_days: float | None
    """Median at that share."""
    odds_days: float | None
    """Median until a policy names another model for one of the steps, from the picks' own odds."""
    known: int
    """Distinct picks with a half-life."""
    picks: int
    """Distinct picks."""
    first: tuple[str, ...]
    """The steps to re-check first."""


@dataclass(frozen=True)
class WorkflowAnswer:
    """All that one edition says of one chain."""

    edition: str
    chain: Chain
    bills: tuple[Bill, ...]
    """Draft, mixed, final; and the best under the budget, where one was named."""
    budget: float | None
    refused: str | None
    """Why there is no plan under the budget."""
    lives: tuple[Life, ...]
    """Of the mode that was asked for, the first to go first."""
    mode: str
    joint: Joint
    notes: tuple[str, ...]

    def bill(self, plan: str) -> Bill | None:
        """The bill of a plan, if there is one."""
        return next((one for one in self.bills if one.plan == plan), None)
