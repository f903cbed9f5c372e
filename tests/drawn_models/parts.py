"""Layers drawn at random, for inputs of a given shape."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from math import prod
from typing import Any

from hypothesis import strategies as st

from tests.drawn_models.recipe import Made, Shape

ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh", "softmax")
INITIALIZERS = (
    "Zeros",
    "Ones",
    "Constant",
    "RandomUniform",
    "GlorotUniform",
    "HeUniform",
    "LecunUniform",
)
SEEDS = (None, 0, 1, 7, 1337, 2**31 - 3)
LARGEST_SAMPLE = 256
"""A Flatten is drawn for no more numbers than that."""

Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass
class Draft:
    """What the layers of one recipe have in common."""

    draw: Draw
    widths: list[int]
    dtypes: str
    """"default": nobody names a dtype; "float64": every layer does; "mixed": some do."""
    trains: bool
    names: Any = field(default_factory=lambda: count(1))

    def choose(self, *values: Any) -> Any:
        return self.draw(st.sampled_from(values))

    def sometimes(self, one_in: int) -> bool:
        """Whether a rare thing happens; hypothesis shrinks it away."""
        return bool(self.draw(st.integers(0, one_in - 1)) == one_in - 1)

    def name(self, word: str) -> tuple[tuple[str, Any], ...]:
        """Return a name that nothing else has, or mostly none."""
        return (("name", f"{word}_{next(self.names)}"),) if self.sometimes(6) else ()

    def layer_arguments(self, word: str) -> tuple[tuple[str, Any], ...]:
        """Return what any layer takes: a dtype, a name."""
        dtype = self.dtype()
        return ((("dtype", dtype),) if dtype else ()) + self.name(word)

    def dtype(self) -> str | None:
        if self.dtypes == "mixed":
            drawn: str | None = self.draw(st.sampled_from((None, "float32", "float64")))
            return drawn
        return "float64" if self.dtypes == "float64" else None


def layer(draft: Draft, shape: Shape) -> tuple[Made, Shape]:
    """Draw a layer for inputs of this shape; return it and the shape of its outputs."""
    kinds = ["Dense"] * 5 + ["Activation", "ReLU", "Softmax", "Dropout", "Dropout"]
    if prod(shape) <= LARGEST_SAMPLE:
        kinds += ["Flatten"] * (2 if len(shape) > 1 else 1)
    kind = draft.draw(st.sampled_from(kinds))
    arguments: tuple[tuple[str, Any], ...] = ()
    if kind == "Dense":
        return dense(draft, shape)
    if kind == "Flatten":
        arguments = (("data_format", "channels_first"),) if draft.sometimes(4) else ()
        shape = (prod(shape),)
    elif kind == "Activation":
        arguments = (("activation", _activation(draft)),)
    elif kind == "ReLU":
        arguments = _relu(draft)
    elif kind == "Softmax":
        arguments = _softmax(draft, 1 + len(shape))
    else:
        arguments = _dropout(draft, shape)
    return Made(f"layers.{kind}", (*arguments, *draft.layer_arguments("part"))), shape


def dense(
    draft: Draft, shape: Shape, units: int | None = None, activation: Any = ...
) -> tuple[Made, Shape]:
    """Draw a Dense; what is given is not drawn."""
    units = units or draft.draw(st.sampled_from(draft.widths))
    arguments: list[tuple[str, Any]] = [("units", units)]
    chosen = _activation(draft, none=True) if activation is ... else activation
    if chosen is not None:
        arguments.append(("activation", chosen))
    if draft.sometimes(4):
        arguments.append(("use_bias", False))
    for name in ("kernel_initializer", "bias_initializer"):
        if draft.sometimes(3):
            arguments.append((name, initializer(draft)))
    if draft.sometimes(8):
        arguments.append(("trainable", False))
    made = Made("layers.Dense", (*arguments, *draft.layer_arguments("dense_no")))
    return made, (*shape[:-1], units)


def initializer(draft: Draft) -> Any:
    """Draw an initializer, by name or as an object."""
    if draft.sometimes(2):
        return draft.choose(
            "glorot_uniform", "he_uniform", "lecun_uniform", "random_uniform", "uniform",
            "GlorotUniform", "HeUniform", "ones", "zeros",
        )  # fmt: skip
    kind = draft.choose(*INITIALIZERS)
    arguments: tuple[tuple[str, Any], ...] = ()
    if kind == "Constant":
        arguments = (("value", draft.choose(0.1, -0.5, 1)),)
    elif kind == "RandomUniform":
        arguments = (("minval", draft.choose(-0.05, -1.0, 0)), ("maxval", draft.choose(0.05, 0.7)))
    if kind.endswith("Uniform"):
        arguments = (*arguments, ("seed", draft.choose(*SEEDS)))
    return Made(f"initializers.{kind}", arguments)


def _activation(draft: Draft, none: bool = False) -> Any:
    """Draw an activation, by name or as the function."""
    if none and draft.sometimes(3):
        return None
    name = draft.choose(*ACTIVATIONS)
    return Made(f"activations.{name}", called=False) if draft.sometimes(5) else name


def _relu(draft: Draft) -> tuple[tuple[str, Any], ...]:
    arguments = (
        ("max_value", draft.choose(None, 6, 6.0, 1.0, 0.7)),
        ("negative_slope", draft.choose(0, 0.0, 0.1, 0.3, 1)),
        ("threshold", draft.choose(0, 0.0, 0.25, 1)),
    )
    return tuple(each for each in arguments if draft.sometimes(2))


def _softmax(draft: Draft, rank: int) -> tuple[tuple[str, Any], ...]:
    """Draw an axis, or several. The batch's own is rare, and so is None, which means all."""
    how = draft.draw(st.sampled_from(("default", "one", "one", "several", "batch")))
    if how == "default":
        return ()
    if how == "batch":
        return (("axis", draft.choose(None, 0, (0, -1))),)
    axes = st.integers(1, rank - 1)
    most = 1 if how == "one" else 3
    drawn = draft.draw(st.lists(axes, min_size=1, max_size=most, unique=True))
    chosen = [axis - rank if draft.sometimes(2) else axis for axis in drawn]
    if how == "one":
        return (("axis", chosen[0]),)
    return (("axis", draft.choose(list(chosen), tuple(chosen))),)


def _dropout(draft: Draft, shape: Shape) -> tuple[tuple[str, Any], ...]:
    # A rate of 1 is drawn only where nothing is trained: no weight before it has a gradient, and
    # both refuse to train if no weight at all has one.
    rates = (0.5, 0.1, 0.25, 0.9, 0.3, 0, 0.0) + (() if draft.trains else (1.0, 1))
    arguments: list[tuple[str, Any]] = [("rate", draft.choose(*rates))]
    if draft.sometimes(3):
        dims = [draft.choose(None, 1)] + [draft.choose(None, 1, dim) for dim in shape]
        arguments.append(("noise_shape", tuple(dims)))
    if draft.sometimes(3):
        arguments.append(("seed", draft.choose(*SEEDS)))
    return tuple(arguments)
