"""The table of bad calls against live Keras, and bad calls drawn by chance, in both."""

import warnings
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minidense
from tests import lent_streams
from tests.bad_calls import ALLOWED, BAD_CALLS, ODD, BadCall, Script, comp
from tests.expected import backend


@pytest.fixture(autouse=True)
def as_it_was() -> Any:
    with lent_streams.taken_back():
        yield
    for library in (keras, minidense):
        library.config.set_floatx("float32")
        library.config.set_epsilon(1e-7)


def answer_of(library: Any, call: str) -> str | None:
    """Return the name of the class that a call raises, None if it raises nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        script = Script(call, library)
        script.prepare()
        try:
            script.make()
        except Exception as error:
            return type(error).__name__
    return None


@pytest.mark.parametrize("row", [*BAD_CALLS, *ODD], ids=lambda row: row.id)
def test_keras_answers_as_the_table_says(row: BadCall) -> None:
    assert answer_of(keras, row.call) == row.keras, row.call


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.why], ids=lambda row: row.id)
def test_minidense_raises_the_class_that_keras_raises(row: BadCall) -> None:
    assert answer_of(minidense, row.call) == row.keras, row.call


@pytest.mark.parametrize(
    ("row", "call", "in_keras"),
    [
        ("E14", "m = comp(); m.predict(X(0), verbose=0)", "UnboundLocalError"),
        (
            "F10",
            "m = seq(); m.set_weights([a.tolist() for a in m.get_weights()])",
            "AttributeError",
        ),
    ],
)
def test_what_minidense_allows_keras_refuses(row: str, call: str, in_keras: str) -> None:
    assert row in ALLOWED
    assert answer_of(keras, call) == in_keras
    assert answer_of(minidense, call) is None


# Drawn by chance: a good call with one thing wrong. Where Keras raises a class of its own or of
# Python's, minidense raises the same; where TensorFlow or an accident answers, ValueError or
# TypeError; where Keras is silent, minidense may be silent or refuse.

OUR_CLASSES = {"ValueError", "TypeError"}
ACCIDENTS = {"InvalidArgumentError", "IndexError", "KeyError", "ZeroDivisionError"}

scalars = st.sampled_from(["0", "-1", "2.5", "None", "'3'", "True", "[1]", "float('nan')", "()"])
names = st.sampled_from(["5", "'a/b'", "None", "'good'", "('a',)"])
shapes = st.lists(st.sampled_from([1, 2, 3, 4, 5, 7]), max_size=4).map(tuple)
dtypes = st.sampled_from(["float32", "float64", "int32", "uint8"])


def same_answer(call: str) -> None:
    agree(call, answer_of(keras, call), answer_of(minidense, call))


def agree(call: str, in_keras: str | None, ours: str | None) -> None:
    answers = f"{call}: Keras {in_keras}, minidense {ours}"
    if in_keras is None:
        assert ours is None or ours in OUR_CLASSES, answers
    elif in_keras in ACCIDENTS:
        assert ours in OUR_CLASSES, answers
    else:
        assert ours == in_keras, answers


@settings(max_examples=60, deadline=None)
@given(
    argument=st.sampled_from(
        ["units", "activation", "use_bias", "kernel_initializer", "trainable"]
    ),
    value=scalars,
    name=names,
)
def test_dense_is_made_or_refused_as_in_keras(argument: str, value: str, name: str) -> None:
    units = "" if argument == "units" else "units=3, "
    same_answer(f"Dense({units}{argument}={value}, name={name})")


@settings(max_examples=40, deadline=None)
@given(shape=shapes, dtype=dtypes)
def test_a_built_dense_takes_or_refuses_a_shape_as_in_keras(
    shape: tuple[int, ...], dtype: str
) -> None:
    same_answer(f"m = built(Dense(3)); m(np.ones({shape}, '{dtype}'))")


@settings(max_examples=40, deadline=None)
@given(shape=shapes, dtype=dtypes)
def test_a_model_takes_or_refuses_a_shape_as_in_keras(shape: tuple[int, ...], dtype: str) -> None:
    same_answer(f"m = Model(*ends()); m(np.ones({shape}, '{dtype}'))")
    same_answer(f"m = seq(); m(np.ones({shape}, '{dtype}'))")


@settings(max_examples=60, deadline=None)
@given(dims=st.lists(st.sampled_from(["2", "0", "-1", "None", "2.5", "'a'"]), max_size=3))
def test_an_input_takes_or_refuses_a_shape_as_in_keras(dims: list[str]) -> None:
    same_answer(f"Input(({''.join(dim + ', ' for dim in dims)}))")


@pytest.fixture(scope="module")
def compiled_models() -> dict[str, Any]:
    return {library.__name__: comp(library) for library in (keras, minidense)}


@settings(max_examples=30, deadline=None)
@given(
    shape=st.lists(st.sampled_from([1, 2, 3]), min_size=1, max_size=3).map(tuple),
    rows=st.sampled_from([2, 3]),
    dtype=dtypes,
)
def test_fit_takes_or_refuses_the_shape_of_y_as_in_keras(
    compiled_models: dict[str, Any], shape: tuple[int, ...], rows: int, dtype: str
) -> None:
    answers = {}
    for library, model in list(compiled_models.items()):
        try:
            model.fit(np.ones((rows, 4)), np.ones(shape, dtype), verbose=0)
            answers[library] = None
        except Exception as error:
            answers[library] = type(error).__name__
            if library == "keras" and backend() == "jax":  # it has no weights any more
                compiled_models["keras"] = comp(keras)
    agree(f"fit with y of shape {shape}", answers["keras"], answers["minidense"])


@settings(max_examples=20, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 6), max_size=6),
    shape=st.sampled_from([(4, 8), (8, 4), (8,), (8, 3), (3,), (1, 3), ()]),
    place=st.integers(0, 3),
)
def test_set_weights_takes_or_refuses_a_list_as_in_keras(
    lengths: list[int], shape: tuple[int, ...], place: int
) -> None:
    same_answer(f"m = seq(); w = m.get_weights(); w[{place}] = np.ones({shape}); m.set_weights(w)")
    same_answer(f"m = seq(); m.set_weights([np.ones(n) for n in {lengths}])")
