"""When Python runs, with which shapes, and what a change made afterwards does: as in Keras.

A step is traced for the first shape, and for the next other one with the rows unknown. What Python
saw stays in a trace; the next trace sees what is there by then. One entry is one row of the table.
"""

import random as python_random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minidense
from tests.in_both import attempt, in_both, rows

# Which calls trace, and for which shapes


def data_of(count: int, features: int = 3, dtype: str = "float32") -> tuple[Any, Any]:
    x = rows(count, features, dtype=dtype)
    return x, np.abs(x[:, :1]).astype("float32")


class Traced:
    """A model whose `call` notes the shapes that it sees."""

    def __init__(self, k: Any, optimizer: str = "plain", is_built: bool = True, **compiled: Any):
        seen: list[Any] = []

        class Watched(k.Model):  # type: ignore[name-defined, misc]
            def __init__(self) -> None:
                super().__init__()
                self.dense = k.layers.Dense(1)

            def call(self, x: Any) -> Any:
                first = k.tree.flatten(x)[0] if hasattr(k, "tree") else _first(x)
                seen.append(tuple(first.shape))
                return self.dense(k.ops.mean(first, axis=1, keepdims=True))

        self.k, self.seen, self.model = k, seen, Watched()
        self.optimizer = optimizer
        self.compiled = {"loss": "mse", **compiled}
        self.compile()
        if is_built:
            self.model(np.zeros((1, 3), "float32"))
        seen.clear()

    def compile(self) -> None:
        optimizers = self.k.optimizers
        made = {
            "plain": lambda: optimizers.SGD(0.01),
            "momentum": lambda: optimizers.SGD(0.01, momentum=0.9),
            "adam": lambda: optimizers.Adam(0.01),
        }[self.optimizer]()
        self.model.compile(made, **self.compiled)

    def __call__(self, call: str, **more: Any) -> list[Any]:
        """Make a call such as "fit 20/5", 20 rows in batches of 5; return the shapes seen."""
        self.seen.clear()
        name, *sizes = call.replace("/", " ").split()
        if name == "compile":
            self.compile()
            return []
        count, *batch = map(int, sizes)
        features, dtype = more.pop("features", 3), more.pop("dtype", "float32")
        x, y = data_of(count, features, dtype)
        x, y = more.pop("x", lambda x: x)(x), more.pop("y", lambda y: y)(y)
        data = (x,) if name.startswith("predict") else (x, y)
        if batch:
            more |= {"batch_size": batch[0], "verbose": 0}
        getattr(self.model, name)(*data, **more)
        return list(self.seen)


def _first(x: Any) -> Any:
    while isinstance(x, (list, tuple, dict)):
        x = x[sorted(x)[0]] if isinstance(x, dict) else x[0]
    return x


Call = str | tuple[str, dict[str, Any]]

