"""A layer of one's own that breaks the contract of forward and backward is told so, by its name."""

import numpy as np
import pytest

import minidense as keras

X = np.ones((4, 3), "float32")
Y = np.zeros((4, 3), "float32")


class Scale(keras.Layer):
    """The README's layer: one factor for each feature."""

    def build(self, input_shape):
        self.factor = self.add_weight((input_shape[-1],), "ones", name="factor")

    def forward(self, inputs, training):
        return inputs * self.factor.value, inputs

    def backward(self, grad, saved, needs_input_grad):
        axes = tuple(range(grad.ndim - 1))
        return grad * self.factor.value, [(grad * saved).sum(axis=axes)]


def model_with(layer, optimizer="sgd"):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3), layer])
    model.compile(optimizer, "mse")
    return model


def failing_fit(layer):
    model = model_with(layer)
    before = model.get_weights()
    with pytest.raises(ValueError, match=rf"layer '{layer.name}'") as caught:
        model.fit(X, Y, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert int(model.optimizer.iterations) == 0
    return str(caught.value)


def test_the_readme_layer_learns():
    model = model_with(Scale())
    before = model.layers[-1].factor.numpy()
    model.fit(X, Y, verbose=0)
    assert not np.array_equal(before, model.layers[-1].factor.numpy())


def test_a_frozen_layer_may_return_the_gradients_of_all_its_weights():
    model = model_with(Scale(trainable=False))
    model.fit(X, Y, verbose=0)
    assert np.array_equal(model.layers[-1].factor.numpy(), np.ones(3))


def test_one_array_returned_for_two_weights_trains_both_alike():
    class Two(Scale):
        def build(self, input_shape):
            self.one = self.add_weight((3,), "ones", name="one")
            self.two = self.add_weight((3,), "ones", name="two")

        def forward(self, inputs, training):
            return inputs + self.one.value + self.two.value, None

        def backward(self, grad, saved, needs_input_grad):
            both = grad.sum(axis=0)
            return grad, [both, both]

    model = model_with(Two())
    model.fit(X, Y, verbose=0)
    layer = model.layers[-1]
    assert np.array_equal(layer.one.numpy(), layer.two.numpy())
    assert not np.array_equal(layer.one.numpy(), np.ones(3))


def test_a_gradient_that_the_layer_keeps_is_not_written_over():
    class Keeps(Scale):
        kept = np.full(3, 0.5, "float32")

        def backward(self, grad, saved, needs_input_grad):
            return grad, [self.kept]

    model_with(Keeps()).fit(X, Y, verbose=0)
    assert np.array_equal(Keeps.kept, np.full(3, 0.5))


def test_a_forward_that_forgets_what_to_save_is_named():
    class Forgets(Scale):
        def forward(self, inputs, training):
            return inputs * self.factor.value

    with pytest.raises(ValueError, match="The `forward` of layer 'forgetful' must return a pair"):
        Forgets(name="forgetful")(X)


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        (lambda grad: (grad, grad.sum(axis=0)), "must return a pair"),
        (lambda grad: [grad.sum(axis=0)], "must return a pair"),
        (lambda grad: (grad, []), "trainable weights"),
        (lambda grad: (grad, [1.0]), "trainable weights"),
        (lambda grad: (grad, [grad]), "trainable weights"),
        (lambda grad: (grad[:, :2], [grad.sum(axis=0)]), "its inputs"),
    ],
)
def test_a_backward_that_returns_something_else_is_named_before_anything_is_changed(returned, says):
    class Wrong(Scale):
        def backward(self, grad, saved, needs_input_grad):
            return returned(grad)

    assert says in failing_fit(Wrong())
