"""Eight threads on one model: each gets the bits that one alone gets."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minidense import Input, Model, Sequential, layers
from minidense.utils import clear_session, set_random_seed

THREADS = 8
RANDOM = np.random.default_rng(2)
XS = [RANDOM.normal(size=(20 + 3 * number, 6)).astype("float32") for number in range(THREADS)]
YS = [np.arange(len(x)) % 3 for x in XS]


class Own(Model):
    """A subclass that is built by its first call."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.top = layers.Dense(7, "relu"), layers.Dense(3, "softmax")

    def call(self, inputs: Any) -> Any:
        return self.top(self.hidden(inputs))


def row() -> Any:
    return Sequential([Input((6,)), layers.Dense(7, "relu"), layers.Dense(3, "softmax")])


def deferred() -> Any:
    return Sequential([layers.Dense(7, "relu"), layers.Dense(3, "softmax")])


def made(make: Callable[[], Any]) -> Any:
    clear_session()
    set_random_seed(4)
    model = make()
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def in_threads(run: Callable[[int], Any], times: int = 1) -> list[Any]:
    """Return what `run(number)` gives in each thread, all at once, as often as asked for."""
    barrier = threading.Barrier(THREADS)
    found: list[Any] = [None] * THREADS

    def work(number: int) -> None:
        barrier.wait()
        try:
            found[number] = [run(number) for _ in range(times)]
        except BaseException as error:
            found[number] = error

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in found:
        if isinstance(each, BaseException):
            raise each
    return found


WAYS: dict[str, Callable[[Any, int], Any]] = {
    "model(x)": lambda model, number: model(XS[number]),
    "predict": lambda model, number: model.predict(XS[number], batch_size=8, verbose=0),
    "predict_on_batch": lambda model, number: model.predict_on_batch(XS[number]),
    "evaluate": lambda model, number: model.evaluate(
        XS[number], YS[number], batch_size=8, verbose=0
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_eight_threads_on_one_model_give_the_bits_of_one(way: str) -> None:
    model = made(row)
    right = [WAYS[way](model, number) for number in range(THREADS)]
    for results in zip(*in_threads(lambda number: WAYS[way](model, number), 10), strict=True):
        for result, wanted in zip(results, right, strict=True):
            np.testing.assert_array_equal(result, wanted)


def test_all_ways_at_once_do_not_disturb_each_other() -> None:
    model = made(row)
    ways = [way for way in WAYS.values() for _ in range(2)]
    right = [way(model, number) for number, way in enumerate(ways)]
    for results in zip(*in_threads(lambda number: ways[number](model, number), 10), strict=True):
        for result, wanted in zip(results, right, strict=True):
            np.testing.assert_array_equal(result, wanted)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", [Own, deferred])
def test_a_first_call_by_eight_threads_builds_a_model_once(make: Any, way: str) -> None:
    right = made(make)
    wanted = [WAYS[way](right, number) for number in range(THREADS)]
    for _ in range(5):
        model = made(make)
        results = in_threads(lambda number, model=model: WAYS[way](model, number))
        assert [w.path for w in model.weights] == [w.path for w in right.weights]
        for weight, other in zip(model.get_weights(), right.get_weights(), strict=True):
            np.testing.assert_array_equal(weight, other)
        for (result,), one in zip(results, wanted, strict=True):
            np.testing.assert_array_equal(result, one)
