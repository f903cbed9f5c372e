"""Optimizers by themselves: each formula written again, and asked for the same bits."""

from typing import Any

import numpy as np
import pytest

from minidense import Variable, config, optimizers
from minidense.names import reset_names
from minidense.optimizers import SGD, Adam, Optimizer, RMSprop

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


# What every optimizer's configuration has, as keras.optimizers.SGD().get_config() gives it.
SHARED = {
    "weight_decay": None,
    "clipnorm": None,
    "global_clipnorm": None,
    "clipvalue": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
}


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


def test_the_running_mean_of_a_centered_rmsprop_has_the_gradients_sign() -> None:
    weight = Variable(np.zeros(2), dtype="float32", name="w")
    optimizer = RMSprop(0.1, rho=0.75, centered=True)
    optimizer.apply([np.float32([4.0, -8.0])], [weight])
    mean = optimizer.variables[-1]
    assert mean.name == "w_average_gradient"
    np.testing.assert_array_equal(mean, np.float32([1.0, -2.0]))


# What every optimizer promises


@pytest.mark.parametrize("cls", CLASSES)
def test_a_step_is_in_place_and_leaves_the_gradient_as_it_is(cls):
    weight, gradient = Variable(np.ones(3, "float32")), np.ones(3, "float32")
    array = weight.value
    cls().apply([gradient], [weight])
    assert (array < 1).all()  # it follows the variable
    np.testing.assert_array_equal(gradient, 1)


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_one_dtype_throughout(cls, dtype):
    weight = Variable(np.ones(3), dtype=dtype)
    optimizer = cls()
    optimizer.apply([np.ones(3)], [weight])
    assert {variable.dtype for variable in optimizer.variables[2:]} <= {dtype}
    assert weight.dtype == dtype


@pytest.mark.parametrize("cls", [SGD, Adam, RMSprop])
def test_a_float64_gradient_of_a_float32_weight_is_rounded_first(cls: type[Optimizer]) -> None:
    gradients = np.random.default_rng(0).normal(size=(5, 50))
    ends = []
    for dtype in ("float32", "float64"):
        weight = Variable(np.ones(50), dtype="float32")
        optimizer = cls(0.1)
        for gradient in gradients:
            optimizer.apply([gradient.astype(dtype)], [weight])
        ends.append(weight.numpy().tobytes())
    assert ends[0] == ends[1]


def test_pairs_of_a_gradient_and_a_variable_make_a_step() -> None:
    first, second = Variable([1.0, 1.0]), Variable([2.0])
    optimizer = SGD(0.5)
    optimizer.apply_gradients(zip([np.ones(2), np.full(1, 2.0)], [first, second], strict=True))
    np.testing.assert_array_equal(first, [0.5, 0.5])
    np.testing.assert_array_equal(second, [1.0])
    assert int(optimizer.iterations) == 1


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


def test_amsgrads_state_follows_the_others_and_paths_start_with_the_optimizer() -> None:
    weights = [
        Variable(np.zeros(2), dtype="float32", name=n, path=f"layer/{n}") for n in ("a", "b")
    ]
    optimizer = Adam(amsgrad=True, name="o")
    optimizer.build(weights)
    # the names and paths of Keras 3.15.1
    assert [variable.path for variable in optimizer.variables] == [
        "o/iteration",
        "o/learning_rate",
        "o/layer_a_momentum",
        "o/layer_a_velocity",
        "o/layer_b_momentum",
        "o/layer_b_velocity",
        "o/layer_a_velocity_hat",
        "o/layer_b_velocity_hat",
    ]
    assert [v.name for v in optimizer.variables] == [v.path[2:] for v in optimizer.variables]
    assert not any(variable.trainable for variable in optimizer.variables)


def test_the_count_is_a_whole_number_and_the_learning_rate_in_floatx() -> None:
    assert SGD(0.1).iterations.dtype == "int64"
    assert not SGD(0.1).built
    assert SGD(0.1).learning_rate.dtype == "float32"
    config.set_floatx("float64")
    try:
        assert SGD(0.1).learning_rate.dtype == "float64"
    finally:
        config.set_floatx("float32")


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


# The values are those of Keras 3.15.1's get_config().
@pytest.mark.parametrize(
    ("cls", "own"),
    [
        (SGD, {"name": "sgd", "learning_rate": 0.01, "momentum": 0.0, "nesterov": False}),
        (
            Adam,
            {
                "name": "adam",
                "learning_rate": 0.001,
                "beta_1": 0.9,
                "beta_2": 0.999,
                "epsilon": 1e-7,
                "amsgrad": False,
            },
        ),
        (
            RMSprop,
            {
                "name": "rm_sprop",
                "learning_rate": 0.001,
                "rho": 0.9,
                "momentum": 0.0,
                "epsilon": 1e-7,
                "centered": False,
            },
        ),
    ],
)
def test_the_defaults_are_kerass(cls: type[Optimizer], own: dict[str, Any]) -> None:
    reset_names()
    wanted = {**SHARED, **own, "learning_rate": float(np.float32(own["learning_rate"]))}
    assert cls().get_config() == wanted
    assert cls(ema_momentum=0.5).get_config()["ema_momentum"] == 0.5


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


