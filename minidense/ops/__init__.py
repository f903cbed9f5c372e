"""The operations, under Keras's names.

Mirrors `keras.ops`.
"""

from minidense.ops.activations import (
    leaky_relu,
    log_softmax,
    relu,
    relu6,
    sigmoid,
    softmax,
)
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
from minidense.ops.broadcasting import (
    broadcast_to,
)
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
from minidense.ops.crossentropies import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from minidense.ops.error_functions import (
    erf,
    erfc,
    erfinv,
)
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
from minidense.ops.parts import (
    stack,
)
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
from minidense.ops.products import (
    matmul,
)
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
__all__ += ["celu", "elu", "gelu", "glu", "log_sigmoid", "selu", "silu", "softplus", "softsign"]
__all__ += ["hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "soft_shrink"]
__all__ += ["sparse_plus", "sparse_sigmoid", "squareplus", "swish", "tanh_shrink", "threshold"]
__all__ += ["add", "clip", "divide", "divide_no_nan", "floor_divide", "maximum", "minimum", "mod"]
__all__ += ["fmod", "multiply", "negative", "subtract", "true_divide"]
__all__ += ["broadcast_to", "matmul", "stack"]
__all__ += ["equal", "greater", "greater_equal", "less", "less_equal", "not_equal"]
__all__ += ["isfinite", "isinf", "isnan", "nan_to_num"]
__all__ += ["bitwise_and", "bitwise_invert", "bitwise_not", "bitwise_or", "bitwise_xor"]
__all__ += ["logical_and", "logical_not", "logical_or", "logical_xor", "where"]
__all__ += ["binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"]
__all__ += ["abs", "absolute", "ceil", "floor", "round", "sign", "trunc"]
__all__ += ["erf", "erfc", "erfinv", "exp", "expm1", "log", "log1p", "log2", "log10", "logaddexp"]
__all__ += ["power", "reciprocal", "rsqrt", "sqrt", "square", "tanh"]
__all__ += ["arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh"]
__all__ += ["cos", "cosh", "sin", "sinh", "tan"]
__all__ += ["all", "any", "argmax", "max", "mean", "min", "prod", "sum"]
__all__ += ["cast", "convert_to_numpy", "convert_to_tensor", "stop_gradient"]
__all__ += ["expand_dims", "ones_like", "reshape", "shape", "squeeze", "transpose", "zeros_like"]
