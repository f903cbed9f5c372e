"""Optimizers of a user's own: what they say of a step is what `fit` does."""

import re
import warnings
from typing import Any

import numpy as np
import pytest

import minidense as k
from minidense import Variable
from minidense.optimizers import SGD, Adam, Optimizer, RMSprop

CLASSES = [SGD, Adam, RMSprop]
X = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")
Y = np.ones((6, 2), "float32")


def small_model(optimizer: Any) -> Any:
    k.utils.set_random_seed(1)
    model = k.Sequential([k.Input((3,)), k.layers.Dense(2)])
    model.compile(optimizer, "mse")
    return model


def moved(model: Any, train: Any) -> bool:
    """Whether the weights change."""
    before = model.get_weights()
    train(model)
    after = model.get_weights()
    return not all(np.array_equal(*pair) for pair in zip(before, after, strict=True))


def fit(model: Any) -> None:
    model.fit(X, Y, batch_size=2, verbose=0)


def train_on_batch(model: Any) -> None:
    model.train_on_batch(X, Y)


def two_weights() -> tuple[Variable, Variable]:
    return Variable(np.ones(2, "float32"), name="a"), Variable(np.ones(3, "float32"), name="b")


# What `fit` calls


@pytest.mark.parametrize("train", [fit, train_on_batch])
@pytest.mark.parametrize("base", CLASSES)
def test_an_apply_of_ones_own_is_what_fit_calls(base: Any, train: Any) -> None:
    class Still(base):  # type: ignore[misc]
        def apply(self, grads: Any, trainable_variables: Any = None) -> None:
            return super().apply([grad * 0 for grad in grads], trainable_variables)

    assert not moved(small_model(Still(0.1)), train)
    assert moved(small_model(base(0.1)), train)


@pytest.mark.parametrize("train", [fit, train_on_batch])
@pytest.mark.parametrize("base", CLASSES)
def test_an_apply_gradients_of_ones_own_is_what_fit_calls(base: Any, train: Any) -> None:
    class Still(base):  # type: ignore[misc]
        def apply_gradients(self, grads_and_vars: Any) -> Any:
            return super().apply_gradients([(grad * 0, v) for grad, v in grads_and_vars])

    assert not moved(small_model(Still(0.1)), train)


def test_an_apply_of_one_object_is_what_fit_calls() -> None:
    optimizer = SGD(0.1)
    optimizer.apply = lambda grads, trainable_variables=None: None  # type: ignore[method-assign]
    assert not moved(small_model(optimizer), fit)


def test_an_apply_that_hands_on_all_it_gets_trains_as_without_it() -> None:
    class Same(Adam):
        def apply(self, grads: Any, trainable_variables: Any = None) -> None:
            super().apply(grads, trainable_variables)

    models = [small_model(Adam(0.1)), small_model(Same(0.1))]
    for model in models:
        fit(model)
        assert int(model.optimizer.iterations) == 3
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        assert np.array_equal(one, other)


