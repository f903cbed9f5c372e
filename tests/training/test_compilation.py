"""compile: what it keeps, what it takes, and which call needs it."""

from typing import Any

import numpy as np
import pytest

from minidense import Input, Model, Sequential, layers
from minidense.optimizers import SGD
from tests.messages import exactly
from tests.training.regression import X, Y, by_key, model_of

# Before and after


def test_a_model_that_was_not_compiled_has_nothing_to_train_with() -> None:
    model = Sequential([Input((3,)), layers.Dense(2)])
    assert model.compiled is False
    assert model.optimizer is None
    assert model.loss is None
    assert model.history is None
    assert model.stop_training is False
    assert model.stop_evaluating is False
    assert model.stop_predicting is False
    model.reset_metrics()
    assert model.metrics == []


def test_a_compiled_model_is_not_stopped() -> None:
    model = model_of()
    model.stop_training = True
    model.compile(SGD(0.1), "mse")
    assert model.stop_training is False


def test_a_compile_keeps_what_it_was_given() -> None:
    model = model_of(loss=["mse"])
    assert model.loss == "mse"
    assert model.compiled
    assert isinstance(model.optimizer, SGD)
    model.compile(loss={model.layers[-1].name: "mse"})
    assert model.loss == "mse"
    assert type(model.optimizer).__name__ == "RMSprop"


def two_outputs() -> Model:
    inputs = Input((3,))
    model = Model(inputs, [layers.Dense(2)(inputs), layers.Dense(2)(inputs)])
    model.compile(SGD(0.1), "mse")
    return model


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_what_cannot_train_says_why(method: str) -> None:
    message = (
        "A model is trained and measured on one output. This model has 2: call it, or `predict` "
        "with it."
    )
    with pytest.raises(NotImplementedError, match=exactly(message)):
        getattr(two_outputs(), method)(X, Y)
    with pytest.raises(ValueError, match="`y` is missing"):
        getattr(model_of(), method)(X)


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_what_is_missing_names_the_method(method: str) -> None:
    no_rows = f"`{method}` needs at least one row. Received arrays of length 0."
    with pytest.raises(ValueError, match=exactly(no_rows)):
        getattr(model_of(), method)(X[:0], Y[:0])
    bare = Sequential([Input((3,)), layers.Dense(2)])
    no_compile = f"You must call `compile()` before calling `{method}()` on the model."
    with pytest.raises(ValueError, match=exactly(no_compile)):
        getattr(bare, method)(X, Y)
    bare.compile(None, "mse")  # type: ignore[arg-type]
    if method in ("evaluate", "test_on_batch"):
        assert isinstance(getattr(bare, method)(X, Y), float)
        return
    no_optimizer = "Training needs an optimizer: it was compiled with optimizer=None."
    with pytest.raises(ValueError, match=exactly(no_optimizer)):
        getattr(bare, method)(X, Y)


# Its arguments


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"steps_per_execution": 0},
            "`steps_per_execution` must be an integer >= 1. "
            "Received: steps_per_execution=0 of type int.",
        ),
        (
            {"jit_compile": 3},
            "`jit_compile` must be one of [True, False, None, 'auto']. "
            "Received: jit_compile=3 of type int.",
        ),
        (
            {"auto_scale_loss": "no"},
            "`auto_scale_loss` must be True or False. Received: auto_scale_loss='no' of type str.",
        ),
        (
            {"run_eagerly": "no"},
            "`run_eagerly` must be True or False. Received: run_eagerly='no' of type str.",
        ),
        (
            {"metrics": "mse"},
            "`metrics` must be a list, tuple or dict. Received: metrics='mse' of type str.",
        ),
        (
            {"weighted_metrics": "mse"},
            "`weighted_metrics` must be a list, tuple or dict. "
            "Received: weighted_metrics='mse' of type str.",
        ),
    ],
)
def test_a_wrong_argument_of_compile_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=exactly(message)):
        model_of(**arguments)


