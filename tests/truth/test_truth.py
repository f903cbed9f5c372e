"""minidense alone against the formulas in 60 digits, and the helpers that measure."""

from dataclasses import replace

import numpy as np
import pytest

import minidense
from minidense import activations, layers, losses, ops, optimizers
from minidense.typing import Array
from tests.truth import hard_inputs, reasons, sides
from tests.truth.differences import TOLERANCE, worst_error
from tests.truth.exact import Exact, largest, last_place, mp, overflows, rounded
from tests.truth.questions import Question, every_question
from tests.truth.reasons import Fault, fault_in, reason_for
from tests.truth.table import ALLOWED, Row, Side, figure, hold, markdown, measured
from tests.truth.units import errors_of

QUESTIONS: dict[str, list[Question]] = {}
for _question in every_question():
    QUESTIONS.setdefault(f"{_question.feature}, {_question.dtype}", []).append(_question)


# minidense against the truth


@pytest.mark.parametrize("questions", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_minidense_is_within_2_units_of_the_truth_unless_it_is_known_why(
    questions: list[Question],
) -> None:
    unexplained = []
    for question in questions:
        with np.errstate(all="ignore"):
            answer = question.ask(minidense)
        worst = float(errors_of(answer, question.truth()).in_term_units.max())
        names = (question.feature, question.dtype, question.inputs)
        if worst > ALLOWED and not (fault_in(*names) or reason_for(*names, 0, worst)):
            unexplained.append(f"{question.name}: {worst:.3g} units")
    assert not unexplained, "\n".join(unexplained)


HELD_TO_KERAS_ALONE = {
    *("celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu"),
    *("hard_swish", "hard_tanh", "leaky_relu", "log_sigmoid", "log_softmax", "mish", "relu6"),
    *("selu", "silu", "soft_shrink", "softplus", "softsign", "sparse_plus", "sparse_sigmoid"),
    *("squareplus", "swish", "tanh_shrink", "threshold"),
}
"""Activations without a formula of 60 digits: `tests/test_activations_parity.py` has them."""


def test_everything_that_computes_is_asked_for() -> None:
    asked = {question.feature.split("(")[0].split(":")[0] for question in every_question()}
    functions = set(activations._KNOWN.by_name)
    wanted = {*functions, *losses.__all__, *optimizers.__all__, *layers.__all__}
    wanted = {name for name in wanted if name[0].isupper() or name in functions}
    bases = {
        "Loss",
        "LossFunctionWrapper",
        "Optimizer",
        "Layer",
        "Input",
        "InputLayer",
        "InputSpec",
    }
    assert wanted - asked <= bases | {"Activation"} | HELD_TO_KERAS_ALONE
    assert {"Dense", "relu", "MeanSquaredError", "Adam"} <= asked


def test_every_question_has_a_name_of_its_own_and_comes_in_both_dtypes() -> None:
    names = [question.name for question in every_question()]
    assert len(set(names)) == len(names) > 1000
    features = {name: {q.feature for q in every_question() if q.dtype == name} for name in
                hard_inputs.DTYPES}  # fmt: skip
    assert features["float32"] == features["float64"]


# The helpers


@pytest.mark.parametrize("wrong_by", [0.0, 0.0005, -0.0005])
def test_a_derivative_that_is_wrong_by_a_twentieth_of_a_percent_is_seen(wrong_by: float) -> None:
    x = np.random.default_rng(0).normal(0, 1, (3, 4))
    gradient = (1 - np.tanh(x) ** 2) * (1 + wrong_by)
    assert (worst_error(np.tanh, x, gradient) < TOLERANCE) == (wrong_by == 0)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softmax"])
def test_a_derivative_of_minidense_that_is_made_wrong_is_seen(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    function, operation = getattr(activations, name), getattr(ops, name)
    right = operation.go_back
    monkeypatch.setattr(operation, "go_back", lambda *args: right(*args) * 1.0005)
    x = hard_inputs.rows("float64")["ordinary"]
    wrong = sides.activation_gradient(minidense, name, x, np.cos(x))
    assert worst_error(lambda moved: function(moved) * np.cos(x), x, wrong) > TOLERANCE


def question(name: str, dtype: str = "float32", inputs: str = "ordinary") -> Question:
    """Return the question about a feature."""
    return next(each for each in QUESTIONS[f"{name}, {dtype}"] if each.inputs == inputs)


def off_by(array: Array, units: int) -> Array:
    """Return the floats that are some floats nearer to 0."""
    for _ in range(units):
        array = np.nextafter(array, array.dtype.type(0))
    return array


@pytest.mark.parametrize(("dtype", "units"), [("float32", 12), ("float64", 4)])
def test_an_activation_that_is_further_off_than_is_known_why_is_seen(
    dtype: str, units: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = activations.tanh
    monkeypatch.setattr(activations, "tanh", lambda x: off_by(right(x), units))
    with pytest.raises(AssertionError, match=r"tanh .* units"):
        test_minidense_is_within_2_units_of_the_truth_unless_it_is_known_why(
            [question("tanh", dtype)]
        )


def test_minidense_may_be_2_units_further_off_than_keras_and_no_more() -> None:
    asked = question("tanh")
    nearest = np.array([rounded(exact.value, "float32") for exact in asked.truth()])
    assert measured(asked, nearest, off_by(nearest, 1)).verdict == "both within 2 units"
    with pytest.raises(AssertionError, match="nobody says why"):
        hold(measured(asked, nearest, off_by(nearest, 12)))
    row = measured(asked, off_by(nearest, 4), nearest)
    assert row.verdict.startswith("Keras off: ")
    hold(row)
    assert row.behind > 3
    assert row.further < 0


def test_a_row_that_is_worse_by_more_than_2_units_fails_even_with_a_reason() -> None:
    row = Row("Dense", "float32", "ordinary", 1, False, Side(1, 1), Side(4, 4), 1.0, 0.0, "known")
    with pytest.raises(AssertionError, match="further from the truth; Keras 1, minidense 4"):
        hold(row)
    hold(replace(row, keras=Side(3, 3)))
    with pytest.raises(AssertionError, match="in one number minidense is 3 units further"):
        hold(replace(row, keras=Side(3, 3), further=3.0))
    both_infinite = Side(np.inf, np.inf)
    hold(replace(row, keras=both_infinite, minidense=both_infinite))
    with pytest.raises(AssertionError, match="further from the truth"):
        hold(replace(row, minidense=both_infinite))


def test_a_formula_that_loses_digits_where_keras_has_a_better_one_fails() -> None:
    """Though in units of the largest term both are fine."""
    row = Row("Dense", "float32", "tiny", 1, True, Side(1.5, 1), Side(2e7, 1), 0.0, 0.0, "fine")
    with pytest.raises(AssertionError, match="further from the truth"):
        hold(row)
    hold(replace(row, keras=Side(2e6, 1)))  # both have lost them
    hold(replace(row, minidense=Side(np.inf, np.inf), keras=Side(np.inf, np.inf)))


def test_a_known_fault_is_said_in_the_table_and_no_other_is_tolerated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = question("tanh")
    nearest = np.array([rounded(exact.value, "float32") for exact in asked.truth()])
    fault = Fault("tanh", "*", "ordinary", "a fault")
    monkeypatch.setattr(reasons, "FAULTS", (fault,))
    row = measured(asked, nearest, off_by(nearest, 4))
    assert row.verdict == "minidense further off: a fault"
    hold(row)
    assert not measured(asked, nearest, nearest).is_fault
    monkeypatch.setattr(reasons, "FAULTS", ())
    with pytest.raises(AssertionError, match="nobody says why"):
        hold(measured(asked, nearest, off_by(nearest, 12)))


def test_an_answer_in_another_dtype_or_shape_is_no_answer() -> None:
    asked = question("tanh")
    answer = asked.ask(minidense)
    for wrong in (answer.astype("float64"), answer[:, None]):
        with pytest.raises(AssertionError, match="float32"):
            measured(asked, answer, wrong)


@pytest.mark.parametrize(
    ("number", "truth", "units"),
    [
        (1.0, "1", 0),
        (1.0, "1.00000005960464477539", 0.5),  # half a unit of float32
        (np.nextafter(np.float32(1), np.float32(2)), "1", 1),
        (0.0, "1e-45", 0.7136),  # of the smallest subnormal, 1.4e-45
        (0.0, "1.17549435e-38", 2.0**23),  # what setting to 0 costs at the smallest normal number
        (np.inf, "1e39", 0),
        (3.4028235e38, "1e39", np.inf),
        (np.inf, "3.4028235e38", np.inf),
        (-np.inf, "inf", np.inf),
        (np.nan, "nan", 0),
        (np.nan, "0", np.inf),
        (0.0, "nan", np.inf),
        (-0.0, "0", 0),
    ],
)
def test_errors_are_counted_in_units_of_the_true_value(
    number: float, truth: str, units: float
) -> None:
    errors = errors_of(np.float32([number]), [Exact(mp.mpf(truth))])
    assert errors.in_units[0] == pytest.approx(units, rel=1e-4)
    assert not errors.cancels


def test_where_terms_cancel_the_unit_is_that_of_the_largest_term() -> None:
    x = np.float32(0.9999999)
    errors = errors_of(np.float32([1 - x]), [Exact(mp.mpf("1e-7"), mp.one)])
    assert errors.cancels
    assert errors.in_units[0] > 1e6
    assert errors.in_term_units[0] < 1


def test_a_true_value_is_rounded_to_the_nearest_float_and_ties_to_even() -> None:
    assert rounded(mp.mpf(1) / 3, "float32") == np.float32(1 / 3)
    assert rounded(1 + mp.ldexp(mp.one, -24), "float32") == 1
    assert rounded(1 + 3 * mp.ldexp(mp.one, -24), "float32") == 1 + 2.0**-22
    assert rounded(mp.mpf("-1e400"), "float64") == -np.inf
    assert np.isnan(rounded(mp.nan, "float32"))
    assert last_place(mp.mpf(1), "float32") == -23
    assert last_place(mp.mpf("1e-320"), "float64") == last_place(mp.zero, "float64") == -1074
    limit = mp.mpf(float(np.finfo("float32").max)) + mp.ldexp(mp.one, 103)
    assert overflows(limit, "float32")
    assert not overflows(limit * (1 - mp.mpf("1e-20")), "float32")


def test_the_largest_number_is_nan_where_there_is_one() -> None:
    assert mp.isnan(largest([mp.one, mp.nan, mp.mpf(2)]))
    assert largest([mp.zero, mp.mpf(-1)]) == 0


def test_a_reason_explains_no_more_than_it_says() -> None:
    assert reason_for("tanh", "float32", "ordinary", keras=9, minidense=1)
    assert reason_for("tanh", "float32", "ordinary", keras=9, minidense=11) is None
    assert reason_for("tanh", "float32", "ordinary", keras=99, minidense=1) is None
    assert reason_for("nothing", "float32", "ordinary", keras=9, minidense=1) is None


def test_the_table_joins_what_fared_alike_and_shows_both_measures() -> None:
    row = Row("a|b", "float32", "huge", 3, True, Side(9e6, 0.25), Side(12, 0.0), 0.0, 0.0, "fine")
    text = markdown([row, replace(row, inputs="tiny", cases=4), replace(row, verdict="off")])
    assert text.splitlines()[2:] == [
        "| a\\|b | float32 | huge; tiny | 7 | 0.25 (9.0e+06) | 0 (12) | fine |",
        "| a\\|b | float32 | huge | 3 | 0.25 (9.0e+06) | 0 (12) | off |",
    ]
    assert figure(float("inf")) == "inf"
