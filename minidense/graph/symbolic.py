"""Symbolic tensors, and the record of the calls that made them.

A `KerasTensor` stands for an array that is not there yet: a shape, a dtype, and where it comes
from. Calling a layer on one computes nothing; it leaves a `Node`, one per *call* and not per layer,
so a shared layer has several. Answers to `keras.KerasTensor` and `keras/src/ops/node.py`.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from minidense import checks
from minidense.graph.nest import flatten
from minidense.names import auto_name
from minidense.typing import Shape


class History(NamedTuple):
    """Where a tensor comes from: which layer, which of its calls, which output of that call."""

    operation: Any
    node_index: int
    tensor_index: int


class KerasTensor:
    """A placeholder with a shape and a dtype, and no values.

    Args:
        shape: dimensions, None where not known; the batch is first.
        dtype: by name.
        name: None means an automatic one, `keras_tensor`.

    >>> KerasTensor((None, 784), name="pixels")
    <KerasTensor shape=(None, 784), dtype=float32, sparse=False, ragged=False, name=pixels>
    """

    _keras_history: History

    def __init__(self, shape: Any, dtype: str = "float32", name: str | None = None) -> None:
        self.shape: Shape = checks.shape_tuple(shape)
        self.dtype = dtype
        self.name = name or auto_name("KerasTensor")

    @property
    def ndim(self) -> int:
        """The number of dimensions, the batch among them."""
        return len(self.shape)

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
    """One call of a layer on symbolic tensors.

    Making a Node writes it down in three places: among the layer's calls, among the uses of each
    layer that made an input, and as the history of each output.

    Args:
        operation: the layer that was called.
        arguments: its first argument: a tensor, or a list, tuple or dict of tensors; None for the
            birth of an input.
        outputs: what the call gave, in the same forms.
        training: the `training` that was passed to this very call, or None.
        only_passed: whether Keras records only the keywords that were passed, and no default and
            no empty mask: where an input was of another dtype than the layer wanted just then.
        told: whether `training` holds whatever the run is told: so in a `call` of one's own, where
            a functional model tells its layers what it is told itself.
    """

    def __init__(
        self,
        operation: Any,
        arguments: Any,
        outputs: Any,
        training: bool | None = None,
        only_passed: bool = False,
        told: bool = False,
    ) -> None:
        self.operation = operation
        self.arguments = arguments
        self.outputs = outputs
        self.training = training
        self.only_passed = only_passed
        self.told = told
        self.input_tensors: list[KerasTensor] = [] if arguments is None else flatten(arguments)
        self.output_tensors: list[KerasTensor] = flatten(outputs)
        operation._inbound_nodes.append(self)
        for tensor in self.input_tensors:
            tensor._keras_history.operation._outbound_nodes.append(self)
        for index, tensor in enumerate(self.output_tensors):
            tensor._keras_history = History(operation, len(operation._inbound_nodes) - 1, index)

    def withdraw(self) -> None:
        """Take the Node back from the layers that remember the call; the outputs keep theirs."""
        self.operation._inbound_nodes.remove(self)
        for tensor in self.input_tensors:
            tensor._keras_history.operation._outbound_nodes.remove(self)

    @property
    def is_input(self) -> bool:
        """Whether this is the birth of an input rather than a call."""
        return not self.input_tensors

    @property
    def parent_nodes(self) -> list["Node"]:
        """The calls that made the inputs, one for each input."""
        return [node_of(tensor) for tensor in self.input_tensors]


def node_of(tensor: KerasTensor) -> Node:
    """Return the call that made a tensor."""
    operation, node_index, _ = tensor._keras_history
    node: Node = operation._inbound_nodes[node_index]
    return node


def passes_mask(outputs: Any) -> None:
    """Let the call that made these outputs be recorded in full.

    Where Keras makes a recorded call again, from a configuration or for a clone, it passes all that
    was recorded, a mask of None too.
    """
    for tensor in flatten(outputs):
        if isinstance(tensor, KerasTensor):
            node_of(tensor).only_passed = False


def is_symbolic(structure: Any) -> bool:
    """Tell whether there is a KerasTensor in a tensor, list, tuple or dict.

    >>> is_symbolic([KerasTensor((None, 2)), 3]), is_symbolic({"a": 3})
    (True, False)
    """
    if isinstance(structure, KerasTensor):
        return True
    if isinstance(structure, (list, tuple, dict)):
        return any(isinstance(leaf, KerasTensor) for leaf in flatten(structure))
    return False


__all__ = ["History", "KerasTensor", "Node", "is_symbolic", "node_of", "passes_mask"]