SEQUENCES: dict[str, list[Call]] = {
    "fit": ["fit 20/5", "fit 20/5", "fit 20/10", "fit 20/4", "fit 20/8", "fit 20/5"],
    "fit with epochs": [("fit 20/5", {"epochs": 2}), "fit 20/5"],
    "evaluate": ["evaluate 20/5", "evaluate 20/5", "evaluate 20/7", "evaluate 20/4"],
    "predict": ["predict 20/5", "predict 20/5", "predict 20/7", "predict 20/4"],
    "train_on_batch": [f"train_on_batch {n}" for n in (5, 4, 3, 5)],
    "test_on_batch": [f"test_on_batch {n}" for n in (5, 4, 3, 5)],
    "predict_on_batch": [f"predict_on_batch {n}" for n in (5, 4, 3, 5)],
    "rows that are no multiple": ["fit 20/8", "fit 20/5", "evaluate 20/8", "evaluate 20/5"],
    "fewer rows than a batch": ["fit 20/32", "evaluate 20/32"],
    "whole batches by steps_per_epoch": [("fit 20/8", {"steps_per_epoch": 2})],
    "each length of predict": ["predict 20/8", "predict 3/32"],
    "fewer rows than a batch of predict": ["predict 3/32"],
    "each axis is widened": [
        ("predict_on_batch 5", {"features": f}) for f in (3, 5)
    ] + [("predict_on_batch 4", {"features": 5}), ("predict_on_batch 5", {"features": 3})],
    "each axis is widened in fit": ["fit 20/5", "fit 20/10", ("fit 20/5", {"features": 5})],
    "another dtype of x on a batch": [
        "train_on_batch 5",
        ("train_on_batch 5", {"dtype": "int32"}),
        ("train_on_batch 4", {"dtype": "int32"}),
        ("train_on_batch 5", {"dtype": "uint8"}),
    ],
    "float64 and float16 are cast in fit": [
        "fit 20/5",
        ("fit 20/5", {"dtype": "float64"}),
        ("fit 20/5", {"dtype": "float16"}),
        ("evaluate 20/5", {"dtype": "float64"}),
        ("predict 20/5", {"dtype": "float64"}),
        ("predict 20/5", {"dtype": "float16"}),
    ],
    "another dtype of y": ["fit 20/5", ("fit 20/5", {"y": lambda y: y.astype("int64")})],
    "lists and tuples are one in fit": [
        ("fit 20/5", {"x": lambda x: [x]}),
        ("fit 20/5", {"x": lambda x: (x,)}),
        "fit 20/5",
    ],
    "lists and tuples are two on a batch": [
        ("train_on_batch 5", {"x": lambda x: [x]}),
        ("train_on_batch 5", {"x": lambda x: (x,)}),
        "train_on_batch 5",
    ],
    "the order of keys does not matter": [
        ("fit 20/5", {"x": lambda x: {"a": x, "b": x}}),
        ("fit 20/5", {"x": lambda x: {"b": x, "a": x}}),
    ],
    "sample weights": ["fit 20/5", ("fit 20/5", {"sample_weight": np.ones(20, "float32")})],
    "fit and train_on_batch share no traces": ["fit 20/5", "train_on_batch 5"],
    "but those with sample weights": [
        ("fit 20/5", {"sample_weight": np.ones(20, "float32")}),
        ("train_on_batch 5", {"sample_weight": np.ones(5, "float32")}),
    ],
    "evaluate and test_on_batch likewise": [
        ("evaluate 20/5", {"sample_weight": np.ones(20, "float32")}),
        ("test_on_batch 5", {"sample_weight": np.ones(5, "float32")}),
        "test_on_batch 5",
    ],
    "predict and predict_on_batch share those of a tuple": [
        ("predict 20/5", {"x": lambda x: (x,)}),
        ("predict_on_batch 5", {"x": lambda x: (x,)}),
        "predict 20/5",
        "predict_on_batch 5",
    ],
    "validation is an evaluation": [
        ("fit 20/5", {"validation_data": data_of(20)}),
        "evaluate 20/5",
    ],
    "validation_split": [("fit 20/5", {"validation_split": 0.2}), "evaluate 20/4"],
    "compile": ["fit 20/5", "fit 20/10", "compile", "fit 20/10", "predict 20/5", "compile",
                "predict 20/5"],
}  # fmt: skip


def made_in(k: Any, calls: list[Call], **model: Any) -> list[Any]:
    traced = Traced(k, **model)
    return [
        traced(call) if isinstance(call, str) else traced(call[0], **dict(call[1]))
        for call in calls
    ]


@pytest.mark.parametrize("name", SEQUENCES)
def test_python_runs_for_the_shapes_of_keras(name: str) -> None:
    in_both(lambda k: made_in(k, SEQUENCES[name]))()


FIRST: dict[str, tuple[dict[str, Any], list[Call]]] = {
    "SGD": ({}, ["fit 20/5"]),
    "a metric's name": ({"metrics": ["mse"]}, ["fit 20/5", "evaluate 20/5"]),
    "momentum": ({"optimizer": "momentum"}, ["fit 20/5", "fit 20/10"]),
    "Adam": ({"optimizer": "adam"}, ["fit 20/5", "fit 20/10", "compile", "fit 20/5"]),
    "evaluate first": ({"metrics": ["mse"]}, ["evaluate 20/5", "evaluate 20/10", "evaluate 20/7"]),
    "train_on_batch first": ({"optimizer": "adam"}, ["train_on_batch 5", "fit 20/5"]),
    "not built, fit": ({"is_built": False}, ["fit 20/5", "fit 20/10"]),
    "not built, fit of unequal batches": ({"is_built": False}, ["fit 20/8"]),
    "not built, evaluate": ({"is_built": False}, ["evaluate 20/5", "predict 20/5"]),
    "not built, predict": ({"is_built": False}, ["predict 20/5", "fit 20/5"]),
    "not built, train_on_batch": ({"is_built": False}, ["train_on_batch 5", "fit 20/5"]),
    "not built, test_on_batch": ({"is_built": False}, ["test_on_batch 5"]),
    "not built, predict_on_batch": ({"is_built": False}, ["predict_on_batch 5"]),
    "not built, Adam": ({"is_built": False, "optimizer": "adam"}, ["fit 20/5", "fit 20/10"]),
}


