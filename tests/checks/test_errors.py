"""Every bad call of the table: how it is answered, and that it changes nothing."""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minidense
from minidense import DataWarning
from minidense.layers import Layer
from minidense.optimizers import Optimizer
from minidense.random.seeds import get_global_seed
from tests import bad_calls
from tests.bad_calls import ALLOWED, BAD_CALLS, ODD, OUT_OF_SCOPE, BadCall, Script, X, Y

LONGEST_MESSAGE = 400
SURVEY = """
A02 A03 A07 A12 A19 A26 A27 A28 A29 A33 A43 B01 B07 B12 B16 B31 B34 C01 C07 C11 C16 C20 C26 C30
C31 C40 C42 C44 C50 C51 C60 D01 D02 D03 D11 D17 D20 D25 D46 E08 E12 E14 E20 E22 E30 E35 E36 E37
E49 E53 E61 E62 E65 E66 E68 E70 E76 E78 E84 E96 E98 E99 E102 E103 E104 E106 E109 F04 F05 F06 F07
F10 H04 H10 H23 H43
"""
"""The rows of the survey of Keras's answers that the table began with."""


@pytest.fixture(autouse=True)
def fresh_session() -> Any:
    minidense.utils.clear_session()
    minidense.utils.set_random_seed(7)
    yield
    minidense.config.set_floatx("float32")
    minidense.config.set_epsilon(1e-7)


def prepared(row: BadCall) -> Script:
    script = Script(row.call, minidense)
    script.prepare()
    return script


def things_in(value: Any) -> list[Any]:
    """Return the layers, optimizers, metrics and so on that the preparation made."""
    if isinstance(value, (list, tuple)):
        return [thing for part in value for thing in things_in(part)]
    if isinstance(value, minidense.Model):
        return [value, *things_in(value.layers), *things_in(value.optimizer)]
    if isinstance(value, minidense.KerasTensor):
        return []
    return [value]


def state_of(thing: Any, was_built: bool = True) -> Any:
    """Return all that a failed call might have changed about one thing.

    What was not built before may be built now, as in Keras, which builds first and then refuses.
    """
    if isinstance(thing, Layer) and not was_built:
        return thing.name, thing.trainable, getattr(thing, "compiled", None)
    if isinstance(thing, Layer):
        return (
            thing.built,
            thing.name,
            thing.trainable,
            [(v.path, v.trainable, v.numpy().tobytes()) for v in thing.variables],
            json.dumps(thing.get_config(), default=repr, sort_keys=True)
            if thing.built or not isinstance(thing, minidense.Model)
            else None,
            [layer.name for layer in getattr(thing, "layers", [])],
            getattr(thing, "compiled", None),
            id(getattr(thing, "optimizer", None)),
            id(getattr(thing, "loss", None)),
            thing.input_spec,
        )
    if isinstance(thing, Optimizer):
        return thing.built, [(v.name, v.numpy().tobytes()) for v in thing.variables]
    if isinstance(thing, minidense.metrics.Mean):
        return float(thing.total), float(thing.count)
    if isinstance(thing, minidense.Variable):
        return thing.numpy().tobytes()
    return None


class Snapshot:
    """What there was before a call. Names and seeds are used up by a refused call, as in Keras."""

    def __init__(self, script: Script) -> None:
        self.things = things_in(script.names.get("m"))
        self.were_built = [getattr(thing, "built", True) for thing in self.things]
        self.before = self.now()

    def now(self) -> Any:
        numpy_state: Any = np.random.get_state()
        return (
            [state_of(*pair) for pair in zip(self.things, self.were_built, strict=True)],
            [np.asarray(part).tolist() for part in numpy_state],
            get_global_seed(),
            minidense.config.floatx(),
            minidense.config.epsilon(),
        )


def answer(script: Script) -> Exception | None:
    try:
        script.make()
    except Exception as error:
        return error
    return None


every_bad_call = pytest.mark.parametrize("row", BAD_CALLS, ids=lambda row: row.id)
every_odd_call = pytest.mark.parametrize("row", ODD, ids=lambda row: row.id)


@every_bad_call
def test_a_bad_call_raises_its_class_with_the_facts_in_a_short_message(row: BadCall) -> None:
    error = answer(prepared(row))

    assert type(error).__name__ == row.raises, f"{row.call} gave {error!r}"
    message = str(error)
    missing = [fact for fact in row.says if fact not in message]
    assert not missing, f"{row.call} does not say {missing}: {message}"
    assert len(message) <= LONGEST_MESSAGE, message
    assert "array(" not in message.replace("np.array(", ""), f"an array is printed: {message}"
    assert "'module':" not in message, f"a configuration is printed: {message}"


@every_bad_call
def test_a_bad_call_leaves_everything_bit_for_bit_as_it_was(row: BadCall) -> None:
    script = prepared(row)
    snapshot = Snapshot(script)

    assert answer(script) is not None

    assert snapshot.now() == snapshot.before, row.call


@every_odd_call
def test_odd_data_warn_once_and_the_call_goes_on(row: BadCall) -> None:
    script = prepared(row)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        script.make()

    told = [warning for warning in caught if warning.category is DataWarning]
    assert len(told) == 1, [str(warning.message) for warning in told]
    message = str(told[0].message)
    assert all(fact in message for fact in row.says), message
    assert len(message) <= LONGEST_MESSAGE
    assert told[0].filename in (bad_calls.__file__, "<string>"), "the warning points elsewhere"


@every_odd_call
def test_the_warning_of_odd_data_can_be_made_an_error_that_changes_nothing(row: BadCall) -> None:
    script = prepared(row)
    snapshot = Snapshot(script)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DataWarning)
        error = answer(script)

    assert isinstance(error, DataWarning), f"{row.call} gave {error!r}"
    assert snapshot.now() == snapshot.before, row.call


def test_fit_on_odd_data_still_trains() -> None:
    model = bad_calls.comp(minidense)
    before = model.get_weights()
    with pytest.warns(DataWarning, match="class_weight"):
        history = bad_calls.fit(model, X(), Y(), class_weight={0: 1.0})

    assert np.isfinite(history.history["loss"]).all()
    assert any((old != new).any() for old, new in zip(before, model.get_weights(), strict=True))


def test_e14_predict_on_no_rows_returns_no_rows() -> None:
    outputs = bad_calls.comp(minidense).predict(X(0), verbose=0)
    assert outputs.shape == (0, 3)
    assert outputs.dtype == np.float32


def test_f10_set_weights_takes_lists_of_numbers() -> None:
    model = bad_calls.seq(minidense)
    wanted = [np.arange(w.size, dtype="float32").reshape(w.shape) for w in model.get_weights()]
    model.set_weights([weight.tolist() for weight in wanted])
    for weight, value in zip(model.get_weights(), wanted, strict=True):
        np.testing.assert_array_equal(weight, value)


def test_the_table_holds_every_row_of_the_survey_once() -> None:
    ids = [row.id for row in [*BAD_CALLS, *ODD]] + [*ALLOWED, *OUT_OF_SCOPE]
    assert sorted(set(ids)) == sorted(ids)
    assert set(SURVEY.split()) <= set(ids)


def test_every_row_that_differs_from_keras_says_why() -> None:
    for row in BAD_CALLS:
        assert bool(row.why) == (row.keras != row.raises), row.id
        assert row.says, row.id


def test_the_readme_counts_the_bad_calls() -> None:
    readme = Path(__file__).parents[2] / "README.md"
    assert f"{len(BAD_CALLS) + len(ODD)} calls long" in readme.read_text(encoding="utf-8")
