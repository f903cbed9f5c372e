"""Sequential and functional models drawn at random, one inside the other too."""

from math import prod
from typing import Any

from hypothesis import strategies as st

from tests.drawn_models.parts import Draft, dense, layer
from tests.drawn_models.recipe import Call, Graph, Made, Part, Shape, Stack

DEEPEST = 8
LARGEST_INPUT = 160


def input_shape(draft: Draft) -> Shape:
    """Draw the shape of a sample, for inputs of rank 2 to 5."""
    rank = draft.draw(st.sampled_from((2, 2, 2, 3, 3, 4, 5)))
    if rank == 2:
        return (draft.draw(st.integers(1, 40)),)
    largest = {3: 12, 4: 5, 5: 3}[rank]
    shape = tuple(draft.draw(st.integers(1, largest)) for _ in range(rank - 1))
    assert prod(shape) <= LARGEST_INPUT
    return shape


def stack(
    draft: Draft,
    shape: Shape,
    depth: int,
    inside: int = 0,
    deferred: bool = False,
) -> Stack:
    """Draw a Sequential of this many layers; one in a while is a model itself."""
    begin = None if deferred else _begin(draft, shape, in_a_stack=True)
    layers: list[Part] = []
    output = shape
    for _ in range(depth):
        part, output = _part(draft, output, inside)
        layers.append(part)
    arguments = draft.name("stack")
    if draft.sometimes(10):  # inside another model, Keras trains the layers all the same
        arguments = (*arguments, ("trainable", False))
    return Stack(begin, tuple(layers), shape, output, draft.sometimes(3), arguments)


def graph(
    draft: Draft, shapes: list[Shape], depth: int, inside: int = 0, outputs: int = 1
) -> Graph:
    """Draw a functional model of this many calls: chains, branches, products, shared layers."""
    inputs = tuple(_begin(draft, shape, in_a_stack=False) for shape in shapes)
    tensors = list(shapes)
    layers: list[Part] = []
    calls: list[Call] = []
    takes: list[Shape] = []  # the shape that each layer takes; () for one of two inputs
    for _ in range(depth):
        tensor = _recent(draft, len(tensors))
        shape = tensors[tensor]
        same = [other for other, its in enumerate(tensors) if its == shape]
        sharable = [index for index, taken in enumerate(takes) if taken == shape]
        if draft.sometimes(3) and len(tensors) > 1:
            layers.append(Made("Product", draft.layer_arguments("product_no")))
            takes.append(())
            calls.append(Call(len(layers) - 1, (draft.choose(*same), tensor)))
            tensors.append(shape)
        elif sharable and draft.sometimes(3):
            index = draft.choose(*sharable)
            calls.append(Call(index, (tensor,)))
            tensors.append(tensors[_first_output(calls, index, len(shapes))])
        else:
            part, output = _part(draft, shape, inside)
            layers.append(part)
            takes.append(shape)
            calls.append(Call(len(layers) - 1, (tensor,)))
            tensors.append(output)
    chosen = _outputs(draft, len(shapes), len(tensors), outputs)
    used = tuple(t for t in sorted(_needed(calls, chosen, len(shapes))) if t < len(shapes))
    return Graph(
        inputs, tuple(layers), tuple(calls), used, chosen, tuple(tensors), draft.name("graph")
    )


def with_head(draft: Draft, model: Stack | Graph, head: list[Part], shape: Shape) -> Stack | Graph:
    """Return the model with more layers behind its (first) output; `shape` is what they give."""
    if not head:
        return model
    if isinstance(model, Stack):
        return Stack(
            model.begin,
            (*model.layers, *head),
            model.input_shape,
            shape,
            model.adds,
            model.arguments,
        )
    calls, shapes = list(model.calls), list(model.shapes)
    tensor = model.outputs[0]
    for index in range(len(head)):
        calls.append(Call(len(model.layers) + index, (tensor,)))
        shapes.append(shape)  # a head is a Dense, and what keeps its shape
        tensor = len(shapes) - 1
    return Graph(
        model.inputs,
        (*model.layers, *head),
        tuple(calls),
        model.used_inputs,
        (tensor,),
        tuple(shapes),
        model.arguments,
    )


def _part(draft: Draft, shape: Shape, inside: int) -> tuple[Part, Shape]:
    """Draw a layer, or now and then a model."""
    if inside > 0 and draft.sometimes(3):
        depth = draft.draw(st.integers(1, 3))
        if draft.sometimes(2):
            inner = stack(draft, shape, depth, inside - 1, draft.sometimes(3))
            return inner, inner.output_shape
        model = graph(draft, [shape], depth, inside - 1)
        return model, model.shapes[model.outputs[0]]
    return layer(draft, shape)


def _begin(draft: Draft, shape: Shape, in_a_stack: bool) -> Made:
    """Draw an Input or, where a Sequential begins, an InputLayer."""
    dtype = draft.dtype()
    given: tuple[tuple[str, Any], ...] = (("dtype", dtype),) if dtype else ()
    given += draft.name("input_no")
    if in_a_stack and draft.sometimes(3):
        how = draft.choose((("shape", shape),), (("batch_shape", (None, *shape)),))
        return Made("layers.InputLayer", (*how, *given))
    return Made("Input", (("shape", shape), *given))


def _recent(draft: Draft, tensors: int) -> int:
    """Draw a tensor to go on from: mostly the newest."""
    if draft.sometimes(3):
        return int(draft.draw(st.integers(0, tensors - 1)))
    return tensors - 1


def _first_output(calls: list[Call], layer_index: int, inputs: int) -> int:
    """Return the tensor that a layer's first call made."""
    return inputs + next(n for n, call in enumerate(calls) if call.layer == layer_index)


def _outputs(draft: Draft, inputs: int, tensors: int, count: int) -> tuple[int, ...]:
    """Draw which tensors are the outputs: the last, and others that are no inputs."""
    others = list(range(inputs, tensors - 1))
    if count == 1 or not others:
        return (tensors - 1,)
    more = draft.draw(
        st.lists(st.sampled_from(others), min_size=1, max_size=count - 1, unique=True)
    )
    return (*more, tensors - 1)


def _needed(calls: list[Call], outputs: tuple[int, ...], inputs: int) -> set[int]:
    """Return the tensors that the outputs come from, themselves included."""
    needed: set[int] = set()
    waiting = list(outputs)
    while waiting:
        tensor = waiting.pop()
        needed.add(tensor)
        if tensor >= inputs:
            waiting += calls[tensor - inputs].tensors
    return needed


__all__ = ["dense", "graph", "input_shape", "stack", "with_head"]
