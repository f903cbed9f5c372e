"""Whether the reference is here: Keras, and the backend that it is to compute with."""

from importlib.util import find_spec

from tests import expected


def missing() -> list[str]:
    """Return what the parity tests need and cannot import."""
    return [name for name in ("keras", expected.backend()) if find_spec(name) is None]
