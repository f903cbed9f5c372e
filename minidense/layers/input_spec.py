"""What a layer asks of the shape of its input.

Mirrors `keras.layers.InputSpec` (`keras/src/layers/input_spec.py`).
"""

from collections.abc import Mapping
from typing import NamedTuple

from minidense import checks
from minidense.typing import Shape


class InputSpec(NamedTuple):
    """The conditions on one input; what is None or empty is not asked for.

    Args:
        shape: the dimensions, None for any; it implies `ndim`.
        ndim: the exact rank.
        max_ndim: the largest rank.
        min_ndim: the smallest rank.
        axes: the size that an axis must have, by its index.

    >>> InputSpec(min_ndim=2, axes={-1: 4}).check("dense", (32, 4))
    >>> InputSpec(min_ndim=2).check("dense", (4,))
    Traceback (most recent call last):
    ValueError: Input of layer 'dense' is incompatible with the layer: expected min_ndim=2, found \
ndim=1. Full shape received: (4,).
    """

    shape: Shape | None = None
    ndim: int | None = None
    max_ndim: int | None = None
    min_ndim: int | None = None
    axes: Mapping[int, int | None] | None = None

    def __repr__(self) -> str:
        exact = len(self.shape) if self.shape is not None else self.ndim
        conditions = {**self._asdict(), "ndim": exact}
        asked = [f"{name}={value}" for name, value in conditions.items() if value]
        return f"InputSpec({', '.join(asked)})"

    def check(self, layer_name: str, shape: Shape) -> None:
        """Raise ValueError if a shape does not meet the conditions."""
        rank = len(shape)
        exact = len(self.shape) if self.shape is not None else self.ndim
        if exact is not None:
            checks.rank(layer_name, shape, f"ndim={exact}", rank == exact)
        if self.max_ndim is not None:
            checks.rank(layer_name, shape, f"max_ndim={self.max_ndim}", rank <= self.max_ndim)
        if self.min_ndim is not None:
            checks.rank(layer_name, shape, f"min_ndim={self.min_ndim}", rank >= self.min_ndim)
        wanted = {**dict(enumerate(self.shape or ())), **(self.axes or {})}
        for axis, size in wanted.items():
            checks.axis_size(layer_name, shape, axis, size)
