"""Which layers a model calls, in which order, and what each takes and gives."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NamedTuple

from minidense.parity.arrays import leaves
from minidense.typing import Array


class Call(NamedTuple):
    """One call of one layer; a layer that is shared has several."""

    layer: Any
    inputs: list[Array]
    """What went in, each (batch, ...)."""
    outputs: list[Array]
    """What came out, each (batch, ...)."""

    @property
    def name(self) -> str:
        """The layer's name."""
        return str(getattr(self.layer, "name", type(self.layer).__name__))

    @property
    def kind(self) -> str:
        """The name of the layer's class: "Dense"."""
        return type(self.layer).__name__


def inner_layers(model: Any) -> list[Any]:
    """Return the layers that compute, each once; those of a model inside stand for that model."""
    found: dict[int, Any] = {}
    for layer in getattr(model, "layers", []):
        inside = inner_layers(layer) if getattr(layer, "layers", []) else [layer]
        found.update((id(each), each) for each in inside)
    return [layer for layer in found.values() if type(layer).__name__ != "InputLayer"]


@contextmanager
def followed(model: Any) -> Iterator[list[Call]]:
    """Write down the calls of a model's layers in the block, through the `call` that each has.

    What was written down begins anew whenever the model's own `call` begins: it may be tried on
    zeros first. All have their classes' own `call` again after the block.
    """
    calls: list[Call] = []
    layers = inner_layers(model)
    own = [vars(layer).get("call") for layer in [model, *layers]]
    vars(model)["call"] = _beginning(model.call, calls)
    for layer in layers:
        vars(layer)["call"] = _noting(layer, layer.call, calls)
    try:
        yield calls
    finally:
        for layer, call in zip([model, *layers], own, strict=True):
            if call is None:
                del vars(layer)["call"]
            else:
                vars(layer)["call"] = call


def _beginning(call: Callable[..., Any], calls: list[Call]) -> Callable[..., Any]:
    @wraps(call)
    def begun(*args: Any, **kwargs: Any) -> Any:
        calls.clear()
        return call(*args, **kwargs)

    return begun


def _noting(layer: Any, call: Callable[..., Any], calls: list[Call]) -> Callable[..., Any]:
    @wraps(call)
    def noted(*args: Any, **kwargs: Any) -> Any:
        outputs = call(*args, **kwargs)
        inputs = args[0] if args else next(iter(kwargs.values()), None)
        calls.append(Call(layer, leaves(inputs), leaves(outputs)))
        return outputs

    return noted
