"""Operations that take a part of a tensor, put it back into its place, or stack several tensors."""

from typing import Any

import numpy as np

from minidense import checks
from minidense.engine.operation import Composite, operation
from minidense.ops.shapes import like_spec
from minidense.typing import Shape

_MANY = 10_000  # rows, where they are not known: each number and slice is inside


@operation
def get_item(x: Any, *, key: Any) -> Any:
    """Return a part of x, by slices and numbers as in NumPy; mirrors `tf.strided_slice`.

    >>> get_item(np.int32([1, 2, 3]), key=slice(1, None))
    array([2, 3], dtype=int32)
    """
    return x[key]


@get_item.spec
def _(x: Any, *, key: Any) -> tuple[Shape, Any]:  # a part of what is not known is not known
    whole = np.broadcast_to(np.zeros((), x.dtype), [_MANY if n is None else n for n in x.shape])
    keys = list(key) if isinstance(key, tuple) else [key]
    if not any(each is ... for each in keys):
        keys.append(...)
    rest = next(place for place, each in enumerate(keys) if each is ...)
    more = x.ndim - sum(each is not None and each is not ... for each in keys)
    keys[rest : rest + 1] = [slice(None)] * more
    dims = iter(x.shape)
    sources = [(each, 1 if each is None else next(dims)) for each in keys]
    kept = [dim for each, dim in sources if each is None or isinstance(each, slice)]
    sizes = zip(kept, whole[key].shape, strict=True)
    return tuple(None if dim is None else size for dim, size in sizes), x.dtype


@get_item.gradient
def _(grad: Any, x: Any, key: Any) -> Any:
    return put_item(grad, x, key=key)


@operation(opaque=True)
def put_item(part: Any, like: Any, *, key: Any) -> Any:
    """Return zeros in the shape of a tensor, but for a part; mirrors `StridedSliceGrad`.

    >>> put_item(np.int32([7]), np.int32([1, 2, 3]), key=slice(1, 2))
    array([0, 7, 0], dtype=int32)
    """
    whole = np.zeros(like.shape, part.dtype)
    whole[key] = part
    return whole


put_item.spec(like_spec)


@put_item.gradient
def _(grad: Any, key: Any) -> Any:
    return get_item(grad, key=key), None


@operation(opaque=True)
def boolean_mask(x: Any, mask: Any) -> Any:
    """Return the rows of x, or the numbers, where a mask is true; mirrors `tf.boolean_mask`.

    >>> boolean_mask(np.int32([1, 2, 3]), np.array([True, False, True]))
    array([1, 3], dtype=int32)
    """
    return x[mask]


@boolean_mask.spec
def _(x: Any, mask: Any) -> tuple[Shape, Any]:
    checks.known_mask(mask)
    return (None, *x.shape[mask.ndim :]), x.dtype


@boolean_mask.gradient
def _(grad: Any, x: Any, mask: Any) -> Any:
    return where_masked(grad, x, mask), None


@operation(opaque=True)
def where_masked(part: Any, like: Any, mask: Any) -> Any:
    """Return zeros in the shape of a tensor, but for what a mask chose of it.

    >>> where_masked(np.int32([7]), np.int32([1, 2]), np.array([False, True]))
    array([0, 7], dtype=int32)
    """
    whole = np.zeros(like.shape, part.dtype)
    whole[mask] = part
    return whole


@where_masked.spec
def _(part: Any, like: Any, mask: Any) -> tuple[Shape, Any]:
    return like.shape, part.dtype


@where_masked.gradient
def _(grad: Any, mask: Any) -> Any:
    return boolean_mask(grad, mask), None, None


@operation
def stack_all(*xs: Any, axis: int = 0) -> Any:
    """Return several tensors of one shape along a new axis; mirrors `tf.stack`.

    >>> stack_all(np.int32([1, 2]), np.int32([3, 4])).shape
    (2, 2)
    """
    return np.stack(xs, axis)


@stack_all.gradient
def _(grad: Any, xs: Any, axis: int) -> Any:
    before = (slice(None),) * (axis % grad.ndim)
    return tuple(get_item(grad, key=(*before, place)) for place in range(len(xs)))


@Composite
def stack(x: Any, axis: int = 0) -> Any:
    """Return a list of tensors of one shape as one tensor; mirrors `tf.stack`.

    >>> stack([np.int32([1, 2]), np.int32([3, 4])], axis=1)
    array([[1, 3],
           [2, 4]], dtype=int32)
    """
    checks.list_of_tensors("stack", x)
    return stack_all(*x, axis=axis)
