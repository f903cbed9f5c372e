"""The dtype of what is computed from several dtypes.

Mirrors `keras/src/backend/common/dtypes.py`: a number of Python's is weak, which means that it
takes the dtype of what it meets.
"""

from collections.abc import Iterable
from functools import cache

from minidense.checks import brief
from minidense.config import floatx

_SIZES = {"int8": 8, "int16": 16, "int32": 32, "int64": 64}
_UNSIGNED = {"uint8": 8, "uint16": 16, "uint32": 32}
_FLOATS = ("float64", "float32")
KNOWN = ("bool", *_UNSIGNED, *_SIZES, *_FLOATS)
"""The dtypes that operations compute in."""
_OTHERS = ("float16", "bfloat16", "uint64", "complex64", "complex128", "string")
_PYTHON = {int: "int64", "int": "int64", float: "float32", complex: "complex128", str: "string"}


def computed_in(dtype: object) -> str:
    """Return the name of a dtype that something is to be computed in; None is `config.floatx()`.

    Python's types are taken as on TensorFlow: `int` is int64, `float` is float32.

    Raises:
        TypeError: for one that nothing is computed in: float16, complex numbers, texts.
        ValueError: for what names none.

    >>> import numpy as np
    >>> computed_in("int8"), computed_in(np.float32), computed_in(None)
    ('int8', 'float32', 'float32')
    >>> computed_in(int)
    'int64'
    """
    if isinstance(dtype, str) and dtype in KNOWN:
        return dtype
    if dtype is None:
        return floatx()
    if isinstance(dtype, type | str):
        dtype = _PYTHON.get(dtype, dtype)
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", dtype)
    if name not in KNOWN:
        raise _refused(name) if name in _OTHERS else ValueError(f"Invalid dtype: {brief(dtype)}.")
    return str(name)


def _refused(name: object) -> TypeError:
    return TypeError(f"Nothing is computed in dtype {name}: it must be one of {KNOWN}.")


def result_type(kinds: Iterable[str | type]) -> str:
    """Return the dtype that numbers of these dtypes are brought to.

    Args:
        kinds: dtypes by name; and `int` or `float` for a number of Python's, which is weak.

    Raises:
        TypeError: for a dtype that nothing is computed in: float16, complex numbers, texts.

    >>> result_type(["int32", "float32"]), result_type(["float32", float])
    ('float32', 'float32')
    >>> result_type(["uint8", "int8"]), result_type(["int64", float]), result_type(["bool", int])
    ('int16', 'float32', 'int32')
    """
    return _result_type(frozenset(kinds), floatx())


@cache
def _result_type(kinds: frozenset[str | type], default_float: str) -> str:
    for kind in kinds:
        if kind not in (int, float) and kind not in KNOWN:
            raise _refused(kind)
    for name in _FLOATS:
        if name in kinds:
            return name
    if float in kinds:
        return default_float
    signed = max((bits for name, bits in _SIZES.items() if name in kinds), default=0)
    unsigned = max((bits for name, bits in _UNSIGNED.items() if name in kinds), default=0)
    if not signed and not unsigned:
        return f"int{default_float[-2:]}" if int in kinds else "bool"
    if not signed:
        return f"uint{unsigned}"
    return f"int{max(signed, 2 * unsigned)}"


def kind_of(value: object) -> str | type:
    """Return the dtype of an array or tensor by name, or the type of a number of Python's.

    >>> import numpy as np
    >>> kind_of(np.zeros(2, "int8")), kind_of(1), kind_of(True)
    ('int8', <class 'int'>, 'bool')
    """
    dtype = getattr(value, "dtype", None)
    if dtype is not None:
        return dtype if isinstance(dtype, str) else str(dtype.name)
    if isinstance(value, bool):
        return "bool"
    return int if isinstance(value, int) else float if isinstance(value, float) else "object"


def is_floating(dtype: object) -> bool:
    """Whether a dtype, by name or as NumPy has it, is one of floats.

    >>> import numpy as np
    >>> is_floating("float32"), is_floating(np.dtype("int8"))
    (True, False)
    """
    return str(dtype).startswith("float")
