"""fit, evaluate, predict: what they give and leave alone, and that one seed gives one training."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minidense as k
from minidense.callbacks import LambdaCallback
from tests.training.classifier import ONE_HOT, SPARSE, X, Y, built, layers_of, not_built

# Results


def test_evaluate_gives_a_list_or_a_dict_or_one_number():
    model = built()
    loss, accuracy = model.evaluate(X, Y, verbose=0)
    assert model.evaluate(X, Y, verbose=0, return_dict=True) == {
        "accuracy": accuracy,
        "loss": loss,
    }
    alone = built(metrics=None).evaluate(X, Y, verbose=0)
    assert alone == loss
    assert {type(value) for value in (loss, accuracy, alone)} == {float}


def test_metrics_of_one_name_are_listed_as_keras_lists_them():
    model = built(metrics=["accuracy"], weighted_metrics=["accuracy"])
    named = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert list(named) == ["accuracy", "loss", "weighted_accuracy"]
    assert model.evaluate(X, Y, verbose=0) == [
        named["loss"],
        named["accuracy"],
        named["accuracy"],
        named["weighted_accuracy"],
    ]


def test_a_metric_that_the_user_made_is_the_one_that_counts():
    metric = k.metrics.SparseCategoricalAccuracy()
    model = built(metrics=[metric])
    assert model.evaluate(X, Y, verbose=0)[1] == float(metric.result())


@pytest.mark.parametrize("make", [built, not_built])
def test_predicting_no_rows_gives_no_rows(make: Callable[[], Any]):
    outputs = make().predict(X[:0], verbose=0)
    assert outputs.shape == (0, 3)
    assert outputs.dtype == np.float32


def test_predicting_no_rows_of_rank_3_and_of_several_outputs():
    inputs = k.Input((5, 4))
    model = k.Model(inputs, {"a": k.layers.Dense(2)(inputs), "b": k.layers.Flatten()(inputs)})
    outputs = model.predict(np.ones((0, 5, 4)), verbose=0)
    assert {name: part.shape for name, part in outputs.items()} == {"a": (0, 5, 2), "b": (0, 20)}


def test_predictions_do_not_depend_on_the_batch_size_beyond_rounding():
    model = built()
    outputs = model.predict(X, verbose=0)
    for size in (1, 7, 20, 100):
        np.testing.assert_allclose(model.predict(X, size, verbose=0), outputs, atol=1e-6)
    np.testing.assert_allclose(model.predict_on_batch(X), outputs, atol=1e-6)
    np.testing.assert_allclose(model(X), outputs, atol=1e-6)


def test_predictions_can_be_written_to_without_touching_the_data():
    model = k.Sequential([k.Input((4,)), k.layers.Dropout(0.5)])
    x = X.copy()
    for outputs in (model.predict(x, verbose=0), model.predict_on_batch(x)):
        outputs[:] = 7
    assert np.array_equal(x, X)


def test_a_callback_sees_the_outputs_of_a_prediction():
    seen = []
    hook = LambdaCallback(on_predict_batch_end=lambda batch, logs: seen.append(logs["outputs"]))
    outputs = built().predict(X, 8, 0, callbacks=[hook])
    assert np.array_equal(np.concatenate(seen), outputs)


def test_fit_writes_to_no_array_of_the_user():
    x, y, weights = X.copy(), ONE_HOT.copy(), np.linspace(0, 1, 20, dtype="float32")
    originals = [array.copy() for array in (x, y, weights)]
    for array in (x, y, weights):
        array.flags.writeable = False
    model = built("categorical_crossentropy", weighted_metrics=["mse"])
    model.fit(x, y, 8, 2, 0, sample_weight=weights, validation_split=0.3)
    model.evaluate(x, y, sample_weight=weights, verbose=0)
    for array, original in zip((x, y, weights), originals, strict=True):
        assert np.array_equal(array, original)


def test_no_epochs_change_nothing_but_the_history():
    model = built()
    weights = model.get_weights()
    history = model.fit(X, Y, epochs=0, verbose=0)
    assert history.history == {}
    assert history.epoch == []
    assert model.fit(X, Y, epochs=2, initial_epoch=2, verbose=0).history == {}
    for now, before in zip(model.get_weights(), weights, strict=True):
        assert np.array_equal(now, before)


def test_each_fit_returns_a_history_of_its_own_which_is_the_models():
    model = built()
    first = model.fit(X, Y, epochs=2, verbose=0)
    second = model.fit(X, Y, epochs=1, verbose=0)
    assert model.history is second
    assert (len(first.history["loss"]), len(second.history["loss"])) == (2, 1)
    assert second.params == {"verbose": 0, "epochs": 1, "steps": 1}
    assert second.model is model


def test_class_weights_do_not_weigh_the_rows_that_validate():
    weights = {0: 5.0, 1: 1.0, 2: 0.0}
    model = built()
    history = model.fit(X, Y, class_weight=weights, validation_split=0.5, verbose=0).history
    assert history["val_loss"][-1] == model.evaluate(X[10:], Y[10:], verbose=0)[0]


def test_the_loss_of_the_one_output_may_come_in_a_list():
    def history(loss: Any) -> Any:
        model = built(SPARSE)
        model.compile("sgd", loss)
        return model.fit(X, Y, verbose=0).history

    assert history([SPARSE]) == history(SPARSE)


# Seeds


def trained(shuffle: Any = True) -> Any:
    model = k.Sequential([k.Input((4,)), *layers_of()])
    model.compile("sgd", SPARSE)
    model.fit(X, Y, batch_size=3, epochs=2, shuffle=shuffle, verbose=0)
    return model


def trained_with_seed(seed: int) -> list[Any]:
    k.utils.set_random_seed(seed)
    return trained().get_weights()


def test_one_seed_gives_one_training():
    first, second = (trained_with_seed(5) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one, other)
    assert not np.array_equal(first[0], trained_with_seed(6)[0])


def test_without_a_seed_each_run_is_another(monkeypatch: pytest.MonkeyPatch):
    from minidense.random import seeds

    monkeypatch.setitem(seeds._global, "seed", None)
    random.seed()
    assert not np.array_equal(trained().get_weights()[0], trained().get_weights()[0])


@pytest.mark.parametrize("shuffle", [True, "batch"])
def test_without_a_seed_the_order_of_the_rows_is_another(
    shuffle: Any, monkeypatch: pytest.MonkeyPatch
):
    from minidense.random import seeds

    monkeypatch.setitem(seeds._global, "seed", None)
    runs = []
    for _ in range(2):
        random.seed(3)  # the same weights and masks
        runs.append(trained(shuffle).get_weights()[0])
    assert not np.array_equal(*runs)
    random.seed(3)
    ordered = trained(False).get_weights()[0]
    random.seed(3)
    assert np.array_equal(trained(False).get_weights()[0], ordered)
