"""The weights of a layer: how they are added, where they are, and whose they are."""

from typing import Any

import numpy as np
import pytest

from minidense import Variable
from minidense.layers import Dense, Layer, ReLU
from minidense.names import reset_names
from tests.messages import message_of


def ones(*shape):
    return np.ones(shape, "float32")


# Adding


def test_weights_are_added_with_names_paths_and_dtypes() -> None:
    layer = Layer(name="mine")
    first = layer.add_weight((2, 3), "ones", name="first")
    second = layer.add_weight((2,), "zeros", trainable=False, name="second")
    assert (first.name, first.path, first.dtype, first.trainable) == (
        "first",
        "mine/first",
        "float32",
        True,
    )
    np.testing.assert_array_equal(first, np.ones((2, 3)))
    assert not second.trainable
    assert layer.trainable_weights == [first]
    assert layer.non_trainable_weights == [second]


def test_a_weight_without_an_initializer_is_drawn_if_it_is_a_float_and_else_zero() -> None:
    layer = Layer()
    assert layer.add_weight((50, 2), name="floats").numpy().std() > 0
    whole = layer.add_weight((3,), dtype="int32", trainable=False, name="whole")
    np.testing.assert_array_equal(whole, np.zeros(3))
    assert whole.dtype == "int32"


def test_a_weight_without_a_name_has_an_automatic_one() -> None:
    reset_names()
    layer = Layer(name="mine")
    assert [layer.add_weight((2,)).path for _ in range(2)] == ["mine/variable", "mine/variable_1"]


def test_a_weight_has_the_layers_dtype_whatever_its_initializer_makes() -> None:
    asked = []

    def ones(shape: Any, dtype: Any) -> Any:
        asked.append(dtype)
        return np.ones(shape)  # float64

    for dtype in ("float32", "float64"):
        assert Layer(dtype=dtype).add_weight((2,), ones).dtype == dtype
    assert asked == ["float32", "float64"]


def test_a_build_that_fails_leaves_no_weights_behind():
    class Fails(Layer):
        fail = True

        def build(self, input_shape):
            self.add_weight((2,), name="kernel")
            if self.fail:
                raise ArithmeticError

    layer = Fails()
    with pytest.raises(ArithmeticError):
        layer.build((None, 2))
    assert layer.weights == []
    layer.fail = False
    layer.build((None, 2))
    assert len(layer.weights) == 1


def test_the_messages_about_weights() -> None:
    layer = Dense(2, name="mine")
    assert message_of(layer.count_params) == (
        "ValueError: `count_params` needs weights, and layer 'mine' isn't built: "
        "call it on data, or `layer.build(input_shape)`."
    )
    layer.build((None, 3))
    assert message_of(lambda: layer.add_weight((2,))) == (
        "ValueError: Layer 'mine' is already built: its weights cannot be made again."
    )
    wrong = message_of(lambda: Layer().add_weight((2,), lambda *_, **__: np.ones(3), name="w"))
    assert wrong == (
        "ValueError: The shape of variable 'w' is (2,). Received a value of shape (3,)."
    )
    for argument in ("regularizer", "constraint"):
        assert message_of(lambda name=argument: Layer().add_weight((2,), **{name: 4})) == (
            f"NotImplementedError: add_weight: `{argument}` is not supported by minidense, only "
            f"{argument}=None. Received: {argument}=4."
        )


# Reading and setting


def test_get_weights_returns_copies():
    layer = Dense(2, kernel_initializer="ones")
    layer.build((None, 3))
    layer.get_weights()[0][...] = 7
    np.testing.assert_array_equal(layer.kernel.numpy(), np.ones((3, 2)))


def test_set_weights_takes_all_or_none():
    layer = Dense(2)
    layer.build((None, 3))
    before = layer.get_weights()
    with pytest.raises(ValueError, match=r"weight shape \(2,\) is not compatible"):
        layer.set_weights([ones(3, 2), ones(3)])
    with pytest.raises(TypeError, match="element 1 is no array of numbers"):
        layer.set_weights([ones(3, 2), "a"])
    with pytest.raises(ValueError, match=r"was expecting 2 weights.* of length 1"):
        layer.set_weights([ones(3, 2)])
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


