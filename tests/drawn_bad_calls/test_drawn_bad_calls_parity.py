"""Bad calls drawn from good ones: minidense raises what Keras raises, and changes nothing.

A failing test prints the line of Python that it is about. `pytest --parity-profile thorough`
draws a thousand of them, `--parity-seed N` others.
"""

from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings

import minidense
from minidense import checks
from minidense.layers import Dense, Dropout
from minidense.models import Sequential
from tests import profiles, record
from tests.drawn_bad_calls import (
    ACCIDENTS,
    CATALOGUE,
    Accident,
    Call,
    GoodCall,
    ask,
    ask_minidense,
    drawn_bad_calls,
    good_calls,
    judge,
    judge_elsewhere,
)
from tests.expected import backend
from tests.reference_only import version

version("the accidents in tests/accidents.toml are its own.")

judge_here = judge if backend() == "tensorflow" else judge_elsewhere

ITS_OWN = pytest.mark.skipif(
    backend() != "tensorflow",
    reason="On TensorFlow only: which class is raised, tests/accidents.toml says for it alone.",
)

ODDITIES = ["ValueError", "TypeError", "NotImplementedError"]
"""What minidense raises where Keras raises nothing, or by accident."""


def judge_in_both(call: Call) -> None:
    judge_here(call, ask(keras, call), ask_minidense(call))


@seed(profiles.seed())
@settings(
    max_examples=profiles.active().bad_calls,
    deadline=None,
    database=None,  # the seed alone decides what is drawn
    suppress_health_check=[HealthCheck.too_slow],
)
@given(call=drawn_bad_calls())
def test_a_drawn_bad_call_is_answered_as_by_keras(call: Call) -> None:
    judge_in_both(call)


@pytest.mark.parametrize(
    "good", CATALOGUE, ids=[f"{index} {good.kind}" for index, good in enumerate(CATALOGUE)]
)
def test_the_good_calls_are_good_in_both_libraries(good: GoodCall) -> None:
    for call in good_calls(good):
        theirs, ours = ask(keras, call), ask_minidense(call)
        assert (theirs.raised, ours.raised) == ("no error", "no error"), (
            f"{call}: {theirs.message} {ours.message}"
        )
        judge_here(call, theirs, ours)


@ITS_OWN
@pytest.mark.parametrize("accident", ACCIDENTS, ids=lambda accident: accident.example)
def test_each_accident_explains_its_example(accident: Accident) -> None:
    kind = accident.kinds[0].replace("*", "any")
    call = Call(kind, accident.example)
    theirs, ours = ask(keras, call), ask_minidense(call)
    assert accident.explains(call, theirs, ours), (
        f"Keras {theirs.raised}: {theirs.message}\nminidense {ours.raised}: {ours.message}"
    )
    judge(call, theirs, ours)


def test_no_accident_excuses_a_class_that_users_do_not_expect() -> None:
    for accident in ACCIDENTS:
        assert accident.minidense in [*ODDITIES, "no error"], accident
        assert accident.reason, accident
        assert accident.says or accident.minidense == "no error" or accident.text != "*", accident


# The comparison itself can fail: each of these plants one fault.


def is_noticed(call: str, says: str) -> None:
    # a planted fault is none of the report's
    with record.aside(), pytest.raises(AssertionError, match=says):
        judge_in_both(Call("planted", call))


@ITS_OWN
def test_an_error_of_the_wrong_class_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    judge_in_both(Call("planted", "Dense(0)"))

    def wrong_class(argument: str, value: Any) -> None:
        raise TypeError(f"`{argument}` must be a positive integer. Received: {value}.")

    monkeypatch.setattr(checks, "positive_int", wrong_class)
    is_noticed("Dense(0)", "Keras: ValueError\nminidense: TypeError")


def test_an_error_that_is_not_raised_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "number_in", lambda *arguments: None)
    is_noticed("Dropout(-0.5)", "Keras: ValueError\nminidense: no error")


@ITS_OWN
def test_an_error_that_keras_does_not_raise_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(argument: str, value: Any, *bounds: float) -> None:
        raise ValueError(f"Received: rate={value}.")

    monkeypatch.setattr(checks, "number_in", refuse)
    is_noticed("Dropout(0.5)", "Keras: no error\nminidense: ValueError")


def test_another_result_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Dense, "call", lambda self, inputs: 2 * (inputs @ self.kernel.value))
    is_noticed("m = built(Dense(3)); m(np.ones((2, 4), 'float32'))", "6 of 6 numbers differ")


def test_a_message_that_prints_an_array_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def dump(argument: str, value: Any, *bounds: float) -> None:
        raise TypeError(f"`rate` must be a number, not {value!r} or {np.ones(3)!r}.")

    monkeypatch.setattr(checks, "number_in", dump)
    is_noticed("Dropout('nope')", "an array in")


def test_a_message_that_is_too_long_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def talk(argument: str, value: Any, *bounds: float) -> None:
        raise ValueError("rate " * 100)

    monkeypatch.setattr(checks, "number_in", talk)
    is_noticed("Dropout(-1)", "500 characters")


FAILING = "m = Sequential([Input((4,)), Dropout(0.5, seed=3), Dense(2)]); m.get_layer('nope')"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda m: m.layers[1].kernel.memory.__setitem__((0, 0), 7.0), "_trainable_variables"),
        (lambda m: m.layers[0].seed_generator.next(), "seed_generator"),
        (lambda m: setattr(m.layers[0], "rate", 0.25), "rate"),
        (lambda m: m.compile("sgd", "mse"), "m._compile_arguments"),
        (lambda m: setattr(m, "stop_training", True), "stop_training"),
        (lambda m: Dropout(0.5, name="new"), "Python's random"),
        (lambda m: minidense.config.set_floatx("float64"), "floatx"),
        (lambda m: minidense.utils.set_random_seed(8), "NumPy's random"),
    ],
    ids=["weight", "dropout", "configuration", "compile", "flag", "draw", "floatx", "seed"],
)
def test_a_failed_call_that_changes_something_is_noticed(
    change: Any, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_in_both(Call("planted", FAILING))
    get_layer = Sequential.get_layer

    def change_and_fail(self: Any, *args: Any, **kwargs: Any) -> Any:
        change(self)
        return get_layer(self, *args, **kwargs)

    monkeypatch.setattr(Sequential, "get_layer", change_and_fail)
    is_noticed(FAILING, f"raised ValueError and changed .*{place}")


def test_the_learning_rate_and_the_optimizers_state_are_watched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call = "m = trained(); m.get_layer('nope')"
    get_layer = Sequential.get_layer
    for change in (
        lambda m: setattr(m.optimizer, "learning_rate", 0.5),
        lambda m: m.optimizer.variables[-1].memory.__iadd__(1),
        lambda m: m.optimizer.iterations.assign(0),
    ):

        def change_and_fail(self: Any, *args: Any, act: Any = change, **kwargs: Any) -> Any:
            act(self)
            return get_layer(self, *args, **kwargs)

        monkeypatch.setattr(Sequential, "get_layer", change_and_fail)
        is_noticed(call, "raised ValueError and changed .*m.optimizer")
