"""Optimizers by themselves: each formula written again, and asked for the same bits."""

import numpy as np
import pytest

from minidense import Variable, optimizers
from minidense.optimizers import SGD, Adam, RMSprop

CLASSES = [SGD, Adam, RMSprop]


def gradients_of(steps, shape=(3, 2), dtype="float32"):
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape).astype(dtype) for _ in range(steps)]


def train(optimizer, gradients, dtype="float32"):
    weight = Variable(np.ones((3, 2)), dtype=dtype, name="kernel")
    for gradient in gradients:
        optimizer.apply([gradient], [weight])
    return weight.numpy()


def assert_same_bits(found, wanted):
    assert found.dtype == wanted.dtype
    assert found.tobytes() == wanted.tobytes()


# The formulas, each operation rounded to the weight's dtype


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_plain_sgd_subtracts_rate_times_gradient(dtype):
    gradients = gradients_of(20, dtype=dtype)
    rate = np.dtype(dtype).type(np.float32(0.1))
    weight = np.ones((3, 2), dtype)
    for gradient in gradients:
        weight = weight - gradient * rate
    assert_same_bits(train(SGD(0.1), gradients, dtype), weight)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_is_a_decaying_sum_of_steps(nesterov, dtype):
    gradients = gradients_of(20, dtype=dtype)
    one = np.dtype(dtype).type
    rate, momentum = one(np.float32(0.1)), one(np.float32(0.9))
    weight, velocity = np.ones((3, 2), dtype), np.zeros((3, 2), dtype)
    for gradient in gradients:
        velocity = velocity * momentum - gradient * rate
        weight = weight + (velocity * momentum - gradient * rate if nesterov else velocity)
    assert_same_bits(train(SGD(0.1, 0.9, nesterov), gradients, dtype), weight)


def test_nesterov_without_momentum_is_plain():
    gradients = gradients_of(3)
    assert_same_bits(train(SGD(nesterov=True), gradients), train(SGD(), gradients))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("amsgrad", [False, True])
def test_adam_divides_a_mean_by_the_root_of_a_mean_square(amsgrad, dtype):
    gradients = gradients_of(20, dtype=dtype)
    one = np.dtype(dtype).type
    weight = np.ones((3, 2), dtype)
    mean, square, largest = (np.zeros((3, 2), dtype) for _ in range(3))
    for step, gradient in enumerate(gradients, start=1):
        root = np.sqrt(one(1) - one(np.float32(0.99)) ** one(step))
        alpha = one(np.float32(0.1)) * root / (one(1) - one(np.float32(0.9)) ** one(step))
        mean = mean + (gradient - mean) * one(1 - 0.9)
        square = square + (gradient * gradient - square) * one(1 - 0.99)
        largest = np.maximum(largest, square)
        spread = largest if amsgrad else square
        weight = weight - mean * alpha / (np.sqrt(spread) + one(1e-3))
    optimizer = Adam(0.1, beta_2=0.99, epsilon=1e-3, amsgrad=amsgrad)
    assert_same_bits(train(optimizer, gradients, dtype), weight)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("momentum", [0.0, 0.5])
@pytest.mark.parametrize("centered", [False, True])
def test_rmsprop_divides_by_the_root_of_a_mean_square(centered, momentum, dtype):
    gradients = gradients_of(20, dtype=dtype)
    one = np.dtype(dtype).type
    weight = np.ones((3, 2), dtype)
    square, mean, total = (np.zeros((3, 2), dtype) for _ in range(3))
    for gradient in gradients:
        square = one(0.8) * square + one(1 - 0.8) * (gradient * gradient)
        mean = one(0.8) * mean + one(1 - 0.8) * gradient
        spread = square - mean * mean if centered else square
        step = one(np.float32(0.1)) * gradient / np.sqrt(spread + one(1e-3))
        total = one(momentum) * total + step
        weight = weight - total
    optimizer = RMSprop(0.1, 0.8, momentum, 1e-3, centered)
    assert_same_bits(train(optimizer, gradients, dtype), weight)


# What every optimizer promises


