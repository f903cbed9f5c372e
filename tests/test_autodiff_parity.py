"""Loops and steps of a user's own, with `tf.GradientTape` and with ours: one word is another."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

from minidense import autodiff
from tests.in_both import attempt, in_both, rows
from tests.reference_only import tensorflow

tf = tensorflow("its tape is what ours is held to.")

X, Y = rows(12, 4), np.sign(rows(12, 1))
LABELS = np.int32([0, 2, 1, 1, 0, 2, 2, 1, 0, 0, 1, 2])


def tape_of(k: Any) -> Any:
    return tf.GradientTape if k is keras else autodiff.GradientTape


def mlp(k: Any, units: int = 1, activation: str = "tanh", last: str | None = None) -> Any:
    return k.Sequential(
        [k.Input((4,)), k.layers.Dense(5, activation=activation), k.layers.Dense(units, last)]
    )


def tensor(k: Any, values: Any) -> Any:
    return k.ops.convert_to_tensor(np.float32(values))


# Training loops


def loop(k: Any, optimizer: Any, step: Callable[..., Any], model: Any = None) -> Any:
    """Return the losses of six steps and the weights after them."""
    model = model or mlp(k)
    losses = [float(step(model, optimizer, place)) for place in range(6)]
    return losses, model.get_weights()


@in_both
def test_a_training_loop_with_apply_gradients(k: Any) -> Any:
    loss_fn = k.losses.MeanSquaredError()

    def step(model: Any, optimizer: Any, place: int) -> Any:
        with tape_of(k)() as tape:
            loss = loss_fn(Y, model(X, training=True))
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables, strict=True))
        return loss

    return loop(k, k.optimizers.Adam(0.01), step)


@in_both
def test_a_training_loop_with_apply_and_batches(k: Any) -> Any:
    loss_fn = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    metric = k.metrics.SparseCategoricalAccuracy()
    seen = []

    def step(model: Any, optimizer: Any, place: int) -> Any:
        batch = slice(place % 3 * 4, place % 3 * 4 + 4)
        with tape_of(k)() as tape:
            logits = model(X[batch], training=True)
            loss = loss_fn(LABELS[batch], logits)
        grads = tape.gradient(loss, model.trainable_weights)
        optimizer.apply(grads, model.trainable_weights)
        metric.update_state(LABELS[batch], logits)
        seen.append(float(metric.result().numpy()))
        return loss

    return loop(k, k.optimizers.SGD(0.1, momentum=0.9), step, mlp(k, 3)), seen


@in_both
def test_a_loop_in_which_a_dropout_draws_and_a_loss_looks_through_a_softmax(k: Any) -> Any:
    model = k.Sequential(
        [k.Input((4,)), k.layers.Dropout(0.5, seed=3), k.layers.Dense(3, activation="softmax")]
    )
    loss_fn = k.losses.SparseCategoricalCrossentropy()

    def step(model: Any, optimizer: Any, place: int) -> Any:
        with tape_of(k)() as tape:
            loss = loss_fn(LABELS, model(X, training=True))
        grads = tape.gradient(loss, model.trainable_weights)
        optimizer.apply_gradients(zip(grads, model.trainable_weights, strict=True))
        return loss

    return loop(k, k.optimizers.RMSprop(0.01), step, model)


@in_both
def test_a_loop_without_a_model(k: Any) -> Any:
    weight, bias = k.Variable(rows(4, 1)), k.Variable(np.zeros(1, "float32"))
    losses = []
    for _ in range(5):
        with tape_of(k)() as tape:
            loss = k.ops.mean(k.ops.square(k.ops.matmul(X, weight) + bias - Y))
        grads = tape.gradient(loss, {"weight": weight, "bias": bias})
        weight.assign_sub(0.1 * grads["weight"])
        bias.assign_sub(0.1 * grads["bias"])
        losses.append(float(loss))
    return losses, weight.numpy(), bias.numpy()


@in_both
def test_a_variable_is_watched_that_was_made_trainable(k: Any) -> Any:
    model = mlp(k)
    model.layers[0].trainable = False
    with tape_of(k)() as tape:
        loss = k.ops.sum(model(X))
        late = k.Variable(rows(3), trainable=False)
        late.trainable = True
        loss = loss + k.ops.sum(late * 2.0)
    frozen = model.layers[0].kernel
    grads = tape.gradient(loss, [frozen, late, *model.trainable_variables])
    return grads, len(tape.watched_variables())


@in_both
def test_weights_that_are_shared_by_two_products(k: Any) -> Any:
    kernel = k.Variable(rows(4, 3))
    with tape_of(k)() as tape:
        hidden = k.ops.tanh(k.ops.matmul(X, kernel))
        back = k.ops.matmul(hidden, k.ops.transpose(kernel))
        loss = k.ops.mean(k.ops.square(back - X))
    return loss, tape.gradient(loss, kernel)


@in_both
def test_a_layer_that_is_called_twice(k: Any) -> Any:
    layer = k.layers.Dense(4, activation="tanh")
    with tape_of(k)() as tape:
        loss = k.ops.sum(layer(layer(X)))
    return tape.gradient(loss, layer.trainable_variables)


# Tapes in tapes


@in_both
def test_a_gradient_penalty(k: Any) -> Any:
    optimizer = k.optimizers.SGD(0.05)
    real = tensor(k, X)

    def step(model: Any, optimizer: Any, place: int) -> Any:
        with tape_of(k)() as outer:
            with tape_of(k)() as inner:
                inner.watch(real)
                score = model(real, training=True)
            slopes = inner.gradient(score, real)
            norm = k.ops.sqrt(k.ops.sum(k.ops.square(slopes), axis=1))
            loss = k.ops.mean(score) + 10.0 * k.ops.mean(k.ops.square(norm - 1.0))
        grads = outer.gradient(loss, model.trainable_variables)
        pairs = zip(grads, model.trainable_variables, strict=True)
        optimizer.apply_gradients([(g, v) for g, v in pairs if g is not None])
        return loss

    return loop(k, optimizer, step)


@in_both
def test_a_second_derivative_of_a_variable(k: Any) -> Any:
    x = k.Variable([1.0, 2.0, -0.5])
    with tape_of(k)() as outer:
        with tape_of(k)() as inner:
            y = k.ops.exp(x) * x**3
        slope = inner.gradient(y, x)
    return slope, outer.gradient(slope, x)


@in_both
def test_a_third_derivative(k: Any) -> Any:
    x = tensor(k, [0.3, -1.2])
    tapes = [tape_of(k)() for _ in range(3)]
    with tapes[0], tapes[1], tapes[2]:
        for tape in tapes:
            tape.watch(x)
        y = k.ops.tanh(x) * x
        first = tapes[2].gradient(y, x)
        second = tapes[1].gradient(first, x)
    return first, second, tapes[0].gradient(second, x)


@in_both
def test_a_persistent_tape_notes_the_way_back_in_its_own_block(k: Any) -> Any:
    x = tensor(k, [2.0, 3.0])
    with tape_of(k)(persistent=True) as tape:
        tape.watch(x)
        y = x * x * x
        slope = tape.gradient(y, x)
    return slope, tape.gradient(slope, x)


@in_both
def test_one_tape_rests_while_the_other_notes(k: Any) -> Any:
    x = tensor(k, [1.0, 2.0])
    weight = k.Variable([3.0, 4.0])
    with tape_of(k)() as outer, tape_of(k)() as inner:
        outer.watch(x)
        inner.watch(x)
        with outer.stop_recording():
            y = x * x * weight
        z = y * x * weight
    return outer.gradient(z, [x, weight]), inner.gradient(z, [x, weight])


# What is watched, and what is connected


@in_both
def test_the_saliency_of_an_input(k: Any) -> Any:
    model, x = mlp(k, 3), tensor(k, X)
    with tape_of(k)() as tape:
        tape.watch(x)
        score = model(x)[:, 1]
    return k.ops.abs(tape.gradient(score, x))


@in_both
def test_an_input_that_is_moved_uphill(k: Any) -> Any:
    model, x = mlp(k, 3), tensor(k, X[:1])
    for _ in range(4):
        with tape_of(k)() as tape:
            tape.watch(x)
            loss = k.losses.sparse_categorical_crossentropy(
                np.int32([1]), model(x), from_logits=True
            )
        x = x + 0.1 * k.ops.sign(tape.gradient(loss, x))
    return x


@in_both
def test_what_nothing_depends_on_has_no_gradient_or_zeros(k: Any) -> Any:
    x, other, whole = tensor(k, [1.0, 2.0]), tensor(k, [[3.0]]), k.ops.convert_to_tensor([1, 2])
    used, unused = k.Variable([1.0, 1.0]), k.Variable([5.0])
    with tape_of(k)(persistent=True) as tape:
        tape.watch([x, other, whole])
        y = used * x
        k.ops.square(unused)
    sources = [x, other, used, {"unused": unused, "whole": (whole,)}]
    return [
        tape.gradient(y, sources),
        tape.gradient(y, sources, unconnected_gradients="none"),
        # TensorFlow makes no zeros like a variable of Keras's, only like its value
        tape.gradient(y, [*sources[:2], unused.value, whole], unconnected_gradients="zero"),
        tape.gradient(y, other, None, tf.UnconnectedGradients.ZERO),
        attempt(lambda: tape.gradient(y, other, unconnected_gradients="ones")),
    ]


@in_both
def test_what_is_not_watched_has_no_gradient(k: Any) -> Any:
    x, y, weight = tensor(k, [1.0, 2.0]), tensor(k, [3.0, 4.0]), k.Variable([5.0, 6.0])
    with tape_of(k)(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(y)
        product = x * y * weight
        hidden = x * 2.0
        last = hidden * weight
    return [
        tape.gradient(product, [x, y, weight]),
        tape.gradient(product, x),
        tape.gradient(last, [hidden, weight]),
        tape.gradient(last, last),
        tape.watched_variables(),
    ]


@in_both
def test_the_value_of_a_variable_is_watched_by_hand(k: Any) -> Any:
    a, b = k.Variable([1.0, 2.0]), k.Variable([3.0, 4.0], trainable=False)
    with tape_of(k)(watch_accessed_variables=False) as tape:
        before = a * b
        tape.watch(b.value)
        y = before + a * b * b
    grads = tape.gradient(y, [a, b, b.value])
    return grads, len(tape.watched_variables())


@in_both
def test_what_is_watched_late_begins_late(k: Any) -> Any:
    x = tensor(k, [1.0, 2.0])
    with tape_of(k)() as tape:
        before = x * x
        tape.watch(x)
        y = before + 3.0 * x
    return tape.gradient(y, x)


@in_both
def test_a_tape_is_reset_entered_again_and_stopped(k: Any) -> Any:
    x = tensor(k, [1.0, 2.0])
    with tape_of(k)() as tape:
        tape.watch(x)
        before = x * x
        tape.reset()
        tape.watch(x)
        with tape.stop_recording():
            hidden = x * 5.0
        y = before + hidden + x
    with tape:
        z = y * x
    return tape.gradient(z, x)


@in_both
def test_targets_and_sources_are_nested(k: Any) -> Any:
    a, b = k.Variable([1.0, 2.0]), k.Variable([3.0, 4.0])
    with tape_of(k)(persistent=True) as tape:
        y, z = a * b, k.ops.sum(a * a)
    given = [tensor(k, [1.0, -1.0]), tensor(k, 2.0)]
    return [
        tape.gradient([y, z], {"b": b, "a": [a, (a,)]}),
        tape.gradient({"z": z, "y": (y,)}, (a, b)),
        tape.gradient([y, z], [a, b], output_gradients=given),
        tape.gradient([y, y], [a, y], output_gradients=given[:1]),
        tape.gradient(y, [v.value for v in (a, b)]),
        tape.gradient([a, y], a),
        tape.gradient(k.ops.cast(y, "int32"), a),
        tape.gradient([k.ops.argmax(y), z], a),
    ]


@in_both
def test_a_tape_is_asked_wrongly(k: Any) -> Any:
    tape_class = tape_of(k)
    x, weight = tensor(k, [1.0, 2.0]), k.Variable([1.0, 2.0])

    def asked(ask: Callable[[Any, Any], Any], **kwargs: Any) -> Any:
        with tape_class(**kwargs) as tape:
            y = weight * 2.0
        return attempt(lambda: ask(tape, y))

    def twice(tape: Any, y: Any) -> Any:
        tape.gradient(y, weight)
        return tape.gradient(y, weight)

    def in_the_block() -> Any:
        with tape_class() as tape:
            y = weight * 2.0
            first = tape.gradient(y, weight)
            attempt(tape.reset)
        return first, tape.gradient(y, weight)

    def entered_twice() -> Any:
        with tape_class() as tape, tape:
            pass

    def stopped(tape: Any) -> Any:
        with tape.stop_recording():
            pass

    return [
        asked(twice),
        asked(twice, persistent=True),
        asked(lambda tape, y: (tape.jacobian(y, weight), tape.gradient(y, weight))),
        asked(lambda tape, y: tape.gradient(None, weight)),
        asked(lambda tape, y: tape.gradient([y, None], weight)),
        asked(lambda tape, y: tape.gradient(y, None)),
        asked(lambda tape, y: tape.gradient(y, [weight, None])),
        asked(lambda tape, y: tape.gradient(y, 1.0)),
        asked(lambda tape, y: tape.gradient(y, np.ones(2))),
        asked(lambda tape, y: tape.gradient(1.0, weight)),
        asked(lambda tape, y: tape.gradient(np.ones(2), weight)),
        asked(lambda tape, y: tape.watch(1.0)),
        asked(lambda tape, y: tape.watch(np.ones(2))),
        asked(lambda tape, y: tape.watch([x, None])),
        asked(lambda tape, y: tape.reset()),
        asked(lambda tape, y: stopped(tape)),
        asked(lambda tape, y: tape.jacobian([y], weight)),
        asked(lambda tape, y: tape.jacobian(y, weight, experimental_use_pfor=False)),
        asked(lambda tape, y: tape.batch_jacobian(y, x)),
        asked(lambda tape, y: tape.batch_jacobian(tensor(k, X), tensor(k, X[:3]))),
        attempt(in_the_block),
        attempt(entered_twice),
        attempt(lambda: tape_class().gradient(x, x)),
        attempt(lambda: tape_class().watch(x)),
        attempt(lambda: tape_class().reset()),
        attempt(lambda: stopped(tape_class())),
    ]


# Variables that change


@in_both
def test_a_variable_that_is_assigned_before_its_gradient_is_what_was_read(k: Any) -> Any:
    weight = k.Variable([2.0, 3.0])
    value = weight.value
    with tape_of(k)(persistent=True) as tape:
        first = k.ops.sum(weight * weight)
        third = k.ops.sum(value * value * value)
        weight.assign(weight * 10.0)
        second = k.ops.sum(weight * weight) + first
    before = [tape.gradient(y, weight) for y in (first, second, third)]
    weight.assign([-1.0, -2.0])
    after = [tape.gradient(y, [weight, value]) for y in (first, second, third)]
    with tape:
        again = k.ops.sum(weight * weight * weight)
    return before, after, tape.gradient([again, first], weight), weight.numpy()


@in_both
def test_two_optimizers_take_steps_from_one_persistent_tape(k: Any) -> Any:
    model = mlp(k)
    first, second = k.optimizers.SGD(0.1), k.optimizers.Adam(0.01)
    losses = []
    for _ in range(4):
        with tape_of(k)(persistent=True) as tape:
            y = model(X, training=True)
            loss = k.ops.mean(k.ops.square(y - Y))
            size = k.ops.mean(k.ops.abs(y))
        for optimizer, value in ((first, loss), (second, size)):
            grads = tape.gradient(value, model.trainable_variables)
            optimizer.apply(grads, model.trainable_variables)
        losses.append([float(loss), float(size)])
    return losses, model.get_weights()


# Jacobians


@in_both
def test_the_jacobian_of_a_small_model(k: Any) -> Any:
    model, x = mlp(k, 3), tensor(k, X[:2])
    with tape_of(k)(persistent=True) as tape:
        tape.watch(x)
        y = model(x)
    return [
        tape.jacobian(y, x),
        tape.jacobian(y[0, 0], x),
        tape.jacobian(y, model.trainable_variables),
        tape.jacobian(y, {"x": x, "y": tensor(k, [1.0])}),
        tape.jacobian(y, [tensor(k, [1.0])], unconnected_gradients="zero"),
        tape.batch_jacobian(y, x),
        tape.batch_jacobian(y, tensor(k, X[:2])),
        tape.batch_jacobian(y, x, experimental_use_pfor=False),
    ]


@in_both
def test_a_hessian(k: Any) -> Any:
    x = tensor(k, [0.5, -1.0, 2.0])
    with tape_of(k)() as outer:
        outer.watch(x)
        with tape_of(k)() as inner:
            inner.watch(x)
            y = k.ops.sum(x**3) * x[0]
        slope = inner.gradient(y, x)
    return outer.jacobian(slope, x)


# Steps in fit


def own_step(k: Any, **compiled: Any) -> Any:
    """Return the history and weights of a model with a `train_step` of its own."""
    loss_tracker = k.metrics.Mean(name="own_loss")
    accuracy = k.metrics.SparseCategoricalAccuracy(name="own_accuracy")
    loss_fn = k.losses.SparseCategoricalCrossentropy(from_logits=True)

    class Own(k.Sequential):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            x, y = data
            with tape_of(k)() as tape:
                logits = self(x, training=True)
                loss = loss_fn(y, logits)
            grads = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(grads, self.trainable_variables, strict=True))
            loss_tracker.update_state(loss)
            accuracy.update_state(y, logits)
            return {"own_loss": loss_tracker.result(), "own_accuracy": accuracy.result()}

        @property
        def metrics(self) -> Any:
            return [loss_tracker, accuracy]

    model = Own([k.Input((4,)), k.layers.Dense(5, activation="relu"), k.layers.Dense(3)])
    model.compile(optimizer=k.optimizers.Adam(0.02), **compiled)
    history = model.fit(X, LABELS, batch_size=5, epochs=3, verbose=0, shuffle=False)
    return history.history, model.get_weights()


@in_both
def test_a_train_step_with_a_tape_is_traced_in_fit(k: Any) -> Any:
    return own_step(k)


@in_both
def test_a_train_step_with_a_tape_runs_eagerly(k: Any) -> Any:
    return own_step(k, run_eagerly=True)


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_train_step_that_uses_what_was_compiled(eagerly: bool) -> None:
    @in_both
    def script(k: Any) -> Any:
        class Own(k.Model):  # type: ignore[misc]
            def train_step(self, data: Any) -> Any:
                x, y = data
                with tape_of(k)() as tape:
                    y_pred = self(x, training=True)
                    loss = self.compute_loss(x=x, y=y, y_pred=y_pred)
                grads = tape.gradient(loss, self.trainable_variables)
                self.optimizer.apply(grads, self.trainable_variables)
                for metric in self.metrics:
                    if metric.name == "loss":
                        metric.update_state(loss)
                    else:
                        metric.update_state(y, y_pred)
                return {metric.name: metric.result() for metric in self.metrics}

        inputs = k.Input((4,))
        model = Own(inputs, k.layers.Dense(1)(k.layers.Dense(3, activation="tanh")(inputs)))
        model.compile("sgd", "mse", run_eagerly=eagerly)
        history = model.fit(X, Y, batch_size=4, epochs=3, verbose=0)
        return history.history, model.get_weights()

    script()


def gan(k: Any, eagerly: bool) -> Any:
    """Return the history and weights of two models with an optimizer each, and a penalty."""

    class Gan(k.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.critic = mlp(k)
            self.generator = k.Sequential([k.Input((2,)), k.layers.Dense(4)])
            self.noise = k.layers.Dense(2, trainable=False)
            self.loss_fn = k.losses.BinaryCrossentropy(from_logits=True)
            self.critic_loss = k.metrics.Mean(name="critic_loss")
            self.generator_loss = k.metrics.Mean(name="generator_loss")

        def compile(self, critic: Any, generator: Any, **kwargs: Any) -> None:
            super().compile(**kwargs)
            self.of_critic, self.of_generator = critic, generator

        @property
        def metrics(self) -> Any:
            return [self.critic_loss, self.generator_loss]

        def train_step(self, real: Any) -> Any:
            noise = k.ops.tanh(self.noise(real) * 3.0)
            ones = k.ops.ones_like(real[:, :1])
            with tape_of(k)() as outer:
                made = self.generator(noise)
                with tape_of(k)() as inner:
                    inner.watch(real)
                    score = self.critic(real)
                slopes = inner.gradient(score, real)
                loss = self.loss_fn(ones, score) + self.loss_fn(ones * 0.0, self.critic(made))
                loss = loss + 0.1 * k.ops.mean(k.ops.sum(k.ops.square(slopes), axis=1))
            weights = self.critic.trainable_weights
            pairs = zip(outer.gradient(loss, weights, None, "zero"), weights, strict=True)
            self.of_critic.apply_gradients(pairs)
            with tape_of(k)() as tape:
                fooled = self.loss_fn(ones, self.critic(self.generator(noise)))
            weights = self.generator.trainable_weights
            self.of_generator.apply_gradients(
                zip(tape.gradient(fooled, weights), weights, strict=True)
            )
            self.critic_loss.update_state(loss)
            self.generator_loss.update_state(fooled)
            return {"critic": self.critic_loss.result(), "generator": self.generator_loss.result()}

    model = Gan()
    model.compile(k.optimizers.Adam(0.01), k.optimizers.SGD(0.05), run_eagerly=eagerly)
    history = model.fit(X, batch_size=5, epochs=3, verbose=0, shuffle=False)
    return history.history, model.critic.get_weights(), model.generator.get_weights()


@in_both
def test_two_models_against_each_other_are_traced_in_fit(k: Any) -> Any:
    return gan(k, eagerly=False)


@in_both
def test_two_models_against_each_other_run_eagerly(k: Any) -> Any:
    return gan(k, eagerly=True)


@in_both
def test_a_step_with_a_persistent_tape_that_assigns_in_between(k: Any) -> Any:
    class Own(k.Sequential):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            x, y = data
            with tape_of(k)(persistent=True) as tape:
                y_pred = self(x, training=True)
                loss = k.ops.mean(k.ops.square(y_pred - y))
                size = k.ops.mean(k.ops.square(y_pred))
            for value in (loss, size):
                for weight, grad in zip(
                    self.trainable_variables,
                    tape.gradient(value, self.trainable_variables),
                    strict=True,
                ):
                    weight.assign_sub(0.1 * grad)
            slopes = tape.gradient(size, y_pred)
            return {"loss": loss, "size": size, "slopes": k.ops.sum(slopes)}

    model = Own([k.Input((4,)), k.layers.Dense(5, activation="tanh"), k.layers.Dense(1)])
    model.compile()
    history = model.fit(X, Y, batch_size=4, epochs=3, verbose=0, shuffle=False)
    return history.history, model.get_weights()


# Gradients of a user's own


def custom(k: Any) -> Any:
    """Return functions with gradients of their own."""
    weight = k.Variable([2.0, 3.0], name="weight")

    @k.ops.custom_gradient
    def log1pexp(x: Any) -> Any:
        e = k.ops.exp(x)

        def grad(*args: Any, upstream: Any = None) -> Any:
            upstream = args[0] if upstream is None else upstream
            return k.ops.multiply(upstream, 1.0 - 1.0 / k.ops.add(1, e))

        return k.ops.log(1 + e), grad

    @k.ops.custom_gradient
    def of_two(x: Any, y: Any) -> Any:
        return (x * y, [x + y]), lambda by_product, by_sum: (by_product * 7.0, by_sum * y)

    @k.ops.custom_gradient
    def of_a_list(xs: Any) -> Any:
        return xs[0] * xs[1], lambda upstream: [upstream * 7.0, None]

    @k.ops.custom_gradient
    def of_a_variable(x: Any) -> Any:
        def grad(upstream: Any, variables: Any = None) -> Any:
            return upstream * 10.0, [upstream * 20.0 for _ in variables]

        return x * weight, grad

    @k.ops.custom_gradient
    def of_too_many(x: Any) -> Any:
        return x * 2.0, lambda upstream: (upstream, upstream)

    @k.ops.custom_gradient
    def of_an_unnamed_variable(x: Any) -> Any:
        return x * weight, lambda upstream: upstream

    return SimpleNamespace(**locals())


@in_both
def test_functions_have_gradients_of_their_own(k: Any) -> Any:
    f = custom(k)
    x, y = tensor(k, [1.0, 100.0]), tensor(k, [3.0, 4.0])
    with tape_of(k)(persistent=True) as tape:
        tape.watch([x, y])
        stable = f.log1pexp(x)
        product, (total,) = f.of_two(x, y)
        first = f.of_a_list([x, y])
        weighted = f.of_a_variable(x)
    return [
        *[stable, product, total, first, weighted],
        tape.gradient(stable, x),
        tape.gradient(product, [x, y]),
        tape.gradient([product, total], [x, y]),
        tape.gradient(first, [x, y]),
        tape.gradient(weighted, [x, f.weight]),
    ]


@in_both
def test_a_gradient_of_a_users_own_has_a_gradient(k: Any) -> Any:
    f, x = custom(k), tensor(k, [1.0, -2.0])
    with tape_of(k)() as outer:
        outer.watch(x)
        with tape_of(k)() as inner:
            inner.watch(x)
            y = f.log1pexp(x)
        slope = inner.gradient(y, x)
    return slope, outer.gradient(slope, x)


@in_both
def test_a_gradient_of_a_users_own_is_refused(k: Any) -> Any:
    f, x = custom(k), tensor(k, [1.0, 100.0])

    def asked(function: Any) -> Any:
        with tape_of(k)() as tape:
            tape.watch(x)
            y = function(x)
        return tape.gradient(y, x)

    functions = (f.of_too_many, f.of_an_unnamed_variable)
    return [attempt(lambda each=each: asked(each)) for each in functions]


@in_both
def test_a_model_is_trained_with_a_gradient_of_a_users_own(k: Any) -> Any:
    f = custom(k)

    class Own(k.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            return f.log1pexp(inputs)

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape

    model = k.Sequential([k.layers.Dense(3), Own(), k.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(X, Y, batch_size=5, epochs=3, verbose=0, shuffle=False)
    return history.history, model.get_weights()


# Control flow


@in_both
def test_control_flow_in_plain_python(k: Any) -> Any:
    o, x = k.ops, tensor(k, [[1.0, 2.0], [3.0, 4.0]])
    whole = o.convert_to_tensor([1, 2, 3])
    return [
        o.cond(o.sum(x) > 3.0, lambda: x, lambda: -x),
        o.cond(False, lambda: 1, lambda: {"a": 2}),
        o.cond(0, lambda: None, lambda: None),
        o.switch(o.convert_to_tensor(1), [lambda a, b: a + b, lambda a, b: a - b], x, 1.0),
        [o.switch(place, [lambda: 1, lambda: 2, lambda: 3]) for place in (-2, 0, 2, 9)],
        o.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * 2.0), (0, x)),
        o.while_loop(lambda i, v: i < 3, lambda i, v: [i + 1, v * 2.0], [0, x]),
        o.while_loop(lambda v: o.sum(v) < 100.0, lambda v: v * 2.0, x),
        o.while_loop(lambda i: i < 9, lambda i: i + 1, 0, maximum_iterations=4),
        o.while_loop(lambda d: d["i"] < 3, lambda d: {"i": d["i"] + 1}, {"i": 0}),
        o.fori_loop(0, 4, lambda i, v: v + float(i), x),
        o.fori_loop(o.convert_to_tensor(1), 4, lambda i, v: v + i, 0),
        o.fori_loop(0, 3, lambda i, v: (v[0] + 1, v[1] * 2.0), (0, 1.0)),
        o.fori_loop(3, 0, lambda i, v: v * 2.0, x),
        o.map(lambda row: row * 2.0, x),
        o.map(lambda row: {"a": row["u"] * 2.0, "b": [row["v"]]}, {"u": x, "v": x[:, 0]}),
        o.vectorized_map(o.sum, x),
        o.vectorized_map(lambda row: row[0] * row[1], [x, x[:, :1]]),
        o.scan(lambda c, v: (c + v, c * 2), o.convert_to_tensor(0), whole),
        o.scan(lambda c, v: (c + v, c * 2), o.convert_to_tensor(0), whole, reverse=True),
        o.scan(lambda c, v: (c * 2, c), 1, length=4),
        o.scan(lambda c, v: (c + v, None), 0, whole, length=3, unroll=True),
        o.scan(lambda c, v: ((c[0] + v["a"], c[1]), c), (0, 1.0), {"a": whole}),
    ]


@in_both
def test_control_flow_is_called_wrongly(k: Any) -> Any:
    o, whole = k.ops, k.ops.convert_to_tensor([1, 2, 3])
    f = lambda *args: args[0]  # noqa: E731
    calls = [
        lambda: o.cond(None, f, f),
        lambda: o.cond("yes", f, f),
        lambda: o.cond(True, 1, f),
        lambda: o.cond(True, f, 1),
        lambda: o.cond(whole, f, f),
        lambda: o.switch(0, []),
        lambda: o.while_loop(1, f, 0),
        lambda: o.while_loop(lambda i: i < 1, 1, 0),
        lambda: o.while_loop(lambda i: i > 1, 1, 0),
        lambda: o.while_loop(lambda: False, f, ()),
        lambda: o.while_loop(lambda i, v: i < 1, lambda i, v: (i + 1,), (0, 1.0)),
        lambda: o.scan(1, 0, whole),
        lambda: o.scan(f, 0, whole, unroll=0),
        lambda: o.scan(f, 0, whole, unroll="all"),
        lambda: o.scan(f, 0),
        lambda: o.scan(lambda c, v: (c, o.stack([c, c])), 0, whole),
        lambda: o.scan(lambda c, v: (c, c), 0, whole, length=2),
        lambda: o.map(lambda x: x[0] + x[1], (whole, whole[:2])),
    ]
    return [attempt(call) for call in calls]


@in_both
def test_gradients_go_back_through_loops(k: Any) -> Any:
    o, x, weight = k.ops, tensor(k, rows(3, 2)), k.Variable([0.5, -0.5])
    with tape_of(k)(persistent=True) as tape:
        tape.watch(x)
        targets = [
            o.fori_loop(0, 3, lambda i, v: o.tanh(v * weight), x),
            o.while_loop(lambda i, v: i < 2, lambda i, v: (i + 1, v * weight), (0, x))[1],
            o.map(lambda row: row * weight, x),
            o.scan(lambda c, row: (c * weight + row, c * row), weight * 1.0, x),
            o.cond(o.sum(x) > 100.0, lambda: x, lambda: x * weight),
            o.switch(1, [lambda v: v, lambda v: v * weight], x),
        ]
    return [tape.gradient(target, [x, weight]) for target in targets]


@in_both
def test_loops_of_a_known_length_are_traced_in_fit(k: Any) -> Any:
    o = k.ops

    class Own(k.layers.Layer):  # type: ignore[misc]
        def build(self, input_shape: Any) -> None:
            self.kernel = self.add_weight(shape=(3, 3), initializer="glorot_uniform")

        def call(self, inputs: Any) -> Any:
            steps = o.transpose(inputs, (1, 0, 2))
            start = o.zeros_like(steps[0])
            last, states = o.scan(
                lambda h, x: (o.tanh(o.matmul(h, self.kernel) + x),) * 2, start, steps
            )
            last = o.fori_loop(0, 2, lambda i, h: o.tanh(o.matmul(h, self.kernel)), last)
            return last + o.sum(o.map(lambda h: h * h, states), axis=0)

        def compute_output_shape(self, input_shape: Any) -> Any:
            return (input_shape[0], 3)

    model = k.Sequential([Own(), k.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(rows(10, 4, 3), Y[:10], batch_size=4, epochs=3, verbose=0, shuffle=False)
    return history.history, model.get_weights()
