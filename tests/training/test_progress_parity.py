"""What minidense's progress bars print, against Keras's own under the same clock."""

import contextlib
import copy
import io
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minidense import callbacks as our_callbacks
from minidense.training import progress as our_progress
from tests import record

keras = pytest.importorskip("keras")
KerasProgbar = keras.utils.Progbar
keras_callbacks = keras.callbacks


class Clock:
    """Stands in for `time.time`. It ticks when read, so one reading too many shows."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.tick = 1e-5

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


@contextlib.contextmanager
def captured(dynamic: bool = True) -> Iterator[tuple[io.StringIO, Clock]]:
    """Catch what is printed, under a fake clock; without "posix" no display is dynamic."""
    clock = Clock()
    posix = sys.modules.get("posix")
    with (
        mock.patch.object(time, "time", clock),
        mock.patch.dict("os.environ"),
        contextlib.redirect_stdout(io.StringIO()) as text,
    ):
        if not dynamic:
            sys.modules.pop("posix", None)
        try:
            yield text, clock
        finally:
            if posix is not None:
                sys.modules["posix"] = posix


metric_values = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-2, 2),
    st.sampled_from([0.0, -0.0, 1e-3, 1.0000001e-3, -1e-3, 5e-324, 1e300]),
    st.integers(-(10**6), 10**6),
    st.floats(-2, 2, width=32).map(np.float32),
    st.lists(st.floats(-9, 9), min_size=2, max_size=2).map(np.array),
)
names = st.sampled_from(["loss", "accuracy", "val_loss", "rate", "µ"])
clock_steps = st.one_of(
    st.floats(0, 0.1), st.sampled_from([0.0, 0.01, 0.05, 1.0, 60.0, 3600.0]), st.floats(0, 1e5)
)


@dataclass
class Update:
    """One call of `update` or `add`, and how long it was in coming."""

    seconds: float
    steps: int
    values: list[tuple[str, Any]] | None
    finalize: bool | None
    add: bool


updates = st.builds(
    Update,
    seconds=clock_steps,
    steps=st.integers(0, 40),
    values=st.none() | st.lists(st.tuples(names, metric_values), max_size=3),
    finalize=st.sampled_from([None, None, None, True, False]),
    add=st.booleans(),
)


@st.composite
def bar_arguments(draw: st.DrawFn) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "target": draw(
            st.none() | st.sampled_from([0, -1, 1, 9, 10, 1000]) | st.integers(1, 10**7)
        ),
        "verbose": draw(st.sampled_from([0, 1, 1, 2, 3])),
    }
    optional: dict[str, Any] = {
        "width": st.integers(0, 40),
        "interval": st.floats(0, 2),
        "unit_name": st.sampled_from(["step", "sample"]),
    }
    for name, strategy in optional.items():
        if draw(st.booleans()):
            arguments[name] = draw(strategy)
    metrics_list = draw(st.sampled_from([None, "stateful_metrics", "stateless_metrics"]))
    if metrics_list:
        arguments[metrics_list] = draw(st.lists(names, max_size=3))
    return arguments


def bar_text(
    progbar: Callable[..., Any], arguments: dict[str, Any], calls: list[Update], dynamic: bool
) -> str:
    with captured(dynamic) as (text, clock):
        bar = progbar(**arguments)
        current = 0
        for call in copy.deepcopy(calls):  # Keras's bar adds to the arrays that it was given
            clock.now += call.seconds
            if call.add:
                bar.add(call.steps, call.values)
            else:
                bar.update(current + call.steps, call.values, call.finalize)
            current += call.steps
    return text.getvalue()


ARRAY = Update(0.0, 0, [("rate", np.zeros(2))], finalize=True, add=False)
A_NUMBER_MORE = Update(0.0, 0, [("rate", 1.0)], finalize=None, add=False)


@settings(max_examples=200, deadline=None)
@given(bar_arguments(), st.lists(updates, max_size=8), st.booleans())
@example({"target": None}, [ARRAY, A_NUMBER_MORE], False)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # inf - inf, in both
def test_progbar_prints_keras_characters(
    arguments: dict[str, Any], calls: list[Update], dynamic: bool
):
    theirs, ours = (
        bar_text(progbar, arguments, calls, dynamic)
        for progbar in (KerasProgbar, our_progress.Progbar)
    )
    code = f"keras.utils.Progbar(**{arguments}), dynamic display: {dynamic}; then {calls}"
    record.same("progress: bars", theirs, ours, code=code)


@pytest.mark.parametrize("dynamic", [True, False])
@pytest.mark.parametrize("verbose", [1, 2])
def test_progbar_prints_keras_characters_over_a_long_run(verbose: int, dynamic: bool):
    calls = [Update(0.013 * (n % 7), 1, [("loss", 1 / n)], None, False) for n in range(1, 301)]
    arguments = {"target": 300, "verbose": verbose}
    ours = bar_text(our_progress.Progbar, arguments, calls, dynamic)
    record.same("progress: bars", bar_text(KerasProgbar, arguments, calls, dynamic), ours)
    assert ours.endswith("\n")


@pytest.mark.parametrize("seconds", [0, 2**-10, 1, 59.5, 60, 60.5, 3600, 3600.5, 1e6])
def test_progbar_changes_units_of_time_where_keras_does(seconds: float):
    printed = []
    for progbar in (our_progress.Progbar, KerasProgbar):
        with captured() as (text, clock):
            clock.tick = 0
            bar = progbar(target=2)
            clock.now += seconds
            bar.update(1)
        printed.append(text.getvalue())
    record.same("progress: units of time", printed[1], printed[0])


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1", "cp1252"])
def test_progbar_writes_keras_bytes_in_any_encoding(encoding: str):
    written = []
    for progbar in (our_progress.Progbar, KerasProgbar):
        raw = io.BytesIO()
        stdout = io.TextIOWrapper(raw, encoding=encoding, newline="")
        with captured() as (_, clock), contextlib.redirect_stdout(stdout):
            bar = progbar(target=4)
            for step in range(1, 5):
                clock.now += 1
                bar.update(step, [("µ学", 0.5)])
        written.append(raw.getvalue())
    record.same("progress: bytes in any encoding", written[1], written[0])


def test_two_lists_of_metrics_fail_in_both():
    for progbar in (our_progress.Progbar, KerasProgbar):
        with pytest.raises(ValueError, match="stateless_metrics"):
            progbar(target=1, stateful_metrics=["a"], stateless_metrics=["b"])


@dataclass
class Run:
    """A `fit` as its callbacks hear it, then an `evaluate` and a `predict`."""

    steps: int
    steps_known: bool
    epochs: int
    verbose: Any
    metric_names: list[str]
    values: list[Any]
    seconds: list[float]
    validation: bool
    own_progbar: bool


runs = st.builds(
    Run,
    steps=st.integers(1, 12),
    steps_known=st.booleans(),
    epochs=st.integers(1, 3),
    verbose=st.sampled_from([0, 1, 1, 2, "auto"]),
    metric_names=st.lists(
        st.sampled_from(["loss", "accuracy", "weighted"]), min_size=1, unique=True
    ),
    values=st.lists(metric_values, min_size=1, max_size=9),
    seconds=st.lists(clock_steps, min_size=1, max_size=9),
    validation=st.booleans(),
    own_progbar=st.booleans(),
)


def told_as_functions(logs: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    return lambda: logs


def told_as_they_are(logs: dict[str, Any]) -> dict[str, Any]:
    return logs


def play(
    library: ModuleType, run: Run, dynamic: bool, tell: Callable[[dict[str, Any]], Any]
) -> tuple[str, Any, list[str]]:
    """Play a run to a list of callbacks; give what it prints, its history and what is heard."""
    heard: list[str] = []

    def spy(hook: str) -> Callable[..., None]:
        return lambda *args, **kwargs: heard.append(f"{hook} {args} {kwargs}")

    epoch_hooks = ["on_epoch_begin", "on_epoch_end", "on_train_begin", "on_train_end"]
    # Where the spy hears batches, logs are read each time; half of the runs are without.
    batch_hooks = ["on_batch_begin", "on_test_batch_end", "on_batch_end"]
    hooks = epoch_hooks + batch_hooks * run.validation
    given = [library.LambdaCallback(**{hook: spy(hook) for hook in hooks})]
    if run.own_progbar:
        given.insert(0, library.ProgbarLogger())
    values, seconds = iter(run.values * 1000), iter(run.seconds * 1000)

    def logs_now(prefix: str = "") -> dict[str, Any]:
        return {prefix + name: next(values) for name in run.metric_names}

    with captured(dynamic) as (text, clock):
        arguments = {
            "add_progbar": run.verbose != 0,
            "model": mock.Mock(),
            "verbose": run.verbose,
            "steps": run.steps if run.steps_known else None,
        }
        callbacks = library.CallbackList(given, add_history=True, epochs=run.epochs, **arguments)
        callbacks.on_train_begin()
        for epoch in range(run.epochs):
            callbacks.on_epoch_begin(epoch)
            for step in range(run.steps):
                callbacks.on_train_batch_begin(step)
                clock.now += next(seconds)
                callbacks.on_train_batch_end(step, tell(logs_now()))
            epoch_logs = logs_now()
            if run.validation:
                callbacks.on_test_begin()
                callbacks.on_test_batch_begin(0)
                callbacks.on_test_batch_end(0, tell(logs_now()))
                callbacks.on_test_end(logs_now())
                epoch_logs |= logs_now("val_")
            callbacks.on_epoch_end(epoch, epoch_logs)
        callbacks.on_train_end(epoch_logs)
        history = next(each for each in callbacks.callbacks if isinstance(each, library.History))
        for name, result in [("test", logs_now()), ("predict", {"outputs": np.ones((3, 1))})]:
            callbacks = library.CallbackList(None, epochs=1, **arguments)
            getattr(callbacks, f"on_{name}_begin")()
            for step in range(run.steps):
                getattr(callbacks, f"on_{name}_batch_begin")(step)
                clock.now += next(seconds)
                getattr(callbacks, f"on_{name}_batch_end")(step, tell(result))
            getattr(callbacks, f"on_{name}_end")(*([result] if name == "test" else []))
    return text.getvalue(), repr((history.epoch, history.history, history.params)), heard


@pytest.mark.parametrize("tell", [told_as_they_are, told_as_functions])
@settings(max_examples=80, deadline=None)
@given(run=runs, dynamic=st.booleans())
def test_callbacks_print_record_and_hear_what_they_do_in_keras(
    tell: Callable[[dict[str, Any]], Any], run: Run, dynamic: bool
):
    ours = play(our_callbacks, run, dynamic, tell)
    theirs = play(keras_callbacks, run, dynamic, told_as_they_are)
    for mine, kerases, what in zip(ours, theirs, ["printed", "history", "heard"], strict=True):
        record.same(f"callbacks: {what}", kerases, mine, code=f"{run}\n# {dynamic=}")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (5, AttributeError),
        ("early", AttributeError),
        ([None], AttributeError),
        ([print], AttributeError),
        ("class", TypeError),
    ],
)
def test_what_is_no_callback_fails_in_both_with_the_same_error(wrong: Any, error: type[Exception]):
    for library in (our_callbacks, keras_callbacks):
        given_callbacks = [library.History] if wrong == "class" else wrong
        with pytest.raises(error):
            library.CallbackList(given_callbacks, model=mock.Mock(), verbose=0)


def test_a_run_that_ends_without_a_beginning_fails_in_both():
    for library in (our_callbacks, keras_callbacks):
        with pytest.raises(ValueError, match=r"on_.*_end"):
            library.CallbackList().on_train_end()


def test_every_hook_of_keras_is_there():
    hooks = {name for name in dir(keras_callbacks.Callback) if name.startswith(("on_", "set_"))}
    assert hooks <= set(dir(our_callbacks.Callback))


def test_a_callback_of_keras_works_here():
    heard: list[int] = []
    foreign = keras_callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: heard.append(epoch))
    callbacks = our_callbacks.CallbackList(foreign)
    callbacks.on_train_batch_end(0, lambda: {"loss": 1.0})
    callbacks.on_epoch_end(4)
    assert heard == [4]