@pytest.mark.parametrize("cls", [SGD, Adam, RMSprop])
def test_an_unknown_argument_and_one_without_effect_are_refused(cls: type[Optimizer]) -> None:
    with pytest.raises(ValueError, match=rf"{cls.__name__}.*lr"):
        cls(lr=0.1)  # type: ignore[call-arg]
    with pytest.raises(NotImplementedError, match=rf"{cls.__name__}.*clipnorm"):
        cls(clipnorm=1.0)


def test_arguments_that_only_say_no_are_taken():
    SGD(weight_decay=None, clipnorm=None, use_ema=False, ema_momentum=0.9)


@pytest.mark.parametrize(
    ("grads", "word"),
    [
        ([np.ones(2), np.ones(2)], r"'b' of its shape \(3,\)"),
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


@pytest.mark.parametrize("identifier", ["nope", 5, SGD, {"class_name": "nope"}, {"class_name": 5}])
def test_get_refuses_what_is_no_optimizer(identifier):
    with pytest.raises(ValueError, match=r"optimizer identifier.*sgd"):
        optimizers.get(identifier)


def test_get_makes_an_optimizer_of_a_dict_whose_class_is_in_any_case():
    for name in ("SGD", "sgd"):
        found = optimizers.get({"class_name": name, "config": {"learning_rate": 0.5}})
        assert type(found) is SGD
        assert float(found.learning_rate) == 0.5
    adam = Adam(0.25, amsgrad=True, name="mine")
    again = optimizers.deserialize(optimizers.serialize(adam))
    assert again.get_config() == adam.get_config()
    with pytest.raises(ValueError, match="nope"):
        optimizers.get({"class_name": "Adam", "config": {"nope": 1}})
    with pytest.raises(ValueError, match="must have the key 'class_name'"):
        optimizers.get({})


def test_decay_is_ignored_with_a_warning_as_in_keras():
    with pytest.warns(UserWarning, match="`decay` has no effect") as warned:
        assert Adam(decay=0.1).name.startswith("adam")
    assert warned[0].filename == __file__


def test_get_knows_names_in_any_case_and_objects():
    optimizer = SGD()
    assert optimizers.get(optimizer) is optimizer
    assert optimizers.get(None) is None
    assert isinstance(optimizers.get("rmsPROP"), RMSprop)


# Optimizers of a user


def test_a_users_optimizer_is_built_once_and_keeps_its_state():
    class Summing(optimizers.Optimizer):
        def build(self, variables):
            super().build(variables)
            self.sums = self.add_optimizer_variables(variables, "sum")

        def update_step(self, gradient, variable, learning_rate):
            total = self.sums[self._get_variable_index(variable)]
            total.assign_add(gradient)
            variable.assign_sub(learning_rate * total)

    optimizer, weight = Summing(learning_rate=0.5), Variable([0.0], name="w")
    for _ in range(3):
        optimizer.apply([np.float32([1.0])], [weight])
    np.testing.assert_array_equal(weight, [-0.5 * (1 + 2 + 3)])
    assert [variable.name for variable in optimizer.variables[2:]] == ["w_sum"]


def test_variables_for_weights_are_made_weight_by_weight_under_all_names():
    optimizer, weights = SGD(name="sgd"), [Variable([0.0], path=f"dense/{name}") for name in "ab"]
    first, second = optimizer.add_optimizer_variables(weights, ["m", "v"], initializer="ones")
    made = optimizer.variables[2:]
    assert made == [first[0], second[0], first[1], second[1]]
    assert [each.path for each in made] == [
        f"sgd/dense_{name}" for name in ["a_m", "a_v", "b_m", "b_v"]
    ]
    assert [float(each.numpy()[0]) for each in made] == [1.0] * 4
    assert optimizer.add_variable_from_reference(weights[0]).name == "dense_a_var"
    assert optimizer.add_variable((2,), dtype="int32").dtype == "int32"


def test_a_users_optimizer_is_told_what_it_lacks():
    optimizer = optimizers.Optimizer(learning_rate=0.1)
    with pytest.raises(NotImplementedError, match="update_step"):
        train(optimizer, gradients_of(1))


def test_a_base_optimizer_says_its_class_and_what_to_write() -> None:
    class Mine(Optimizer):
        pass

    message = (
        r"^Optimizer Mine needs an `update_step\(gradient, variable, learning_rate\)` method\.$"
    )
    with pytest.raises(NotImplementedError, match=message):
        Mine(0.1).apply([np.ones(1)], [Variable([0.0])])


def test_an_optimizer_that_writes_to_its_learning_rate_does_not_change_the_models():
    class Halving(optimizers.Optimizer):
        def update_step(self, gradient, variable, learning_rate):
            learning_rate *= 0.5
            variable.assign_sub(learning_rate * gradient)

    optimizer = Halving(0.5)
    weight = Variable([1.0])
    for _ in range(2):
        optimizer.apply([np.float32([1.0])], [weight])
    assert float(optimizer.learning_rate) == 0.5
    assert weight.numpy() == 0.5
