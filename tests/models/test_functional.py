"""Functional: graphs, several inputs and outputs, models in models, and what is no graph."""

from typing import Any

import numpy as np
import pytest

from minidense import Input, Model, Sequential, layers
from minidense.utils import clear_session, set_random_seed


@pytest.fixture(autouse=True)
def fresh_session() -> None:
    clear_session()
    set_random_seed(7)


class Difference(layers.Layer):
    """left - right: a layer for which the order of its inputs matters."""

    def call(self, inputs: Any) -> Any:
        left, right = inputs
        return left - right


def difference_model(form: type) -> Model:
    right, left = Input((2,), name="a_right"), Input((2,), name="left")
    inputs = {"left": left, "a_right": right} if form is dict else [left, right]
    return Model(inputs, Difference()([left, right]))


LEFT, RIGHT = np.full((3, 2), 5, "float32"), np.full((3, 2), 2, "float32")


def test_a_list_of_inputs_goes_by_position() -> None:
    assert (difference_model(list)([LEFT, RIGHT]) == 3).all()


@pytest.mark.parametrize("form", [list, dict])
def test_a_dict_of_inputs_goes_by_name_whatever_the_model_was_made_with(form: type) -> None:
    model = difference_model(form)
    for given in ({"left": LEFT, "a_right": RIGHT}, {"a_right": RIGHT, "left": LEFT}):
        assert (model(given) == 3).all()


@pytest.mark.parametrize("form", [list, dict])
def test_a_symbolic_dict_of_inputs_goes_by_name_too(form: type) -> None:
    inner = difference_model(form)
    first, second = Input((2,), name="first"), Input((2,), name="second")
    outer = Model([first, second], inner({"left": first, "a_right": second}))
    assert (outer([LEFT, RIGHT]) == 3).all()


@pytest.mark.parametrize("form", [list, dict])
def test_a_name_that_is_missing_is_told(form: type) -> None:
    with pytest.raises(ValueError, match="Missing data for input 'a_right' of model 'functional'"):
        difference_model(form)({"left": LEFT, "other": RIGHT})


def test_a_list_for_a_dict_in_another_order_than_sorted_is_refused() -> None:
    with pytest.raises(ValueError, match="pass a dict"):
        difference_model(dict)([LEFT, RIGHT])


def test_a_list_for_a_sorted_dict_is_taken_with_a_warning() -> None:
    one, two = Input((2,), name="one"), Input((2,), name="two")
    model = Model({"one": one, "two": two}, Difference()([one, two]))
    with pytest.warns(UserWarning, match=r"\{'one': \*, 'two': \*\}"):
        assert (model([LEFT, RIGHT]) == 3).all()


def test_keys_that_are_not_the_names_are_warned_of() -> None:
    tensor = Input((2,), name="pixels")
    with pytest.warns(UserWarning, match=r"key 'x' .* 'pixels'"):
        Model({"x": tensor}, layers.Flatten()(tensor))


def test_another_number_of_inputs_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expects 2 input\(s\), but received 1"):
        difference_model(list)(LEFT)


@pytest.mark.parametrize("method", ["__call__", "predict", "predict_on_batch"])
def test_a_wrong_dimension_is_refused_with_both_shapes(method: str) -> None:
    inputs = Input((4, 3))
    model = Model(inputs, layers.Dense(2)(inputs))
    with pytest.raises(ValueError, match=r"\(None, 4, 3\).*\(2, 5, 3\)"):
        getattr(model, method)(np.zeros((2, 5, 3), "float32"))


def test_outputs_come_in_the_nesting_that_was_asked_for() -> None:
    inputs = Input((2,))
    one, two = layers.Dense(3)(inputs), layers.Dense(1)(inputs)
    x = np.zeros((4, 2), "float32")
    for outputs in ([one, two], (one, two)):
        model = Model(inputs, outputs)
        called, predicted = model(x), model.predict(x, verbose=0)
        assert type(called) is type(predicted) is type(outputs)
        assert [part.shape for part in predicted] == [(4, 3), (4, 1)]
    named = Model(inputs, {"b": one, "a": two}).predict(x, verbose=0)
    assert {key: part.shape for key, part in named.items()} == {"b": (4, 3), "a": (4, 1)}


def test_a_feature_extractor_shares_the_weights_of_its_model() -> None:
    model = Sequential([Input((4,)), layers.Dense(3), layers.Dense(2)])
    features = Model(model.inputs, model.layers[0].output)
    assert features.weights == model.layers[0].weights
    model.layers[0].set_weights([np.ones((4, 3)), np.zeros(3)])
    assert (features([np.ones((2, 4), "float32")]) == 4).all()


def test_a_model_from_the_middle_of_another_gets_an_input_of_its_own() -> None:
    hidden = layers.Dense(3)(Input((4,)))
    top = layers.Dense(2)
    whole = top(hidden)
    model = Model(hidden, whole)
    assert [type(layer).__name__ for layer in model.layers] == ["InputLayer", "Dense"]
    x = np.ones((5, 3), "float32")
    np.testing.assert_array_equal(model(x), top(x))
    assert whole is top.output  # the graph it was cut from is as it was


def test_a_trainable_argument_is_the_models_own() -> None:
    inputs = Input((4,))
    model = Model(inputs, layers.Dense(3)(inputs), trainable=False)
    assert model.trainable_weights == []
    assert model.layers[1].trainable


def test_one_layer_in_two_models_has_one_set_of_weights() -> None:
    shared, inputs = layers.Dense(3), Input((3,))
    once, twice = Model(inputs, shared(inputs)), Model(inputs, shared(shared(inputs)))
    assert once.weights == twice.weights
    assert twice.count_params() == 12


def test_dropout_that_was_told_to_train_does_so_unless_the_model_is_told_not_to() -> None:
    inputs = Input((100,))
    model = Model(inputs, layers.Dropout(0.5)(inputs, training=True))
    x = np.ones((1, 100), "float32")
    assert (model(x) == 0).any()
    assert (model(x, training=False) == 1).all()
    assert (model.predict(x, verbose=0) == 1).all()  # predict says so, in Keras 3 too


def test_what_is_no_graph_is_refused() -> None:
    one, other = Input((4,)), Input((4,))
    outputs = layers.Dense(3, name="a")(one)
    for make, error, words in (
        (lambda: Model(one, layers.Dense(3)(other)), ValueError, "not connected to `inputs`"),
        (lambda: Model(one, layers.Dense(3, name="a")(outputs)), ValueError, "'a' is used 2 times"),
        (lambda: Model(one), TypeError, "outputs"),
        (lambda: Model(outputs=outputs), ValueError, "outputs"),
        (lambda: Model(one, 5), ValueError, "All `outputs` must be KerasTensors"),
        (lambda: Model(np.ones(3), outputs), ValueError, "All `inputs` must be Keras"),
        (lambda: Model(one, outputs, foo=1), ValueError, "foo"),
    ):
        with pytest.raises(error, match=words):
            make()


def test_a_model_that_cannot_be_made_leaves_the_layers_of_its_tensors_as_they_were() -> None:
    hidden = layers.Dense(2)(Input((2,)))
    # the name of the InputLayer that is put there
    dense = layers.Dense(2, name=f"{hidden.name}CLONE")
    outputs = dense(hidden)
    with pytest.raises(ValueError, match="name"):
        Model(hidden, outputs)
    assert len(dense._inbound_nodes) == 1
