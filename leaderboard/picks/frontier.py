"""Cost against quality: who is beaten by nobody that costs no more, and how surely (pure)."""

from __future__ import annotations

from leaderboard.pick_answers import FrontierPoint
from leaderboard.picks import odds
from leaderboard.picks.standing import Standing


def frontier(now: Standing) -> tuple[FrontierPoint, ...]:
    """The candidates on the plane of cost and quality, the cheapest first."""
    if not now.field.priced:
        return ()
    people = now.field.candidates
    chances = odds.p_frontier(now.field, now.can, now.price)
    rows: list[FrontierPoint] = []
    for number in sorted(now.can, key=lambda n: (now.price[n], -people[n].rating, people[n].model)):
        one = people[number]
        beaten = any(
            now.price[other] <= now.price[number] and people[other].rating > one.rating
            for other in now.can
        )
        rows.append(
            FrontierPoint(
                now.field.task,
                now.field.domain,
                one.model,
                one.name,
                float(now.price[number]),
                one.usd_per_clip_second is not None,
                one.rating,
                one.rating_low,
                one.rating_high,
                float(chances[number]),
                not beaten,
                now.field.source,
                now.field.simulated,
            )
        )
    return tuple(rows)
