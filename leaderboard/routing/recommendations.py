"""Picks as routers read them: one document with its digest, its sequence and its expiry (pure).

One answer for every task, domain and role: where several boards answer, the firmest ground does.
Nobody stands in it who did not qualify, as a pick or as a fallback.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from leaderboard.answers import NoPick, Pick, Picks, ground_of
from leaderboard.pick_answers import GROUNDS, Call, Decision, Fallback, Ground, LogEntry
from leaderboard.routing.routes import Route
from leaderboard.wire import plain

SCHEMA_VERSION = "1.0"
LIFE = timedelta(days=30)
"""After so long a file is not to be obeyed any more: nobody has looked at the picks since."""
RENEWED_AFTER = LIFE / 2
"""A file that says the same is written anew from then on."""
HEAD = ("schema_version", "edition", "sequence", "generated_at", "expires_at", "sha256")
"""Keys of the document that are no conclusions."""

Router = Callable[[str, str, str, Call | None], Route | None]
"""Model, task, source and what the crosswalk says -> how it is called, or `None`."""
Place = tuple[str, str, str]
"""Task, domain and role."""


def build(
    edition: str,
    picks: Picks,
    log: Iterable[LogEntry],
    route: Router,
    sequence: int,
    at: datetime,
) -> dict[str, Any]:
    """The whole document.

    Args:
        edition: what it is read from.
        picks: of that edition.
        log: of picks, the oldest first.
        route: says how a model is called.
        sequence: above that of every document before.
        at: when it is made; whoever is past its date by then is stale.
    """
    return sealed(
        {
            "schema_version": SCHEMA_VERSION,
            "edition": edition,
            "sequence": sequence,
            "generated_at": plain(at),
            "expires_at": plain(at + LIFE),
            **conclusions(picks, log, route, at),
        }
    )


def conclusions(
    picks: Picks, log: Iterable[LogEntry], route: Router, at: datetime
) -> dict[str, Any]:
    """Everything but the head: `picks`, `former`, `none` and `refused`."""
    chosen, none = firmest(picks)
    made = {(one.task, one.domain, one.role, one.source): one for one in picks.decisions}
    return {
        "picks": [
            _pick(one, made.get((one.task, one.domain, one.role, one.source)), route, at)
            for one in chosen
        ],
        "former": former(chosen, none, log),
        "none": [plain(one) for one in none],
        "refused": [plain(one) for one in picks.refused],
    }


def firmest(picks: Picks) -> tuple[tuple[Pick, ...], tuple[NoPick, ...]]:
    """One pick, or one reason why there is none, for every task, domain and role.

    Own evaluations of real models go before a public board, and that before simulated models.
    """
    found: dict[Place, Pick] = {}
    for pick in sorted(picks.picks, key=_firmness):
        found.setdefault((pick.task, pick.domain, pick.role), pick)
    missing: dict[Place, NoPick] = {}
    for entry in sorted(picks.none, key=_firmness):
        place = entry.task, entry.domain, entry.role
        if place not in found:
            missing.setdefault(place, entry)
    return (
        tuple(one for one in picks.picks if found[one.task, one.domain, one.role] is one),
        tuple(one for one in picks.none if missing.get((one.task, one.domain, one.role)) is one),
    )


def former(
    chosen: Iterable[Pick], none: Iterable[NoPick], log: Iterable[LogEntry]
) -> list[dict[str, Any]]:
    """Who held a role before, until when, why no longer, and who holds it today, if anybody.

    Of the boards that answer today; whoever came back is not among them.
    """
    today: dict[Place, Pick | NoPick] = {
        (one.task, one.domain, one.role): one for one in (*chosen, *none)
    }
    holders = {place: getattr(one, "model", None) for place, one in today.items()}
    gone: dict[tuple[Place, str], LogEntry] = {}
    for entry in log:
        place = entry.task, entry.domain, entry.role
        answers = today.get(place)
        if answers is None or _ground(answers) != ground_of(entry.source, entry.simulated):
            continue
        left = entry.previous if entry.action in ("switched", "dropped") else None
        if left is not None and left != holders[place]:
            gone[place, left] = entry
    return [
        {
            "task": place[0],
            "domain": place[1],
            "role": place[2],
            "model": model,
            "until": plain(entry.at),
            "cause": entry.cause,
            "successor": holders[place],
        }
        for (place, model), entry in sorted(gone.items(), key=lambda one: one[0])
    ]


def canonical(document: Mapping[str, Any]) -> bytes:
    """What is digested: everything but `sha256`, as JSON with sorted keys and no spaces, ASCII.

    Raises `ValueError` for a number that JSON does not have.
    """
    content = {key: value for key, value in document.items() if key != "sha256"}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(document)).hexdigest()


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its digest."""
    content = {key: value for key, value in document.items() if key != "sha256"}
    head = {key: content.pop(key) for key in HEAD if key in content}
    return {**head, "sha256": digest(document), **content}


