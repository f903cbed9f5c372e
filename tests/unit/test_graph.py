"""The plan: what runs when, what goes back where, and what nobody needs."""

from typing import Any

import numpy as np
import pytest

from minidense import Input, KerasTensor, Model, Sequential, layers
from minidense.graph.nest import flatten, map_structure, pack_like
from minidense.graph.plan import Plan, WithoutLogits
from minidense.graph.symbolic import node_of
from minidense.layers.dense import Affine
from minidense.layers.steps import CallStep, CastStep
from minidense.typing import Array


def rows(*shape: int) -> Array:
    return np.random.RandomState(2).uniform(-1, 1, shape)


class Product(layers.Layer):
    """left * right."""

    def forward(self, inputs: Any, training: bool | None) -> tuple[Array, Any]:
        left, right = inputs
        return left * right, (left, right)

    def backward(self, grad: Array, saved: Any, needs_input_grad: bool) -> tuple[Any, list[Array]]:
        left, right = saved
        return [grad * right, grad * left], []

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0]


class Watched(layers.Layer):
    """Hands on what it is given, and remembers whether its input gradient was wanted."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.wanted: list[bool] = []

    def forward(self, inputs: Array, training: bool | None) -> tuple[Array, None]:
        return inputs * 1, None

    def backward(self, grad: Array, saved: None, needs_input_grad: bool) -> tuple[Any, list[Array]]:
        self.wanted.append(needs_input_grad)
        return (grad if needs_input_grad else None), []

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


def dense(units: int, activation: str | None = "tanh", **kwargs: Any) -> layers.Dense:
    return layers.Dense(units, activation=activation, dtype="float64", **kwargs)


def double_input(*shape: int) -> KerasTensor:
    return Input(shape, dtype="float64")


def check_gradients(model: Model, x: list[Array]) -> None:
    """Compare the plan's gradients of sum(outputs * weights of our own) with differences."""

    def total() -> float:
        outputs = model.forward(x if len(x) > 1 else x[0], training=False)[0]
        return float((outputs * rows(*outputs.shape)).sum())

    outputs, saved = model.forward(x if len(x) > 1 else x[0], training=False)
    input_grads, weight_grads = model.backward(rows(*outputs.shape), saved, True)
    arrays = [weight.value for weight in model.trainable_weights] + x
    grads = [*weight_grads, *(input_grads if len(x) > 1 else [input_grads])]
    step = 1e-6
    for array, grad in zip(arrays, grads, strict=True):
        assert grad.shape == array.shape
        for index in np.ndindex(*array.shape):
            kept = array[index]
            array[index] = kept + step
            above = total()
            array[index] = kept - step
            difference = (above - total()) / (2 * step)
            array[index] = kept
            assert abs(grad[index] - difference) < 1e-7  # the differences' own error is 1e-9


def shared() -> tuple[Model, list[Array]]:
    inputs, square = double_input(3), dense(3)
    return Model(inputs, square(square(inputs))), [rows(2, 3)]


def branches() -> tuple[Model, list[Array]]:
    inputs = double_input(3)
    left = dense(2)(inputs)
    outputs = dense(2, None)(Product(dtype="float64")([left, dense(2)(dense(4)(left))]))
    return Model(inputs, outputs), [rows(2, 3)]


def two_inputs() -> tuple[Model, list[Array]]:
    left, right = double_input(3), double_input(2)
    both = Product(dtype="float64")([dense(2)(left), dense(2)(right)])
    return Model([right, left], both), [rows(2, 2), rows(2, 3)]


def models_in_models() -> tuple[Model, list[Array]]:
    core = Sequential([double_input(3), dense(3)])
    core.compute_dtype = "float64"
    inputs = double_input(3)
    return Model(inputs, core(dense(3)(core(inputs)))), [rows(2, 3)]


def the_input_is_used_twice() -> tuple[Model, list[Array]]:
    inputs = double_input(3)
    return Model(inputs, Product(dtype="float64")([inputs, dense(3)(inputs)])), [rows(2, 3)]