@pytest.mark.parametrize("value", [True, False, None, "auto"])
def test_jit_compile_may_be_anything_that_keras_takes(value: Any) -> None:
    assert model_of(jit_compile=value).compiled


@pytest.mark.parametrize(
    ("given", "weight"),
    [
        ([0.25], 0.25),
        ((0.25,), 0.25),
        ({"out": 0.25}, 0.25),
        ([2], 2.0),
        ([np.float32(0.25)], 0.25),
        ([None], None),
    ],
)
def test_a_loss_weight_may_stand_alone_in_a_list_or_dict(given: Any, weight: float | None) -> None:
    weighted, alone = model_of(loss_weights=given), model_of(loss_weights=weight)
    losses = [model.evaluate(X, Y, verbose=0) for model in (weighted, alone)]
    assert losses[0] == losses[1]
    assert weighted.get_compile_config()["loss_weights"] == given  # as it was given


@pytest.mark.parametrize(
    "given", ["a", 1, True, float("nan"), ["a"], [float("inf")], {}, [], [1.0, 1.0], {"o": "a"}]
)
def test_another_loss_weight_is_refused_with_its_type(given: Any) -> None:
    message = (
        f"`loss_weights` must be a finite float. Received: loss_weights={given!r} "
        f"of type {type(given).__name__}."
    )
    with pytest.raises(ValueError, match=exactly(message)):
        model_of(loss_weights=given)


# A loss for an output


def test_a_loss_for_no_output_is_refused_with_the_names_of_both() -> None:
    words = "`compile` takes losses for the outputs {}. Received a dict with the keys {}."
    model = model_of()
    name = model.layers[-1].name
    with pytest.raises(ValueError, match=exactly(words.format([name], ["other"]))):
        model.compile(SGD(0.1), {"other": "mse"})
    with pytest.raises(KeyError) as error:
        by_key({"other": "mse"})
    assert error.value.args == (words.format(["out"], ["other"]),)
    assert by_key({"out": "mse"}).fit(X, Y, verbose=0).history["loss"]


@pytest.mark.parametrize("length", [116, 117])
def test_long_names_of_losses_and_outputs_are_cut_after_120_letters(length: int) -> None:
    name, other = "n" * length, "k" * length
    inputs = Input((3,))
    model = Model(inputs, layers.Dense(2, name=name)(inputs))
    with pytest.raises(ValueError, match="takes losses") as error:
        model.compile(SGD(0.1), {other: "mse"})
    end = "']" if length == 116 else "..."
    shown = length if length == 116 else 115
    assert f"outputs ['{'n' * shown}{end}. " in str(error.value)
    assert str(error.value).endswith(f"keys ['{'k' * shown}{end}.")


class GivesDict(Model):
    """A subclass whose output has a key."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(2)

    def call(self, inputs: Any) -> Any:
        return {"out": self.dense(inputs)}


def test_a_key_of_a_loss_is_compared_when_the_output_is_known() -> None:
    model = GivesDict()
    model.compile(SGD(0.1), {"out": "mse"})
    assert model.fit(X, Y, verbose=0).history["loss"]
    wrong = GivesDict()
    wrong.compile(SGD(0.1), {"other": "mse"})
    with pytest.raises(KeyError) as error:
        wrong.fit(X, Y, verbose=0)
    assert error.value.args == (
        "The model was compiled with a loss for the output 'other'. "
        "Its output is a dict with the key 'out'.",
    )
    wrong.compile(SGD(0.1), "mse")  # the key is forgotten
    assert wrong.fit(X, Y, verbose=0).history["loss"]
    nameless = Sequential([layers.Dense(2)])
    nameless.compile(SGD(0.1), {"other": "mse"})
    message = (
        "The model was compiled with a loss for the output 'other' before it was built, "
        "when its output had no name. Pass the loss alone, or give the model an `Input`."
    )
    with pytest.raises(TypeError, match=exactly(message)):
        nameless.fit(X, Y, verbose=0)
