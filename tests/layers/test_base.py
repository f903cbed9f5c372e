"""Layer: what each layer is made with, given and told."""

from threading import Thread
from typing import Any

import numpy as np
import pytest

from minidense import Input, Sequential
from minidense.layers import Dense, InputLayer, Layer, Softmax
from tests.messages import message_of


def ones(*shape):
    return np.ones(shape, "float32")


# Made and built


def test_a_layer_has_keras_defaults_and_refuses_unknown_words() -> None:
    layer = Layer(name="mine")
    assert layer.trainable
    assert not layer.built
    assert layer.name == "mine"
    with pytest.raises((TypeError, ValueError), match=r"Layer.*colour"):
        Layer(colour="red")
    with pytest.raises((TypeError, ValueError), match="trainable"):
        Layer(trainable="yes")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [3, "a/b"])
def test_a_name_that_fits_in_no_path_is_refused_with_its_type(name: Any) -> None:
    with pytest.raises(ValueError, match=f"of type {type(name).__name__}\\.$"):
        Dense(1, name=name)


def test_a_build_without_its_shape_names_the_layer_and_the_argument():
    dense = Dense(2)
    for _ in ("before it is built", "and after"):
        with pytest.raises(TypeError, match=r"'Dense\.build': .*'input_shape'"):
            dense.build()
        dense(ones(1, 3))


class Predicting(Layer):
    def call(self, inputs: Any) -> Any:
        return inputs


def test_a_layer_without_a_formula_says_that_its_shape_is_not_known() -> None:
    layer = Predicting(name="mine")
    for _ in ("before it is built", "and after"):
        assert message_of(lambda: layer.compute_output_shape((None, 2))) == (
            "NotImplementedError: Layer Predicting has no formula for its output shape. "
            "Define its `compute_output_shape(self, input_shape)`, or call it on an `Input`."
        )
        layer(ones(1, 2))
    assert layer(Input((2,))).shape == (None, 2)


@pytest.mark.parametrize("argument", [{"input_shape": (3,)}, {"input_dim": 3}])
def test_an_input_shape_on_a_layer_works_with_a_warning(argument):
    with pytest.warns(UserWarning, match="Do not pass an `input_shape`"):
        layer = Dense(2, **argument)
    assert Sequential([layer]).output_shape == (None, 2)


@pytest.mark.parametrize("argument", [{"input_shape": (3,)}, {"input_dim": 3}])
def test_the_warning_of_a_layer_with_an_input_shape(argument: Any) -> None:
    message = (
        r"^Do not pass an `input_shape`/`input_dim` argument to a layer\. In a Sequential, put an "
        r"`Input\(shape\)` first instead\.$"
    )
    with pytest.warns(UserWarning, match=message):
        Dense(2, **argument)


@pytest.mark.parametrize(
    "make", [lambda: Dense(2, input_shape=(3,)), lambda: InputLayer(input_shape=(3,))]
)
def test_the_warnings_of_input_shapes_point_at_the_caller(make: Any) -> None:
    with pytest.warns(UserWarning, match="input_shape") as caught:
        make()
    assert [warning.filename for warning in caught] == [__file__]
    assert [warning.lineno for warning in caught] == [make.__code__.co_firstlineno]


def test_each_thread_has_a_list_of_open_paths_of_its_own() -> None:
    elsewhere = Dense(2, name="elsewhere")

    class Inside(Layer):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.part = Dense(1, name="here")

        def call(self, inputs: Any) -> Any:
            thread = Thread(target=elsewhere, args=(ones(1, 3),))
            thread.start()
            thread.join()
            return self.part(inputs)

    layer = Inside(name="outer")
    layer(np.ones((1, 3), "float32"))
    assert layer.part.path == "outer/here"
    assert elsewhere.path == "elsewhere"


# Shapes and dtypes


