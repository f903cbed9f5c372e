"""From what a user passes to `fit` to arrays that can be trusted.

Answers to `keras/src/trainers/data_adapters/`. Everything is checked here, before a weight or a
seed is touched.
"""

import math
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from minidense import checks
from minidense.checks import DataWarning
from minidense.config import floatx
from minidense.graph.nest import flatten, in_tuples, map_structure, pack_like
from minidense.typing import Array


class Data:
    """Rows: one array for each input of the model, targets, and a weight for each row.

    x are arrays of the same length, and `nesting` has a None in the place of each, in the lists,
    tuples and dicts that they came in. y and sample_weight may be missing, and `keys` has the keys
    of those that came in a dict. `batch` is how many rows each batch has, None if they do not all
    have as many: a model that is not built yet is built for that, as in Keras.
    """

    batch: int | None = None

    def __init__(
        self,
        x: list[Array],
        y: Array | None = None,
        sample_weight: Array | None = None,
        keys: Mapping[str, str] | None = None,
        nesting: Any = None,
    ) -> None:
        self.x = x
        self.y = y
        self.sample_weight = sample_weight
        self.keys = keys or {}
        self.nesting = nesting

    def __len__(self) -> int:
        return len(self.x[0])

    @property
    def arrays(self) -> list[Array | None]:
        """All of it as one list: the inputs, then y, then the weights."""
        return [*self.x, self.y, self.sample_weight]

    @property
    def shapes(self) -> Any:
        """The shape of each input's array, rows first, in the nesting that the arrays came in."""
        return pack_like(self.nesting, [array.shape for array in self.x])

    def in_batches(self, size: int) -> int:
        """Note that batches have so many rows, but for the last one; return the size."""
        self.batch = size if len(self) and len(self) % size == 0 else None
        return size

    def rows(self, start: int, stop: int) -> "Data":
        """Return some of the rows, as views."""
        y = None if self.y is None else self.y[start:stop]
        weights = None if self.sample_weight is None else self.sample_weight[start:stop]
        x = [array[start:stop] for array in self.x]
        return Data(x, y, weights, self.keys, self.nesting)


def read(x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None) -> Data:
    """Return the data as arrays of real numbers of one length; floats in `config.floatx()`.

    Raises:
        ValueError: for what is no array, holds no real numbers, or has another length; for a dict
            of other than one array.
        TypeError: for class weights that are no dict from class numbers to numbers.
    """
    inputs = [_array("x", part) for part in _inputs(x)]
    checks.array_of_classes(y, class_weight)
    targets = None if y is None else _array("y", _of_one_output("y", y))
    weights = None
    if sample_weight is not None:
        weights = _array("sample_weight", _of_one_output("sample_weight", sample_weight))
    checks.one_kind_of_weight(class_weight, weights)
    if class_weight is not None:
        weights = _weights_of_classes(targets, class_weight)
    checks.same_length(
        [("x", len(array)) for array in inputs]
        + [
            (name, len(a))
            for name, a in (("y", targets), ("sample_weight", weights))
            if a is not None
        ]
    )
    if weights is not None:
        checks.usable_weights(weights)
    by_name = {"y": y, "sample_weight": sample_weight}
    keys = {name: next(iter(part)) for name, part in by_name.items() if isinstance(part, Mapping)}
    return Data(inputs, targets, weights, keys, map_structure(lambda _: None, x))


def read_rows(x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None) -> Data:
    """Return the data of many batches: as Keras's, y and sample_weight must have one form.

    Lists of inputs become tuples, as in the pipeline that Keras sends them through.

    Raises:
        ValueError: if one is a list and the other a tuple or dict; and what `read` raises.
    """
    checks.weights_like_targets(y, sample_weight)
    data = read(x, y, sample_weight, class_weight)
    data.nesting = in_tuples(data.nesting)
    return data


