"""Two global numbers that Keras scripts read and set: the default float type and epsilon.

Mirrors `keras.config` (`keras/src/backend/config.py`).
"""

from minidense import checks

_FLOAT_TYPES = ("float32", "float64")
_settings: dict[str, str | float] = {"floatx": "float32", "epsilon": 1e-7}


def floatx() -> str:
    """Return the name of the default float type, "float32" unless `set_floatx` changed it.

    >>> floatx()
    'float32'
    """
    return str(_settings["floatx"])


def set_floatx(value: str) -> None:
    """Set the default float type of layers, losses and metrics made from now on.

    Args:
        value: "float32" or "float64". Keras also takes "float16" and "bfloat16"; minidense
            computes in the two types that NumPy computes in.

    Raises:
        ValueError: for any other name; nothing is changed then.

    >>> set_floatx("float64"); floatx()
    'float64'
    >>> set_floatx("float32")
    """
    if not isinstance(value, str) or value not in _FLOAT_TYPES:
        raise checks.unfit("floatx", value, f"one of {_FLOAT_TYPES}")
    _settings["floatx"] = value


def dtype_policy() -> str:
    """Return the dtype of layers that are given none: what `floatx` was for the first of them.

    As in Keras, `set_floatx` after it changes inputs, losses, metrics and learning rates, and not
    layers, until `utils.clear_session`.

    >>> dtype_policy()
    'float32'
    """
    return str(_settings.setdefault("dtype_policy", floatx()))


def forget_dtype_policy() -> None:
    """Let the next layer decide anew which dtype layers have."""
    _settings.pop("dtype_policy", None)


def epsilon() -> float:
    """Return the small number that keeps logarithms finite, 1e-7 unless changed.

    >>> epsilon()
    1e-07
    """
    return float(_settings["epsilon"])


def set_epsilon(value: float) -> None:
    """Set the small number that keeps logarithms finite.

    Raises:
        ValueError: for a negative number or NaN; nothing is changed then.
        TypeError: for what is no number, likewise.

    >>> set_epsilon(1e-6); epsilon()
    1e-06
    >>> set_epsilon(1e-7)
    """
    checks.number_in("epsilon", value, 0, float("inf"), high_included=False)
    _settings["epsilon"] = float(value)


def backend() -> str:
    """Return "numpy": what computes here. Keras answers with the backend that it runs on.

    >>> backend()
    'numpy'
    """
    return "numpy"


__all__ = ["backend", "epsilon", "floatx", "set_epsilon", "set_floatx"]
