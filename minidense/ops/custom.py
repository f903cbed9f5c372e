"""Functions with a gradient of the user's own."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from minidense import checks
from minidense.engine.operation import operation
from minidense.engine.tape import Tape
from minidense.nest import flatten, map_structure, pack_like
from minidense.ops.shapes import convert_to_tensor, zeros_like
from minidense.variables import Variable


@operation
def with_gradient(*xs: Any, count: int, go_back: Any) -> Any:
    """Return all but the first inputs, as they are; what they depend on is the first ones.

    >>> import numpy as np
    >>> with_gradient(np.float32([1]), np.float32([2]), count=1, go_back=None)
    (array([2.], dtype=float32),)
    """
    return xs[count:]


@with_gradient.gradient
def _(grads: Any, xs: Any, ys: Any, count: int, go_back: Any) -> Any:
    given = [zeros_like(y) if grad is None else grad for grad, y in zip(grads, ys, strict=True)]
    return (*go_back(*given), *[None] * (len(xs) - count))


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function a gradient of its own; a decorator.

    Args:
        f: returns its outputs, which may be nested, and a function that takes the gradient of each
            output, and returns one, or None, for each input. Of a function that reads variables,
            it also takes `variables`, and returns a pair: the gradients of the inputs, and a list
            of those of the variables.

    Mirrors `keras.ops.custom_gradient`, `tf.custom_gradient`.

    >>> from minidense import ops
    >>> from minidense.autodiff import GradientTape
    >>> @custom_gradient
    ... def clipped_on_the_way_back(x):
    ...     return x * x, lambda upstream: ops.clip(upstream * 2.0 * x, -1.0, 1.0)
    >>> x = convert_to_tensor([0.25, 3.0])
    >>> with GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = clipped_on_the_way_back(x)
    >>> y, tape.gradient(y, x)
    (array([0.0625, 9.    ], dtype=float32), array([0.5, 1. ], dtype=float32))
    """

    @wraps(f)
    def function(*args: Any, **kwargs: Any) -> Any:
        args = tuple(map_structure(_as_tensor, list(args)))
        with Tape() as tape:
            outputs, gradient = f(*args, **kwargs)
        variables = [variable for variable in tape.reads if variable.is_watched]
        parameters = inspect.signature(gradient).parameters.values()
        accepts = any(p.name == "variables" or p.kind is p.VAR_KEYWORD for p in parameters)
        checks.takes_variables(accepts, [variable.path for variable in variables])
        inputs = flatten(list(args))

        def go_back(*grads: Any) -> list[Any]:
            found = gradient(*grads, variables=variables) if variables else gradient(*grads)
            of_inputs, of_variables = found if variables else (found, [])
            listed = list(of_inputs) if isinstance(of_inputs, (list, tuple)) else [of_inputs]
            checks.custom_gradients(len(listed), len(inputs))
            checks.custom_gradients(len(of_variables), len(variables))
            both = [*listed, *of_variables]
            return [None if grad is None else convert_to_tensor(grad) for grad in both]

        tensors = map_structure(convert_to_tensor, outputs)
        taken = [*inputs, *variables]
        made = with_gradient(*taken, *flatten(tensors), count=len(taken), go_back=go_back)
        return pack_like(tensors, list(made))

    return function


def _as_tensor(value: Any) -> Any:
    return value if isinstance(value, Variable) else convert_to_tensor(value)
