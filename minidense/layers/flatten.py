"""Flatten: all axes but the batch into one.

Answers to `keras.layers.Flatten` (`keras/src/layers/reshaping/flatten.py`).
"""

import math
from typing import Any

from minidense import checks
from minidense.graph.symbolic import KerasTensor
from minidense.layers.base import Layer
from minidense.layers.input_spec import InputSpec
from minidense.typing import Array, Shape


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
        name = "channels_last" if data_format is None else data_format
        checks.one_of("data_format", name, ["channels_first", "channels_last"])
        super().__init__(**kwargs)
        self.data_format = name
        self.input_spec = InputSpec(min_ndim=1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (batch, product of the rest), None if a factor is not known."""
        batch, *rest = checks.build_shape(self.name, input_shape)
        unknown = any(dim is None for dim in rest)
        return (batch, None if unknown else math.prod(dim or 0 for dim in rest))

    def compute_output_spec(self, inputs: KerasTensor) -> KerasTensor:
        """Return the symbolic output; the dtype is the input's own, unless that is cast."""
        casts = self.autocast and inputs.dtype.startswith("float")
        dtype = self.compute_dtype if casts else inputs.dtype
        return KerasTensor(self.compute_output_shape(inputs.shape), dtype)

    def forward(self, inputs: Array, training: bool | None) -> tuple[Array, Shape]:
        """Return a view; save the inputs' shape.

        A new view even where nothing changes: Keras's loss does not look through a Flatten for
        logits, and a plan tells that by the array being another one.
        """
        arranged = inputs
        if self.data_format == "channels_first" and inputs.ndim > 1:
            arranged = inputs.transpose(0, *range(2, inputs.ndim), 1)
        width = math.prod(inputs.shape[1:])  # given, since -1 has no meaning for an empty batch
        return arranged.reshape(inputs.shape[0], width), arranged.shape

    def backward(
        self, grad: Array, saved: Shape, needs_input_grad: bool
    ) -> tuple[Array | None, list[Array]]:
        """Return the gradient in the inputs' shape."""
        if not needs_input_grad:
            return None, []
        input_grad = grad.reshape([dim or 0 for dim in saved])
        if self.data_format == "channels_first" and input_grad.ndim > 1:
            rank = input_grad.ndim
            input_grad = input_grad.transpose(0, rank - 1, *range(1, rank - 1))
        return input_grad, []

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        return {**super().get_config(), "data_format": self.data_format}


__all__ = ["Flatten"]
