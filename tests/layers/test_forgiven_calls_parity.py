"""Calls that Keras takes, and that were refused here once."""

from typing import Any

import numpy as np
import pytest

from tests.in_both import attempt, in_both, rows

X = rows(6, 4)
Y = rows(6, 1)


def net(k: Any, **more: Any) -> Any:
    dense = k.layers.Dense(1, kernel_initializer="ones")
    model = k.Sequential([k.Input((4,)), dense])
    model.compile("sgd", **{"loss": "mse", **more})
    return model


@pytest.mark.parametrize("base", ["Layer", "Model"])
def test_a_layer_may_be_set_before_the_base_begins(base: str) -> None:
    @in_both
    def compare(k: Any) -> Any:
        class Own(getattr(k.layers if base == "Layer" else k, base)):  # type: ignore[misc]
            def __init__(self) -> None:
                self.dense = k.layers.Dense(2, kernel_initializer="ones")
                super().__init__()

            def call(self, inputs: Any) -> Any:
                return self.dense(inputs)

        own = Own()
        return own(X), len(own.weights)

    compare()


@in_both
def test_a_base_that_never_began_is_named(k: Any) -> Any:
    class Own(k.layers.Layer):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            self.dense = k.layers.Dense(2)

        def call(self, inputs: Any) -> Any:
            return inputs

    return attempt(lambda: Own()(X))


@pytest.mark.parametrize("name", ["inputs", "outputs"])
def test_a_layer_of_a_model_may_have_the_name_of_an_end(name: str) -> None:
    @in_both
    def compare(k: Any) -> Any:
        class Own(k.Model):  # type: ignore[misc, name-defined]
            def __init__(self) -> None:
                super().__init__()
                setattr(self, name, k.layers.Dense(1, kernel_initializer="ones"))

            def call(self, inputs: Any) -> Any:
                return getattr(self, name)(inputs)

        model = Own()
        model.compile("sgd", "mse")
        history = model.fit(X, Y, epochs=2, verbose=0, shuffle=False).history
        return history["loss"], len(model.weights), [layer.name for layer in model.layers]

    compare()


@in_both
def test_add_and_pop_leave_the_model_unbuilt_without_rebuild(k: Any) -> Any:
    model = k.Sequential([k.Input((4,))])
    model.add(k.layers.Dense(2), rebuild=False)
    was_built = [model.built]
    model.add(k.layers.Dense(3))
    was_built.append(model.built)
    popped = model.pop(rebuild=False)
    return was_built, model.built, popped.name, len(model.layers)


@in_both
def test_a_loss_of_one_number_is_weighted_for_each_sample(k: Any) -> Any:
    def loss(y_true: Any, y_pred: Any) -> Any:
        return k.ops.mean(k.ops.square(y_true - y_pred))

    model, weights = net(k, loss=loss), np.arange(6.0)
    history = model.fit(X, Y, sample_weight=weights, epochs=2, verbose=0, shuffle=False)
    return history.history["loss"], model.get_weights()


MASKS = [
    np.array([[True, False, True, True], [False] * 4]),
    np.float32([[0.2, 0.9, 0.5, 1], [1, 0, 0.6, 0]]),
    np.array([[True, False, False, True]]),
    np.ones((2, 3), bool),
    np.ones((1, 2, 4), bool),
]


@pytest.mark.parametrize("axis", [-1, [0], [0, 1]])
@pytest.mark.parametrize("mask", MASKS)
def test_softmax_of_what_a_mask_keeps(axis: Any, mask: Any) -> None:
    @in_both
    def compare(k: Any) -> Any:
        return attempt(lambda: k.layers.Softmax(axis=axis)(X[:2], mask=mask))

    compare()


@pytest.mark.parametrize("shape", [(..., 3), (None, ..., 3), [..., 2]])
def test_an_ellipsis_in_a_shape_is_any_dimension(shape: Any) -> None:
    @in_both
    def compare(k: Any) -> Any:
        layer = k.layers.Dense(2)
        layer.build(shape)
        return tuple(layer.kernel.shape)

    compare()


@in_both
def test_a_layer_is_cloned_as_a_model_is(k: Any) -> Any:
    clone = k.models.clone_model(k.layers.Dense(3, name="first"))
    return type(clone).__name__, clone.name, clone.units


@in_both
def test_an_optimizer_is_made_from_a_configuration_with_custom_objects(k: Any) -> Any:
    config = k.optimizers.SGD(0.25).get_config()
    return float(k.optimizers.SGD.from_config(config, custom_objects={}).learning_rate)


def test_verbose_is_auto_in_the_parameters_where_it_is_not_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @in_both
    def compare(k: Any) -> Any:
        model = net(k)
        given = [{}, {"verbose": "auto"}, {"verbose": 2}, {"verbose": 0}]
        return [model.fit(X, Y, **each).params for each in given]

    compare()
    assert capsys.readouterr().out
