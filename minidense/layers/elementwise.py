"""What the layers share that compute number by number: the outputs have the shape of the inputs.

Keras says it in each of them: `self._built_at_init()` and `compute_output_shape`.
"""

from typing import Any

from minidense.layers.base import Layer
from minidense.typing import Shape


class Elementwise(Layer):
    """A layer without weights whose outputs have the shape of its inputs; built from the start."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.built = True
        self._locked = type(self).build is Layer.build  # a subclass may have more to build

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return input_shape


__all__ = ["Elementwise"]
