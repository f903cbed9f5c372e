"""Central differences: what a gradient must agree with, whatever its formula."""

from collections.abc import Callable

import numpy as np

from minidense.typing import Array

TOLERANCE = 1e-7
"""Of the gradient, or of 1 where it is smaller."""

STEP = 1e-3
"""For functions that change over distances of 1.

Two central differences, with steps h and 2 h, leave an error of h**4 / 30 times the fifth
derivative, 1e-12, and of 1e-16 / h by rounding.
"""


def worst_error(
    function: Callable[[Array], Array], point: Array, gradient: Array, scale: float | Array = 1.0
) -> float:
    """Return the largest difference between a gradient and central differences, as a share.

    Args:
        function: takes a float64 array of the point's shape, and returns numbers; their sum counts.
        point: where the gradient was computed.
        gradient: of the sum, in the point's shape.
        scale: over what distance the function changes; for probabilities, they themselves.
    """
    assert point.dtype == np.float64
    steps = np.broadcast_to(STEP * np.asarray(scale), point.shape)

    def difference(place: tuple[int, ...], step: float) -> float:
        above, below = point.copy(), point.copy()
        above[place] += step
        below[place] -= step
        # number by number: the difference of two sums of many numbers has fewer digits
        apart = np.asarray(function(above)) - np.asarray(function(below))
        return float(apart.sum() / (above[place] - below[place]))

    worst = 0.0
    for place in np.ndindex(point.shape):
        step = float(steps[place])
        wanted = (4 * difference(place, step) - difference(place, 2 * step)) / 3
        off = abs(wanted - float(gradient[place]))
        worst = max(worst, off / max(1.0, abs(wanted)))
    return worst
