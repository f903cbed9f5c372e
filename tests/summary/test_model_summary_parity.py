"""`summary()` of models made in both libraries: the same text in every character."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests import record
from tests.in_both import assert_same, in_both, product_layer, rows


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")


def text(model: Any, **kwargs: Any) -> str:
    printed: list[str] = []
    model.summary(print_fn=lambda line, **_: printed.append(line), **kwargs)
    return "\n".join(printed)


def mlp(k: Any, *first: Any, **kwargs: Any) -> Any:
    return k.Sequential(
        [
            *first,
            k.layers.Flatten(),
            k.layers.Dense(128, activation="relu", **kwargs),
            k.layers.Dropout(0.2),
            k.layers.Dense(10, activation="softmax", **kwargs),
        ]
    )


def built(k: Any) -> Any:
    return mlp(k, k.Input((28, 28)))


def unbuilt(k: Any) -> Any:
    return mlp(k)


def empty(k: Any) -> Any:
    return k.Sequential()


def only_an_input(k: Any) -> Any:
    return k.Sequential([k.Input((4,))])


def built_by_build(k: Any) -> Any:
    model = mlp(k)
    model.build((None, 28, 28))
    return model


def built_by_a_call(k: Any) -> Any:
    model = mlp(k)
    model(rows(3, 28, 28))
    return model


def built_by_fit(k: Any) -> Any:
    model = mlp(k)
    model.compile("adam", "mse")
    model.fit(rows(5, 4, 4), rows(5, 10), verbose=0)
    return model


def fitted_with(optimizer: str) -> Callable[[Any], Any]:
    def fitted(k: Any) -> Any:
        model = mlp(k, k.Input((4, 4)))
        model.compile(optimizer, "mse")
        model.fit(rows(5, 4, 4), rows(5, 10), verbose=0)
        return model

    return fitted


def compiled(k: Any) -> Any:
    model = built(k)
    model.compile("adam", "mse")
    return model


def float64(k: Any) -> Any:
    return mlp(k, k.Input((28, 28)), dtype="float64")


def frozen(k: Any) -> Any:
    model = built(k)
    model.layers[1].trainable = False
    return model


def frozen_whole(k: Any) -> Any:
    model = built(k)
    model.trainable = False
    return model


def popped(k: Any) -> Any:
    model = built(k)
    model.pop()
    return model


def functional(k: Any) -> Any:
    inputs = k.Input((4,), name="pixels")
    return k.Model(inputs, k.layers.Dense(2)(k.layers.Dense(1000)(inputs)))


def shared(k: Any) -> Any:
    inputs = k.Input((5,))
    square = k.layers.Dense(5)
    return k.Model(inputs, square(square(inputs)))


def branches(k: Any) -> Any:
    left, right = k.Input((3,)), k.Input((3,), name="right")
    both = product_layer(k, name="product")([k.layers.Dense(4)(left), k.layers.Dense(4)(right)])
    return k.Model([left, right], [both, k.layers.Dense(1)(both)])


def nested(k: Any) -> Any:
    inner = k.Sequential([k.Input((4,)), k.layers.Dense(4), k.layers.ReLU()])
    inputs = k.Input((4,))
    middle = k.Model(inputs, inner(k.layers.Dense(4)(inputs)))
    return k.Sequential([k.Input((4,)), middle, k.layers.Dense(2)])


def nested_twice_used(k: Any) -> Any:
    inner = k.Sequential([k.Input((4,)), k.layers.Dense(4)])
    inputs = k.Input((4,))
    return k.Model(inputs, product_layer(k, name="product")([inner(inputs), inner(inputs)]))


def nested_unbuilt(k: Any) -> Any:
    return k.Sequential([k.Sequential([k.layers.Dense(4)]), k.layers.Dense(2)])


def features(k: Any) -> Any:
    model = built(k)
    return k.Model(model.inputs, model.layers[1].output)


def from_an_inner_tensor(k: Any) -> Any:
    hidden = k.layers.Dense(3)(k.Input((4,)))
    return k.Model(hidden, k.layers.Dense(2)(hidden))


def subclassed(k: Any) -> Any:
    class Subclassed(k.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.top = k.layers.Dense(6), k.layers.Dense(2)

        def call(self, inputs: Any) -> Any:
            return self.top(self.hidden(inputs))

    return Subclassed()


def subclassed_and_called(k: Any) -> Any:
    model = subclassed(k)
    model(rows(3, 4))
    return model


def fixed_batch(k: Any) -> Any:
    return mlp(k, k.Input((4, 4), batch_size=16))


MODELS = [
    built,
    unbuilt,
    empty,
    only_an_input,
    built_by_build,
    built_by_a_call,
    built_by_fit,
    compiled,
    float64,
    frozen,
    frozen_whole,
    popped,
    functional,
    shared,
    branches,
    nested,
    nested_twice_used,
    nested_unbuilt,
    features,
    from_an_inner_tensor,
    subclassed,
    subclassed_and_called,
    fixed_batch,
]


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
def test_summary_is_keras_in_every_character(make: Callable[[Any], Any]) -> None:
    def script(k: Any) -> Any:
        model = make(k)
        return [
            text(model),
            text(model, expand_nested=True),
            text(model, show_trainable=True),
            text(model, line_length=60, expand_nested=True, show_trainable=True),
        ]

    in_both(script)()


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop"])
def test_summary_after_fit_counts_the_optimizer(optimizer: str) -> None:
    in_both(lambda k: text(fitted_with(optimizer)(k)))()


@in_both
def test_summary_of_some_of_the_layers(k: Any) -> Any:
    return text(built(k), layer_range=["dense", "dropout"])


def test_a_text_that_differs_in_one_character_is_told_apart() -> None:
    with record.aside(), pytest.raises(AssertionError):
        assert_same([" Total params: 1"], [" Total params: 2"])
    with record.aside(), pytest.raises(AssertionError):
        assert_same([np.float32([1.0])], [np.float32([1.00001])])
