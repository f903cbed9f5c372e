"""What `model(x)` gives, and what losses and metrics outside of `fit` see of it, in both."""

from typing import Any

import numpy as np
import pytest

from tests.in_both import in_both, rows

X, Y = np.float32([[1, 0]]), np.array([1])


def plain(k: Any) -> Any:
    return k.Sequential([k.Input((2,)), k.layers.Dense(2, "softmax", use_bias=False)])


def functional(k: Any) -> Any:
    inputs = k.Input((2,))
    return k.Model(inputs, k.layers.Softmax()(k.layers.Dense(2, use_bias=False)(inputs)))


def nested(k: Any) -> Any:
    return k.Sequential([k.Input((2,)), plain(k)])


def behind(k: Any) -> Any:
    return k.Sequential([k.Input((2,)), *plain(k).layers, k.layers.Flatten()])


def subclass(k: Any) -> Any:
    class Own(k.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.dense = k.layers.Dense(2, "softmax", use_bias=False)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    model = Own()
    model(X)
    return model


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("make", [plain, functional, nested, behind, subclass])
def test_a_loss_and_a_metric_see_the_logits_of_what_a_model_gave(
    make: Any, from_logits: bool
) -> None:
    @in_both
    def script(k: Any) -> Any:
        model = make(k)
        model.set_weights([20 * np.eye(2, dtype="float32")])
        loss = k.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
        metric = k.metrics.SparseCategoricalCrossentropy(from_logits=from_logits)
        found = []
        for _ in range(3):  # one by one, and as a program
            found += [float(loss(Y, model(X))), float(metric(Y, model(X)))]
        found.append(float(loss(Y, np.asarray(model(X)))))  # which remembers nothing
        if make is not behind:
            assert found[:6] == [20.0] * 6
        return found

    script()


@in_both
def test_logits_are_not_handed_on(k: Any) -> Any:
    model = plain(k)
    model.set_weights([20 * np.eye(2, dtype="float32")])
    loss = k.losses.SparseCategoricalCrossentropy()
    outputs = model(X)
    return [float(loss(Y, each)) for each in (outputs, outputs[:], outputs * 1.0)]


@in_both
def test_a_model_gives_the_same_for_batches_of_all_lengths(k: Any) -> Any:
    model = k.Sequential(
        [k.Input((4,)), k.layers.Dense(5, "relu"), k.layers.Dropout(0.5), k.layers.Dense(3, "tanh")]
    )
    return [model(rows(length, 4)) for length in (3, 5, 3, 3, 1, 8, 8, 0)]


# Models of symbolic tensors that are a user's class


def own_of_a_graph(k: Any, units: int = 3) -> Any:
    class Own(k.Model):  # type: ignore[misc, name-defined]
        def __init__(self, units: int = units, **kwargs: Any) -> None:
            inputs = k.Input((4,))
            hidden = k.layers.Dense(5, "relu")(inputs)
            super().__init__(inputs=inputs, outputs=k.layers.Dense(units)(hidden), **kwargs)

    return Own


@in_both
def test_a_clone_has_the_operations_of_the_graph_and_is_functional_if_made_otherwise(k: Any) -> Any:
    inputs = k.Input((4,), name="x")
    with_operations = k.Model(inputs, k.ops.mean(k.layers.Dense(3)(inputs) + 1.0, axis=-1))
    found: list[Any] = []
    for model in (with_operations, own_of_a_graph(k)()):
        clone = k.models.clone_model(model)
        found += [type(clone).__name__, [each.name for each in clone._operations]]
        found += [[w.path for w in clone.weights], clone.get_weights(), clone(rows(5, 4))]
    return found


@in_both
def test_a_subclass_that_is_made_of_inputs_and_outputs_is_a_functional_model(k: Any) -> Any:
    own = own_of_a_graph(k)
    found: list[Any] = []
    for model in (own(), own(2, name="mine"), own(trainable=False)):
        model.compile("sgd", "mse")
        y = rows(6, model.output_shape[-1])
        found += [type(model).__name__, model.name, model.built, model.input_shape]
        found += [[layer.name for layer in model.layers], model.output_names, model(rows(6, 4))]
        found += [[w.path for w in model.weights], len(model.trainable_weights)]
        if model.trainable_weights:
            found += [model.fit(rows(6, 4), y, verbose=0).history["loss"], model.get_weights()]
        found.append(model.get_config())
    return found


@in_both
def test_a_subclass_made_as_a_functional_model_is_read_as_one(k: Any) -> Any:
    class Same(k.Model):  # type: ignore[misc, name-defined]
        def extra(self) -> int:
            return 7

    class Takes(k.Model):  # type: ignore[misc, name-defined]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)

    found = []
    for own in (Same, Takes):
        inputs = k.Input((4,))
        model = own(inputs, k.layers.Dense(2)(inputs))
        read = own.from_config(model.get_config())
        clone = k.models.clone_model(model)
        for each in (model, read, clone):
            found += [type(each).__name__, each.get_config(), len(each.weights)]
    return found


@in_both
def test_a_call_of_ones_own_goes_before_the_graph(k: Any) -> Any:
    class Twice(k.Model):  # type: ignore[misc, name-defined]
        def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
            return 2 * super().call(inputs, training)

    inputs = k.Input((4,))
    dense = k.layers.Dense(2)
    model = Twice(inputs, dense(inputs))
    return [model(rows(3, 4)), model.predict(rows(3, 4), verbose=0), dense(rows(3, 4))]


@in_both
def test_names_of_outputs_are_those_of_their_layers(k: Any) -> Any:
    inputs = k.Input((4,), name="pixels")
    one, two = (k.layers.Dense(2, name=name)(inputs) for name in ("one", "two"))
    forms = [one, [one, two], (two, one), {"b": one, "a": two}, [inputs, one]]
    return [k.Model(inputs, form).output_names for form in forms]


@in_both
def test_a_layer_that_takes_only_numbers_stands_in_a_sequential(k: Any) -> Any:
    class Own(k.layers.Layer):  # type: ignore[misc, name-defined]
        def call(self, inputs: Any) -> Any:
            if not hasattr(inputs, "numpy"):
                raise NotImplementedError
            return inputs

    model = k.Sequential([k.Input((4,)), k.layers.Dense(2), Own()])
    return [model.built, len(model.layers), len(model.weights)]
