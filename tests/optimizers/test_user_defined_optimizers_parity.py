"""Optimizers of a user's own: one script, run by Keras and by minidense, with the same facts."""

import keras
import numpy as np
import pytest

import minidense
from tests.in_both import attempt, in_both, rows
from tests.reference_only import tensorflow

tensorflow("what an `apply` of one's own is given, and the bits that a step of it leaves")


def trained(k, optimizer, train):
    """The weights of a small model after a training, and the count of the steps."""
    model = k.Sequential([k.Input((3,)), k.layers.Dense(4, activation="relu"), k.layers.Dense(2)])
    for layer, seed in zip(model.layers, (1, 2), strict=True):
        kernel = np.random.RandomState(seed).uniform(-1, 1, layer.kernel.shape)
        layer.set_weights([kernel.astype("float32"), np.zeros(layer.bias.shape, "float32")])
    model.compile(optimizer, "mse")
    train(model)
    return [*model.get_weights(), int(optimizer.iterations)]


def fit(model):
    model.fit(rows(6, 3), rows(6, 2), batch_size=2, epochs=2, shuffle=False, verbose=0)


def train_on_batch(model):
    model.train_on_batch(rows(6, 3), rows(6, 2))


def in_all_ways(k, subclass):
    """What a subclass of each optimizer does in `fit` and in `train_on_batch`."""
    bases = [k.optimizers.SGD, k.optimizers.Adam, k.optimizers.RMSprop]
    trainings = [fit, train_on_batch]
    return [trained(k, subclass(base)(0.05), train) for base in bases for train in trainings]


# What `fit` calls


@in_both
def test_an_apply_of_ones_own_is_what_fit_calls(k):
    def halved(base):
        class Halved(base):
            def apply(self, grads, trainable_variables=None):
                super().apply([grad * 0.5 for grad in grads], trainable_variables)

        return Halved

    return in_all_ways(k, halved)


@in_both
def test_an_apply_that_leaves_the_weights_out_needs_an_optimizer_that_is_built(k):
    class Negative(k.optimizers.SGD):
        def apply(self, grads, trainable_variables=None):
            return super().apply([-grad for grad in grads])

    def fit_twice(model):
        answers.append(attempt(lambda: fit(model)))
        model.optimizer.build(model.trainable_variables)
        fit(model)

    answers = []
    return trained(k, Negative(0.05), fit_twice), answers


@in_both
def test_an_apply_of_ones_own_may_train_some_of_the_weights(k):
    class OnlyBiases(k.optimizers.Adam):
        def apply(self, grads, trainable_variables=None):
            super().apply(grads[1::2], trainable_variables[1::2])

    def fit_twice(model):
        fit(model)
        fit(model)

    optimizer = OnlyBiases(0.05)
    weights = trained(k, optimizer, fit_twice)
    return weights, [tuple(v.shape) for v in optimizer.variables]


@in_both
def test_an_apply_gradients_of_ones_own_is_what_fit_calls(k):
    def doubled(base):
        class Doubled(base):
            def apply_gradients(self, grads_and_vars):
                return super().apply_gradients([(grad * 2, v) for grad, v in grads_and_vars])

        return Doubled

    return in_all_ways(k, doubled)


@in_both
def test_an_apply_of_ones_own_may_change_nothing(k):
    def still(base):
        class Still(base):
            def apply(self, grads, trainable_variables=None):
                return super().apply([grad * 0 for grad in grads], trainable_variables)

        return Still

    return in_all_ways(k, still)


@in_both
def test_an_apply_of_ones_own_gets_tuples_in_fit(k):
    class Listens(k.optimizers.SGD):
        def apply(self, grads, trainable_variables=None):
            heard[:] = [type(grads).__name__, len(grads), [v.name for v in trainable_variables]]
            return super().apply(grads, trainable_variables)

    heard = []
    return trained(k, Listens(0.1), train_on_batch), heard


