"""Data sets: `mnist`, read as Keras reads it, and `digits`, which needs neither file nor network.

Mirrors `keras.datasets`.
"""

from minidense.datasets import digits, mnist

__all__ = ["digits", "mnist"]
