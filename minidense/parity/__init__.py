"""Where two models part: tools for whoever holds minidense, or a model of their own, to Keras."""

from minidense.parity.cause import Cause
from minidense.parity.compare import assert_parity, compare
from minidense.parity.comparison import Comparison, Row
from minidense.parity.distance import Distance, distance, ulps_between

__all__ = [
    "Cause",
    "Comparison",
    "Distance",
    "Row",
    "assert_parity",
    "compare",
    "distance",
    "ulps_between",
]
