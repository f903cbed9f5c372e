"""`model(x)` as a program: for a model of nothing but built-in parts, where no Python could look.

The operations are those that run one by one, in the same order: nothing is rewritten as in a graph.
What was traced is forgotten when an attribute of any layer is set.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from minidense import activations
from minidense.engine.function import Function, Spec
from minidense.layers.layer import Layer
from minidense.registry import is_ours
from minidense.tensors import Tensor, tensor_of
from minidense.training.compilation import all_layers
from minidense.typing import Array

_ROWS, _SHAPES = 8, 64  # shapes of a row whose traces are kept, and of arrays that are looked up


class Direct:
    """The call of a model on one array, as programs.

    Args:
        model: a model of built-in parts with one input and one output.
    """

    def __init__(self, model: Any) -> None:
        def call(x: Any) -> list[Any]:
            """Return the output, and the logits that it remembers, if it does."""
            outputs = Layer.__call__(model, x)
            logits = getattr(outputs, "logits", None)
            return [outputs] if logits is None else [outputs, logits]

        # another shape of a row is another call, and its shapes are checked anew
        function_for = lru_cache(_ROWS)(lambda row: Function(call, in_graph=False))
        self._trace_for = lru_cache(_SHAPES)(
            lambda shape, dtype: function_for(shape[1:]).concrete((Spec(shape, dtype),))
        )

    def __call__(self, x: Array) -> Tensor:
        """Return the outputs."""
        result, *logits = map(tensor_of, self._trace_for(x.shape, x.dtype).run([x]))
        if logits:
            result.logits = logits[0]
        return result


def is_of_built_in_parts(model: Any) -> bool:
    """Whether neither a class nor a function of a user's takes part in a call of the model."""
    inside = all_layers(model)
    functions = [layer.activation for layer in inside if hasattr(layer, "activation")]
    return (
        all(is_ours(type(layer)) and "call" not in vars(layer) for layer in inside)
        and all(activations.is_built_in(function) for function in functions)
        and len(model.inputs) == len(model.outputs) == 1
        and not isinstance(model._network.outputs_struct, Mapping)
    )
