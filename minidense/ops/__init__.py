"""The operations, under Keras's names.

Mirrors `keras.ops`.
"""

from minidense.ops.activations import leaky_relu, relu, relu6, sigmoid, softmax
from minidense.ops.arithmetic import (
    add,
    clip,
    divide,
    divide_no_nan,
    floor_divide,
    maximum,
    minimum,
    mod,
    multiply,
    negative,
    subtract,
    true_divide,
)
from minidense.ops.broadcasting import broadcast_to
from minidense.ops.comparisons import (
    bitwise_and,
    bitwise_or,
    bitwise_xor,
    equal,
    greater,
    greater_equal,
    isnan,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    not_equal,
    where,
)
from minidense.ops.crossentropies import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from minidense.ops.functions import (
    abs,  # noqa: A004
    absolute,
    exp,
    floor,
    log,
    log1p,
    power,
    reciprocal,
    round,  # noqa: A004
    rsqrt,
    sign,
    sqrt,
    square,
    tanh,
)
from minidense.ops.parts import stack
from minidense.ops.products import matmul
from minidense.ops.reductions import (
    all,  # noqa: A004
    any,  # noqa: A004
    argmax,
    max,  # noqa: A004
    mean,
    min,  # noqa: A004
    prod,
    sum,  # noqa: A004
)
from minidense.ops.shapes import (
    cast,
    convert_to_numpy,
    convert_to_tensor,
    expand_dims,
    ones_like,
    reshape,
    shape,
    squeeze,
    stop_gradient,
    transpose,
    zeros_like,
)

__all__ = ["leaky_relu", "relu", "relu6", "sigmoid", "softmax"]
__all__ += ["add", "clip", "divide", "divide_no_nan", "floor_divide", "maximum", "minimum", "mod"]
__all__ += ["multiply", "negative", "subtract", "true_divide"]
__all__ += ["broadcast_to", "matmul", "stack"]
__all__ += ["equal", "greater", "greater_equal", "isnan", "less", "less_equal", "not_equal"]
__all__ += ["bitwise_and", "bitwise_or", "bitwise_xor"]
__all__ += ["logical_and", "logical_not", "logical_or", "logical_xor", "where"]
__all__ += ["binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"]
__all__ += ["abs", "absolute", "exp", "floor", "log", "log1p", "power", "reciprocal", "round"]
__all__ += ["rsqrt", "sign", "sqrt", "square", "tanh"]
__all__ += ["all", "any", "argmax", "max", "mean", "min", "prod", "sum"]
__all__ += ["cast", "convert_to_numpy", "convert_to_tensor", "stop_gradient"]
__all__ += ["expand_dims", "ones_like", "reshape", "shape", "squeeze", "transpose", "zeros_like"]