@pytest.mark.parametrize("name", FIRST)
def test_what_makes_variables_is_traced_twice(name: str) -> None:
    model, calls = FIRST[name]
    in_both(lambda k: made_in(k, calls, **model))()


@in_both
def test_class_weights_are_sample_weights(k: Any) -> Any:
    def loss(y_true: Any, y_pred: Any) -> Any:
        return k.ops.mean(k.ops.square(y_true - y_pred), axis=-1)

    weights = {"sample_weight": np.ones(20, "float32")}
    classes = {"class_weight": {0: 1.0}, "y": np.zeros_like}
    return made_in(k, [("fit 20/5", weights), ("fit 20/5", classes)], loss=loss)


@pytest.mark.parametrize("seed", range(6))
def test_drawn_sequences_of_calls_trace_as_in_keras(seed: int) -> None:
    def script(k: Any) -> Any:
        draw = python_random.Random(seed)
        traced = Traced(k, "adam" if seed % 2 else "plain")
        facts = []
        kinds = ["fit", "fit", "evaluate", "predict", "train_on_batch", "test_on_batch"]
        for step in range(14):
            kind = draw.choice([*kinds, "predict_on_batch", *["compile"] * (step > 6)])
            count, batch = draw.choice([4, 5, 6, 10]), draw.choice([2, 5, 7])
            features, weighs = draw.choice([3, 3, 4]), draw.random() < 0.3
            dtype = draw.choice(["float32", "float32", "int32"])
            call = f"{kind} {count}" + ("" if kind.endswith("batch") else f"/{batch}")
            more: dict[str, Any] = {"features": features, "dtype": dtype}
            if weighs and not kind.startswith("predict"):
                more["sample_weight"] = np.ones(count, "float32")
            facts.append([call, traced(call, **more)])
        return facts

    in_both(script)()


@in_both
def test_a_counter_in_a_loss_counts_traces_and_not_steps(k: Any) -> Any:
    """The first trace with Adam is thrown away: the losses are 2, 2, 3 and so on."""
    traces = []

    def counted(y_true: Any, y_pred: Any) -> Any:
        traces.append(1)
        return k.ops.mean(y_pred * 0.0, axis=-1) + float(len(traces))

    traced = Traced(k, "adam", loss=counted)
    losses = []
    for count, batch in ((20, 5), (20, 5), (20, 10), (20, 5), (20, 4), (20, 8)):
        x, y = data_of(count)
        losses += traced.model.fit(x, y, batch_size=batch, verbose=0).history["loss"]
    return losses


@in_both
def test_a_train_trace_runs_each_part_once_in_keras_s_order(k: Any) -> Any:
    order: list[str] = []

    class Part(k.layers.Dense):  # type: ignore[name-defined, misc]
        def call(self, x: Any) -> Any:
            order.append("call")
            return super().call(x)

    class Optimizer(k.optimizers.SGD):  # type: ignore[name-defined, misc]
        def update_step(self, *args: Any, **kwargs: Any) -> Any:
            order.append("update")
            return super().update_step(*args, **kwargs)

    class Metric(k.metrics.Mean):  # type: ignore[name-defined, misc]
        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            order.append("count")
            super().update_state(y_pred)

    def loss(y_true: Any, y_pred: Any) -> Any:
        order.append("loss")
        return k.ops.mean(k.ops.square(y_true - y_pred), axis=-1)

    model = k.Sequential([k.Input((3,)), Part(1)])
    order.clear()
    model.compile(Optimizer(0.01), loss, metrics=[Metric()])
    x, y = data_of(20)
    model.fit(x, y, batch_size=5, verbose=0)
    trained = list(order)
    order.clear()
    model.evaluate(x, y, batch_size=5, verbose=0)
    return trained, list(order)


@in_both
def test_a_trace_that_fails_leaves_nothing_behind(k: Any) -> Any:
    fails = [False]

    class Fails(k.layers.Layer):  # type: ignore[name-defined, misc]
        def call(self, x: Any) -> Any:
            if fails[0]:
                raise ArithmeticError
            return x * 2.0

    model = k.Sequential([k.Input((3,)), k.layers.Dense(1), Fails()])
    model.compile(k.optimizers.SGD(0.01), "mse")
    x, y = data_of(20)
    facts = [attempt(lambda: model.fit(x, y, batch_size=5, verbose=0).history)]
    fails[0] = True
    facts.append(attempt(lambda: model.fit(x, y, batch_size=10, verbose=0).history))
    facts.append(attempt(lambda: model.fit(x, y, batch_size=5, verbose=0).history))
    fails[0] = False
    facts.append(attempt(lambda: model.fit(x, y, batch_size=10, verbose=0).history))
    return facts


