"""Models with several outputs: their losses, metrics, weights and names, in both libraries."""

from typing import Any

import numpy as np
import pytest

from tests.in_both import attempt, in_both, in_both_but_for_warnings

pytest.importorskip("keras")

RANDOM = np.random.RandomState(3)
X = RANDOM.uniform(-1, 1, (22, 4)).astype("float32")
A = RANDOM.uniform(-1, 1, (22, 3)).astype("float32")
B = RANDOM.randint(0, 2, (22, 1)).astype("float32")
C = RANDOM.randint(0, 4, 22)
W = RANDOM.uniform(0.5, 1.5, 22).astype("float32")
V = RANDOM.uniform(0.5, 1.5, 22).astype("float32")

FORMS: dict[str, Any] = {
    "list": lambda a, b, c: [a, b],
    "tuple": lambda a, b, c: (b, a),
    "dict": lambda a, b, c: {"q": b, "p": a},  # not in the order of its keys
    "names": lambda a, b, c: {"b": b, "a": a},
    "three": lambda a, b, c: [c, a, b],
    "nested": lambda a, b, c: [a, {"b": b, "c": c}],
    "keyed": lambda a, b, c: {"m": [a, b], "n": c},
    "one": lambda a, b, c: a,
    "one in a dict": lambda a, b, c: {"p": a},
}


def functional(k: Any, form: str = "list") -> Any:
    inputs = k.Input((4,))
    hidden = k.layers.Dense(5, activation="relu")(inputs)
    a = k.layers.Dense(3, name="a")(hidden)
    b = k.layers.Dense(1, activation="sigmoid", name="b")(hidden)
    c = k.layers.Dense(4, activation="softmax", name="c")(hidden)
    return k.Model(inputs, FORMS[form](a, b, c))


