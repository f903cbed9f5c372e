"""Sequential: a model that is a list of layers.

Answers to `keras.Sequential` (`keras/src/models/sequential.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from minidense import checks
from minidense.graph.nest import map_structure
from minidense.graph.symbolic import KerasTensor
from minidense.layers.base import Layer
from minidense.layers.call_context import context
from minidense.layers.input_layer import InputLayer
from minidense.layers.serialization import layer_from, reading, serialize, with_module
from minidense.layers.undo import all_or_nothing
from minidense.models.model import Model
from minidense.names import auto_name
from minidense.typing import Shape


class Sequential(Model):
    """Layers in a row, each taking what the one before gives.

    With an `Input` first the layers are built as they are added; without one, when the model is
    first called on data, or by `build(input_shape)`.

    Args:
        layers: a list of layers; an `Input(shape)` may be the first.
        trainable: whether training may change the weights.
        name: None means an automatic one, `sequential`.

    Raises:
        TypeError: if `layers` is no list.
        ValueError: for an element that is no layer, a name that is taken, or a second Input.

    >>> from minidense import Input, layers
    >>> import numpy as np
    >>> model = Sequential([Input((3,)), layers.Dense(2), layers.ReLU()])
    >>> model(np.ones((5, 3), "float32")).shape
    (5, 2)
    """

    locks = False

    def __init__(
        self,
        layers: Sequence[Any] | None = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        checks.list_of_layers(layers)
        with all_or_nothing(layers or []):
            super().__init__(trainable=trainable, name=name)
            self._layers: list[Layer] = []
            for layer in layers or []:
                self._append(layer)
            if self._layers:
                self._rebuild()

    def add(self, layer: Any) -> None:
        """Put a layer at the end.

        Raises:
            ValueError: if it is no layer, or does not fit; the model stays as it was then.
        """
        with all_or_nothing([self, layer]):
            self._append(layer)
            self._rebuild()

    def pop(self) -> Layer:
        """Take the last layer away and return it.

        Raises:
            IndexError: if there is none.
        """
        checks.something_to_pop(self._layers)
        layer = self._layers.pop()
        self.plan = None
        self.built = False
        if self._layers:
            self._rebuild()
        return layer

    def _append(self, layer: Any) -> None:
        if isinstance(layer, KerasTensor) and isinstance(
            layer._keras_history.operation, InputLayer
        ):
            layer = layer._keras_history.operation
        checks.is_layer(layer, isinstance(layer, Layer))
        free = all(layer.name != other.name or layer is other for other in self._layers)
        checks.name_is_free(self.name, layer.name, free)
        first = self._layers[0] if self._layers else None
        if isinstance(layer, InputLayer) and isinstance(first, InputLayer):
            checks.one_input_layer(self.name, first.batch_shape)
        if first is None and layer._input_shape_arg is not None:
            self._layers.append(InputLayer(shape=layer._input_shape_arg))
        self._layers.append(layer)

    def _rebuild(self) -> None:
        """Make the plan anew, if the input's shape is known and there is something to compute."""
        first = self._layers[0]
        shape: Shape | None = None
        if isinstance(first, InputLayer):
            shape = first.batch_shape
        elif isinstance(first, Model) and first.plan is not None:
            shape = first.input_shape
        if shape is not None and len(self._layers) > 1:
            self.build(shape)
        else:
            self.plan = None
            self.built = False

    def build(self, input_shape: Any = None) -> None:
        """Build all layers for inputs of this shape, batch first.

        Without a shape nothing is made, as in Keras: a model with an Input was built when its
        layers were added, and one without is built when it is first called.

        Raises:
            ValueError: if there are no layers, or an Input of another shape is the first.
        """
        if input_shape is None:
            return
        checks.some_layers(self.name, self._layers, "be built")
        shape = checks.shape_tuple(input_shape)
        first = self._layers[0]
        if isinstance(first, InputLayer):
            checks.build_shape_agrees(self.name, first.batch_shape, shape)
        with all_or_nothing([self]), context.apart():
            self._build_plan(shape)

    def _build_plan(self, shape: Shape) -> None:
        layers = list(self._layers)
        if not isinstance(layers[0], InputLayer):
            layers.insert(0, InputLayer(batch_shape=shape, dtype=layers[0].compute_dtype))
        inputs = layers[0].output
        outputs = inputs
        for layer in layers[1:]:
            outputs = layer(outputs)
        auto_name("Functional")  # Keras makes a Functional inside, which takes a name
        self._set_plan(inputs, outputs)
        self._layers = layers
        if self._has_own("call"):
            self._make_plan(shape)
        self.built = True

    def _inherited_call(self, inputs: Any, training: bool | None) -> Any:
        """Return what the layers give, one after the other."""
        for layer in self.layers:
            inputs = layer(inputs, training=training)
        return inputs

    def _build_for(self, shapes: Any) -> None:
        self.build(checks.one_input(self.name, shapes))

    def _has_graph(self) -> bool:
        """Whether it is built; a subclass with its own `call` has the graph of its layers, too."""
        return self.plan is not None

    def shapes_of_outputs(self, input_shapes: Any, batch: int | None = None) -> list[Shape]:
        """Return the output's shape; every layer checks what it would be given.

        Before the model is built the layers are asked one after the other, and nothing is made,
        unless there is one of the user's own that has to be built to know its output's shape.
        """
        if self.plan is not None:
            return super().shapes_of_outputs(input_shapes, batch)
        checks.some_layers(self.name, self._layers, "compute")
        shape = checks.one_input(self.name, input_shapes)
        shapes = [shape]
        for layer in self._layers:
            if not layer.knows_output_shape():
                self.build((batch, *shape[1:]))
                return super().shapes_of_outputs(input_shapes, batch)
            shapes = layer.infer_shapes(shapes[0])
        return shapes

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return the symbolic output; a `build()` without a shape has left the layers to be built.

        Keras leaves them so, and the model around has none of their weights.
        """
        if self.plan is None:
            self._build_for(map_structure(lambda tensor: tensor.shape, inputs))
        return super().compute_output_spec(inputs)

    def _check_dimensions(self, tensor: KerasTensor, shape: Shape) -> None:
        """Ask for nothing but the rank: as in Keras, the layers see to the rest."""

    def get_config(self) -> dict[str, Any]:
        """Return the layers as dicts, and the shape that the model was built for."""
        config = {**super().get_config(), "layers": [serialize(layer) for layer in self._layers]}
        if self.plan is not None:
            config["build_input_shape"] = self.plan.inputs[0].shape
        return config

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """Make a model from what `get_config` returned; its weights are new.

        As in Keras, a `trainable=False` of the model itself is not read. That of each layer is, so
        what was frozen by `model.trainable = False` stays frozen.

        Args:
            config: a dict with "name", "layers" and, if built, "build_input_shape".
            custom_objects: the user's own classes and functions that it may name, by name.

        Raises:
            TypeError: for an unknown class, or arguments that a class does not take.
            ValueError: for a dict of another form, or layers that do not fit together.
        """
        with reading(custom_objects):
            layers = _layer_configs(config)
            model = cls(name=config["name"])
            for layer_config in layers:
                model.add(layer_from(with_module(layer_config)))
            if model.plan is None and config.get("build_input_shape"):
                model.build(config["build_input_shape"])
            return model

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the InputLayer."""
        return [layer for layer in self._layers if not isinstance(layer, InputLayer)]

    @property
    def input_dtype(self) -> str:
        """The dtype of the Input, or of the one that the first call made."""
        first = self._layers[0] if self._layers else None
        return first.dtype if isinstance(first, InputLayer) else super().input_dtype

    def _sublayers(self) -> Any:
        return iter(self._layers)


def _layer_configs(config: Any) -> list[Any]:
    """Return the configurations of the layers, from that of a model."""
    if not isinstance(config, (Mapping, str, list, tuple)):
        raise TypeError(f"A configuration must be a dict. Received: {checks.brief(config)}.")
    if not isinstance(config, Mapping) or not config.keys() >= {"name", "layers"}:
        raise ValueError(
            "The configuration of a Sequential model must be a dict with 'name' and 'layers'. "
            f"Received: {checks.keys_of(config)}."
        )
    if not isinstance(config["layers"], (list, tuple)):
        raise TypeError(
            "The 'layers' of a Sequential model's configuration must be a list. "
            f"Received: {checks.brief(config['layers'])}."
        )
    return list(config["layers"])


__all__ = ["Sequential"]
