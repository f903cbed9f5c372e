"""How weights begin: constants, and the uniform family that a seed decides bit for bit.

Answers to `keras.initializers` (`keras/src/initializers/`). A random initializer draws its seed
when it is made, not when it is used: two layers that share one get equal weights.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeAlias

import numpy as np

from minidense import checks
from minidense.config import floatx
from minidense.conversion import as_array
from minidense.names import snake_case
from minidense.random.seeds import SeedGenerator, draw_seed, seed_pair
from minidense.random.streams import uniform_between
from minidense.subnormals import Flushed
from minidense.typing import Array


class Initializer:
    """Base class: call it with a shape and a dtype, get an array."""

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> Array:
        """Return a new array of this shape and dtype."""
        raise NotImplementedError("An Initializer needs a `__call__(shape, dtype)` method.")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal initializer."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Initializer":
        """Make an initializer from what `get_config` returned."""
        return cls(**config)


class Zeros(Initializer):
    """All zeros.

    >>> Zeros()((2,))
    array([0., 0.], dtype=float32)
    """

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> Array:
        """Return zeros."""
        return np.zeros(checks.weight_shape(shape), checks.input_dtype(dtype, floatx()))


class Ones(Initializer):
    """All ones.

    >>> Ones()((2,))
    array([1., 1.], dtype=float32)
    """

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> Array:
        """Return ones."""
        return np.ones(checks.weight_shape(shape), checks.input_dtype(dtype, floatx()))


class Constant(Initializer):
    """One value everywhere, or an array that broadcasts to the shape.

    >>> Constant(0.5)((2,))
    array([0.5, 0.5], dtype=float32)
    """

    def __init__(self, value: Any = 0.0) -> None:
        checks.numeric("value", value)
        self.value = value

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> Array:
        """Return the value, repeated."""
        ones = Ones()(shape, dtype)
        with Flushed():
            return as_array(self.value).astype(ones.dtype) * ones

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        return {"value": self.value}


class RandomInitializer(Initializer):
    """Base of the random ones: holds the seed, drawn at once if none is given.

    Args:
        seed: an integer, a `SeedGenerator`, or None for a draw from Python's `random`.

    Raises:
        ValueError: for any other seed.
    """

    def __init__(self, seed: int | SeedGenerator | None = None) -> None:
        checks.seed_or_generator(seed, SeedGenerator)
        self._given_seed = seed
        self.seed: int | SeedGenerator = draw_seed() if seed is None else seed

    def get_config(self) -> dict[str, Any]:
        return {"seed": self._given_seed}


class RandomUniform(RandomInitializer):
    """Uniform numbers in [minval, maxval).

    >>> RandomUniform(-1.0, 1.0, seed=7)((2,))
    array([0.49415755, 0.34436035], dtype=float32)
    """

    def __init__(
        self,
        minval: float = -0.05,
        maxval: float = 0.05,
        seed: int | SeedGenerator | None = None,
    ) -> None:
        checks.numeric("minval", minval)
        checks.numeric("maxval", maxval)
        super().__init__(seed)
        self.minval = minval
        self.maxval = maxval

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> Array:
        """Return the same numbers at each call, or the next ones of a `SeedGenerator`."""
        seed, counter = seed_pair(self.seed)
        return uniform_between(
            self.minval, self.maxval, checks.weight_shape(shape), seed, counter, dtype or floatx()
        )

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


class _ScaledUniform(RandomInitializer):
    """Uniform in [-limit, limit) with limit = sqrt(3 * scale / fan), Keras's VarianceScaling."""

    scale: ClassVar[float] = 1.0

    def __init__(
        self,
        seed: int | SeedGenerator | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(seed)
        self.input_axes = input_axes
        self.output_axes = output_axes

    def _fan(self, fan_in: int, fan_out: int) -> float:
        return float(fan_in)

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> Array:
        shape = checks.weight_shape(shape)
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        scale = self.scale / max(1.0, self._fan(fan_in, fan_out))
        limit = math.sqrt(3.0 * scale)
        seed, counter = seed_pair(self.seed)
        return uniform_between(-limit, limit, shape, seed, counter, dtype or floatx())

    def get_config(self) -> dict[str, Any]:
        axes = {"input_axes": self.input_axes, "output_axes": self.output_axes}
        return {**super().get_config(), **axes}


class GlorotUniform(_ScaledUniform):
    """Uniform in [-limit, limit), limit = sqrt(6 / (fan_in + fan_out)): the default of Dense.

    >>> GlorotUniform(seed=1)((1, 2)).shape
    (1, 2)
    """

    def _fan(self, fan_in: int, fan_out: int) -> float:
        return (fan_in + fan_out) / 2.0


class HeUniform(_ScaledUniform):
    """Uniform in [-limit, limit), limit = sqrt(6 / fan_in): made for ReLU."""

    scale: ClassVar[float] = 2.0


class LecunUniform(_ScaledUniform):
    """Uniform in [-limit, limit), limit = sqrt(3 / fan_in)."""


def compute_fans(
    shape: Sequence[int],
    input_axes: Sequence[int] | None = None,
    output_axes: Sequence[int] | None = None,
) -> tuple[int, int]:
    """Return how many inputs and outputs a weight of this shape connects.

    >>> compute_fans((784, 128)), compute_fans((3, 3, 8, 16))
    ((784, 128), (72, 144))
    """
    shape = tuple(shape)
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[i] for i in input_axes), math.prod(shape[i] for i in output_axes)
    if len(shape) < 2:
        fan = shape[0] if shape else 1
        return fan, fan
    receptive_field = math.prod(shape[:-2])
    return shape[-2] * receptive_field, shape[-1] * receptive_field


