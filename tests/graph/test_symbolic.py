"""Symbolic tensors: they have no values, and know the call that made them."""

from typing import Any

import numpy as np
import pytest

from minidense import Input, KerasTensor, layers
from minidense.graph.configuration import read_operation
from minidense.graph.symbolic import node_of
from minidense.names import reset_names


def test_a_keras_tensor_has_no_value() -> None:
    tensor = Input((3,))
    for wish, error in ((np.asarray, ValueError), (float, ValueError), (bool, TypeError)):
        with pytest.raises(error, match="KerasTensor"):
            wish(tensor)
    with pytest.raises(NotImplementedError):
        iter(tensor)


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


def test_a_tensor_knows_the_call_that_made_it() -> None:
    layer, inputs = layers.Dense(3), Input((3,))
    first, second = layer(inputs), layer(inputs)
    assert node_of(first) is not node_of(second)
    assert node_of(second).operation is layer
    assert node_of(inputs).is_input


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
    assert node.args == (middle,)
    assert node.outputs is outputs
    assert node.kwargs == {}
    assert not node.is_input
    assert inputs._keras_history.operation._inbound_nodes[0].is_input


@pytest.mark.parametrize("class_name", ["Copy", "DrawMask", "PutItem", "Read"])
def test_a_configuration_names_no_operation_of_the_engines_own(class_name: str) -> None:
    with pytest.raises(ValueError, match=f"has no operation '{class_name}'"):
        read_operation({"class_name": class_name, "config": {}, "module": "keras.src.ops.numpy"})
