"""In initial weights and in an optimizer's step, the smallest numbers are zero, as in TensorFlow.

A float32 number below 1.2e-38 (a float64 number below 2.2e-308) is subnormal: the nearer to 0, the
fewer digits it has. TensorFlow tells the processor to take such a number for 0, whether it goes
into an operation or comes out. This can be seen: Adam's running mean of a weight that gets no more
gradient shrinks by a tenth in each step, and stops where the tenth would be subnormal. Without the
order it goes on down to 5.6e-45 and stays there, and the operations on it take the processor's slow
path: a step of the MLP 784-128-10 took twice as long once 40 % of the means were there.

The order is two bits of the processor's register MXCSR, which the C library's `fegetenv` and
`fesetenv` can read and write (glibc on x86-64). On other systems nothing happens, and a training
ends in the same numbers but for such ones.

TensorFlow gives the order everywhere, minidense where it lasts: each thread has a register of its
own, and what NumPy's products do must not depend on how many threads they have. A gradient that is
subnormal is taken for 0 when it comes to the optimizer.

Mirrors `port::ScopedFlushDenormal` in TensorFlow's `platform/denormal.h`.
"""

import ctypes
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

_WORDS, _MXCSR = 8, 7  # glibc's fenv_t: 28 bytes of the x87, then MXCSR
_ORDER = 0x8000 | 0x0040  # results are flushed to zero, and inputs are taken for it


def _c_library() -> Any:
    """Return the library that knows the register, or None where there is none."""
    if sys.platform != "linux" or os.uname().machine != "x86_64" or sys.maxsize < 2**32:
        return None
    try:
        library = ctypes.CDLL("libm.so.6")
    except OSError:  # not glibc
        return None
    for function in (library.fegetenv, library.fesetenv):
        function.argtypes, function.restype = [ctypes.c_void_p], None
    return library


_LIBRARY = _c_library()
AVAILABLE = _LIBRARY is not None


def flushing_calls() -> tuple[list[Callable[[], Any]], list[Callable[[], Any]]]:
    """Return the calls that give the order to a thread, and those that put back what was before.

    All of them are C's, so that no signal of the system comes in between.
    """
    if _LIBRARY is None:
        return [], []
    before, inside = np.zeros((2, _WORDS), np.uint32)
    place, place_inside = (part.ctypes.data_as(ctypes.c_void_p) for part in (before, inside))
    _LIBRARY.fegetenv(place)  # to leave is harmless then, even where nobody has entered
    control = inside[_MXCSR : _MXCSR + 1]
    enter: list[Callable[[], Any]] = [
        partial(_LIBRARY.fegetenv, place),
        partial(_LIBRARY.fegetenv, place_inside),
        partial(np.bitwise_or, control, np.array([_ORDER], "uint32"), out=control),
        partial(_LIBRARY.fesetenv, place_inside),
    ]
    return enter, [partial(_LIBRARY.fesetenv, place)]


class Flushed:
    """A block in which this thread's subnormal numbers are 0; afterwards all is as it was.

    To enter and leave it takes 4 us.

    >>> import numpy as np
    >>> smallest = np.finfo("float32").tiny
    >>> with Flushed():
    ...     half = np.multiply([smallest], np.float32(0.5))
    >>> bool(half[0] == 0) or not AVAILABLE
    True
    """

    def __init__(self) -> None:
        self._enter, self._leave = flushing_calls()

    def __enter__(self) -> None:
        for call in self._enter:
            call()

    def __exit__(self, *error: object) -> None:
        for call in self._leave:
            call()
