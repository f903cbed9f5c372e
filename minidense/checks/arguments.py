"""Guards for single arguments: numbers, names, choices, dtypes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minidense.checks.message import brief, keys_of


def known_name(kind: str, identifier: Any, known: bool, names: Sequence[str]) -> None:
    """An activation, initializer, loss, metric or optimizer must be one that exists."""
    if not known:
        written = isinstance(identifier, Mapping) and "class_name" in identifier
        name = identifier["class_name"] if written else identifier
        raise ValueError(
            f"Could not interpret {kind} identifier: {brief(name)}. "
            f"Known names: {', '.join(names)}."[:380]
        )


def boolean(argument: str, value: Any) -> None:
    """True or False, and nothing that only looks like it."""
    if not isinstance(value, bool):
        raise ValueError(
            f"Expected `{argument}` to be a boolean. Received: {argument}={brief(value)} "
            f"of type {type(value).__name__}."
        )


def truth(argument: str, value: Any) -> bool:
    """True or False, or what counts as one of them: 1 and 0, NumPy's bools."""
    if not isinstance(value, (bool, int, np.bool_)) or value not in (0, 1):
        raise ValueError(
            f"`{argument}` must be True or False. Received: {argument}={brief(value)} "
            f"of type {type(value).__name__}."
        )
    return bool(value)


def positive_int(argument: str, value: Any) -> None:
    """A whole number from 1 up; a bool or a NumPy integer is none, as for Keras's `units`."""
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(
            f"Received an invalid value for `{argument}`, expected a positive integer. "
            f"Received: {argument}={brief(value)}."
        )


def at_least(argument: str, value: Any, smallest: int) -> int:
    """A whole number that is not too small, NumPy's integers included."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(
            f"`{argument}` must be an integer >= {smallest}. Received: {argument}={brief(value)} "
            f"of type {type(value).__name__}."
        )
    if value < smallest:
        raise ValueError(
            f"`{argument}` must be an integer >= {smallest}. Received: {argument}={value}."
        )
    return int(value)


def one_of(argument: str, value: Any, allowed: Sequence[Any]) -> None:
    """One of a few values; True is not taken for 1."""
    if not any(
        value is choice or (type(value) is type(choice) and value == choice) for choice in allowed
    ):
        raise ValueError(
            f"`{argument}` must be one of {list(allowed)}. Received: {argument}={brief(value)}."
        )


def rate(value: Any) -> None:
    """The share that Dropout drops: a number in [0, 1]."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise TypeError(
            f"`rate` must be a number between 0 and 1. Received: rate={brief(value)} "
            f"of type {type(value).__name__}."
        )
    if not 0 <= value <= 1:
        raise ValueError(
            "Invalid value received for argument `rate`. Expected a number between 0 and 1. "
            f"Received: rate={brief(value)}."
        )


