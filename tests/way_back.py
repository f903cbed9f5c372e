"""The way back through a layer or a function of minidense's, as `tests/vjp.py` goes it in Keras."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minidense.engine.gradients import gradients_of
from minidense.engine.tape import Tape
from minidense.tensors import tensor_of
from tests.vjp import WayBack


def way_back(
    function: Callable[..., Any],
    inputs: Sequence[Any],
    grad: Any = None,
    variables: Sequence[Any] = (),
) -> WayBack:
    """Call `function(*inputs)` under a tape, and go back from its output with the gradient `grad`.

    What the outputs do not depend on has None for its gradient.
    """
    tensors = [tensor_of(np.array(each)) for each in inputs]
    with Tape() as tape:
        outputs = function(*tensors)
    sources = [[each] for each in tensors] + [tape.reads.get(each, []) for each in variables]
    given = None if grad is None else tensor_of(np.array(grad))
    grads = gradients_of(outputs, sources, tape.calls, given)
    return WayBack(outputs, grads[: len(tensors)], grads[len(tensors) :])
