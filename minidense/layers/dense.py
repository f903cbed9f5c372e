"""Dense: a product with a kernel, a bias, an activation.

Mirrors `keras.layers.Dense` (`keras/src/layers/core/dense.py`).
"""

from typing import Any

from minidense import activations, checks, initializers, ops
from minidense.activations import ActivationLike
from minidense.initializers import InitializerLike
from minidense.layers.input_spec import InputSpec
from minidense.layers.layer import Layer
from minidense.typing import Shape
from minidense.variables import Variable

_NOT_COMPUTED = ("kernel_regularizer", "bias_regularizer", "kernel_constraint", "bias_constraint")
_ONLY_NONE = (*_NOT_COMPUTED, "lora_rank", "lora_alpha", "quantization_config")


class Dense(Layer):
    """activation(inputs @ kernel + bias), over the last axis only; nothing is flattened.

    Shapes: inputs (batch, ..., features), of rank 2 or more; outputs (batch, ..., units); kernel
    (features, units); bias (units,).

    Args:
        units: the size of the outputs' last axis, a positive integer.
        activation: a name, a function or None.
        use_bias: whether there is a bias.
        kernel_initializer: a name or an object; a random one draws its seed here.
        bias_initializer: the same for the bias.
        **kwargs: `name`, `dtype`, `trainable`, and what else `Layer` takes. Keras's regularizers,
            constraints, LoRA and quantization have their places, but must be None.

    Raises:
        ValueError: for an argument that Keras refuses too, before any seed is drawn.

    >>> import numpy as np
    >>> layer = Dense(2, kernel_initializer="ones")
    >>> layer(np.float32([[1.0, 2.0, 3.0]]))
    array([[6., 6.]], dtype=float32)
    """

    not_computed = (*Layer.not_computed, *_NOT_COMPUTED)

    def __init__(
        self,
        units: int,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: None = None,
        bias_regularizer: None = None,
        activity_regularizer: None = None,
        kernel_constraint: None = None,
        bias_constraint: None = None,
        lora_rank: None = None,
        lora_alpha: None = None,
        quantization_config: None = None,
        **kwargs: Any,
    ) -> None:
        given = locals()
        checks.positive_int("units", units)
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        checks.only_none("Dense", **{name: given[name] for name in _ONLY_NONE})
        self.units = units
        self.activation = activations.get(activation)
        checks.boolean("use_bias", use_bias)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)  # draws its seed now
        self.bias_initializer = initializers.get(bias_initializer)
        self.input_spec = InputSpec(min_ndim=2)
        self.bias: Variable | None = None

    @property
    def kernel(self) -> Variable:
        """The weight of shape (features, units).

        Raises:
            AttributeError: before the layer is built.
        """
        checks.built(self.name, self.built or self._is_building, "kernel", AttributeError)
        return self._kernel

    def build(self, input_shape: Shape) -> None:
        """Make kernel and bias for inputs of this shape, of which the last axis must be known."""
        features = checks.build_shape(self.name, input_shape)[-1]
        shape = (features, self.units)
        self._kernel = self.add_weight(shape, self.kernel_initializer, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight((self.units,), self.bias_initializer, name="bias")
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})

    def call(self, inputs: Any) -> Any:
        """Return the activation of inputs @ kernel + bias."""
        outputs = ops.matmul(inputs, self.kernel)  # (..., features) -> (..., units)
        if self.bias is not None:
            outputs = ops.add(outputs, self.bias)
        return self.activation(outputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape with the last axis replaced by `units`."""
        return (*checks.build_shape(self.name, input_shape)[:-1], self.units)