@in_both
def test_a_function_made_anew_traces_anew(k: Any) -> Any:
    traced = Traced(k)
    facts = [traced("fit 20/5"), traced("fit 20/10")]
    traced.model.train_function = None
    facts.append(traced("fit 20/10"))
    traced.model.make_train_function(force=True)
    facts.append(traced("fit 20/10"))
    traced.model.run_eagerly = True
    facts += [traced("fit 20/5"), traced("predict 20/5")]
    traced.model.train_function = None
    facts.append(traced("fit 20/5"))
    return facts


@in_both
def test_two_models_that_share_a_layer_have_traces_of_their_own(k: Any) -> Any:
    seen = []

    class Shared(k.layers.Layer):  # type: ignore[name-defined, misc]
        def call(self, x: Any) -> Any:
            seen.append(tuple(x.shape))
            return x * 2.0

    shared = Shared()
    models = [k.Sequential([k.Input((3,)), shared, k.layers.Dense(1)]) for _ in range(2)]
    seen.clear()
    for model in (*models, *models):
        model.predict(data_of(20)[0], batch_size=5, verbose=0)
    return seen


def test_another_rank_begins_anew_and_fails_in_keras() -> None:
    """Keras widens it to a rank that is not known, which nearly all code fails with."""

    def fits(k: Any) -> Any:
        model = k.Sequential([k.Input((None, 3)[1:]), k.layers.Dense(1)])
        model.compile("sgd", "mse")
        x, y = data_of(20)
        model.fit(x, y, batch_size=5, verbose=0)
        return attempt(lambda: type(model.fit(x, y[:, 0], batch_size=5, verbose=0)).__name__)

    assert in_keras_and_here(fits) == ["raised ValueError", "History"]


def in_keras_and_here(script: Callable[[Any], Any]) -> list[Any]:
    import keras

    return [script(keras), script(minidense)]


def test_variables_may_be_made_by_a_later_trace_which_keras_refuses() -> None:
    """TensorFlow lets a function make them in its first trace alone, and Keras's optimizer is half
    built then, until the next `compile`.
    """

    def fits(k: Any) -> Any:
        x, y = data_of(20)
        model = net(k)
        model.compile("sgd", "mse")
        model.fit(x, y, batch_size=5, verbose=0)
        model.optimizer = k.optimizers.Adam()
        return attempt(lambda: type(model.fit(x, y, batch_size=10, verbose=0)).__name__)

    assert in_keras_and_here(fits) == ["raised ValueError", "History"]


def test_a_first_fit_that_failed_may_be_repeated_which_keras_refuses() -> None:
    """There the trace that failed has made half of the variables, and no other may make more."""

    def fits(k: Any) -> Any:
        fails = [True]

        class Fails(k.Model):  # type: ignore[name-defined, misc]
            def __init__(self) -> None:
                super().__init__()
                self.first, self.last = k.layers.Dense(2), k.layers.Dense(1)

            def call(self, x: Any) -> Any:
                hidden = self.first(x)
                if fails[0] and self.last.built:
                    raise ArithmeticError
                return self.last(hidden)

        x, y = data_of(20)
        model = Fails()
        model.compile("adam", "mse")
        facts = []
        for fails[0] in (True, False):
            facts.append(attempt(lambda: type(model.fit(x, y, batch_size=5, verbose=0)).__name__))
        return facts

    assert in_keras_and_here(fits) == [
        ["raised ArithmeticError", "raised ValueError"],
        ["raised ArithmeticError", "History"],
    ]


# What is said about `data`


