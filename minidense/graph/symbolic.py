"""Symbolic tensors, and the record of the calls that made them.

A `KerasTensor` stands for an array that is not there yet: a shape, a dtype, and where it comes
from. Calling a layer or an operation on one computes nothing; it leaves a `Node`, one per *call*
and not per layer, so a shared layer has several. Mirrors `keras.KerasTensor` and
`keras/src/ops/node.py`.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, NoReturn

from minidense import checks
from minidense.engine.trace import Trace, TraceTensor
from minidense.mode import mode, noted_by
from minidense.names import auto_name
from minidense.nest import flatten, map_structure
from minidense.tensors import OPERATIONS, Symbolic
from minidense.typing import Shape
from minidense.variables import Variable, first_value


class History(NamedTuple):
    """Where a tensor comes from: which layer, which of its calls, which output of that call."""

    operation: Any
    node_index: int
    tensor_index: int


class KerasTensor(Symbolic):
    """A placeholder with a shape and a dtype, and no values.

    Args:
        shape: dimensions, None where not known; the batch is first.
        dtype: by name.
        name: None means an automatic one, `keras_tensor`.

    >>> KerasTensor((None, 784), name="pixels")
    <KerasTensor shape=(None, 784), dtype=float32, sparse=False, ragged=False, name=pixels>
    """

    _keras_history = History(None, 0, 0)
    """Nothing made it, until a Node says what did."""

    def __init__(self, shape: Any, dtype: str = "float32", name: str | None = None) -> None:
        self.shape: Shape = checks.shape_tuple(shape)
        self.dtype = dtype
        self.name = name or auto_name("KerasTensor")

    __eq__ = object.__eq__  # as in Keras, where `!=` compares numbers, and `==` does not
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __invert__(self) -> Any:
        return OPERATIONS["logical_not"](self)  # a tensor of whole numbers has its bits turned

    @property
    def ndim(self) -> int:
        """The number of dimensions, the batch among them."""
        return len(self.shape)

    def record(self, operation: Any, inputs: Any, settings: dict[str, Any]) -> Any:
        """Return the symbolic outputs of an operation, which becomes a node of the graph.

        What it is called with, and what it is made with, are divided as in Keras's class for it.
        """
        settings = {**operation.defaults, **settings}
        if operation.takes_many:
            return GraphOperation(operation, settings)(*inputs)
        given = {**dict(zip(operation.inputs, inputs, strict=True)), **settings}
        # an index is passed, and the bounds of a clip are not
        made_with = {*settings, "x_min", "x_max", "threshold", "default_value"} - {"key"}
        kwargs = {"weights": given.pop("weights")} if "weights" in given else {}
        args = [value for name, value in given.items() if name not in made_with]
        settings = {name: value for name, value in given.items() if name in made_with}
        return GraphOperation(operation, settings)(*args, **kwargs)

    def _has_no_value(self, wish: str) -> NoReturn:
        raise ValueError(
            f"A KerasTensor of shape {self.shape} is a placeholder without values: {wish}. "
            "Call the model on an array to get numbers."
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        self._has_no_value("it cannot become a NumPy array")

    def __int__(self) -> int:
        self._has_no_value("it cannot become an int")

    def __float__(self) -> float:
        self._has_no_value("it cannot become a float")

    def __bool__(self) -> bool:
        raise TypeError("A symbolic KerasTensor cannot be used as a boolean: it has no value yet.")

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError("A symbolic KerasTensor cannot be iterated over.")

    def __repr__(self) -> str:
        facts = f"shape={self.shape}, dtype={self.dtype}, sparse=False, ragged=False"
        return f"<KerasTensor {facts}, name={self.name}>"


class Node:
    """One call of a layer or an operation on symbolic tensors.

    Making a Node writes it down in three places: among the layer's calls, among the uses of each
    layer that made an input, and as the history of each output.

    Args:
        operation: the layer that was called.
        args: its positional arguments; none for the birth of an input.
        kwargs: its arguments by name.
        outputs: what the call gave: a tensor, or tensors in lists, tuples and dicts.
    """

    def __init__(self, operation: Any, args: Any, kwargs: dict[str, Any], outputs: Any) -> None:
        self.operation = operation
        self.args = args
        self.kwargs = dict(kwargs)
        self.outputs = outputs
        given = flatten([self.args, self.kwargs])
        self.input_tensors: list[KerasTensor] = [x for x in given if isinstance(x, KerasTensor)]
        self.output_tensors: list[KerasTensor] = flatten(outputs)
        operation._inbound_nodes.append(self)
        for tensor in self.input_tensors:
            if tensor._keras_history.operation is not None:
                tensor._keras_history.operation._outbound_nodes.append(self)
        for index, tensor in enumerate(self.output_tensors):
            tensor._keras_history = History(operation, len(operation._inbound_nodes) - 1, index)

    @property
    def is_input(self) -> bool:
        """Whether this is the birth of an input rather than a call."""
        return not self.input_tensors

    def arguments(self, value_of: Callable[[KerasTensor], Any]) -> tuple[Any, dict[str, Any]]:
        """Return the arguments with something else in the place of each tensor."""

        def replaced(leaf: Any) -> Any:
            return value_of(leaf) if isinstance(leaf, KerasTensor) else leaf

        args, kwargs = map_structure(replaced, [self.args, self.kwargs])
        return args, kwargs


class Recorded:
    """What leaves a Node when it is called on symbolic tensors: it has a name, and its calls.

    Mirrors `keras.Operation` (`keras/src/ops/operation.py`).

    Args:
        name: None means an automatic one.
        class_name: what the automatic name is made of.
    """

    def __init__(self, name: str | None, class_name: str) -> None:
        checks.name_in_path(name)
        self.name = name or auto_name(class_name)
        self._inbound_nodes: list[Node] = []
        self._outbound_nodes: list[Node] = []

    @property
    def input(self) -> Any:
        """The symbolic input of the first recorded call.

        Raises:
            AttributeError: if there was no call on a symbolic tensor.
        """
        checks.called(self.name, bool(self._inbound_nodes), "input")
        return _alone(self._inbound_nodes[0].input_tensors)

    @property
    def output(self) -> Any:
        """The symbolic output of the first recorded call.

        Raises:
            AttributeError: if there was no call on a symbolic tensor.
        """
        checks.called(self.name, bool(self._inbound_nodes), "output")
        return _alone(self._inbound_nodes[0].output_tensors)


def _alone(tensors: list[KerasTensor]) -> Any:
    return tensors[0] if len(tensors) == 1 else tensors


class GraphOperation(Recorded):
    """An operation as it stands in a graph: with its settings, and as a layer with its calls.

    Args:
        operation: what is computed.
        settings: arguments that are no tensors: `axis`, `keepdims`.
        name: None means an automatic one.

    >>> operation = (KerasTensor((None, 3)) + 1)._keras_history.operation
    >>> operation.name, operation.output
    ('add', <KerasTensor shape=(None, 3), dtype=float32, sparse=False, ragged=False, name=...>)
    """

    def __init__(self, operation: Any, settings: dict[str, Any], name: str | None = None) -> None:
        self.operation = operation
        self.settings = dict(settings)
        words = [word.capitalize() for word in operation.name.split("_")]
        self.class_name = {"re_lu": "ReLU", "svd": "SVD"}.get(operation.name, "".join(words))
        """The name of Keras's class for it, "TrueDivide" for `true_divide`."""
        super().__init__(name, self.class_name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute for arrays, or record the call for symbolic tensors."""
        if not is_symbolic([args, kwargs]):
            return self.operation(*args, **kwargs, **self.settings)
        outputs = self.compute_output_spec(*args, **kwargs)
        Node(self, args, kwargs, outputs)
        return outputs

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return symbolic outputs for symbolic inputs, and record nothing."""
        return output_spec(self.operation, *args, **kwargs, **self.settings)

    def __repr__(self) -> str:
        return f"<Operation name={self.name}>"


def output_spec(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return symbolic outputs of a function that is run on tensors without numbers.

    What it assigns to variables is forgotten, and variables that it makes get their values when the
    outermost of such runs has ended. Source: `compute_output_spec` in
    `keras/src/backend/tensorflow/core.py`.
    """
    outer = mode.recorder.unmade if mode.recorder is not None else None
    unmade: dict[Variable, Any] = {} if outer is None else outer
    trial = Trace(unmade)

    def stand_in(leaf: Any) -> Any:
        return trial.input(leaf.shape, leaf.dtype) if isinstance(leaf, KerasTensor) else leaf

    args, kwargs = map_structure(stand_in, [list(args), kwargs])
    with noted_by(trial):
        outputs = function(*args, **kwargs)
    if outer is None:
        for variable, make in unmade.items():
            variable.write(first_value(variable.name, make, variable.shape, variable.dtype))
    return map_structure(
        lambda x: KerasTensor(x.shape, str(x.dtype)) if isinstance(x, TraceTensor) else x, outputs
    )


def node_of(tensor: KerasTensor) -> Node:
    """Return the call that made a tensor."""
    operation, node_index, _ = tensor._keras_history
    node: Node = operation._inbound_nodes[node_index]
    return node


def is_symbolic(structure: Any) -> bool:
    """Tell whether there is a KerasTensor in a tensor, list, tuple or dict.

    >>> is_symbolic([KerasTensor((None, 2)), 3]), is_symbolic({"a": 3})
    (True, False)
    """
    return any(isinstance(leaf, KerasTensor) for leaf in flatten(structure))
