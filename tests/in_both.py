"""One script, run by Keras and by minidense: what it returns, raises and warns must be the same."""

import inspect
import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

import minidense
from tests import record

TOLERANCE = 2e-6
"""Float32 sums in another order: a few units in the last place of numbers near 1."""


def attempt(action: Callable[[], Any]) -> Any:
    """Return what an action returns, or the class name of what it raises."""
    try:
        return action()
    except Exception as error:
        return f"raised {type(error).__name__}"


def run(script: Callable[[Any], Any], library: Any) -> Any:
    """Run a script from a fresh session and the seed 7; return its result and its UserWarnings."""
    library.utils.clear_session()
    library.utils.set_random_seed(7)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = script(library)
    warned = [warning.category for warning in caught if warning.category is UserWarning]
    return plain(result), len(warned)


def plain(value: Any) -> Any:
    """Return a result in Python's and NumPy's own types."""
    if isinstance(value, dict):
        return {key: plain(value[key]) for key in value}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if hasattr(value, "__array__") and not isinstance(value, np.generic):
        return np.asarray(value)
    return value


def assert_same(
    left: Any, right: Any, topic: str = "scripts", code: str = "", place: str = "result"
) -> None:
    """Compare two results: structure, types of arrays and texts exactly, floats to TOLERANCE."""
    more = {"code": code, "where": place}
    if isinstance(left, dict) and isinstance(right, dict):
        record.same(f"{topic}: answers", list(left), list(right), **more)
        for key in left:
            assert_same(left[key], right[key], topic, code, f"{place}[{key!r}]")
    elif isinstance(left, list) and isinstance(right, list):
        assert len(left) == len(right), f"{place}: keras {left}, minidense {right}"
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            assert_same(one, other, topic, code, f"{place}[{index}]")
    elif isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        numbers = f"{topic}: numbers"
        record.close(numbers, left, right, rtol=TOLERANCE, atol=TOLERANCE, **more)
    elif isinstance(left, float) and isinstance(right, float):
        record.close(f"{topic}: numbers", left, right, rtol=TOLERANCE, **more)
    else:
        record.same(f"{topic}: answers", left, right, **more)


def topic_and_code(script: Callable[[Any], Any]) -> tuple[str, str]:
    """Return what a script is about, its file's name, and its source for the report."""
    stem = script.__module__.rpartition(".")[2]
    topic = stem.removeprefix("test_").removesuffix("_parity").replace("_", " ")
    return topic, f"# k is keras, then minidense\n{inspect.getsource(script)}"


def in_both(script: Callable[[Any], Any]) -> Callable[[], None]:
    """Make a test of a script that takes a library, `keras` or `minidense`, and returns facts."""

    @wraps(script)
    def test() -> None:
        import keras

        topic, code = topic_and_code(script)
        by_keras, keras_warnings = run(script, keras)
        by_minidense, minidense_warnings = run(script, minidense)
        assert_same(by_keras, by_minidense, topic, code)
        record.same(f"{topic}: number of warnings", keras_warnings, minidense_warnings, code=code)

    del test.__wrapped__  # type: ignore[attr-defined] # pytest would take `k` for a fixture
    return test


def in_both_but_for_warnings(script: Callable[[Any], Any]) -> Callable[[], None]:
    """Make such a test where Keras warns and minidense does not; say why beside it."""

    @wraps(script)
    def test() -> None:
        import keras

        topic, code = topic_and_code(script)
        assert_same(run(script, keras)[0], run(script, minidense)[0], topic, code)

    del test.__wrapped__  # type: ignore[attr-defined]
    return test


def rows(*shape: int, dtype: str = "float32") -> Any:
    """Return numbers in [-1, 1) that are the same in every call."""
    return (np.random.RandomState(3).uniform(-1, 1, shape)).astype(dtype)


def product_layer(k: Any, **kwargs: Any) -> Any:
    """A user's own layer of two inputs: their product."""

    class Product(k.layers.Layer):  # type: ignore[misc, name-defined]
        def call(self, inputs: Any) -> Any:
            left, right = inputs
            return left * right

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape[0]

    return Product(**kwargs)
