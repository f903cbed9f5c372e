"""Several batches of `predict` in one run of a plan, with the bits that each has alone.

A step makes the same few calls of NumPy for one batch as for ten, and where a row is short it is
these calls that take the time. The batches become a stack, (batches, rows, features), and not one
long batch: of a stack `np.matmul` makes one product for each batch, of the shape that it has alone,
where the product of a long batch is added up in another order. All else that is done in a stacked
plan goes number by number, or along the last axis.
"""

from collections.abc import Iterator

from minidense.activations import ActivationStep, is_built_in
from minidense.graph.plan import Plan, Step
from minidense.layers import Activation, Dense, Dropout, ReLU
from minidense.layers.dense import Affine
from minidense.typing import Array

_NUMBERS = 2**16  # in the widest output of a layer in a stack: of float32 they fit in a cache


def batches_in_a_stack(plan: Plan, batch_size: int) -> int:
    """Return how many batches may be run as one, at rest; 1 if they must be run one by one.

    Only rows of one axis, and built-in layers that go row by row, are stacked. Batches of a single
    row are not: their products are not cut (`minidense/products.py`).
    """
    made = [tensor for node in plan.calls for tensor in node.output_tensors]
    one_axis = all(tensor.ndim == 2 and tensor.shape[-1] for tensor in [*plan.inputs, *made])
    if batch_size == 1 or not one_axis or not all(_may_be_stacked(step) for step in plan.steps):
        return 1
    widest = max((tensor.shape[-1] or 0 for tensor in made), default=_NUMBERS)
    return max(1, _NUMBERS // widest // batch_size)


def _may_be_stacked(step: Step) -> bool:
    """Whether a step, at rest, gives the same for a row whatever axes are in front of its last."""
    layer = step.layer
    if isinstance(layer, Affine):
        return type(layer.dense) is Dense
    if isinstance(layer, ActivationStep):
        return is_built_in(layer.function)
    if "forward" in vars(layer):  # a user's, set on the object
        return False
    if type(layer) is Activation:
        return is_built_in(layer.activation)
    return type(layer) is ReLU or (type(layer) is Dropout and not step.training)


def forward_by_batches(
    plan: Plan, inputs: list[Array], batch_size: int, training: bool | None
) -> Iterator[list[Array]]:
    """Run the rows of one batch, or of several in a stack; yield the outputs of each batch."""
    rows = len(inputs[0])
    if rows <= batch_size:
        yield plan.forward(inputs, training)[0]
        return
    batches = rows // batch_size
    whole = batches * batch_size
    # (rows, features) -> (batches, batch_size, features)
    stack = [array[:whole].reshape(batches, batch_size, *array.shape[1:]) for array in inputs]
    outputs = plan.forward(stack, training)[0]
    for batch in zip(*outputs, strict=True):
        yield list(batch)
    if whole < rows:
        yield plan.forward([array[whole:] for array in inputs], training)[0]


__all__ = ["batches_in_a_stack", "forward_by_batches"]
