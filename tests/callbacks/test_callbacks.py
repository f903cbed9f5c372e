"""The callbacks and their list, without a model that trains."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minidense.callbacks import Callback, CallbackList, History, LambdaCallback, ProgbarLogger
from minidense.callbacks.logs import Logs, pythonify_logs

Output = pytest.CaptureFixture[str]

BATCH_HOOKS = [
    f"on_{run}batch_{moment}"
    for run in ("", "train_", "test_", "predict_")
    for moment in ("begin", "end")
]


class Model:
    """As much of a model as callbacks use."""

    def __init__(self) -> None:
        self.stop_training = False
        self.history: Any = None


class Spy(Callback):
    """Remembers the logs of each training batch."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Logs | None] = []

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self.seen.append(logs)


def nobody_looks() -> Logs:
    raise AssertionError("nobody looks at these logs")


def test_logs_are_sorted_flat_python_floats():
    logs = {"loss": np.float32(0.5), "b": {"y": np.array(2), "a": True}, "accuracy": 1}
    plain = pythonify_logs(logs)
    assert list(plain.items()) == [("accuracy", 1.0), ("a", 1.0), ("y", 2.0), ("loss", 0.5)]
    assert {type(value) for value in plain.values()} == {float}


@pytest.mark.parametrize("value", [None, "text", 10**400, np.ones((1, 1))])
def test_a_log_that_is_no_number_stays_as_it_is(value: Any):
    assert pythonify_logs({"value": value})["value"] is value


def test_history_keeps_names_in_alphabetical_order_epoch_by_epoch():
    model = Model()
    history = History()
    callbacks = CallbackList([history], model=model)
    callbacks.on_train_begin()
    callbacks.on_epoch_end(0, {"loss": np.float32(2), "accuracy": 0.5})
    callbacks.on_epoch_end(1, {"loss": 1, "accuracy": 1, "val_loss": 3})
    assert list(history.history.items()) == [
        ("accuracy", [0.5, 1.0]),
        ("loss", [2.0, 1.0]),
        ("val_loss", [3.0]),
    ]
    assert history.epoch == [0, 1]
    assert model.history is history


def test_history_used_again_counts_epochs_anew_and_keeps_its_values():
    history = History()
    for _ in range(2):
        callbacks = CallbackList([history], model=Model())
        callbacks.on_train_begin()
        callbacks.on_epoch_end(0, {"loss": 1.0})
    assert history.epoch == [0]
    assert history.history == {"loss": [1.0, 1.0]}


def test_given_callbacks_come_first_then_history_then_the_progress_bar():
    given = [Spy(), LambdaCallback()]
    callbacks = CallbackList(given, add_history=True, add_progbar=True).callbacks
    assert callbacks[:2] == given
    assert [type(each) for each in callbacks[2:]] == [History, ProgbarLogger]


def test_a_given_history_and_progress_bar_are_not_added_again():
    given = [ProgbarLogger(), History()]
    assert CallbackList(given, add_history=True, add_progbar=True).callbacks == given


def test_the_last_history_given_is_the_models():
    first, last = History(), History()
    model = Model()
    CallbackList([first, last], model=model)
    assert model.history is last


def test_a_history_used_without_a_list_is_its_models_after_an_epoch():
    history, model = History(), Model()
    history.set_model(model)
    history.on_train_begin()
    history.on_epoch_end(0, None)
    assert model.history is history
    assert history.history == {}


def test_the_given_list_is_not_written_to():
    given: list[Callback] = []
    CallbackList(given, add_history=True)
    assert given == []


def test_callbacks_may_come_alone_or_nested():
    one, two, three = Spy(), Spy(), Spy()
    assert CallbackList(one).callbacks == [one]
    assert CallbackList((one, [two, {"b": three, "a": one}])).callbacks == [one, two, one, three]
    assert CallbackList(None).callbacks == []


@pytest.mark.parametrize("wrong", [5, "early", object(), print, [None], [Spy(), ["late"]]])
def test_what_is_no_callback_is_refused_with_its_type(wrong: Any):
    with pytest.raises(AttributeError, match=r"of type \w+; expected instances of `Callback`"):
        CallbackList(wrong)


def test_a_class_instead_of_an_instance_is_refused():
    with pytest.raises(
        TypeError, match=r"the class Spy; expected an instance of it: Spy\(\.\.\.\)"
    ):
        CallbackList([Spy])


def test_parameters_and_model_are_handed_on():
    spy, model = Spy(), Model()
    CallbackList([spy], model=model, verbose=2, epochs=3, steps=4)
    assert spy.params == {"verbose": 2, "epochs": 3, "steps": 4}
    assert spy.model is model


def test_without_parameters_or_model_nothing_is_handed_on():
    spy = Spy()
    CallbackList([spy], model=None)
    assert spy.params is None
    assert spy.model is None


