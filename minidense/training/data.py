"""From what a user passes to `fit` to arrays that can be trusted.

Mirrors `keras/src/trainers/data_adapters/`. Everything is checked here, before a weight or a
seed is touched.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from minidense import checks
from minidense.config import floatx
from minidense.nest import flatten, in_tuples, is_nested, map_structure, pack_like, pattern
from minidense.training.rows import blocks, check_in_blocks, dtype_of, whole
from minidense.typing import Array

Form = Callable[[Array], Array]


@dataclass
class Data:
    """Rows: an array for each input of the model, targets, and a weight for each row.

    All have the same length. They stand in the lists, tuples and dicts that they came in; y and
    sample_weight may be None, or have None for an output.
    """

    x: Any
    y: Any = None
    sample_weight: Any = None
    class_weight: Mapping[int, float] | None = None
    """What sample_weight was made of, if it was."""
    parts: int | None = None
    """How many of (x, y, sample_weight) a step is given; None is as many as there are."""
    batch: int | None = None
    """How many rows each batch has, None if they do not all have as many.

    That is what a step is traced for, as in Keras.
    """

    def __post_init__(self) -> None:
        self._nested = self.x, self.y, self.sample_weight
        self.arrays = [leaf for part in self._nested for leaf in flatten(part)]
        """All of it as one list: the inputs, targets, then weights; None for what is missing."""

    def __len__(self) -> int:
        return len(self.arrays[0])

    @property
    def named(self) -> list[tuple[str, Array]]:
        """Those of `arrays` that are there, each with the name of the argument that it is of."""
        pairs = zip(("x", "y", "sample_weight"), self._nested, strict=True)
        names = [name for name, part in pairs for _ in flatten(part)]
        return [pair for pair in zip(names, self.arrays, strict=True) if pair[1] is not None]

    @property
    def key(self) -> Any:
        """What decides, with the rows, which trace serves batches of these data."""
        kinds = tuple([None if a is None else (a.shape[1:], dtype_of(a)) for a in self.arrays])
        return kinds, self.parts, *map(pattern, self._nested)

    def nested(self, leaves: Sequence[Any]) -> Any:
        """Return what stands for `arrays` as the `data` of a step, as Keras packs it.

        It is (x, y, sample_weight) or as many of them as there are; and x alone where there is
        nothing else, or (x,) if it is a tuple or a list.
        """
        x, y, weight = pack_like(self._nested, list(leaves))
        if self.parts is not None or weight is not None:
            return (x, y, weight)[: self.parts]
        if y is not None:
            return x, y
        return (x,) if isinstance(x, (tuple, list)) else x

    def in_batches(self, size: int | None, steps: int | None = None) -> int:
        """Note how many rows a batch has, but for the last one, and return it.

        It is what is asked for, or the rows are shared out among the steps, or it is 32; but a
        batch is at most as long as the data.
        """
        rows = len(self)
        if size is None:
            size = 32 if steps is None else max(1, -(-rows // steps))
        self.batch = size if rows and rows % size == 0 else None
        return min(size, rows) or 1

    def rows(self, start: int, stop: int) -> "Data":
        """Return some of the rows, as views."""
        views = self.each(lambda array: array[start:stop])
        x, y, sample_weight = pack_like(self._nested, views)
        return Data(x, y, sample_weight, self.class_weight)

    def each(self, function: Callable[[Array], Any]) -> list[Any]:
        """Return what a function makes of each of `arrays`, None for one that is not there."""
        return [None if array is None else function(array) for array in self.arrays]


def read(
    x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, parts: int = 3
) -> Data:
    """Return one batch: arrays of real numbers of one length, as a model is given them.

    Raises:
        ValueError: what `read_rows` raises, but for y and sample_weight in different forms.
        TypeError: likewise.
    """
    return _read(x, y, sample_weight, class_weight, whole, parts)


def _read(
    x: Any, y: Any, sample_weight: Any, class_weight: Any, form: Form, parts: int | None = None
) -> Data:
    """Return the data as arrays of real numbers of one length, each in the form that is asked for.

    Raises:
        ValueError: for what is no array, holds no real numbers, or has another length.
        TypeError: for class weights that are no dict from class numbers to numbers.
    """
    checks.no_list_of_numbers("x", x)
    inputs = map_structure(partial(_array, "x", form), x)
    checks.array_of_classes(y, class_weight)
    targets = _of_outputs("y", form, y)
    weights = _of_outputs("sample_weight", form, sample_weight)
    checks.one_kind_of_weight(class_weight, weights)
    if class_weight is not None:
        weights = _weights_of_classes(targets, class_weight)
    data = Data(inputs, targets, weights, class_weight, parts)
    checks.same_length([(name, len(array)) for name, array in data.named])
    for name, array in data.named:
        if name == "sample_weight":
            check_in_blocks(checks.usable_weights, array)
    return data


def read_rows(x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None) -> Data:
    """Return the data of many batches: as Keras's, y and sample_weight must have one form.

    One array of weights is for each of several targets. Nothing is copied: `Batches` brings what it
    reads into form. Lists become tuples, as in the pipeline that Keras sends them through.

    Raises:
        ValueError: if y is a list and sample_weight a tuple or dict; for what is no array, holds no
            real numbers, or has another length.
        TypeError: for class weights that are no dict from class numbers to numbers.
    """
    checks.weights_like_targets(y, sample_weight)
    if sample_weight is not None and is_nested(y) and not is_nested(sample_weight):
        sample_weight = map_structure(lambda _: sample_weight, y)
    data = _read(x, y, sample_weight, class_weight, np.asarray)
    return Data(in_tuples(data.x), in_tuples(data.y), in_tuples(data.sample_weight), class_weight)


def read_pair(validation_data: Any) -> Data:
    """Return validation data given as (x, y) or (x, y, sample_weight)."""
    checks.pair_of_data(validation_data)
    return read_rows(*validation_data)


def split(data: Data, validation_split: float) -> tuple[Data, Data]:
    """Return the first rows to train on, and the last ones to validate with.

    Raises:
        ValueError: if one of the parts would be empty.
    """
    rows = len(data)
    split_at = math.floor(rows * (1.0 - validation_split))
    checks.both_parts(rows, split_at, validation_split)
    return data.rows(0, split_at), data.rows(split_at, rows)


def _of_outputs(name: str, form: Form, value: Any) -> Any:
    """Return the arrays, in the lists or dicts that they come in: Keras has one for each output."""
    if value is None:
        return None
    if not any(hasattr(leaf, "__array__") for leaf in flatten(value)):
        return _array(name, form, value)  # rows of numbers are refused as one
    return map_structure(lambda x: None if x is None else _array(name, form, x), value)


def _array(name: str, form: Form, value: Any) -> Array:
    array = checks.array(name, value)
    if type(value).__name__ == "Series":  # a pandas column is a column in Keras too
        array = array[:, None]
    checks.has_rows(name, array.shape)
    return form(array)


def _weights_of_classes(y: Array | None, class_weight: Mapping[int, float]) -> Array:
    """Return a weight for each row: that of its class, 1 where none is given."""
    checks.class_weights(class_weight)
    parts = []
    for classes in map(checks.class_targets, [None] if y is None else blocks(y)):
        weights = np.ones(len(classes), floatx())
        for number, weight in class_weight.items():
            weights[classes == number] = weight
        parts.append(weights)
    return np.concatenate(parts)
