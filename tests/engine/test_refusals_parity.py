"""What a graph refuses: each act on a tensor, in each place where Python runs, in both."""

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import minidense
from tests import record

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of TensorFlow's __array__

X = np.random.RandomState(0).rand(5, 3).astype("float32")
Act = Callable[[Any, Any], Any]


def while_positive(k: Any, t: Any) -> Any:
    while k.ops.sum(t) > 0:
        t = t - 1
    return t


def set_item(k: Any, t: Any) -> None:
    t[0] = 1


def total(k: Any, t: Any) -> Any:
    return k.ops.sum(t)


REFUSED: dict[str, Act] = {
    "float": lambda k, t: float(t),
    "float of a scalar": lambda k, t: float(total(k, t)),
    "int of a scalar": lambda k, t: int(total(k, t)),
    "bool": lambda k, t: bool(total(k, t) > 0),
    "if": lambda k, t: t if total(k, t) > 0 else -t,
    "and": lambda k, t: k.ops.all(t > 0) and k.ops.all(t < 1),
    "not": lambda k, t: not total(k, t),
    "while": while_positive,
    "max": lambda k, t: max(total(k, t), total(k, t)),
    "in a list of another": lambda k, t: t in [t + 1],
    "np.asarray": lambda k, t: np.asarray(t),
    "np.sin": lambda k, t: np.sin(t),
    "np.mean": lambda k, t: np.mean(t),
    "np.maximum": lambda k, t: np.maximum(t, 0),
    "np.dot": lambda k, t: np.dot(t, np.ones((3, 1), "float32")),
    "an array's item": lambda k, t: np.zeros(3)[k.ops.cast(total(k, t) > 0, "int32")],
    "convert_to_numpy": lambda k, t: k.ops.convert_to_numpy(t),
    "a loop": lambda k, t: [row for row in t],  # noqa: C416 - a loop
    "list": lambda k, t: list(t),
    "unpacking": lambda k, t: [*t[0]],
    "len": lambda k, t: len(t),
    "a number in it": lambda k, t: 1.0 in t,
    ".numpy()": lambda k, t: t.numpy(),
    "an item set": set_item,
    ".item()": lambda k, t: t.item(),
    ".sum()": lambda k, t: t.sum(),
    ".T": lambda k, t: t.T,
    ".astype": lambda k, t: t.astype("float32"),
    ".size": lambda k, t: t.size,
    "an unknown attribute": lambda k, t: t.foo,
    "round": lambda k, t: round(t),
    "math.sqrt": lambda k, t: math.sqrt(total(k, t)),
    "hash": lambda k, t: hash(t),
    "a list's item": lambda k, t: [0, 1][k.ops.cast(total(k, t) > 0, "int32")],
    "range of the rows": lambda k, t: list(range(k.ops.shape(t)[0])),
    "plus None": lambda k, t: t + None,
    "less than a text": lambda k, t: t < "a",
    "whole numbers times a float": lambda k, t: k.ops.cast(t, "int32") * 1.5,
    "deepcopy": lambda k, t: copy.deepcopy(t),
    "pickle": lambda k, t: pickle.dumps(t),
}
ALLOWED: dict[str, Act] = {
    "an array times it": lambda k, t: np.ones((1, 3), "float32") * t,
    "a number of NumPy's times it": lambda k, t: np.float32(2) * t,
    "it times an array": lambda k, t: t * np.ones((1, 3), "float32"),
    "plus a list": lambda k, t: t + [1.0, 2.0, 3.0],  # noqa: RUF005
    "rebound": lambda k, t: t.__add__(1),
    "equal to itself": lambda k, t: k.ops.cast(t == t, "float32"),  # noqa: PLR0124
    "in a list of itself": lambda k, t: t in [t],
    "a new axis": lambda k, t: t[:, None],
    "a slice": lambda k, t: t[0:1] + t[..., -1:],
    "matmul": lambda k, t: t @ np.ones((3, 3), "float32"),
    "arithmetic": lambda k, t: (t // 1) + (t % 2) + (-t) + t**2 + abs(t),
    "sum of a list": lambda k, t: sum([t, t]),
    "copy": lambda k, t: copy.copy(t),
    "facts": lambda k, t: (t.shape, t.dtype, t.ndim, repr(t), str(t), f"{t}"),
    "columns": lambda k, t: list(range(t.shape[1])),
}


def acting(k: Any, act: Act) -> Any:
    """Return a layer that does this with what it is called on."""

    def call(self: Any, x: Any) -> Any:
        act(k, x)
        return x * 1.0

    return type("Acting", (k.layers.Layer,), {"call": call})()


def subclass(k: Any, act: Act, **kwargs: Any) -> Any:
    """Return a model with such a layer that is built, so that nothing is tried before."""
    layer, dense = acting(k, act), k.layers.Dense(3)
    layer.built = True
    dense.build((None, 3))

    def start(self: Any) -> None:
        k.Model.__init__(self)
        self.acting, self.dense, self.built = layer, dense, True

    call = {"call": lambda self, x: self.dense(self.acting(x))}
    model = type("Around", (k.Model,), {"__init__": start, **call})()
    model.compile("sgd", loss="mse", **kwargs)
    return model


def in_loss(k: Any, act: Act) -> Any:
    def loss(y: Any, y_pred: Any) -> Any:
        act(k, y_pred)
        return k.ops.mean(y_pred, axis=-1)

    model = k.Sequential([k.Input((3,)), k.layers.Dense(3)])
    model.compile("sgd", loss=loss)
    return model


PLACES: dict[str, Callable[[Any, Act], Any]] = {
    "a symbolic call": lambda k, act: acting(k, act)(k.Input((3,))),
    "predict": lambda k, act: subclass(k, act).predict(X, batch_size=5, verbose=0),
    "fit": lambda k, act: subclass(k, act).fit(X, X, batch_size=8, verbose=0),
    "a loss": lambda k, act: in_loss(k, act).fit(X, X, batch_size=5, verbose=0),
}
EVERYWHERE = {
    **PLACES,
    "a KerasTensor": lambda k, act: act(k, k.Input((3,))),
    "a call on an array": lambda k, act: acting(k, act)(X),
    "fit, eagerly": lambda k, act: subclass(k, act, run_eagerly=True).fit(X, X, verbose=0),
}


def answer(action: Callable[[], Any]) -> tuple[str, str]:
    """Return the class of the error, one of Python's, and its sentence; "ok" if there is none."""
    try:
        action()
    except Exception as error:
        name = type(error).__name__
        # a TypeError of TensorFlow's own
        return {"OperatorNotAllowedInGraphError": "TypeError"}.get(name, name), str(error)
    return "ok", ""


EAGER = ("a call on an array", "fit, eagerly")
ARRAYS_HAVE = ("a number in it", ".item()", ".sum()", ".T", ".astype", ".size")
"""What works on an array: a tensor that has numbers is one here, and none in TensorFlow."""
OTHERWISE = {
    **{(place, act): ("ok", "ValueError") for place in EAGER for act in ARRAYS_HAVE},
    ("a KerasTensor", "a slice"): ("ok",),  # there not without a slice of each axis
    ("a KerasTensor", "plus a list"): ("ok",),
    ("a KerasTensor", "less than a text"): ("ValueError",),  # there when the model runs
}
"""What minidense answers where it is not Keras's answer."""


@pytest.mark.parametrize("place", EVERYWHERE)
@pytest.mark.parametrize("act", [*REFUSED, *ALLOWED])
def test_an_act_on_a_tensor_is_answered_as_in_keras(act: str, place: str) -> None:
    do = {**REFUSED, **ALLOWED}[act]
    theirs, ours = (answer(lambda k=k: EVERYWHERE[place](k, do))[0] for k in (keras, minidense))
    if (place, act) in OTHERWISE:
        assert ours in OTHERWISE[place, act]
    else:
        record.same("refusals: acts on a tensor", theirs, ours)


WITHOUT_ADVICE = ("hash", "plus None", "less than a text", "an item set", "whole numbers times")


@pytest.mark.parametrize("act", [act for act in REFUSED if act != "range of the rows"])
def test_a_refusal_says_what_to_do(act: str) -> None:
    error, sentence = answer(lambda: PLACES["predict"](minidense, REFUSED[act]))
    assert error != "ok"
    assert len(sentence) > 20
    if not act.startswith(WITHOUT_ADVICE) and act != "an unknown attribute":
        assert "ops" in sentence or "run_eagerly" in sentence, sentence


# Variables


def variables(k: Any) -> dict[str, Act]:
    variable = k.Variable(np.float32(2.0), trainable=False)
    return {
        "float": lambda k, t: float(variable),
        "int": lambda k, t: int(variable),
        "numpy": lambda k, t: variable.numpy(),
        "np.asarray": lambda k, t: np.asarray(variable),
        "if": lambda k, t: t if variable > 0 else -t,
        "value": lambda k, t: variable.value * t,
        "times": lambda k, t: variable * t,
        "assign": lambda k, t: variable.assign(3.0),
        "assign_add": lambda k, t: variable.assign_add(3.0),
        "shape": lambda k, t: (variable.shape, variable.dtype, variable.name),
    }


@pytest.mark.parametrize("place", EVERYWHERE)
@pytest.mark.parametrize("act", variables(minidense))
def test_an_act_on_a_variable_is_answered_as_in_keras(act: str, place: str) -> None:
    theirs, ours = (
        answer(lambda k=k: EVERYWHERE[place](k, variables(k)[act]))[0] for k in (keras, minidense)
    )
    if (place, act) == ("a KerasTensor", "times"):
        assert ours == "ok"  # Keras knows `tensor * variable` only
    else:
        record.same("refusals: acts on a variable", theirs, ours)


# Tensors that are kept


@pytest.mark.parametrize("use", ["sum", "plus", "asarray"])
def test_a_tensor_that_is_kept_from_a_trace_has_no_numbers_later(use: str) -> None:
    def script(k: Any) -> Any:
        kept: list[Any] = []
        subclass(k, lambda k, t: kept.append(t)).predict(X, verbose=0)
        uses = {
            "sum": lambda: k.ops.sum(kept[0]),
            "plus": lambda: kept[0] + 1,
            "asarray": lambda: np.asarray(kept[0]),
        }
        return answer(uses[use])[0]

    record.same("refusals: kept tensors", script(keras), script(minidense))


def test_a_tensor_of_one_trace_is_refused_in_another() -> None:
    def script(k: Any) -> Any:
        kept: list[Any] = []

        def mixes(k: Any, t: Any) -> None:
            kept.append(t)
            k.ops.sum(kept[0] * t)

        model = subclass(k, mixes)
        model.predict(X, batch_size=5, verbose=0)
        return answer(lambda: model.predict(X[:4], batch_size=4, verbose=0))[0]

    record.same("refusals: kept tensors", script(keras), script(minidense))
