"""Functions of one number, and the softmax: TensorFlow's bits, left-overs and ends included."""

import numpy as np
import pytest

from minidense.numerics import (
    error_functions,
    exponentials,
    fused,
    logarithms,
    powers,
    reciprocals,
    sigmoids,
)
from minidense.numerics.softmax import softmax
from tests import record
from tests.reference_only import guess_is_intels, tensorflow

tf = tensorflow("the bits of its own kernels are compared.")

pytestmark = pytest.mark.usefixtures("same_bits")

f32 = np.float32
SMALLEST = 2.5e-38  # below, results are 0 there and not here
SHAPES = [(20_003,), (3,), (64, 10), (33, 100), ()]
ENDS = np.array([0, -0.0, np.inf, -np.inf, np.nan, 1, -1, 88.72, 88.73, 1e38, -1e38, 3, -100], f32)

FUNCTIONS = {
    "exp": (exponentials.exp, tf.exp, np.array),
    "log": (logarithms.log, tf.math.log, np.exp),
    "sigmoid": (sigmoids.sigmoid, tf.sigmoid, np.array),
    "tanh": (sigmoids.tanh, tf.tanh, np.array),
    "rsqrt": (reciprocals.rsqrt, tf.math.rsqrt, np.exp),
    "reciprocal": (reciprocals.reciprocal, tf.math.reciprocal, np.array),
    "erf": (error_functions.erf, tf.math.erf, np.array),
    # farther out a product of subnormal numbers is 0 there
    "erfc": (error_functions.erfc, tf.math.erfc, lambda x: np.clip(x, -8, 8)),
    "erfinv": (error_functions.erfinv, tf.math.erfinv, np.tanh),
}


GUESSED = ("rsqrt", "reciprocal", "erfc", "erfinv")
UNITS = {"rtol": 0 if guess_is_intels() else 3.6e-7}  # 3 units: see guess_is_intels


def compare(what, theirs, ours, **tolerance):
    theirs, ours = (np.array(x) for x in (theirs, ours))
    for x in (theirs, ours):
        x[np.abs(x) < SMALLEST] = 0
    record.close(f"functions: {what}", theirs, ours, **(tolerance or {"rtol": 0}))


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("scale", [1, 20])
def test_a_function_has_tensorflows_bits(name, shape, scale):
    ours, theirs, made = FUNCTIONS[name]
    x = made(np.random.default_rng(0).standard_normal(shape) * scale).astype(f32)
    with np.errstate(all="ignore"):
        compare(name, theirs(x), ours(x), **(UNITS if name in GUESSED else {}))


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("count", [5, 13, 26])
def test_the_ends_are_tensorflows(name, count):
    ours, theirs, _ = FUNCTIONS[name]
    x = np.tile(ENDS, 2)[:count]
    with np.errstate(all="ignore"):
        compare(f"{name}, the ends", theirs(x), ours(x), **(UNITS if name in GUESSED else {}))


@pytest.mark.parametrize("count", [8, 64, 800])
@pytest.mark.parametrize("name", ["log1p", "expm1"])
def test_log1p_and_expm1_have_tensorflows_bits_where_registers_are_full(name, count):
    """What is left over is rounded from float64: 1 % of glibc's log1pf before 2.41 is otherwise."""
    x = np.random.default_rng(count).random(count).astype(f32)
    compare(name, getattr(tf.math, name)(x), getattr(logarithms, name)(x))


@pytest.mark.parametrize("columns", [2, 3, 7, 8, 9, 10, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65])
@pytest.mark.parametrize("more", [0, 64, 256])
def test_a_softmax_has_tensorflows_bits(columns, more):
    x = np.random.default_rng(columns).normal(0, 4, (20, columns + more)).astype(f32)
    compare("softmax", tf.nn.softmax(x), softmax(x))
    x[3, 1], x[4, 0], x[5] = np.inf, -np.inf, -np.inf
    with np.errstate(all="ignore"):
        compare("softmax with infinities", tf.nn.softmax(x), softmax(x))


@pytest.mark.parametrize("decay", [0.9, 0.999])
def test_the_powers_of_adams_decays_are_the_c_librarys(decay):
    """Of the number of a step, one by one; 3 of 1,000 are not the nearest numbers."""
    x = np.full(7, decay, f32)  # too few for a register
    steps = np.arange(1, 9409, dtype=f32).reshape(-1, 7)
    theirs = np.array([tf.pow(x, each) for each in steps])
    compare("powers", theirs, np.array([powers.power(x, each) for each in steps]))


ACTIVATIONS = {
    "relu": (fused.fused_relu, tf.nn.relu, 0),
    "sigmoid": (fused.fused_sigmoid, tf.sigmoid, 0),
    "tanh": (fused.fused_tanh, tf.tanh, 1.2e-7),  # one unit, in 9 % of the numbers
    "elu": (fused.fused_elu, tf.nn.elu, 0),
    "silu": (fused.fused_silu, tf.nn.silu, 0),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("rows", [1, 5, 333])
def test_an_activation_that_is_part_of_a_product_has_tensorflows_bits(name, rows):
    ours, theirs, rtol = ACTIVATIONS[name]
    x = np.random.default_rng(rows).normal(0, 5, (rows, 7)).astype(f32)
    dense = tf.function(lambda x, w, b: theirs(tf.nn.bias_add(tf.matmul(x, w), b)))
    compare(f"fused {name}", dense(x, np.eye(7, dtype=f32), np.zeros(7, f32)), ours(x), rtol=rtol)
    column = np.tile(ENDS, 2)[:, None]
    with np.errstate(all="ignore"):
        found = dense(column, np.ones((1, 1), f32), np.zeros(1, f32))
        compare(f"fused {name}, the ends", found, ours(column), rtol=rtol)
