"""A tour of the ways to build a model, and of the shapes that people get wrong.

    python examples/keras_models_tour.py
    python examples/keras_models_tour.py --keras

Every line of code that is shown is run, and what it answers is printed below it. With --keras it is
run by Keras, too: both answers are printed, and the exit status is 1 if any of them differ.
"""

import argparse
import doctest
import os
import re
import sys
import textwrap
import warnings
from typing import NamedTuple

import numpy as np

import minidense

TOUR = """\
1. Sequential, with the shape of one sample on its first layer

>>> model = keras.Sequential([keras.layers.Dense(2, input_shape=[2])])
>>> model.input_shape, model.output_shape, model.count_params()

Why: input_shape leaves out the batch, so the model takes arrays of rank 2, (batch, 2).
It still works, with a warning; keras.Input((2,)) as the first element is today's way.

2. The same model, called on arrays of rank 1 to 4

>>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
>>> model(np.ones(2))
>>> model(np.ones((3, 2)))
>>> model(np.ones((2, 2, 2)))
>>> model(np.ones((1, 2, 2, 2)))
>>> model(np.ones((3, 4)))

Why: the model was made for rank 2, and says so, although its Dense alone would take more.
Keras 2.15 let rank 3 through.

3. Dense(2, input_shape=[2, 3])

>>> model = keras.Sequential([keras.layers.Dense(2, input_shape=[2, 3])])
>>> model(np.ones((2, 2, 3)))
>>> model.layers[0].kernel
>>> model.count_params()

Why: nothing is flattened. The kernel (3, 2) meets the last axis only: 3 * 2 + 2 = 8 parameters.

4. InputLayer((2, 2)), Dense 2, Dense 1

>>> layers = [keras.layers.InputLayer((2, 2)), keras.layers.Dense(2), keras.layers.Dense(1)]
>>> model = keras.Sequential(layers)
>>> [layer.count_params() for layer in model.layers]
>>> model.output_shape
>>> model(np.ones((3, 2, 2)))

Why: the last axis again: 2 * 2 + 2 = 6 and 2 * 1 + 1 = 3. An InputLayer is not among the layers.

5. The deprecated InputLayer(input_shape=...)

>>> model = keras.Sequential([keras.layers.InputLayer(input_shape=(2, 2)), keras.layers.Dense(1)])
>>> model.input_shape, model.output_shape

Why: it is the old name of shape. Both leave out the batch; batch_shape is the one that has it.

6. A bare Dense, without a model

>>> dense = keras.layers.Dense(2)
>>> dense(np.ones((1, 2)))
>>> dense(np.ones((1, 2, 2)))
>>> dense(np.ones((1, 2, 2, 2)))
>>> dense(np.ones(2))
>>> dense(np.ones((1, 3)))

Why: the first call makes the kernel, for the size of the last axis. From then on that size is
fixed, and the rank is free from 2 on. A single sample needs its batch axis: x[None, :].

7. A bare Flatten

>>> flatten = keras.layers.Flatten()
>>> flatten(np.zeros((5, 28, 28), "uint8"))
>>> flatten(np.zeros((5, 2, 3, 4), "float32"))
>>> flatten(np.arange(3))

Why: all axes but the batch become one. There are no weights, so integers stay integers; rows that
are single numbers become rows of width 1.

8. Flatten, where a model of images is to end in a row per image

>>> inner = [keras.layers.Flatten(), keras.layers.Dense(2)]
>>> model = keras.Sequential([keras.Input((2, 3)), *inner])
>>> model(np.ones((1, 2, 3)))
>>> model.count_params()

Why: only a Flatten flattens. Compare station 3: now it is 2 * 3 * 2 + 2 = 14 parameters.

9. The functional form

>>> inputs = keras.Input((3,))
>>> hidden = keras.layers.Dense(4, activation="relu")(inputs)
>>> model = keras.Model(inputs, keras.layers.Dense(2)(hidden))
>>> hidden.shape
>>> model(np.ones((2, 3)))
>>> model(np.ones((2, 4)))
>>> np.asarray(hidden)

Why: layers are called on placeholders, which have a shape and no numbers. The model is what lies
between its inputs and its outputs.

10. The mixed forms: a Sequential in a functional model, and the reverse

>>> block = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="relu")])
>>> inputs = keras.Input((3,))
>>> functional = keras.Model(inputs, keras.layers.Dense(1)(block(inputs)))
>>> functional(np.ones((2, 3)))
>>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), functional])
>>> model.output_shape
>>> model(np.ones((2, 4)))
>>> keras.Sequential([keras.Input((2, 4)), keras.layers.Dense(3), functional])

Why: a model is a layer, and can stand wherever a layer can. It goes on checking the rank: what
is said of Dense, rank 2 or more, is not true of a model that was made for rank 2.

11. A layer that is called twice

>>> shared = keras.layers.Dense(3)
>>> inputs = keras.Input((3,))
>>> model = keras.Model(inputs, shared(shared(inputs)))
>>> len(model.layers), len(model.weights), model.count_params()
>>> model(np.ones((1, 3)))

Why: two calls, one layer, one kernel. The parameters are counted once.

12. A model of your own

>>> class Twice(keras.Model):
...     def __init__(self):
...         super().__init__()
...         self.dense = keras.layers.Dense(3)
...
...     def call(self, inputs):
...         return self.dense(self.dense(inputs))
>>> model = Twice()
>>> model.built
>>> model(np.ones((1, 3)))
>>> model.built

Why: the layers are made in __init__ and called in call; the weights come with the first call.

13. Whole numbers as input

>>> dense = keras.layers.Dense(2)
>>> dense(np.array([[1, 2, 3]]))
>>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
>>> model(np.array([[1, 2, 3]]))

Why: what meets float32 weights is cast to float32 first.

14. Softmax rows

>>> model = keras.Sequential([keras.Input((2, 4)), keras.layers.Dense(3, activation="softmax")])
>>> probabilities = model(np.ones((1, 2, 4)))
>>> probabilities
>>> np.sum(probabilities, axis=-1)

Why: softmax runs along the last axis, so each row of it adds up to 1, at any rank.

15. The same seed, the same training

>>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
>>> model.compile("adam", loss="mse")
>>> x = np.arange(64, dtype="float32").reshape(16, 4) / 64
>>> history = model.fit(x, x.sum(axis=1), batch_size=4, epochs=3, verbose=0)
>>> history.history
>>> model.layers[-1].kernel

Why: one seed decides the first weights, the order of the rows and what dropout leaves out.
"""


