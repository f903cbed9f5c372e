"""Sequential and Functional: scripts that Keras and minidense must answer alike."""

import copy
import inspect
import pickle
from typing import Any

import keras
import numpy as np
import pytest

import minidense
from minidense.engine.tape import Tape
from tests import record
from tests.in_both import (
    attempt,
    in_both,
    in_both_but_for_warnings,
    product_layer,
    rows,
    run,
)
from tests.vjp import vjp


def names(model: Any) -> list[str]:
    return [model.name, *[layer.name for layer in model.layers]]


def shapes(model: Any) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in model.weights]


# Names


@in_both
def test_names_of_layers_and_models_count_on(k: Any) -> Any:
    found = []
    for _ in range(2):
        model = k.Sequential([k.Input((4,)), k.layers.Dense(3), k.layers.Dense(2)])
        found += [*names(model), model.inputs[0].name]
    found.append(names(k.Sequential([k.layers.Flatten(), k.layers.Dense(1), k.layers.ReLU()])))
    return found


@in_both
def test_a_sequential_takes_a_functional_name_each_time_it_is_rebuilt(k: Any) -> Any:
    inputs = k.Input((4,))
    found = [names(k.Model(inputs, k.layers.Dense(2)(inputs)))]
    k.Sequential([k.Input((4,)), k.layers.Dense(3), k.layers.Dense(2)])
    found.append(names(k.Model(inputs, k.layers.Dense(2)(inputs))))
    model = k.Sequential()
    model.add(k.Input((4,)))
    model.add(k.layers.Dense(3))
    model.add(k.layers.Dense(3))
    model.pop()
    found.append(names(k.Model(inputs, k.layers.Dense(2)(inputs))))
    deferred = k.Sequential([k.layers.Dense(2)])
    deferred(rows(2, 4))
    found.append(names(k.Model(inputs, k.layers.Dense(2)(inputs))))
    built = k.Sequential([k.layers.Dense(2), k.layers.Dense(2)])
    built.build((None, 4))
    found.append(names(k.Model(inputs, k.layers.Dense(2)(inputs))))
    found.append([model.inputs[0].name, deferred.inputs[0].name, built.inputs[0].name])
    return found


@in_both
def test_names_go_on_after_a_layer_that_did_not_fit(k: Any) -> Any:
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3)])
    answer = attempt(lambda: model.add(k.Input((4,))))
    inputs = k.Input((2,))
    return [answer, names(model), names(k.Model(inputs, k.layers.Dense(2)(inputs)))]


@in_both
def test_names_given_by_the_user_do_not_count(k: Any) -> Any:
    model = k.Sequential([k.Input((4,), name="pixels"), k.layers.Dense(3, name="hidden")], name="m")
    return [names(model), names(k.Sequential([k.layers.Dense(1)])), model.inputs[0].name]


# Sequential


@in_both
def test_a_list_and_a_chain_of_adds_make_the_same_model(k: Any) -> Any:
    model = k.Sequential()
    found: list[Any] = [model.built, names(model)]
    for layer in (k.Input((4,)), k.layers.Dense(8, activation="relu"), k.layers.Dense(3)):
        model.add(layer)
        found += [model.built, names(model), shapes(model)]
    return [*found, model.get_weights(), model(rows(5, 4))]


@in_both
def test_pop_takes_the_last_layer_away(k: Any) -> Any:
    model = k.Sequential([k.Input((4,)), k.layers.Dense(8), k.layers.Dense(3)])
    found: list[Any] = []
    for _ in range(2):
        model.pop()
        found += [model.built, names(model), shapes(model), attempt(lambda: model.output_shape)]
    model.add(k.layers.Dense(2))
    return [*found, names(model), model.output_shape, model(rows(2, 4))]


@in_both
def test_pop_of_nothing_raises(k: Any) -> Any:
    return attempt(lambda: k.Sequential().pop())


@in_both
def test_a_model_without_an_input_is_built_by_its_first_call(k: Any) -> Any:
    model = k.Sequential([k.layers.Flatten(), k.layers.Dense(3)])
    before = [model.built, len(model.weights), names(model)]
    outputs = model(rows(2, 3, 2))
    return [before, outputs, model.built, shapes(model), model.input_shape, model.output_shape]


@in_both
def test_a_model_without_an_input_is_built_by_build(k: Any) -> Any:
    model = k.Sequential([k.layers.Dense(3), k.layers.Dense(1)])
    model.build((None, 5))
    return [model.built, shapes(model), names(model), model.input_shape, model.get_weights()]


@in_both
def test_input_shape_on_a_first_layer_warns_and_builds(k: Any) -> Any:
    found = []
    for argument in ({"input_shape": (4,)}, {"input_dim": 4}, {"input_shape": [2, 4]}):
        model = k.Sequential([k.layers.Dense(2, **argument), k.layers.Dense(1)])
        found.append([model.built, model.input_shape, shapes(model), names(model)])
    return found


@in_both
def test_one_dense_with_an_input_shape_is_a_built_model(k: Any) -> Any:
    model = k.Sequential([k.layers.Dense(2, input_shape=(4,))])
    return [model.built, shapes(model), model.output_shape]


@in_both
def test_input_shape_on_a_later_layer_warns_and_does_nothing(k: Any) -> Any:
    model = k.Sequential([k.layers.Dense(2), k.layers.Dense(1, input_shape=(9,))])
    return [model.built, len(model.weights), model(rows(2, 4))]


@in_both
def test_an_unbuilt_model_says_what_it_has_not(k: Any) -> Any:
    model = k.Sequential([k.layers.Dense(3), k.layers.Dense(2)])
    actions = [
        lambda: model.inputs,
        lambda: model.outputs,
        lambda: model.input_shape,
        lambda: model.output_shape,
        lambda: model.input,
        lambda: model.output,
        model.count_params,
        lambda: model.layers[0].kernel,
        model.layers[0].count_params,
        lambda: model.weights,
        lambda: model.trainable_weights,
        model.get_weights,
    ]
    return [model.built, *[attempt(action) for action in actions]]


@in_both
def test_an_empty_model_says_what_it_has_not(k: Any) -> Any:
    model = k.Sequential()
    actions = [
        lambda: model.input_shape,
        lambda: model.output,
        model.count_params,
        lambda: model.build((None, 3)),
        lambda: model.layers,
        lambda: model.get_layer("dense"),
        lambda: model.get_layer(index=0),
    ]
    return [model.built, *[attempt(action) for action in actions]]


