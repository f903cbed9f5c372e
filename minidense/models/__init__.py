"""The models, under Keras's names."""

from minidense.models.model import Model
from minidense.models.sequential import Sequential

__all__ = ["Model", "Sequential"]