@pytest.mark.parametrize(
    "make", [shared, branches, two_inputs, models_in_models, the_input_is_used_twice]
)
def test_gradients_are_central_differences(make: Any) -> None:
    check_gradients(*make())


def test_a_gradient_that_is_a_little_wrong_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Product.backward

    def wrong(self: Product, *args: Any) -> Any:
        (left, other), nothing = right(self, *args)
        return [left * 1.0005, other], nothing

    monkeypatch.setattr(Product, "backward", wrong)
    with pytest.raises(AssertionError):
        check_gradients(*branches())


def backward(model: Model, x: Array, needs_input_grad: bool) -> tuple[Any, list[Array]]:
    outputs, saved = model.forward(x, training=True)
    return model.backward(np.ones_like(outputs), saved, needs_input_grad)


def test_the_input_gradient_that_nobody_needs_is_not_computed() -> None:
    below, between, above = Watched(), Watched(), Watched()
    model = Sequential([Input((4,)), below, layers.Dense(3), between, layers.Dense(3), above])
    x = rows(2, 4).astype("float32")
    input_grad, _ = backward(model, x, needs_input_grad=False)
    assert input_grad is None
    assert (below.wanted, between.wanted, above.wanted) == ([], [True], [True])
    input_grad, _ = backward(model, x, needs_input_grad=True)
    assert input_grad.shape == x.shape
    assert below.wanted == [True]


def test_below_the_first_layer_that_learns_nothing_runs() -> None:
    watched = [Watched() for _ in range(3)]
    frozen = layers.Dense(4, trainable=False)
    model = Sequential(
        [Input((4,)), watched[0], frozen, watched[1], layers.Dense(4), watched[2], layers.Dense(1)]
    )
    _, weight_grads = backward(model, rows(2, 4).astype("float32"), needs_input_grad=False)
    assert [len(layer.wanted) for layer in watched] == [0, 0, 1]
    assert [grad.shape for grad in weight_grads] == [(4, 4), (4,), (4, 1), (1,)]


def test_a_frozen_layer_between_two_hands_the_gradient_on() -> None:
    model = Sequential([Input((4,)), *(layers.Dense(4) for _ in range(3))])
    model.layers[1].trainable = False
    _, weight_grads = backward(model, rows(2, 4).astype("float32"), needs_input_grad=False)
    assert len(weight_grads) == 4
    assert all(grad.any() for grad in weight_grads)


def test_two_ways_forward_and_two_back_in_any_order_are_independent() -> None:
    model = shared()[0]
    one, other = rows(2, 3), rows(5, 3)
    alone = [backward(model, x, True) for x in (one, other)]
    tapes = [model.forward(x, training=True) for x in (one, other)]
    for index in (1, 0):
        outputs, saved = tapes[index]
        input_grad, weight_grads = model.backward(np.ones_like(outputs), saved, True)
        np.testing.assert_array_equal(input_grad, alone[index][0])
        for grad, expected in zip(weight_grads, alone[index][1], strict=True):
            np.testing.assert_array_equal(grad, expected)


ENDS: dict[str, tuple[Any, bool]] = {
    "softmax": (lambda: [layers.Softmax()], True),
    "dense softmax": (lambda: [layers.Dense(3, activation="softmax")], True),
    "dense sigmoid": (lambda: [layers.Dense(3, activation="sigmoid")], True),
    "dense relu": (lambda: [layers.Dense(3, activation="relu")], False),
    "linear behind": (lambda: [layers.Softmax(), layers.Activation("linear")], True),
    "dropout at rest behind": (lambda: [layers.Softmax(), layers.Dropout(0.5)], True),
    "flatten behind": (lambda: [layers.Softmax(), layers.Flatten()], False),
    "relu behind": (lambda: [layers.Softmax(), layers.ReLU()], False),
    "nested": (lambda: [Sequential([Input((3,)), layers.Dense(3, "softmax")])], True),
    "nested twice": (
        lambda: [Sequential([Input((3,)), Sequential([Input((3,)), layers.Softmax()])])],
        True,
    ),
    "nothing": (lambda: [layers.Dense(3)], False),
}