@in_both
def test_input_layers_come_in_four_forms(k: Any) -> Any:
    forms = [
        lambda: k.Input((2, 2)),
        lambda: k.layers.InputLayer((2, 2)),
        lambda: k.layers.InputLayer(input_shape=(2, 2)),
        lambda: k.layers.InputLayer(batch_shape=(None, 2, 2)),
        lambda: k.layers.InputLayer(shape=(2, 2), batch_size=3),
        lambda: k.layers.InputLayer(batch_input_shape=(None, 2, 2)),
        lambda: k.Input(shape=[2, 2], dtype="int32"),
    ]
    found = []
    for form in forms:
        model = k.Sequential([form(), k.layers.Dense(2), k.layers.Dense(1)])
        found.append([shapes(model), model.input_shape, names(model), model.inputs[0].dtype])
    return found


@in_both
def test_a_sequential_has_one_input(k: Any) -> Any:
    return [
        attempt(lambda: k.Sequential([k.Input((4,)), k.Input((4,))])),
        attempt(lambda: k.Sequential([k.Input((4,)), k.layers.Dense(2), k.Input((2,))])),
        attempt(lambda: k.Sequential([k.Input((4,)), k.layers.Dense(2, input_shape=(4,))]).built),
    ]


@in_both
def test_things_that_are_no_layers_are_refused(k: Any) -> Any:
    tensor = k.layers.Dense(2)(k.Input((3,)))
    things: list[Any] = [5, None, "dense", k.layers.Dense, np.zeros(3), tensor, [k.layers.Dense(2)]]
    found = [attempt(lambda thing=thing: k.Sequential().add(thing)) for thing in things]
    return [*found, attempt(lambda: k.Sequential(k.layers.Dense(3)))]


@in_both
def test_a_name_may_be_used_once(k: Any) -> Any:
    dense = k.layers.Dense(3, name="a")
    model = k.Sequential([k.Input((3,)), dense])
    return [
        attempt(lambda: model.add(k.layers.Dense(3, name="a"))),
        attempt(lambda: k.Sequential([k.layers.Dense(1, name="b"), k.layers.Dense(1, name="b")])),
        names(model),
    ]


@in_both
def test_one_layer_may_stand_twice_in_a_row(k: Any) -> Any:
    dense = k.layers.Dense(3)
    model = k.Sequential([k.Input((3,)), dense, dense])
    return [names(model), shapes(model), model.count_params(), model(rows(2, 3))]


@in_both
def test_get_layer_finds_by_name_and_by_index(k: Any) -> Any:
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3), k.layers.Dense(2)])
    wishes = [
        {"name": "dense_1"},
        {"index": 0},
        {"index": -1},
        {"index": 9},
        {"index": 2},
        {"name": "nope"},
        {"name": "dense", "index": 0},
        {},
    ]
    return [attempt(lambda wish=wish: model.get_layer(**wish).name) for wish in wishes]


@in_both
def test_layers_are_a_copy_without_the_input(k: Any) -> Any:
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3)])
    model.layers.append(5)
    return [names(model), attempt(lambda: setattr(model, "layers", []))]


@in_both
def test_trainable_reaches_what_is_inside(k: Any) -> Any:
    inner = k.Sequential([k.Input((4,)), k.layers.Dense(3), k.layers.Dense(3)])
    model = k.Sequential([k.Input((4,)), inner, k.layers.Dense(1)])

    def counts() -> Any:
        return [
            [len(m.trainable_weights), len(m.non_trainable_weights), len(m.weights), m.trainable]
            for m in (model, inner, *inner.layers, model.layers[1])
        ]

    found = [counts()]
    inner.trainable = False
    found.append(counts())
    inner.layers[0].trainable = True
    found.append(counts())
    model.trainable = False
    found.append(counts())
    model.trainable = True
    found.append(counts())
    frozen = k.Sequential([k.Input((2,)), k.layers.Dense(2, trainable=False)], trainable=True)
    frozen_model = k.Sequential([k.Input((2,)), k.layers.Dense(2)], trainable=False)
    for m in (frozen, frozen_model):
        found.append([len(m.trainable_weights), m.layers[0].trainable, m.trainable])
    return found


@in_both
def test_weights_come_in_the_order_of_the_layers(k: Any) -> Any:
    inner = k.Sequential([k.Input((3,)), k.layers.Dense(5)])
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3), inner, k.layers.Dense(2)])
    return [shapes(model), [w.name for w in model.weights], [w.path for w in model.weights]]


@in_both
def test_inputs_and_outputs_of_a_built_model(k: Any) -> Any:
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3)])
    return [
        [tensor.shape for tensor in model.inputs],
        [tensor.shape for tensor in model.outputs],
        model.input_shape,
        model.output_shape,
        attempt(lambda: model.input.shape),
        attempt(lambda: model.output.shape),
        model.layers[0].input.shape,
        model.layers[0].output.shape,
        model.compute_output_shape((7, 4)),
    ]


@in_both
def test_build_of_a_model_with_an_input_takes_only_that_shape(k: Any) -> Any:
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3)])
    return [attempt(lambda shape=shape: model.build(shape)) for shape in ((None, 4), (None, 5))]


@in_both
def test_a_built_model_built_for_another_shape(k: Any) -> Any:
    model = k.Sequential([k.layers.Dense(3)])
    model.build((None, 4))
    found = [attempt(lambda: model.build((None, 5)))]
    return [*found, model.input_shape, attempt(lambda: model(rows(2, 5))), shapes(model)]


@in_both
def test_build_without_a_shape_of_a_model_with_an_input_does_nothing(k: Any) -> Any:
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3)])
    kernel = model.weights[0]
    answers = [model.build(), model.build(None)]
    return [answers, model.built, model.weights[0] is kernel, model.input_shape, names(model)]


@in_both
def test_build_without_a_shape_of_a_built_model_does_nothing(k: Any) -> Any:
    by_build = k.Sequential([k.layers.Dense(3)])
    by_build.build((None, 4))
    by_call = k.Sequential([k.layers.Dense(3)])
    by_call(rows(2, 4))
    found = []
    for model in (by_build, by_call):
        found += [model.build(), model.built, shapes(model), model.input_shape, model(rows(2, 4))]
    return found