@in_both
def test_a_step_is_given_data_in_keras_s_form(k: Any) -> Any:
    given = []

    def form(data: Any) -> Any:
        if isinstance(data, dict):
            return {key: form(part) for key, part in data.items()}
        if isinstance(data, (list, tuple)):
            return [type(data).__name__, *map(form, data)]
        return None if data is None else len(data.shape)

    class Told(k.Model):  # type: ignore[name-defined, misc]
        def train_step(self, data: Any) -> Any:
            given.append(form(data))
            return {"seen": k.ops.convert_to_tensor(0.0)}

        def test_step(self, data: Any) -> Any:
            given.append(form(data))
            return {"seen": k.ops.convert_to_tensor(0.0)}

        def predict_step(self, data: Any) -> Any:
            given.append(form(data))
            return k.ops.convert_to_tensor(np.zeros((5, 1), "float32"))

    x, y = data_of(10)
    w = np.ones(10, "float32")
    several = [x, [x], (x, x), {"a": x}]
    for one in several:
        model = Told()
        model.compile()
        quiet = {"batch_size": 5, "verbose": 0}
        model.fit(one, **quiet)
        model.fit(one, y, **quiet)
        model.fit(one, [y], sample_weight=[w], **quiet)
        model.fit(one, {"out": y}, **quiet)
        model.evaluate(one, y, **quiet)
        model.evaluate(one, y, sample_weight=w, **quiet)
        model.predict(one, **quiet)
        model.train_on_batch(one)
        model.train_on_batch(one, y)
        model.train_on_batch(one, y, w)
        model.test_on_batch(one, [y])
        model.predict_on_batch(one)
    return given


# What takes effect at once, and what later


Make = Callable[[Any], Any]


def stages(k: Any, model: Any, change: Callable[[], Any], run: str, compile_: Any) -> list[Any]:
    """Return what a run gives: before a change, after it, at another shape, and once compiled."""
    x, y = data_of(20)

    def result(batch: int) -> Any:
        if run == "predict":
            return float(np.mean(np.abs(model.predict(x, batch_size=batch, verbose=0))))
        if run == "evaluate":
            return model.evaluate(x, y, batch_size=batch, verbose=0, return_dict=True)
        logs = model.fit(x, y, batch_size=batch, verbose=0, shuffle=False).history
        return [*logs.values(), [float(np.mean(weight)) for weight in model.get_weights()]]

    compile_()
    facts = [result(5)]
    change()
    return [*facts, result(5), result(10), [compile_(), result(5)][1]]


def net(k: Any, *more: Any, **dense: Any) -> Any:
    options = {"kernel_initializer": "ones", "bias_initializer": "ones", **dense}
    return k.Sequential([k.Input((3,)), k.layers.Dense(1, **options), *more])


class Row:
    """A change: what it is made to, and what is run.

    Args:
        change: of (k, model, parts).
        run: "predict", "evaluate" or "fit".
        make: of k, gives the model, and whatever else the change is made to.
        compiled: of k, gives the arguments of `compile`.
    """

    def __init__(
        self,
        change: Callable[[Any, Any, Any], Any],
        run: str = "predict",
        make: Callable[[Any], Any] | None = None,
        compiled: Callable[[Any, Any], dict[str, Any]] | None = None,
    ) -> None:
        self.change, self.run = change, run
        self.make = make or (lambda k: (net(k), None))
        self.compiled = compiled or (lambda k, parts: {})

    def __call__(self, k: Any) -> Any:
        model, parts = self.make(k)
        arguments = {"optimizer": None, "loss": "mse", **self.compiled(k, parts)}

        def compile_() -> None:
            optimizer = arguments["optimizer"] or k.optimizers.SGD(0.1)
            model.compile(**{**arguments, "optimizer": optimizer})

        return stages(k, model, lambda: self.change(k, model, parts), self.run, compile_)


def with_layer(**attributes: Any) -> Callable[[Any], Any]:
    """A model with a layer that multiplies by what its attributes say."""

    def make(k: Any) -> Any:
        class Scale(k.layers.Layer):  # type: ignore[name-defined, misc]
            of_class = 1.0

            def __init__(self) -> None:
                super().__init__()
                self.number, self.branches, self.array = 1.0, False, np.ones(1, "float32")
                self.several = [1.0]

            def call(self, x: Any) -> Any:
                x = x * self.number * self.of_class * self.array * self.several[0]
                return -2.0 * x if self.branches else x

        scale = Scale()
        return net(k, scale), scale

    return make


def metric_of(k: Any) -> Any:
    class Scaled(k.metrics.Mean):  # type: ignore[name-defined, misc]
        factor = shown = 1.0

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            super().update_state(y_pred * self.factor)

        def result(self) -> Any:
            return super().result() * self.shown

    return net(k), Scaled(name="scaled")


def loss_of(k: Any) -> Any:
    class Scaled(k.losses.Loss):  # type: ignore[name-defined, misc]
        factor = 1.0

        def call(self, y_true: Any, y_pred: Any) -> Any:
            return k.ops.mean(k.ops.square(y_true - y_pred), axis=-1) * self.factor

    return net(k), Scaled()