def read_pair(
    validation_data: Any, by_name: Callable[[Any, int], Any] = lambda x, stacklevel: x
) -> Data:
    """Return validation data given as (x, y) or (x, y, sample_weight).

    Args:
        validation_data: the pair, or the three.
        by_name: puts x in the model's order, if it came in a dict; told how far above it the user's
            call is, for a warning.
    """
    checks.pair_of_data(validation_data)
    x, *targets = validation_data
    return read_rows(by_name(x, 4), *targets)


def split(data: Data, validation_split: float) -> tuple[Data, Data]:
    """Return the first rows to train on, and the last ones to validate with.

    Raises:
        ValueError: if one of the parts would be empty.
    """
    rows = len(data)
    split_at = math.floor(rows * (1.0 - validation_split))
    checks.both_parts(rows, split_at, validation_split)
    return data.rows(0, split_at), data.rows(split_at, rows)


def warn_of_missing_classes(data: Data, class_weight: Mapping[int, float] | None) -> None:
    """Warn, by a DataWarning, if there are classes without a weight; Keras goes on in silence."""
    if class_weight is None:
        return
    classes = np.unique(checks.class_targets(data.y))
    missing = sorted({int(number) for number in classes} - set(class_weight))
    if missing:
        warnings.warn(
            f"class_weight has no weight for the classes {missing}; 1 is taken for them.",
            DataWarning,
            stacklevel=3,
        )


def warn_of_nan(data: Data, validation: Data | None = None) -> None:
    """Warn, by a DataWarning, if x or y has NaN or infinity; Keras goes on in silence.

    Once for the data, and once for those to validate with.
    """
    parts = [("", "loss", data), (" of the validation data", "val_loss", validation)]
    for whose, loss, part in parts:
        name, row = (None, 0) if part is None else _first_nan(part)
        if name is not None:
            warnings.warn(
                f"{name}{whose} has NaN or infinity, first in row {row}: "
                f"the {loss} will become NaN.",
                DataWarning,
                stacklevel=3,
            )


def _first_nan(data: Data) -> tuple[str | None, int]:
    """Return "x" or "y" and the row where the first NaN or infinity stands; None for no such."""
    for name, array in [*(("x", array) for array in data.x), ("y", data.y)]:
        if array is None or array.dtype.kind != "f" or not array.size:
            continue
        numbers = array.reshape(-1)
        with np.errstate(all="ignore"):
            total = np.dot(numbers, numbers)  # finite, then all are: one pass, no array of flags
        if np.isfinite(total) or np.isfinite(array).all():
            continue
        return name, int(np.argwhere(~np.isfinite(array))[0][0])
    return None, 0


def _inputs(x: Any) -> list[Any]:
    checks.no_list_of_numbers("x", x)
    return flatten(x)


def _of_one_output(name: str, value: Any) -> Any:
    """Return the one array, if it comes in a list or dict: Keras has one for each output."""
    if isinstance(value, Mapping):
        checks.one_in_dict(name, value)
        return next(iter(value.values()))
    alone = isinstance(value, (list, tuple)) and len(value) == 1 and hasattr(value[0], "__array__")
    return value[0] if alone else value


def _array(name: str, value: Any) -> Array:
    checks.sliceable(name, value)
    array = np.asarray(value)
    if type(value).__name__ == "Series":  # a pandas column is a column in Keras too
        array = array[:, None]
    checks.real_numbers(name, array)
    checks.has_rows(name, array.shape)
    if array.dtype.kind == "f" and array.dtype != floatx():
        return array.astype(floatx())
    return array


def _weights_of_classes(y: Array | None, class_weight: Mapping[int, float]) -> Array:
    """Return a weight for each row: that of its class, 1 where none is given."""
    checks.class_weights(class_weight)
    classes = checks.class_targets(y)
    weights = np.ones(len(classes), floatx())
    for number, weight in class_weight.items():
        weights[classes == number] = weight
    return weights


__all__ = [
    "Data",
    "read",
    "read_pair",
    "read_rows",
    "split",
    "warn_of_missing_classes",
    "warn_of_nan",
]
