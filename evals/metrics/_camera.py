"""Flow → what the camera does, and what moves by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Field = NDArray[np.float64]

POINTS = 20
"""Of a side, at which the camera's motion is fitted: a grid, not every pixel."""
ROUNDS = 12
"""Of reweighting."""
FLOOR = 0.25
"""Residuals up to about this are no outliers, however well the rest fits; in pixels of flow."""
NEARER = 3.0
"""How much faster than what is behind it a still thing may go by, as it is nearer to the camera."""


@dataclass(frozen=True)
class Motion:
    """Of one pair of frames, everything in the unit of the flow."""

    camera: Field
    """h x w x 2: how a still scene on one plane would flow."""
    own: Field
    """h x w: length of what is left, less what a still scene with depth could show."""


def split(flow: NDArray[np.float32]) -> Motion:
    """Tell the camera's motion from that of things.

    Args:
        flow: h x w x 2, of one pair of frames.

    What a camera that pans, tilts, rolls, zooms or moves shows of a plane is flow of second order
    in x and y with eight parameters (Longuet-Higgins and Prazdny 1980). They are fitted by least
    squares, reweighted so that what does not go along counts less and less (Geman and McClure).
    Things at another depth go by faster or slower than the plane, along the way the plane itself
    goes if the camera turns to keep them in view; so of what is left, the part along the camera's
    flow counts only beyond `NEARER` times its length. While the camera rests nothing is taken off.

    What this cannot tell: one thing that runs along with, or against, a moving camera looks like a
    nearer one that stands, and a thing that fills most of the picture looks like the scene.
    """
    import numpy as np

    height, width = flow.shape[:2]
    x, y = _axis(width), _axis(height)
    rows, columns = (_spread(length) for length in (height, width))
    fitted = _fit(
        x[columns],
        y[rows],
        flow[np.ix_(rows, columns)].astype(np.float64),
    )
    camera = _flow(fitted, x, y)
    left = flow - camera
    speed = np.hypot(camera[..., 0], camera[..., 1])
    safe = np.maximum(speed, 1e-12)
    along = np.abs((left * camera).sum(axis=-1)) / safe
    across = np.abs(left[..., 0] * camera[..., 1] - left[..., 1] * camera[..., 0]) / safe
    still = speed < 1e-9
    along = np.where(still, np.hypot(left[..., 0], left[..., 1]), along)
    across = np.where(still, 0.0, across)
    return Motion(camera, np.hypot(np.maximum(along - NEARER * speed, 0.0), across))


def _axis(length: int) -> Field:
    """Places of pixels, from -1 to 1."""
    import numpy as np

    return (2 * np.arange(length) + 1 - length) / length


def _spread(length: int) -> NDArray[np.intp]:
    """Numbers of at most `POINTS` pixels of a side, evenly spread."""
    import numpy as np

    count = min(POINTS, length)
    return ((2 * np.arange(count) + 1) * length // (2 * count)).astype(np.intp)


def _flow(fitted: Field, x: Field, y: Field) -> Field:
    """The flow of eight parameters at all of y times x: len(y) x len(x) x 2."""
    import numpy as np

    a, b, c, d, e, f, g, h = (float(value) for value in fitted)
    across, down = x[None, :], y[:, None]
    both = g * across + h * down
    return np.stack(
        [a + b * across + c * down + across * both, d + e * across + f * down + down * both],
        axis=-1,
    )


def _fit(x: Field, y: Field, flow: Field) -> Field:
    """Eight parameters from flow len(y) x len(x) x 2."""
    import numpy as np

    across, down = (grid.ravel() for grid in np.meshgrid(x, y))
    one, none = np.ones_like(across), np.zeros_like(across)
    terms = np.stack(
        [
            [one, across, down, none, none, none, across * across, across * down],
            [none, none, none, one, across, down, across * down, down * down],
        ]
    )  # axis x parameter x point
    wanted = flow.reshape(-1, 2).T
    # Sums by einsum, not by a library of linear algebra: they are the same on any threads.
    products = np.einsum("aip,ajp->pij", terms, terms)
    targets = np.einsum("aip,ap->pi", terms, wanted)
    # From the scene as it lies in the frame, and from all points alike: what the camera does may be
    # nothing, in front of which something large moves, or the most of what is seen.
    starts = [np.zeros(8), _solved(products, targets, one)]
    found = [_reweighted(start, terms, wanted, products, targets) for start in starts]
    return min(found, key=lambda each: each[1])[0]


def _reweighted(
    fitted: Field, terms: Field, wanted: Field, products: Field, targets: Field
) -> tuple[Field, float]:
    """Parameters fitted from `fitted` on, and the median of the squares they miss by."""
    import numpy as np

    squares = _squares(fitted, terms, wanted)
    for _ in range(ROUNDS):
        scale = max(FLOOR**2, 2.2 * float(np.median(squares)))
        fitted = _solved(products, targets, (scale / (scale + squares)) ** 2)
        squares = _squares(fitted, terms, wanted)
    return fitted, float(np.median(squares))


def _squares(fitted: Field, terms: Field, wanted: Field) -> Field:
    import numpy as np

    return ((np.einsum("i,aip->ap", fitted, terms) - wanted) ** 2).sum(axis=0)


def _solved(products: Field, targets: Field, weights: Field) -> Field:
    import numpy as np

    square = np.einsum("p,pij->ij", weights, products)
    square[np.diag_indices(8)] += 1e-9 * len(weights)  # too few points to tell all eight
    return cast("Field", np.linalg.solve(square, np.einsum("p,pi->i", weights, targets)))
