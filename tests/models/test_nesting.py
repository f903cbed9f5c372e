"""In which lists, tuples and dicts inputs come, and what is said of it."""

import re
import warnings
from typing import Any

import numpy as np
import pytest

from minidense import Input, Model, Sequential, layers
from minidense.callbacks import Callback
from minidense.nest import flatten, map_structure
from minidense.training.data import Data, read, read_rows

A, B = np.full((4, 2), 1.0, "float32"), np.full((4, 2), 5.0, "float32")
Y = np.zeros((4, 1), "float32")


class Second(layers.Layer):
    """The second of two inputs, so that an order can be seen."""

    def call(self, inputs: Any) -> Any:
        return inputs[1]


def of_two(form: type) -> Model:
    """A model whose output is its input 'b'; a list of its inputs is not in the names' order."""
    a, b = Input((2,), name="a"), Input((2,), name="b")
    model = Model({"a": a, "b": b} if form is dict else [b, a], Second()([a, b]))
    model.compile("sgd", "mse")
    return model


def warnings_of(run: Any) -> list[tuple[str, int]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run()
    return [(str(each.message), each.lineno - run.__code__.co_firstlineno) for each in caught]


WAYS = [
    lambda model, x: model(x),
    lambda model, x: model.predict(x, verbose=0),
    lambda model, x: model.predict_on_batch(x),
    lambda model, x: model.evaluate(x, B, verbose=0),
    lambda model, x: model.test_on_batch(x, B),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("form", "passed", "message"),
    [
        (dict, [A, B], "made with inputs in the form {'a': *, 'b': *}, and was given them in the "
         "form (*, *). They are taken in their order."),
        (dict, {"a": [A], "b": B}, "{'a': (*,), 'b': *}"),
        (dict, {"c": A, "b": B, "a": A, "z": A}, "has the inputs ['a', 'b']. What was passed as "
         "['c', 'z'] is not used."),
        (list, [B, [A]], "form (*, *), and was given them in the form (*, (*,))"),
    ],
)  # fmt: skip
def test_another_nesting_is_warned_of_where_the_user_called(
    way: Any, form: type, passed: Any, message: str
) -> None:
    model = of_two(form)
    ((found, line),) = warnings_of(lambda: way(model, passed))
    assert message in found
    assert found.startswith(f"Model '{model.name}' ")
    # a lambda of one line calls the lambda of the list, which is the user here
    assert line == way.__code__.co_firstlineno - warnings_of_line()


def warnings_of_line() -> int:
    """Return the line of the only lambda in the test above."""
    test = test_another_nesting_is_warned_of_where_the_user_called
    (inner,) = (c for c in test.__code__.co_consts if hasattr(c, "co_code"))
    return int(inner.co_firstlineno)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("form", "passed"),
    [
        (dict, {"a": A, "b": B}),
        (dict, {"b": B, "a": A}),
        (list, [B, A]),
        (list, (B, A)),
        (list, {"a": A, "b": B}),
        (list, {"a": A, "b": B, "c": A}),
    ],
)
def test_the_nesting_of_the_model_is_taken_in_silence(way: Any, form: type, passed: Any) -> None:
    assert warnings_of(lambda: way(of_two(form), passed)) == []
    np.testing.assert_array_equal(of_two(form).predict(passed, verbose=0), B)


def test_fit_warns_of_the_data_and_of_those_to_validate_with() -> None:
    x, y = Input((2,)), A
    model = Model(x, layers.Dense(2)(x))
    model.compile("sgd", "mse")
    found = warnings_of(lambda: model.fit([A], y, validation_data=([[A]], y), verbose=0))
    assert [
        (re.findall(r"given them in the form (\S+)\.", text), line) for text, line in found
    ] == [
        (["(*,)"], 0),
        (["((*,),)"], 0),
    ]
    named = of_two(dict)
    named.compile("sgd", "mse")
    passed = {"a": A, "b": B, "c": A}
    found = warnings_of(
        lambda: named.fit({"a": A, "b": B}, B, validation_data=(passed, B), verbose=0)
    )
    ((text, line),) = [each for each in found if "trainable weights" not in each[0]]
    assert "['c'] is not used" in text
    assert line == 0


def test_a_single_array_goes_into_a_list_of_one_and_into_nothing_else() -> None:
    x = Input((2,))
    for form, wanted in (([x], 0), ((x,), 1), ([[x]], 1)):
        model = Model(form, layers.Dense(1)(x))
        for way in WAYS[:3]:
            assert len(warnings_of(lambda: way(model, A))) == wanted  # noqa: B023 # called at once