@in_both
def test_build_without_a_shape_leaves_a_deferred_model_to_its_first_call(k: Any) -> Any:
    x, y = rows(3, 4), rows(3, 2)
    found = []

    def deferred() -> Any:
        model = k.Sequential([k.layers.Dense(2)])
        found.extend([model.build(), model.built, model.count_params(), shapes(model)])
        return model

    model = deferred()
    found += [attempt(lambda: model.input_shape), model(x), shapes(model), model.built]
    model = deferred()
    found += [model.predict(x, verbose=0), shapes(model)]
    model = deferred()
    model.compile("sgd", "mse")
    found += [model.fit(x, y, verbose=0).history, shapes(model)]
    model = deferred()
    model.build((None, 4))
    found += [model.input_shape, shapes(model)]
    model = deferred()
    model.add(k.layers.Dense(3))
    found += [model.built, model(x), shapes(model)]
    model = deferred()
    around = k.Sequential([k.Input((4,)), model, k.layers.Dense(1)])
    return [*found, around.output_shape, around(x)]


@in_both
def test_build_without_a_shape_of_an_empty_model_does_nothing(k: Any) -> Any:
    model = k.Sequential()
    only_an_input = k.Sequential([k.Input((4,))])
    return [model.build(), model.built, only_an_input.build(), only_an_input.built]


@in_both
def test_build_of_other_models_and_layers_needs_a_shape(k: Any) -> Any:
    inputs = k.Input((4,))
    model = k.Model(inputs, k.layers.Dense(3)(inputs))

    class Own(k.Model):  # type: ignore[misc, name-defined]
        def call(self, x: Any) -> Any:
            return x

    dense = k.layers.Dense(3)
    dense.build((None, 4))
    things = [model, Own(), k.layers.Dense(3), dense]
    return [*[attempt(thing.build) for thing in things], model.build(None)]


# Functional


@in_both
def test_a_chain_of_calls_is_a_model(k: Any) -> Any:
    inputs = k.Input((4,))
    hidden = k.layers.Dense(8, activation="relu")(inputs)
    model = k.Model(inputs, k.layers.Dense(3, activation="softmax")(hidden))
    return [
        type(model).__name__,
        names(model),
        shapes(model),
        model.input_shape,
        model.output_shape,
        model.built,
        model(rows(5, 4)),
        model.input.shape,
        model.output.shape,
    ]


@in_both_but_for_warnings  # of an array of NumPy for a list of one
def test_model_takes_lists_and_keywords(k: Any) -> Any:
    inputs = k.Input((4,))
    outputs = k.layers.Dense(3)(inputs)
    found = []
    for model in (
        k.Model([inputs], [outputs]),
        k.Model(inputs=inputs, outputs=[outputs], name="m"),
        k.Model(inputs=[inputs], outputs=outputs, trainable=False),
    ):
        x = rows(2, 4)
        found.append(
            [
                model.name,
                model.input_shape,
                model.output_shape,
                model(x),
                model.predict(x, verbose=0),
                attempt(lambda model=model, x=x: model([x])),
                attempt(lambda model=model, x=x: model.predict([x], verbose=0)),
                len(model.trainable_weights),
            ]
        )
    return found


@in_both
def test_a_shared_layer_is_listed_once(k: Any) -> Any:
    inputs = k.Input((3,))
    square = k.layers.Dense(3, activation="tanh")
    model = k.Model(inputs, square(square(inputs)))
    return [names(model), shapes(model), model.count_params(), model(rows(2, 3))]


@in_both
def test_branches_meet_in_a_layer_of_two_inputs(k: Any) -> Any:
    inputs = k.Input((3,))
    left = k.layers.Dense(4, activation="relu", name="left")(inputs)
    right = k.layers.Dense(4, name="right")(k.layers.Dense(5, name="deep")(inputs))
    model = k.Model(inputs, k.layers.Dense(2, name="top")(product_layer(k)([left, right])))
    return [names(model), shapes(model), model(rows(6, 3)), model.predict(rows(6, 3), verbose=0)]


@in_both
def test_a_model_of_two_inputs_takes_a_list(k: Any) -> Any:
    left, right = k.Input((3,), name="left"), k.Input((5,), name="right")
    both = product_layer(k)([k.layers.Dense(4)(left), k.layers.Dense(4)(right)])
    model = k.Model([right, left], both)
    x, y = rows(6, 3), rows(6, 5)
    return [
        names(model),
        shapes(model),
        model.input_shape,
        model([y, x]),
        model.predict([y, x], verbose=0),
        attempt(lambda: model([x, y])),
        attempt(lambda: model([x])),
        attempt(lambda: model(y)),
    ]


@in_both
def test_a_model_of_two_named_inputs_takes_a_dict_of_the_names(k: Any) -> Any:
    left, right = k.Input((3,), name="left"), k.Input((3,), name="right")
    both = product_layer(k)([k.layers.Dense(4)(left), k.layers.Dense(4)(right)])
    model = k.Model([right, left], both)
    x, y = rows(6, 3), 2 * rows(6, 3)
    return [
        model({"left": x, "right": y}),
        model.predict({"left": x, "right": y}, verbose=0),
        attempt(lambda: model({"left": x, "top": y})),
        attempt(lambda: model({"left": x})),
        attempt(lambda: model({"left": x, "right": y, "top": x})),
    ]


@in_both
def test_a_model_with_a_dict_of_inputs(k: Any) -> Any:
    left, right = k.Input((3,), name="left"), k.Input((5,), name="right")
    both = product_layer(k)([k.layers.Dense(4)(left), k.layers.Dense(4)(right)])
    model = k.Model({"right": right, "left": left}, both)
    x, y = rows(6, 3), rows(6, 5)
    return [
        names(model),
        model.input_shape,
        model({"left": x, "right": y}),
        model.predict({"left": x, "right": y}, verbose=0),
        attempt(lambda: model({"left": y, "right": x})),
        attempt(lambda: model({"left": x})),
        attempt(lambda: model({"left": x, "top": y})),
        attempt(lambda: model([y, x])),
    ]


@in_both
def test_a_dict_of_inputs_in_sorted_order_takes_a_list(k: Any) -> Any:
    left, right = k.Input((3,), name="left"), k.Input((5,), name="right")
    both = product_layer(k)([k.layers.Dense(4)(left), k.layers.Dense(4)(right)])
    model = k.Model({"left": left, "right": right}, both)
    return model([rows(6, 3), rows(6, 5)])


