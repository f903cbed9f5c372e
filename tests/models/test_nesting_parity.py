"""In which lists, tuples and dicts inputs come: what a model makes of them, and what it says."""

from itertools import permutations
from typing import Any

import keras
import numpy as np
import pytest

import minidense
from tests.in_both import attempt, in_both, rows

X, Z = rows(6, 4), rows(6, 3)
Y = X.sum(axis=1, keepdims=True)

WAYS = {
    "call": lambda model, x, usual: np.asarray(model(x)),
    "predict": lambda model, x, usual: model.predict(x, verbose=0),
    "predict_on_batch": lambda model, x, usual: np.asarray(model.predict_on_batch(x)),
    "fit": lambda model, x, usual: model.fit(x, Y, verbose=0).history["loss"],
    "validation": lambda model, x, usual: model.fit(
        usual, Y, validation_data=(x, Y), verbose=0
    ).history["val_loss"],
    "evaluate": lambda model, x, usual: model.evaluate(x, Y, verbose=0),
    "train_on_batch": lambda model, x, usual: float(model.train_on_batch(x, Y)),
    "test_on_batch": lambda model, x, usual: float(model.test_on_batch(x, Y)),
}


def sequential(k: Any) -> Any:
    return k.Sequential([k.Input((4,), name="i"), k.layers.Dense(1)]), X


def of_one(k: Any) -> Any:
    i = k.Input((4,), name="i")
    return k.Model(i, k.layers.Dense(1)(i)), X


def of_a_list_of_one(k: Any) -> Any:
    i = k.Input((4,), name="i")
    return k.Model([i], k.layers.Dense(1)(i)), [X]


def of_a_tuple_of_one(k: Any) -> Any:
    i = k.Input((4,), name="i")
    return k.Model((i,), k.layers.Dense(1)(i)), (X,)


def of_a_list_in_a_list(k: Any) -> Any:
    i = k.Input((4,), name="i")
    return k.Model([[i]], k.layers.Dense(1)(i)), [[X]]


def of_a_dict_of_one(k: Any) -> Any:
    i = k.Input((4,), name="i")
    return k.Model({"i": i}, k.layers.Dense(1)(i)), {"i": X}


def of_a_list_of_two(k: Any) -> Any:
    j, i = k.Input((3,), name="j"), k.Input((4,), name="i")  # not in the order of their names
    return k.Model([j, i], k.layers.Dense(1)(i)), [Z, X]


def of_a_dict_of_two(k: Any) -> Any:
    i, j = k.Input((4,), name="i"), k.Input((3,), name="j")
    return k.Model({"i": i, "j": j}, k.layers.Dense(1)(i)), {"i": X, "j": Z}


ONE = {
    "x": X,
    "[x]": [X],
    "(x,)": (X,),
    "[[x]]": [[X]],
    "{i: x}": {"i": X},
    "{i: [x]}": {"i": [X]},
    "{other: x}": {"other": X},
    "{i: x, other: z}": {"i": X, "other": Z},
}
TWO = {
    "x": X,
    "[x, z]": [X, Z],
    "[z, x]": [Z, X],
    "(z, x)": (Z, X),
    "[[z], x]": [[Z], X],
    "[x, z, z]": [X, Z, Z],
    "{i: x, j: z}": {"i": X, "j": Z},
    "{j: z, i: x}": {"j": Z, "i": X},
    "{i: [x], j: z}": {"i": [X], "j": Z},
    "{i: x, other: z}": {"i": X, "other": Z},
    "{i: x, j: z, other: z}": {"i": X, "j": Z, "other": Z},
}
OF_TWO = {"[x, z]": [X, Z]}
MODELS = (
    [
        (make, ONE)
        for make in (sequential, of_one, of_a_list_of_one, of_a_tuple_of_one, of_a_dict_of_one)
    ]
    + [
        # a Sequential takes the first of two in Keras, with a warning, and refuses them here
        (make, OF_TWO)
        for make in (of_one, of_a_list_of_one, of_a_tuple_of_one, of_a_dict_of_one)
    ]
    + [(make, TWO) for make in (of_a_list_of_two, of_a_dict_of_two)]
)