def test_a_list_for_a_dict_in_another_order_is_refused_in_every_way() -> None:
    a, b = Input((2,), name="a"), Input((2,), name="b")
    model = Model({"b": b, "a": a}, Second()([a, b]))
    model.compile("sgd", "mse")
    for way in WAYS:
        with pytest.raises(ValueError, match="pass a dict"):
            way(model, [A, B])


def test_another_number_of_inputs_is_refused_without_a_word_of_the_nesting() -> None:
    for way in WAYS:
        for passed in (A, [A, B, B]):
            with pytest.raises(ValueError, match=r"expects 2 input\(s\)"):
                way(of_two(dict), passed)


def shapes_of(data: Data) -> Any:
    return map_structure(lambda array: array.shape, data.x)


def test_data_keep_their_nesting_and_many_batches_have_tuples_for_lists() -> None:
    x = {"b": [A, (B,)], "a": A[:, :1]}
    shapes = {"b": [(4, 2), ((4, 2),)], "a": (4, 1)}
    assert shapes_of(read(x, Y)) == shapes
    assert shapes_of(read(x, Y).rows(1, 3)) == {"b": [(2, 2), ((2, 2),)], "a": (2, 1)}
    assert shapes_of(read_rows(x, Y)) == {**shapes, "b": ((4, 2), ((4, 2),))}
    assert shapes_of(read(A, Y)) == (4, 2)
    assert shapes_of(read([A], Y)) == [(4, 2)]
    assert shapes_of(read_rows([A], Y)) == ((4, 2),)


@pytest.mark.parametrize(
    "bad",
    [[], [[]], [{}], [A, [1.0, 2.0]], [{"a": 3}], [(A, ())], (A, 1), {}, {"a": {}}, {"a": []}],
)
def test_a_list_that_does_not_hold_arrays_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match=f"'x' takes arrays.* {type(bad).__name__}"):
        read(bad, Y)


def test_lists_tuples_and_dicts_of_arrays_are_taken_in_each_other() -> None:
    for x in ([[A], B], [{"a": A}, B], ((A, (B,)),), [[[A, B]]]):
        assert {array.shape for array in flatten(read(x, Y).x)} == {(4, 2)}


