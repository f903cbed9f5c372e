"""Keras is told its backend, and TensorFlow to keep quiet, before either is imported."""

import os
from pathlib import Path

import pytest

from tests.reference import MISSING

collect_ignore_glob = ["*.py"] if MISSING else []

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session")
def same_bits() -> None:
    """For tests of the last bit: where both libraries' kernels are those that were compared."""
    processor = Path("/proc/cpuinfo")
    if not processor.exists() or "avx512f" not in processor.read_text(encoding="utf-8"):
        pytest.skip("The last bits were compared on x86-64 with AVX-512 and Linux; not so here.")
