"""Sequential: a model that is a list of layers.

Mirrors `keras.Sequential` (`keras/src/models/sequential.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from minidense import checks
from minidense.graph.symbolic import KerasTensor
from minidense.layers.input_layer import InputLayer
from minidense.layers.layer import Layer
from minidense.layers.reading import layer_from, reading, with_module
from minidense.layers.serialization import serialize
from minidense.layers.weights import Structure
from minidense.models.model import Model
from minidense.models.network import chained
from minidense.paths import open_path
from minidense.training.steps import training_argument
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
        self, layers: Sequence[Any] | None = None, trainable: bool = True, name: str | None = None
    ) -> None:
        checks.list_of_layers(layers)
        super().__init__(trainable=trainable, name=name)
        self._layers: list[Layer] = []
        for layer in layers or []:
            self._layers = self._with(layer)
        if self._layers:
            self._become(self._layers)

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer at the end.

        Args:
            layer: what to add.
            rebuild: whether the model is built anew, if its shapes are known; else it is unbuilt.

        Raises:
            ValueError: if it is no layer, or does not fit; the model stays as it was then.
        """
        self._become(self._with(layer), rebuild=rebuild)

    def pop(self, rebuild: bool = True) -> Layer:
        """Take the last layer away and return it; `rebuild` as for `add`.

        Raises:
            IndexError: if there is none.
        """
        checks.something_to_pop(self._layers)
        *layers, last = self._layers
        self._become(layers, rebuild=rebuild)
        return last

    def _with(self, layer: Any) -> list[Layer]:
        """Return the layers with one more, and an Input before it, if it has the shape of one."""
        maker = layer._keras_history.operation if isinstance(layer, KerasTensor) else None
        layer = maker if isinstance(maker, InputLayer) else layer
        checks.is_layer(layer, isinstance(layer, Layer))
        names = {id(each): each.name for each in [*self._layers, layer]}  # one may come twice
        checks.unique_layer_names(list(names.values()))
        first = self._layers[0] if self._layers else None
        if isinstance(layer, InputLayer) and isinstance(first, InputLayer):
            checks.one_input_layer(self.name, first.batch_shape)
        if first is None and layer._input_shape_arg is not None:
            return [InputLayer(shape=layer._input_shape_arg), layer]
        return [*self._layers, layer]

    def _become(
        self, layers: list[Layer], shape: Shape | None = None, rebuild: bool = True
    ) -> None:
        """Have these layers; be built, if the input's shape is known and there is what to compute.

        The attributes are set in one step, so that Ctrl-C comes before it or after it.
        """
        first = layers[0] if rebuild and len(layers) > 1 else None
        if shape is None and isinstance(first, InputLayer):
            shape = first.batch_shape
        elif shape is None and isinstance(first, Model) and first.has_graph():
            shape = first.input_shape if checks.is_shape(first.input_shape) else None
        new: dict[str, Any] = {"_layers": layers, "_network": None, "built": False}
        if shape is not None:
            if not isinstance(layers[0], InputLayer):
                dtype = layers[0].compute_dtype
                layers = [InputLayer(batch_shape=shape, dtype=dtype), *layers]
            with open_path(self) as path:
                new = {"_layers": layers, "_network": chained(self.name, layers)}
            new |= {"_build_shapes_dict": {"input_shape": shape}, "path": path, "built": True}
        Structure.version += 1
        vars(self).update(new)
        Structure.version += 1

    def build(self, input_shape: Any = None) -> None:
        """Build all layers for inputs of this shape, batch first.

        Without one shape nothing is made, as in Keras: a model with an Input was built when its
        layers were added, and one without is built when it is first called.

        Raises:
            ValueError: if there are no layers, or an Input of another shape is the first.
        """
        if input_shape is None or not checks.is_shape(input_shape):
            return
        checks.some_layers(self.name, self._layers, "be built")
        shape = checks.shape_tuple(input_shape)
        first = self._layers[0]
        if isinstance(first, InputLayer):
            checks.build_shape_agrees(self.name, first.batch_shape, shape)
        self._become(self._layers, shape)

    # Calls

    def call(self, inputs: Any, training: bool | None = None, mask: None = None) -> Any:
        """Return what the layers give, one after the other."""
        if self._network is not None:
            return self._network.call(inputs, training)
        return self._in_a_row("__call__", inputs, training)

    def _in_a_row(self, method: str, inputs: Any, training: bool | None = None) -> Any:
        """Return what a method of each layer makes of what that of the one before gave."""
        for layer in self.layers:
            keywords = {} if training is None else training_argument(layer.call, training)
            inputs = getattr(layer, method)(inputs, **keywords)
        return inputs

    def check_shapes(self, inputs: Any) -> None:
        """Raise ValueError if the model cannot take inputs of these shapes."""
        if self._network is not None:
            self._network.check_rank(inputs)

    def compute_output_spec(self, inputs: Any, training: Any = None, mask: None = None) -> Any:
        """Return the symbolic output for a symbolic input."""
        if self._network is not None:
            return self._network.compute_output_spec(inputs)
        return self._in_a_row("compute_output_spec", inputs, training)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the output; each layer says what it makes of the one before."""
        if self._network is not None:
            return self._network.compute_output_shape(input_shape)
        checks.some_layers(self.name, self._layers, "compute")
        return self._in_a_row("compute_output_shape", input_shape)

    # What it is made of

    def get_config(self) -> dict[str, Any]:
        """Return the layers as dicts, and the shape that the model was built for."""
        config = {**super().get_config(), "layers": [serialize(layer) for layer in self._layers]}
        if self._network is not None:
            config["build_input_shape"] = self._network.inputs[0].shape
        return config

    @classmethod
    def from_config(cls, config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
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
            if not model.has_graph() and config.get("build_input_shape"):
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

    def sublayers(self) -> Any:
        """Give the layers, the InputLayer among them."""
        yield from dict.fromkeys([*self._layers, *super().sublayers()])


def _layer_configs(config: Any) -> list[Any]:
    """Return the configurations of the layers, from that of a model."""
    if not isinstance(config, Mapping) or not config.keys() >= {"name", "layers"}:
        error = ValueError if isinstance(config, (Mapping, str, list, tuple)) else TypeError
        raise error(
            "The configuration of a Sequential model must be a dict with 'name' and 'layers'. "
            f"Received: {checks.brief(config)}."
        )
    if not isinstance(config["layers"], (list, tuple)):
        wish = "The 'layers' of a Sequential model's configuration must be a list"
        raise TypeError(f"{wish}. Received: {checks.brief(config['layers'])}.")
    return list(config["layers"])