def test_a_callback_can_stop_the_training():
    class Stop(Callback):
        def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
            self.model.stop_training = True

    model = Model()
    CallbackList(Stop(), model=model).on_epoch_end(0)
    assert model.stop_training


def test_every_hook_of_a_plain_callback_does_nothing():
    callback = Callback()
    for run in ("train", "test", "predict"):
        getattr(callback, f"on_{run}_begin")()
        getattr(callback, f"on_{run}_end")()
    for hook in [*BATCH_HOOKS, "on_epoch_begin", "on_epoch_end"]:
        getattr(callback, hook)(0)


@pytest.mark.parametrize("hook", BATCH_HOOKS)
def test_a_batch_hook_hears_its_batch_with_empty_logs_for_none(hook: str):
    heard: list[Any] = []
    callback = LambdaCallback(**{hook: lambda batch, logs: heard.append((batch, logs))})
    getattr(CallbackList(callback), hook)(3)
    assert heard == [(3, {})]


@pytest.mark.parametrize("moment", ["begin", "end"])
def test_the_older_batch_hook_hears_training_batches(moment: str):
    heard: list[Any] = []
    older = {f"on_batch_{moment}": lambda batch, logs: heard.append((batch, logs))}
    callbacks = CallbackList(LambdaCallback(**older))
    getattr(callbacks, f"on_train_batch_{moment}")(3, {"loss": 1})
    getattr(callbacks, f"on_test_batch_{moment}")(4)
    assert heard == [(3, {"loss": 1.0})]


def test_hooks_hear_in_the_order_of_the_list():
    heard: list[str] = []
    callbacks = CallbackList(
        [
            LambdaCallback(on_epoch_end=lambda epoch, logs, name=name: heard.append(name))
            for name in "ba"
        ]
    )
    callbacks.on_epoch_end(0)
    assert heard == ["b", "a"]


def test_all_callbacks_share_one_dictionary_of_logs():
    def add_rate(epoch: int, logs: Logs) -> None:
        logs["rate"] = 0.1

    history = History()
    callbacks = CallbackList([LambdaCallback(on_epoch_end=add_rate), history], model=Model())
    callbacks.on_epoch_end(0, {"loss": 1})
    assert history.history == {"loss": [1.0], "rate": [0.1]}


@pytest.mark.parametrize("hook", BATCH_HOOKS)
def test_logs_given_as_a_function_are_not_worked_out_where_nobody_listens(hook: str):
    callbacks = CallbackList([History(), Callback()], model=Model())
    getattr(callbacks, hook)(0, nobody_looks)


def test_logs_given_as_a_function_are_worked_out_once_and_seen_as_one_dictionary():
    calls: list[None] = []

    def work_out() -> Logs:
        calls.append(None)
        return {"loss": np.float32(1)}

    first, second = Spy(), Spy()
    CallbackList([first, second]).on_train_batch_end(0, work_out)
    assert len(calls) == 1
    assert first.seen == [{"loss": 1.0}]
    assert type(first.seen[0]) is dict
    assert first.seen[0] is second.seen[0]


@pytest.mark.parametrize("verbose", [0, 2])
def test_a_progress_bar_that_does_not_move_never_looks_at_logs(verbose: int):
    callbacks = CallbackList(add_progbar=True, verbose=verbose, epochs=1, steps=10)
    callbacks.on_epoch_begin(0)
    callbacks.on_train_batch_end(0, nobody_looks)


def test_a_moving_progress_bar_looks_only_when_it_prints(capsys: Output):
    callbacks = CallbackList(add_progbar=True, verbose=1, epochs=1, steps=10)
    callbacks.on_epoch_begin(0)
    bar = callbacks.callbacks[0].progbar
    bar.interval = 3600.0
    callbacks.on_train_batch_end(0, lambda: {"loss": 1.0})
    assert capsys.readouterr().out.endswith(" - loss: 1.0000")
    callbacks.on_train_batch_end(1, nobody_looks)
    callbacks.on_predict_batch_end(2, nobody_looks)
    assert capsys.readouterr().out == ""


def test_a_subclass_of_the_progress_bar_sees_plain_logs():
    class Own(ProgbarLogger):
        seen_logs: Any = None

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.seen_logs = logs

    own = Own()
    CallbackList(own).on_train_batch_end(0, lambda: {"loss": 1})
    assert own.seen_logs == {"loss": 1.0}


def test_a_list_inside_a_list_hands_on_and_looks_no_sooner():
    spy = Spy()
    CallbackList([CallbackList([spy])]).on_train_batch_end(0, lambda: {"loss": 1})
    CallbackList([CallbackList([History()])]).on_train_batch_end(0, nobody_looks)
    assert spy.seen == [{"loss": 1.0}]


