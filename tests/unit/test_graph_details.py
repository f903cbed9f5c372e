"""The graph where a mutant of the source would differ: messages, names, missing logits."""

from typing import Any

import numpy as np
import pytest

from minidense import Input, KerasTensor, Model, layers
from minidense.graph.plan import Plan
from minidense.models import clone_model
from minidense.names import reset_names
from minidense.typing import Array


@pytest.mark.parametrize(
    ("read", "wish"),
    [
        (np.asarray, "it cannot become a NumPy array"),
        (int, "it cannot become an int"),
        (float, "it cannot become a float"),
    ],
)
def test_a_placeholder_says_what_it_cannot_become(read: Any, wish: str) -> None:
    message = (
        r"^A KerasTensor of shape \(None, 2\) is a placeholder without values: "
        rf"{wish}\. Call the model on an array to get numbers\.$"
    )
    with pytest.raises(ValueError, match=message):
        read(KerasTensor((None, 2)))


def test_a_placeholder_is_neither_true_nor_a_list() -> None:
    with pytest.raises(
        TypeError,
        match=r"^A symbolic KerasTensor cannot be used as a boolean: it has no value yet\.$",
    ):
        bool(KerasTensor((None, 2)))
    with pytest.raises(
        NotImplementedError, match=r"^A symbolic KerasTensor cannot be iterated over\.$"
    ):
        iter(KerasTensor((None, 2)))


def test_a_placeholder_has_kerass_defaults() -> None:
    reset_names()
    tensor = KerasTensor((None, 2))
    assert (tensor.shape, tensor.dtype, tensor.name, tensor.ndim) == (
        (None, 2),
        "float32",
        "keras_tensor",
        2,
    )
    assert KerasTensor((3,), "int32", "mine").name == "mine"


def test_a_call_is_known_to_the_layer_above_and_to_its_outputs() -> None:
    inputs = Input((2,))
    first, second = layers.Dense(3), layers.Dense(4)
    middle = first(inputs)
    second(middle)
    outputs = second(middle)  # the same tensor, and another call
    node = second._inbound_nodes[1]
    assert first._outbound_nodes == second._inbound_nodes
    assert outputs._keras_history == (second, 1, 0)
    assert node.operation is second
    assert node.arguments is middle
    assert node.outputs is outputs
    assert node.training is None
    assert not node.is_input
    assert inputs._keras_history.operation._inbound_nodes[0].is_input


def test_two_outputs_have_no_logits() -> None:
    inputs = Input((2,))
    first, second = layers.Softmax()(inputs), layers.Dense(2, activation="softmax")(inputs)
    plan = Plan([inputs], [first, second])
    _, tape = plan.forward([np.float32([[1.0, 2.0]])], True)
    assert plan.logits(tape) is None


def test_an_output_that_is_the_input_has_no_logits() -> None:
    inputs = Input((2,))
    plan = Plan([inputs], [inputs])
    x = np.float32([[1.0, 2.0]])
    (outputs,), tape = plan.forward([x], True)
    assert outputs is x
    assert plan.logits(tape) is None


def test_layers_that_do_nothing_are_looked_through() -> None:
    inputs = Input((2,))
    plan = Plan(
        [inputs],
        [layers.Activation("linear")(layers.Dropout(0.5)(layers.Softmax()(inputs)))],
    )
    x = np.float32([[1.0, 2.0]])
    _, tape = plan.forward([x], False)
    assert plan.logits(tape) is x
    (grad,), _ = plan.backward(np.float32([[3.0, 4.0]]), tape, True, at_logits=True)
    np.testing.assert_array_equal(grad, [[3.0, 4.0]])  # it went round the softmax


def test_an_input_that_no_output_needs_is_listed_and_gets_no_gradient() -> None:
    used, unused = Input((2,), name="used"), Input((3,), name="unused")
    model = Model([unused, used], layers.Dense(1, name="dense", kernel_initializer="ones")(used))
    assert [layer.name for layer in model.layers] == ["used", "unused", "dense"]
    plan = model.plan
    assert plan is not None
    arrays = [np.ones((1, 3), "float32"), np.ones((1, 2), "float32")]
    _, tape = plan.forward(arrays, False)
    (none, grad), _ = plan.backward(np.float32([[2.0]]), tape, True)
    assert none is None
    np.testing.assert_array_equal(grad, [[2.0, 2.0]])
    assert plan.infer_shapes([(5, 3), (5, 2)]) == [(5, 1)]


def test_a_tensor_from_elsewhere_is_named() -> None:
    inputs, other = Input((2,)), Input((2,), name="other")
    named = r"layer 'other' needs the tensor <KerasTensor shape=\(None, 2\), .*, name=other>"
    with pytest.raises(ValueError, match=rf"^Output is not connected to `inputs`: {named}"):
        Model(inputs, layers.Dense(1, name="dense_of_other")(other))
    with pytest.raises(ValueError, match="twice"):
        Model(inputs, layers.Dense(1, name="twice")(layers.Dense(1, name="twice")(inputs)))


