"""Products of tensors by the names of their axes."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from minidense import checks
from minidense.dtypes import kind_of, result_type
from minidense.engine.inputs import as_operand, in_dtype
from minidense.engine.operation import Composite
from minidense.ops.axes import in_order, on_diagonal
from minidense.ops.comparisons import where
from minidense.ops.contractions import contracted
from minidense.ops.reductions import sum as sum_of
from minidense.ops.shapes import cast


def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Any:
    """Return a product of tensors, summed over the axes that the output does not name.

    Args:
        subscripts: a letter for each axis: "bi,ij->bj". What has one letter is multiplied with each
            other; `...` stands for any axes before or behind. Without "->" the output has the
            letters that stand once, in the alphabet's order.
        *operands: the tensors.
        **kwargs: `optimize`, which changes nothing here: several are multiplied from left to right.

    Raises:
        ValueError: for subscripts that do not fit the tensors.

    Source: `tf.einsum`, as `keras.ops.einsum` calls it.

    >>> import numpy as np
    >>> einsum("bi,ij->bj", np.ones((2, 3), "float32"), np.ones((3, 1), "float32"))
    array([[3.],
           [3.]], dtype=float32)
    >>> einsum("ii", np.float32([[1, 2], [3, 4]]))
    array(5., dtype=float32)
    """
    return _einsum(*operands, subscripts=subscripts)


def _of_operands(*operands: Any, subscripts: str) -> Any:
    tensors = [as_operand(x) for x in operands]
    kinds = {kind_of(x) for x in tensors}
    dtype = "int32" if kinds == {"int8"} else result_type(kinds)
    wide = result_type([dtype, float]) if "int" in dtype else dtype
    names, wanted = _labels(subscripts, [len(x.shape) for x in tensors])
    (product, labels), *others = [
        _with_single_labels(in_dtype(x, wide), each) for x, each in zip(tensors, names, strict=True)
    ]
    for place, (other, other_labels) in enumerate(others, start=1):
        later = {*wanted, *(each for _, behind in others[place:] for each in behind)}
        product, labels = _without_lone_labels(product, labels, {*other_labels, *later})
        x, x_labels = _without_lone_labels(other, other_labels, {*labels, *later})
        summed = [each for each in labels if each in x_labels and each not in later]
        product, labels = contracted("einsum", product, labels, x, x_labels, summed)
    product, labels = _without_lone_labels(product, labels, {*wanted})
    return cast(in_order(product, [labels.index(each) for each in wanted]), dtype=dtype)


_einsum = Composite(_of_operands, name="einsum")


def _labels(subscripts: str, ranks: Sequence[int]) -> tuple[list[list[str]], list[str]]:
    """Return the names of the axes of each tensor, and of the output.

    >>> _labels("...a,ab->...b", [3, 2])
    ([['...2', '...1', 'a'], ['a', 'b']], ['...2', '...1', 'b'])
    """
    left, arrow, right = "".join(subscripts.split()).partition("->")
    parts = left.split(",")
    words = [*parts, right]
    checks.subscripts(
        subscripts, [re.fullmatch(r"[a-zA-Z]*(\.\.\.)?[a-zA-Z]*", word) for word in words]
    )
    checks.operand_count(subscripts, len(parts), len(ranks))
    lone = [rank - len(part.replace("...", "")) for part, rank in zip(parts, ranks, strict=True)]
    for part, more, rank in zip(parts, lone, ranks, strict=True):
        checks.fits_rank(part, more if "..." in part else -abs(more), rank)
    ellipses = [more for part, more in zip(parts, lone, strict=True) if "..." in part]
    names = [_named(part, more) for part, more in zip(parts, lone, strict=True)]
    if not arrow:
        counted = Counter(left.replace(",", "").replace(".", ""))
        right = "..." * bool(ellipses) + "".join(sorted(c for c in counted if counted[c] == 1))
    wanted = _named(right, max(ellipses, default=0))
    checks.output_labels(subscripts, wanted, {each for part in names for each in part})
    return names, wanted


def _named(part: str, more: int) -> list[str]:
    """Return the names of the axes of one tensor; those of `...` are counted from the last."""
    before, dots, behind = part.partition("...")
    return [*before, *(f"...{more - i}" for i in range(more if dots else 0)), *behind]


def _with_single_labels(x: Any, labels: list[str]) -> tuple[Any, list[str]]:
    """Return the numbers where axes of one name are at the same place, under that name."""
    labels = list(labels)
    for label in [each for each, count in Counter(labels).items() for _ in range(count - 1)]:
        first = labels.index(label)
        second = labels.index(label, first + 1)
        checks.same_sizes("einsum", label, (x.shape[first], x.shape[second]))
        x = sum_of(where(on_diagonal(x, axes=(first, second)), x, 0), axis=second)
        del labels[second]
    return x, labels


def _without_lone_labels(x: Any, labels: list[str], kept: set[str]) -> tuple[Any, list[str]]:
    """Return the sum over the axes whose names stand nowhere else."""
    lone = tuple(axis for axis, label in enumerate(labels) if label not in kept)
    if not lone:
        return x, labels
    return sum_of(x, axis=lone), [label for label in labels if label in kept]
