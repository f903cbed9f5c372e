"""Gradients of what is computed in a block.

Mirrors `tf.autodiff`.
"""

from minidense.autodiff.gradient_tape import GradientTape

__all__ = ["GradientTape"]
