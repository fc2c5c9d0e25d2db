"""Flow → what the camera does, and what moves by itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Field = NDArray[np.float64]

POINTS = 16
"""Of a side, at which the camera's motion is fitted: a grid, not every pixel."""
ROUNDS = 7
"""Of reweighting."""
FLOOR = 0.25
"""Residuals up to about this are no outliers, however well the rest fits; in pixels of flow."""
RESTS = 1e-6
"""Speed below which a camera goes nowhere, in pixels of flow."""
NEARER = 3.0
"""How much faster than what is behind it a still thing may go by, as it is nearer to the camera."""


@dataclass(frozen=True)
class Camera:
    """How a still scene on one plane would flow, of each of some pairs of frames."""

    fitted: Field
    """pairs x 8: see `flow_at`."""

    def over(self, pair: int, height: int, width: int) -> Field:
        """Its flow over all pixels of one pair, height x width x 2."""
        return flow_at(self.fitted[pair], _axis(width)[None, :], _axis(height)[:, None])


def camera(flow: NDArray[np.float32]) -> Camera:
    """What the camera does, from flow (pairs x h x w x 2).

    What a camera that pans, tilts, rolls, zooms or moves shows of a plane is flow of second order
    in x and y with eight parameters (Longuet-Higgins and Prazdny 1980). They are fitted by least
    squares, reweighted so that what does not go along counts less and less (Geman and McClure).
    A thing that fills most of the picture looks like the scene.
    """
    import numpy as np

    rows, columns = (_spread(length) for length in flow.shape[1:3])
    y, x = (_axis(length) for length in flow.shape[1:3])
    across, down = (grid.ravel() for grid in np.meshgrid(x[columns], y[rows]))
    seen = flow[:, rows][:, :, columns].astype(np.float64).reshape(len(flow), -1, 2)
    points = _Points(across, down, seen)
    # From the scene as it lies in the frame, and from all points alike: what the camera does may be
    # nothing, in front of which something large moves, or the most of what is seen.
    still = np.zeros((len(flow), 8))
    everywhere = points.solved(np.ones(seen.shape[:2]))
    first, second = points.reweighted(still), points.reweighted(everywhere)
    better = np.median(points.squares(second), axis=1) < np.median(points.squares(first), axis=1)
    return Camera(np.where(better[:, None], second, first))


def own(flow: NDArray[np.float32], camera: Field) -> Field:
    """Length (h x w) of what moves by itself: of what the camera's flow leaves of a pair's.

    Args:
        flow: h x w x 2, of one pair of frames.
        camera: the same, as `Camera.over` gives it.

    Things at another depth than the plane go by faster or slower, along the way the plane itself
    goes if the camera turns to keep them in view; so of what is left, the part along the camera's
    flow counts only beyond `NEARER` times its length. While the camera rests nothing is taken off.
    One thing that runs along with, or against, a moving camera cannot be told from a nearer one
    that stands still.
    """
    import numpy as np

    left = flow - camera
    speed = np.hypot(camera[..., 0], camera[..., 1])
    whole = (left * left).sum(axis=-1)
    # Along an unknown way, that of a camera that rests, lies everything.
    with_it: Field = np.abs((left * camera).sum(axis=-1)) / np.maximum(speed, RESTS)
    length: Field = np.sqrt(whole)
    along: Field = np.where(speed > RESTS, with_it, length)
    across = np.maximum(whole - along * along, 0.0)
    return np.sqrt(across + np.maximum(along - NEARER * speed, 0.0) ** 2)


def flow_at(fitted: Field, x: Field, y: Field) -> Field:
    """The flow of eight parameters at places x, y (of any one shape, or broadcast), ... x 2."""
    import numpy as np

    a, b, c, d, e, f, g, h = np.moveaxis(fitted, -1, 0)
    both = g * x + h * y
    return np.stack([a + b * x + c * y + x * both, d + e * x + f * y + y * both], axis=-1)


@dataclass(frozen=True)
class _Points:
    """Flow at some places, of all pairs at once."""

    x: Field
    y: Field
    """Places, each (points,)."""
    seen: Field
    """pairs x points x 2."""

    @cached_property
    def terms(self) -> Field:
        """What each parameter adds to the flow there: 8 x points x 2."""
        import numpy as np

        one = np.eye(8)
        return np.stack([flow_at(each, self.x, self.y) for each in one])

    @cached_property
    def products(self) -> Field:
        """Of each point, the terms times each other: points x 8 x 8."""
        import numpy as np

        return np.einsum("ipa,jpa->pij", self.terms, self.terms)

    @cached_property
    def targets(self) -> Field:
        """Of each pair and point, the terms times what is seen: pairs x points x 8."""
        import numpy as np

        return np.einsum("ipa,npa->npi", self.terms, self.seen)

    def squares(self, fitted: Field) -> Field:
        """By how much each pair's parameters (pairs x 8) miss what is seen: pairs x points."""
        made = flow_at(fitted[:, None, :], self.x, self.y)
        return ((made - self.seen) ** 2).sum(axis=-1)

    def solved(self, weights: Field) -> Field:
        """The least squares under weights, pairs x points; pairs x 8.

        Sums are einsum's and not a linear algebra library's: those of any threads are the same.
        """
        import numpy as np

        square = np.einsum("np,pij->nij", weights, self.products)
        square += 1e-9 * len(self.x) * np.eye(8)  # too few points to tell all eight
        wanted = np.einsum("np,npi->ni", weights, self.targets)
        return cast("Field", np.linalg.solve(square, wanted[..., None])[..., 0])

    def reweighted(self, fitted: Field) -> Field:
        """The parameters that most of what is seen agrees with, found from `fitted` on."""
        import numpy as np

        for _ in range(ROUNDS):
            squares = self.squares(fitted)
            median = np.median(squares, axis=1, keepdims=True)
            scale = np.maximum(FLOOR**2, 2.2 * median)
            fitted = self.solved((scale / (scale + squares)) ** 2)
        return fitted


def _axis(length: int) -> Field:
    """Places of pixels, from -1 to 1."""
    import numpy as np

    return (2 * np.arange(length) + 1 - length) / length


def _spread(length: int) -> NDArray[np.intp]:
    """Numbers of at most `POINTS` pixels of a side, evenly spread."""
    import numpy as np

    count = min(POINTS, length)
    return ((2 * np.arange(count) + 1) * length // (2 * count)).astype(np.intp)
