"""Why a library is off in a row of the table. Data: the first entry that fits tells."""

import math
from fnmatch import fnmatchcase
from typing import NamedTuple


class Reason(NamedTuple):
    """Which rows it explains, with the wildcards * and ?, and how much it explains."""

    feature: str
    dtype: str
    inputs: str
    text: str
    keras: float
    """The most units that Keras may be off for this reason."""
    minidense: float
    """The same for minidense. 2, where it is only Keras that is off."""
    further: float = 2.0
    """How many units minidense may be further off than Keras in a single number."""
    everywhere: bool = True
    """Whether it shows on each processor; if not, a run may do without it."""


_ANY = math.inf
_FLUSHED = "TensorFlow takes subnormal numbers for 0, and returns 0 for them"
_FLUSHED_IN_BOTH = "TensorFlow takes subnormal numbers for 0, and so does a step of minidense's"
_FLOAT32 = (
    "TensorFlow reads Python's floats by way of float32, and minidense follows it in every bit"
)
_ROUNDINGS = "some roundings, one after the other"
_CLIP = "the upper end of the clip, 1 - 1e-7, is rounded: in float32 to 1 - 1.19e-7"
_BETA_2 = "beta_2 is rounded before 1 - beta_2**t, which keeps 16 of 24 bits at the first step"
_RECIPROCAL_ROOT = (
    "in a graph a quotient by a root is a product with TensorFlow's rsqrt, which starts from an "
    "estimate that each processor makes otherwise"
)
_ONE_DNN = "oneDNN's softmax returns 0 for the rest of a row with a NaN in it"