@pytest.mark.parametrize(
    "passed", [[A], (A,), {"a": A}, [A, B], {"a": A, "b": B}], ids=lambda x: f"{type(x)}{len(x)}"
)
def test_a_sequential_without_an_input_hands_what_it_is_given_to_its_first_layer(
    passed: Any,
) -> None:
    class First(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs["a"] if isinstance(inputs, dict) else inputs[0]

    for way in (*WAYS, lambda model, x: model.fit(x, B, verbose=0)):
        model = Sequential([layers.Dense(2, name="takes_one")])
        model.compile("sgd", "mse")
        with pytest.raises(ValueError, match=r"'takes_one'"):
            way(model, passed)
        model = Sequential([First(), layers.Dense(2)])
        model.compile("sgd", "mse")
        way(model, passed)
        assert model.layers[1].built


class Own(Model):
    """A model that writes down in what form its `call` is given its inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(1)
        self.seen: list[Any] = []

    def call(self, inputs: Any) -> Any:
        self.seen.append(inputs)
        return self.dense(inputs["b"] if isinstance(inputs, dict) else inputs[0])


FORMS = [{"a": A, "b": B}, {"b": B, "c": A}, (B, A), (B,), ({"x": B}["x"], (A,))]


@pytest.mark.parametrize("form", FORMS, ids=["ab", "bc", "pair", "one", "nested"])
def test_a_call_of_ones_own_is_trained_in_the_form_that_came(form: Any) -> None:
    model = Own()
    model.compile("sgd", "mse")
    model.fit(form, Y, verbose=0)
    seen = model.seen[0]
    assert type(seen) is type(form)
    if isinstance(form, dict):
        assert set(seen) == set(form)
    else:
        assert len(seen) == len(form)
    alone = model.dense(B)
    np.testing.assert_allclose(model.predict(form, verbose=0), alone, rtol=1e-6)
    np.testing.assert_allclose(model.predict_on_batch(form), alone, rtol=1e-6)


def test_a_list_is_a_tuple_in_many_batches_and_a_list_in_one() -> None:
    model = Own()
    model.compile("sgd", "mse")
    for way, wanted in (
        (lambda: model.predict([B], verbose=0), tuple),
        (lambda: model.predict_on_batch([B]), list),
        (lambda: model.evaluate([B], Y, verbose=0), tuple),
        (lambda: model.test_on_batch([B], Y), list),
        (lambda: model.fit([B], Y, verbose=0), tuple),
        (lambda: model.train_on_batch([B], Y), list),
        (lambda: model([B]), list),
    ):
        way()
        assert type(model.seen[-1]) is wanted


def test_one_form_after_the_other_is_as_good_as_a_model_of_its_own() -> None:
    model = Own()
    model.compile("sgd", "mse")
    model.fit(FORMS[0], Y, verbose=0)
    for form in FORMS:
        wanted = model.dense(B)
        np.testing.assert_allclose(model.predict(form, verbose=0), wanted, rtol=1e-6)
        loss = np.square(wanted).mean()
        np.testing.assert_allclose(model.evaluate(form, Y, verbose=0), loss, rtol=1e-6)
        validated = model.fit(FORMS[2], Y, validation_data=(form, Y), verbose=0, epochs=2)
        loss = np.square(model.dense(B)).mean()
        np.testing.assert_allclose(validated.history["val_loss"][-1], loss, rtol=1e-6)


def test_a_prediction_of_another_form_leaves_a_training_under_way_alone() -> None:
    class Predicts(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.predict({"a": A, "b": A}, verbose=0)

    losses = []
    for callbacks in ([], [Predicts()]):
        model = Own()
        model.compile("sgd", "mse")
        model.dense.build((None, 2))
        model.dense.set_weights([np.ones((2, 1)), np.zeros(1)])
        fitted = model.fit(
            (B, A), Y, batch_size=1, epochs=2, verbose=0, callbacks=callbacks,
            validation_data=((B, A), Y),
        )  # fmt: skip
        losses.append(fitted.history)
    assert losses[0] == losses[1]


def test_a_call_of_ones_own_takes_symbolic_inputs_in_a_nesting() -> None:
    model = Own()
    model.compile("sgd", "mse")
    model.fit({"a": A, "b": B}, Y, verbose=0)
    outer = Model({"a": Input((2,), name="a"), "b": (b := Input((2,), name="b"))}, model({"b": b}))
    np.testing.assert_allclose(outer({"a": A, "b": B}), model.dense(B), rtol=1e-6)


def said(run: Any) -> list[str]:
    """Return the warnings, which are UserWarnings, wherever they point at."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run()
    assert {each.category for each in caught} <= {UserWarning}
    return [str(each.message) for each in caught]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_warned_of_is_said_in_full(way: Any) -> None:
    model = of_two(dict)
    assert said(lambda: way(model, {"a": A, "b": B, "q": A})) == [
        f"Model '{model.name}' has the inputs ['a', 'b']. What was passed as ['q'] is not used."
    ]
    assert said(lambda: way(model, [A, [B]])) == [
        f"Model '{model.name}' was made with inputs in the form {{'a': *, 'b': *}}, and was "
        "given them in the form (*, (*,)). They are taken in their order."
    ]


def test_a_list_for_an_unsorted_dict_is_refused_in_the_models_name() -> None:
    a, b = Input((2,), name="a"), Input((2,), name="b")
    model = Model({"b": b, "a": a}, Second()([a, b]), name="of_a_dict")
    for way in WAYS[:3]:
        with pytest.raises(ValueError, match=r"^Model 'of_a_dict' takes a dict"):
            way(model, [A, B])


def test_many_names_are_cut_short() -> None:
    names = [f"input_number_{index}" for index in range(15)]
    inputs = {name: Input((2,), name=name) for name in sorted(names)}
    model = Model(inputs, Second()(list(inputs.values())[:2]))
    passed = dict.fromkeys([*names, *(f"another_{name}" for name in names)], A)
    (text,) = said(lambda: model(passed))
    assert len(text) == len(f"Model '{model.name}'") + 450
    (text,) = said(lambda: model([A] * 15))
    form = "{" + ", ".join(f"'{name}': *" for name in sorted(names))
    assert f"in the form {form[:150]}, and was" in text


@pytest.mark.parametrize("form", [list, dict])
def test_validation_data_go_by_name(form: type) -> None:
    model = of_two(form)
    passed = {"a": A, "b": B}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The model does not have any trainable weights")
        history = model.fit(passed, B, validation_data=(passed, B), verbose=0).history
    assert history["val_loss"] == [0.0]


def test_a_dict_keeps_its_order_and_outputs_their_form() -> None:
    class First(Own):
        def call(self, inputs: Any) -> Any:
            if isinstance(inputs, dict):
                return {"z": self.dense(next(iter(inputs.values()))), "a": self.dense(B)}
            return [self.dense(inputs)]

    model = First()
    x = {"text": B, "image": A}
    for outputs in (model(x), model.predict(x, verbose=0), model.predict_on_batch(x)):
        assert list(outputs) == ["z", "a"]
        np.testing.assert_allclose(outputs["z"], model.dense(B), rtol=1e-6)
    for outputs in (model(B), model.predict(B, verbose=0), model.predict_on_batch(B)):
        assert type(outputs) is list
        np.testing.assert_allclose(outputs[0], model.dense(B), rtol=1e-6)


def test_a_prediction_in_a_prediction_leaves_the_form_of_the_outer_one() -> None:
    class Gives(Own):
        def call(self, inputs: Any) -> Any:
            y = self.dense(inputs["b"] if isinstance(inputs, dict) else inputs)
            return {"o": y, "p": y} if isinstance(inputs, dict) else y

    class Predicts(Callback):
        def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.predict_on_batch(B)

    predicted = Gives().predict({"b": B}, callbacks=[Predicts()], verbose=0)
    assert {name: array.shape for name, array in predicted.items()} == {"o": (4, 1), "p": (4, 1)}


def test_a_form_that_fails_leaves_what_was_traced() -> None:
    class Fails(Own):
        def __init__(self) -> None:
            super().__init__()
            self.other = layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            if isinstance(inputs, dict):
                return self.other(inputs["b"]) + inputs["nothing"]
            return self.dense(inputs)

    model = Fails()
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="has layers that are not built"):
        model.fit(B, Y, verbose=0)
    before = model.predict(B, verbose=0)
    with pytest.raises(KeyError, match="nothing"):
        model.predict({"b": B}, verbose=0)
    np.testing.assert_array_equal(model.predict(B, verbose=0), before)
    model.fit(B, Y, verbose=0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("block", ["model", "layer"])
def test_weights_before_an_input_that_is_not_used_have_no_gradient(block: str, dtype: str) -> None:
    class First(layers.Layer):
        def __init__(self) -> None:
            super().__init__(dtype=dtype)
            self.dense = layers.Dense(3, dtype=dtype)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs[0])

        def compute_output_shape(self, input_shape: Any) -> Any:
            return (None, 3)  # it does not know how many rows there are

    one, other = Input((2,)), Input((5,))
    inner = First() if block == "layer" else Model([one, other], layers.Dense(3)(one))
    inputs = Input((2,))
    hidden = layers.Dense(5, dtype="float64", name="hidden")(inputs)
    model = Model(inputs, layers.Dense(1)(inner([inputs, hidden])))
    model.compile("sgd", "mse")
    before = model.get_layer("hidden").get_weights()
    message = r"gradient of the variables \['hidden/kernel', 'hidden/bias'\] is None"
    with pytest.warns(UserWarning, match=message):
        model.fit(A, Y + 3, verbose=0)
    for old, new in zip(before, model.get_layer("hidden").get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize(
    ("outputs", "form"),
    [(lambda y: [y], np.ndarray), (lambda y: (y,), np.ndarray), (lambda y: {"y": y}, dict)],
)
def test_one_output_of_a_graph_comes_without_its_list(outputs: Any, form: type) -> None:
    inputs = Input((2,))
    model = Model(inputs, outputs(layers.Dense(1)(inputs)))
    for way in WAYS[:3]:
        assert isinstance(way(model, A), form)


def test_a_model_that_is_called_with_training_tells_those_after_it() -> None:
    inputs = Input((2,))
    core = Model(inputs, layers.ReLU()(inputs))

    class Around(Model):
        def __init__(self) -> None:
            super().__init__()
            self.core, self.drop = core, layers.Dropout(0.5, seed=1)

        def call(self, inputs: Any) -> Any:
            return self.drop(self.core(inputs, training=True))

    ones = np.ones((8, 2), "float32")
    assert (Around()(ones) == 0).any()
    assert (Around().predict(ones, verbose=0) == 0).any()


def test_one_array_in_a_list_is_warned_of_by_a_model_of_one_array() -> None:
    inputs = Input((2,))
    model = Model(inputs, layers.ReLU()(inputs))
    with pytest.warns(UserWarning, match=r"inputs in the form \*, and .* in the form \(\*,\)\."):
        model([A])


def test_a_subclass_has_no_inputs_and_outputs_to_tell_of() -> None:
    model = Own()
    for _ in range(2):
        for name in ("inputs", "outputs", "input_shape", "output_shape"):
            with pytest.raises(AttributeError, match=name.replace("_", " ")):
                getattr(model, name)
        model({"b": A, "a": B})
