"""What is compared on TensorFlow only: what is about it or its CPU's kernels, and float64."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests import expected
from tests.board.environments import reference

FLOATS = ["float32", "float64"] if expected.backend() == "tensorflow" else ["float32"]
"""The floats of what Keras does not compute in float64 on JAX and torch.

Keras's own rules of types make float32 of float64 there (`BIT64_TO_BIT32_DTYPE` in
`keras/src/backend/common/dtypes.py`): in the product of a Dense, in the mean of a loss or a metric,
and in JAX's tanh. And TensorFlow alone rounds the arguments of a float64 ReLU to float32.
"""


def tensorflow(why: str) -> Any:
    """Return TensorFlow where Keras computes with it; else skip the module that asks, and say why.

    Raises:
        pytest.skip.Exception: on another backend of Keras.
    """
    if expected.backend() != "tensorflow":
        pytest.skip(f"On TensorFlow only: {why}", allow_module_level=True)
    import tensorflow as tf

    return tf


def version(why: str) -> None:
    """Skip the module that asks on any Keras but the pinned one, and say why.

    Raises:
        pytest.skip.Exception: on another version of Keras.
    """
    if expected.keras_version() != reference():
        pytest.skip(f"On Keras {reference()} only: {why}", allow_module_level=True)


def usual_kernels(why: str) -> None:
    """Skip the test that asks where TensorFlow computes with others than the CPU's usual kernels.

    Those are oneDNN's. A GPU has its own, and so has a CPU with TF_ENABLE_ONEDNN_OPTS=0.

    Raises:
        pytest.skip.Exception: on another backend or device, or without oneDNN.
    """
    without = os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "0"
    if expected.backend() != "tensorflow" or expected.device() != "cpu" or without:
        pytest.skip(f"On TensorFlow's CPU with oneDNN only: {why}")


def guess_is_intels() -> bool:
    """Whether this processor's guess of 1 / x and of 1 / sqrt(x) is the one that minidense makes.

    TensorFlow begins with the processor's, and other makers have other tables: the results are off
    by up to 3 units in the last place in both, not in the same numbers (numerics/reciprocals.py).
    """
    processor = Path("/proc/cpuinfo")
    return processor.exists() and "GenuineIntel" in processor.read_text(encoding="utf-8")


def intels_guess(why: str) -> None:
    """Skip the test that asks on a processor with another guess, and say why.

    Raises:
        pytest.skip.Exception: where `guess_is_intels` is false.
    """
    if not guess_is_intels():
        pytest.skip(f"Intel's processors begin 1 / x with another guess than this one: {why}")