def test_an_apply_of_ones_own_gets_none_for_a_weight_that_the_loss_does_not_depend_on() -> None:
    class Listens(SGD):
        def apply(self, grads: Any, trainable_variables: Any = None) -> None:
            heard.append(
                [(grad is None, v.name) for grad, v in zip(grads, trainable_variables, strict=True)]
            )
            assert not self.built

    class Loose(k.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.loose = self.add_weight((2,), name="loose")
            self.dense = k.layers.Dense(2)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    heard: list[Any] = []
    model = k.Sequential([k.Input((3,)), Loose()])
    model.compile(Listens(0.1), "mse")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what there is to warn of is for the own `apply` to say
        model.train_on_batch(X, Y)
    assert heard == [[(True, "loose"), (False, "kernel"), (False, "bias")]]


def test_an_apply_of_ones_own_may_train_some_of_the_weights() -> None:
    class OnlyBiases(Adam):
        def apply(self, grads: Any, trainable_variables: Any = None) -> None:
            super().apply(grads[1::2], trainable_variables[1::2])

    model = small_model(OnlyBiases(0.1))
    kernel, bias = model.get_weights()
    for _ in range(2):
        fit(model)
    assert np.array_equal(model.get_weights()[0], kernel)
    assert not np.array_equal(model.get_weights()[1], bias)
    states = model.optimizer.variables[2:]
    assert [v.name.rpartition("_")[2] for v in states] == ["momentum", "velocity"]
    assert [v.shape for v in states] == [bias.shape] * 2


# `apply` and `apply_gradients`


def test_gradients_alone_are_for_the_weights_that_the_optimizer_was_built_for() -> None:
    optimizer, (a, b) = SGD(0.5), two_weights()
    optimizer.build([a, b])
    optimizer.apply([np.ones(2), np.full(3, 2.0)])
    np.testing.assert_array_equal(a, [0.5] * 2)
    np.testing.assert_array_equal(b, [0.0] * 3)


def test_the_weights_go_by_keras_name_and_may_come_one_by_one() -> None:
    optimizer, (a, b) = SGD(0.5), two_weights()
    optimizer.apply(grads=(np.ones(2),), trainable_variables=iter([a]))
    np.testing.assert_array_equal(a, [0.5] * 2)
    assert optimizer.built
    with pytest.raises(ValueError, match="Unknown variable: b"):
        optimizer.apply([np.ones(3)], trainable_variables=[b])


@pytest.mark.parametrize("variables", [None, []])
def test_no_gradients_are_no_step(variables: Any) -> None:
    optimizer = SGD()
    optimizer.apply([], variables)
    optimizer.apply([], list(two_weights()))
    assert int(optimizer.iterations) == 0
    assert not optimizer.built


def test_gradients_alone_need_an_optimizer_that_is_built() -> None:
    message = r"'mine' was not built.*apply\(grads, trainable_variables\).*Received: .*None"
    with pytest.raises(ValueError, match=message):
        SGD(name="mine").apply([np.ones(2)])


def test_gradients_alone_are_as_many_as_the_weights() -> None:
    optimizer, (a, b) = SGD(name="mine"), two_weights()
    optimizer.build([a, b])
    with pytest.raises(ValueError, match=r"'mine'.*1 gradients for 2 variables"):
        optimizer.apply([np.ones(2)])
    np.testing.assert_array_equal(a, 1)


def test_a_weight_whose_gradient_is_none_stays_and_a_warning_names_it() -> None:
    optimizer, (a, b) = SGD(0.5, name="mine"), two_weights()
    with pytest.warns(UserWarning, match=r"'mine'.*\['a'\] is None") as caught:
        optimizer.apply([None, np.ones(3)], [a, b])
    assert [warning.filename for warning in caught] == [__file__]
    np.testing.assert_array_equal(a, 1)
    np.testing.assert_array_equal(b, 0.5)
    assert int(optimizer.iterations) == 1
    optimizer.apply([np.ones(2), np.ones(3)])  # it was built for both
    np.testing.assert_array_equal(a, 0.5)


def test_a_weight_without_a_gradient_is_one_that_the_optimizer_knows() -> None:
    optimizer, (a, b) = SGD(0.5), two_weights()
    optimizer.build([a])
    with pytest.raises(ValueError, match="Unknown variable: b"):
        optimizer.apply([np.ones(2), None], [a, b])
    np.testing.assert_array_equal(a, 1)


def test_a_warning_that_is_an_error_changes_nothing() -> None:
    optimizer, (a, b) = SGD(0.5), two_weights()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="None"):
            optimizer.apply([None, np.ones(3)], [a, b])
    np.testing.assert_array_equal(b, 1)
    assert not optimizer.built


def test_no_gradient_but_none_is_refused() -> None:
    optimizer, (a, b) = SGD(name="mine"), two_weights()
    with pytest.raises(ValueError, match=r"'mine'.*None for each of \['a', 'b'\]"):
        optimizer.apply([None, None], [a, b])
    assert int(optimizer.iterations) == 0
    assert not optimizer.built


def test_apply_gradients_returns_the_count_of_the_steps() -> None:
    optimizer, (a, _) = SGD(), two_weights()
    assert optimizer.apply_gradients([(np.ones(2), a)]) is optimizer.iterations
    assert int(optimizer.iterations) == 1


def test_apply_gradients_refuses_no_pairs() -> None:
    with pytest.raises(ValueError, match=r"'mine'.*pair \(gradient, variable\).*Received none"):
        SGD(name="mine").apply_gradients([])


# What would have no effect

WITHOUT_EFFECT = [
    ("weight_decay", 0.1),
    ("clipnorm", 0.001),
    ("global_clipnorm", 1.0),
    ("clipvalue", 0.5),
    ("use_ema", True),
    ("ema_overwrite_frequency", 2),
    ("loss_scale_factor", 8.0),
    ("gradient_accumulation_steps", 2),
]


@pytest.mark.parametrize(("argument", "value"), WITHOUT_EFFECT)
@pytest.mark.parametrize("cls", CLASSES)
def test_what_the_constructor_refuses_cannot_be_set_later(
    cls: Any, argument: str, value: Any
) -> None:
    optimizer = cls()
    before = optimizer.get_config()
    with pytest.raises(NotImplementedError) as at_start:
        cls(**{argument: value})
    with pytest.raises(NotImplementedError) as later:
        setattr(optimizer, argument, value)
    assert str(later.value) == str(at_start.value)
    assert f"{argument}={value}" in str(later.value)
    assert optimizer.get_config() == before