InitializerLike: TypeAlias = (
    str | dict[str, Any] | Initializer | type[Initializer] | Callable[..., Array] | None
)

_CLASSES: tuple[type[Initializer], ...] = (
    Zeros,
    Ones,
    Constant,
    RandomUniform,
    GlorotUniform,
    HeUniform,
    LecunUniform,
)
_BY_NAME: dict[str, type[Initializer]] = {
    **{cls.__name__: cls for cls in _CLASSES},
    **{snake_case(cls.__name__): cls for cls in _CLASSES},
    "zero": Zeros,
    "one": Ones,
    "uniform": RandomUniform,
}


def check(identifier: InitializerLike) -> None:
    """Raise ValueError where `get` would, but draw no seed.

    A layer with two initializers checks both before it makes one, so a bad second name leaves the
    seeds as they were.
    """
    if isinstance(identifier, dict):
        known = identifier.get("class_name") in _BY_NAME
    elif isinstance(identifier, str):
        known = identifier in _BY_NAME
    else:
        known = (
            identifier is None
            or callable(identifier)
            or isinstance(identifier, (np.ndarray, np.generic))
        )
    checks.known_name("initializer", identifier, known, sorted(_BY_NAME))


def get(identifier: InitializerLike) -> Callable[..., Array] | None:
    """Return the initializer that a name, a class, a config or an object stands for.

    Raises:
        ValueError: if the identifier stands for none.

    Source: `keras.initializers.get`.

    >>> get("zeros")((1,))
    array([0.], dtype=float32)
    """
    check(identifier)
    if isinstance(identifier, dict):
        return _BY_NAME[identifier["class_name"]].from_config(identifier.get("config") or {})
    if isinstance(identifier, str):
        return _BY_NAME[identifier]()
    if isinstance(identifier, type):
        made: Initializer = identifier()
        return made
    if isinstance(identifier, (np.ndarray, np.generic)):
        return _as_given(identifier)
    make: Callable[..., Array] | None = identifier
    return make


def _as_given(values: Array | np.generic) -> Callable[..., Array]:
    """Return an initializer that gives these values, and only in their own shape."""

    def initialize_fn(shape: Sequence[int], dtype: str | None = None) -> Array:
        checks.initializer_shape(values.shape, tuple(shape))
        return np.array(values, checks.input_dtype(dtype, floatx()))

    return initialize_fn


def serialize(initializer: Any) -> dict[str, Any] | None:
    """Return the configuration of an initializer in Keras's form: class name and arguments.

    Of a function only the name is told.
    """
    if initializer is None:
        return None
    if isinstance(initializer, Initializer):
        cls = type(initializer)
        return {
            "module": "keras.initializers" if cls in _CLASSES else cls.__module__,
            "class_name": cls.__name__,
            "config": initializer.get_config(),
            "registered_name": None if cls in _CLASSES else cls.__name__,
        }
    if hasattr(initializer, "__name__"):
        return {
            "module": "builtins",
            "class_name": "function",
            "config": initializer.__name__,
            "registered_name": "function",
        }
    raise TypeError(
        f"An initializer of type {type(initializer).__name__} has no configuration: make it an "
        "Initializer or a function."
    )


zeros = Zeros
ones = Ones
constant = Constant
random_uniform = RandomUniform
glorot_uniform = GlorotUniform
he_uniform = HeUniform
lecun_uniform = LecunUniform

__all__ = [
    "Constant",
    "GlorotUniform",
    "HeUniform",
    "Initializer",
    "LecunUniform",
    "Ones",
    "RandomUniform",
    "Zeros",
    "constant",
    "get",
    "glorot_uniform",
    "he_uniform",
    "lecun_uniform",
    "ones",
    "random_uniform",
    "serialize",
    "zeros",
]