@pytest.mark.parametrize("cls", CLASSES)
def test_a_step_is_in_place_and_leaves_the_gradient_as_it_is(cls):
    weight, gradient = Variable(np.ones(3, "float32")), np.ones(3, "float32")
    array = weight.value
    cls().apply([gradient], [weight])
    assert weight.value is array
    assert (array < 1).all()
    np.testing.assert_array_equal(gradient, 1)


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_one_dtype_throughout(cls, dtype):
    weight = Variable(np.ones(3), dtype=dtype)
    optimizer = cls()
    optimizer.apply([np.ones(3)], [weight])
    assert {variable.dtype for variable in optimizer.variables[2:]} <= {dtype}
    assert weight.dtype == dtype


@pytest.mark.parametrize(
    ("optimizer", "names"),
    [
        (SGD(name="o"), []),
        (SGD(momentum=0.9, name="o"), ["a_momentum", "b_momentum"]),
        (Adam(name="o"), ["a_momentum", "a_velocity", "b_momentum", "b_velocity"]),
        (RMSprop(name="o"), ["a_velocity", "b_velocity"]),
        (
            RMSprop(momentum=0.5, centered=True, name="o"),
            [f"{w}_{kind}" for kind in ("velocity", "momentum", "average_gradient") for w in "ab"],
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_variables_are_the_count_the_rate_and_the_state_in_keras_order(optimizer, names):
    weights = [Variable(np.zeros(2), name="a"), Variable(np.zeros((1, 3)), name="b")]
    for _ in range(2):  # a second build changes nothing
        optimizer.build(weights)
        found = [variable.name for variable in optimizer.variables]
        assert found == ["iteration", "learning_rate", *names]
    assert optimizer.variables[0].dtype == "int64"
    assert optimizer.variables[0].path == "o/iteration"


def test_the_learning_rate_can_be_read_and_set():
    optimizer = SGD(0.5)
    assert float(optimizer.learning_rate) == 0.5
    for value in (0.25, 1, np.float32(0.125), Variable(0.75)):
        optimizer.learning_rate = value
        assert float(optimizer.learning_rate) == float(value)
    optimizer.learning_rate.assign(0.5)
    assert optimizer.get_config()["learning_rate"] == 0.5


@pytest.mark.parametrize(
    ("value", "error"),
    [(-1.0, ValueError), (np.nan, ValueError), (np.inf, ValueError), ("x", TypeError),
     (None, TypeError), (True, TypeError), ([0.1, 0.2], TypeError)],
)  # fmt: skip
def test_a_learning_rate_without_meaning_is_not_set(value, error):
    optimizer = SGD(0.5)
    with pytest.raises(error, match="learning_rate"):
        optimizer.learning_rate = value
    assert float(optimizer.learning_rate) == 0.5


def test_iterations_count_the_steps():
    optimizer = SGD()
    train(optimizer, gradients_of(3))
    assert int(optimizer.iterations) == 3
    optimizer.apply([], [])
    assert int(optimizer.iterations) == 3


@pytest.mark.parametrize("cls", CLASSES)
def test_a_configuration_makes_an_equal_optimizer(cls):
    optimizer = cls(0.5, name="mine")
    assert cls.from_config(optimizer.get_config()).get_config() == optimizer.get_config()


# What is refused


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("rate", [1, "x", None, np.float32(0.1), -0.1, np.nan, np.inf])
def test_a_learning_rate_is_a_float_from_0_up(cls, rate):
    with pytest.raises(ValueError, match="learning_rate"):
        cls(rate)


@pytest.mark.parametrize(
    ("make", "error", "word"),
    [
        (lambda: SGD(momentum=1), ValueError, "momentum"),
        (lambda: SGD(momentum=1.5), ValueError, "momentum"),
        (lambda: SGD(momentum=np.nan), ValueError, "momentum"),
        (lambda: SGD(nesterov=1), ValueError, "nesterov"),
        (lambda: Adam(beta_1=1.0), ValueError, "beta_1"),
        (lambda: Adam(beta_2=-0.1), ValueError, "beta_2"),
        (lambda: Adam(beta_2="x"), TypeError, "beta_2"),
        (lambda: Adam(epsilon=-1e-7), ValueError, "epsilon"),
        (lambda: Adam(amsgrad="yes"), ValueError, "amsgrad"),
        (lambda: RMSprop(rho=1.5), ValueError, "rho"),
        (lambda: RMSprop(momentum=-0.1), ValueError, "momentum"),
        (lambda: RMSprop(centered=None), ValueError, "centered"),
        (lambda: SGD(lr=0.1), ValueError, "lr"),
        (lambda: Adam(weight_decay=0.1), NotImplementedError, "weight_decay"),
        (lambda: Adam(clipnorm=1.0), NotImplementedError, "clipnorm"),
        (lambda: SGD(use_ema=True), NotImplementedError, "use_ema"),
        # weight_decay in Keras, and no name
        (lambda: SGD(0.1, 0.9, True, 1e-4), TypeError, "positional"),
    ],
)
def test_an_argument_without_meaning_is_refused_and_named(make, error, word):
    with pytest.raises(error, match=word):
        make()


def test_arguments_that_only_say_no_are_taken():
    SGD(weight_decay=None, clipnorm=None, use_ema=False, ema_momentum=0.9)


@pytest.mark.parametrize(
    ("grads", "word"),
    [
        ([np.ones(2), np.ones(2)], r"'b' must have its shape \(3,\)"),
        ([np.ones(2), np.ones((1, 3))], r"Received a gradient of shape \(1, 3\)"),
        ([np.ones(2), np.float32(1)], r"Received a gradient of shape \(\)"),
        ([np.ones(2)], "1 gradients for 2 variables"),
    ],
)
def test_a_gradient_that_does_not_fit_changes_nothing(grads, word):
    weights = [Variable(np.zeros(2), name="a"), Variable(np.zeros(3), name="b")]
    optimizer = SGD(0.1, name="o")
    with pytest.raises(ValueError, match=word):
        optimizer.apply(grads, weights)
    np.testing.assert_array_equal(weights[0], 0)
    assert int(optimizer.iterations) == 0
    assert not optimizer.built


def test_weights_that_it_was_not_built_for_change_nothing():
    first, second = Variable(np.zeros(2), name="first"), Variable(np.zeros(2), name="second")
    optimizer = Adam(name="mine")
    optimizer.build([first])
    with pytest.raises(ValueError, match=r"Unknown variable: second.*'mine'"):
        optimizer.apply([np.ones(2), np.ones(2)], [first, second])
    np.testing.assert_array_equal(first, 0)


@pytest.mark.parametrize("identifier", ["nope", 5, SGD, {}])
def test_get_refuses_what_is_no_optimizer(identifier):
    with pytest.raises(ValueError, match=r"optimizer identifier.*sgd"):
        optimizers.get(identifier)


def test_get_knows_names_in_any_case_and_objects():
    optimizer = SGD()
    assert optimizers.get(optimizer) is optimizer
    assert optimizers.get(None) is None
    assert isinstance(optimizers.get("rmsPROP"), RMSprop)


def test_a_users_optimizer_is_built_once_and_keeps_its_state():
    class Summing(optimizers.Optimizer):
        def build(self, variables):
            super().build(variables)
            self.sums = self.add_state(variables, "sum")[0]

        def update_step(self, gradient, variable, learning_rate):
            total = self.sums[self.index_of(variable)].value
            total += gradient
            variable.value -= learning_rate * total

    optimizer, weight = Summing(learning_rate=0.5), Variable([0.0], name="w")
    for _ in range(3):
        optimizer.apply([np.float32([1.0])], [weight])
    np.testing.assert_array_equal(weight, [-0.5 * (1 + 2 + 3)])
    assert [variable.name for variable in optimizer.variables[2:]] == ["w_sum"]


def test_a_users_optimizer_is_told_what_it_lacks():
    optimizer = optimizers.Optimizer(learning_rate=0.1)
    with pytest.raises(NotImplementedError, match="update_step"):
        train(optimizer, gradients_of(1))


def test_an_optimizer_that_writes_to_its_learning_rate_does_not_change_the_models():
    class Halving(optimizers.Optimizer):
        def update_step(self, gradient, variable, learning_rate):
            learning_rate *= 0.5
            variable.value -= learning_rate * gradient

    optimizer = Halving(0.5)
    weight = Variable([1.0])
    for _ in range(2):
        optimizer.apply([np.float32([1.0])], [weight])
    assert float(optimizer.learning_rate) == 0.5
    assert weight.numpy() == 0.5
