"""Dense: a product with a kernel, a bias, an activation.

Answers to `keras.layers.Dense` (`keras/src/layers/core/dense.py`).
"""

from typing import Any

import numpy as np

from minidense import activations, checks, initializers
from minidense.activations import ActivationLike, CurrentActivation
from minidense.graph.plan import WithoutLogits
from minidense.initializers import InitializerLike
from minidense.layers.base import Layer
from minidense.layers.input_spec import InputSpec
from minidense.products import product
from minidense.typing import Array, Shape
from minidense.variables import Variable


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

    >>> layer = Dense(2, kernel_initializer="ones")
    >>> layer(np.float32([[1.0, 2.0, 3.0]]))
    array([[6., 6.]], dtype=float32)
    """

    casts_integers = True
    kernel: Variable
    """The weight of shape (features, units), once the layer is built."""

    not_computed = (
        *Layer.not_computed,
        *("kernel_regularizer", "bias_regularizer", "kernel_constraint", "bias_constraint"),
    )

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
        checks.positive_int("units", units)
        checks.only_none(
            "Dense",
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            lora_rank=lora_rank,
            lora_alpha=lora_alpha,
            quantization_config=quantization_config,
        )
        checks.boolean("use_bias", use_bias)
        function = activations.get(activation)
        initializers.check(kernel_initializer)
        initializers.check(bias_initializer)
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = units
        self.activation = function
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)  # draws its seed now
        self.bias_initializer = initializers.get(bias_initializer)
        self.input_spec = InputSpec(min_ndim=2)
        self.bias: Variable | None = None

    def __getattr__(self, name: str) -> Any:
        """Say why there is no kernel yet; called only for what an ordinary look-up does not find.

        Raises:
            AttributeError: always.
        """
        if name == "kernel":
            raise AttributeError(
                f"You must build the layer before accessing `kernel`: '{self.name}' is not built."
            )
        return super().__getattribute__(name)  # once more, for the message that belongs to it

    def build(self, input_shape: Shape) -> None:
        """Make kernel and bias for inputs of this shape, of which the last axis must be known."""
        features = checks.build_shape(self.name, input_shape)[-1]
        checks.known_dimensions(self.name, (features, self.units))
        shape = (int(features or 0), self.units)
        self.kernel = self.add_weight(shape, self.kernel_initializer, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight((self.units,), self.bias_initializer, name="bias")
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape with the last axis replaced by `units`."""
        return (*checks.build_shape(self.name, input_shape)[:-1], self.units)

    def forward(self, inputs: Array, training: bool | None) -> tuple[Array, Any]:
        """Return the outputs; save the inputs, and what the activation saved."""
        products, inputs = Affine(self).forward(inputs, training)
        outputs, saved = CurrentActivation(self).forward(products, training)
        return outputs, (inputs, saved)

    def backward(
        self, grad: Array, saved: Any, needs_input_grad: bool
    ) -> tuple[Array | None, list[Array]]:
        """Go back through the activation, then through the product."""
        inputs, activation_saved = saved
        product_grad, _ = CurrentActivation(self).backward(grad, activation_saved, True)
        assert product_grad is not None
        return Affine(self).backward(product_grad, inputs, needs_input_grad)

    def steps(self, inputs: Any) -> list[Any]:
        """Split into a product and an activation, so that a loss can start at the logits."""
        steps = super().steps(inputs)
        if steps[-1] is self:
            steps[-1:] = [Affine(self), CurrentActivation(self)]
        return steps

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys, those for what minidense does not support included."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": None,
            "bias_regularizer": None,
            "kernel_constraint": None,
            "bias_constraint": None,
            "quantization_config": None,
        }


class Affine(WithoutLogits):
    """inputs @ kernel + bias: the first of Dense's two steps."""

    def __init__(self, dense: Dense) -> None:
        self.dense = dense

    @property
    def trainable_weights(self) -> list[Variable]:
        """Kernel and bias, unless frozen.

        A frozen layer freezes its variables. As in Keras, one that is thawed by itself learns.
        """
        both = (self.dense.kernel, self.dense.bias)
        return [variable for variable in both if variable is not None and variable.trainable]

    def forward(self, inputs: Array, training: bool | None) -> tuple[Array, Array]:
        """Return the sums; save the inputs."""
        kernel, bias = self.dense.kernel, self.dense.bias
        outputs = product(inputs, kernel.value)  # (..., features) -> (..., units)
        if bias is not None:
            outputs += bias.value
        return outputs, inputs

    def backward(
        self, grad: Array, saved: Array, needs_input_grad: bool
    ) -> tuple[Array | None, list[Array]]:
        """Gradients: inputs grad @ kernel.T, kernel inputs.T @ grad, bias the sum over rows."""
        kernel, bias = self.dense.kernel, self.dense.bias
        rows = grad.reshape(-1, grad.shape[-1])  # (batch, ..., units) -> (rows, units)
        weight_grads: list[Array] = []
        if kernel.trainable:
            inputs = saved.reshape(len(rows), saved.shape[-1])  # -> (rows, features)
            weight_grads.append(product(inputs.T, rows))
        if bias is not None and bias.trainable:
            weight_grads.append(np.add.reduce(rows, axis=0))
        return product(grad, kernel.value.T) if needs_input_grad else None, weight_grads


__all__ = ["Dense"]
