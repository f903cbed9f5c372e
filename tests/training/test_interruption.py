"""A run that is interrupted or stopped: what is left of it, and that the model goes on."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minidense import ops
from minidense.callbacks import Callback, LambdaCallback
from minidense.engine.function import Function, Spec
from minidense.engine.program import Program
from minidense.engine.tape import Tape
from minidense.optimizers import SGD, Adam
from minidense.variables import Variable
from tests.training.classifier import X, Y, built, state_of

# Interrupted


BATCH_HOOKS = ["on_train_batch_begin", "on_train_batch_end"]
VALIDATION_HOOKS = ["on_test_begin", "on_test_batch_begin", "on_test_batch_end", "on_test_end"]
EPOCH_HOOKS = ["on_epoch_begin", "on_epoch_end", "on_train_begin", "on_train_end"]


def interrupt_at(hook: str, times: int) -> LambdaCallback:
    calls = []

    def count(*args: Any, **kwargs: Any) -> None:
        calls.append(args)
        if len(calls) == times:
            raise KeyboardInterrupt

    return LambdaCallback(**{hook: count})


@pytest.mark.parametrize(
    ("hook", "times"),
    [(hook, times) for hook in BATCH_HOOKS + VALIDATION_HOOKS for times in (1, 2, 4)]
    + [(hook, 1) for hook in EPOCH_HOOKS],
)
def test_after_an_interrupt_the_model_goes_on(hook: str, times: int):
    model = built()
    arguments = {"batch_size": 7, "epochs": 5, "validation_split": 0.4, "verbose": 0}
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, callbacks=[interrupt_at(hook, times)], **arguments)
    assert all(np.isfinite(array).all() for array in model.get_weights())
    assert model.predict(X, verbose=0).shape == (20, 3)
    loss = model.evaluate(X, Y, verbose=0)[0]
    model.reset_metrics()
    assert model.metrics[0].result() == 0
    assert model.evaluate(X, Y, verbose=0)[0] == loss
    history = model.fit(X, Y, **arguments).history
    assert [len(values) for values in history.values()] == [5] * 4
    assert np.isfinite(history["loss"]).all()


class StopAt(Callback):
    """Stops after a batch, counted from 0."""

    def __init__(self, batch: int) -> None:
        super().__init__()
        self.batch = batch
        self.seen: list[str] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append(f"batch {batch}")
        if batch == self.batch:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seen.append(f"epoch {epoch}: {', '.join(logs or {})}")

    def on_train_end(self, logs: Any = None) -> None:
        self.seen.append(f"end: {', '.join(logs or {})}")


def test_an_interrupt_between_two_steps_leaves_what_the_steps_before_it_made():
    steps = 2
    interrupted = built()
    hook = interrupt_at("on_train_batch_begin", steps + 1)
    with pytest.raises(KeyboardInterrupt):
        interrupted.fit(X, Y, batch_size=5, verbose=0, callbacks=[hook])
    stopped = built()
    stopped.fit(X, Y, batch_size=5, verbose=0, callbacks=[StopAt(steps - 1)])
    before, after = state_of(interrupted), state_of(stopped)
    for what in ("weights", "optimizer", "masks"):
        assert before[what] == after[what]


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_an_interrupt_of_a_measurement_changes_nothing_but_the_metrics(method: str):
    model = built()
    before = state_of(model)
    hook = interrupt_at("on_test_batch_end" if method == "evaluate" else "on_predict_batch_end", 2)
    data = (X, Y) if method == "evaluate" else (X,)
    with pytest.raises(KeyboardInterrupt):
        getattr(model, method)(*data, batch_size=5, verbose=0, callbacks=[hook])
    model.reset_metrics()
    after = state_of(model)
    for what in ("weights", "optimizer", "masks", "python", "compiled"):
        assert before[what] == after[what]


# Stopped


def test_stop_training_ends_the_epoch_which_is_still_validated_and_kept():
    model = built()
    stop = StopAt(1)
    history = model.fit(
        X, Y, batch_size=5, epochs=4, validation_split=0.25, verbose=0, callbacks=[stop]
    )
    names = "accuracy, loss, val_accuracy, val_loss"
    assert stop.seen == ["batch 0", "batch 1", f"epoch 0: {names}", f"end: {names}"]
    assert history.epoch == [0]
    assert model.stop_training
    model.fit(X, Y, verbose=0)
    assert not model.stop_training


def test_stop_evaluating_and_stop_predicting_give_what_there_is():
    model = built()

    def stop(what: str) -> Callable[..., None]:
        return lambda batch, logs: setattr(model, what, True)

    evaluating = LambdaCallback(on_test_batch_end=stop("stop_evaluating"))
    part = model.evaluate(X, Y, batch_size=5, verbose=0, callbacks=[evaluating])
    assert part == model.evaluate(X[:5], Y[:5], verbose=0)
    predicting = LambdaCallback(on_predict_batch_end=stop("stop_predicting"))
    assert model.predict(X, 5, 0, callbacks=[predicting]).shape == (5, 3)
    assert model.predict(X, 5, 0).shape == (20, 3)


# By a signal of the system


SIGNALS = """
import os, random, signal, threading, time

