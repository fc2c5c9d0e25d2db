"""What is known of a board's judges, in words: the same in the terminal and on pages (pure).

Names of models and metrics are put in as they are: whoever shows the words escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leaderboard.trust import (
    MetricAgreement,
    MetricWeight,
    People,
    PlaceRange,
    Sensitivity,
    Share,
)


def weights(found: Sequence[MetricWeight]) -> str:
    """Who votes and how much, the heaviest first; empty where nothing votes.

    >>> weights([MetricWeight("clip", "c", 0.25, (), ""), MetricWeight("hps", "h", 0.75, (), "")])
    'hps 75 %, clip 25 %'
    """
    voting = sorted((one for one in found if one.weight > 0), key=lambda one: -one.weight)
    return ", ".join(f"{one.metric} {_percent(one.weight)}" for one in voting)


def fooled(found: Sequence[MetricWeight]) -> list[str]:
    """One line for each metric that prefers degraded copies.

    >>> fooled([MetricWeight("sharpness", "s", 0.0, ("noise",), "")])
    ['sharpness is fooled: it prefers copies with noise to the originals']
    """
    return [
        f"{one.metric} is fooled: it prefers copies with {_and(one.fooled_by)} to the originals"
        for one in found
        if one.fooled_by
    ]


def places(told: Sensitivity, names: Mapping[str, str]) -> list[str]:
    """One line for each place: robust, or who else could take it.

    Args:
        told: of the board.
        names: model -> its name for people.
    """
    return [_place(one, told.models, names) for one in told.models]


def swap(told: Sensitivity, names: Mapping[str, str]) -> str:
    """What it takes to swap the first two places; empty where there are not two."""
    if len(told.models) < 2:
        return ""
    first, second = (names[one.model] for one in told.models[:2])
    if told.swap is None:
        return f"No weight of a single metric puts {second} above {first}."
    one = told.swap
    return (
        f"{second} passes {first} when the weight of {one.metric} goes from"
        f" {_percent(one.weight)} to {_percent(one.needed)}."
    )


def bias(told: Sensitivity) -> str:
    """How far a family of judges strays from the others."""
    if told.disagreement is None:
        return ""
    return (
        f"Families of judges disagree: one alone misplaces a model by about"
        f" {told.disagreement:.0f} points, which the intervals and odds count."
    )


def voices(told: People) -> str:
    """How many voted, and how far they agree with each other."""
    words = f"{told.votes} votes by {told.voters} people on {told.prompts} prompts"
    if told.ceiling is None:
        return f"{words}; {told.ceiling_reason}."
    return f"{words}; of another's choices a person shares {share(told.ceiling)}."


def fit(told: People) -> str:
    """Whether weights were fitted, and what they are worth."""
    if told.fit is None:
        return f"No weights fitted: {told.fit_reason}."
    found, plain = told.fit.held_out, told.fit.equal
    if told.fit.ridge is None:
        return (
            "No weights fitted: none clearly beats families that share alike, which name the winner"
            f" of {_percent(plain.accuracy)} of the votes."
        )
    return (
        f"Fitted weights name the winner of {_percent(found.accuracy)} of the votes on prompts left"
        f" out, families that share alike of {_percent(plain.accuracy)}."
    )


def agreement(one: MetricAgreement) -> str:
    """A metric's agreement with people, or that there is none."""
    return "no pair voted on was scored" if one.share is None else share(one.share)


def share(found: Share) -> str:
    """A share with its interval.

    >>> share(Share(0.8123, 0.78, 0.84, 500)), share(Share(1.0, None, None, 1))
    ('81 % [78, 84]', '100 %')
    """
    if found.low is None or found.high is None:
        return _percent(found.value)
    return f"{_percent(found.value)} [{100 * found.low:.0f}, {100 * found.high:.0f}]"


def _place(one: PlaceRange, models: Sequence[PlaceRange], names: Mapping[str, str]) -> str:
    name = names[one.model]
    if one.robust:
        return (
            f"Place {one.place} is robust: {_percent(one.kept)} of weightings leave it to {name}."
        )
    rivals = sorted(
        (other for other in models if other is not one and other.shares[one.place - 1] > 0),
        key=lambda other: -other.shares[one.place - 1],
    )
    words = f"Place {one.place} is open: {name} keeps it in {_percent(one.kept)} of weightings"
    if not rivals:
        return f"{words}."
    taken = _percent(rivals[0].shares[one.place - 1])
    return f"{words}, {names[rivals[0].model]} takes it in {taken}."


def _percent(value: float) -> str:
    """In whole per cent; what is neither all nor nothing is never called so.

    >>> _percent(0.999), _percent(1.0), _percent(0.004)
    ('> 99 %', '100 %', '< 1 %')
    """
    if 0.995 <= value < 1:
        return "> 99 %"
    return "< 1 %" if 0 < value < 0.005 else f"{100 * value:.0f} %"


def _and(words: Sequence[str]) -> str:
    said = [word.replace("_", " ") for word in words]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} or {said[-1]}"
