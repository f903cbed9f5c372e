"""What callbacks are told in training."""

from typing import Any

import numpy as np

from minidense import callbacks
from tests.training.regression import X, Y, model_of


def test_callbacks_see_the_running_results_after_each_batch() -> None:
    class Watching(callbacks.Callback):
        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append((batch, logs["loss"]))

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append((batch, logs["loss"]))

        def on_test_end(self, logs: Any = None) -> None:
            seen.append(("end", logs["loss"]))

    model = model_of(0.0)
    seen: list[Any] = []
    last = model.evaluate(X, Y, batch_size=4, callbacks=[Watching()], verbose=0)
    assert [batch for batch, _ in seen] == [0, 1, 2, "end"]
    assert seen[2][1] == seen[3][1] == last
    assert seen[0][1] == model.evaluate(X[:4], Y[:4], verbose=0)
    seen.clear()
    model.fit(X, Y, batch_size=4, shuffle=False, callbacks=[Watching()], verbose=0)
    assert [batch for batch, _ in seen] == [0, 1, 2]
    assert seen[2][1] == last


def test_callbacks_know_what_was_asked_for() -> None:
    watching = callbacks.Callback()
    model = model_of()
    model.predict(X, batch_size=4, callbacks=[watching], verbose=0)
    assert watching.params == {"verbose": 0, "epochs": 1, "steps": 3}
    model.evaluate(X, Y, batch_size=5, callbacks=[watching], verbose=0)
    assert watching.params == {"verbose": 0, "epochs": 1, "steps": 2}
    model.fit(X, Y, batch_size=2, epochs=2, callbacks=[watching], verbose=0)
    assert watching.params == {"verbose": 0, "epochs": 2, "steps": 5}


class Noting(callbacks.Callback):
    """Notes each hook with its number, and what it knows of the run then."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[tuple[str, int]] = []
        self.steps: list[Any] = []
        self.outputs: list[Any] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.noted.append(("epoch begins", epoch))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.noted.append(("epoch ends", epoch))

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.noted.append(("train begins", batch))

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.noted.append(("train ends", batch))

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.noted.append(("test begins", batch))

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self.noted.append(("test ends", batch))

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.noted.append(("predict begins", batch))

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self.noted.append(("predict ends", batch))
        self.outputs.append(logs["outputs"])


def in_turn(what: str, numbers: range) -> list[tuple[str, int]]:
    return [(f"{what} {when}", number) for number in numbers for when in ("begins", "ends")]


def test_each_hook_is_told_its_number() -> None:
    model = model_of()
    noting = Noting()
    model.fit(X, Y, batch_size=5, epochs=4, initial_epoch=2, callbacks=[noting], verbose=0)
    batches = in_turn("train", range(2))
    assert noting.noted == [
        *(("epoch begins", 2), *batches, ("epoch ends", 2)),
        *(("epoch begins", 3), *batches, ("epoch ends", 3)),
    ]
    noting.noted.clear()
    model.evaluate(X, Y, batch_size=4, callbacks=[noting], verbose=0)
    assert noting.noted == in_turn("test", range(3))
    noting.noted.clear()
    outputs = model.predict(X, batch_size=4, callbacks=[noting], verbose=0)
    assert noting.noted == in_turn("predict", range(3))
    np.testing.assert_array_equal(np.concatenate(noting.outputs), outputs)


def test_a_callback_has_the_model_and_whole_numbers() -> None:
    model = model_of()
    for run in (
        lambda watching: model.fit(X, Y, batch_size=4, callbacks=[watching], verbose=0),
        lambda watching: model.evaluate(X, Y, batch_size=4, callbacks=[watching], verbose=0),
        lambda watching: model.predict(X, batch_size=4, callbacks=[watching], verbose=0),
    ):
        watching = callbacks.Callback()
        run(watching)
        assert watching.model is model
        assert watching.params == {"verbose": 0, "epochs": 1, "steps": 3}
        assert type(watching.params["steps"]) is int


def test_a_list_of_ones_own_keeps_what_it_was_made_with() -> None:
    model, other = model_of(), model_of()
    params = {"verbose": 0, "epochs": 7, "steps": 9}
    for run in (
        lambda own: model.fit(X, Y, callbacks=own, verbose=0),
        lambda own: model.evaluate(X, Y, callbacks=own, verbose=0),
        lambda own: model.predict(X, callbacks=own, verbose=0),
    ):
        watching = callbacks.Callback()
        own = callbacks.CallbackList([watching], add_history=True, model=other, **params)
        model.history = other.history
        run(own)
        assert watching.params == params
        assert watching.model is other


def test_a_stop_is_forgotten_by_the_next_run() -> None:
    class Stop(callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = True

        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_evaluating = True

        def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_predicting = True

    model = model_of()
    for stop, batches in ((Stop(), 1), (Noting(), 5)):
        noting = Noting()
        model.fit(X, Y, batch_size=2, epochs=2, callbacks=[stop, noting], verbose=0)
        epochs = 1 if batches == 1 else 2
        trained = [("epoch begins", 0), *in_turn("train", range(batches)), ("epoch ends", 0)]
        assert noting.noted[: len(trained)] == trained
        assert len(noting.noted) == epochs * len(trained)
        noting.noted.clear()
        model.evaluate(X, Y, batch_size=2, callbacks=[stop, noting], verbose=0)
        assert noting.noted == in_turn("test", range(batches))
        noting.noted.clear()
        rows = len(model.predict(X, batch_size=2, callbacks=[stop, noting], verbose=0))
        assert noting.noted == in_turn("predict", range(batches))
        assert rows == 2 * batches
    assert model.stop_training is False
    assert model.stop_evaluating is False
    assert model.stop_predicting is False
