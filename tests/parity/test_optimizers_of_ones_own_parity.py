"""Optimizers of a user's own: one script, run by Keras and by minidense, with the same facts."""

import keras
import pytest

import minidense
from tests.parity.in_both import in_both

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