class Answer(NamedTuple):
    """What became of one statement: a value or an error, and the warnings on the way."""

    value: object
    error: Exception | None
    warned: list


def main():
    """Walk through the tour; with two libraries, compare their answers."""
    parser = argparse.ArgumentParser(description="The ways to build a model, and their shapes.")
    parser.add_argument("--keras", action="store_true", help="compare with Keras's answers")
    libraries = {"minidense": minidense}
    if parser.parse_args().keras:
        libraries["Keras"] = import_keras()

    print("Each station begins with keras.utils.set_random_seed(42).")
    print("An array is shown by its dtype, its shape and, if they are few, its numbers.")
    if "Keras" in libraries:
        print("Keras agrees with equal values, or with an error or warning of the same class.")
    print()
    stations = re.split(r"\n(?=\d+\. )", TOUR)
    differing = [text.split(".")[0] for text in stations if not visit(text, libraries)]
    if "Keras" in libraries:
        version = f"Keras {libraries['Keras'].__version__}"
        if differing:
            sys.exit(
                f"{version} DIFFERS at {len(differing)} of {len(stations)} stations: "
                f"{', '.join(differing)}."
            )
        print(f"{version} agrees at all {len(stations)} stations.")


def import_keras():
    """Return Keras on TensorFlow, which is the Keras that minidense follows."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import keras
    except ImportError as error:
        sys.exit(f'Keras is missing ({error}): pip install "minidense[parity]" brings it.')
    return keras


def visit(station, libraries):
    """Print a station with each library's answers; return whether they all agree."""
    parts = doctest.DocTestParser().parse(station)  # prose, and statements behind >>>
    sources = [part.source for part in parts if isinstance(part, doctest.Example)]
    # One library after the other: both draw their seeds from Python's one `random`.
    columns = [run(sources, library) for library in libraries.values()]
    all_agree = True
    rows = zip(*columns, strict=True)
    for part in parts:
        if isinstance(part, str):
            print(part, end="")
            continue
        print(">>>", part.source.rstrip().replace("\n", "\n... "))
        answers = next(rows)
        agree = all(same(answers[0], answer) for answer in answers)
        all_agree = all_agree and agree
        show(dict(zip(libraries, answers, strict=True)), agree)
    print()
    return all_agree


