"""What a model tells of itself: its layers, its inputs and outputs, its summary."""

from collections.abc import Callable, Sequence
from typing import Any

from minidense import checks
from minidense.graph.symbolic import KerasTensor
from minidense.layers.base import Layer
from minidense.models.inputs import shape_or_shapes
from minidense.training.trainer import Trainer


class Described(Trainer):
    """The part of a model that answers questions and changes nothing."""

    def _has_graph(self) -> bool:
        """Whether there are inputs and outputs to be told of; a subclass has none, as in Keras."""
        return False

    @property
    def layers(self) -> list[Layer]:
        """The layers, in the order in which Keras lists them."""
        return [layer for layer in dict.fromkeys(self._sublayers()) if isinstance(layer, Layer)]

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return a layer by name or by index.

        Raises:
            ValueError: if there is no such layer, or if both or neither are given.
        """
        layers = self.layers
        checks.layer_wish(name, index, len(layers))
        if index is not None:
            return layers[index]
        found = [layer for layer in layers if layer.name == name]
        checks.layer_exists(name, bool(found), [layer.name for layer in layers])
        return found[0]

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic inputs.

        Raises:
            AttributeError: before the model is built, and for a subclass with its own `call`.
        """
        checks.defined(self.name, self._has_graph(), "inputs")
        assert self.plan is not None
        return self.plan.inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs.

        Raises:
            AttributeError: before the model is built, and for a subclass with its own `call`.
        """
        checks.defined(self.name, self._has_graph(), "outputs")
        assert self.plan is not None
        return self.plan.outputs

    @property
    def input_shape(self) -> Any:
        """The shape of the input, or a list of the several, batch first.

        Raises:
            AttributeError: before the model is built, and for a subclass with its own `call`.
        """
        checks.defined(self.name, self._has_graph(), "input shape")
        return shape_or_shapes(self.inputs)

    @property
    def output_shape(self) -> Any:
        """The shape of the output, or a list of the several, batch first.

        Raises:
            AttributeError: before the model is built, and for a subclass with its own `call`.
        """
        checks.defined(self.name, self._has_graph(), "output shape")
        return shape_or_shapes(self.outputs)

    def summary(
        self,
        line_length: int | None = None,
        positions: list[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Print the table of layers, shapes and parameters, in the characters that Keras prints.

        Args:
            line_length: the width in characters; None is 88, or what the terminal has.
            positions: where the columns end, as shares of the width.
            print_fn: what is called with the text instead of printing it.
            expand_nested: whether the layers of models inside are listed.
            show_trainable: whether there is a column that says so.
            layer_range: the names of the first and the last layer to list.
        """
        from minidense.summary import print_summary  # five files that a training never reads

        print_summary(
            self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range
        )


__all__ = ["Described"]