def subclassed(k: Any, form: str = "list") -> Any:
    class Own(k.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.a = k.layers.Dense(3)
            self.b = k.layers.Dense(1, activation="sigmoid")
            self.c = k.layers.Dense(4, activation="softmax")

        def call(self, inputs: Any) -> Any:
            return FORMS[form](self.a(inputs), self.b(inputs), self.c(inputs))

    return Own()


def facts(model: Any, y: Any, weights: Any = None, **arguments: Any) -> Any:
    """Return what is known of a compiled model before, while and after it is trained."""
    before = list(model.metrics_names)
    fit = {"epochs": 2, "batch_size": 8, "verbose": 0, **arguments}  # the last batch is shorter
    history = model.fit(X, y, sample_weight=weights, **fit).history
    return [
        before,
        {name: [float(value) for value in values] for name, values in history.items()},
        model.metrics_names,
        model.evaluate(X, y, sample_weight=weights, verbose=0),
        model.evaluate(X, y, batch_size=11, verbose=0, return_dict=True),
        np.float64(model.train_on_batch(X, y, weights)),
        model.test_on_batch(X, y, weights, return_dict=True),
        model.get_weights(),
    ]


def fitted(model: Any, y: Any, weights: Any = None, **compiled: Any) -> Any:
    model.compile("sgd", **{"loss": "mse", **compiled})
    return facts(model, y, weights)


# One loss for all outputs


@in_both
def test_one_loss_is_for_each_of_a_list(k: Any) -> Any:
    return fitted(functional(k), [A, B])


@in_both
def test_targets_of_a_list_may_come_in_a_tuple_or_by_name(k: Any) -> Any:
    return [fitted(functional(k), y) for y in ((A, B), {"b": B, "a": A})]


@in_both
def test_one_loss_is_for_each_of_a_tuple(k: Any) -> Any:
    return fitted(functional(k, "tuple"), (B, A), metrics=["mse", ["mse"]])


@in_both
def test_outputs_in_a_dict_are_called_by_their_keys(k: Any) -> Any:
    return [fitted(functional(k, "dict"), {"p": A, "q": B}, metrics=["mse", "accuracy"])]


@in_both
def test_targets_in_a_list_go_to_a_dict_in_the_order_of_its_keys(k: Any) -> Any:
    return fitted(functional(k, "dict"), [A, B], metrics={"p": ["mse"]})


@in_both
def test_keys_that_are_the_names_keep_the_order_of_the_outputs(k: Any) -> Any:
    return fitted(functional(k, "names"), {"a": A, "b": B}, metrics=["accuracy", "mse"])


@in_both
def test_the_outputs_of_a_subclass_are_called_by_their_losses(k: Any) -> Any:
    losses = (["mse", "binary_crossentropy"], "mse")
    return [fitted(subclassed(k), [A, B], loss=loss) for loss in losses]


@in_both
def test_a_subclass_with_a_tuple_or_a_dict_is_trained(k: Any) -> Any:
    return [
        fitted(subclassed(k, "tuple"), (B, A), metrics=["mse", "mse"], loss_weights=0.5),
        fitted(subclassed(k, "dict"), {"p": A, "q": B}, metrics={"q": "accuracy"}),
        fitted(subclassed(k, "three"), [C, A, B], loss=["crossentropy", "mse", "crossentropy"]),
    ]


# A loss for each


@in_both
def test_a_list_of_losses_has_one_for_each_output(k: Any) -> Any:
    loss = ["mse", "binary_crossentropy"]
    return fitted(functional(k), [A, B], loss=loss, loss_weights=[0.5, 2.0])


@in_both
def test_losses_and_their_weights_go_by_the_names_of_the_outputs(k: Any) -> Any:
    loss = {"b": "binary_crossentropy", "a": "mse"}
    weights: list[Any] = [{"b": 0.5, "a": 2.0}, [0.5, 2.0]]
    return [fitted(functional(k), [A, B], loss=loss, loss_weights=each) for each in weights]


@in_both
def test_losses_go_by_the_keys_of_a_dict(k: Any) -> Any:
    loss, weights = {"q": "binary_crossentropy", "p": "mse"}, {"q": 0.25, "p": 2.0}
    return [
        fitted(functional(k, "dict"), {"p": A, "q": B}, loss=loss, loss_weights=weights),
        fitted(functional(k, "dict"), {"p": A, "q": B}, loss=["mse", "binary_crossentropy"]),
        fitted(functional(k, "dict"), {"p": A, "q": B}, loss=loss, loss_weights=[0.5, 2.0]),
    ]


@in_both
def test_objects_and_functions_are_losses_of_outputs(k: Any) -> Any:
    def distance(y_true: Any, y_pred: Any) -> Any:
        return k.ops.mean(k.ops.abs(y_true - y_pred), axis=-1)

    loss = [distance, k.losses.BinaryCrossentropy(reduction="sum")]
    return [
        fitted(functional(k), [A, B], loss=loss),
        fitted(subclassed(k), [A, B], loss=loss),
    ]


@in_both
def test_a_crossentropy_finds_its_form_for_each_output(k: Any) -> Any:
    metrics = [["accuracy", "acc"], ["mse"], "accuracy"]
    loss = ["crossentropy", "mse", "crossentropy"]
    return fitted(functional(k, "three"), [C, A, B], loss=loss, metrics=metrics)


@in_both
def test_an_output_may_have_no_loss(k: Any) -> Any:
    # the layer that is not reached brings a warning in both
    return [
        fitted(functional(k), [A, B], loss=["mse", None], loss_weights=[0.5, 1.0]),
        fitted(functional(k), [B], loss=[None, "mse"]),
        fitted(functional(k), B, loss=[None, "mse"]),
        fitted(functional(k), [A, None], loss=["mse", None]),
        fitted(functional(k, "dict"), {"p": A}, loss={"p": "mse"}),
        fitted(functional(k, "dict"), {"p": A, "q": B}, loss={"p": "mse", "q": None}),
    ]


@in_both
def test_nested_outputs_have_nested_losses_and_metrics(k: Any) -> Any:
    y = [A, {"b": B, "c": C}]
    loss = ["mse", {"b": "crossentropy", "c": "crossentropy"}]
    metrics = [["mse"], {"b": ["accuracy"], "c": ["accuracy"]}]
    weights = [1.0, {"b": 0.5, "c": 0.25}]
    return [
        fitted(functional(k, "nested"), y, loss=loss, metrics=metrics, loss_weights=weights),
        fitted(functional(k, "nested"), y, [W, {"b": V, "c": W}], loss=loss),
        fitted(functional(k, "nested"), y, loss=["mse", "crossentropy", "crossentropy"]),
    ]


@in_both
def test_a_list_in_a_dict_has_its_place_in_the_names(k: Any) -> Any:
    y = {"m": [A, B], "n": C}
    loss = {"n": "crossentropy", "m": ["mse", "mse"]}
    metrics = {"m": [["mse"], ["mse"]], "n": ["accuracy"]}
    return fitted(functional(k, "keyed"), y, loss=loss, metrics=metrics)


# Metrics


@in_both
def test_metrics_go_by_the_names_of_some_outputs(k: Any) -> Any:
    metrics: list[Any] = [{"b": "accuracy"}, {"b": ["accuracy"], "a": "mse"}, [None, "accuracy"]]
    return [fitted(functional(k), [A, B], metrics=each) for each in metrics]


@in_both
def test_metrics_of_one_name_are_counted_for_each_output(k: Any) -> Any:
    twice = [["mse", "mse"], ["mse"]]
    model = functional(k)
    return fitted(model, [A, B], [W, V], metrics=twice, weighted_metrics=twice[::-1])


@in_both
def test_all_metrics_of_one_output_are_its_own_however_they_are_nested(k: Any) -> Any:
    metrics: list[Any] = [[["mse"], ["mse", "accuracy"]], {"a": "mse"}, [["mse"]]]
    return [fitted(functional(k, "one"), A, metrics=each) for each in metrics]


@in_both
def test_outputs_of_one_layer_share_its_name(k: Any) -> Any:
    inputs, others = k.Input((4,)), k.Input((4,))
    shared = k.layers.Dense(3, name="shared")
    model = k.Model([inputs, others], [shared(inputs), shared(others)])
    found = [model.output_names]
    for loss, metrics in (("mse", ["mse", "mse"]), ({"shared": "mse"}, {"shared": "mse"})):
        model.compile("sgd", loss, metrics=metrics)
        history = model.fit([X, X[::-1].copy()], [A, A], verbose=0).history
        found += [history, model.evaluate([X, X], [A, A], verbose=0), model.metrics_names]
    return found


# Weights


@in_both
def test_one_array_of_weights_is_for_all_outputs(k: Any) -> Any:
    metrics: Any = {"weighted_metrics": ["mse", "accuracy"], "metrics": ["mse", "mse"]}
    return [
        fitted(functional(k), [A, B], W, **metrics),
        fitted(functional(k, "dict"), {"p": A, "q": B}, W, **metrics),
        fitted(functional(k), [A, B], V[:, None], **metrics),
    ]


@in_both
def test_weights_in_the_form_of_the_targets_are_for_each(k: Any) -> Any:
    metrics = ["mse", "accuracy"]
    return [
        fitted(functional(k), [A, B], [W, V], weighted_metrics=metrics),
        fitted(functional(k, "dict"), {"p": A, "q": B}, {"q": V, "p": W}, weighted_metrics=metrics),
        fitted(subclassed(k, "tuple"), (B, A), (W, V)),
    ]


@in_both
def test_an_output_may_have_no_weights(k: Any) -> Any:
    model = functional(k)
    model.compile("sgd", "mse", weighted_metrics=["mse", "mse"])
    history = model.fit(X, [A, B], sample_weight=[W, None], epochs=2, verbose=0).history
    return [history, model.get_weights()]


# Validation, prediction, and a user's own steps


@in_both
def test_validation_data_of_several_outputs_are_measured(k: Any) -> Any:
    model = functional(k)
    model.compile("sgd", "mse", metrics=["mse", "accuracy"])
    return [
        facts(model, [A, B], validation_split=0.25),
        facts(model, {"a": A, "b": B}, validation_data=(X[:9], {"a": A[:9], "b": B[:9]})),
        facts(model, [A, B], validation_data=(X, (A, B), (W, V)), validation_batch_size=5),
        facts(model, [A, B], validation_data=(X, {"a": A, "b": B})),
    ]


@in_both
def test_predictions_come_in_the_nesting_of_the_outputs(k: Any) -> Any:
    # types of lists and tuples are compared by name
    found: list[Any] = []
    for form in FORMS:
        for make in (functional, subclassed):
            for outputs in (lambda m: m.predict(X, verbose=0), lambda m: m.predict_on_batch(X)):
                predicted = outputs(make(k, form))
                found += [predicted, type(predicted).__name__]
    return found


@in_both
def test_names_of_outputs(k: Any) -> Any:
    models = [functional(k, form) for form in FORMS]
    others = [subclassed(k), k.Sequential([k.Input((4,)), k.layers.Dense(2)])]
    return [
        *[model.output_names for model in models],
        *[hasattr(m, "output_names") for m in others],
    ]


@in_both
def test_a_model_that_runs_eagerly_counts_its_losses_by_rows(k: Any) -> Any:
    model = functional(k)
    loss = ["mse", "binary_crossentropy"]
    return fitted(model, [A, B], loss=loss, metrics=["mse", "accuracy"], run_eagerly=True)


@in_both
def test_a_loss_and_a_step_of_a_user_see_all_outputs(k: Any) -> Any:
    class Own(k.Model):  # type: ignore[misc, name-defined]
        def compute_loss(
            self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None
        ) -> Any:
            loss = super().compute_loss(x, y, y_pred, sample_weight)
            return loss + k.ops.mean(k.ops.abs(y_pred[0]))

    class Steps(k.Model):  # type: ignore[misc, name-defined]
        def train_step(self, data: Any) -> Any:
            x, y, *_ = data
            return super().train_step((x, {"a": y[0], "b": y[1]}))

    found = []
    for cls in (Own, Steps):
        inputs = k.Input((4,))
        outputs = [k.layers.Dense(3, name="a")(inputs), k.layers.Dense(1, name="b")(inputs)]
        model = cls(inputs, outputs)
        model.compile("sgd", "mse", metrics=["mse", "mse"])
        found.append(facts(model, [A, B]))
    return found


@in_both
def test_a_model_that_is_compiled_again_keeps_or_forgets_its_losses(k: Any) -> Any:
    model = functional(k)
    first = fitted(model, [A, B], loss=["mse", "binary_crossentropy"])
    model.compile("sgd", metrics=["mse", "mse"])
    kept = [model.loss, facts(model, [A, B])]
    model.compile("sgd", {"a": "mse", "b": "mse"})
    return [first, kept, model.loss, facts(model, [A, B])]


@in_both
def test_a_dict_of_inputs_goes_with_a_dict_of_outputs(k: Any) -> Any:
    inputs = {"u": k.Input((4,), name="u"), "v": k.Input((3,), name="v")}
    outputs = {"p": k.layers.Dense(3)(inputs["u"]), "q": k.layers.Dense(1)(inputs["v"])}
    model = k.Model(inputs, outputs)
    model.compile("adam", {"p": "mse", "q": "mse"}, metrics={"q": ["mse"]})
    x, y = {"u": X, "v": A}, {"p": A, "q": B}
    history = model.fit(x, y, epochs=3, batch_size=5, validation_split=0.3, verbose=0).history
    return [history, model.evaluate(x, y, verbose=0), model.get_weights()]


@in_both
def test_one_output_in_a_dict_takes_its_loss_by_its_key(k: Any) -> Any:
    return [
        fitted(
            functional(k, "one in a dict"), {"p": A}, loss={"p": "mse"}, loss_weights={"p": 0.5}
        ),
        fitted(functional(k, "one in a dict"), A, loss=["mse"], metrics=["mse"]),
        fitted(functional(k, "one"), A, loss={"a": "mse"}, metrics={"a": "mse"}),
        fitted(functional(k, "one"), [A], loss=["mse"], loss_weights=[0.5]),
    ]


# What fails in both, with the same exception

WRONG_TARGETS: dict[str, Any] = {
    "another key": lambda k: (functional(k, "dict"), {"p": A, "r": B}, {}),
    "names of layers": lambda k: (functional(k, "dict"), {"a": A, "b": B}, {}),
    "a key too many": lambda k: (functional(k, "dict"), {"p": A, "q": B, "r": B}, {}),
    "a key too few": lambda k: (functional(k, "dict"), {"p": A}, {}),
    "another name": lambda k: (functional(k), {"a": A, "r": B}, {}),
    "a name too few": lambda k: (functional(k), {"a": A}, {}),
    "one array": lambda k: (functional(k), A, {}),
    "one array for two losses": lambda k: (functional(k), A, {"loss": ["mse", "mse"]}),
    "an array too many": lambda k: (functional(k), [A, B, B], {}),
    "an array too few": lambda k: (functional(k), [A], {}),
    "an array too few for two losses": lambda k: (functional(k), [A], {"loss": ["mse", "mse"]}),
    "none": lambda k: (functional(k), None, {"loss": ["mse", "mse"]}),
    "two for one": lambda k: (functional(k, "one"), [A, A], {}),
    "a dict for one": lambda k: (functional(k, "one"), {"a": A}, {}),
    "names for a subclass": lambda k: (subclassed(k), {"a": A, "b": B}, {}),
}
WRONG_COMPILED: dict[str, Any] = {
    "a loss too many": {"loss": ["mse"] * 3},
    "a loss of another name": {"loss": {"a": "mse", "r": "mse"}},
    "a loss by name for some": {"loss": {"a": "mse"}},
    "no loss for any": {"loss": [None, None]},
    "no losses": {"loss": []},
    "two weights for one loss": {"loss_weights": [0.5, 0.5]},
    "one weight for two losses": {"loss": ["mse", "mse"], "loss_weights": [0.5]},
    "a number for two losses": {"loss": ["mse", "mse"], "loss_weights": 0.5},
    "weights of other names": {"loss": {"a": "mse", "b": "mse"}, "loss_weights": {"a": 1.0}},
    "one metric": {"metrics": ["mse"]},
    "three metrics": {"metrics": ["mse"] * 3},
    "metrics of another name": {"metrics": {"a": "mse", "r": "mse"}},
    "weighted metrics of another name": {"weighted_metrics": {"r": "mse"}},
    "None among metrics": {"metrics": [["mse", None], "mse"]},
}


@pytest.mark.parametrize("what", WRONG_TARGETS)
@pytest.mark.parametrize("method", ["fit", "evaluate"])
def test_wrong_targets_are_refused(what: str, method: str) -> None:
    @in_both_but_for_warnings
    def script(k: Any) -> Any:
        model, y, compiled = WRONG_TARGETS[what](k)
        model.compile("sgd", **{"loss": "mse", **compiled})
        return attempt(lambda: getattr(model, method)(X, y, verbose=0))

    script()


@pytest.mark.parametrize("what", WRONG_COMPILED)
def test_wrong_losses_and_metrics_are_refused(what: str) -> None:
    @in_both_but_for_warnings
    def script(k: Any) -> Any:
        # losses are refused by `compile` itself, and by Keras on the first data
        return attempt(lambda: fitted(functional(k), [A, B], **WRONG_COMPILED[what]))

    script()


@in_both
def test_losses_by_key_are_refused_where_there_are_no_such_keys(k: Any) -> Any:
    return [
        attempt(lambda: fitted(functional(k, "dict"), [A, B], loss={"p": "mse", "r": "mse"})),
        attempt(lambda: fitted(subclassed(k, "dict"), [A, B], loss={"p": "mse", "r": "mse"})),
        attempt(lambda: fitted(subclassed(k), [A, B], loss={"a": "mse", "b": "mse"})),
        attempt(lambda: fitted(functional(k, "one in a dict"), A, loss={"a": "mse"})),
        attempt(lambda: fitted(functional(k, "dict"), [A, B], metrics={"a": "mse"})),
        attempt(lambda: fitted(subclassed(k), [A, B], metrics={"a": "mse"})),
    ]


@in_both
def test_wrong_targets_to_validate_with_are_refused(k: Any) -> Any:
    model = functional(k)
    model.compile("sgd", "mse")
    wrong = X, {"a": A, "r": B}
    return attempt(lambda: model.fit(X, [A, B], validation_data=wrong, verbose=0))


@in_both
def test_weights_in_another_form_than_the_targets_are_refused(k: Any) -> Any:
    def called(form: str, method: str, y: Any, weights: Any, **more: Any) -> Any:
        model = functional(k, form)
        model.compile("sgd", "mse")
        return attempt(lambda: getattr(model, method)(X, y, sample_weight=weights, **more))

    by_name, by_key = {"a": A, "b": B}, {"p": A, "q": B}
    return [
        called("list", "fit", [A, B], (W, V), verbose=0),
        called("list", "fit", [A, B], [W], verbose=0),
        called("list", "fit", by_name, {"a": W, "b": V}, verbose=0),
        called("list", "fit", [A, B], {"a": W, "b": V}, verbose=0),
        called("list", "fit", [A, B], A, verbose=0),
        called("list", "fit", [A, B], None, class_weight={0: 1.0, 1: 2.0}, verbose=0),
        called("dict", "evaluate", by_key, {"p": W, "r": V}, verbose=0),
        called("dict", "evaluate", [A, B], [W, V], verbose=0),
        called("list", "train_on_batch", [A, B], [W]),
        called("dict", "train_on_batch", by_key, {"p": W}),
        called("one", "train_on_batch", A, {"a": W}),
    ]