@pytest.mark.parametrize(("argument", "value"), WITHOUT_EFFECT)
def test_what_only_says_no_can_be_set_and_read(argument: str, value: Any) -> None:
    optimizer = SGD()
    assert getattr(optimizer, argument) is (False if argument == "use_ema" else None)
    for nothing in (False, None):
        setattr(optimizer, argument, nothing)
        assert getattr(optimizer, argument) is nothing
        assert optimizer.get_config()[argument] is nothing


@pytest.mark.parametrize("attribute", ["constraint", "regularizer"])
def test_a_variable_has_no_constraint_and_no_regularizer(attribute: str) -> None:
    variable = Variable([1.0], name="w", path="layer/w")
    setattr(variable, attribute, None)
    with pytest.raises(NotImplementedError, match=rf"'layer/w'.*only {attribute}=None"):
        setattr(variable, attribute, np.abs)
    for value in (5, False, "max_norm"):
        with pytest.raises(ValueError, match=rf"`{attribute}` must be None.*'layer/w'.*{value}"):
            setattr(variable, attribute, value)
    assert getattr(variable, attribute) is None


# What is said


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda optimizer: optimizer.apply([np.ones(2)]),
            "Optimizer 'mine' was not built: use `apply(grads, trainable_variables)`. "
            "Received: trainable_variables=None.",
        ),
        (
            lambda optimizer: optimizer.apply_gradients([]),
            "Optimizer 'mine': `apply_gradients` needs one pair (gradient, variable) at least. "
            "Received none.",
        ),
    ],
)
def test_a_step_without_weights_is_refused_in_whole_sentences(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call(SGD(0.1, name="mine"))


def test_what_is_no_constraint_is_named_with_its_type() -> None:
    variable = Variable(np.ones(2, "float32"), name="a")
    message = (
        "`constraint` must be None for Variable 'a', or in Keras a function. "
        "Received: constraint=5 of type int."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        variable.constraint = 5


def test_the_warning_about_a_gradient_of_none_is_a_whole_sentence() -> None:
    first, second = two_weights()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        SGD(0.1, name="mine").apply([None, np.ones(3, "float32")], [first, second])
    assert [str(warning.message) for warning in caught] == [
        "Optimizer 'mine': the gradient of the variables ['a'] is None. They stay as they are."
    ]


def test_a_function_set_as_apply_gradients_is_what_fit_calls() -> None:
    model = small_model(SGD(0.1))
    seen: list[Any] = []
    model.optimizer.apply_gradients = seen.append
    assert not moved(model, train_on_batch)
    assert len(seen) == 1


# Learning rates


@pytest.mark.parametrize("rate", [0.25, np.float64(0.25), np.array(0.25), Variable(0.25)])
def test_a_learning_rate_of_ones_own_is_what_a_step_takes(rate: Any) -> None:
    class AsProperty(SGD):
        @property
        def learning_rate(self) -> Any:
            return rate

    class AsMethod(SGD):
        def _get_current_learning_rate(self) -> Any:
            return rate

    for cls in (AsProperty, AsMethod):
        weight = Variable(np.ones(2, "float32"))
        cls(0.5).apply([np.ones(2, "float32")], [weight])
        np.testing.assert_array_equal(weight, 0.75)


def test_a_learning_rate_of_ones_own_has_32_bits_for_a_weight_of_32_bits() -> None:
    class Tenth(SGD):
        @property
        def learning_rate(self) -> Any:
            return np.float64(0.1)

    gradient = np.random.default_rng(0).normal(size=50).astype("float32")
    weights = [Variable(np.zeros(50, "float32")) for _ in range(2)]
    SGD(0.1).apply([gradient], weights[:1])
    Tenth().apply([gradient], weights[1:])
    assert weights[0].numpy().tobytes() == weights[1].numpy().tobytes()


# Configurations


@pytest.mark.parametrize("cls", CLASSES)
def test_the_keys_of_a_configuration_are_in_kerass_order(cls: type[Optimizer]) -> None:
    # as keras.optimizers.SGD().get_config() of Keras 3.15.1 has them
    assert list(cls(0.1).get_config())[:11] == [
        "name",
        "learning_rate",
        "weight_decay",
        "clipnorm",
        "global_clipnorm",
        "clipvalue",
        "use_ema",
        "ema_momentum",
        "ema_overwrite_frequency",
        "loss_scale_factor",
        "gradient_accumulation_steps",
    ]