EVERYWHERE = [
    (of_one, "[x]"),
    (of_a_tuple_of_one, "x"),
    (of_a_list_of_two, "{i: x, j: z}"),
    (of_a_list_of_two, "{i: x, other: z}"),
    (of_a_dict_of_two, "[x, z]"),
    (of_a_dict_of_two, "{i: x, j: z, other: z}"),
]
"""What is passed in every way; the rest is passed in two."""


@pytest.mark.parametrize(
    ("make", "form", "way"),
    [
        pytest.param(make, forms[form], way, id=f"{make.__name__}-{form}-{way}")
        for make, forms in [*MODELS, (of_a_list_in_a_list, {"[[x]]": [[X]], "[x]": [X], "x": X})]
        for form in forms
        for way in (WAYS if (make, form) in EVERYWHERE else ("call", "fit"))
        # Keras warns of a single array where it is NumPy's, not where a model gave it
        if (make, form, way) != (of_a_list_of_one, "x", "call")
    ],
)
def test_a_model_takes_its_inputs_in_this_form(make: Any, form: Any, way: str) -> None:
    @in_both
    def script(k: Any) -> Any:
        model, usual = make(k)
        model.compile("sgd", "mse")
        return attempt(lambda: WAYS[way](model, form, usual))

    script()


def seen_by(form: Any) -> Any:
    """Return a nesting with its kinds; Keras's own lists and dicts are as good as Python's."""
    if isinstance(form, dict):
        return ["dict", *((key, seen_by(form[key])) for key in form)]
    if isinstance(form, (list, tuple)):
        return ["list" if isinstance(form, list) else "tuple", *map(seen_by, form)]
    return "*"


