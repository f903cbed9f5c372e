"""A `call` of one's own that only calls layers: trained alone, and inside of others.

What it is told about training, and what it tells its layers, decides what a Dropout drops. So each
way of saying it is tried in each place, and the losses of a training tell what was understood.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import minidense
from tests.in_both import (
    assert_same,
    attempt,
    in_both,
    in_both_but_for_warnings,
    rows,
    run,
    topic_and_code,
)


def untold(self, inputs):
    return self.last(self.drop(self.first(inputs)))


def hands_on(self, inputs, training=None):
    return self.last(self.drop(self.first(inputs), training=training))


def hands_on_false(self, inputs, training=False):
    return self.last(self.drop(self.first(inputs), training=training))


def drops_if_in_training(self, inputs, training=None):
    hidden = self.first(inputs)
    if training:
        hidden = self.drop(hidden)
    return self.last(hidden)


def has_another_layer_at_rest(self, inputs, training=False):
    hidden = self.first(inputs)
    hidden = self.drop(hidden) if training else self.spare(hidden)
    return self.last(hidden)


def always_drops(self, inputs):
    return self.last(self.drop(self.first(inputs), training=True))


def never_drops(self, inputs):
    return self.last(self.drop(self.first(inputs), training=False))


def drops_at_rest_only(self, inputs, training=False):
    return self.last(self.drop(self.first(inputs), training=not training))


def drops_unless_told(self, inputs, training=True):
    return self.last(self.drop(self.first(inputs)))


def drops_twice_and_is_told_once(self, inputs):
    return self.last(self.drop_more(self.drop(self.first(inputs), training=True)))


CALLS = [
    untold,
    hands_on,
    hands_on_false,
    drops_if_in_training,
    has_another_layer_at_rest,
    always_drops,
    never_drops,
    drops_at_rest_only,
    drops_unless_told,
    drops_twice_and_is_told_once,
]


def of_class(k: Any, base: Any, call: Any) -> Any:
    """Return a layer or model with five layers inside, and this `call`."""

    class Own(base):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.first = k.layers.Dense(8, activation="relu")
            self.drop = k.layers.Dropout(0.4)
            self.drop_more = k.layers.Dropout(0.3)
            self.spare = k.layers.Dense(8)
            self.spare.build((None, 8))  # else Keras's optimizer does not know it in `fit`
            self.last = k.layers.Dense(3)

    Own.call = call
    return Own()


def layer(k: Any, call: Any) -> Any:
    return of_class(k, k.layers.Layer, call)


def alone(k: Any, call: Any) -> Any:
    return of_class(k, k.Model, call)


def as_a_layer_of_a_sequential(k: Any, call: Any) -> Any:
    return k.Sequential([k.Input((6,)), layer(k, call), k.layers.Dense(3)])


def in_a_deferred_sequential(k: Any, call: Any) -> Any:
    return k.Sequential([layer(k, call), k.layers.Dense(3)])


def as_a_model_in_a_sequential(k: Any, call: Any) -> Any:
    return k.Sequential([k.Input((6,)), alone(k, call), k.layers.Dense(3)])


def in_a_layer_in_a_sequential(k: Any, call: Any) -> Any:
    class Outer(k.layers.Layer):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner = layer(k, call)

        def call(self, inputs: Any) -> Any:
            return self.inner(inputs)

    return k.Sequential([k.Input((6,)), Outer(), k.layers.Dense(3)])


def in_a_subclass_that_is_told_nothing(k: Any, call: Any) -> Any:
    class Outer(k.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner = layer(k, call)

        def call(self, inputs: Any) -> Any:
            return self.inner(inputs)

    return Outer()


def before_a_dropout_in_a_subclass(k: Any, call: Any) -> Any:
    """What the inner layer tells its layers holds for the Dropout after it."""

    class Outer(k.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner = layer(k, call)
            self.after = k.layers.Dropout(0.2)

        def call(self, inputs: Any) -> Any:
            return self.after(self.inner(inputs))

    return Outer()


def between_layers_that_hand_on(k: Any, call: Any) -> Any:
    """False is a default, and not what is told where nothing is."""

    class Outer(k.layers.Layer):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner = layer(k, call)
            self.after = k.layers.Dropout(0.2)

        def call(self, inputs: Any, training: bool = False) -> Any:
            return self.after(self.inner(inputs, training=training), training=training)

    outer = Outer()

    class Whole(k.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.outer = outer

        def call(self, inputs: Any) -> Any:
            return self.outer(inputs)

    return Whole()


def says_none_to_it(k: Any, call: Any) -> Any:
    """None is said, and takes the place of what was told before."""

    class Outer(k.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner = layer(k, call)
            self.after = k.layers.Dropout(0.2)

        def call(self, inputs: Any, training: bool | None = None) -> Any:
            return self.after(self.inner(inputs, training=None))

    return Outer()


def after_a_call_that_is_told(k: Any, call: Any) -> Any:
    """In a graph that is told nothing, what one call was told holds for those after it."""
    inputs = k.Input((6,))
    hidden = k.layers.Dropout(0.2)(inputs, training=True)
    return k.Model(inputs, k.layers.Dropout(0.2)(layer(k, call)(hidden)))


def shared_in_a_graph(k: Any, call: Any) -> Any:
    inputs = k.Input((6,))
    shared = layer(k, call)
    hidden = k.layers.Dense(6)(shared(inputs))
    return k.Model(inputs, shared(hidden, training=False))


PLACES = [
    alone,
    as_a_layer_of_a_sequential,
    in_a_deferred_sequential,
    as_a_model_in_a_sequential,
    in_a_layer_in_a_sequential,
    in_a_subclass_that_is_told_nothing,
    before_a_dropout_in_a_subclass,
    between_layers_that_hand_on,
    says_none_to_it,
    after_a_call_that_is_told,
    shared_in_a_graph,
]


def facts(k: Any, model: Any, loss: str = "mse", y: Any = None) -> Any:
    """Train a model and return all that can be told of it."""
    x, y = rows(23, 6), rows(23, 3) if y is None else y
    model.compile(k.optimizers.SGD(0.1), loss)
    losses = model.fit(x, y, batch_size=5, epochs=2, verbose=0).history["loss"]
    answers = [
        model.evaluate(x, y, verbose=0),
        model.predict(x, verbose=0),
        model(x),
        model(x, training=True),
    ]
    model.train_on_batch(x, y)  # the weights tell of it; older versions count its loss on
    return [
        losses,
        answers,
        model.get_weights(),
        [weight.path for weight in model.weights],
        [weight.path for weight in model.trainable_weights],
        [layer.name for layer in model.layers],
    ]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("place", PLACES)
def test_what_a_call_tells_its_layers_holds_wherever_it_is(
    place: Callable[[Any, Any], Any], call: Any
) -> None:
    def script(k: Any) -> Any:
        return facts(k, place(k, call))

    topic, _ = topic_and_code(script)
    code = f"{place.__name__}, {call.__name__}"
    assert_same(run(script, keras)[0], run(script, minidense)[0], topic, code)


def block(k: Any, units: int = 4, **kwargs: Any) -> Any:
    class Block(k.layers.Layer):  # type: ignore[misc, name-defined]
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.hidden = k.layers.Dense(units, activation="tanh")
            self.drop = k.layers.Dropout(0.3)
            self.top = k.layers.Dense(3, activation="softmax")

        def call(self, inputs: Any) -> Any:
            return self.top(self.drop(self.hidden(inputs)))

    return Block(**kwargs)


@in_both
def test_a_loss_looks_through_a_softmax_inside(k):
    model = k.Sequential([k.Input((6,)), block(k)])
    x = 60 * rows(23, 6)  # a saturated softmax: its logarithm and its logits part
    y = np.array([0, 1, 2, 2] * 5 + [0, 1, 2])
    model.compile(k.optimizers.SGD(0.03), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, batch_size=5, epochs=2, verbose=0).history
    return [history["loss"], history["accuracy"], model.get_weights()]


@in_both
def test_a_frozen_layer_inside_stays_and_the_others_learn(k):
    own = block(k)
    model = k.Sequential([k.Input((6,)), own, k.layers.Dense(3)])
    own.hidden.trainable = False
    return facts(k, model)


@in_both
def test_a_layer_that_is_frozen_whole_stays(k):
    own = block(k)
    model = k.Sequential([k.Input((6,)), own, k.layers.Dense(3)])
    own.trainable = False
    return facts(k, model)


@in_both
def test_a_layer_computes_in_its_own_dtype(k):
    return facts(k, k.Sequential([k.Input((6,)), block(k, dtype="float64"), k.layers.Dense(3)]))


@in_both
def test_layers_inside_may_share_a_name(k):
    class Twins(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.one, self.other = (k.layers.Dense(4, name="twin") for _ in range(2))

        def call(self, inputs):
            return self.other(self.one(inputs))

    return facts(k, k.Sequential([k.Input((6,)), Twins(), k.layers.Dense(3)]))


@in_both
def test_a_layer_inside_may_be_called_twice(k):
    class Again(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = k.layers.Dense(6, activation="tanh")

        def call(self, inputs):
            return self.inner(self.inner(inputs))

    return facts(k, k.Sequential([k.Input((6,)), Again(), k.layers.Dense(3)]))


@in_both_but_for_warnings  # Keras warns of weights without a gradient at each trace
def test_a_call_may_take_several_inputs_and_give_several_outputs(k):
    class Cross(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.left, self.right = k.layers.Dense(4), k.layers.Dense(5)

        def call(self, inputs):
            left, right = inputs
            return self.left(right), self.right(left)

    inputs = k.Input((6,))
    hidden = k.layers.Dense(2)(inputs)
    _, right = Cross()([inputs, hidden])
    return facts(k, k.Model(inputs, k.layers.Dense(3)(right)))


@in_both
def test_a_sequential_inside_a_layer_is_trained(k):
    class Holds(k.layers.Layer):
        def __init__(self):
            super().__init__()
            drop = k.layers.Dropout(0.3)
            self.inner = k.Sequential([k.layers.Dense(4, activation="tanh"), drop])

        def call(self, inputs):
            return self.inner(inputs)

    return facts(k, k.Sequential([k.Input((6,)), Holds(), k.layers.Dense(3)]))


@in_both
def test_a_layer_that_builds_its_layers_in_build_is_trained(k):
    class Builds(k.layers.Layer):
        def build(self, input_shape):
            self.inner = k.layers.Dense(input_shape[-1], activation="tanh")
            self.inner.build(input_shape)

        def call(self, inputs):
            return self.inner(inputs)

    return facts(k, k.Sequential([k.Input((6,)), Builds(), k.layers.Dense(3)]))


@in_both
def test_rows_of_rank_3_go_through(k):
    model = k.Sequential([k.Input((2, 6)), block(k), k.layers.Dense(3)])
    model.compile(k.optimizers.SGD(0.1), "mse")
    losses = model.fit(rows(23, 2, 6), rows(23, 2, 3), batch_size=5, epochs=2, verbose=0)
    return [losses.history["loss"], model.get_weights(), model.output_shape]


@in_both
def test_a_call_that_must_be_told_is_trained(k):
    class Told(k.Model):
        def __init__(self):
            super().__init__()
            self.first, self.drop = k.layers.Dense(3), k.layers.Dropout(0.4)

        def call(self, inputs, training):
            return self.drop(self.first(inputs), training=training)

    model = Told()
    model.compile(k.optimizers.SGD(0.1), "mse")
    x, y = rows(23, 6), rows(23, 3)
    losses = model.fit(x, y, batch_size=5, epochs=2, verbose=0).history["loss"]
    return [losses, model.evaluate(x, y, verbose=0), model.predict(x, verbose=0)]


@in_both_but_for_warnings
def test_compile_looks_at_a_call_anew(k):
    class Heads(k.Model):
        def __init__(self):
            super().__init__()
            self.one, self.other = k.layers.Dense(3), k.layers.Dense(3)
            self.uses_other = False

        def call(self, inputs):
            return self.other(inputs) if self.uses_other else self.one(inputs)

    model = Heads()
    model.other.build((None, 6))
    x, y = rows(23, 6), rows(23, 3)
    found = []
    for model.uses_other in (False, True):
        model.compile(k.optimizers.SGD(0.1), "mse")
        found += [model.fit(x, y, batch_size=5, verbose=0).history["loss"], model.predict(x)]
    return [found, model.get_weights()]


@in_both
def test_a_layer_that_is_called_for_nothing_is_not_in_the_model(k):
    class Wastes(k.Model):
        def __init__(self):
            super().__init__()
            self.wasted, self.used = k.layers.Dense(3), k.layers.Dense(3)

        def call(self, inputs):
            self.wasted(inputs)
            return self.used(inputs)

    model = Wastes()
    model(rows(2, 6))
    return [attempt(lambda: model.wasted.output), attempt(lambda: model.used.output)]


@in_both_but_for_warnings
def test_the_nesting_of_the_outputs_may_depend_on_training(k):
    class Extra(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.first, self.second = k.layers.Dense(3), k.layers.Dense(2)

        def call(self, inputs, training=False):
            first = self.first(inputs)
            return (first, self.second(first)) if training else first

    own = Extra()
    model = k.Sequential([k.Input((6,)), own])
    return [model.predict(rows(4, 6), verbose=0), own(rows(4, 6)), own(rows(4, 6), training=True)]


@in_both_but_for_warnings
def test_a_summary_does_not_know_the_shapes_inside_an_own_call(k):
    model = in_a_subclass_that_is_told_nothing(k, untold)
    model(rows(2, 6))
    lines = []
    model.summary(print_fn=lines.append)
    return lines


@in_both_but_for_warnings
def test_a_trial_of_an_own_call_moves_no_seed_on(k):
    model = k.Sequential([k.Input((6,)), layer(k, always_drops)])
    seeds = [v for v in model.variables if v.path.endswith("seed_generator_state")]
    return [seed.numpy().tolist() for seed in seeds]


def blocks_with_a_default(k: Any) -> dict[str, Callable[[], Any]]:
    """Layers of one's own around one that drops unless it is told otherwise."""

    class Drops(k.layers.Layer):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.drop = k.layers.Dropout(0.5, seed=1)

        def call(self, inputs: Any, training: bool = True) -> Any:
            return self.drop(inputs, training=training)

    class Around(k.layers.Layer):
        def __init__(self, first: Any = None, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.first, self.drops = first, Drops(**kwargs)

    class Untold(Around):
        def call(self, inputs: Any) -> Any:
            return self.drops(inputs)

    class AtRest(Around):
        def call(self, inputs: Any, training: bool = False) -> Any:
            return self.drops(inputs)

    class Behind(Around):
        def call(self, inputs: Any) -> Any:
            return self.drops(self.first(inputs))

    return {
        "untold": Untold,
        "untold, cast": lambda: Untold(dtype="float64"),
        "at rest": AtRest,
        "at rest, cast": lambda: AtRest(dtype="float64"),
        "behind a Dropout": lambda: Behind(k.layers.Dropout(0.0)),
        "behind a ReLU": lambda: Behind(k.layers.ReLU()),
        "behind a model": lambda: Behind(k.Sequential([k.Input((4,)), k.layers.ReLU()])),
    }


def models_around(k: Any) -> dict[str, Callable[[Any], Any]]:
    class Around(k.Model):  # type: ignore[misc, name-defined]
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

    class SaysNothing(Around):
        def call(self, inputs: Any) -> Any:
            return self.inner(inputs)

    class IsAtRest(Around):
        def call(self, inputs: Any, training: bool = False) -> Any:
            return self.inner(inputs)

    class SaysNone(Around):
        def call(self, inputs: Any, training: Any = None) -> Any:
            return self.inner(inputs, training=None)

    class Computes(Around):
        def call(self, inputs: Any) -> Any:
            return self.inner(inputs) * 2.0

    return {each.__name__: each for each in (SaysNothing, IsAtRest, SaysNone, Computes)}


@pytest.mark.parametrize("around", models_around(minidense))
@pytest.mark.parametrize("in_graph", [True, False])
def test_a_recorded_default_drops_where_keras_drops(around: str, in_graph: bool) -> None:
    @in_both
    def script(k: Any) -> Any:
        def made() -> Any:
            layer = blocks_with_a_default(k)["untold"]().drops
            if in_graph:
                inputs = k.Input((40,))
                layer = k.Model(inputs, layer(inputs))
            return models_around(k)[around](layer)

        ones = np.ones((6, 40), "float32")
        told = [np.asarray(made()(ones, training=told)) for told in (None, False, True)]
        return np.asarray(made()(ones)), told, made().predict(ones, verbose=0)

    script()


def places_of_a_block(k: Any, block: Any) -> dict[str, Callable[[], Any]]:
    class Inside(k.layers.Layer):
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.dense = k.layers.Dense(4, kernel_initializer="ones")
            self.inner = inner

        def call(self, inputs: Any) -> Any:
            return self.inner(self.dense(inputs))

    class Subclass(k.Model):
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inside = Inside(inner)

        def call(self, inputs: Any) -> Any:
            return self.inside(inputs)

    return {
        "subclass": lambda: Subclass(block),
        "subclass, two deep": lambda: Subclass(Inside(block)),
        "sequential": lambda: k.Sequential([k.Input((4,)), Inside(block)]),
    }


@pytest.mark.parametrize("place", ["subclass", "subclass, two deep", "sequential"])
@pytest.mark.parametrize("block", blocks_with_a_default(minidense))
def test_a_layer_that_drops_unless_told_is_told_what_keras_tells_it(block: str, place: str) -> None:
    @in_both_but_for_warnings  # that there are layers without weights, at each trace
    def script(k: Any) -> Any:
        def made() -> Any:
            return places_of_a_block(k, blocks_with_a_default(k)[block]())[place]()

        x, y = np.ones((6, 4), "float32"), np.zeros((6, 4), "float32")
        model = made()
        model.compile("sgd", "mse")
        predicted, measured = model.predict(x, verbose=0), model.evaluate(x, y, verbose=0)
        losses = model.fit(x, y, verbose=0).history["loss"]
        return predicted, measured, losses, np.asarray(made()(x))

    script()
