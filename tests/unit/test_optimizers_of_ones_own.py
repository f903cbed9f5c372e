"""Optimizers of a user's own: what they say of a step is what `fit` does."""

from typing import Any

import numpy as np
import pytest

from minidense import Variable
from minidense.optimizers import SGD, Adam, Optimizer, RMSprop

CLASSES = [SGD, Adam, RMSprop]
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
        with pytest.raises(ValueError, match=rf"'layer/w'.*`{attribute}` must be None.*{value}"):
            setattr(variable, attribute, value)
    assert getattr(variable, attribute) is None


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
