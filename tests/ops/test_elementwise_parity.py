"""Functions of each number against Keras: infinities, NaN and zeros, whole numbers, refusals."""

import keras
import numpy as np
import pytest

import minidense
from minidense.engine.tape import Tape
from minidense.tensors import tensor_of
from tests import record
from tests.in_both import attempt, in_both
from tests.reference_only import FLOATS
from tests.vjp import vjp

POINTS = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 6.0]
POINTS += [30.0, -30.0, 100.0, -100.0, 1e10, -1e10, 1e-10, 1e30]

SMOOTH = ["arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "cos", "cosh", "erf"]
SMOOTH += ["erfc", "erfinv", "expm1", "log10", "log2", "sin", "sinh", "tan"]
SMOOTH += ["celu", "elu", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh"]
SMOOTH += ["leaky_relu", "log_sigmoid", "nan_to_num", "relu6", "selu", "silu", "soft_shrink"]
SMOOTH += ["softplus", "softsign", "sparse_plus", "sparse_sigmoid", "squareplus", "tanh_shrink"]
STEPS = ["ceil", "floor", "isfinite", "isinf", "trunc"]


@pytest.mark.parametrize("times", [1, 8], ids=["one by one", "in registers"])
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", [*SMOOTH, *STEPS])
def test_infinities_nan_and_zeros_go_where_they_go_in_keras(name, dtype, times):
    points = [x for x in POINTS if not (name == "erf" and np.isinf(x))]  # NaN in float64 there
    x = np.tile(np.array(points, dtype), times)
    theirs, ours = (np.asarray(getattr(k.ops, name)(x)) for k in (keras, minidense))
    rtol = 2e-6 if dtype == "float32" else 1e-13
    # numbers below 1.2e-38 are 0 there
    record.close(f"elementwise: {name}", theirs, ours, rtol=rtol, atol=2e-37)
    if name in SMOOTH:
        _, [wanted], _ = vjp(getattr(keras.ops, name), [x], np.ones_like(x))
        inputs = tensor_of(x)
        with Tape() as tape:
            outputs = getattr(minidense.ops, name)(inputs)
        (found,) = tape.gradients(outputs, [inputs])
        # a difference such as 1 - tanh(x) ** 2 is off by a unit of 1
        record.close(f"elementwise: gradient of {name}", wanted, found, rtol=rtol, atol=rtol / 2)


REFUSE_WHOLE = {
    # as Keras, which for the others raises an error of TensorFlow's
    **dict.fromkeys(["celu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh"], TypeError),
    **dict.fromkeys(["soft_shrink", "sparse_plus", "sparse_sigmoid"], TypeError),
    **dict.fromkeys(["elu", "erf", "erfc", "erfinv", "gelu", "glu", "log_sigmoid"], ValueError),
    **dict.fromkeys(["log_softmax", "selu", "silu", "softplus", "softsign"], ValueError),
    **dict.fromkeys(["squareplus", "tanh_shrink"], ValueError),
}


@pytest.mark.parametrize("name", REFUSE_WHOLE)
def test_whole_numbers_are_refused_where_keras_does(name):
    whole = keras.ops.convert_to_tensor(np.int32([[0, 1]]))
    error = REFUSE_WHOLE[name]
    answer = attempt(lambda: getattr(keras.ops, name)(whole))
    assert answer in (f"raised {error.__name__}", "raised InvalidArgumentError")
    for values in (np.int32([[0, 1]]), np.array([[True, False]]), [[0, 1]]):
        with pytest.raises(error, match=rf"^{name} takes floating point numbers\. Received x of"):
            getattr(minidense.ops, name)(values)


TAKE_WHOLE = ["arccos", "arcsin", "arcsinh", "arctan", "arctanh", "ceil", "cos", "cosh", "expm1"]
TAKE_WHOLE += ["floor", "isfinite", "isinf", "log10", "log2", "nan_to_num", "sin", "sinh", "tan"]
TAKE_WHOLE += ["trunc"]


@pytest.mark.parametrize("name", TAKE_WHOLE)
def test_whole_numbers_become_floats_where_they_do_in_keras(name):
    @in_both
    def script(k):
        kinds = ["bool", "uint8", "int32", "int64"]
        return [np.asarray(getattr(k.ops, name)(np.array([0, 1], kind))) for kind in kinds]

    script()


@pytest.mark.parametrize("name", ["arctan2", "logaddexp", "fmod"])
def test_two_tensors_get_the_dtype_that_they_get_in_keras(name):
    @in_both
    def script(k):
        kinds = [("int32", "int32"), ("int64", "int32"), ("float32", "int64"), ("bool", "bool")]
        kinds += [("uint8", "uint8"), ("float64", "float32")]
        function = getattr(k.ops, name)
        pairs = [(np.ones(2, one), np.ones(2, other)) for one, other in kinds]
        return [np.asarray(function(*each)) for each in [*pairs, (1, 2.0), ([1.0, 3.0], 2)]]

    script()


@in_both
def test_what_is_given_besides_means_what_it_means_in_keras(k):
    x = np.float32([[-2.0, -0.3], [0.3, 2.0]])
    return [
        k.ops.elu(x, 0.5),
        k.ops.celu(x, 0.5),
        k.ops.gelu(x),
        k.ops.gelu(x, False),
        k.ops.squareplus(x, 1),
        k.ops.soft_shrink(x, 0.1),
        k.ops.hard_shrink(x, 0.1),
        k.ops.threshold(x, 0.1, -7.0),
        k.ops.glu(x, 0),
        k.ops.log_softmax(x, 0),
        k.ops.log_softmax(x, None),
        k.ops.swish(x),
        k.ops.hard_swish(x),
        k.ops.nan_to_num(np.float32([np.nan, np.inf, -np.inf]), 1.0, 2.0, 3.0),
        k.ops.threshold(np.int32([1, 2]), 1, 0),
        attempt(lambda: k.ops.glu(np.ones((2, 3), "float32"))),
        attempt(lambda: k.ops.glu(np.ones((2, 3), "float32"), axis=5)),
        attempt(lambda: k.ops.threshold(x)),
    ]