# Whose they are


def test_weights_that_can_be_trained_come_first_and_the_others_are_never_thawed() -> None:
    layer = Layer()
    fixed = layer.add_weight((1,), trainable=False)
    first = layer.add_weight((1,))
    assert layer.weights == [first, fixed]
    layer.trainable = False
    assert layer.trainable_weights == []
    assert not first.trainable
    layer.trainable = True
    assert layer.trainable_weights == [first]
    assert (first.trainable, fixed.trainable) == (True, False)


def test_the_path_of_a_weight_names_each_layer_that_is_being_built() -> None:
    class Inner(Layer):
        def build(self, input_shape: Any) -> None:
            self.part = Layer(name="mine")  # another layer by the name of the outer one
            self.part.add_weight((1,), name="third")
            self.add_weight((1,), name="second")

    class Outer(Layer):
        def __init__(self) -> None:
            super().__init__(name="mine")
            self.inner = Inner(name="inner")

        def build(self, input_shape: Any) -> None:
            self.inner.build(input_shape)
            self.add_weight((1,), name="first")

    outer = Outer()
    outer.build((None, 2))
    paths = ["mine/first", "mine/inner/second", "mine/inner/mine/third"]
    assert [variable.path for variable in outer.weights] == paths


def test_layers_in_lists_and_dicts_belong_to_a_layer() -> None:
    outer, inner = Layer(), [Dense(1), Dense(2), Dense(3)]
    for layer in inner:
        layer.build((None, 1))
    outer.parts = {"a": inner[0], "b": [inner[1], (inner[2],)]}  # type: ignore[attr-defined]
    assert outer.weights == [weight for layer in inner for weight in layer.weights]


def test_a_variable_has_the_path_of_the_layer_that_is_being_built_and_is_its_weight() -> None:
    class Scale(Layer):
        def __init__(self) -> None:
            super().__init__(name="scale")
            self.more: list[Variable] = []

        def build(self, input_shape: Any) -> None:
            self.factor = Variable(np.ones(2), name="factor")
            self.more.append(Variable(np.ones(1), name="listed"))

    layer = Scale()
    layer.build((None, 2))
    assert [weight.path for weight in layer.weights] == ["scale/factor", "scale/listed"]
    del layer.factor
    assert [weight.path for weight in layer.weights] == ["scale/listed"]
    assert Variable(1.0, name="outside").path == "outside"


@pytest.mark.parametrize("part", [lambda: Variable(1.0), lambda: [Dense(1)]])
def test_a_layer_that_is_built_takes_no_more_parts(part: Any) -> None:
    dense = Dense(2)
    dense.first = part()  # type: ignore[attr-defined]
    dense.build((None, 2))
    with pytest.raises(ValueError, match=r"layer 'dense.*already built. Set `second` in"):
        dense.second = part()  # type: ignore[attr-defined]
    dense.first = dense.first  # type: ignore[attr-defined]
    dense.second = 3  # type: ignore[attr-defined]
    assert len(dense.weights) == (3 if isinstance(part(), Variable) else 2)


def test_a_layer_with_nothing_to_build_takes_no_parts_unless_a_subclass_builds_some() -> None:
    class Shifted(ReLU):
        def build(self, input_shape: Any) -> None:
            self.shift = Variable(np.ones(2), name="shift")

    for part in (Variable(1.0), Dense(1)):
        with pytest.raises(ValueError, match=r"already built. Set `part` in"):
            ReLU().part = part  # type: ignore[attr-defined]
    layer = Shifted()
    layer.build((None, 2))
    assert [weight.name for weight in layer.weights] == ["shift"]
    with pytest.raises(ValueError, match=r"already built. Set `other` in"):
        layer.other = Variable(1.0)  # type: ignore[attr-defined]