def number_in(
    argument: str, value: Any, low: float, high: float, *, high_included: bool = True
) -> None:
    """A finite number within bounds; NaN is within none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise TypeError(
            f"`{argument}` must be a number. Received: {argument}={brief(value)} "
            f"of type {type(value).__name__}."
        )
    inside = low <= value <= high if high_included else low <= value < high
    if not inside:
        bracket = "]" if high_included else ")"
        raise ValueError(
            f"`{argument}` must lie in [{low:g}, {high:g}{bracket}. Received: {argument}={value}."
        )


def not_negative(class_name: str, argument: str, value: Any, *, none_allowed: bool) -> None:
    """A number of an activation's shape, such as ReLU's threshold."""
    if value is None and none_allowed:
        return
    if value is not None and not isinstance(value, (int, float, np.number)):
        raise TypeError(
            f"{argument} of a {class_name} layer must be a number. "
            f"Received: {argument}={brief(value)} of type {type(value).__name__}."
        )
    if value is None or not value >= 0:
        kind = "a negative value or NaN" if none_allowed else "None, a negative value or NaN"
        raise ValueError(
            f"{argument} of a {class_name} layer cannot be {kind}. "
            f"Received: {argument}={brief(value)}."
        )


def numeric(argument: str, value: Any) -> None:
    """Something that NumPy reads as real numbers, NaN not among them."""
    try:
        array = np.asarray(value)
    except ValueError:  # rows of unequal lengths
        array = np.array(None)
    if array.dtype.kind not in "fiub" or np.isnan(array).any():
        raise ValueError(
            f"`{argument}` must be a number or an array of numbers. "
            f"Received: {argument}={brief(value)}."
        )


def seed_or_generator(seed: Any, generator_class: type) -> None:
    """What a random initializer takes as its seed."""
    is_number = isinstance(seed, int) and not isinstance(seed, bool)
    is_generator = isinstance(seed, generator_class) and not isinstance(seed, bool)
    if not (seed is None or is_number or is_generator):
        raise ValueError(
            "`seed` must be an integer or a `random.SeedGenerator`. "
            f"Received: seed={brief(seed)} of type {type(seed).__name__}."
        )
    if is_number and not -(2**63) <= seed < 2**63:
        raise ValueError(f"`seed` must fit in 64 bits with a sign. Received: seed={seed}.")


def noise_shape(value: Any) -> tuple[int | None, ...] | None:
    """Dropout's `noise_shape`: positive integers or None, or no shape at all."""
    if value is None:
        return None
    wish = "Expected a tuple of positive integers or None"
    single = isinstance(value, np.ndarray) and not value.ndim
    if single or isinstance(value, str) or not hasattr(value, "__iter__"):
        raise ValueError(
            f"Invalid value received for argument `noise_shape`. {wish}. "
            f"Received: noise_shape={brief(value)}."
        )
    dims = tuple(value)
    for index, dim in enumerate(dims):
        if dim is not None and (not isinstance(dim, int) or dim <= 0):
            raise ValueError(
                f"Invalid value received for argument `noise_shape`. {wish}. "
                f"Received {brief(dim)} at index {index} of noise_shape={brief(dims)}."
            )
    return dims


def only_none(class_name: str, **arguments: Any) -> None:
    """Arguments of Keras that minidense keeps a place for, but does not compute."""
    for name, value in arguments.items():
        if value is not None and value is not False:
            raise NotImplementedError(
                f"{class_name}: `{name}` is not supported by minidense, only {name}=None. "
                f"Received: {name}={brief(value)}."
            )


def known_arguments(class_name: str, kwargs: Mapping[str, Any], allowed: Sequence[str]) -> None:
    """No keyword that the class does not have."""
    unknown = {name: value for name, value in kwargs.items() if name not in allowed}
    if unknown:
        raise ValueError(
            f"Unrecognized keyword arguments passed to {class_name}: {brief(unknown, 200)}"
        )


def string_name(name: Any) -> None:
    """A loss or a metric may have any string for a name."""
    if name is not None and not isinstance(name, str):
        raise ValueError(
            f"`name` must be a string. Received: name={brief(name)} of type {type(name).__name__}."
        )


def name_in_path(name: Any) -> None:
    """A string without a slash, since slashes separate the parts of a path."""
    if name is not None and (not isinstance(name, str) or "/" in name):
        raise ValueError(
            f"`name` must be a string without '/'. Received: name={brief(name)} "
            f"of type {type(name).__name__}."
        )


def float_dtype(dtype: Any, default: str) -> str:
    """The name of the dtype that a layer, loss or metric computes in."""
    if dtype is None:
        return default
    if isinstance(dtype, Mapping):  # as in a configuration
        dtype = dtype.get("config", {}).get("name")
    name = dtype if isinstance(dtype, str) else getattr(dtype, "name", dtype)
    if name not in ("float32", "float64"):
        raise ValueError(
            "Cannot interpret `dtype`: expected 'float32' or 'float64'. "
            f"Received: dtype={brief(dtype)}."
        )
    return str(name)


