"""Optimizers: the defaults, names and states that only a mutant of the source would change."""

from typing import Any

import numpy as np
import pytest

from minidense import Variable, config
from minidense.names import reset_names
from minidense.optimizers import SGD, Adam, Optimizer, RMSprop

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


def test_the_running_mean_of_a_centered_rmsprop_has_the_gradients_sign() -> None:
    weight = Variable(np.zeros(2), dtype="float32", name="w")
    optimizer = RMSprop(0.1, rho=0.75, centered=True)
    optimizer.apply([np.float32([4.0, -8.0])], [weight])
    mean = optimizer.variables[-1]
    assert mean.name == "w_average_gradient"
    np.testing.assert_array_equal(mean, np.float32([1.0, -2.0]))


def test_pairs_of_a_gradient_and_a_variable_make_a_step() -> None:
    first, second = Variable([1.0, 1.0]), Variable([2.0])
    optimizer = SGD(0.5)
    optimizer.apply_gradients(zip([np.ones(2), np.full(1, 2.0)], [first, second], strict=True))
    np.testing.assert_array_equal(first, [0.5, 0.5])
    np.testing.assert_array_equal(second, [1.0])
    assert int(optimizer.iterations) == 1


@pytest.mark.parametrize("cls", [SGD, Adam, RMSprop])
def test_an_unknown_argument_and_one_without_effect_are_refused(cls: type[Optimizer]) -> None:
    with pytest.raises(ValueError, match=rf"{cls.__name__}.*lr"):
        cls(lr=0.1)  # type: ignore[call-arg]
    with pytest.raises(NotImplementedError, match=rf"{cls.__name__}.*clipnorm"):
        cls(clipnorm=1.0)


def test_a_base_optimizer_says_its_class_and_what_to_write() -> None:
    class Mine(Optimizer):
        pass

    message = (
        r"^Optimizer Mine needs an `update_step\(gradient, variable, learning_rate\)` method\.$"
    )
    with pytest.raises(NotImplementedError, match=message):
        Mine(0.1).apply([np.ones(1)], [Variable([0.0])])