@in_both
def test_keys_of_a_dict_of_inputs_should_be_their_names(k: Any) -> Any:
    left = k.Input((3,), name="left")
    model = k.Model({"other": left}, k.layers.Dense(2)(left))
    return model({"other": rows(2, 3)})


@in_both
def test_a_model_of_one_input_takes_a_dict_of_its_name(k: Any) -> Any:
    inputs = k.Input((3,), name="pixels")
    model = k.Model(inputs, k.layers.Dense(2)(inputs))
    return [model({"pixels": rows(2, 3)}), attempt(lambda: model({"nope": rows(2, 3)}))]


@in_both
def test_several_outputs_come_in_the_nesting_that_was_asked_for(k: Any) -> Any:
    inputs = k.Input((3,))
    one, two = k.layers.Dense(4)(inputs), k.layers.Dense(1)(inputs)
    found = []
    for outputs in ([one, two], (one, two), {"b": one, "a": two}, {"only": one}):
        model = k.Model(inputs, outputs)
        called, predicted = model(rows(2, 3)), model.predict(rows(2, 3), verbose=0)
        found += [type(called).__name__, type(predicted).__name__, called, predicted]
        found += [attempt(lambda model=model: model.output_shape), len(model.outputs)]
    return found


@in_both
def test_a_sequential_in_a_functional_and_the_other_way_round(k: Any) -> Any:
    inner = k.Sequential([k.Input((4,)), k.layers.Dense(3, activation="relu")])
    inputs = k.Input((4,))
    outer = k.Model(inputs, k.layers.Dense(2)(inner(inputs)))
    row = k.Sequential([outer, k.layers.Dense(5)])
    x = rows(3, 4)
    return [
        names(outer),
        names(row),
        row.built,
        shapes(row),
        row.input_shape,
        outer(x),
        row(x),
        row.predict(x, verbose=0),
    ]


@in_both
def test_a_model_in_a_model_in_a_model_shares_its_weights(k: Any) -> Any:
    core = k.Sequential([k.Input((4,)), k.layers.Dense(4)], name="core")
    middle_input = k.Input((4,))
    middle = k.Model(middle_input, core(core(middle_input)), name="middle")
    outer = k.Sequential([k.Input((4,)), middle, core, k.layers.Dense(1)], name="outer")
    core.set_weights([np.eye(4, dtype="float32") * 2, np.ones(4, "float32")])
    return [names(outer), shapes(outer), outer(rows(2, 4)), outer.count_params()]


@in_both
def test_a_deferred_sequential_called_in_a_functional_is_built_there(k: Any) -> Any:
    inner = k.Sequential([k.layers.Dense(3), k.layers.Dense(2)])
    inputs = k.Input((4,))
    outer = k.Model(inputs, inner(inputs))
    return [inner.built, names(outer), names(inner), shapes(outer), outer(rows(2, 4))]


@in_both
def test_a_deferred_sequential_first_in_a_sequential_waits(k: Any) -> Any:
    inner = k.Sequential([k.layers.Dense(3)])
    outer = k.Sequential([inner, k.layers.Dense(2)])
    before = [outer.built, len(outer.weights)]
    return [before, outer(rows(2, 4)), shapes(outer), inner.built]


@in_both_but_for_warnings  # of an array of NumPy for a list of one
def test_a_model_up_to_an_inner_layer_extracts_features(k: Any) -> Any:
    model = k.Sequential([k.Input((4,)), k.layers.Dense(8, activation="relu"), k.layers.Dense(3)])
    inputs = k.Input((4,))
    functional = k.Model(inputs, k.layers.Dense(1)(k.layers.Dense(6)(inputs)))
    found = []
    for features in (
        k.Model(model.inputs, model.layers[0].output),
        k.Model(functional.input, functional.layers[1].output),
        k.Model(functional.input, [layer.output for layer in functional.layers[1:]]),
        k.Model(model.inputs[0], model.get_layer("dense").output),
    ):
        found += [names(features), features(rows(2, 4)), shapes(features)]
    return found


@in_both
def test_a_model_from_an_inner_tensor_on(k: Any) -> Any:
    inputs = k.Input((4,))
    hidden = k.layers.Dense(6)(inputs)
    outputs = k.layers.Dense(2)(hidden)
    model = k.Model(hidden, outputs)
    return [model.name, shapes(model), model.input_shape, model(rows(2, 6)), len(model.layers)]


@in_both
def test_dropout_told_to_train_is_always_on(k: Any) -> Any:
    inputs = k.Input((50,))
    model = k.Model(inputs, k.layers.Dropout(0.5)(inputs, training=True))
    x = np.ones((2, 50), "float32")
    return [model.predict(x, verbose=0), model(x), model.predict(x, verbose=0)]


@in_both
def test_dropout_told_not_to_train_and_a_model_told_to(k: Any) -> Any:
    inputs = k.Input((50,))
    x = np.ones((2, 50), "float32")
    off = k.Model(inputs, k.layers.Dropout(0.5, seed=1)(inputs, training=False))
    on = k.Model(inputs, k.layers.Dropout(0.5, seed=1)(inputs, training=True))
    plain = k.Model(inputs, k.layers.Dropout(0.5, seed=1)(inputs))
    return [
        model(x, training=training)
        for model in (off, on, plain)
        for training in (None, False, True)
    ]


@in_both
def test_a_model_in_a_model_hears_training(k: Any) -> Any:
    inner = k.Sequential([k.Input((50,)), k.layers.Dropout(0.5, seed=1)])
    outer = k.Sequential([k.Input((50,)), inner])
    always_input = k.Input((50,))
    always = k.Model(always_input, inner(always_input, training=True))
    x = np.ones((2, 50), "float32")
    return [outer(x), outer(x, training=True), outer(x, training=True), always(x)]


@in_both
def test_graphs_without_meaning_are_refused(k: Any) -> Any:
    one, other = k.Input((4,)), k.Input((4,))
    dense = k.layers.Dense(3, name="a")
    outputs = dense(one)
    twice = k.layers.Dense(3, name="a")(outputs)
    actions = [
        lambda: k.Model(one, k.layers.Dense(3)(other)),
        lambda: k.Model([one], product_layer(k)([one, other])),
        lambda: k.Model(one, twice),
        lambda: k.Model(one),
        lambda: k.Model(outputs=outputs),
        lambda: k.Model(one, None),
        lambda: k.Model(one, 5),
        lambda: k.Model(np.ones((2, 4)), outputs),
        lambda: k.Model(one, rows(2, 3)),
        lambda: k.Model([], outputs),
        lambda: k.Model("x", outputs),
    ]
    return [attempt(action) for action in actions]


