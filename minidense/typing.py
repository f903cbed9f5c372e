"""The few types that the whole package speaks of."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
"""Any NumPy array: what a layer takes and gives."""

Shape: TypeAlias = tuple[int | None, ...]
"""Dimensions, batch first; None where a dimension is not known before the call."""

DTypeName: TypeAlias = str
"""A dtype by name, as Keras spells it: "float32", "float64", "int64" …"""

Words: TypeAlias = npt.NDArray[np.uint32]
"""Raw 32-bit words of the random stream."""
