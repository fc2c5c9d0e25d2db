"""Style and content, taken apart (pure).

Let d(p) be the way from what the base made of a prompt to what the variant made of it, in the space
of the judges. As in an analysis of variance with models and prompts as factors, it has two parts:

    style     what d(p) is at every prompt alike: its mean over prompts
    content   how d(p) differs from prompt to prompt, beyond a mere change of scale

A look laid over everything moves the first and leaves the second; pictures that show something
else than they were asked for, each something else, move the second and leave the first. What
happens to every prompt alike counts as style whatever it is: a variant that draws all things blue
has a blue style.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leaderboard.distinctness.layout import Floats, Paired


@dataclass(frozen=True)
class Style:
    """How far the variant lies from the base along its own style."""

    distance: float
    """Mean step from base to variant along the style axis. The axis is the mean step at one half of
    the prompts and is measured at the other half, so that it is about 0, and as often below it,
    where there is no style; never above the length of the mean step but by chance."""
    seed_distance: float | None
    """Base against base with another seed, at the same prompt: root mean square step along the same
    axis. None where no prompt has two seeds."""

    @property
    def ratio(self) -> float | None:
        """Style distance in seed-to-seed distances; None where a seed changes nothing."""
        return self.distance / self.seed_distance if self.seed_distance else None


def style(made: Paired) -> Style:
    """The style distance, and what a seed alone does along the same axis; 2 prompts at least.

    The halves are every other prompt, in the order of their numbers.
    """
    step = made.averaging @ (made.variant - made.base)
    half = np.arange(made.prompts) % 2
    seeds = _seed_steps(made)
    steps: list[float] = []
    squares: list[Floats] = []
    for own in (0, 1):
        axis = _unit(step[half == own].mean(axis=0))
        steps.append(float((step[half != own] @ axis).mean()))
        squares += [(pair @ axis) ** 2 for prompt, pair in seeds if half[prompt] != own]
    moved = np.concatenate(squares) if squares else np.zeros(0)
    spread = float(np.sqrt(moved.mean())) if moved.size else None
    return Style(float(np.mean(steps)), spread)


def content_drift(made: Paired) -> float | None:
    """How much of what a prompt explains has changed, 0 or above.

    1 less the correlation of what prompts do to the base's pictures with what they do to the
    variant's: trace of the covariance over prompts, over the square roots of both variances, all
    three from products of different seeds alone, so that what a seed changes does not count.
    0: prompts part the variant's pictures as they part the base's; 1: in no related way, as if
    every picture belonged to some other prompt. A look that brings all pictures nearer to each
    other, as a dark ground does, is no drift. None where fewer than 2 prompts have two seeds, or
    where either makes the same of every prompt.
    """
    several = np.bincount(made.prompt)[made.prompt] > 1
    names, prompt = np.unique(made.prompt[several], return_inverse=True)
    if len(names) < 2:
        return None
    kept = Paired(made.base[several], made.variant[several], prompt)
    own, before = _between(kept, kept.variant), _between(kept, kept.base)
    if own <= 0 or before <= 0:
        return None
    both = (_between(kept, kept.variant + kept.base) - _between(kept, kept.variant - kept.base)) / 4
    return max(0.0, 1 - float(both / np.sqrt(own * before)))


def _between(made: Paired, rows: Floats) -> float:
    """Variance of rows between prompts, that within taken out: unbiased, summed over the width."""
    count = np.bincount(made.prompt).astype(float)
    sums = np.zeros((made.prompts, rows.shape[1]))
    np.add.at(sums, made.prompt, rows)
    own = np.bincount(made.prompt, (rows**2).sum(axis=1))
    same = ((sums**2).sum(axis=1) - own) / (count * (count - 1))
    means = sums / count[:, None]
    total, prompts = means.sum(axis=0), made.prompts
    other = ((total**2).sum() - (means**2).sum()) / (prompts * (prompts - 1))
    return float(same.mean() - other)


def _seed_steps(made: Paired) -> list[tuple[int, Floats]]:
    """Prompt -> the steps between every two of the base's pictures of it."""
    found: list[tuple[int, Floats]] = []
    for prompt in range(made.prompts):
        rows = made.base[made.prompt == prompt]
        first, second = np.triu_indices(len(rows), 1)
        if len(first):
            found.append((prompt, rows[second] - rows[first]))
    return found


def _unit(step: Floats) -> Floats:
    length = np.linalg.norm(step)
    return step / length if length > 0 else step
