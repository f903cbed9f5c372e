"""Where two models part: tools for whoever holds minidense, or a model of their own, to Keras."""

from minidense.parity.distance import Distance, distance, ulps_between

__all__ = ["Distance", "distance", "ulps_between"]
