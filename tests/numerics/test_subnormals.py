"""In a block, numbers too small to be normal are 0; outside of it they are not."""

import ctypes
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import minidense as keras
from minidense.numerics import subnormals
from minidense.numerics.subnormals import AVAILABLE, Flushed

TINY = np.finfo("float32").tiny
TINY_64 = np.finfo("float64").tiny

pytestmark = pytest.mark.skipif(
    not AVAILABLE, reason="the processor's register is reached on Linux, x86-64, with glibc"
)


def halves(numbers: np.ndarray) -> np.ndarray:
    return numbers * numbers.dtype.type(0.5)


@pytest.mark.parametrize("smallest", [TINY, TINY_64], ids=["float32", "float64"])
@pytest.mark.parametrize("count", [1, 1000])
def test_a_result_below_the_smallest_normal_number_is_zero_in_the_block_only(smallest, count):
    numbers = np.full(count, smallest)
    assert (halves(numbers) == smallest / 2).all()
    with Flushed():
        inside = halves(numbers)
    assert (inside == 0).all()
    assert (halves(numbers) == smallest / 2).all()


def test_a_subnormal_number_that_goes_in_is_taken_for_zero():
    with Flushed():
        assert np.add(np.float32([TINY / 2]), np.float32([0])) == 0


def test_a_normal_number_keeps_all_its_digits():
    numbers = np.float32([TINY, -TINY, 1.1, np.inf, -0.0])
    with Flushed():
        same = numbers * np.float32(1)
    assert same.tobytes() == numbers.tobytes()


def test_an_error_in_the_block_ends_it():
    numbers = np.full(3, TINY)
    with pytest.raises(KeyError), Flushed():
        raise KeyError
    assert (halves(numbers) > 0).all()


def test_an_inner_block_does_not_end_the_outer_one():
    numbers = np.full(3, TINY)
    with Flushed():
        with Flushed():
            pass
        still = halves(numbers)
    assert (still == 0).all()


def means_after(steps: int) -> np.ndarray:
    """Adam's means of a kernel whose inputs are 0 after the first step."""
    x = np.zeros((steps, 2), "float32")
    x[0] = 1
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(x, np.ones(steps), batch_size=1, shuffle=False, verbose=0)
    return model.optimizer.variables[2].value


def test_adams_means_stop_before_they_are_subnormal():
    means = np.abs(means_after(1200))
    assert (means >= TINY).all()
    assert (means < 10 * TINY).all()  # the tenth that a step takes off would be subnormal


def test_callbacks_see_numbers_of_every_size():
    seen = []

    class Halver(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(halves(np.full(3, TINY)).min())

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((2, 1)), np.ones(2), verbose=0, callbacks=[Halver()])
    assert seen == [TINY / 2]


def test_an_optimizer_takes_a_subnormal_gradient_for_zero():
    weight = keras.Variable(np.zeros(3, "float32"))
    keras.optimizers.SGD(1.0).apply_gradients([(np.full(3, TINY / 2), weight)])
    assert (np.asarray(weight) == 0).all()


def test_the_library_takes_the_place_of_an_environment_and_answers_nothing():
    library = subnormals._c_library()
    for function in (library.fegetenv, library.fesetenv):
        assert function.argtypes == [ctypes.c_void_p]
        assert function.restype is None


@pytest.mark.parametrize(
    ("where", "name", "value"),
    [
        (sys, "platform", "darwin"),
        (os, "uname", lambda: SimpleNamespace(machine="aarch64")),
        (sys, "maxsize", 2**31 - 1),
    ],
    ids=["another system", "another processor", "32 bits"],
)
def test_elsewhere_there_is_no_library(monkeypatch, where, name, value):
    monkeypatch.setattr(where, name, value)
    assert subnormals._c_library() is None


def test_without_glibc_there_is_no_library(monkeypatch):
    asked = []

    def missing(name):
        asked.append(name)
        raise OSError

    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert subnormals._c_library() is None
    assert asked == ["libm.so.6"]


def test_without_a_library_a_block_changes_nothing(monkeypatch):
    monkeypatch.setattr(subnormals, "_LIBRARY", None)
    with Flushed():
        assert (halves(np.full(3, TINY)) > 0).all()


# All numbers are powers of two, so that a sum is the same in any order of its terms. A term of the
# kernel's gradient is 2**-100 * 2**-30: subnormal, but 512 of them are not.
TRAINING = """
import numpy as np, minidense as keras
x = np.full((512, 512), 2.0**-100, "float32")
layer = keras.layers.Dense(512, use_bias=False, kernel_initializer="zeros")
model = keras.Sequential([keras.Input((512,)), layer])
model.compile(keras.optimizers.SGD(1.0), "mse")
model.fit(x, np.full((512, 512), 2.0**-13), batch_size=512, verbose=0)
print(layer.kernel.value.tobytes().hex())
"""


def test_what_is_learned_from_the_smallest_numbers_does_not_depend_on_the_threads_of_products():
    weights = []
    for threads in ("1", "2"):
        settings = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        command = [sys.executable, "-c", TRAINING]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=settings)
        weights.append(np.frombuffer(bytes.fromhex(done.stdout.strip()), "float32"))
    assert np.array_equal(*weights)
    assert (weights[0] == 2.0**-121).all()
