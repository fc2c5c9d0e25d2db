"""Why a model has a role, and why another has not, in one line each (pure)."""

from __future__ import annotations

from leaderboard import wording
from leaderboard.picks.field import Field
from leaderboard.picks.standing import Chosen, Standing


def nobody(field: Field, able: int, refused: int, cap: float | None) -> str:
    """Why a role has nobody."""
    if able:
        return f"no candidate costs at most ${cap:g} per generation"
    if refused:
        return f"none of {refused} models qualifies; each refusal has its reason"
    if not field.candidates:
        return "the board has anchors only, and those are never picked"
    return "no model qualifies"


def of_hero(now: Standing, found: Chosen) -> str:
    """Why the hero is the hero."""
    people, cap = now.field.candidates, now.rules.hero.max_cost_usd
    under = "" if cap is None else f" at ${cap:g} per generation or less"
    if found.cause == "pinned":
        return "pinned by the policy"
    unpinned = _not_pinned(now, now.rules.hero.pinned)
    if len(now.can_lead) == 1:
        return f"{unpinned}the only candidate{under}{_instead(now, found)}"
    if found.action == "held":
        wish = people[found.wish]
        chance = wording.odds(float(found.odds[found.wish]))
        needed = f"{now.rules.hero.challenger:.0%}".replace("%", " %")
        return (
            f"{unpinned}kept: {wish.name} is better with {chance}, and {needed} are needed to"
            f" replace a hero{_dwell(now, found)}"
        )
    others = sorted((n for n in now.can_lead if n != found.model), key=lambda n: -now.preference[n])
    what = (
        "highest chance of being the best"
        if now.rules.hero.objective == "p_best"
        else "highest rating"
    )
    text = (
        f"{what}{under}: {wording.odds(float(now.lead[found.model]))},"
        f" before {people[others[0]].name} with {wording.odds(float(now.lead[others[0]]))}"
    )
    return f"{unpinned}{text}{_instead(now, found)}"


def of_workhorse(now: Standing, found: Chosen, hero: int) -> str:
    """Why the workhorse is the workhorse."""
    people, wants = now.field.candidates, now.rules.workhorse
    floor, needed = _floor(now), wording.odds(wants.confidence)
    if found.cause == "pinned":
        return "pinned by the policy"
    unpinned = _not_pinned(now, wants.pinned)
    if found.action == "held":
        wish = people[found.wish]
        saves = 1 - now.price[found.wish] / now.price[found.model]
        if now.price[found.wish] > now.price[found.model]:
            return (
                f"{unpinned}kept: {wording.odds(float(found.odds[found.model]))} sure to take"
                f" {floor} from the hero, and {wording.odds(wants.keep)} are enough to stay"
            )
        return (
            f"{unpinned}kept: {wish.name} would save {100 * saves:.0f} %, and"
            f" {100 * wants.saving:.0f} % are needed to replace a workhorse{_dwell(now, found)}"
        )
    if found.model != hero:
        share = now.price[found.model] / now.price[hero]
        what = "cheapest" if wants.objective == "cost" else "fastest"
        return (
            f"{unpinned}{what} that takes at least {floor} from the hero:"
            f" {wording.odds(float(found.odds[found.model]))} sure, at {100 * share:.0f} % of its"
            f" cost{_instead(now, found)}"
        )
    cheaper = [n for n in now.can if now.price[n] < now.price[hero]]
    if not cheaper:
        return f"{unpinned}the hero itself: no candidate is cheaper{_instead(now, found)}"
    nearest = max(cheaper, key=lambda n: (found.odds[n], -now.price[n], people[n].model))
    return (
        f"{unpinned}the hero itself: nothing cheaper takes {floor} from it with {needed}"
        f" probability; the nearest is {people[nearest].name} with"
        f" {wording.odds(float(found.odds[nearest]))}{_instead(now, found)}"
    )


def not_hero(now: Standing, found: Chosen, number: int, able: bool, tied: bool) -> str:
    """Why a candidate is not the hero."""
    if not able:
        return f"costs more than ${now.rules.hero.max_cost_usd:g} per generation"
    chance = wording.odds(float(found.odds[number]))
    if tied:
        return f"cannot be told apart: better with {chance}"
    return f"better with {chance} only"


def not_workhorse(now: Standing, found: Chosen, number: int) -> str:
    """Why a candidate is not the workhorse."""
    wants = now.rules.workhorse
    chance = float(found.odds[number])
    if chance < wants.confidence:
        return (
            f"takes {_floor(now)} from the hero with {wording.odds(chance)},"
            f" {wording.odds(wants.confidence)} needed"
        )
    own, other = now.price[found.model], now.price[number]
    if other > own:
        return f"reaches the floor, and costs {_times(float(other / own))} as much"
    if other == own:
        return "reaches the floor at the same cost"
    return (
        f"reaches the floor and would save {100 * (1 - other / own):.0f} %:"
        f" {100 * wants.saving:.0f} % are needed{_dwell(now, found)}"
    )


def _floor(now: Standing) -> str:
    wants = now.rules.workhorse
    if wants.max_rating_gap is not None:
        return f"a place within {wants.max_rating_gap:g} points"
    return f"{wording.odds(wants.win_rate_floor)} of comparisons"


def _times(ratio: float) -> str:
    return f"{100 * ratio:.0f} %" if ratio < 2 else f"{ratio:.1f} times"


def _dwell(now: Standing, found: Chosen) -> str:
    days = now.rules.stability.min_dwell_days
    held = (now.at - found.since).total_seconds() / 86400
    return f"; it has held the role for {held:.0f} of at least {days:g} days" if held < days else ""


def _instead(now: Standing, found: Chosen) -> str:
    """Whom it follows, and why that one had to go."""
    if found.action != "switched" or found.before is None:
        return ""
    before = found.before
    column = now.field.index(before)
    name = now.field.candidates[column].name if column >= 0 else before
    why = now.why_not.get(before)
    if found.cause == "better":
        return f"; replaces {name}: better with {wording.odds(1 - float(found.odds[column]))}"
    if found.cause == "cheaper":
        saved = 1 - now.price[found.model] / now.price[column]
        return f"; replaces {name}: saves {100 * saved:.0f} %"
    if found.cause == "floor":
        fallen = wording.odds(float(found.odds[column]))
        return f"; replaces {name}, which reaches the floor with {fallen} only"
    if found.cause == "repriced":
        return f"; replaces {name}, whose price has risen"
    if found.cause == "gone":
        return f"; replaces {name}, which is no longer on the board"
    return f"; replaces {name}: {why or 'over the cap'}"


def _not_pinned(now: Standing, pinned: str | None) -> str:
    """Why the model that the policy pins is not chosen; nothing where none is pinned."""
    if pinned is None:
        return ""
    column = now.field.index(pinned)
    why = "is not on the board" if column < 0 else now.why_not.get(pinned) or "costs too much"
    return f"{pinned} is pinned and cannot be picked ({why}); "
