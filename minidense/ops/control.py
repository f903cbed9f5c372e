"""Control flow: loops and choices that Python goes through.

In a trace, a loop whose number of turns is known becomes as many operations, one after the other,
and what depends on numbers that are not known yet is refused.

Mirrors the control flow of `keras.ops` (`keras/src/backend/tensorflow/core.py`).
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

from minidense import checks
from minidense.nest import flatten, map_structure, pack_like, pattern
from minidense.ops.parts import stack
from minidense.ops.shapes import convert_to_tensor, zeros_like
from minidense.tensors import Symbolic
from minidense.variables import Variable

Function = Callable[..., Any]

_CHOOSE = "`ops.where(condition, x1, x2)` chooses number by number."
_UNROLL = "A loop of so many turns as a Python int says is possible, as in `ops.fori_loop`."
_WHOLE = "Give the data a batch size that is known, or compute for all rows at once."


def cond(pred: Any, true_fn: Function, false_fn: Function) -> Any:
    """Return what `true_fn()` returns, or `false_fn()`: one of them is called.

    Args:
        pred: a tensor of shape (), or a boolean, 1 or 0.
        true_fn: called without arguments.
        false_fn: likewise.

    Raises:
        TypeError: for what is neither true nor false, and for a function that is none.
        NotImplementedError: for a tensor in a trace.

    >>> float(cond(convert_to_tensor(2.0) > 1.0, lambda: 1.0, lambda: 0.0))
    1.0
    """
    checks.callables("cond", true_fn=true_fn, false_fn=false_fn)
    known = _decided("cond", "pred", pred, _CHOOSE)
    checks.condition("pred", known)
    return true_fn() if known else false_fn()


def switch(index: Any, branches: Sequence[Function], *operands: Any) -> Any:
    """Return what one of several functions returns for the operands.

    Args:
        index: which one; a number outside is the first, or the last.
        branches: the functions.
        *operands: what the one is called with.

    Raises:
        ValueError: without a function.
        NotImplementedError: for an index that is a tensor in a trace.

    >>> switch(1, [lambda x: x + 1, lambda x: x - 1], 5)
    4
    """
    checks.some_branch(len(branches))
    place = int(convert_to_tensor(_decided("switch", "index", index, _CHOOSE), "int32"))
    return branches[min(max(place, 0), len(branches) - 1)](*operands)


def while_loop(
    cond: Function, body: Function, loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    """Return the loop's variables after `loop_vars = body(*loop_vars)`, while `cond` is true.

    Args:
        cond: takes the variables, and returns whether to go on.
        body: takes them, and returns the next ones in the same nesting.
        loop_vars: a list or a tuple, of which each part is an argument; or anything as one.
        maximum_iterations: after which it ends in any case.

    Raises:
        TypeError: for a condition that cannot be called.
        ValueError: without variables, and for others after the loop's body.
        NotImplementedError: for a condition that is a tensor in a trace.

    >>> [int(x) for x in while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, x * 2), (0, 1))]
    [3, 8]
    """
    checks.callables("while_loop", cond=cond)
    is_many = isinstance(loop_vars, (list, tuple))
    values = tuple(loop_vars) if is_many else (loop_vars,)
    checks.some_loop_variable(len(values))
    nesting = pattern(values)
    for _ in count() if maximum_iterations is None else range(maximum_iterations):
        if not _decided("while_loop", "cond", cond(*values), _UNROLL):
            break
        new = body(*values)
        values = tuple(new) if is_many and isinstance(new, (list, tuple)) else (new,)
        checks.same_loop_variables(pattern(values) == nesting and len(values) == len(nesting) - 1)
    values = map_structure(convert_to_tensor, values)
    return values if is_many else values[0]


def fori_loop(lower: Any, upper: Any, body_fun: Function, init_val: Any) -> Any:
    """Return the value after `val = body_fun(i, val)` for each i from `lower` up to `upper`.

    Args:
        lower: the first number.
        upper: the number after the last one.
        body_fun: takes a number and the value, and returns the next value.
        init_val: the first value; nested.

    Raises:
        NotImplementedError: for a bound that is a tensor in a trace.

    >>> int(fori_loop(0, 5, lambda i, total: total + i, 0))
    10
    """
    last = _decided("fori_loop", "upper", upper, _UNROLL)
    value, i = init_val, _decided("fori_loop", "lower", lower, _UNROLL)
    while i < last:
        value, i = body_fun(i, value), i + 1
    return map_structure(convert_to_tensor, value)


def scan(
    f: Function,
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[Any, Any]:
    """Go over the rows with `carry, y = f(carry, x)`; return the last carry, and the ys stacked.

    Args:
        f: takes a carry and a row, and returns the next carry and a result.
        init: the first carry; nested. As in Keras on TensorFlow, results are nested like it.
        xs: tensors, nested; a list is several ones.
        length: how many rows there are, needed without `xs`.
        reverse: whether to begin with the last row.
        unroll: Keras's; it has no effect.

    Raises:
        TypeError: for an `f` that cannot be called.
        ValueError: for another `unroll`, without `xs` and `length`, and for a `length` that is not
            that of `xs`.
        NotImplementedError: in a trace in which the number of rows is not known.

    >>> import numpy as np
    >>> last, sums = scan(lambda total, x: (total + x, total + x), 0, np.int32([1, 2, 3]))
    >>> int(last), sums
    (6, array([1, 3, 6], dtype=int32))
    """
    checks.callables("scan", f=f)
    checks.unroll(unroll)
    checks.something_to_scan(xs is not None or length is not None)
    carry = map_structure(convert_to_tensor, init)
    tensors = None if xs is None else map_structure(convert_to_tensor, xs)
    rows = [None] * int(length or 0) if tensors is None else list(_rows("scan", tensors))
    checks.length_of_scan(length, len(rows))
    unset = [zeros_like(leaf) for leaf in flatten(carry)]
    results = []
    for x in reversed(rows) if reverse else rows:
        new, y = f(carry, x)
        results.append(unset if y is None else flatten(map_structure(convert_to_tensor, y)))
        carry = carry if new is None else map_structure(convert_to_tensor, new)
        checks.like_the_carry(_specs(results[-1]), _specs(unset))
    results = results[::-1] if reverse else results
    return carry, pack_like(carry, [stack(list(ys)) for ys in zip(*results, strict=True)])


def map(f: Function, xs: Any) -> Any:  # noqa: A001 - Keras's name
    """Return what a function gives for each row, stacked.

    Args:
        f: takes a row; what it returns may be nested.
        xs: tensors with the same number of rows, nested; a list is several ones.

    Raises:
        ValueError: for different numbers of rows, or none at all.
        NotImplementedError: in a trace in which the number of rows is not known.

    >>> import numpy as np
    >>> map(lambda x: x * x, np.int32([1, 2, 3]))
    array([1, 4, 9], dtype=int32)
    """
    return _mapped("map", f, xs)


def vectorized_map(function: Function, elements: Any) -> Any:
    """Return what a function gives for each row, stacked; as `map`.

    >>> import numpy as np
    >>> vectorized_map(lambda x: x[0] + x[1], [np.int32([1, 2]), np.int32([3, 4])])
    array([4, 6], dtype=int32)
    """
    return _mapped("vectorized_map", function, elements)


def _mapped(name: str, function: Function, xs: Any) -> Any:
    checks.callables(name, f=function)
    results = [function(x) for x in _rows(name, map_structure(convert_to_tensor, xs))]
    columns = zip(*[flatten(result) for result in results], strict=True)
    return pack_like(results[0], [stack(list(column)) for column in columns])


def _rows(name: str, tensors: Any) -> Iterator[Any]:
    """Return the rows of nested tensors one by one, each in the same nesting."""
    leaves = flatten(tensors)
    sizes = [leaf.shape[0] if leaf.shape else 0 for leaf in leaves]
    checks.decided(name, "xs", None not in sizes, _WHOLE)
    checks.rows_to_go_over(name, sizes)
    return (pack_like(tensors, [leaf[row] for leaf in leaves]) for row in range(sizes[0]))


def _specs(tensors: Sequence[Any]) -> list[tuple[Any, Any]]:
    return [(tensor.shape, tensor.dtype) for tensor in tensors]


def _decided(name: str, argument: str, value: Any, instead: str) -> Any:
    """Return what control flow goes by, if it has a number."""
    known = value.value if isinstance(value, Variable) else value
    checks.decided(name, argument, not isinstance(known, Symbolic), instead)
    return known
