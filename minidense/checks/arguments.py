"""Guards for single arguments: numbers, names, choices, dtypes."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from minidense.checks.message import brief, unfit


def known_name(kind: str, identifier: Any, known: bool, names: Sequence[str]) -> None:
    """An activation, initializer, loss, metric or optimizer must be one that exists."""
    if not known:
        written = isinstance(identifier, Mapping) and "class_name" in identifier
        name = brief(identifier["class_name"] if written else identifier)
        text = f"Could not interpret {kind} identifier: {name}. Known names: {', '.join(names)}."
        raise ValueError(text[:380])


def boolean(argument: str, value: Any) -> None:
    """True or False, and nothing that only looks like it."""
    if not isinstance(value, bool):
        raise unfit(argument, value, "a boolean")


def truth(argument: str, value: Any) -> bool:
    """True or False, or what counts as one of them: 1 and 0, NumPy's bools."""
    if not isinstance(value, (bool, int, np.bool_)) or value not in (0, 1):
        raise unfit(argument, value, "True or False")
    return bool(value)


def positive_int(argument: str, value: Any) -> None:
    """A whole number from 1 up; a bool or a NumPy integer is none, as for Keras's `units`."""
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise unfit(argument, value, "a positive integer")


def at_least(argument: str, value: Any, smallest: int) -> int:
    """A whole number that is not too small, NumPy's integers included."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise unfit(argument, value, f"an integer >= {smallest}", TypeError)
    if value < smallest:
        raise unfit(argument, value, f"an integer >= {smallest}")
    return int(value)


def one_of(argument: str, value: Any, allowed: Sequence[Any]) -> None:
    """One of a few values; True is not taken for 1."""
    alike = (type(value) is type(choice) and value == choice for choice in allowed)
    if not any(alike):
        raise unfit(argument, value, f"one of {list(allowed)}")


def number_in(
    argument: str, value: Any, low: float, high: float, *, high_included: bool = True
) -> None:
    """A finite number within bounds; NaN is within none."""
    wish = f"a number in [{low:g}, {high:g}{']' if high_included else ')'}"
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise unfit(argument, value, wish, TypeError)
    if not low <= value <= high or (value == high and not high_included):
        raise unfit(argument, value, wish)


def not_negative(class_name: str, argument: str, value: Any, *, none_allowed: bool) -> None:
    """A number of an activation's shape, such as ReLU's threshold."""
    wish = f"{'None or ' if none_allowed else ''}a number >= 0 in a {class_name} layer"
    if value is None and none_allowed:
        return
    if value is not None and not isinstance(value, (int, float, np.number)):
        raise unfit(argument, value, wish, TypeError)
    if value is None or not value >= 0:
        raise unfit(argument, value, wish)


def seed_or_generator(seed: Any, generator_class: type) -> None:
    """What a random initializer takes as its seed."""
    if seed is not None and (
        isinstance(seed, bool) or not isinstance(seed, (int, generator_class))
    ):
        raise unfit("seed", seed, "an integer or a `random.SeedGenerator`")
    if isinstance(seed, int) and not -(2**63) <= seed < 2**63:
        raise ValueError(f"`seed` must fit in 64 bits with a sign. Received: seed={seed}.")


def noise_shape(value: Any) -> tuple[int | None, ...] | None:
    """Dropout's `noise_shape`: positive integers or None, or no shape at all."""
    if value is None:
        return None
    wish = "a tuple of positive integers or None"
    single = isinstance(value, np.ndarray) and not value.ndim
    if single or isinstance(value, str) or not hasattr(value, "__iter__"):
        raise unfit("noise_shape", value, wish)
    dims = tuple(value)
    for index, dim in enumerate(dims):
        if dim is not None and (not isinstance(dim, int) or dim <= 0):
            raise unfit("noise_shape", dims, f"{wish}, and not {brief(dim)} at index {index}")
    return dims


def only_none(class_name: str, **arguments: Any) -> None:
    """Arguments of Keras that minidense keeps a place for, but does not compute."""
    for name, value in arguments.items():
        if value is not None and value is not False:
            wish = f"{class_name}: `{name}` is not supported by minidense, only {name}=None"
            raise NotImplementedError(f"{wish}. Received: {name}={brief(value)}.")


def known_arguments(class_name: str, kwargs: Mapping[str, Any], allowed: Sequence[str]) -> None:
    """No keyword that the class does not have."""
    unknown = {name: value for name, value in kwargs.items() if name not in allowed}
    if unknown:
        received = brief(unknown, 200)
        raise ValueError(f"Unrecognized keyword arguments passed to {class_name}: {received}")


def string_name(name: Any) -> None:
    """A loss or a metric may have any string for a name."""
    if name is not None and not isinstance(name, str):
        raise unfit("name", name, "a string")


