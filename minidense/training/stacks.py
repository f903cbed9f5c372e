"""Several batches of `predict` in one run of a plan, with the bits that each has alone.

A step makes the same few calls of NumPy for one batch as for eight, and with 32 rows in a batch it
is these calls that take the time. The batches become a stack, (batches, rows, ...), and not one
long batch: of a stack `np.matmul` makes one product for each batch, of the shape that it has alone,
where the product of a long batch is added up in another order. All else that is done in a stacked
plan goes number by number, or along the last axis.
"""

from collections.abc import Iterator

from minidense.activations import ActivationStep, is_built_in
from minidense.graph.plan import Plan, Step
from minidense.layers import Activation, Dropout
from minidense.layers.dense import Affine
from minidense.typing import Array

_ROWS = 256  # more are no quicker, and these fit in a cache


def batches_in_a_stack(plan: Plan, batch_size: int) -> int:
    """Return how many batches may be run as one, at rest; 1 if a step looks at more than a row.

    Batches of a single row are left alone: their products are not cut (`minidense/products.py`).
    """
    if batch_size == 1 or not all(_looks_at_the_last_axis(step) for step in plan.steps):
        return 1
    return max(1, _ROWS // batch_size)


def _looks_at_the_last_axis(step: Step) -> bool:
    """Whether a step, at rest, gives the same for a row whatever axes are in front of its last."""
    layer = step.layer
    if isinstance(layer, ActivationStep):
        return is_built_in(layer.function)
    if type(layer) is Activation:
        return is_built_in(layer.activation)
    return isinstance(layer, Affine) or (type(layer) is Dropout and not step.training)


def forward_by_batches(
    plan: Plan, inputs: list[Array], batch_size: int, training: bool | None
) -> Iterator[list[Array]]:
    """Run the rows of one batch, or of several in a stack; yield the outputs of each batch."""
    rows = len(inputs[0])
    whole = rows - rows % batch_size
    if rows > batch_size:
        # (rows, ...) -> (batches, batch_size, ...)
        stack = [array[:whole].reshape(-1, batch_size, *array.shape[1:]) for array in inputs]
        outputs, _ = plan.forward(stack, training)
        for batch in zip(*outputs, strict=True):
            yield list(batch)
        inputs = [array[whole:] for array in inputs]
    if rows <= batch_size or whole < rows:
        outputs, _ = plan.forward(inputs, training)
        yield outputs


__all__ = ["batches_in_a_stack", "forward_by_batches"]
