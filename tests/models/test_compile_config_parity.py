"""How a model was compiled, as plain values: each library reads what the other one writes."""

import json
from typing import Any

import keras
import numpy as np
import pytest

import minidense
from tests import record
from tests.in_both import attempt, in_both, rows

X, LABELS = rows(9, 4), np.arange(9) % 3


def absolute(y_true: Any, y_pred: Any) -> Any:
    """A user's own loss and metric, for both libraries."""
    return abs(y_true - y_pred)


def own_loss(k: Any) -> Any:
    class Own(k.losses.Loss):
        def __init__(self, factor: float = 2.0, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, y_true: Any, y_pred: Any) -> Any:
            return self.factor * (y_true - y_pred)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "factor": self.factor}

    Own.__module__ = "own"
    return Own


SPARSE = "sparse_categorical_crossentropy"
WAYS: dict[str, Any] = {
    "nothing": lambda k: {},
    "names": lambda k: {"optimizer": "adam", "loss": SPARSE, "metrics": ["accuracy"]},
    "objects": lambda k: {
        "optimizer": k.optimizers.SGD(0.5, momentum=0.9),
        "loss": k.losses.SparseCategoricalCrossentropy(from_logits=True, name="mine"),
        "metrics": ["acc", k.metrics.SparseCategoricalCrossentropy()],
        "weighted_metrics": [k.metrics.SparseCategoricalAccuracy(name="hits")],
        "loss_weights": 0.5,
    },
    "how it runs": lambda k: {
        "optimizer": "rmsprop",
        "loss": SPARSE,
        "run_eagerly": True,
        "steps_per_execution": 2,
        "jit_compile": False,
    },
    "no jit": lambda k: {"optimizer": "sgd", "loss": SPARSE, "jit_compile": None},
    "lists": lambda k: {"optimizer": "sgd", "loss": [SPARSE], "metrics": [["acc"]]},
    "functions": lambda k: {
        "optimizer": "sgd",
        "loss": k.losses.mean_squared_error,
        "metrics": [k.metrics.mean_squared_error],
    },
    "own functions": lambda k: {"optimizer": "sgd", "loss": absolute, "metrics": [absolute]},
    "own class": lambda k: {"optimizer": "sgd", "loss": own_loss(k)(3.0)},
    "a dict": lambda k: {
        "optimizer": {"class_name": "Adam", "config": {"learning_rate": 0.25}},
        "loss": SPARSE,
    },
}


def compiled(k: Any, way: str) -> Any:
    k.utils.clear_session()
    k.utils.set_random_seed(1)
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3, "softmax")])
    model.compile(**WAYS[way](k))
    return model


def own_objects(k: Any) -> dict[str, Any]:
    return {"absolute": absolute, "Own": own_loss(k)}


@pytest.mark.parametrize("way", WAYS)
def test_a_compiled_model_is_written_as_keras_writes_it(way: str) -> None:
    theirs, ours = (compiled(k, way) for k in (keras, minidense))
    configs = theirs.get_compile_config(), ours.get_compile_config()
    record.same("models: get_compile_config", *configs, code=way)
    record.same("models: to_json, compiled", theirs.to_json(), ours.to_json(), code=way)


@pytest.mark.parametrize("way", WAYS)
def test_each_library_compiles_what_the_other_has_written(way: str) -> None:
    texts = [compiled(k, way).to_json() for k in (keras, minidense)]
    configs = []
    for text in texts:
        for reader in (keras, minidense):
            reader.utils.clear_session()
            read = reader.models.model_from_json(text, own_objects(reader))
            assert read.compiled
            assert read.optimizer.built
            configs.append(read.get_compile_config())
    for config in configs[1:]:
        record.same("models: compile_from_config", configs[0], config, code=way)


@pytest.mark.parametrize("way", ["own functions", "own class"])
def test_what_is_a_users_own_must_be_named(way: str) -> None:
    text = compiled(keras, way).to_json()
    for reader in (keras, minidense):
        with pytest.raises(TypeError):
            reader.models.model_from_json(text)


@pytest.mark.parametrize("way", ["names", "objects", "lists"])
def test_a_model_that_is_read_is_trained_as_the_one_that_was_written(way: str) -> None:
    @in_both
    def script(k: Any) -> Any:
        model = compiled(k, way)
        start = model.get_weights()
        read = k.models.model_from_json(model.to_json())
        clone = k.models.clone_model(model)
        found = []
        for each in (model, read, clone):
            each.set_weights(start)
            history = each.fit(X, LABELS, epochs=2, verbose=0, shuffle=False).history
            found.append([history, each.get_weights(), each.optimizer.name])
        return found

    script()


@in_both
def test_a_model_that_was_compiled_again_writes_what_it_was_given_last(k: Any) -> Any:
    model = compiled(k, "objects")
    model.compile("adam", metrics=["acc"])
    found = model.get_compile_config()
    return [found, k.Sequential([k.layers.Dense(2)]).get_compile_config()]


@in_both
def test_a_compiled_model_inside_another_is_compiled_when_it_is_read(k: Any) -> Any:
    inner = k.Sequential([k.Input((4,)), k.layers.Dense(4)], name="inner")
    inner.compile("sgd", "mse")
    outer = k.Sequential([k.Input((4,)), inner])
    read = k.models.model_from_json(outer.to_json())
    clone = k.models.clone_model(outer)
    return [read.compiled, read.layers[0].compiled, clone.compiled, clone.layers[0].compiled]


def test_a_model_with_a_compile_of_its_own_is_left_to_its_author() -> None:
    for k in (keras, minidense):

        class Own(k.Sequential):  # type: ignore[misc, name-defined]
            def compile(self, *args: Any, **kwargs: Any) -> None:
                super().compile(*args, **kwargs)

        model = Own([k.Input((4,)), k.layers.Dense(2)])
        model.compile("sgd", "mse")
        with pytest.warns(UserWarning, match="compile"):
            read = k.models.model_from_json(model.to_json(), {"Own": Own})
        assert read.optimizer is None if k is minidense else not hasattr(read, "optimizer")


def test_a_loss_that_was_given_as_a_dict_is_written_and_not_read() -> None:
    for k in (keras, minidense):
        k.utils.clear_session()
        model = k.Sequential([k.Input((4,)), k.layers.Dense(2)])
        model.compile("sgd", "mse")
        text = json.loads(model.to_json())
        text["compile_config"]["loss"] = {"class_name": "MeanSquaredError", "config": {}}
        answer = attempt(lambda k=k, text=text: k.models.model_from_json(json.dumps(text)))
        assert answer == "raised TypeError"