def run(sources, library):
    """Run statements one after the other in a fresh state; return what became of each."""
    library.utils.clear_session()  # so that the first Dense is called 'dense'
    library.utils.set_random_seed(42)
    scope = {"keras": library, "np": np, "__name__": "tour"}
    answers = []
    for source in sources:
        try:
            code = compile(source, "tour", "eval")
        except SyntaxError:
            code = compile(source, "tour", "exec")
        value = error = None
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                value = eval(code, scope)
            except Exception as raised:
                error = raised
        answers.append(Answer(value, error, [warning.message for warning in caught]))
    return answers


def show(answers, agree):
    """Print the answers: a paragraph for each warning, error or value."""
    lines = {name: lines_of(answer) for name, answer in answers.items()}
    if not any(lines.values()):
        return  # an assignment, in both libraries
    for name in answers:
        verdict = ("agrees" if agree else "DIFFERS") if name == "Keras" else ""
        margin = f"    {name:9} {verdict:7}  " if len(answers) > 1 else "    "
        for line in lines[name] or ["(no answer)"]:
            print(
                textwrap.fill(line, 100, initial_indent=margin, subsequent_indent=" " * len(margin))
            )


def lines_of(answer):
    """Return an answer as lines of text."""
    raised = [*answer.warned, answer.error] if answer.error else answer.warned
    lines = [f"{type(one).__name__}: {message_of(one)}" for one in raised]
    return lines if answer.value is None else [*lines, text_of(answer.value)]


def message_of(error):
    """Return a message on one line, without Keras's colours and what it puts around its errors."""
    text = re.sub(r"\x1b\[\d*m", "", str(error))
    text = re.sub(r"^Exception encountered when calling .*\n", "", text)
    return textwrap.shorten(text.split("Arguments received by")[0], 220, placeholder=" ...")


def text_of(value):
    """Return a value on one line; numbers have four decimals."""
    if hasattr(value, "__array__"):
        array = np.asarray(value)
        shown = np.array2string(array, precision=4, suppress_small=True, separator=", ")
        numbers = f" {' '.join(shown.split())}" if array.size <= 12 else ""
        return f"{array.dtype} {array.shape}{numbers}"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {text_of(item)}" for key, item in value.items())
    if isinstance(value, list) and all(isinstance(item, float) for item in value):
        return f"[{', '.join(f'{item:.4f}' for item in value)}]"
    return repr(value)


def same(first, second):
    """Whether two answers say the same; errors and warnings are compared by their class."""
    raised = [[type(one) for one in [*answer.warned, answer.error]] for answer in (first, second)]
    return raised[0] == raised[1] and same_value(first.value, second.value)


def same_value(first, second):
    """Whether two values are the same: numbers up to rounding, dtypes and shapes exactly."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same_value(first[k], second[k]) for k in first)
    if not any(hasattr(one, "__array__") or isinstance(one, list) for one in (first, second)):
        return first == second
    first, second = np.asarray(first), np.asarray(second)
    alike = first.dtype == second.dtype and first.shape == second.shape
    return alike and np.allclose(first, second, rtol=1e-5, atol=1e-6)


if __name__ == "__main__":
    main()