def closing_loss(k: Any) -> Any:
    held = {"array": np.ones(1, "float32"), "number": 1.0}

    def loss(y_true: Any, y_pred: Any) -> Any:
        squares = k.ops.mean(k.ops.square(y_true - y_pred), axis=-1)
        return squares * held["array"] * held["number"]

    return net(k), (held, loss)


def variable_loss(k: Any) -> Any:
    variable = k.Variable(1.0)

    def loss(y_true: Any, y_pred: Any) -> Any:
        return k.ops.mean(k.ops.square(y_true - y_pred), axis=-1) * variable

    return net(k), (variable, loss)


def optimized(make: Callable[[Any], Any]) -> dict[str, Any]:
    return {
        "run": "fit",
        "compiled": lambda k, parts: {"optimizer": make(k)},
    }


def of_loss(name: str, **more: Any) -> dict[str, Any]:
    def make(k: Any) -> Any:
        return net(k, activation="sigmoid"), getattr(k.losses, name)(**more)

    return {"run": "evaluate", "make": make, "compiled": lambda k, loss: {"loss": loss}}


WITH_METRIC: dict[str, Any] = {
    "run": "evaluate",
    "make": metric_of,
    "compiled": lambda k, metric: {"metrics": [metric]},
}
WITH_LOSS: dict[str, Any] = {
    "run": "evaluate", "make": loss_of, "compiled": lambda k, loss: {"loss": loss}
}  # fmt: skip
CLOSING: dict[str, Any] = {
    "run": "evaluate", "make": closing_loss, "compiled": lambda k, parts: {"loss": parts[1]}
}  # fmt: skip


def setting(name: str, value: Any, of: str = "parts") -> Callable[[Any, Any, Any], None]:
    """Set an attribute of the part, the model's first layer, or the model."""

    def change(k: Any, model: Any, parts: Any) -> None:
        targets = {"parts": parts, "layer": model.layers[0], "model": model}
        targets["optimizer"] = model.optimizer
        setattr(targets[of], name, value(k) if callable(value) else value)

    return change


def zero(k: Any) -> Any:
    return k.ops.convert_to_tensor(0.0)


def scaled_call(k: Any) -> Any:
    return lambda x: x[:, :1] * 5.0


def twice_the_gradient(k: Any) -> Any:
    def update_step(gradient: Any, variable: Any, learning_rate: Any) -> None:
        variable.assign_sub(gradient * 0.02)

    return update_step


