"""Whether the reference is here: Keras on TensorFlow, which the parity tests import."""

from importlib.util import find_spec

MISSING = [name for name in ("keras", "tensorflow") if find_spec(name) is None]
"""What the parity tests need and cannot import."""