_INPUT_DTYPES = (
    "float16",
    "float32",
    "float64",
    "bool",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "int8",
    "int16",
    "int32",
    "int64",
)


def input_dtype(dtype: Any, default: str) -> str:
    """The name of the dtype of a model's input: any type of real numbers."""
    if dtype is None:
        return default
    name = getattr(dtype, "name", dtype if isinstance(dtype, str) else None)
    name = getattr(dtype, "__name__", name) if isinstance(dtype, type) else name
    if name not in _INPUT_DTYPES:
        raise ValueError(f"Invalid dtype: {brief(dtype)}. Expected one of {_INPUT_DTYPES}.")
    return str(name)


def last_axis(class_name: str, axis: Any) -> None:
    """Only the last axis holds the classes."""
    if isinstance(axis, np.ndarray) or axis != -1 or isinstance(axis, bool):
        raise ValueError(f"{class_name}: only axis=-1 is supported. Received: axis={brief(axis)}.")


def learning_rate(value: Any) -> None:
    """A float, 0 or more; an int is refused, as by Keras."""
    if not isinstance(value, float):
        raise ValueError(
            "Argument `learning_rate` should be a float. "
            f"Received: learning_rate={brief(value)} of type {type(value).__name__}."
        )
    if not 0 <= value < float("inf"):
        raise ValueError(
            f"`learning_rate` must be a finite number >= 0. Received: learning_rate={value}."
        )


def momentum(value: Any) -> None:
    """SGD's momentum: a float from 0 to 1; an int is refused, as by Keras."""
    if not isinstance(value, float) or not 0 <= value <= 1:
        raise ValueError(
            "`momentum` must be a float between [0, 1]. "
            f"Received: momentum={brief(value)} of type {type(value).__name__}."
        )


def known_variable(optimizer: str, variable: str, known: bool) -> None:
    """An optimizer's state belongs to the weights that it was built for."""
    if not known:
        raise ValueError(
            f"Unknown variable: {variable}. The optimizer '{optimizer}' was built for other "
            "weights; make a new one."
        )


def built_optimizer(optimizer: str, built: bool) -> None:
    """An optimizer knows for which weights gradients are only once it was built for them."""
    if not built:
        raise ValueError(
            f"Optimizer '{optimizer}' was not built for any weights. Expected "
            "`apply(grads, trainable_variables)`, or `build(trainable_variables)` before it. "
            "Received: trainable_variables=None."
        )


def no_function(owner: str, **arguments: Any) -> None:
    """Functions of Keras that minidense keeps a place for, but does not call."""
    for name, value in arguments.items():
        if value is not None and not callable(value):
            raise ValueError(
                f"{owner}: `{name}` must be None, or in Keras a function. "
                f"Received: {name}={brief(value)} of type {type(value).__name__}."
            )
        only_none(owner, **{name: value})


def class_name_given(kind: str, identifier: Mapping[str, Any]) -> None:
    """A dict that stands for a loss or a metric says of which class."""
    if "class_name" not in identifier:
        raise ValueError(
            f"Could not interpret {kind} identifier: a dict must have the key 'class_name', and "
            f"'config' for the arguments. Received: {keys_of(identifier)}."
        )


def module_not_none(class_name: str, identifier: Mapping[str, Any]) -> None:
    """A dict may say of which module the class is, but not that it is of none."""
    if identifier.get("module", "") is None:
        raise TypeError(
            f"The 'module' of {brief(class_name)} must be a string, or be left out. "
            "Received: module=None."
        )


def class_config(class_name: str, config: Any) -> dict[str, Any]:
    """The arguments of a class in a dict; None is no arguments."""
    if config is not None and not isinstance(config, dict):
        raise TypeError(
            f"The 'config' of {brief(class_name)} must be a dict of its arguments. "
            f"Received: config={brief(config)} of type {type(config).__name__}."
        )
    return config or {}