ROWS: dict[str, Row] = {
    # at once
    "variable.assign": Row(lambda k, m, _: m.layers[0].kernel.assign(np.full((3, 1), 2.0))),
    "set_weights": Row(lambda k, m, _: m.set_weights([np.full((3, 1), 2.0), np.ones(1)])),
    "a variable that a loss reads": Row(
        lambda k, m, parts: parts[0].assign(3.0),
        "evaluate",
        variable_loss,
        lambda k, parts: {"loss": parts[1]},
    ),
    "optimizer.learning_rate": Row(setting("learning_rate", 0.01, "optimizer"), "fit"),
    "optimizer.iterations": Row(
        lambda k, m, _: m.optimizer.iterations.assign(50),
        **optimized(lambda k: k.optimizers.Adam(0.1)),
    ),
    "a dropout's seed": Row(
        lambda k, m, _: m.layers[1].seed_generator.state.assign([5, 0]),
        "fit",
        lambda k: (net(k, k.layers.Dropout(0.5, seed=3)), None),
    ),
    "metric.result": Row(setting("result", lambda k: lambda: zero(k)), **WITH_METRIC),
    "an attribute read in result": Row(setting("shown", 3.0), **WITH_METRIC),
    # at the next trace
    "an attribute": Row(setting("number", 3.0), make=with_layer()),
    "an attribute of the class": Row(
        lambda k, m, scale: setattr(type(scale), "of_class", 3.0), make=with_layer()
    ),
    "an element of a list": Row(
        lambda k, m, scale: scale.several.__setitem__(0, 3.0), make=with_layer()
    ),
    "an array that is replaced": Row(
        setting("array", np.full(1, 3.0, "float32")), make=with_layer()
    ),
    "an array that is written to": Row(
        lambda k, m, scale: scale.array.__setitem__(0, 3.0), make=with_layer()
    ),
    "a branch": Row(setting("branches", True), make=with_layer()),
    "layer.call": Row(setting("call", scaled_call), make=with_layer()),
    "the class's call": Row(
        lambda k, m, scale: setattr(type(scale), "call", lambda self, x: x * 7.0),
        make=with_layer(),
    ),
    "Dense.activation": Row(setting("activation", lambda k: k.ops.sigmoid, "layer")),
    "Dropout.rate": Row(
        lambda k, m, _: setattr(m.layers[1], "rate", 0.9),
        "fit",
        lambda k: (net(k, k.layers.Dropout(0.1, seed=3)), None),
    ),
    "an array that a loss closes over": Row(
        lambda k, m, parts: parts[0]["array"].__setitem__(0, 3.0), **CLOSING
    ),
    "a number that a loss closes over": Row(
        lambda k, m, parts: parts[0].update(number=3.0), **CLOSING
    ),
    "loss.reduction": Row(setting("reduction", "sum"), **WITH_LOSS),
    "an attribute of a loss": Row(setting("factor", 3.0), **WITH_LOSS),
    "loss.call": Row(
        setting("call", lambda k: lambda y, y_pred: k.ops.mean(y_pred, axis=-1)), **WITH_LOSS
    ),
    "loss._fn_kwargs": Row(
        lambda k, m, loss: loss._fn_kwargs.update(label_smoothing=0.5),
        **of_loss("BinaryCrossentropy"),
    ),
    "metric.update_state": Row(
        setting("update_state", lambda k: lambda *args, **kwargs: None), **WITH_METRIC
    ),
    "an attribute read in update_state": Row(setting("factor", 3.0), **WITH_METRIC),
    "model.compute_loss": Row(
        setting(
            "compute_loss",
            lambda k: lambda x, y, y_pred, sample_weight, training: k.ops.mean(y_pred) * 3.0,
            "model",
        ),
        "evaluate",
    ),
    "model.predict_step": Row(setting("predict_step", lambda k: lambda x: x * 3.0, "model")),
    "optimizer.momentum": Row(
        setting("momentum", 0.1, "optimizer"),
        **optimized(lambda k: k.optimizers.SGD(0.01, momentum=0.9)),
    ),
    "optimizer.nesterov": Row(
        setting("nesterov", True, "optimizer"),
        **optimized(lambda k: k.optimizers.SGD(0.01, momentum=0.9)),
    ),
    "optimizer.beta_1": Row(
        setting("beta_1", 0.1, "optimizer"), **optimized(lambda k: k.optimizers.Adam(0.01))
    ),
    "optimizer.epsilon": Row(
        setting("epsilon", 1.0, "optimizer"), **optimized(lambda k: k.optimizers.Adam(0.01))
    ),
    "optimizer.update_step": Row(
        setting("update_step", twice_the_gradient, "optimizer"),
        **optimized(lambda k: k.optimizers.SGD(0.01)),
    ),
    "model.optimizer": Row(setting("optimizer", lambda k: k.optimizers.SGD(0.5), "model"), "fit"),
    "layer.trainable": Row(setting("trainable", False, "layer"), "fit",
                           lambda k: (net(k, k.layers.Dense(1, kernel_initializer="ones")), 0)),
    "variable.trainable": Row(lambda k, m, _: setattr(m.layers[0].bias, "trainable", False), "fit"),
    "model.pop": Row(
        lambda k, m, _: m.pop(),
        "evaluate",
        lambda k: (net(k, k.layers.Activation("sigmoid")), None),
    ),
    "model.add": Row(lambda k, m, _: m.add(k.layers.Activation("sigmoid")), "evaluate"),
    "model.add, for predict": Row(lambda k, m, _: m.add(k.layers.Activation("sigmoid"))),
    # once compiled
    "model.train_step": Row(
        setting("train_step", lambda k: lambda data: {"own": zero(k)}, "model"), "fit"
    ),
    "model.test_step": Row(
        setting("test_step", lambda k: lambda data: {"own": zero(k)}, "model"), "evaluate"
    ),
    # never
    "loss.from_logits": Row(setting("from_logits", True), **of_loss("BinaryCrossentropy")),
    "loss.label_smoothing": Row(setting("label_smoothing", 0.5), **of_loss("BinaryCrossentropy")),
    "metric.threshold": Row(
        setting("threshold", 0.1),
        "evaluate",
        lambda k: (net(k, activation="sigmoid"), k.metrics.BinaryAccuracy(threshold=0.9)),
        lambda k, metric: {"metrics": [metric]},
    ),
    "Dense.use_bias": Row(setting("use_bias", False, "layer")),
    "model.loss": Row(setting("loss", "binary_crossentropy", "model"), "evaluate"),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_a_change_takes_effect_when_it_does_in_keras(name: str) -> None:
    def script(k: Any) -> Any:
        return ROWS[name](k)

    in_both(script)()


@in_both
def test_a_model_that_is_called_sees_each_change_at_once(k: Any) -> Any:
    model, scale = with_layer()(k)
    x, _ = data_of(5)
    facts = [model(x)]
    scale.number = 3.0
    facts.append(model(x))
    scale.array[0] = 2.0
    facts.append(model(x))
    model.layers[0].activation = k.ops.relu
    return [*facts, model(x)]


@in_both
def test_the_learning_rate_may_be_set_by_a_callback_in_each_batch(k: Any) -> Any:
    def lower(batch: int, logs: Any = None) -> None:
        model.optimizer.learning_rate = 0.1 / (batch + 1)

    model = net(k)
    model.compile(k.optimizers.SGD(0.1), "mse")
    hook = k.callbacks.LambdaCallback(on_train_batch_begin=lower)
    x, y = data_of(20)
    model.fit(x, y, batch_size=5, verbose=0, shuffle=False, callbacks=[hook])
    return model.get_weights()


@in_both
def test_what_is_frozen_before_the_first_trace_is_not_trained(k: Any) -> Any:
    facts = []
    x, y = data_of(20)
    for hook in ("on_train_begin", "on_epoch_begin", "on_train_batch_begin", "on_train_batch_end"):
        model = net(k, k.layers.Dense(1, kernel_initializer="ones"))
        model.compile(k.optimizers.SGD(0.1), "mse")

        def freeze(*args: Any, model: Any = model, **kwargs: Any) -> None:
            model.layers[0].trainable = False

        callback = k.callbacks.LambdaCallback(**{hook: freeze})
        model.fit(x, y, batch_size=5, verbose=0, shuffle=False, callbacks=[callback])
        facts.append(model.get_weights())
    return facts


@in_both
def test_what_cannot_be_changed_any_more_is_refused_with_keras_s_error(k: Any) -> Any:
    x, y = data_of(20)

    def fit(model: Any, batch: int) -> Any:
        return attempt(lambda: type(model.fit(x, y, batch_size=batch, verbose=0)).__name__)

    def fitted(optimizer: Any, *more: Any) -> Any:
        model = net(k, *more)
        model.compile(optimizer, "mse")
        fit(model, 5)
        return model

    facts = []
    model = fitted("sgd")
    facts.append(attempt(lambda: setattr(model.layers[0], "more", k.Variable(1.0))))
    model.add(k.layers.Dense(1))
    facts += [fit(model, 5), fit(model, 10), fit(model, 5)]
    model = net(k, k.layers.Dense(1))
    model.layers[0].trainable = False
    model.compile("sgd", "mse")
    facts.append(fit(model, 5))
    model.layers[0].trainable = True
    facts += [fit(model, 5), fit(model, 10)]
    model.compile("sgd", "mse")
    facts.append(fit(model, 5))
    model = fitted(k.optimizers.SGD(0.1))
    model.optimizer.momentum = 0.9
    facts.append(fit(model, 10))
    model = fitted("sgd", k.layers.Dropout(0.0))
    model.layers[1].rate = 0.9
    return [*facts, fit(model, 10)]


@in_both
def test_random_numbers_of_numpy_and_python_are_drawn_once_for_a_trace(k: Any) -> Any:
    class Random(k.layers.Layer):  # type: ignore[name-defined, misc]
        calls = 0

        def call(self, x: Any) -> Any:
            self.calls += 1
            return x * 0.0 + float(np.random.rand() + python_random.random() + self.calls)

    model = k.Sequential([k.Input((3,)), Random()])
    x, _ = data_of(20)
    first = model.predict(x, batch_size=5, verbose=0)
    again = model.predict(x, batch_size=5, verbose=0)
    other = model.predict(x, batch_size=10, verbose=0)
    return [len(np.unique(first)), np.array_equal(first, again), len(np.unique(other)),
            bool((first == other).any())]  # fmt: skip


@in_both
def test_stop_training_ends_a_fit_after_the_batch(k: Any) -> Any:
    batches = []

    def stop(batch: int, logs: Any = None) -> None:
        batches.append(batch)
        model.stop_training = True

    model = net(k)
    model.compile("sgd", "mse")
    model.stop_training = True  # `fit` sets it back
    x, y = data_of(20)
    model.fit(x, y, batch_size=5, verbose=0)
    model.fit(
        x,
        y,
        batch_size=5,
        verbose=0,
        callbacks=[k.callbacks.LambdaCallback(on_train_batch_end=stop)],
    )
    return batches, int(model.optimizer.iterations)