class Watching(Layer):
    """Keeps what its `call` is given."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seen: list[Any] = []

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        self.seen.append((inputs.shape, str(inputs.dtype), training))
        return inputs


def test_floats_are_cast_to_a_layers_dtype_and_whole_numbers_are_not() -> None:
    for own, given, seen in (
        ("float32", "float64", "float32"),
        ("float32", "float32", "float32"),
        ("float64", "float32", "float64"),
        ("float32", "int32", "int32"),
        ("float32", "bool", "bool"),
    ):
        layer = Watching(dtype=own)
        assert layer(np.ones((2, 3), given)).dtype == seen
        assert layer.seen == [((2, 3), seen, None)]


def test_a_layer_without_autocast_takes_floats_as_they_are() -> None:
    assert Layer().autocast is True
    assert Layer(autocast=False).autocast is False
    assert Watching(autocast=False)(np.ones((2, 3))).dtype == np.float64
    whole = np.ones((2, 3), "int32")
    assert Dense(2, autocast=False)(whole).dtype == np.float32
    assert Dense(2)(whole).dtype == np.float32


def test_a_symbolic_call_sees_the_batch_as_it_is_and_no_training() -> None:
    layer = Watching()
    assert layer(Input((None, 3))).shape == (None, None, 3)
    assert layer(Input((3,), batch_size=2)).shape == (2, 3)
    assert layer.seen == [((None, None, 3), "float32", None), ((2, 3), "float32", None)]


def test_symbolic_outputs_have_the_batch_and_the_dtype_of_the_layer() -> None:
    for layer in (Watching(dtype="float64"), Softmax(dtype="float64")):
        outputs = layer(Input((3,), batch_size=2, dtype="float64"))
        assert (outputs.shape, outputs.dtype) == ((2, 3), "float64")
        assert layer(Input((3,))).shape == (None, 3)


def test_the_input_of_a_layer_of_several_is_a_list() -> None:
    class Sum(Layer):
        def call(self, inputs: Any) -> Any:
            return inputs[0] + inputs[1]

    layer, first, second = Sum(), Input((2,)), Input((2,))
    output = layer([first, second])
    assert layer.input == [first, second]
    assert layer.output is output


# Training


def test_the_default_of_training_is_the_calls_own() -> None:
    class Doubling(Layer):
        def call(self, inputs: Any, training: bool = True) -> Any:
            return inputs * 2 if training else inputs

    x = np.float32([[1.0]])
    assert Doubling()(x) == 2
    assert Doubling()(x, training=False) == 1


def test_what_a_layer_calls_is_told_the_default_of_its_own_training() -> None:
    class Inner(Layer):
        def call(self, inputs: Any, training: bool = False) -> Any:
            return inputs * 2 if training else inputs

    class Outer(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Inner()

        def call(self, inputs: Any, training: bool = True) -> Any:
            return self.inner(inputs)

    x = np.float32([[1.0]])
    assert Outer()(x) == 2
    assert Outer()(x, training=False) == 1


def test_training_holds_for_all_that_a_layer_calls_and_not_for_longer() -> None:
    class Outer(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = [Watching(), Watching()]

        def call(self, inputs: Any) -> Any:
            return self.inner[1](self.inner[0](inputs))

    outer, x = Outer(), np.ones((1, 2), "float32")
    outer(x, training=True)
    assert [layer.seen[-1][2] for layer in outer.inner] == [True, True]
    outer(x)
    assert [layer.seen[-1][2] for layer in outer.inner] == [None, None]


# What a layer lacks


def test_a_layer_without_a_call_says_so() -> None:
    class Mine(Layer):
        pass

    message = (
        r"^Layer Mine does not have a `call\(\)` method\. It says what is computed, in operations "
        r"of `ops`; `forward` is not called\.$"
    )
    with pytest.raises(NotImplementedError, match=message):
        Mine().call(np.float32([[1.0]]))


def test_the_messages_of_a_layer_of_ones_own_name_its_class() -> None:
    class Mine(Layer):
        pass

    class Forgetful(Layer):
        def __init__(self) -> None:
            pass

    x = np.ones((1, 2), "float32")
    assert message_of(lambda: Mine()(x)) == (
        "NotImplementedError: Layer Mine does not have a `call()` method. It says what is "
        "computed, in operations of `ops`; `forward` is not called."
    )
    assert message_of(lambda: Forgetful()(x)) == (
        "RuntimeError: In layer 'Forgetful', you forgot to call `super().__init__()` first in "
        "its `__init__()`."
    )
    assert message_of(lambda: Mine(activity_regularizer=4)) == (  # type: ignore[arg-type]
        "NotImplementedError: Mine: `activity_regularizer` is not supported by minidense, only "
        "activity_regularizer=None. Received: activity_regularizer=4."
    )
