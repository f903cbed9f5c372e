"""Model: a layer made of layers that can be trained.

Mirrors `keras.Model` (`keras/src/models/model.py`).
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from minidense import checks
from minidense.graph.symbolic import KerasTensor, output_spec
from minidense.layers.call import context
from minidense.layers.layer import Layer
from minidense.layers.reading import reading
from minidense.layers.serialization import known_class, plain_value, serialize
from minidense.layers.weights import Structure
from minidense.locks import OwnLock
from minidense.mode import mode
from minidense.models.compile_config import compile_arguments
from minidense.models.direct import Direct, is_of_built_in_parts
from minidense.models.network import Network
from minidense.registry import is_ours
from minidense.tensors import Tensor
from minidense.training.trainer import Trainer

_building = OwnLock()
"""Held by the first call: whoever calls in another thread waits, and finds the model built."""


class Model(Trainer):
    """Layers grouped into one, that can be trained.

    There are three ways to make one: `Model(inputs, outputs)` from symbolic tensors, `Sequential`
    from a list of layers, or a subclass that makes layers in `__init__` and calls them in `call`.

    Args:
        inputs: a KerasTensor, or a list or dict of them.
        outputs: what is computed from them, in the same forms.
        name: None means an automatic one.
        trainable: whether training may change the weights.

    Raises:
        ValueError: if inputs or outputs are no KerasTensors, or do not belong together.
        TypeError: if `outputs` is missing.

    >>> import numpy as np
    >>> from minidense import Input, layers
    >>> inputs = Input((4,))
    >>> model = Model(inputs, layers.Dense(2, kernel_initializer="ones")(inputs))
    >>> model(np.ones((1, 4), "float32"))
    array([[4., 4.]], dtype=float32)
    """

    _network: Network | None = None
    """The graph of a model that has symbolic inputs and outputs."""
    _direct: tuple[Any, Direct | None] = None, None
    """How a call on one array is made, and for which version of the layers' attributes."""

    def __new__(cls, *args: Any, **kwargs: Any) -> "Model":
        """Give a `Functional` where `Model` itself is called with inputs and outputs, as Keras."""
        if cls is Model and (args or kwargs.keys() >= {"inputs", "outputs"}):
            model: Model = super().__new__(_functional())
            return model
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        has_ends = len(args) == 2 or kwargs.keys() >= {"inputs", "outputs"}
        if has_ends or (len(args) == 1 and "outputs" in kwargs):
            functional = _functional()
            _let_be_functional(type(self), functional)
            functional.__init__(self, *args, **kwargs)
            return
        checks.no_positional(type(self).__name__, args)
        super().__init__(**kwargs)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy of a user's model has; what was traced is the model's own."""
        steps = dict.fromkeys(("train_function", "test_function", "predict_function"))
        return {**vars(self), **steps, "_direct": (None, None)}

    # Calls

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs for arrays, or record the call for KerasTensors; see `Layer`."""
        if not self.built:
            with _building:
                return super().__call__(*args, **kwargs)
        alone = len(args) == 1 and not kwargs and type(args[0]) in (np.ndarray, Tensor)
        if alone and mode.recorder is None and context.entry is None and self.has_graph():
            version, direct = self._direct
            if version != Structure.version:
                direct = Direct(self) if is_of_built_in_parts(self) else None
                vars(self)["_direct"] = Structure.version, direct  # which changes no structure
            # what is wrong with other arrays than of rows of real numbers, the model says
            if direct is not None and args[0].dtype.kind in "fiub" and args[0].ndim > 0:
                return direct(args[0])
        return super().__call__(*args, **kwargs)

    # What it is made of

    @property
    def layers(self) -> list[Layer]:
        """The layers, in the order in which Keras lists them."""
        return list(dict.fromkeys(self.sublayers()))

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

    # The ends raise AttributeError before the model is built, and for a subclass with a `call`.

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic inputs; of a subclass with a `call`, what it set under this name."""
        return self._end("inputs")

    @inputs.setter
    def inputs(self, value: Any) -> None:
        self._set_end("inputs", value)

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs, likewise."""
        return self._end("outputs")

    @outputs.setter
    def outputs(self, value: Any) -> None:
        self._set_end("outputs", value)

    def has_graph(self) -> bool:
        """Whether there are symbolic inputs and outputs."""
        return self._network is not None

    def _end(self, which: str, wanted: str = "") -> list[KerasTensor]:
        """Return the symbolic inputs or outputs; a subclass has none, as in Keras."""
        if not self.has_graph() and which in vars(self):
            return cast(list[KerasTensor], vars(self)[which])
        checks.defined(type(self).__name__, self.name, self.has_graph(), wanted or which)
        return list(getattr(self._network, which))

    def _set_end(self, which: str, value: Any) -> None:
        if self.has_graph():
            raise AttributeError(f"The {which} of model '{self.name}' are those of its graph.")
        vars(self)[which] = value

    @property
    def input_shape(self) -> Any:
        """The shape of the input, or a list of the several, batch first."""
        return _shape_or_shapes(self._end("inputs", "input shape"))

    @property
    def output_shape(self) -> Any:
        """The shape of the output, or a list of the several, batch first."""
        return _shape_or_shapes(self._end("outputs", "output shape"))

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
            print_fn: called with the text instead of printing it.
            expand_nested: whether the layers of models inside are listed.
            show_trainable: whether there is a column that says so.
            layer_range: the names of the first and the last layer to list.
        """
        from minidense.summary import print_summary  # five files that a training never reads

        print_summary(
            self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range
        )

    # Configurations

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build the model for the shapes in a configuration; one without `build` runs its `call`.

        Raises:
            TypeError: if it is no dict, or has no shape in it.
        """
        shapes = checks.built_shapes(self.name, config)
        if shapes and not self.has_own("build"):
            nested = [checks.map_shapes(KerasTensor, shape) for shape in shapes.values()]
            output_spec(self.call, *nested)
        super().build_from_config(config)

    def get_compile_config(self) -> dict[str, Any]:
        """Return the arguments of `compile` as plain values; {} if the model is not compiled."""
        if not self.compiled:
            return {}
        arguments = {**self._compile_arguments, "optimizer": self.optimizer}
        return dict(plain_value(arguments))

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compile the model as `get_compile_config` said; the optimizer's state begins anew.

        A model with a `compile` of its own is left alone, with a warning, as in Keras.
        """
        if type(self).compile is not Trainer.compile:
            own = f"{type(self).__name__} has a `compile` of its own: what is read is not compiled"
            hint = "Call it, or define `get_compile_config` and `compile_from_config`"
            checks.warn_user(f"{own}. {hint}.")
            return
        self.compile(**compile_arguments(config))
        if self.built and self.optimizer is not None:
            self.optimizer.build(self.trainable_weights)

    @classmethod
    def from_config(cls, config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Make a model from what `get_config` returned; its weights are new.

        Args:
            config: of a functional model, or the arguments of a subclass.
            custom_objects: the user's own classes and functions that it may name, by name.

        Raises:
            TypeError: for an unknown class, or arguments that a class does not take.
            ValueError: for calls that do not fit together.
        """
        with reading(custom_objects):
            has_graph = isinstance(config, Mapping) and config.keys() >= _GRAPH_KEYS
            if has_graph and is_made_of_a_graph(cls):
                return _of_graph(cls, config)
            try:
                return cls(**config)
            except TypeError as error:
                fault = f"A model of class {cls.__name__} cannot be made from its configuration"
                raise TypeError(f"{fault}: {error}") from error

    def to_json(self, **kwargs: Any) -> str:
        """Return the configuration as text, which `models.model_from_json` reads.

        Args:
            **kwargs: what `json.dumps` takes, such as `indent=2`.

        Source: `keras.Model.to_json`.
        """
        import json

        return json.dumps(serialize(self), **kwargs)


