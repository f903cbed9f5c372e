"""What every metric is: something that counts over the batches of an epoch, and their mean.

Mirrors `keras.metrics.Metric`, `.Mean` and `.MeanMetricWrapper`
(`keras/src/metrics/reduction_metrics.py`). What is counted is kept in variables of the metric's own
dtype, float32 unless `config.set_floatx` says otherwise, since Keras rounds there too.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minidense import checks, initializers, ops
from minidense.config import floatx
from minidense.initializers import InitializerLike
from minidense.losses.loss import tensor, to_same_rank
from minidense.names import auto_name
from minidense.nest import leaves_of
from minidense.ops.broadcasting import broadcast_like
from minidense.paths import at_path, path_here
from minidense.registry import Configured, OfFunction, own_arguments
from minidense.variables import Variable


class Metric(Configured):
    """Base class of all metrics, and of a user's own.

    A subclass makes variables in `__init__` with `add_variable`, and defines
    `update_state(y_true, y_pred, sample_weight=None)`, which assigns to them, and `result()`.

    Args:
        dtype: what is summed in; None means `config.floatx()`.
        name: None means an automatic one.

    >>> class Calls(Metric):
    ...     def __init__(self):
    ...         super().__init__(name="calls")
    ...         self.count = self.add_weight(name="count", initializer="zeros")
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.count.assign_add(1.0)
    ...     def result(self):
    ...         return self.count * 1
    >>> calls = Calls()
    >>> calls([1], [2]), calls([1], [2])
    (array(1., dtype=float32), array(2., dtype=float32))
    """

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = name or auto_name(type(self).__name__)  # used up, whatever is refused below
        checks.string_name(self.name)
        self.dtype = checks.float_dtype(dtype, floatx())
        self._variables: list[Variable] = []
        self._metrics: list[Metric] = []

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; variables and metrics among it are counted in from now on."""
        super().__setattr__(name, value)
        if "_metrics" in vars(self) and name not in ("_variables", "_metrics"):
            for leaf in leaves_of(value):
                known: list[Any] = self._metrics if isinstance(leaf, Metric) else self._variables
                is_counted = isinstance(leaf, (Metric, Variable))
                if is_counted and not any(leaf is each for each in known):
                    known.append(leaf)

    @property
    def variables(self) -> list[Variable]:
        """What is counted in: the metric's own, and those of metrics that are its attributes."""
        return [*self._variables, *(v for metric in self._metrics for v in metric.variables)]

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: InitializerLike,
        dtype: str | None = None,
        aggregation: str | None = "sum",
        synchronization: str | None = "auto",
        name: str | None = None,
    ) -> Variable:
        """Make a variable to count in.

        Args:
            shape: its dimensions.
            initializer: a name or an object; `reset_state` sets zeros.
            dtype: None is `config.floatx()`.
            aggregation: Keras's; there is one device here.
            synchronization: likewise.
            name: None means an automatic one.
        """
        make = initializers.get(initializer)
        name = name or auto_name("Variable")
        path = path_here(f"{self.name.replace('/', '>')}/{name}")
        how = (False, True, aggregation, synchronization)
        variable = Variable(make, tuple(shape), dtype, *how, name=name, path=path)
        self._variables.append(variable)
        return variable

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: InitializerLike = None,
        dtype: str | None = None,
        name: str | None = None,
    ) -> Variable:
        """Make a variable to count in; as `add_variable`, by default of shape ()."""
        return self.add_variable(shape, initializer, dtype, name=name)

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Count one batch."""
        raise NotImplementedError(f"Metric {type(self).__name__} needs an `update_state()` method.")

    def result(self) -> Any:
        """Return what has been counted since the last reset."""
        raise NotImplementedError(f"Metric {type(self).__name__} needs a `result()` method.")

    def reset_state(self) -> None:
        """Forget what was counted."""
        for variable in self.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Count one batch and return the result so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        config = {"name": self.name, "dtype": self.dtype, **own_arguments(self)}
        return {name: value for name, value in config.items() if name != "fn"}


class Mean(Metric):
    """The weighted mean of all values seen.

    >>> mean = Mean()
    >>> mean.update_state([1.0, 3.0]); mean.update_state(5.0, sample_weight=2)
    >>> mean.result()
    array(3.5, dtype=float32)
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), "zeros", self.dtype, name="total")
        self.count = self.add_variable((), "zeros", self.dtype, name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add values to the mean.

        Args:
            values: a number, or an array with the samples first; further axes are averaged.
            sample_weight: a number, or an array that has the values' first axes.
        """
        with at_path(self.name):
            samples, weights = _by_sample(values, sample_weight, self.dtype)
            self.total.assign_add(ops.sum(samples))
            if weights is not None:
                self.count.assign_add(ops.sum(weights))
            else:
                rows = ops.cast(ops.shape(samples)[0], self.dtype) if samples.shape else 1.0
                self.count.assign_add(rows)

    def result(self) -> Any:
        """Return the mean, 0 where nothing counts: before the first value, or without weight."""
        return ops.divide_no_nan(self.total, self.count)


def _by_sample(values: Any, sample_weight: Any, dtype: str) -> tuple[Any, Any]:
    """Return one value for each sample, times its weight, and the weights.

    Source: `reduce_to_samplewise_values` in `keras/src/metrics/reduction_metrics.py`.
    """
    samples = tensor("values", values, dtype)
    weights = None
    if sample_weight is not None:
        samples, weights = to_same_rank(samples, tensor("sample_weight", sample_weight, dtype))
        samples = _mean_from(samples, len(weights.shape))
        checks.weights_fit(weights.shape, samples.shape)
        weights = broadcast_like(weights, samples)
        samples = samples * weights
        weights = _mean_from(weights, 1)
    return _mean_from(samples, 1), weights


def _mean_from(values: Any, axis: int) -> Any:
    """Return the mean over an axis and all after it."""
    axes = list(range(axis, len(values.shape)))
    return ops.mean(values, axis=axes) if axes else values


class MeanMetricWrapper(OfFunction, Mean):
    """The mean of a function of (y_true, y_pred) over all samples.

    >>> metric = MeanMetricWrapper(lambda y_true, y_pred: ops.abs(y_true - y_pred), name="distance")
    >>> import numpy as np
    >>> metric(np.float32([1.0, 2.0]), np.float32([2.0, 4.0]))
    array(1.5, dtype=float32)
    """

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(name, dtype)
        self.fn = fn
        self._fn_kwargs = kwargs

    def update_state(  # type: ignore[override]  # Keras's own signature for metrics of two arrays
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        """Add a batch of samples to the mean."""
        with at_path(self.name):
            values = self.fn(y_true, y_pred, **self._fn_kwargs)
        super().update_state(values, sample_weight)