@in_both
def test_inputs_that_no_output_needs_are_kept(k: Any) -> Any:
    one, other = k.Input((4,)), k.Input((2,))
    model = k.Model([one, other], k.layers.Dense(3)(one))
    return [names(model), model([rows(2, 4), rows(2, 2)]), model.input_shape]


@in_both
def test_an_input_may_be_an_output(k: Any) -> Any:
    inputs = k.Input((4,))
    model = k.Model(inputs, [inputs, k.layers.Dense(2)(inputs)])
    return [names(model), model(rows(2, 4))]


# Subclasses


def two_layers(k: Any) -> Any:
    class TwoLayers(k.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.hidden = k.layers.Dense(6, activation="relu")
            self.drop = k.layers.Dropout(0.5)
            self.top = k.layers.Dense(2)

        def call(self, inputs: Any, training: bool | None = None) -> Any:
            return self.top(self.drop(self.hidden(inputs), training=training))

    return TwoLayers()


@in_both
def test_a_subclass_predicts_and_trains(k: Any) -> Any:
    model = two_layers(k)
    before = [model.built, names(model), len(model.weights)]
    x, y = rows(40, 4), rows(40, 2)
    called = model(x)
    model.compile("sgd", "mse")
    history = model.fit(x, y, epochs=2, verbose=0)
    return [
        before,
        called,
        history.history["loss"],
        model.get_weights(),
        model.predict(x, verbose=0),
        model(x, training=True),
        shapes(model),
        names(model),
    ]


@in_both
def test_a_subclass_is_built_by_fit(k: Any) -> Any:
    model = two_layers(k)
    model.compile("sgd", "mse")
    history = model.fit(rows(40, 4), rows(40, 2), epochs=2, verbose=0)
    return [history.history["loss"], model.get_weights(), model.built]


@in_both
def test_a_loss_weight_may_stand_alone_in_a_list_or_dict(k: Any) -> Any:
    def losses(weight: Any) -> Any:
        model = k.Sequential([k.Input((4,)), k.layers.Dense(2, kernel_initializer="ones")])
        model.compile("sgd", "mse", loss_weights=weight)
        return model.fit(rows(9, 4), rows(9, 2), epochs=2, verbose=0).history["loss"]

    taken = [0.5, [0.5], (2,), {"dense": 0.5}, [None], [np.float32(0.5)], [True]]
    refused = [2, [], {}, ["a"], np.array([0.5]), [0.5, 0.5]]
    return [losses(weight) for weight in taken], [attempt(lambda w=w: losses(w)) for w in refused]


@in_both
def test_a_subclass_takes_whatever_its_layers_take(k: Any) -> Any:
    model = two_layers(k)
    model.compile("sgd", "mse")
    answers = [model.predict(rows(4, steps, 3), verbose=0) for steps in (5, 6)]
    answers += [model(rows(4, 6, 5, 3)), model(rows(4, 3)), attempt(lambda: model(rows(4, 2)))]
    losses = [
        model.fit(rows(4, steps, 3), rows(4, steps, 2), verbose=0).history["loss"]
        for steps in (5, 7)
    ]
    return [answers, losses, model.evaluate(rows(4, 3), rows(4, 2), verbose=0)]


@in_both
def test_a_subclass_that_was_not_called_does_not_know_its_output_shape(k: Any) -> Any:
    model = two_layers(k)
    asked = attempt(lambda: model.compute_output_shape((None, None, 3)))
    return [asked, model.built, model(rows(2, 5, 3))]


# Gradients: the tape against Keras's backend, on identical weights


def gradients(model: Any, x: Any) -> Any:
    """Return the gradients of sum(outputs * fixed numbers): by weights, and by the inputs."""
    if isinstance(model, keras.Model):

        def call(*inputs: Any) -> Any:
            return model(list(inputs) if len(inputs) > 1 else inputs[0])

        grad = rows(*np.shape(call(*x)))
        _, by_inputs, by_weights = vjp(call, x, grad, model.trainable_weights)
        return [by_weights, by_inputs]
    tensors = [minidense.ops.convert_to_tensor(array) for array in x]
    with Tape() as tape:
        outputs = model(tensors if len(x) > 1 else tensors[0])
        total = minidense.ops.sum(outputs * rows(*outputs.shape))
    grads = tape.gradients(total, [*model.trainable_weights, *tensors])
    return [grads[: -len(x)], grads[-len(x) :]]


@in_both
def test_gradients_through_a_shared_layer_add_up(k: Any) -> Any:
    inputs = k.Input((3,))
    square = k.layers.Dense(3, activation="tanh")
    model = k.Model(inputs, k.layers.Dense(2)(square(square(inputs))))
    return gradients(model, [rows(5, 3)])


@in_both
def test_a_model_inside_may_give_a_dict_and_be_trained_through_one_of_its_outputs(k: Any) -> Any:
    a, b, x, y = k.Input((4,), name="a"), k.Input((4,), name="b"), k.Input((4,)), k.Input((4,))
    inner = k.Model({"a": a, "b": b}, {"p": k.layers.Dense(2)(a), "q": k.layers.Dense(2)(b)})
    model = k.Model([x, y], k.layers.Dense(1)(inner({"a": x, "b": y})["q"]))
    model.compile("sgd", "mse")
    history = model.fit([rows(6, 4), rows(6, 4)], rows(6, 1), verbose=0, shuffle=False)
    return model.predict([rows(6, 4), rows(6, 4)], verbose=0), history.history


@in_both
def test_gradients_through_branches_add_up(k: Any) -> Any:
    inputs = k.Input((3,))
    left = k.layers.Dense(4, activation="sigmoid")(inputs)
    right = k.layers.Dense(4)(k.layers.Dense(5, activation="relu")(left))
    model = k.Model(inputs, k.layers.Dense(2)(product_layer(k)([left, right])))
    return gradients(model, [rows(5, 3)])


@in_both
def test_gradients_of_a_model_of_two_inputs(k: Any) -> Any:
    left, right = k.Input((3,)), k.Input((2,))
    both = product_layer(k)([k.layers.Dense(4)(left), k.layers.Dense(4, activation="tanh")(right)])
    return gradients(k.Model([right, left], both), [rows(5, 2), rows(5, 3)])


@in_both
def test_gradients_through_models_in_models_used_twice(k: Any) -> Any:
    core = k.Sequential([k.Input((4,)), k.layers.Dense(4, activation="tanh")])
    middle_input = k.Input((4,))
    middle = k.Model(middle_input, core(core(middle_input)))
    model = k.Sequential([k.Input((4,)), middle, core, k.layers.Dense(2, activation="softmax")])
    return gradients(model, [rows(5, 4)])


@in_both
def test_gradients_of_a_model_of_two_inputs_inside_another(k: Any) -> Any:
    left, right = k.Input((3,)), k.Input((3,))
    inner = k.Model(
        [left, right], product_layer(k)([k.layers.Dense(2)(left), k.layers.Dense(2)(right)])
    )
    inputs = k.Input((3,))
    hidden = k.layers.Dense(3, activation="tanh")(inputs)
    model = k.Model(inputs, inner([hidden, inputs]))
    return gradients(model, [rows(5, 3)])


@in_both
def test_gradients_past_frozen_layers(k: Any) -> Any:
    model = k.Sequential(
        [
            k.Input((3,)),
            *(k.layers.Dense(3, activation="tanh") for _ in range(3)),
            k.layers.Dense(1),
        ]
    )
    model.layers[1].trainable = False
    model.layers[3].trainable = False
    return [len(model.trainable_weights), gradients(model, [rows(5, 3)])]


def trained(model: Any, x: Any, y: Any, loss: str) -> Any:
    """Return the losses and weights after two epochs of plain SGD."""
    model.compile("sgd", loss, metrics=["accuracy"])
    history = model.fit(x, y, epochs=2, batch_size=8, verbose=0).history
    return [
        history["loss"],
        history["accuracy"],
        model.get_weights(),
        model.evaluate(x, y, verbose=0),
    ]


@in_both
def test_training_of_shared_layers_branches_and_nested_models(k: Any) -> Any:
    core = k.Sequential(
        [k.Input((4,)), k.layers.Dense(4, activation="tanh"), k.layers.Dropout(0.3)]
    )
    inputs = k.Input((4,))
    both = product_layer(k)([core(inputs), k.layers.Dense(4)(core(core(inputs)))])
    model = k.Model(inputs, k.layers.Dense(3, activation="softmax")(both))
    return trained(model, rows(20, 4), np.arange(20) % 3, "sparse_categorical_crossentropy")


@in_both
def test_training_leaves_frozen_layers_alone(k: Any) -> Any:
    model = k.Sequential(
        [k.Input((4,)), k.layers.Dense(5, activation="relu"), k.layers.Dense(5), k.layers.Dense(3)]
    )
    model.layers[1].trainable = False
    before = model.layers[1].get_weights()
    result = trained(model, rows(20, 4), rows(20, 3), "mse")
    np.testing.assert_array_equal(before[0], model.layers[1].get_weights()[0])
    return result


def far_off(k: Any, *ends: Any) -> Any:
    """Logits so large that a softmax gives 0 and 1: only a loss on logits has a gradient there."""
    first = k.layers.Dense(3, kernel_initializer="ones", bias_initializer="zeros")
    return k.Sequential([k.Input((4,)), first, *ends])


ENDS = {
    "softmax layer": lambda k: [k.layers.Softmax()],
    "activation layer": lambda k: [k.layers.Activation("softmax")],
    "dense with softmax": lambda k: [k.layers.Dense(3, activation="softmax")],
    "linear activation behind": lambda k: [k.layers.Softmax(), k.layers.Activation("linear")],
    "flatten behind": lambda k: [k.layers.Softmax(), k.layers.Flatten()],
    "relu behind": lambda k: [k.layers.Softmax(), k.layers.ReLU()],
    "nested model": lambda k: [k.Sequential([k.Input((3,)), k.layers.Softmax()])],
    "dropout of no rate behind": lambda k: [k.layers.Softmax(), k.layers.Dropout(0)],
    "dropout behind": lambda k: [k.layers.Softmax(), k.layers.Dropout(0.5)],
}


@pytest.mark.parametrize("end", ENDS)
def test_cross_entropy_looks_through_what_keras_looks_through(end: str) -> None:
    @in_both
    def test(k: Any) -> Any:
        model = far_off(k, *ENDS[end](k))
        x = 30 * np.abs(rows(8, 4))
        model.layers[0].set_weights([np.float32([[1, 0, -1]] * 4), np.zeros(3, "float32")])
        y = np.arange(8) % 3
        model.compile("sgd", "sparse_categorical_crossentropy")
        measured = model.evaluate(x, y, verbose=0)
        history = model.fit(x, y, verbose=0).history
        return [measured, history["loss"], model.get_weights()]

    test()


# The ways to compute


@in_both
def test_all_ways_to_compute_agree(k: Any) -> Any:
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3, activation="softmax")])
    x = rows(33, 4)
    return [
        model(x),
        model.call(x) if k.__name__ == "minidense" else model(x),
        model.predict(x, verbose=0),
        model.predict(x, batch_size=7, verbose=0),
        model.predict_on_batch(x),
    ]