def name_in_path(name: Any) -> None:
    """A string without a slash, since slashes separate the parts of a path."""
    if name is not None and (not isinstance(name, str) or "/" in name):
        raise unfit("name", name, "a string without '/'")


def float_dtype(dtype: Any, default: str) -> str:
    """The name of the dtype that a layer, loss or metric computes in."""
    if dtype is None:
        return default
    if isinstance(dtype, Mapping):  # as in a configuration
        dtype = dtype.get("config", {}).get("name")
    name = dtype if isinstance(dtype, str) else getattr(dtype, "name", dtype)
    if name not in ("float32", "float64"):
        raise unfit("dtype", dtype, "'float32' or 'float64'")
    return str(name)


_INPUT_DTYPES = ["float16", "float32", "float64", "bool", "uint8", "uint16", "uint32", "uint64"]
_INPUT_DTYPES += ["int8", "int16", "int32", "int64"]


def input_dtype(dtype: Any, default: str) -> str:
    """The name of the dtype of a model's input: any type of real numbers."""
    if dtype is None:
        return default
    name = getattr(dtype, "name", dtype if isinstance(dtype, str) else None)
    name = getattr(dtype, "__name__", name) if isinstance(dtype, type) else name
    if name not in _INPUT_DTYPES:
        raise unfit("dtype", dtype, f"one of {_INPUT_DTYPES}")
    return str(name)


def last_axis(class_name: str, axis: Any, rank: int = 0) -> None:
    """Only the last axis holds the classes."""
    if isinstance(axis, (np.ndarray, bool)) or axis not in (-1, rank - 1):
        raise ValueError(f"{class_name}: only axis=-1 is supported. Received: axis={brief(axis)}.")


def learning_rate(value: Any) -> None:
    """A float, 0 or more; an int is refused, as by Keras."""
    if not isinstance(value, float) or not 0 <= value < float("inf"):
        raise unfit("learning_rate", value, "a finite float >= 0")


def momentum(value: Any) -> None:
    """SGD's momentum: a float from 0 to 1; an int is refused, as by Keras."""
    if not isinstance(value, float) or not 0 <= value <= 1:
        raise unfit("momentum", value, "a float in [0, 1]")


def known_variable(optimizer: str, variable: str, known: bool) -> None:
    """An optimizer's state belongs to the weights that it was built for."""
    if not known:
        built_for = f"The optimizer '{optimizer}' was built for other weights"
        raise ValueError(f"Unknown variable: {variable}. {built_for}; make a new one.")


def built_optimizer(optimizer: str, built: bool) -> None:
    """An optimizer knows for which weights gradients are only once it was built for them."""
    if not built:
        wish = f"Optimizer '{optimizer}' was not built: use `apply(grads, trainable_variables)`"
        raise ValueError(f"{wish}. Received: trainable_variables=None.")


def no_function(owner: str, **arguments: Any) -> None:
    """Functions of Keras that minidense keeps a place for, but does not call."""
    for name, value in arguments.items():
        if value is not None and not callable(value):
            raise unfit(name, value, f"None for {owner}, or in Keras a function")
    only_none(owner, **arguments)


def class_name_given(kind: str, identifier: Mapping[str, Any]) -> None:
    """A dict that stands for a loss or a metric says of which class."""
    if "class_name" not in identifier:
        wish = "a dict must have the key 'class_name', and 'config' for the arguments"
        received = brief(identifier)
        raise ValueError(f"Could not interpret {kind} identifier: {wish}. Received: {received}.")


def module_not_none(class_name: str, identifier: Mapping[str, Any]) -> None:
    """A dict may say of which module the class is, but not that it is of none."""
    if identifier.get("module", "") is None:
        wish = f"a string in the dict of {brief(class_name)}, or be left out"
        raise unfit("module", None, wish, TypeError)


def class_config(class_name: str, config: Any) -> dict[str, Any]:
    """The arguments of a class in a dict; None is no arguments."""
    if config is not None and not isinstance(config, dict):
        raise unfit("config", config, f"a dict of the arguments of {brief(class_name)}", TypeError)
    return config or {}


def bound_call(
    owner: str, signature: inspect.Signature, args: Any, kwargs: Mapping[str, Any]
) -> inspect.BoundArguments:
    """A layer, a method or an operation is called with the arguments that it has."""
    try:
        return signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"The call of '{owner}': {error}.") from None


def fits_signature(
    name: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """An operation is called with its own arguments; its settings may come in their places."""
    parameters = inspect.signature(function).parameters.values()
    open_ones = [p.replace(kind=p.POSITIONAL_OR_KEYWORD) for p in parameters]
    bound_call(f"ops.{name}", inspect.Signature(open_ones), args, kwargs)