@pytest.mark.parametrize(
    "begin",
    [
        lambda callbacks: callbacks.on_train_begin(),
        lambda callbacks: callbacks.on_epoch_begin(0),
    ],
)
def test_a_hook_that_a_callback_takes_up_as_a_run_begins_is_heard(
    begin: Callable[[CallbackList], None],
):
    heard: list[int] = []
    late = Callback()
    callbacks = CallbackList(late)
    late.on_train_batch_end = lambda batch, logs=None: heard.append(batch)  # type: ignore[method-assign]
    begin(callbacks)
    callbacks.on_train_batch_end(7)
    assert heard == [7]


def test_an_object_with_a_callbacks_methods_will_do():
    class Foreign:
        def __init__(self) -> None:
            self.heard: list[str] = []

        def set_model(self, model: Any) -> None:
            self.heard.append("set_model")

        def __getattr__(self, hook: str) -> Callable[..., None]:
            if not hook.startswith("on_"):
                raise AttributeError(hook)
            return lambda *args, **kwargs: self.heard.append(hook)

    foreign = Foreign()
    callbacks = CallbackList([foreign], model=Model())
    callbacks.on_train_begin()
    callbacks.on_train_batch_end(0, dict)
    assert foreign.heard == ["set_model", "on_train_begin", "on_train_batch_end"]


@pytest.mark.parametrize("run", ["train", "test", "predict"])
def test_a_run_that_ends_without_a_beginning_is_refused(run: str):
    callbacks = CallbackList()
    with pytest.raises(ValueError, match=rf"`on_{run}_end` was called, but no run had begun"):
        getattr(callbacks, f"on_{run}_end")()
    getattr(callbacks, f"on_{run}_begin")()
    getattr(callbacks, f"on_{run}_end")()


def test_lambda_callback_ignores_named_hooks_that_are_none():
    callback = LambdaCallback(on_epoch_end=None, on_test_end=lambda logs: None)
    callback.on_epoch_end(0)
    assert set(vars(callback)) == {"params", "_model", "on_test_end"}


def test_epochs_are_announced_only_if_there_are_several(capsys: Output):
    for epochs in (1, 2):
        CallbackList(add_progbar=True, verbose=1, epochs=epochs, steps=1).on_epoch_begin(0)
    assert capsys.readouterr().out == "Epoch 1/2\n"


def test_validation_inside_fit_prints_nothing(capsys: Output):
    callbacks = CallbackList(add_progbar=True, verbose=1, epochs=1, steps=1)
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(0)
    callbacks.on_test_begin()
    callbacks.on_test_batch_end(0, {"loss": 1.0})
    callbacks.on_test_end({"loss": 1.0})
    assert capsys.readouterr().out == ""


def test_evaluation_prints_one_line_in_verbose_2(capsys: Output):
    callbacks = CallbackList(add_progbar=True, verbose=2, epochs=1, steps=1)
    callbacks.on_test_begin()
    callbacks.on_test_batch_end(0, {"loss": 1.0})
    callbacks.on_test_end({"loss": 1.0})
    text = capsys.readouterr().out
    assert text.startswith("1/1 - 0s - ")
    assert text.endswith("/step - loss: 1.0000\n")


def test_unknown_steps_are_counted_in_the_first_epoch(capsys: Output):
    callbacks = CallbackList(add_progbar=True, verbose=2, epochs=1, steps=None)
    callbacks.on_epoch_begin(0)
    for batch in range(3):
        callbacks.on_train_batch_end(batch)
    callbacks.on_epoch_end(0)
    assert capsys.readouterr().out.startswith("3/3 - 0s - ")
    assert callbacks.callbacks[0].target == 3


def test_the_progress_bar_used_alone_takes_plain_logs(capsys: Output):
    logger = ProgbarLogger()
    logger.set_params({"verbose": "auto", "epochs": 1, "steps": 4})
    logger.on_train_batch_end(0, {"loss": 1.0})
    assert capsys.readouterr().out.endswith(" - loss: 1.0000")


def test_the_progress_bar_does_not_show_outputs(capsys: Output):
    callbacks = CallbackList(add_progbar=True, verbose=1, epochs=1, steps=2)
    callbacks.on_predict_begin()
    callbacks.on_predict_batch_end(0, {"outputs": np.ones((2, 1))})
    callbacks.on_predict_end()
    text = capsys.readouterr().out
    assert "1/2" in text
    assert "outputs" not in text


def test_each_run_counts_its_batches_anew():
    logger = ProgbarLogger()
    logger.set_params({"verbose": 0, "epochs": 1, "steps": None})
    logger.on_predict_batch_end(4)
    assert logger.seen == 5
    logger.on_predict_begin()
    assert logger.seen == 0
