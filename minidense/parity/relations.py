"""How one array comes from another: by a factor, by a mask, by another memory order."""

from typing import NamedTuple

import numpy as np

from minidense.typing import Array

_NEAR = 1e-5  # float32, after a product or two


class Affine(NamedTuple):
    """other = factor * one + shift."""

    factor: float
    shift: float

    def __str__(self) -> str:
        """Say it in words, 0.0039215 as 1/255."""
        if abs(self.factor - 1) <= _NEAR:
            return f"a shift of {self.shift:.6g}"
        inverse = 1 / self.factor
        whole = abs(inverse) > 1.5 and abs(inverse - round(inverse)) < 1e-3 * abs(inverse)
        text = f"1/{round(inverse)}" if whole else f"{self.factor:.6g}"
        shift = f", {self.shift:+.6g}" if abs(self.shift) > _NEAR * abs(self.factor) else ""
        return f"a factor of {text}{shift}"


def affine(one: Array, other: Array) -> Affine | None:
    """Return the factor and shift that make one array of the other, None if there are none.

    >>> affine(np.array([0.0, 51.0, 255.0]), np.array([0.0, 0.2, 1.0])).factor * 255
    1.0
    """
    if one.shape != other.shape or one.size < 3:
        return None
    x, y = one.astype(np.float64).reshape(-1), other.astype(np.float64).reshape(-1)
    if not (np.isfinite(x).all() and np.isfinite(y).all()) or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    factor = float(np.ptp(y) / np.ptp(x))
    for sign in (1, -1):
        shift = float(y.mean() - sign * factor * x.mean())
        near = np.abs(sign * factor * x + shift - y).max() <= _NEAR * np.abs(y).max()
        if near and (abs(factor * sign - 1) > _NEAR or abs(shift) > _NEAR * np.abs(y).max()):
            small = abs(shift) <= _NEAR * np.abs(y).max()
            return Affine(sign * factor, 0.0 if small else shift)
    return None


class Dropped(NamedTuple):
    """What a dropout made of its inputs."""

    share: float
    """How many of the numbers are gone."""
    factor: float
    """What the others were multiplied by."""


def dropped(inputs: Array, outputs: Array) -> Dropped | None:
    """Return how outputs come from inputs by dropout, None if they do not.

    >>> dropped(np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 0.0, 6.0, 0.0]))
    Dropped(share=0.5, factor=2.0)
    """
    if inputs.shape != outputs.shape:
        return None
    usable = (inputs != 0) & np.isfinite(inputs)
    there = usable & (outputs != 0)
    if not there.any() or there.sum() == usable.sum():
        return None
    ratios = outputs[there].astype(np.float64) / inputs[there]
    factor = float(ratios.mean())
    if np.ptp(ratios) > _NEAR * abs(factor) or factor < 1 + _NEAR:
        return None
    share, rate = 1 - float(there.sum() / usable.sum()), 1 - 1 / factor
    chance = 5 * float(np.sqrt(rate * (1 - rate) / usable.sum()))  # five standard deviations
    return Dropped(share, factor) if abs(share - rate) <= chance else None


def is_transposed(one: Array, other: Array) -> bool:
    """Whether a matrix is another one's transpose, or the transpose read row by row."""
    if one.ndim != 2 or one.size != other.size or np.array_equal(one, other):
        return False
    flat = other.reshape(-1)
    return bool(np.array_equal(one.T.reshape(-1), flat)) and other.shape in (
        one.shape,
        one.T.shape,
    )


def are_probabilities(array: Array) -> bool:
    """Whether the rows are shares of 1."""
    return bool(
        array.ndim > 1
        and array.shape[-1] > 1
        and (array >= 0).all()
        and (np.abs(array.astype(np.float64).sum(-1) - 1) < 1e-4).all()
    )
