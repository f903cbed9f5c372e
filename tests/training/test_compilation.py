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
    assert model.loss == ["mse"]
    assert model.compiled
    assert isinstance(model.optimizer, SGD)
    model.compile(loss="mse")
    assert model.loss == "mse"
    assert type(model.optimizer).__name__ == "RMSprop"


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_what_has_no_targets_says_so(method: str) -> None:
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


@pytest.mark.parametrize("given", ["a", 1, True, float("nan"), ["a"], [float("inf")], {"o": "a"}])
def test_another_loss_weight_is_refused_with_its_type(given: Any) -> None:
    message = (
        "`loss_weights` must be a finite float, or such in a list or dict. "
        f"Received: loss_weights={given!r} of type {type(given).__name__}."
    )
    with pytest.raises(ValueError, match=exactly(message)):
        model_of(loss_weights=given)


@pytest.mark.parametrize("given", [{}, [], [1.0, 1.0]])
def test_another_number_of_loss_weights_is_refused_with_both_numbers(given: Any) -> None:
    wish = "`loss_weights` must have a weight for each loss, 1 in all"
    message = f"{wish}. Received: loss_weights={given}."
    with pytest.raises(ValueError, match=exactly(message)):
        model_of(loss_weights=given)


# A loss for an output


def test_a_loss_for_no_output_is_refused_with_the_names_of_both() -> None:
    inputs = Input((3,))
    model = Model(inputs, layers.Dense(2, name="one")(inputs))
    message = (
        "`compile` takes losses for the outputs ['one']. Received a dict with the keys ['other']."
    )
    with pytest.raises(ValueError, match=exactly(message)):
        model.compile(SGD(0.1), {"other": "mse"})
    with pytest.raises(KeyError) as error:
        by_key({"other": "mse"})
    assert error.value.args == (
        "`loss` must have the form of the outputs, {'out': *}, or be one loss for all. "
        "Received {'other': *}.",
    )
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
    with pytest.raises(KeyError, match=r"Received \{'other': \*\}"):
        wrong.fit(X, Y, verbose=0)
    wrong.compile(SGD(0.1), "mse")  # the key is forgotten
    assert wrong.fit(X, Y, verbose=0).history["loss"]
    nameless = Sequential([layers.Dense(2)])
    nameless.compile(SGD(0.1), {"other": "mse"})
    message = (
        "Received `loss` in a dict with the keys ['other'], but the outputs of the model are in no "
        "dict, and have no names: only those of a functional model have some."
    )
    with pytest.raises(TypeError, match=exactly(message)):
        nameless.fit(X, Y, verbose=0)
