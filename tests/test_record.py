"""What the record of comparisons accepts and refuses, and what it keeps of them."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests import expected, record
from tests.report import kept
from tests.report.kept import CURVES, FEATURES, LEFT_OUT

NEXT = float(np.nextafter(np.float32(1), np.float32(2)))


@pytest.fixture(autouse=True)
def _nothing_is_expected(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(expected, "known", lambda: ())
    with record.aside():
        yield


def only() -> record.Feature:
    (feature,) = FEATURES.values()
    return feature


@pytest.mark.parametrize(
    ("keras", "minidense"),
    [
        (np.float32([1.0, 2.0]), np.float32([1.0, 2.0])),
        (np.float32([1.0]), np.float32([1 + 9e-7])),
        (np.float32([np.nan, np.inf, -np.inf]), np.float32([np.nan, np.inf, -np.inf])),
        (np.float32([0.0]), np.float32([-0.0])),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (np.float32(1.0), np.float32(NEXT)),
        (1.0, 1 + 9e-7),
        ([1.0, 2.0], [1.0, 2.0]),
        (np.int64([3]), np.int64([3])),
        (np.array([True]), np.array([True])),
    ],
    ids=str,
)
def test_close_takes_what_the_tolerance_allows(keras: Any, minidense: Any) -> None:
    record.close("it", keras, minidense, rtol=1e-6)
    assert (only().cases, only().failed) == (1, 0)


@pytest.mark.parametrize(
    ("keras", "minidense"),
    [
        (np.float32([1.0]), np.float32([1 + 2e-6])),
        (np.float32([np.nan]), np.float32([1.0])),
        (np.float32([1.0]), np.float32([np.nan])),
        (np.float32([np.inf]), np.float32([-np.inf])),
        (np.float32([3e38]), np.float32([np.inf])),
        (np.float32([0.0]), np.float32([1e-45])),
        (np.float32([1.0]), np.float64([1.0])),
        (np.float32([1.0]), np.float32(1.0)),
        (np.float32([[1.0]]), np.float32([1.0])),
        ([1.0], [1.0, 1.0]),
        (np.int64([2**60]), np.int64([2**60 + 1])),
        (np.array([True]), np.array([False])),
        (1, 1.0),
    ],
    ids=str,
)
def test_close_refuses_what_the_tolerance_does_not_allow(keras: Any, minidense: Any) -> None:
    with pytest.raises(AssertionError, match=r"^it: "):
        record.close("it", keras, minidense, rtol=1e-6)
    assert (only().cases, only().failed) == (1, 1)


def test_the_tolerance_is_relative_to_kerass_number_and_an_absolute_part_is_added() -> None:
    record.close("it", 1.0, 1.5, rtol=0.25, atol=0.25)
    assert only().share == 1.0
    with pytest.raises(AssertionError, match=r"more than atol=0\.25, rtol=0\.25 allow"):
        record.close("it", 1.0, 1.5000001, rtol=0.25, atol=0.25)


@pytest.mark.parametrize("tolerance", [{"rtol": math.nan}, {"rtol": 0.0, "atol": math.nan}])
def test_a_tolerance_that_is_nan_would_allow_all_and_is_refused(tolerance: Any) -> None:
    with pytest.raises(ValueError, match="A tolerance is a number"):
        record.close("it", np.float32([1.0]), np.float32([2.0]), **tolerance)


def test_with_no_tolerance_close_asks_for_equal_numbers_whatever_the_sign_of_zero() -> None:
    record.close("it", np.float32([0.0, np.nan]), np.float32([-0.0, np.nan]), rtol=0)
    with pytest.raises(AssertionError, match="1 of 2 numbers differ"):
        record.close("it", np.float32([1.0, 0.0]), np.float32([NEXT, 0.0]), rtol=0)


def test_only_numbers_can_be_close() -> None:
    with pytest.raises(TypeError, match=r"record\.same"):
        record.close("it", "text", "text", rtol=1.0)


@pytest.mark.parametrize(
    "value",
    [
        np.float32([1.0, np.nan, -0.0, np.inf]),
        np.float64(2.5),
        np.array(["a", "b"]),
        np.zeros((2, 0)),
        "text",
        b"bytes",
        None,
        {"units": 3, "shape": (None, 2)},
        ["a", 1, 2.0],
    ],
    ids=str,
)
def test_same_takes_what_is_equal(value: Any) -> None:
    again = value.copy() if isinstance(value, np.ndarray) else value
    record.same("it", value, again)
    assert (only().equal, only().failed) == (1, 0)


@pytest.mark.parametrize(
    ("keras", "minidense", "says"),
    [
        (np.float32([0.0]), np.float32([-0.0]), "the signs of zeros differ"),
        (np.float32([1.0]), np.float32([NEXT]), "1 of 1 numbers differ .bit for bit"),
        (np.float32([np.nan]), np.float32([0.0]), "1 of 1 numbers differ"),
        (np.float32([1.0]), np.float64([1.0]), "float32.* float64"),
        (np.float32([1.0]), np.float32(1.0), r"float32\(1,\), minidense float32\(\)"),
        (np.int32([1, 2]), np.int32([1, 3]), r"the worst, at \[1\]: Keras .*2.*, minidense .*3"),
        (np.array(["a"]), np.array(["b"]), "'a'.*\n.*'b'"),
        (np.float32(1.0), 1.0, "float32.* float64"),
        ("a b", "a  b", "Keras: a b\nminidense: a  b"),
        (1, 1.0, "Keras: 1\nminidense: 1.0"),
        (1, True, "Keras: 1\nminidense: True"),
        ({"a": 1}, {"a": 2}, "'a': 1.*\n.*'a': 2"),
    ],
)
def test_same_refuses_what_differs_and_says_how(keras: Any, minidense: Any, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        record.same("it", keras, minidense)
    assert only().failed == 1


def test_a_failure_names_the_worst_place_the_seed_the_part_and_the_code() -> None:
    keras, minidense = np.float32([[1, 1], [1, 1]]), np.float32([[1, 1.1], [1.5, 1]])
    with pytest.raises(AssertionError) as failure:
        record.close("Dense", keras, minidense, rtol=1e-6, code="f(x)", seed="7", where="kernel")
    text = str(failure.value)
    assert text.startswith("Dense (kernel): 2 of 4 numbers differ")
    assert "at [1, 0]: Keras np.float32(1.0), minidense np.float32(1.5)" in text
    assert text.endswith("\nseed: 7\nto see it again:\nf(x)")


def test_what_is_listed_as_expected_does_not_fail_and_is_kept_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def reason_for(feature: str, difference: str) -> str | None:
        asked.append((feature, difference))
        return "older Keras" if "minidense: b" in difference else None

    monkeypatch.setattr(expected, "reason_for", reason_for)
    record.same("names", "a", "a")
    assert not asked
    record.same("names", "a", "b")
    with pytest.raises(AssertionError):
        record.same("names", "a", "c")
    assert asked[0] == ("names", "Keras: a\nminidense: b")
    assert (only().expected, only().failed, only().equal) == (1, 1, 1)
    assert dict(only().reasons) == {"older Keras": 1}


def test_in_a_test_that_is_expected_to_fail_a_difference_fails_and_is_no_failed_feature(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "test_in_a_test_that_is_expected_to_fail_a_difference_fails_and_is_no_failed_feature"
    monkeypatch.setattr(
        expected, "reason_for_test", lambda test: "older Keras" if test.endswith(name) else None
    )
    with pytest.raises(AssertionError, match="Keras: a"):
        record.same("names", "a", "b")
    assert (only().expected, only().failed) == (1, 0)
    assert only().worst[0].reason == "older Keras"


def test_the_columns_are_about_what_was_not_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expected, "reason_for", lambda feature, difference: "known")
    record.close("it", 1.0, 2.0, rtol=1e-6)
    assert (only().absolute, only().share, only().histogram) == (0.0, 0.0, {})
    record.close("it", np.float32(1.0), np.float32(NEXT), rtol=1e-6)
    assert only().ulps == 1
    assert only().relative == pytest.approx(2**-23)
    assert dict(only().histogram) == {-14: 1}


def test_numbers_of_a_log_are_counted_in_units_of_float32() -> None:
    record.close("log", [1.0, 2.0], [NEXT, 2.0], rtol=1e-6)
    assert only().ulps == 1
    record.close("numbers", np.float64([1.0]), np.float64([NEXT]), rtol=1e-6)
    assert FEATURES["numbers"].ulps == 2.0**29


def test_the_worst_cases_are_kept_by_their_share_of_the_tolerance() -> None:
    for step in [1, 5, 3, 2, 4]:
        off = np.float32(1 + step * 2e-7)
        record.close("it", np.float32(1), off, rtol=1e-6, code=f"step {step}")
    assert [case.code for case in only().worst] == ["step 5", "step 4", "step 3"]
    assert only().cases == 5
    assert only().share == only().worst[0].share


def test_a_failure_is_kept_before_what_was_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expected, "reason_for", lambda feature, text: "b" in text and "known")
    for _ in range(kept.WORST_KEPT):
        record.same("it", "a", "b")
    with pytest.raises(AssertionError):
        record.same("it", "x", "y")
    assert only().worst[0].difference == "Keras: x\nminidense: y"


def test_equal_cases_leave_no_worst_case() -> None:
    record.close("it", 1.0, 1.0, rtol=1e-6, code="much code")
    assert not only().worst
    assert only().equal == 1


def test_a_kept_case_names_its_test() -> None:
    record.close("it", np.float32(1), np.float32(NEXT), rtol=1e-6)
    assert only().worst[0].test.endswith("test_record.py::test_a_kept_case_names_its_test")


def test_long_texts_are_cut_and_say_so() -> None:
    with pytest.raises(AssertionError):
        record.same("it", "a", "b", code="x" * 10**6)
    (case,) = only().worst
    assert len(case.code) < kept.LONGEST_TEXT + 50
    assert case.code.endswith("(1000000 characters)")


def test_too_many_features_are_checked_and_counted_but_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept, "MOST_FEATURES", 2)
    for name in "abab":
        record.same(name, 1, 1)
    record.same("c", 1, 1)
    with pytest.raises(AssertionError):
        record.same("d", 1, 2)
    assert list(FEATURES) == ["a", "b"]
    assert LEFT_OUT == {"features": 2}


def test_aside_drops_what_was_compared_inside_and_keeps_what_was_before() -> None:
    record.same("outside", 1, 1)
    with record.aside():
        assert not FEATURES
        record.curves("inside", [1.0], [1.0])
        record.same("inside", 1, 1)
    with pytest.raises(AssertionError), record.aside():
        record.same("inside", 1, 2)
    record.same("outside", 1, 1)
    assert only().cases == 2
    assert not CURVES


def test_curves_keep_the_ends_and_the_largest_difference_of_all_points() -> None:
    keras = [1.0 + step for step in range(2000)]
    minidense = list(keras)
    minidense[777] *= 1.5
    record.curves("long", keras, minidense, unit="batch")
    curve = CURVES["long"]
    assert len(curve.keras) == len(curve.minidense) == kept.MOST_POINTS
    assert (curve.keras[0], curve.keras[-1], curve.unit) == (1.0, 2000.0, "batch")
    assert curve.worst == pytest.approx(1 / 3)


def test_curves_of_two_lengths_are_refused_and_nothing_else_is_checked() -> None:
    record.curves("far apart", [1.0, math.nan], [5.0, 2.0])
    assert math.isinf(CURVES["far apart"].worst)
    with pytest.raises(ValueError, match="2 and 1 points"):
        record.curves("lengths", [1.0, 2.0], [1.0])


def test_too_many_curves_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_CURVES", 1)
    for name in ("one", "two", "one"):
        record.curves(name, [1.0], [1.0])
    assert list(CURVES) == ["one"]
    assert LEFT_OUT == {"curves": 1}


@pytest.mark.parametrize("minidense", [2.0, -np.inf])
def test_infinity_beside_another_number_is_named_as_what_differs(minidense: float) -> None:
    with record.aside(), pytest.raises(AssertionError, match="1 of 1 numbers differ"):
        record.close("odd", np.float32([np.inf]), np.float32([minidense]), rtol=1e-6)
