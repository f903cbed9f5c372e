"""A model inside another one, as a step of the outer one's plan."""

from typing import Any

from minidense.variables import Variable


class InnerModel:
    """The model's own way forward and back; what learns is each variable that is not frozen.

    A model made with `trainable=False` freezes nothing by that: its `trainable_weights` are
    empty, but inside another model its variables are trained. So it is in Keras.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self.forward, self.backward = model.forward, model.backward
        self.logits, self.backward_from_logits = model.logits, model.backward_from_logits

    @property
    def trainable_weights(self) -> list[Variable]:
        """Those of the variables that are trainable themselves."""
        return learning(self._model)


def learning(model: Any) -> list[Variable]:
    """Return the weights whose gradients a model's `backward` returns, in this order."""
    return [variable for variable in model.weights if variable.trainable]


__all__ = ["InnerModel", "learning"]
