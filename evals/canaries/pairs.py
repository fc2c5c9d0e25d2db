"""Which copies stand beside which originals (pure: nothing is decoded here).

Every choice is drawn by hashes of model, prompt and seed, and models take turns: one more model
never changes which pairs the others get, except that, where the number of pairs is limited, it
takes some of their last ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from evals.canaries.degradations import DEGRADATIONS, EDITION, Picture
from evals.canaries.disorders import DISORDERS
from evals.types import Measures, MetricSpec, Prompt, digest

if TYPE_CHECKING:
    from evals.needs import Shown

Pixels = NDArray[np.uint8]
"""Of a picture, or of a clip with its frames in front."""

OTHER_PROMPT = "other_prompt"
SAME_PICTURE = "same_picture"
OF_PICTURES: Mapping[Measures, tuple[str, ...]] = {
    "quality": tuple(DEGRADATIONS),
    "alignment": (OTHER_PROMPT,),
    "diversity": (SAME_PICTURE,),
    "motion": (),
}
"""What a metric of pictures measures -> the canaries that it meets."""
OF_CLIPS: Mapping[Measures, tuple[str, ...]] = {
    **OF_PICTURES,
    # Frame by frame, a clip in which nothing happens agrees best with what it began as.
    "alignment": (OTHER_PROMPT, "frozen"),
    "motion": tuple(DISORDERS),
}
"""The same of clips."""
BLOCKS = 8
"""Groups into which prompts are put for metrics of all that a model made: five are the fewest that
could prove anything, and fewer, larger ones measure such metrics better."""
PROMPTS_PER_BLOCK = 2

T = TypeVar("T")


def met_by(spec: MetricSpec) -> tuple[str, ...]:
    """The canaries that a metric meets."""
    return (OF_CLIPS if spec.modality == "video" else OF_PICTURES)[spec.measures]


@dataclass(frozen=True)
class Exhibit:
    """Generations of one model that are scored together, and what they are resampled with."""

    model: str
    cluster: str
    """Prompt or block of prompts: pairs that share it are not independent."""
    shown: tuple[Shown, ...]
    copies: Mapping[str, tuple[Shown, ...]]
    """Canary -> as many copies, in step; a canary that cannot be made of them is absent."""


def singles(
    generations: Mapping[str, Sequence[Shown]], seed: int, at_most: int
) -> tuple[Exhibit, ...]:
    """Single generations for the canaries of quality and alignment.

    Spread evenly over models; of each model, every prompt comes once before any comes twice.
    """
    turns: dict[str, list[Exhibit]] = {}
    for model, made in generations.items():
        others = _others(made, seed)
        turns[model] = [
            _exhibit(model, item.prompt.id, (item,), others)
            for item in _prompt_by_prompt(model, made, seed)
        ]
    return _in_turn(turns, seed)[:at_most]


def blocks(
    generations: Mapping[str, Sequence[Shown]], prompts: Iterable[str], seed: int, at_most: int
) -> tuple[Exhibit, ...]:
    """Blocks of the suite's prompts (ids), for metrics of sets of pictures.

    Models are taken whole, one after the other, while their generations fit into `at_most`; of the
    first alone as much as fits. None from models with under two prompts a block.
    """
    ordered = sorted(prompts, key=lambda prompt: digest([seed, "block", prompt]))
    block_of = {prompt: number % BLOCKS for number, prompt in enumerate(ordered)}
    found: list[Exhibit] = []
    left = at_most
    for model in _models(generations, seed):
        made = generations[model]
        if len(made) > left and left < at_most:
            break
        taken = _prompt_by_prompt(model, made, seed)[:left]
        left -= len(taken)
        if len({item.prompt.id for item in taken}) < BLOCKS * PROMPTS_PER_BLOCK:
            continue
        others = _others(made, seed)
        parts: dict[int, list[Shown]] = defaultdict(list)
        for item in taken:
            parts[block_of[item.prompt.id]].append(item)
        found += [
            _exhibit(model, f"block {number}", tuple(parts[number]), others)
            for number in sorted(parts)
        ]
    return tuple(found)


def sets_of_seeds(
    generations: Mapping[str, Sequence[Shown]], seed: int, at_most: int
) -> tuple[Exhibit, ...]:
    """All that a model made of one prompt, over two seeds or more, for the canary of diversity.

    In the copy, every seed shows the picture of the first.
    """
    turns: dict[str, list[Exhibit]] = {}
    for model, made in generations.items():
        by_prompt: dict[str, dict[int, Shown]] = defaultdict(dict)
        for item in made:
            by_prompt[item.prompt.id].setdefault(item.seed, item)
        ordered = sorted(by_prompt, key=lambda prompt: digest([seed, model, prompt]))
        turns[model] = []
        for prompt in ordered:
            shown = tuple(item for _, item in sorted(by_prompt[prompt].items()))
            if len(shown) >= 2:
                same = tuple(
                    replace(shown[0], prompt=item.prompt, seed=item.seed) for item in shown
                )
                turns[model].append(Exhibit(model, prompt, shown, {SAME_PICTURE: same}))
    return _in_turn(turns, seed)[:at_most]


def _exhibit(
    model: str,
    cluster: str,
    shown: tuple[Shown, ...],
    others: Mapping[tuple[str, int], Shown],
) -> Exhibit:
    recipes = {name: _on_every_frame(degrade) for name, degrade in DEGRADATIONS.items()}
    if all(item.fps is not None and not _stands_still(item.prompt) for item in shown):
        recipes |= DISORDERS
    copies = {
        name: tuple(_degraded(item, name, recipe) for item in shown)
        for name, recipe in recipes.items()
    }
    replaced = tuple(
        replace(others[key], prompt=item.prompt)
        for item in shown
        if (key := (item.prompt.id, item.seed)) in others
    )
    if len(replaced) == len(shown):
        copies[OTHER_PROMPT] = replaced
    return Exhibit(model, cluster, shown, copies)


def _stands_still(prompt: Prompt) -> bool:
    """Whether nothing is to happen, as far as facts say: a frozen copy does as it was asked."""
    return prompt.facts.get("motion") == "standing still"


def _degraded(item: Shown, name: str, recipe: Callable[[Pixels], Pixels]) -> Shown:
    """The generation with its picture or clip degraded, once it is asked for.

    A copy follows from its original and the recipe, so these name it as well as its bytes would,
    and its embedding is found again without making it.
    """
    kept = item.media_sha256
    return replace(
        item,
        media_sha256=digest([EDITION, name, kept]) if kept else "",
        pixels=_lazily(recipe, item.pixels),
    )


def _lazily(
    degrade: Callable[[Pixels], Pixels], original: Callable[[], Pixels]
) -> Callable[[], Pixels]:
    return lambda: degrade(original())


def _on_every_frame(degrade: Callable[[Picture], Picture]) -> Callable[[Pixels], Pixels]:
    """The degradation of a picture, or of each frame of a clip."""
    return lambda pixels: (
        np.stack([degrade(frame) for frame in pixels]) if pixels.ndim == 4 else degrade(pixels)
    )


def _others(made: Sequence[Shown], seed: int) -> dict[tuple[str, int], Shown]:
    """(prompt, seed) -> the same model's and seed's generation for a prompt that asks for another
    picture. Prompts stand in a circle, and each takes the next one that differs from it, so that
    every picture is about as often the wrong one as the right one.
    """
    by_seed: dict[int, dict[str, Shown]] = defaultdict(dict)
    for item in made:
        by_seed[item.seed].setdefault(item.prompt.id, item)
    found: dict[tuple[str, int], Shown] = {}
    for number, of_prompt in by_seed.items():
        circle = sorted(
            of_prompt.values(), key=lambda item: digest([seed, "other", item.prompt.id])
        )
        for place, item in enumerate(circle):
            following = circle[place + 1 :] + circle[:place]
            other = next((one for one in following if _differ(one.prompt, item.prompt)), None)
            if other is not None:
                found[item.prompt.id, number] = other
    return found


def _differ(one: Prompt, other: Prompt) -> bool:
    """Whether two prompts ask for different pictures, as far as text and facts say."""
    if " ".join(one.text.split()).casefold() == " ".join(other.text.split()).casefold():
        return False
    return not one.facts or dict(one.facts) != dict(other.facts)


def _prompt_by_prompt(model: str, made: Sequence[Shown], seed: int) -> list[Shown]:
    """In an order of the model's own, every prompt once before any comes twice."""
    shuffled = sorted(made, key=lambda item: digest([seed, model, item.prompt.id, item.seed]))
    times: Counter[str] = Counter()
    rounds: list[tuple[int, Shown]] = []
    for item in shuffled:
        rounds.append((times[item.prompt.id], item))
        times[item.prompt.id] += 1
    return [item for _, item in sorted(rounds, key=lambda pair: pair[0])]


def _in_turn(turns: Mapping[str, Sequence[T]], seed: int) -> tuple[T, ...]:
    """One from each model, then the second of each, and so on."""
    ordered = [turns[model] for model in _models(turns, seed)]
    return tuple(item for row in zip_longest(*ordered) for item in row if item is not None)


def _models(models: Mapping[str, object], seed: int) -> list[str]:
    return sorted(models, key=lambda model: digest([seed, model]))