def faults(document: Mapping[str, Any]) -> list[str]:
    """What no schema can see, of a document of this version that is valid otherwise."""
    refused = {
        (one["task"], one["domain"], one["source"], one["model"]) for one in document["refused"]
    }
    found: list[str] = []
    seen: set[Place] = set()
    for pick in document["picks"]:
        place = pick["task"], pick["domain"], pick["role"]
        where = " ".join(place)
        if place in seen:
            found.append(f"{where}: two picks for one role")
        seen.add(place)
        board = pick["task"], pick["domain"], pick["source"]
        if (*board, pick["model"]) in refused:
            found.append(f"{where}: {pick['model']} did not qualify")
        named = [one["model"] for one in pick["fallbacks"]]
        for model in named:
            if (*board, model) in refused:
                found.append(f"{where}: its fallback {model} did not qualify")
        if pick["model"] in named or len(set(named)) < len(named):
            found.append(f"{where}: a model stands twice in its line")
    return found


def _pick(pick: Pick, made: Decision | None, route: Router, at: datetime) -> dict[str, Any]:
    outlook = None if made is None else made.outlook
    return {
        "task": pick.task,
        "domain": pick.domain,
        "role": pick.role,
        "model": pick.model,
        "name": pick.name,
        "call": plain(route(pick.model, pick.task, pick.source, pick.call)),
        "cost_usd": pick.cost_usd,
        "cost_basis": pick.cost_basis,
        "usd_per_clip_second": pick.usd_per_clip_second,
        "compute_s_per_clip_second": pick.compute_s_per_clip_second,
        "latency_p50_s": pick.latency_p50_s,
        "latency_p95_s": None if made is None else made.latency_p95_s,
        "rating": pick.rating,
        "rating_low": pick.rating_low,
        "rating_high": pick.rating_high,
        "p_best": pick.p_best,
        "p_floor": pick.p_floor,
        "p_still_right_7_days": None if outlook is None else outlook.days_7,
        "p_still_right_30_days": None if outlook is None else outlook.days_30,
        "revalidate_by": None if outlook is None else plain(outlook.revalidate_by),
        "stale": outlook is not None and outlook.revalidate_by <= at,
        "since": None if made is None else plain(made.since),
        "previous": None if made is None else made.previous,
        "runner_up": pick.runner_up,
        "reason": pick.reason,
        "evidence": pick.evidence,
        "evidence_at": plain(pick.evidence_at or (None if made is None else made.evidence_at)),
        "source": pick.source,
        "suite": pick.suite_id,
        "simulated": pick.simulated,
        "decided_at": plain(pick.decided_at),
        "fallbacks": [
            _fallback(one, pick, route) for one in (() if made is None else made.fallbacks)
        ],
    }


def _fallback(one: Fallback, pick: Pick, route: Router) -> dict[str, Any]:
    return {
        "model": one.model,
        "name": one.name,
        "call": plain(route(one.model, pick.task, pick.source, one.call)),
        "cost_usd": one.cost_usd,
        "cost_basis": one.cost_basis,
        "usd_per_clip_second": one.usd_per_clip_second,
        "p_best": one.p_best,
        "p_floor": one.p_floor,
    }


def _ground(one: Pick | NoPick) -> Ground:
    return ground_of(one.source, one.simulated)


def _firmness(one: Pick | NoPick) -> int:
    return GROUNDS.index(_ground(one))