@in_both
def test_the_last_axis_of_1_comes_and_goes(k: Any) -> Any:
    flat = k.Sequential([k.Input((4,)), k.layers.Dense(3)])
    column = k.Sequential([k.Input((1,)), k.layers.Dense(3)])
    inputs = k.Input((4, 1))
    deep = k.Model(inputs, k.layers.Flatten()(inputs))
    return [
        attempt(lambda model=model, x=x: model(x))
        for model, x in (
            (flat, rows(2, 4, 1)),
            (column, rows(5)),
            (deep, rows(2, 4)),
            (deep, rows(2, 4, 1, 1)),
            (flat, rows(2, 4, 2)),
            (flat, rows(4)),
            (column, rows(5, 1, 1)),
            (flat, rows(2, 4, 1, 1)),
        )
    ]


@in_both
def test_numbers_of_other_kinds_are_cast(k: Any) -> Any:
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3)])
    found = []
    for dtype in ("int32", "uint8", "bool", "float64", "float16", "int64"):
        x = (rows(2, 4) > 0).astype(dtype)
        found += [model(x), model.predict(x, verbose=0), model.predict_on_batch(x)]
    return found


@in_both
def test_an_input_of_whole_numbers_casts_to_them(k: Any) -> Any:
    inputs = k.Input((4,), dtype="int32")
    model = k.Model(inputs, k.layers.Dense(2)(k.layers.Flatten()(inputs)))
    return [model(rows(2, 4) * 3), model.layers[1].output.dtype, model.output.dtype]