# Those that explain little come first.
REASONS = (
    # Roundings
    Reason("tanh*", "float32", "*", "TensorFlow's tanh is a quotient of polynomials", 10, 10),
    Reason("tanh*", "float64", "*", "TensorFlow's tanh is a quotient of polynomials", 10, 2),
    Reason("sigmoid*", "*", "*", "TensorFlow's exponential, and a quotient", 6, 6),
    Reason("[sS]oftmax*", "*", "*", _ROUNDINGS, 6, 3, further=4),
    Reason("Dense*", "*", "*", "the order of the sum", 10, 10, further=4),
    Reason("*Crossentropy*: gradient", "*", "*", _ROUNDINGS, 7, 6, further=4),
    Reason("*Crossentropy*", "*", "*", _ROUNDINGS, 4, 3, further=4),
    Reason(
        "SparseCategoricalCrossentropy: gradient", "*", "*",
        "TensorFlow goes by way of the softmax of logarithms", 25, 25,
    ),
    Reason("SGD(momentum=*): weight", "float32", "*10 steps*", _ROUNDINGS, 4, 4),
    Reason("Adam(beta*: weight", "float32", "*10 steps*", _ROUNDINGS, 4, 4),
    Reason("RMSprop(momentum=0.9): *", "*", "*10 steps*", _ROUNDINGS, 4, 4),
    Reason(
        "RMSprop*", "float32", "*10 steps in a graph", _RECIPROCAL_ROOT, 4, 2, everywhere=False
    ),
    # Subnormal numbers, in Keras alone
    Reason("*", "*", "*subnormal", _FLUSHED, _ANY, 2),
    Reason("*", "*", "*results that fade out", _FLUSHED, _ANY, 2),
    Reason("*", "*", "tiny", _FLUSHED, _ANY, 2),
    # NaN and infinity
    Reason("softmax", "float32", "NaN", _ONE_DNN, _ANY, _ANY),
    Reason("softmax", "float32", "infinity", _ONE_DNN, _ANY, _ANY),
    Reason(
        "relu(threshold=0.3)", "*", "NaN",
        "NaN > threshold is false, and what is not above the threshold becomes 0", _ANY, _ANY,
    ),
    # Constants that are rounded
    Reason("relu(*=0.[17]*", "float64", "*", _FLOAT32, 2e8, 2e8),
    Reason("relu(*", "float64", "subnormal", f"{_FLUSHED}; {_FLOAT32}", _ANY, 2e8),
    Reason("relu(*", "float64", "tiny", f"{_FLUSHED}; {_FLOAT32}", _ANY, 2e8),
    Reason(
        "relu(*threshold=0.3)", "*", "at the kinks and beside them",
        "0.3 is rounded to float32: a number between the two is on the other side", _ANY, _ANY,
    ),
    Reason("BinaryCrossentropy", "*", "exactly 0 and 1", _CLIP, 5e6, 5e6),
    Reason("BinaryCrossentropy", "*", "beyond the clip", _CLIP, 5e6, 5e6),
    Reason("BinaryCrossentropy", "*", "below the clip", _CLIP, 5e6, 5e6),
    Reason("BinaryCrossentropy", "*", "tiny and subnormal", _CLIP, 5e6, 5e6),
    Reason("BinaryCrossentropy(label*", "*", "exactly 0 and 1", _CLIP, 1e5, 1e5),
    Reason("BinaryCrossentropy(label*", "*", "* the clip", _CLIP, 1e5, 1e5),
    Reason("BinaryCrossentropy(label*", "*", "tiny and subnormal", _CLIP, 1e5, 1e5),
    Reason("SGD(momentum=0.9*", "float64", "*", f"the momentum: {_FLOAT32}", 2e9, 2e9),
    Reason(
        "SGD: weight", "float64", "a learning rate of 0.1, from 0",
        "the learning rate is kept in float32, in both", 2e8, 2e8,
    ),
    Reason("Adam: weight", "float32", "*", _BETA_2, 200, 200),
    Reason("Adam(ams*: weight", "float32", "*", _BETA_2, 200, 200),
    Reason("Adam: weight", "float64", "*", f"beta_1 and beta_2: {_FLOAT32}", 1e11, 1e11),
    Reason("Adam(ams*: weight", "float64", "*", f"beta_1 and beta_2: {_FLOAT32}", 1e11, 1e11),
    # Subnormal numbers, in both
    Reason("SGD*", "*", "subnormal", _FLUSHED_IN_BOTH, _ANY, _ANY),
    Reason("SGD*", "*", "squares that vanish", _FLUSHED_IN_BOTH, _ANY, _ANY),
    Reason("Adam*", "*", "*subnormal", _FLUSHED_IN_BOTH, _ANY, _ANY),
    Reason("Adam*", "*", "tiny", _FLUSHED_IN_BOTH, _ANY, _ANY),
    Reason("Adam*", "*", "squares that vanish", _FLUSHED_IN_BOTH, _ANY, _ANY),
    Reason("RMSprop*", "*", "*subnormal", _FLUSHED_IN_BOTH, _ANY, _ANY),
    Reason("RMSprop*", "*", "tiny", _FLUSHED_IN_BOTH, _ANY, _ANY),
    Reason("RMSprop*", "*", "squares that vanish", _FLUSHED_IN_BOTH, _ANY, _ANY),
    # A gradient that is not that of the value
    Reason(
        "CategoricalCrossentropy(from_logits=True): gradient", "*", "targets that do not sum to 1",
        "the gradient is softmax - targets, whatever the sum of the targets", _ANY, _ANY,
    ),
    # Overflow on the way to a finite number
    Reason(
        "BinaryCrossentropy(from_logits=True*", "*", "the largest numbers",
        "the sum overflows before it is divided by the number of outputs", _ANY, _ANY,
    ),
    Reason(
        "CategoricalCrossentropy(from_logits=True*", "*", "the largest numbers",
        "the difference of two logits overflows, and infinity times a target of 0 is NaN",
        _ANY, _ANY,
    ),
    Reason(
        "MeanSquaredError", "*", "a sum of squares that overflows",
        "the sum overflows before it is divided by the number of outputs", _ANY, _ANY,
    ),
    Reason(
        "MeanSquaredError: gradient", "*", "the largest numbers",
        "twice the difference overflows before it is divided by the number of outputs", _ANY, _ANY,
    ),
    Reason(
        "*", "*", "squares that overflow",
        "the square of the gradient overflows, and a step divided by its root is 0 or NaN",
        _ANY, _ANY,
    ),
)  # fmt: skip


class Fault(NamedTuple):
    """Rows, with wildcards, in which minidense is further off than it promises, and why."""

    feature: str
    dtype: str
    inputs: str
    text: str


FAULTS: tuple[Fault, ...] = ()


def fault_in(feature: str, dtype: str, inputs: str) -> Fault | None:
    """Return the fault that is known of a row, None if none is."""
    for fault in FAULTS:
        if all(map(fnmatchcase, (feature, dtype, inputs), fault[:3])):
            return fault
    return None


def reason_for(
    feature: str, dtype: str, inputs: str, keras: float, minidense: float
) -> Reason | None:
    """Return why the libraries are off by so many units in this row, None if nobody knows."""
    for reason in REASONS:
        patterns = (reason.feature, reason.dtype, reason.inputs)
        fits = all(map(fnmatchcase, (feature, dtype, inputs), patterns))
        if fits and keras <= reason.keras and minidense <= reason.minidense:
            return reason
    return None