def own(k: Any, seen: list[Any] | None = None) -> Any:
    """A model whose `call` writes down in what form it is given its inputs, and takes the first."""

    class Own(k.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = k.layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            if seen is not None:
                seen.append(seen_by(inputs))
            while isinstance(inputs, (list, tuple, dict)):
                inputs = inputs[min(inputs)] if isinstance(inputs, dict) else inputs[0]
            return self.dense(inputs)

    return Own()


FORMS = {
    **ONE,
    **OF_TWO,
    "{b: x, a: x}": {"b": X, "a": X},
    "[[x, z], z]": [[X, Z], Z],
    "{a: [x, z], b: (x,)}": {"a": [X, Z], "b": (X,)},
    "[{a: x}]": [{"a": X}],
}


@pytest.mark.parametrize(
    ("form", "way"),
    [(form, way) for form in FORMS for way in ("call", "fit", "train_on_batch")]
    + [
        (form, way)
        for form in ("[x]", "{b: x, a: x}")
        for way in ("predict", "predict_on_batch", "evaluate", "test_on_batch")
    ],
)
def test_a_call_of_ones_own_sees_the_form_that_came(form: str, way: str) -> None:
    @in_both
    def script(k: Any) -> Any:
        seen: list[Any] = []
        model = own(k, seen)
        model.compile("sgd", "mse")
        result = attempt(lambda: WAYS[way](model, FORMS[form], None))
        return {
            "result": result,
            "seen": [form for index, form in enumerate(seen) if form not in seen[:index]],
        }

    script()


@pytest.mark.parametrize(
    ("first", "second"), list(permutations(["x", "[x]", "{i: x}", "{i: x, other: z}"], 2))
)
def test_a_call_of_ones_own_takes_one_form_after_the_other(first: str, second: str) -> None:
    @in_both
    def script(k: Any) -> Any:
        model = own(k)
        model.compile("sgd", "mse")
        facts = [model.fit(FORMS[first], Y, verbose=0).history["loss"]]
        for way in ("predict", "evaluate", "train_on_batch"):
            facts.append(WAYS[way](model, FORMS[second], None))
        validated = model.fit(
            FORMS[first], Y, validation_data=(FORMS[second], Y), epochs=2, verbose=0
        )
        return [*facts, validated.history, model.fit(FORMS[first], Y, verbose=0).history["loss"]]

    script()


def test_a_prediction_of_another_form_in_the_middle_of_a_training_leaves_it_alone() -> None:
    @in_both
    def script(k: Any) -> Any:
        class Sums(k.Model):
            def __init__(self) -> None:
                super().__init__()
                self.dense = k.layers.Dense(1)

            def call(self, inputs: Any) -> Any:
                return self.dense(inputs["right"] if isinstance(inputs, dict) else inputs[0])

        model = Sums()
        model.compile("sgd", "mse")
        by_name = {"left": rows(6, 4)[::-1], "right": X}
        model.fit([X, by_name["left"]], Y, verbose=0)
        predicted = []

        class Predicts(k.callbacks.Callback):
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                predicted.append(self.model.predict(by_name, verbose=0))

        history = model.fit(
            [X, by_name["left"]], Y, batch_size=2, verbose=0, callbacks=[Predicts()]
        )
        return history.history["loss"], predicted

    script()


@pytest.mark.parametrize("way", ["call", "predict", "fit", "train_on_batch"])
@pytest.mark.parametrize("form", ["[x]", "[x, z]"])
def test_a_sequential_without_an_input_takes_one_array(way: str, form: str) -> None:
    @in_both
    def script(k: Any) -> Any:
        model = k.Sequential([k.layers.Dense(1)])
        model.compile("sgd", "mse")
        return attempt(lambda: WAYS[way](model, FORMS[form], None))

    script()


def test_a_model_called_inside_of_a_call_takes_what_it_is_given_without_a_word() -> None:
    @in_both
    def script(k: Any) -> Any:
        base = k.Sequential([k.Input((4,)), k.layers.Dense(3)])
        features = k.Model(base.inputs, base.layers[0].output)

        class Around(k.Model):
            def __init__(self) -> None:
                super().__init__()
                self.features, self.last = features, k.layers.Dense(1)

            def call(self, inputs: Any) -> Any:
                return self.last(self.features(inputs))

        model = Around()
        model.compile("sgd", "mse")
        losses = model.fit(X, Y, verbose=0).history["loss"]
        return losses, np.asarray(model(X)), model.predict(X, verbose=0)

    script()


@pytest.mark.parametrize("form", ["dict", "list of one", "tuple of one"])
def test_outputs_of_a_call_of_ones_own_keep_their_form(form: str) -> None:
    @in_both
    def script(k: Any) -> Any:
        class Gives(k.Model):
            def __init__(self) -> None:
                super().__init__()
                self.dense = k.layers.Dense(2)

            def call(self, inputs: Any) -> Any:
                y = self.dense(inputs)
                forms = {"dict": {"z": y, "a": self.dense(y)}, "list of one": [y]}
                return forms.get(form, (y,))

        model = Gives()
        outputs = [model(rows(3, 2)), model.predict(rows(3, 2), verbose=0)]
        outputs.append(model.predict_on_batch(rows(3, 2)))
        return [seen_by(output) for output in outputs], outputs

    script()


def test_a_dict_that_is_gone_through_is_in_the_order_in_which_it_came() -> None:
    @in_both
    def script(k: Any) -> Any:
        class First(k.Model):
            def __init__(self) -> None:
                super().__init__()
                self.dense = k.layers.Dense(1)

            def call(self, inputs: Any) -> Any:
                first, _ = inputs.values()
                return self.dense(first)

        model = First()
        model.compile("sgd", "mse")
        x = {"text": X, "image": Z}
        losses = model.fit(x, Y, verbose=0).history["loss"]
        return losses, [np.asarray(WAYS[way](model, x, None)) for way in ("call", "predict")]

    script()


def test_a_list_for_an_unsorted_dict_is_refused_inside_of_models_too() -> None:
    for k in (keras, minidense):
        right, left = k.Input((4,), name="right"), k.Input((4,), name="left")
        core = k.Model({"right": right, "left": left}, k.layers.Dense(1)(right))
        a, b = k.Input((4,)), k.Input((4,))
        with pytest.raises(ValueError, match=r"dict|structure"):
            k.Model([a, b], core([a, b])).predict([X, X], verbose=0)


def test_a_prediction_in_a_prediction_leaves_the_outer_ones_form() -> None:
    @in_both
    def script(k: Any) -> Any:
        class Gives(k.Model):
            def __init__(self) -> None:
                super().__init__()
                self.dense = k.layers.Dense(1)

            def call(self, inputs: Any) -> Any:
                if isinstance(inputs, dict):
                    return {"o": self.dense(inputs["a"]), "p": self.dense(inputs["b"])}
                return self.dense(inputs)

        class Predicts(k.callbacks.Callback):
            def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
                self.model.predict_on_batch(X)

        model = Gives()
        return model.predict({"a": X, "b": X}, callbacks=[Predicts()], verbose=0)

    script()