@in_both
def test_batches_of_no_row_and_of_one(k: Any) -> Any:
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3, activation="softmax")])
    return [model(rows(0, 4)), model(rows(1, 4)), model.predict(rows(1, 4), verbose=0)]


@in_both
def test_a_fixed_batch_size_is_kept_in_the_shapes(k: Any) -> Any:
    model = k.Sequential([k.Input((4,), batch_size=3), k.layers.Dense(2)])
    return [
        model.input_shape,
        model.output_shape,
        model(rows(3, 4)),
        attempt(lambda: model(rows(5, 4))),
    ]


@in_both
def test_float64_models_compute_in_float64(k: Any) -> Any:
    inputs = k.Input((4,), dtype="float64")
    model = k.Model(inputs, k.layers.Dense(3, dtype="float64")(inputs))
    mixed = k.Sequential([k.Input((4,)), k.layers.Dense(3, dtype="float64"), k.layers.Dense(2)])
    x = rows(2, 4, dtype="float64")
    return [model(x), mixed(x), [w.dtype for w in mixed.weights], mixed.outputs[0].dtype]


WRONG = {
    "another last axis": rows(2, 5),
    "a rank too low": rows(4),
    "a rank too high": rows(2, 3, 4),
    "None": None,
    "a number": 3.0,
    "strings": np.array([["a", "b", "c", "d"]]),
    "objects": np.array([[1, None, 2, 3]], dtype=object),
    "a list of lists": [[1.0, 2.0, 3.0, 4.0]],
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("kind", ["functional", "sequential"])
def test_wrong_inputs_raise_what_keras_raises(wrong: str, kind: str) -> None:
    def script(k: Any) -> Any:
        inputs = k.Input((4,))
        dense = k.layers.Dense(3, kernel_initializer="ones")
        model = (
            k.Model(inputs, dense(inputs))
            if kind == "functional"
            else k.Sequential([inputs, dense])
        )
        model.compile("sgd", "mse")
        x, y = WRONG[wrong], rows(2, 3)
        return [
            attempt(lambda: model.predict(x, verbose=0)),
            attempt(lambda: model.predict_on_batch(x)),
            attempt(lambda: model.evaluate(x, y, verbose=0)),
            attempt(lambda: len(model.fit(x, y, verbose=0).history)),
        ]

    by_keras, _ = run(script, keras)
    by_minidense, _ = run(script, minidense)
    assert by_minidense == ["raised ValueError"] * 4
    # Keras also raises KeyError for None, and TensorFlow's own errors
    assert all(str(answer).startswith("raised ") for answer in by_keras)


# The public face

OURS = {
    "": {"DataWarning", "autodiff", "parity"},
    "datasets": {"digits"},
    "losses": {"LossFunctionWrapper"},
}
"""Names that Keras does not have in the same place."""

PLACES = ["", *(name for name in minidense.__all__ if inspect.ismodule(getattr(minidense, name)))]
PLACES.remove("parity")  # Keras has no such module
PLACES.remove("autodiff")  # TensorFlow has it


@pytest.mark.parametrize("place", PLACES)
def test_public_names_are_where_keras_has_them(place: str) -> None:
    ours: Any = getattr(minidense, place) if place else minidense
    theirs: Any = getattr(keras, place) if place else keras
    unknown = {name for name in ours.__all__ if not hasattr(theirs, name)}
    assert unknown <= OURS.get(place, set()), f"not in keras.{place}: {unknown}"


@pytest.mark.parametrize("kind", ["Sequential", "Functional"])
def test_a_model_inside_takes_the_dtype_of_its_input_and_not_its_own(kind: str) -> None:
    def script(k: Any) -> Any:
        own, wide = k.Input((3,), dtype="float64"), k.Input((3,), dtype="float64")
        hidden = k.layers.Dense(2, dtype="float64")
        inner = k.Sequential([own, hidden]) if kind == "Sequential" else k.Model(own, hidden(own))
        model = k.Model(wide, k.layers.Dense(1, dtype="float64")(inner(wide)))
        model.compile("sgd", "mse")
        x = rows(5, 3, dtype="float64") / 3  # no float32 holds these numbers
        before = model(x)
        model.train_on_batch(x, rows(5, 1))
        return before, model.get_weights()

    (theirs, _), (ours, _) = run(script, keras), run(script, minidense)
    record.close("models: float64 inside", theirs[0], ours[0], rtol=1e-14)
    for their, our in zip(theirs[1], ours[1], strict=True):
        # the loss is computed in float32 in both, and a hundredth of its gradient is learned
        record.close("models: float64 inside, a step", their, our, rtol=1e-9)


@in_both
def test_a_model_made_untrainable_is_trained_inside_another_one(k: Any) -> Any:
    inner = k.Sequential([k.Input((3,)), k.layers.Dense(2)], trainable=False)
    inputs = k.Input((3,))
    model = k.Model(inputs, k.layers.Dense(2)(inner(inputs)))
    model.compile("sgd", "mse")
    model.fit(rows(5, 3), rows(5, 2), verbose=0)
    return [len(model.trainable_weights), len(inner.trainable_weights), *model.get_weights()]


@in_both
def test_a_flatten_that_casts_gives_the_dtype_that_it_casts_to(k: Any) -> Any:
    inputs = k.Input((2, 3))
    model = k.Model(inputs, k.layers.Dense(3)(k.layers.Flatten(dtype="float64")(inputs)))
    return model(rows(5, 2, 3)), str(model.outputs[0].dtype)


# What `build` does for a subclass


def own_model(k, builds=False):
    """A subclass with two Dense layers, which it may build itself."""

    class Own(k.Model):
        def __init__(self):
            super().__init__(name="own")
            self.first = k.layers.Dense(3, name="first")
            self.last = k.layers.Dense(2, name="last")

        if builds:

            def build(self, input_shape):
                self.scale = self.add_weight((1,), "ones", trainable=False, name="scale")
                self.first.build(input_shape)
                self.last.build((None, 3))

        def call(self, inputs):
            return self.last(self.first(inputs))

    return Own()


def told(model):
    """Return what a model says of itself."""
    lines = []
    model.summary(print_fn=lines.append, line_length=60)
    asked = [lambda: model.inputs, lambda: model.output_shape, lambda: model.input]
    paths = [weight.path for weight in model.weights]
    built = [model.built, *(layer.built for layer in model.layers)]
    return [lines, built, paths, model.get_build_config(), *map(attempt, asked)]


@pytest.mark.parametrize("shape", [(None, 4), (2, 4), (None, 9), [None, 4], None, "nonsense"])
def test_build_leaves_the_layers_of_a_subclass_for_its_first_call(shape):
    @in_both
    def script(k):
        model = own_model(k)
        model.build(shape)
        found = [told(model), model.count_params(), model(rows(5, 4)), told(model)]
        model.build((None, 4))
        return [*found, told(model)]

    script()


@pytest.mark.parametrize("before", ["nothing", "build", "call"])
@pytest.mark.parametrize("builds", [False, True])
def test_a_subclass_is_trained_whether_it_was_built_or_not(builds, before):
    @in_both
    def script(k):
        model = own_model(k, builds)
        if before == "build":
            model.build((None, 4))
        elif before == "call":
            model(rows(5, 4))
        model.compile("sgd", "mse")
        losses = model.fit(rows(8, 4), rows(8, 2), epochs=2, verbose=0).history["loss"]
        return [losses, model.get_weights(), told(model), model.predict(rows(3, 4), verbose=0)]

    script()


@in_both
def test_a_call_that_failed_is_not_remembered_by_the_layers_inside(k):
    class Wrong(k.Model):
        def __init__(self):
            super().__init__()
            self.inner = k.layers.Dense(2)

        def call(self, inputs):
            outputs = self.inner(inputs)
            if not hasattr(outputs, "__array__") or isinstance(outputs, k.KerasTensor):
                raise TypeError("an array, please")
            return outputs

    model = Wrong()
    model(rows(3, 4))
    model.inner(k.Input((4,), name="later"))
    return [model.inner.input.name, tuple(model.inner.output.shape)]


# Copies


def copied_models(k):
    def sequential():
        layers = [k.Input((4,)), k.layers.Dense(5, "relu"), k.layers.Dropout(0.5)]
        return k.Sequential([*layers, k.layers.Dense(2)])

    def functional():
        inputs = k.Input((4,))
        shared = k.layers.Dense(4, name="shared")
        outputs = k.layers.Dropout(0.3, seed=4)(shared(shared(inputs)))
        return k.Model(inputs, k.layers.Dense(2)(outputs), name="functional")

    def nested():
        return k.Sequential([k.Input((4,)), functional()], name="nested")

    def not_built():
        return k.Sequential([k.layers.Dense(2)])

    return [sequential, functional, nested, not_built]


def copies(model):
    return [copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))]


