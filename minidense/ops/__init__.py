"""The operations, under Keras's names.

Mirrors `keras.ops`.
"""

from minidense.ops import linalg
from minidense.ops.activations import leaky_relu, log_softmax, relu, relu6, sigmoid, softmax
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
    bitwise_invert,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    equal,
    greater,
    greater_equal,
    isfinite,
    isinf,
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
from minidense.ops.contractions import dot, inner, matmul, outer, tensordot, vdot
from minidense.ops.control import (
    cond,
    fori_loop,
    map,  # noqa: A004
    scan,
    switch,
    vectorized_map,
    while_loop,
)
from minidense.ops.crossentropies import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from minidense.ops.custom import custom_gradient
from minidense.ops.decompositions import eigh, qr, svd
from minidense.ops.error_functions import erf, erfc, erfinv
from minidense.ops.extremes import amax, amin, argmax, argmin, logsumexp, max, min  # noqa: A004
from minidense.ops.functions import (
    exp,
    expm1,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    power,
    reciprocal,
    rsqrt,
    sqrt,
    square,
    tanh,
)
from minidense.ops.inverses import cholesky, det, inv, solve
from minidense.ops.named_axes import einsum
from minidense.ops.norms import norm, normalize
from minidense.ops.parts import stack
from minidense.ops.piecewise_activations import (
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    soft_shrink,
    sparse_plus,
    sparse_sigmoid,
    threshold,
)
from minidense.ops.reductions import all, any, count_nonzero, mean, prod, sum  # noqa: A004
from minidense.ops.rounding import (
    abs,  # noqa: A004
    absolute,
    ceil,
    floor,
    fmod,
    nan_to_num,
    round,  # noqa: A004
    sign,
    trunc,
)
from minidense.ops.running import cumprod, cumsum
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
from minidense.ops.smooth_activations import (
    celu,
    elu,
    gelu,
    glu,
    log_sigmoid,
    selu,
    silu,
    softplus,
    softsign,
    squareplus,
    tanh_shrink,
)
from minidense.ops.sorting import argsort, in_top_k, sort, top_k
from minidense.ops.statistics import average, std, var
from minidense.ops.trigonometry import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cos,
    cosh,
    sin,
    sinh,
    tan,
)

swish, hard_swish = silu, hard_silu

__all__ = ["leaky_relu", "log_softmax", "relu", "relu6", "sigmoid", "softmax"]
__all__ += ["add", "clip", "divide", "divide_no_nan", "floor_divide", "maximum", "minimum"]
__all__ += ["mod", "multiply", "negative", "subtract", "true_divide"]
__all__ += ["broadcast_to"]
__all__ += ["bitwise_and", "bitwise_invert", "bitwise_not", "bitwise_or", "bitwise_xor", "equal"]
__all__ += ["greater", "greater_equal", "isfinite", "isinf", "isnan", "less", "less_equal"]
__all__ += ["logical_and", "logical_not", "logical_or", "logical_xor", "not_equal", "where"]
__all__ += ["dot", "inner", "matmul", "outer", "tensordot", "vdot"]
__all__ += ["cond", "fori_loop", "map", "scan", "switch", "vectorized_map", "while_loop"]
__all__ += ["binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"]
__all__ += ["custom_gradient"]
__all__ += ["eigh", "qr", "svd"]
__all__ += ["erf", "erfc", "erfinv"]
__all__ += ["amax", "amin", "argmax", "argmin", "logsumexp", "max", "min"]
__all__ += ["exp", "expm1", "log", "log1p", "log2", "log10", "logaddexp", "power", "reciprocal"]
__all__ += ["rsqrt", "sqrt", "square", "tanh"]
__all__ += ["cholesky", "det", "inv", "solve"]
__all__ += ["einsum"]
__all__ += ["norm", "normalize"]
__all__ += ["stack"]
__all__ += ["hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "soft_shrink"]
__all__ += ["sparse_plus", "sparse_sigmoid", "threshold"]
__all__ += ["all", "any", "count_nonzero", "mean", "prod", "sum"]
__all__ += ["abs", "absolute", "ceil", "floor", "fmod", "nan_to_num", "round", "sign", "trunc"]
__all__ += ["cumprod", "cumsum"]
__all__ += ["cast", "convert_to_numpy", "convert_to_tensor", "expand_dims", "ones_like"]
__all__ += ["reshape", "shape", "squeeze", "stop_gradient", "transpose", "zeros_like"]
__all__ += ["celu", "elu", "gelu", "glu", "log_sigmoid", "selu", "silu", "softplus", "softsign"]
__all__ += ["squareplus", "tanh_shrink"]
__all__ += ["argsort", "in_top_k", "sort", "top_k"]
__all__ += ["average", "std", "var"]
__all__ += ["arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cos"]
__all__ += ["cosh", "sin", "sinh", "tan"]
__all__ += ["hard_swish", "linalg", "swish"]
