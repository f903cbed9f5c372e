"""The default float type and epsilon: when they are set, and what follows them."""

import numpy as np
import pytest

from tests.in_both import attempt, in_both

X = np.ones((4, 3), "float32")


def made(k):
    """Return the dtypes of what is made just now."""
    layer = k.layers.Dense(2)
    layer(X)
    generated = [k.initializers.Zeros()((1,)), k.random.uniform((1,), seed=1)]
    return [
        layer.dtype,
        layer.compute_dtype,
        str(layer.kernel.dtype),
        str(k.Variable("zeros", (1,)).dtype),
        str(k.Variable(1.5).dtype),
        k.losses.MeanSquaredError().dtype,
        k.metrics.Mean().dtype,
        str(k.optimizers.SGD().learning_rate.dtype),
        str(k.Input((2,)).dtype),
        *[np.asarray(each).dtype.name for each in generated],
    ]


def with_floatx(k, name, before, after):
    """Return what two functions give, with the float type set between them."""
    try:
        first = before(k)
        k.config.set_floatx(name)
        return first, after(k), k.config.floatx()
    finally:
        k.config.set_floatx("float32")
        k.utils.clear_session()


@in_both
def test_layers_keep_the_dtype_that_the_first_of_them_had(k):
    return with_floatx(k, "float64", made, made)


@in_both
def test_all_follows_that_is_made_after_it_if_there_was_no_layer(k):
    return with_floatx(k, "float64", lambda k: None, made)


@in_both
def test_a_cleared_session_decides_anew(k):
    def cleared(k):
        k.utils.clear_session()
        return made(k)

    return with_floatx(k, "float64", made, cleared)


@in_both
def test_a_layer_that_names_its_dtype_decides_nothing(k):
    def named(k):
        return k.layers.Dense(2, dtype="float64").dtype, k.Input((2,), dtype="int32").dtype

    return with_floatx(k, "float64", named, made)


@in_both
def test_a_model_made_before_trains_on_in_its_dtype(k):
    model = k.Sequential([k.Input((3,)), k.layers.Dense(1)])

    def trained(k):
        model.compile("sgd", "mse", metrics=["mse"])
        history = model.fit(X, X[:, :1], shuffle=False, verbose=0).history
        return history, model.predict(X, verbose=0), [str(w.dtype) for w in model.weights]

    return with_floatx(k, "float64", trained, trained)


@pytest.mark.parametrize("value", ["nope", 5, None, "int32"])
def test_what_is_no_float_type_changes_nothing(value):
    @in_both
    def script(k):
        return attempt(lambda: k.config.set_floatx(value)), k.config.floatx()

    script()
