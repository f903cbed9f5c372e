"""A model of one's own as the only step of a plan: no one plan does for its `call`."""

from typing import Any

from minidense.layers.base import Layer
from minidense.layers.traced import TracedStep
from minidense.typing import Array


class OneStep(Layer):
    """A model whose own `call` or `forward` is its only step, as a layer of its plan.

    Args:
        model: the model.
        traced: the step of a `call` that calls other layers in training than at rest.
    """

    def __init__(self, model: Any, traced: TracedStep | None = None) -> None:
        super().__init__(name=model.name, dtype=model.compute_dtype)
        self._model = model
        self._traced_step = traced
        self.built = True

    def steps(self, inputs: Any) -> list[Any]:
        """Return the step that was traced, else the model itself."""
        return super().steps(inputs) if self._traced_step is None else [self._traced_step]

    def _is_ones_own(self) -> bool:
        """Whether the model's class was written outside of this package: it always is."""
        return True

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """Return what the model's own `call` returns, or else its own `forward`."""
        return self._model._run_call(inputs, training, {})

    def forward(self, inputs: Any, training: bool | None) -> tuple[Any, Any]:
        """Return what the model's own `forward` returns, else what its `call` does."""
        if not self._model._has_own("forward"):
            return self.call(inputs, training), None
        result: tuple[Any, Any] = self._model.forward(inputs, training)
        return result

    def backward(self, grad: Any, saved: Any, needs_input_grad: bool) -> tuple[Any, list[Array]]:
        """Return what the model's own `backward` returns."""
        if not self._model._has_own("backward"):
            return Layer.backward(self._model, grad, saved, needs_input_grad)  # raises
        result: tuple[Any, list[Array]] = self._model.backward(grad, saved, needs_input_grad)
        return result


__all__ = ["OneStep"]
