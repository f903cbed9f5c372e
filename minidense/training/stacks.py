"""Several batches of `predict` in one run of a program, with the bits that each has alone.

A program makes the same few calls of NumPy for one batch as for ten, and where a row is short it is
these calls that take the time. The batches become a stack, (batches, rows, features), and not one
long batch: of a stack, `np.matmul` makes one product for each batch, in the shape that it has
alone, where the product of a long batch is added up in another order. All else that is done in a
stack goes number by number, or along the last axis; and what leaves the last few numbers of a batch
to the C library is stacked only where none are left.
"""

from minidense.engine.operation import Call
from minidense.engine.trace import Trace, TraceTensor
from minidense.numerics.registers import REGISTER

_NUMBERS = 2**16  # in the widest tensor of a stack: of float32 they fit in a cache
_INPUTS = 2**19  # numbers of an input in a stack: rows that do not lie in order are copied


def batches_in_a_stack(trace: Trace, batch_size: int) -> int:
    """Return how many batches may be run as one; 1 if they must be run one by one.

    Only rows of one axis are stacked, and what goes row by row. Batches of a single row are not:
    their products are not cut (`numerics/products.py`).
    """
    made = _made_row_by_row(trace, batch_size)
    if batch_size == 1 or made is None:
        return 1
    widest = max((x.shape[-1] or 0 for x in made), default=_NUMBERS)
    widest_input = max(x.shape[-1] or 0 for x in trace.inputs)
    return max(1, min(_NUMBERS // widest, _INPUTS // widest_input) // batch_size)


def _made_row_by_row(trace: Trace, batch_size: int) -> list[TraceTensor] | None:
    """Return what a trace makes of its inputs; None if it is not made row by row."""
    of_rows = {id(x) for x in trace.inputs}
    made: list[TraceTensor] = []
    for call in trace.calls:
        if not call.outputs:  # it checks all rows
            return None
        if any(id(x) in of_rows for x in call.inputs):
            if not _goes_row_by_row(call, of_rows, batch_size):
                return None
            of_rows.update(map(id, call.outputs))
            made += call.outputs
    ends = [*trace.inputs, *made]
    are_rows = all(len(x.shape) == 2 and x.shape[-1] for x in ends)
    are_made_of_rows = all(id(output) in of_rows for output in trace.outputs)
    return made if are_rows and are_made_of_rows and not trace.writes else None


def _goes_row_by_row(call: Call, of_rows: set[int], batch_size: int) -> bool:
    """Whether a call gives the same for a row whatever axes are in front of its last."""
    columns = call.outputs[0].shape[-1:] or (1,)
    fills_registers = None not in columns and batch_size * columns[0] % REGISTER == 0
    first, *others = [id(x) in of_rows for x in call.inputs]
    needs_others_alike = not call.operation.elementwise  # a product: by the same matrix
    return (
        call.operation.row_by_row
        and (fills_registers or not call.operation.in_registers)
        and call.settings.get("axis", -1) == -1
        and (first or not needs_others_alike)
        and not (needs_others_alike and any(others))
        and all(len(getattr(x, "shape", ())) <= 2 for x in call.inputs)
    )
