"""How weights begin: constants, and the uniform family that a seed decides bit for bit.

Mirrors `keras.initializers` (`keras/src/initializers/`). A random initializer draws its seed
when it is made, not when it is used: two layers that share one get equal weights.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

import numpy as np

from minidense import checks, registry
from minidense.config import floatx
from minidense.conversion import as_array
from minidense.numerics.subnormals import Flushed
from minidense.random.seeds import SeedGenerator, draw_seed, seed_pair
from minidense.random.streams import uniform_between
from minidense.registry import Configured, Registry
from minidense.typing import Array

Seed: TypeAlias = int | SeedGenerator | None
FanAxes: TypeAlias = Sequence[int] | None


class Initializer(Configured):
    """Base class: call it with a shape and a dtype, get an array."""

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> Array:
        """Return a new array of this shape and dtype."""
        raise NotImplementedError("An Initializer needs a `__call__(shape, dtype)` method.")


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
        if isinstance(value, Mapping):  # as `get_config` writes an array
            value = np.array(value["config"]["value"], value["config"]["dtype"])
        checks.numeric("value", value)
        self.value = value

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> Array:
        """Return the value, repeated."""
        ones = Ones()(shape, dtype)
        with Flushed():
            return as_array(self.value).astype(ones.dtype) * ones


class RandomInitializer(Initializer):
    """Base of the random ones: holds the seed, drawn at once if none is given.

    Args:
        seed: an integer, a `SeedGenerator`, or None for a draw from Python's `random`.

    Raises:
        ValueError: for any other seed.
    """

    def __init__(self, seed: Seed = None) -> None:
        if isinstance(seed, Mapping):  # as `get_config` writes a generator
            seed = SeedGenerator.from_config(seed["config"])
        checks.seed_or_generator(seed, SeedGenerator)
        self._given_seed = seed
        self.seed: int | SeedGenerator = draw_seed() if seed is None else seed

    def uniform(self, low: float, high: float, shape: Any, dtype: str | None) -> Array:
        """Return the numbers of the seed in [low, high)."""
        counted_seed = seed_pair(self.seed)
        return uniform_between(
            low, high, checks.weight_shape(shape), *counted_seed, dtype or floatx()
        )

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys; the seed is None where it was drawn."""
        own = super().get_config()
        del own["seed"]
        return {"seed": self._given_seed, **own}


class RandomUniform(RandomInitializer):
    """Uniform numbers in [minval, maxval).

    >>> RandomUniform(-1.0, 1.0, seed=7)((2,))
    array([0.49415755, 0.34436035], dtype=float32)
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Seed = None) -> None:
        checks.numeric("minval", minval)
        checks.numeric("maxval", maxval)
        super().__init__(seed)
        self.minval = minval
        self.maxval = maxval

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> Array:
        """Return the same numbers at each call, or the next ones of a `SeedGenerator`."""
        return self.uniform(self.minval, self.maxval, shape, dtype)


class _ScaledUniform(RandomInitializer):
    """Uniform in [-limit, limit) with limit = sqrt(3 * scale / fan), Keras's VarianceScaling."""

    scale: ClassVar[float] = 1.0

    def __init__(
        self, seed: Seed = None, input_axes: FanAxes = None, output_axes: FanAxes = None
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
        return self.uniform(-limit, limit, shape, dtype)


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
    shape: Sequence[int], input_axes: FanAxes = None, output_axes: FanAxes = None
) -> tuple[int, int]:
    """Return how many inputs and outputs a weight of this shape connects.

    >>> compute_fans((784, 128)), compute_fans((3, 3, 8, 16))
    ((784, 128), (72, 144))
    """
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

Registry("seed generator", "keras.random", SeedGenerator)  # what an initializer may hold
_CLASSES = (Zeros, Ones, Constant, RandomUniform, GlorotUniform, HeUniform, LecunUniform)
_ALIASES = {"zero": Zeros, "one": Ones, "uniform": RandomUniform}
_KNOWN = Registry("initializer", "keras.initializers", *_CLASSES, **_ALIASES)


def get(identifier: InitializerLike) -> Any:
    """Return the initializer that a name, a class, a config or an object stands for.

    Raises:
        ValueError: if the identifier stands for none.

    Source: `keras.initializers.get`.

    >>> get("zeros")((1,))
    array([0.], dtype=float32)
    """
    if isinstance(identifier, (np.ndarray, np.generic)):
        return _as_given(identifier)
    return _KNOWN.get(identifier)


def _as_given(values: Array | np.generic) -> Callable[..., Array]:
    """Return an initializer that gives these values, and only in their own shape."""

    def initialize_fn(shape: Sequence[int], dtype: str | None = None) -> Array:
        checks.initializer_shape(values.shape, tuple(shape))
        return np.array(values, checks.input_dtype(dtype, floatx()))

    return initialize_fn


serialize, deserialize = registry.serialize, _KNOWN.deserialize


zeros, ones, constant, random_uniform = Zeros, Ones, Constant, RandomUniform
glorot_uniform, he_uniform, lecun_uniform = GlorotUniform, HeUniform, LecunUniform

__all__ = ["Constant", "GlorotUniform", "HeUniform", "Initializer", "LecunUniform", "Ones"]
__all__ += ["RandomUniform", "Zeros"]
__all__ += ["constant", "glorot_uniform", "he_uniform", "lecun_uniform", "ones", "random_uniform"]
__all__ += ["deserialize", "get", "serialize", "zeros"]
