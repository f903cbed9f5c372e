"""Keras is told its backend and device, and TensorFlow to keep quiet, before either is imported.

No Keras is imported for a run without parity tests.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import expected
from tests.reference import (
    as_on_tensorflow,
    full_float32_products,
    gpu_in_sight,
    is_parity,
    products_of_numpy,
)

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("JAX_ENABLE_X64", "1")  # else JAX makes float32 of each float64

SAME_PRODUCTS = ("SkylakeX", "Cooperlake", "SapphireRapids")
"""The kernels of OpenBLAS that add up a block in order, one term after the other."""


@pytest.fixture(scope="module", autouse=True)
def _keras_for_parity_tests(request: pytest.FixtureRequest) -> None:
    """Let the files of parity tests have Keras as they need it, and no others."""
    if is_parity(request.node.nodeid):
        request.getfixturevalue("the_device_and_the_streams")


@pytest.fixture(scope="session")
def the_device_and_the_streams() -> Iterator[None]:
    """Let Keras compute where it was asked to, and draw what TensorFlow draws."""
    import keras

    as_on_tensorflow()
    if expected.device() == "gpu":
        full_float32_products()
        if not gpu_in_sight():
            pytest.skip(f"--keras-device gpu: {expected.backend()} sees no GPU on this machine")
    number = "" if expected.backend() == "torch" else ":0"  # torch's "cpu:0" is no "cpu"
    with keras.device(f"{expected.device()}{number}"):
        yield


@pytest.fixture(scope="session")
def same_bits() -> None:
    """For tests of the last bit: where both libraries' kernels are those that were compared."""
    from tests.reference_only import usual_kernels

    usual_kernels("the last bits were compared there.")
    pytest.importorskip(
        "threadpoolctl",
        reason="threadpoolctl tells whether NumPy's kernels are those that were compared: "
        'python -m pip install -e ".[test]"',
    )
    processor = Path("/proc/cpuinfo")
    if not processor.exists() or "avx512f" not in processor.read_text(encoding="utf-8"):
        pytest.skip("The last bits were compared on x86-64 with AVX-512 and Linux; not so here.")
    found = products_of_numpy()
    if found not in SAME_PRODUCTS:
        pytest.skip(
            f"The last bits were compared with OpenBLAS's kernels for {', '.join(SAME_PRODUCTS)}; "
            f"NumPy's products are made by {found} here (OPENBLAS_CORETYPE chooses)."
        )