def described(layer):
    """Return what a layer or model is, and what it gives at rest and in training."""
    paths = [[weight.path, weight.trainable] for weight in layer.weights]
    return [layer.name, layer.built, layer.path, paths, layer(rows(3, 4)),
            layer(rows(3, 4), training=True), layer.get_weights()]  # fmt: skip


@pytest.mark.parametrize("which", range(4))
def test_copies_of_a_model_share_nothing_and_draw_their_own_seeds(which):
    @in_both
    def script(k):
        model = copied_models(k)[which]()
        others = copies(model)
        shared = [weight is mine for o in others for weight in o.weights for mine in model.weights]
        return [any(shared), *map(described, [*others, model]), k.layers.Dense(1).name]

    script()


@pytest.mark.parametrize("which", range(4))
@pytest.mark.parametrize("epochs", [0, 2])
def test_copies_of_a_compiled_model_go_on_with_its_optimizer(which, epochs):
    @in_both_but_for_warnings  # Keras warns where it saves an optimizer that has taken no step
    def script(k):
        model = copied_models(k)[which]()
        model.compile("adam", "mse", metrics=["mse"], loss_weights=0.5)
        if epochs:
            model.fit(rows(8, 4), rows(8, 2), epochs=epochs, verbose=0)
        found = []
        for each in [*copies(model), model]:
            states = [variable.path for variable in each.optimizer.variables]
            history = each.fit(rows(8, 4), rows(8, 2), verbose=0).history
            found.append([each.compiled, states, history, each.get_weights()])
        return found

    script()


@in_both
def test_copies_of_a_layer_are_made_again(k):
    dense, dropout = k.layers.Dense(2, "relu"), k.layers.Dropout(0.5)
    dense.build((None, 4))
    dense.trainable = False
    made = [dense, dropout, k.layers.Dense(3), k.layers.Flatten(), k.layers.ReLU()]
    return [described(other) for layer in made for other in [*copies(layer), layer]]


def functional_of_two(k: Any) -> Any:
    one, other = k.Input((6,)), k.Input((2,))
    return k.Model([one, other], k.layers.Dense(4)(one))


def own_layer_of_two(k: Any) -> Any:
    class First(k.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.dense = k.layers.Dense(4)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs[0])

        def compute_output_shape(self, input_shape: Any) -> Any:
            return (None, 4)

    return First()


def own_layer_of_two_and_two(k: Any) -> Any:
    class Cross(k.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right = k.layers.Dense(4), k.layers.Dense(5)

        def call(self, inputs: Any) -> Any:
            return self.left(inputs[0]), self.right(inputs[1])

    cross = Cross()
    return lambda inputs: cross(inputs)[0]


def subclass_of_two(k: Any) -> Any:
    class First(k.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = k.layers.Dense(4)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs[0])

    return First()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "inner", [functional_of_two, own_layer_of_two, own_layer_of_two_and_two, subclass_of_two]
)
def test_weights_before_an_input_that_is_not_used_have_no_gradient(inner: Any, dtype: str) -> None:
    @in_both
    def script(k: Any) -> Any:
        inputs = k.Input((6,))
        hidden = k.layers.Dense(2, dtype=dtype)(inputs)
        outputs = k.layers.Dense(3)(inner(k)([inputs, hidden]))
        model = k.Model(inputs, outputs)
        model.compile("sgd", "mse")
        before = model.get_weights()
        losses = model.fit(rows(9, 6), rows(9, 3), epochs=2, batch_size=3, verbose=0).history
        same = [bool((a == b).all()) for a, b in zip(before, model.get_weights(), strict=True)]
        return {"losses": losses, "same": same}

    script()
