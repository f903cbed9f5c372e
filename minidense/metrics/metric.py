"""What every metric is: something that counts over the batches of an epoch, and their mean.

Answers to `keras.metrics.Metric`, `.Mean` and `.MeanMetricWrapper`
(`keras/src/metrics/reduction_metrics.py`). Sums are kept in the metric's own dtype, float32 unless
`config.set_floatx` says otherwise, since Keras rounds there too.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from minidense import checks
from minidense.config import floatx
from minidense.losses import own
from minidense.losses.loss import to_same_rank
from minidense.names import auto_name
from minidense.typing import Array


class Metric:
    """Base class of all metrics, and of a user's own.

    A subclass defines `update_state(y_true, y_pred, sample_weight=None)`, `result()` and
    `reset_state()`.

    Args:
        dtype: what is summed in; None means `config.floatx()`.
        name: None means an automatic one.
    """

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.dtype = checks.float_dtype(dtype, floatx())
        checks.string_name(name)
        self.name = name or auto_name(type(self).__name__)

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Count one batch."""
        raise NotImplementedError(f"Metric {type(self).__name__} needs an `update_state()` method.")

    def result(self) -> Any:
        """Return what has been counted since the last reset."""
        raise NotImplementedError(f"Metric {type(self).__name__} needs a `result()` method.")

    def reset_state(self) -> None:
        """Forget what was counted."""
        raise NotImplementedError(f"Metric {type(self).__name__} needs a `reset_state()` method.")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Count one batch and return the result so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Metric":
        """Make a metric from what `get_config` returned."""
        return cls(**config)


_LARGE = 1e30
"""Sums of numbers below it do not overflow a float32."""


class Mean(Metric):
    """The weighted mean of all values seen.

    >>> mean = Mean()
    >>> mean.update_state([1.0, 3.0]); mean.update_state(5.0, sample_weight=2)
    >>> mean.result()
    np.float32(3.5)
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.reset_state()

    def reset_state(self) -> None:
        """Set total and count to 0."""
        zero = np.dtype(self.dtype).type(0)
        self.total: Any = zero
        self.count: Any = zero

    def update_state(self, values: npt.ArrayLike, sample_weight: Any = None) -> None:
        """Add values to the mean.

        Args:
            values: a number, or an array with the samples first; further axes are averaged.
            sample_weight: a number, or an array that has the values' first axes.
        """
        number = type(self.count)  # np.float32, or what else is summed in
        samples = np.asarray(values)
        if samples.dtype != self.count.dtype:
            samples = self._rounded(checks.real_numbers("values", samples))
        # np.ndim(None) is 0, too; an int, which `fit` gives, need not be asked
        if samples.ndim == 0 and (type(sample_weight) is int or np.ndim(sample_weight) == 0):
            if sample_weight is not None and type(sample_weight) is not int:
                checks.real_numbers("sample_weight", np.asarray(sample_weight))
            weight = number(1 if sample_weight is None else sample_weight)
            value = samples[()]
            if abs(value) < _LARGE:
                self.total += value * weight
            else:
                self._add_large(value, weight)
            self.count += weight
            return
        self._add(samples, sample_weight)

    @np.errstate(over="ignore", invalid="ignore")
    def _add_large(self, value: Any, weight: Any) -> None:
        """Add a number of which the total may be infinite, or NaN; Keras is silent about it."""
        self.total += value * weight

    @np.errstate(over="ignore", invalid="ignore")
    def _add(self, samples: Array, sample_weight: Any) -> None:
        """Add an array to the mean, silently whatever comes of it."""
        number = type(self.count)
        weights = None
        if sample_weight is not None:
            given = checks.real_numbers("sample_weight", np.asarray(sample_weight))
            samples, weights = to_same_rank(samples, given.astype(self.dtype, copy=False))
            if samples.ndim > weights.ndim:
                samples = samples.mean(axis=tuple(range(weights.ndim, samples.ndim)))
            if samples.shape != weights.shape:
                checks.weights_fit(weights.shape, samples.shape)
                weights = np.broadcast_to(weights, samples.shape)
            samples = samples * weights
            if weights.ndim > 1:
                weights = weights.mean(axis=tuple(range(1, weights.ndim)))
        if samples.ndim > 1:
            samples = samples.mean(axis=tuple(range(1, samples.ndim)))
        self.total += np.add.reduce(samples)
        self.count += number(samples.size) if weights is None else weights.sum()

    @np.errstate(over="ignore")
    def _rounded(self, samples: Array) -> Array:
        """Return the samples in our dtype."""
        return samples.astype(self.dtype)

    def result(self) -> Any:
        """Return the mean, 0 where nothing counts: before the first value, or without weight."""
        return self.total / self.count if self.count else type(self.count)(0)


class MeanMetricWrapper(Mean):
    """The mean of a function of (y_true, y_pred) over all samples.

    >>> metric = MeanMetricWrapper(lambda y_true, y_pred: abs(y_true - y_pred), name="distance")
    >>> metric(np.float32([1.0, 2.0]), np.float32([2.0, 4.0]))
    np.float32(1.5)
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, dtype)
        self._fn = fn
        self._fn_kwargs = kwargs

    def update_state(  # type: ignore[override]  # Keras's own signature for metrics of two arrays
        self, y_true: Array, y_pred: Array, sample_weight: Any = None
    ) -> None:
        """Add a batch of samples to the mean."""
        Mean.update_state(self, self._fn(y_true, y_pred, **self._fn_kwargs), sample_weight)

    def looks_through(self, dtype: str) -> bool:
        """Whether the function is a cross-entropy, and has a form on logits of this dtype."""
        return own.on_logits(self._fn, dtype) is not None

    def update_from_logits(self, y_true: Array, logits: Array, sample_weight: Any = None) -> None:
        """Add a batch of which the logits behind a softmax or sigmoid are known."""
        on_logits = own.on_logits(self._fn, str(logits.dtype))
        assert on_logits is not None
        more = {key: value for key, value in self._fn_kwargs.items() if key != "from_logits"}
        Mean.update_state(self, on_logits(y_true, logits, **more), sample_weight)


__all__ = ["Mean", "MeanMetricWrapper", "Metric"]