import numpy as np

import minidense as k


class Whitened(k.optimizers.SGD):
    # its update makes products, for which a program calls Python

    def update_step(self, gradient, variable, learning_rate):
        if len(variable.shape) == 2:
            gradient = k.ops.matmul(k.ops.matmul(gradient, k.ops.transpose(variable)), variable)
        super().update_step(gradient, variable, learning_rate)


def state(model):
    # all that a step changes
    metrics = model.metrics[0], *model.metrics[1].metrics
    counted = [variable for metric in metrics for variable in metric.variables]
    kept = [*model.variables, *model.optimizer.variables, *counted]
    return b"".join(variable.numpy().tobytes() for variable in kept)


def interrupted(optimizer, trials):
    # returns how many steps each interrupted fit had made
    k.utils.set_random_seed(1)
    layers = [k.layers.Dense(16, "relu"), k.layers.Dropout(0.3), k.layers.Dense(3, "softmax")]
    model = k.Sequential([k.Input((8,)), *layers])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    x = np.random.default_rng(0).normal(size=(8 * 400, 8)).astype("float32")
    y = np.arange(len(x)) % 3
    arguments = {"batch_size": 8, "verbose": 0, "shuffle": False}
    model.train_on_batch(x[:8], y[:8])  # so that everything is built
    kept = [*model.variables, *model.optimizer.variables]
    first = [variable.numpy() for variable in kept]

    def begin_anew():
        for variable, value in zip(kept, first):
            variable.assign(value)

    states = {}
    def note(batch, logs=None):
        states[int(model.optimizer.iterations)] = state(model)

    model.fit(x, y, callbacks=[k.callbacks.LambdaCallback(on_train_batch_end=note)], **arguments)
    begin_anew()
    start = time.perf_counter()
    model.fit(x, y, **arguments)
    duration = time.perf_counter() - start
    steps = []
    for _ in range(trials):
        begin_anew()
        is_over = threading.Event()

        def send(delay=random.uniform(0.1, 1.0) * duration):
            if not is_over.wait(delay):
                os.kill(os.getpid(), signal.SIGINT)

        sender = threading.Thread(target=send)
        try:
            sender.start()
            try:
                model.fit(x, y, **arguments)
            finally:
                is_over.set()
                sender.join()
            time.sleep(0)
        except KeyboardInterrupt:
            count = int(model.optimizer.iterations)
            if count > 1:  # else the metrics may not have begun anew yet
                assert state(model) == states[count], f"after {count} steps"
                steps.append(count)
    return steps


for optimizer in (k.optimizers.SGD(0.01), k.optimizers.Adam(0.01), Whitened(0.01)):
    print(len(set(interrupted(optimizer, TRIALS))))
"""


class Whitened(SGD):
    """Its update makes products, for which a program calls Python."""

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        if len(variable.shape) == 2:
            gradient = ops.matmul(ops.matmul(gradient, ops.transpose(variable)), variable)
        super().update_step(gradient, variable, learning_rate)


def test_the_calls_that_change_variables_are_of_c_alone():
    def step(x: Any) -> None:
        with Tape() as tape:
            loss = ops.sum(ops.relu(ops.matmul(x, kernel)))
        optimizer.apply(tape.gradients(loss, [kernel]), [kernel])

    for optimizer in (SGD(0.1), Adam(0.1), Whitened(0.1)):
        kernel = Variable(np.ones((8, 16), "float32"))
        optimizer.build([kernel])
        program = Program(Function(step).concrete((Spec((5, 8), "float32"),)).trace, [(5, 8)])
        early, late = np.split(program.notes, [program.changes_from])
        written = {id(out.buffer) for note in late for out in note.outs}
        assert len(written) >= 2  # the kernel, and the count of the steps
        assert not any(note.runs_python for note in late)
        assert any(note.runs_python for note in early) or type(optimizer) is not Whitened


def test_a_ctrl_c_comes_before_or_after_a_step_and_never_in_it():
    trials = 40
    script = f"TRIALS = {trials}\n{SIGNALS}"
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    # most fits were ended halfway, each at a place of its own
    assert all(int(line) > trials / 3 for line in ran.stdout.split())