def _shape_or_shapes(tensors: list[KerasTensor]) -> Any:
    """Return the one shape, or a list of the several, as Keras does for dicts and tuples too."""
    shapes = [tensor.shape for tensor in tensors]
    return shapes[0] if len(shapes) == 1 else shapes


def _functional() -> Any:
    """Return the class of the models that have a graph: a Model, which is made after this one."""
    return known_class("keras.src.models.functional", "Functional")


def _let_be_functional(cls: type[Any], functional: type[Model]) -> None:
    """Put `Functional` in the place of `Model` among the bases of a user's class.

    Source: `inject_functional_model_class` in `keras/src/models/model.py`.
    """
    for base in cls.__bases__:
        if issubclass(base, Model) and not is_ours(base):
            _let_be_functional(base, functional)
    if Model in cls.__bases__ and cls is not functional:
        cls.__bases__ = tuple(functional if base is Model else base for base in cls.__bases__)


_GRAPH_KEYS = {"name", "layers", "input_layers", "output_layers"}
"""What the configuration of a functional model has, and that of a subclass has not."""


def is_made_of_a_graph(cls: type[Any]) -> bool:
    """Whether a class is made as `Functional` is. Source: `functional_like_constructor`."""
    spec = inspect.getfullargspec(cls.__init__)
    takes_all = spec.varargs is not None and spec.varkw is not None
    return spec.args[1:] == ["inputs", "outputs", "name"] or takes_all


def _of_graph(cls: type[Any], config: Mapping[str, Any]) -> Any:
    """Make a functional model from what `get_config` returned."""
    from minidense.models.functional_config import read_graph  # 1 ms of the import

    inputs, outputs = read_graph(config)
    known = {*_GRAPH_KEYS, "trainable"}
    more = {} if is_ours(cls) else {k: v for k, v in config.items() if k not in known}
    arguments = {"name": config["name"], "trainable": config.get("trainable"), **more}
    return cls(inputs, outputs, **arguments)
