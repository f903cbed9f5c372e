"""The way back: from the last operation that was noted to the first, made of operations itself.

Mirrors `tf.GradientTape.gradient`.
"""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from minidense.engine.operation import Call
from minidense.nest import flatten
from minidense.paths import at_path
from minidense.tensors import OPERATIONS


def gradients_of(
    target: Any, sources: Sequence[Sequence[Any]], calls: Sequence[Call], grad: Any = None
) -> list[Any]:
    """Return how a target changes with each source, None where it does not depend on it.

    Args:
        target: a tensor, or several; the gradient is that of the sum of all their numbers.
        sources: for each the tensors that it was read as.
        calls: what was noted, in its order.
        grad: the gradient of each target; None is 1 for each number.
    """
    depends = {id(tensor) for tensors in sources for tensor in tensors}
    way = []
    for call in calls:
        if call.operation.go_back is not None and any(id(x) in depends for x in call.inputs):
            depends.update(map(id, call.outputs))
            way.append(call)
    pending: dict[int, Any] = {}
    for each, given in zip_longest(flatten(target), [] if grad is None else flatten(grad)):
        # by name, since ops/ are written in terms of the engine, and not the other way round
        start = OPERATIONS["ones_like"](each) if given is None else given
        pending[id(each)] = _total([pending.get(id(each)), start])
    for call in reversed(way):
        grads = [pending.get(id(output)) for output in call.outputs]
        if all(each is None for each in grads):
            continue
        with at_path(call.layer):
            x_grads = _back(call, grads)
        for x, x_grad in zip(call.inputs, x_grads, strict=True):
            if x_grad is not None and id(x) in depends:
                pending[id(x)] = _total([pending.get(id(x)), x_grad])
    return [_total([pending.get(id(tensor)) for tensor in tensors]) for tensors in sources]


def _back(call: Call, grads: list[Any]) -> Sequence[Any]:
    """Return the gradient of each input of a call, from those of its outputs."""
    operation = call.operation
    known = {
        **dict(zip(operation.inputs, call.inputs, strict=False)),
        **operation.defaults,
        **call.settings,
        **{"xs": call.inputs, "y": call.outputs[0], "ys": call.outputs},
        **{"grad": grads[0], "grads": grads},
    }
    found = operation.go_back(*[known[name] for name in operation.asked_for])
    return found if isinstance(found, tuple) else (found,)


def _total(grads: list[Any]) -> Any:
    found = [grad for grad in grads if grad is not None]
    total = found[0] if found else None
    for grad in found[1:]:
        total = OPERATIONS["plus"](total, grad)
    return total