def test_the_way_back_through_a_part_with_two_outputs_adds_both() -> None:
    inner_input = Input((2,))
    inner = Model(inner_input, [layers.ReLU()(inner_input), layers.Flatten()(inner_input)])
    inputs = Input((2,))
    first, second = inner(inputs)
    plan = Plan([inputs], [second, first])
    _, tape = plan.forward([np.float32([[-1.0, 2.0]])], True)
    both: list[Any] = [np.float32([[10.0, 20.0]]), np.float32([[1.0, 2.0]])]
    (grad,), _ = plan.backward(both, tape, True)
    np.testing.assert_array_equal(grad, [[10.0, 22.0]])
    (grad,), _ = plan.backward([both[0], None], tape, True)
    np.testing.assert_array_equal(grad, [[10.0, 20.0]])
    (grad,), _ = plan.backward([None, both[1]], tape, True)
    np.testing.assert_array_equal(grad, [[0.0, 2.0]])
    (grad,), _ = plan.backward([None, None], tape, True)
    assert grad is None


def test_a_shared_layer_stands_as_deep_as_its_deepest_call() -> None:
    inputs = Input((2,), name="inputs")
    shared = layers.Dense(2, name="shared")
    near = shared(inputs)
    far = layers.ReLU(name="second")(layers.ReLU(name="first")(shared(inputs)))
    for outputs in ([near, far], [far, near]):
        model = Model(inputs, outputs)
        assert [layer.name for layer in model.layers] == ["inputs", "shared", "first", "second"]


def test_the_gradient_of_the_inputs_is_left_out_unless_asked_for() -> None:
    inputs = Input((2,))
    plan = Plan([inputs], [layers.ReLU()(inputs)])
    _, tape = plan.forward([np.float32([[1.0, 2.0]])], True)
    assert plan.backward(np.float32([[1.0, 1.0]]), tape) == ([None], {})


class Sum(layers.Layer):
    """Adds two arrays of one shape."""

    def forward(self, inputs: Any, training: bool | None) -> tuple[Array, None]:
        return inputs[0] + inputs[1], None

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0]


class Twice(layers.Layer):
    """Says that it has two outputs, and may return another number of them."""

    returned = 2

    def forward(self, inputs: Array, training: bool | None) -> tuple[list[Array], None]:
        return [inputs] * self.returned, None

    def compute_output_shape(self, input_shape: Any) -> Any:
        return [input_shape, input_shape]


def test_both_inputs_of_a_layer_are_cast_to_its_dtype() -> None:
    first, second = Input((2,)), Input((2,))
    plan = Plan([first, second], [Sum(dtype="float64")([first, second])])
    (outputs,), _ = plan.forward([np.float32([[1.0, 2.0]]), np.float32([[0.5, 0.5]])], False)
    assert outputs.dtype == np.float64
    np.testing.assert_array_equal(outputs, [[1.5, 2.5]])


@pytest.mark.parametrize("returned", [1, 3])
def test_a_layer_that_returns_another_number_of_outputs_is_refused(returned: int) -> None:
    layer = Twice()
    inputs = Input((2,))
    plan = Plan([inputs], layer(inputs))
    assert len(plan.forward([np.float32([[1.0, 2.0]])], False)[0]) == 2
    layer.returned = returned
    with pytest.raises(ValueError, match="zip"):
        plan.forward([np.float32([[1.0, 2.0]])], False)


def test_one_of_several_outputs_of_a_part_has_no_logits() -> None:
    inner_input = Input((2,))
    untouched = layers.Activation("linear")(inner_input)
    inner = Model(inner_input, [untouched, layers.ReLU()(inner_input)])
    inputs = Input((2,))
    for outputs in (inner(inputs)[0], inner(inputs)[1], inner(layers.Softmax()(inputs))[0]):
        plan = Plan([inputs], [outputs])
        _, tape = plan.forward([np.float32([[1.0, 2.0]])], False)
        assert plan.logits(tape) is None


def recorded(model: Any) -> dict[str, Any]:
    """The keywords of each layer's first call, as a configuration has them."""
    calls = {layer["name"]: layer["inbound_nodes"] for layer in model.get_config()["layers"]}
    return {name: found[0]["kwargs"] for name, found in calls.items() if found}


def test_an_empty_mask_is_recorded_unless_the_input_was_cast() -> None:
    inputs = Input((2,))
    cast = layers.Softmax(name="cast", dtype="float64")(inputs)
    plain = layers.Softmax(name="plain")(inputs)
    model = Model(inputs, [cast, plain])
    assert recorded(model) == {"cast": {}, "plain": {"mask": None}}
    assert recorded(Model.from_config(model.get_config())) == recorded(model)
    assert recorded(clone_model(model)) == recorded(model)


def test_a_clone_that_casts_its_input_still_records_the_mask_of_the_first_call() -> None:
    inputs = Input((2,))
    model = Model(inputs, layers.Softmax(name="plain")(inputs))
    clone = clone_model(
        model, clone_function=lambda layer: layers.Softmax(name="cast", dtype="float64")
    )
    assert recorded(clone) == {"cast": {"mask": None}}