@pytest.mark.parametrize("end", ENDS)
def test_logits_are_what_went_into_a_last_softmax(end: str) -> None:
    make, has_logits = ENDS[end]
    model = Sequential([Input((3,)), layers.Dense(3), *make()])
    assert model.plan is not None
    (outputs,), tape = model.plan.forward([rows(4, 3).astype("float32")], training=False)
    logits = model.plan.logits(tape)
    assert (logits is not None) == has_logits
    if logits is None:
        return
    powers = np.exp(logits)
    total = 1 + powers if "sigmoid" in end else powers.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(powers / total, outputs, rtol=1e-5)
    # the way back from the logits is the way back from the outputs without the last activation
    grad = rows(4, 3).astype("float32")
    _, weight_grads = model.plan.backward(grad, tape, at_logits=True)
    assert set(weight_grads) == set(model.trainable_weights)


@pytest.mark.parametrize("step", [CastStep, CallStep, Affine])
def test_a_step_that_is_no_softmax_has_no_logits_and_no_way_back_from_them(step: Any) -> None:
    assert issubclass(step, WithoutLogits)
    assert not {"logits", "backward_from_logits"} & set(vars(step)), "said once, in WithoutLogits"
    bare = step.__new__(step)
    assert bare.logits(rows(2), rows(2)) is None
    with pytest.raises(NotImplementedError):
        bare.backward_from_logits(rows(2), None, True)


def test_dropout_at_work_hides_the_logits() -> None:
    model = Sequential([Input((3,)), layers.Softmax(), layers.Dropout(0.5)])
    assert model.plan is not None
    _, tape = model.plan.forward([rows(4, 3).astype("float32")], training=True)
    assert model.plan.logits(tape) is None


def test_a_plan_lists_calls_deepest_first() -> None:
    inputs = Input((3,))
    left, right = layers.Dense(3, name="left")(inputs), layers.Dense(3, name="right")(inputs)
    top = Product(name="top")([layers.Dense(3, name="deep")(left), right])
    plan = Plan([inputs], [top])
    assert [node.operation.name for node in plan.calls] == ["left", "deep", "right", "top"]


def test_the_depth_of_a_call_is_its_longest_way_to_an_output() -> None:
    start = layers.Dense(3, name="start")(Input((3,)))
    short = layers.Dense(3, name="short")(start)
    long = layers.Dense(3, name="long_2")(layers.Dense(3, name="long_1")(start))
    plan = Plan([start], [Product(name="top")([short, long])])
    whole = Plan([node_of(start).input_tensors[0]], [Product(name="top_2")([short, long])])
    assert [node.operation.name for node in plan.calls[-1:]] == ["top"]
    depths = {
        node.operation.name: depth
        for depth, nodes in whole.nodes_by_depth.items()
        for node in nodes
    }
    assert [depths[name] for name in ("start", "long_1", "long_2", "short")] == [3, 2, 1, 1]


def test_a_tensor_knows_the_call_that_made_it() -> None:
    layer, inputs = layers.Dense(3), Input((3,))
    first, second = layer(inputs), layer(inputs)
    assert node_of(first) is not node_of(second)
    assert node_of(second).operation is layer
    assert node_of(inputs).is_input


@pytest.mark.parametrize(
    "structure", [1, [1, 2], (1, [2, 3]), {"b": 1, "a": [2, {"d": 3, "c": 4}]}, [], {}]
)
def test_pack_like_undoes_flatten(structure: Any) -> None:
    leaves = flatten(structure)
    assert pack_like(structure, leaves) == structure
    assert flatten(map_structure(lambda leaf: -leaf, structure)) == [-leaf for leaf in leaves]


def test_a_keras_tensor_has_no_value() -> None:
    tensor = Input((3,))
    for wish, error in ((np.asarray, ValueError), (float, ValueError), (bool, TypeError)):
        with pytest.raises(error, match="KerasTensor"):
            wish(tensor)
    with pytest.raises(NotImplementedError):
        iter(tensor)
