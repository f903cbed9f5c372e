"""What a drawn model is: plain data, nothing of either library.

Shapes here are without the batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

Shape: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Made:
    """An object to be made: `layers.Dense` with its arguments, or a bare `activations.relu`.

    A path without a dot, `Product`, is a class of the script's own.
    """

    path: str
    arguments: tuple[tuple[str, Any], ...] = ()
    called: bool = True

    @property
    def kind(self) -> str:
        return self.path.rsplit(".", maxsplit=1)[-1]

    def get(self, argument: str, default: Any = None) -> Any:
        """Return an argument, if it was drawn."""
        return dict(self.arguments).get(argument, default)


@dataclass(frozen=True)
class Stack:
    """A Sequential. `begin` is its Input or InputLayer; None for a deferred one."""

    begin: Made | None
    layers: tuple["Part", ...]
    input_shape: Shape
    output_shape: Shape
    adds: bool = False
    """Whether the layers are added one by one."""
    arguments: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Call:
    """A layer of a graph, by its number, called on tensors, by theirs."""

    layer: int
    tensors: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """A functional model. The tensors are numbered: first the inputs, then one for each call."""

    inputs: tuple[Made, ...]
    layers: tuple["Part", ...]
    calls: tuple[Call, ...]
    used_inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    shapes: tuple[Shape, ...]
    """The shape of each tensor."""
    arguments: tuple[tuple[str, Any], ...] = ()


Model: TypeAlias = Stack | Graph
Part: TypeAlias = Made | Stack | Graph


@dataclass(frozen=True)
class Recipe:
    """A model, its data, and what is done with it."""

    seed: int
    floatx: str
    model: Model
    built_by: str
    """What builds a deferred model: "build" or "call"; "" for one that is built."""
    given_weights: bool
    """Whether the weights are set, or are those that the seed gives."""
    rows: int
    data: str
    """The dtype of x."""
    target: Made | None
    """How y is made, see `script`; None where there are several outputs."""
    loss: Any
    optimizer: Any
    metrics: tuple[Any, ...]
    fit: tuple[tuple[str, Any], ...]
    eager: bool
    """Whether Keras runs step by step, which is quicker than to trace a function for few steps."""
    measured_in: int
    """The batch size of evaluate and predict."""
    summary: tuple[tuple[str, Any], ...]

    @property
    def input_shapes(self) -> tuple[Shape, ...]:
        if isinstance(self.model, Stack):
            return (self.model.input_shape,)
        return tuple(self.model.shapes[tensor] for tensor in self.model.used_inputs)

    @property
    def output_shapes(self) -> tuple[Shape, ...]:
        if isinstance(self.model, Stack):
            return (self.model.output_shape,)
        return tuple(self.model.shapes[tensor] for tensor in self.model.outputs)

    @property
    def layers(self) -> list[Made]:
        """All layers but the inputs, those of models inside too."""
        return list(_layers(self.model))

    @property
    def models(self) -> list[Model]:
        """The model and the models inside."""
        return list(_models(self.model))

    @property
    def is_double(self) -> bool:
        """Whether all is computed in float64, the loss too."""
        return self.floatx == "float64" and self._dtypes <= {"float64"}

    @property
    def _dtypes(self) -> set[str]:
        return {layer.get("dtype") or self.floatx for layer in [*self.layers, *self.begins]}

    @property
    def begins(self) -> list[Made]:
        begins: list[Made | None] = []
        for model in self.models:
            begins += [model.begin] if isinstance(model, Stack) else model.inputs
        return [begin for begin in begins if begin is not None]


def _layers(part: Part) -> Iterator[Made]:
    if isinstance(part, Made):
        yield part
        return
    for layer in part.layers:
        yield from _layers(layer)


def _models(part: Part) -> Iterator[Model]:
    if isinstance(part, Made):
        return
    yield part
    for layer in part.layers:
        yield from _models(layer)
