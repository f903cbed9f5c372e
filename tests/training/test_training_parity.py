"""What fit, evaluate and predict print and call, against Keras's under the same clock."""

import contextlib
import io
import sys
import time
import warnings
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
import pytest

import minidense
from tests import record

keras = pytest.importorskip("keras")

SPARSE = "sparse_categorical_crossentropy"
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(70, 5)).astype("float32")
Y = RANDOM.integers(0, 3, 70)


class Clock:
    """Stands in for `time.time`: it moves on a little whenever it is read, and in each batch."""

    def __init__(self, batch_seconds: float) -> None:
        self.now = 1_000_000.0
        self.batch_seconds = batch_seconds

    def __call__(self) -> float:
        self.now += 1e-5
        return self.now


def model_of(k: Any, **compiled: Any) -> Any:
    k.utils.set_random_seed(11)
    model = k.Sequential(
        [
            k.Input((5,)),
            k.layers.Dense(8, activation="relu"),
            k.layers.Dropout(0.2),
            k.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("sgd", SPARSE, **{"metrics": ["accuracy"], **compiled})
    return model


@contextlib.contextmanager
def frozen_time(clock: Clock, dynamic: bool) -> Any:
    """A clock that only the bars read, and a display that is dynamic or not."""
    posix = sys.modules.get("posix")
    # TensorFlow reads the clock, too, but not in the module that draws the bar
    readers = ["keras.src.utils.progbar", "minidense.training.progress"]
    with contextlib.ExitStack() as stack:
        for reader in readers:
            stand_in = mock.Mock(wraps=time)
            stand_in.time = clock
            stack.enter_context(mock.patch.object(sys.modules[reader], "time", stand_in))
        if not dynamic:
            sys.modules.pop("posix", None)
        try:
            yield
        finally:
            if posix is not None:
                sys.modules["posix"] = posix


def ticking(k: Any, clock: Clock) -> Any:
    def tick(batch: int, logs: Any = None) -> None:
        clock.now += clock.batch_seconds

    hooks = dict.fromkeys(
        ["on_train_batch_begin", "on_test_batch_begin", "on_predict_batch_begin"], tick
    )
    return k.callbacks.LambdaCallback(**hooks)


FIT = {"epochs": 2, "batch_size": 8}
PRINTING: list[tuple[str, dict[str, Any]]] = [
    ("fit", {**FIT, "verbose": 0}),
    ("fit", {**FIT, "verbose": 1, "validation_split": 0.2}),
    ("fit", {**FIT, "verbose": 2, "validation_split": 0.2}),
    ("fit", {**FIT, "verbose": "auto", "epochs": 1}),
    ("fit", {**FIT, "verbose": 1, "steps_per_epoch": 3, "initial_epoch": 1}),
    ("evaluate", {"verbose": 0}),
    ("evaluate", {"verbose": 1, "batch_size": 8}),
    ("evaluate", {"verbose": 2, "batch_size": 8, "steps": 4}),
    ("evaluate", {}),
    ("predict", {"verbose": 0}),
    ("predict", {"verbose": 1, "batch_size": 8}),
    ("predict", {"verbose": 2}),
]


def printed(k: ModuleType, dynamic: bool, batch_seconds: float) -> list[str]:
    """What each call of one model prints, one after the other."""
    model = model_of(k)
    texts = []
    for method, arguments in PRINTING:
        clock = Clock(batch_seconds)
        data = (X,) if method == "predict" else (X, Y)
        with frozen_time(clock, dynamic), contextlib.redirect_stdout(io.StringIO()) as text:
            getattr(model, method)(*data, callbacks=[ticking(k, clock)], **arguments)
        texts.append(text.getvalue())
    return texts


@pytest.mark.parametrize(("dynamic", "batch_seconds"), [(True, 0.02), (False, 1.7)])
def test_what_is_printed_is_the_same(dynamic: bool, batch_seconds: float):
    theirs = printed(keras, dynamic, batch_seconds)
    ours = printed(minidense, dynamic, batch_seconds)
    for call, our, their in zip(PRINTING, ours, theirs, strict=True):
        record.same(f"training: what {call[0]} prints", their, our, code=f"{call}")
        assert bool(their) == (call[1].get("verbose") != 0)
    assert ("20ms/step" if dynamic else "2s/step") in theirs[1]


def recorded(k: Any) -> list[Any]:
    """Every call of every hook, with its logs' names and its place, in a run of all methods."""
    calls: list[Any] = []

    def recorder(hook: str) -> Any:
        def record(*args: Any, logs: Any = None) -> None:
            place = [arg for arg in args if isinstance(arg, int)]
            given = next((arg for arg in args if isinstance(arg, dict)), logs)
            types = {name: type(value).__name__ for name, value in (given or {}).items()}
            if "outputs" in types:
                types = {"outputs": "an array"}
            calls.append((hook, place, list(types.items())))

        return record

    hooks = [name for name in dir(k.callbacks.Callback) if name.startswith("on_")]
    listener = k.callbacks.LambdaCallback(**{hook: recorder(hook) for hook in hooks})
    model = model_of(k)
    arguments: dict[str, Any] = {"callbacks": [listener], "verbose": 0}
    model.fit(X, Y, epochs=3, validation_split=0.3, validation_freq=2, **arguments)
    model.evaluate(X, Y, **arguments)
    model.predict(X, **arguments)
    calls.append(dict(listener.params))
    return calls


def test_the_hooks_are_called_in_the_same_order_with_the_same_names():
    record.same("training: order of the hooks", recorded(keras), recorded(minidense))


def stopping(k: Any, hook: str, attribute: str) -> Any:
    """The results of runs that are stopped in their second batch."""

    class Stop(k.callbacks.Callback):  # type: ignore[name-defined, misc]
        pass

    def stop(self: Any, batch: int, logs: Any = None) -> None:
        if batch == 1:
            setattr(self.model, attribute, True)

    setattr(Stop, hook, stop)
    model = model_of(k)
    arguments: dict[str, Any] = {"callbacks": [Stop()], "verbose": 0, "batch_size": 16}
    return (
        model.fit(X, Y, epochs=3, validation_split=0.5, **arguments).history,
        model.evaluate(X, Y, **arguments),
        model.predict(X, **arguments).shape,
        [model.stop_training, model.stop_evaluating, model.stop_predicting],
    )


@pytest.mark.parametrize(
    ("hook", "attribute"),
    [
        ("on_train_batch_end", "stop_training"),
        ("on_test_batch_end", "stop_evaluating"),
        ("on_test_batch_begin", "stop_training"),
        ("on_predict_batch_end", "stop_predicting"),
    ],
)
def test_a_run_that_is_stopped_gives_the_same(hook: str, attribute: str):
    ours, theirs = stopping(minidense, hook, attribute), stopping(keras, hook, attribute)
    assert list(ours[0]) == list(theirs[0])
    for name, values in theirs[0].items():
        record.close("training: a stopped run", values, ours[0][name], rtol=2e-6)
    record.close("training: a stopped run", theirs[1], ours[1], rtol=2e-6)
    assert ours[2:] == theirs[2:]


def interrupted(k: Any) -> tuple[Any, ...]:
    """A fit that is interrupted in its second epoch, and what is done afterwards."""

    def interrupt(epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            raise KeyboardInterrupt

    model = model_of(k)
    hook = k.callbacks.LambdaCallback(on_epoch_begin=interrupt)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, epochs=3, verbose=0, callbacks=[hook])
    first = model.history.history
    return first, model.evaluate(X, Y, verbose=0), model.fit(X, Y, verbose=0).history


def test_an_interrupted_model_goes_on_with_the_same_numbers():
    (first, measured, second), theirs = interrupted(minidense), interrupted(keras)
    for our, their in ((first, theirs[0]), (second, theirs[2])):
        assert list(our) == list(their) == ["accuracy", "loss"]
        for name, values in their.items():
            record.close("training: an interrupted run", values, our[name], rtol=2e-6)
    record.close("training: an interrupted run", theirs[1], measured, rtol=2e-6)


# What belongs to the one output may come in a list

WEIGHTS = np.linspace(0.5, 1.5, 70)


@pytest.mark.parametrize(
    ("y", "weights"),
    [([Y], None), ((Y,), (WEIGHTS,)), (Y, (WEIGHTS,))],
    ids=["targets", "both", "weights"],
)
def test_a_list_of_one_array_is_taken_for_the_array_as_in_keras(y: Any, weights: Any):
    found = []
    for library in (keras, minidense):
        model = model_of(library)
        history = model.fit(
            X, y, sample_weight=weights, validation_data=(X, y, weights), verbose=0
        ).history
        measured = model.evaluate(X, y, sample_weight=weights, verbose=0)
        on_batch = []
        for method in (model.train_on_batch, model.test_on_batch):
            model.reset_metrics()  # some versions go on counting
            on_batch.append(method(X, y, weights))
        found.append([*history.values(), measured, *on_batch])
    for theirs, ours in zip(*found, strict=True):
        numbers = np.float64(theirs), np.float64(ours)  # some versions give float32 numbers
        record.close("training: lists of one array", *numbers, rtol=2e-6)


def dict_model(library: Any, **compiled: Any) -> Any:
    library.utils.set_random_seed(1)
    inputs = library.Input((5,))
    outputs = library.layers.Dense(3, activation="softmax", name="last")(inputs)
    model = library.Model(inputs, {"out": outputs})
    model.compile("sgd", "sparse_categorical_crossentropy", **compiled)
    return model


@pytest.mark.parametrize("weights", [None, WEIGHTS, {"out": WEIGHTS}], ids=["no", "array", "dict"])
def test_targets_go_by_the_key_of_the_output_as_in_keras(weights: Any):
    y = {"out": Y}
    found = []
    for library in (keras, minidense):
        model = dict_model(library, metrics=["accuracy"])
        history = model.fit(X, y, sample_weight=weights, validation_split=0.2, verbose=0).history
        more = model.fit(X, Y, validation_data=(X, y, weights), verbose=0).history
        measured = model.evaluate(X, y, sample_weight=weights, verbose=0)
        on_batch = []
        for method in (model.train_on_batch, model.test_on_batch):
            model.reset_metrics()
            if not isinstance(weights, np.ndarray):  # Keras shares no array out here
                on_batch.append(method(X, y, weights))
        found.append([*history.values(), *more.values(), measured, *on_batch])
    for theirs, ours in zip(*found, strict=True):
        numbers = np.float64(theirs), np.float64(ours)
        record.close("training: targets in a dict", *numbers, rtol=2e-6)


@pytest.mark.parametrize(
    ("y", "weights"),
    [({"last": Y}, None), ({"out": Y, "last": Y}, None), (Y, {"last": WEIGHTS}),
     ({"out": Y}, {"last": WEIGHTS}), ({"out": Y}, [WEIGHTS])],
    ids=["another key", "two keys", "weights", "weights beside targets", "a list beside a dict"],
)  # fmt: skip
def test_a_key_that_is_not_the_output_s_is_refused_as_in_keras(y: Any, weights: Any):
    raised = []
    for library in (keras, minidense):
        with pytest.raises(Exception, match=r".") as error:
            dict_model(library).fit(X, y, sample_weight=weights, verbose=0)
        raised.append(error.type)
    assert raised[0] is raised[1]


def test_a_dict_of_losses_names_the_output_as_in_keras():
    def fit(library: Any, name: str) -> Any:
        inputs = library.Input((5,))
        model = library.Model(inputs, library.layers.Dense(3, name="last")(inputs))
        model.compile("sgd", {name: "mse"})
        return model.fit(X, X[:, :3], verbose=0)

    for library in (keras, minidense):
        assert list(fit(library, "last").history) == ["loss"]
        with pytest.raises(ValueError, match=r"(?s)last.*nope"):
            fit(library, "nope")


@pytest.mark.parametrize("name", ["last", "nope"])
def test_a_dict_of_losses_before_the_model_is_built_has_no_names_to_go_by_as_in_keras(name: str):
    for library in (keras, minidense):
        model = library.Sequential([library.layers.Dense(3, name="last")])
        model.compile("sgd", {name: "mse"})
        for method in (model.fit, model.evaluate):
            with pytest.raises(TypeError):
                method(X, X[:, :3], verbose=0)


@pytest.mark.parametrize("is_built", [True, False])
def test_a_dict_of_losses_goes_by_the_key_of_the_output_as_in_keras(is_built: bool):
    def fit(library: Any, key: str) -> Any:
        class Own(library.Model):
            def __init__(self) -> None:
                super().__init__()
                self.last = library.layers.Dense(3, activation="softmax")

            def call(self, inputs: Any) -> Any:
                return {"out": self.last(inputs)}

        model = dict_model(library) if is_built else Own()
        model.compile("sgd", {key: "sparse_categorical_crossentropy"})
        return model.fit(X, {"out": Y}, verbose=0).history

    for library in (keras, minidense):
        assert list(fit(library, "out")) == ["loss"]
        with pytest.raises(KeyError, match="last"):
            fit(library, "last")


# Calls that fail in both, with the same kind of exception

BAD_CALLS: dict[str, Any] = {
    "rows differ": lambda m: m.fit(X, Y[:-1], verbose=0),
    "weights of another length": lambda m: m.fit(X, Y, sample_weight=np.ones(3), verbose=0),
    "x is a list": lambda m: m.fit(X.tolist(), Y, verbose=0),
    "features": lambda m: m.fit(X[:, :3], Y, verbose=0),
    "features to predict": lambda m: m.predict(X[:, :3], verbose=0),
    "two kinds of weights": lambda m: m.fit(
        X, Y, class_weight={0: 1.0, 1: 1.0, 2: 1.0}, sample_weight=np.ones(70), verbose=0
    ),
    "a split of everything": lambda m: m.fit(X[:2], Y[:2], validation_split=0.7, verbose=0),
    "a callback that is none": lambda m: m.fit(X, Y, callbacks=[5], verbose=0),
    "targets by name": lambda m: m.fit(X, {"dense_1": Y}, verbose=0),
    "targets twice": lambda m: m.fit(X, [Y, Y], verbose=0),
    "targets in a list, and weights of classes": lambda m: m.fit(
        X, [Y], class_weight={0: 1.0, 1: 2.0}, verbose=0
    ),
    "targets in a list, weights in a tuple": lambda m: m.fit(
        X, [Y], sample_weight=(np.ones(70),), verbose=0
    ),
    "the same to evaluate": lambda m: m.evaluate(X, (Y,), sample_weight=[np.ones(70)], verbose=0),
    "the same to validate with": lambda m: m.fit(
        X, Y, validation_data=(X, [Y], (np.ones(70),)), verbose=0
    ),
    "one-hot for sparse": lambda m: m.fit(X, np.eye(3)[Y], verbose=0),
}


@pytest.mark.parametrize("name", BAD_CALLS)
def test_a_bad_call_fails_with_the_exception_of_keras(name: str):
    call = BAD_CALLS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Exception, match=r".") as theirs:
            call(model_of(keras))
    with pytest.raises(theirs.type):
        call(model_of(minidense))


def test_a_variable_made_in_build_is_trained_as_in_keras() -> None:
    def trained(library: Any) -> Any:
        class Scale(library.layers.Layer):
            def build(self, input_shape: Any) -> None:
                self.scale = library.Variable(np.float32([1, 2, 0.5]), name="scale")

            def call(self, inputs: Any) -> Any:
                return inputs * self.scale

            if library is minidense:

                def forward(self, inputs: Any, training: bool | None) -> Any:
                    return inputs * self.scale.value, inputs

                def backward(self, grad: Any, saved: Any, needs_input_grad: bool) -> Any:
                    return grad * self.scale.value, [(grad * saved).sum(axis=0)]

        library.utils.set_random_seed(1)
        model = library.Sequential([library.Input((5,)), library.layers.Dense(3), Scale()])
        model.compile(library.optimizers.Adam(0.01), "mse")
        losses = model.fit(X, X[:, :3], epochs=3, verbose=0).history["loss"]
        return [losses, *model.get_weights()]

    for theirs, ours in zip(trained(keras), trained(minidense), strict=True):
        numbers = np.float64(theirs), np.float64(ours)
        record.close("training: a variable made in build", *numbers, rtol=2e-5, atol=1e-6)
