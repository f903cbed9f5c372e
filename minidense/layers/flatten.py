"""Flatten: all axes but the batch into one.

Mirrors `keras.layers.Flatten` (`keras/src/layers/reshaping/flatten.py`).
"""

import math
from typing import Any

from minidense import checks, ops
from minidense.graph.symbolic import KerasTensor
from minidense.layers.input_spec import InputSpec
from minidense.layers.layer import Layer
from minidense.ops.shapes import flatten_rows
from minidense.typing import Shape


class Flatten(Layer):
    """Give each sample as one row, in any dtype.

    Shapes: inputs (batch, a, b, ...); outputs (batch, a * b * ...). Scalar rows, shape (batch,),
    become (batch, 1).

    Args:
        data_format: None or "channels_last"; "channels_first" moves axis 1 to the end first.
        **kwargs: what `Layer` takes.

    >>> import numpy as np
    >>> Flatten()(np.zeros((2, 28, 28), "uint8")).shape
    (2, 784)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        name = "channels_last" if data_format is None else data_format
        checks.one_of("data_format", name, ["channels_first", "channels_last"])
        self.data_format = name
        self.input_spec = InputSpec(min_ndim=1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (batch, product of the rest), None if a factor is not known."""
        batch, *rest = checks.build_shape(self.name, input_shape)
        return (batch, None if None in rest else math.prod(dim or 0 for dim in rest))

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return the symbolic output; the dtype is the input's own."""
        return KerasTensor(self.compute_output_shape(inputs.shape), inputs.dtype)

    def call(self, inputs: Any) -> Any:
        """Return each sample as one row."""
        rank = len(inputs.shape)
        if self.data_format == "channels_first" and rank > 1:
            inputs = ops.transpose(inputs, (0, *range(2, rank), 1))
        return flatten_rows(inputs)  # (batch, a, b, ...) -> (batch, a * b * ...)