@in_both
def test_an_apply_of_ones_own_gets_none_for_a_weight_that_the_loss_does_not_depend_on(k):
    class Listens(k.optimizers.SGD):
        def apply(self, grads, trainable_variables=None):
            heard[:] = [grad is None for grad in grads]

    class Loose(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.dense = k.layers.Dense(2)

        def build(self, input_shape):
            self.loose = self.add_weight((2,), name="loose")
            self.dense.build(input_shape)

        def call(self, inputs):
            return self.dense(inputs)

    heard = []
    model = k.Sequential([k.Input((3,)), Loose()])
    model.compile(Listens(0.1), "mse")
    model.train_on_batch(rows(6, 3), rows(6, 2))
    return heard


# `apply` and `apply_gradients`


def parts(k, **options):
    """An optimizer, and the two weights that it is built for."""
    optimizer = k.optimizers.SGD(0.5, **options)
    a, b = (k.Variable(np.ones(n, "float32"), name=name) for n, name in ((2, "a"), (3, "b")))
    optimizer.build([a, b])
    return optimizer, a, b


def facts(optimizer, *others):
    return [int(optimizer.iterations), *others]


@in_both
def test_gradients_alone_are_for_the_weights_that_the_optimizer_was_built_for(k):
    optimizer, a, b = parts(k, momentum=0.9)
    for _ in range(2):
        optimizer.apply([np.float32([1, 2]), np.float32([3, 4, 5])])
    return facts(optimizer, a, b, *optimizer.variables)


@in_both
def test_the_weights_go_by_name_and_may_come_one_by_one(k):
    optimizer, a, b = parts(k)
    optimizer.apply(grads=(np.float32([1, 2]),), trainable_variables=iter([a]))
    return facts(optimizer, a, b)


@in_both
def test_gradients_without_weights_and_none_at_all(k):
    unbuilt = k.optimizers.SGD(0.5)
    optimizer, a, b = parts(k)
    gradient = np.ones(2, "float32")
    return [
        attempt(lambda: unbuilt.apply([gradient])),
        attempt(lambda: unbuilt.apply([])),
        attempt(lambda: unbuilt.apply([], [a])),
        attempt(lambda: optimizer.apply([gradient])),
        attempt(lambda: optimizer.apply([None, None])),
        attempt(lambda: optimizer.apply([None, None], [a, b])),
        attempt(lambda: optimizer.apply(iter([gradient]), [a])),
        attempt(lambda: optimizer.apply_gradients([])),
        facts(optimizer, a, b, unbuilt.built),
    ]


@in_both
def test_a_weight_whose_gradient_is_none_stays_as_it_is(k):
    optimizer = k.optimizers.Adam(0.5)
    a, b = (k.Variable(np.ones(2, "float32"), name=name) for name in "ab")
    gradient = np.float32([1, -2])
    optimizer.apply([None, gradient], [a, b])
    optimizer.apply([gradient, None])
    optimizer.apply_gradients([(gradient, a), (None, b)])
    return facts(optimizer, a, b, [v.name for v in optimizer.variables], *optimizer.variables)


@in_both
def test_apply_gradients_returns_the_count_of_the_steps(k):
    optimizer, a, _ = parts(k)
    returned = optimizer.apply_gradients(zip([np.ones(2, "float32")], [a], strict=True))
    return returned is optimizer.iterations, int(returned)


# Attributes


@in_both
def test_what_has_no_effect_can_be_read(k):
    names = ["weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "use_ema", "ema_momentum"]
    names += ["ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps"]
    optimizer, variable = k.optimizers.SGD(), k.Variable([1.0])
    optimizer.clipnorm = variable.constraint = variable.regularizer = None
    values = [getattr(optimizer, name) for name in names]
    return values, variable.constraint, variable.regularizer


@pytest.mark.parametrize("value", [5, False, "max_norm"])
@pytest.mark.parametrize("attribute", ["constraint", "regularizer"])
def test_what_is_no_function_constrains_no_variable(attribute, value):
    for library in (keras, minidense):
        with pytest.raises(ValueError, match=attribute):
            setattr(library.Variable([1.0]), attribute, value)


@in_both
def test_the_keys_of_a_configuration_are_in_the_same_order(k):
    classes = [k.optimizers.SGD, k.optimizers.Adam, k.optimizers.RMSprop]
    return [list(cls().get_config()) for cls in classes]


# Learning rates


@in_both
def test_a_learning_rate_of_ones_own_is_what_fit_takes(k):
    def as_property(base):
        class Tenth(base):
            @property
            def learning_rate(self):
                return 0.1

        return Tenth

    return in_all_ways(k, as_property)


@in_both
def test_a_current_learning_rate_of_ones_own_is_what_fit_takes(k):
    def as_method(base):
        class Half(base):
            def _get_current_learning_rate(self):
                return self._learning_rate * 0.5

        return Half

    return in_all_ways(k, as_method)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rate", [0.1, np.float32(0.1), np.float64(0.1)], ids=repr)
@pytest.mark.parametrize("base", ["SGD", "Adam", "RMSprop"])
def test_a_learning_rate_of_ones_own_has_the_bits_that_keras_takes(base, rate, dtype):
    gradient = np.random.RandomState(0).normal(size=50).astype(dtype)
    ends = []
    for library in (keras, minidense):
        cls = getattr(library.optimizers, base)
        own = type("Own", (cls,), {"_get_current_learning_rate": lambda self: rate})
        weight = library.Variable(np.zeros(50), dtype=dtype)
        own().apply([gradient], [weight])
        ends.append(np.asarray(weight.numpy()))
    assert ends[0].tobytes() == ends[1].tobytes()
