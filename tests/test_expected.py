"""The file of expected differences: how it is read, where an entry holds, and what it fits."""

from importlib import metadata
from typing import Any

import pytest

from tests import expected
from tests.expected import BadEntryError, Expected, ends_with, matches, read

ENTRY = """
[[difference]]
test = "test_a_thing"
keras = ">=3.9,<3.12"
reason = "Keras mended it in 3.12"
"""


def one(text: str) -> Expected:
    (entry,) = read(text)
    return entry


def test_the_file_in_the_repository_can_be_read() -> None:
    assert all(entry.reason for entry in read(expected.FILE.read_text(encoding="utf-8")))


def test_nothing_is_expected_of_the_reference_on_a_cpu() -> None:
    from tests.board.environments import reference

    entries = read(expected.FILE.read_text(encoding="utf-8"))
    assert not [entry for entry in entries if entry.holds(reference(), "tensorflow", "cpu")]


def test_an_empty_file_expects_nothing() -> None:
    assert read("") == read("# a comment\n") == ()


@pytest.mark.parametrize(
    ("version", "holds"),
    [
        ("3.8.0", False),
        ("3.9.0", True),
        ("3.11.3", True),
        ("3.12.0", False),
        ("3.15.1", False),
        ("3.11.0rc1", True),
    ],
)
def test_an_entry_holds_in_its_range_of_versions_only(version: str, holds: bool) -> None:
    assert one(ENTRY).holds(version, "tensorflow", "cpu") is holds


def test_an_entry_without_places_holds_everywhere() -> None:
    entry = one('[[difference]]\ntest = "a"\nreason = "b"')
    assert entry.holds("3.0.0", "jax", "gpu")


def test_an_entry_holds_on_its_backend_and_device_only() -> None:
    text = '[[difference]]\ntest = "a"\nreason = "b"\nbackend = "jax"\ndevice = "gpu"'
    entry = one(text)
    assert entry.holds("3.15.1", "jax", "gpu")
    assert not entry.holds("3.15.1", "jax", "cpu")
    assert not entry.holds("3.15.1", "torch", "gpu")


def test_a_pattern_is_a_text_or_a_list_of_texts() -> None:
    entry = one('[[difference]]\nfeature = ["a", "b: *"]\nprobe = "c"\nreason = "d"')
    assert (entry.feature, entry.probe, entry.test) == (("a", "b: *"), ("c",), ())
    assert entry.fits_feature("b: outputs", "")
    assert not entry.fits_feature("b", "")


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("Dense: outputs", "Dense: outputs", True),
        ("Dense", "Dense: outputs", False),
        ("Dense: *", "Dense: outputs", True),
        ("*", "", True),
        ("A0?", "A01", True),
        ("A0?", "A0", False),
        ("test[A01]", "test[A01]", True),
        ("test[A01]", "testA", False),
        ("test[[]A01]", "test[A01]", False),
        ("a.b", "axb", False),
        ("a*c", "a\nb\nc", True),
        ("dense", "Dense", False),
    ],
)
def test_only_star_and_question_mark_are_wildcards(pattern: str, text: str, fits: bool) -> None:
    assert matches(pattern, text) is fits


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("tests/test_errors_parity.py::test_bad[A01]", True),
        ("test_errors_parity.py::test_bad[A01]", True),
        ("test_bad[A01]", True),
        ("test_bad[*]", True),
        ("bad[A01]", False),
        ("parity.py::test_bad[A01]", False),
        ("test_bad", False),
        ("test_errors_parity.py::*", True),
        ("[A01]", False),
    ],
)
def test_a_tests_pattern_starts_with_a_name_and_goes_to_the_end(pattern: str, fits: bool) -> None:
    assert ends_with(pattern, "tests/test_errors_parity.py::test_bad[A01]") is fits


def test_what_an_entry_says_must_stand_in_the_difference() -> None:
    entry = one('[[difference]]\nfeature = "a"\nprobe = "b"\nsays = "TypeError"\nreason = "c"')
    assert entry.fits_feature("a", "raised TypeError")
    assert entry.fits_probe("b", "TypeError")
    assert not entry.fits_feature("a", "raised ValueError")
    assert not entry.fits_probe("b", "")


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('test = "a"', "no `reason`"),
        ('test = "a"\nreason = " "', "`reason` is a text and not empty"),
        ('test = "a"\nreason = 3', "`reason` is a text"),
        ('reason = "a"', "one of feature, test, probe is needed"),
        ('test = ""\nreason = "a"', "`test` is a pattern"),
        ('test = []\nreason = "a"', "`test` is a pattern"),
        ('test = ["a", 3]\nreason = "a"', "`test` is a pattern"),
        ('test = ["a", ""]\nreason = "a"', "`test` is a pattern"),
        ('probe = {a = 1}\nreason = "a"', "`probe` is a pattern"),
        ('test = ["a", "b", "a"]\nreason = "a"', r"twice: \['a'\]"),
        ('test = "a"\nreason = "b"\nkeras = "before 3.10"', "Received: 'before 3.10'"),
        ('test = "a"\nreason = "b"\nkeras = "3.10"', "as pip writes it.*Received: '3.10'"),
        ('test = "a"\nreason = "b"\nkeras = ""', "`keras` is a text and not empty"),
        ('test = "a"\nreason = "b"\nkeras = 3.10', "`keras` is a text"),
        ('test = "a"\nreason = "b"\nversion = ">3"', "no such key: version"),
        ('test = "a"\nreason = "b"\nbackend = "numpy"', "`backend` is one of .*'numpy'"),
        ('test = "a"\nreason = "b"\ndevice = "GPU"', "`device` is one of .*'GPU'"),
        ('test = "a"\nreason = "b"\nkind = "misc"', "`kind` is one of .*'misc'"),
        ('test = "a"\nreason = "b"\nsays = "c"', "not about tests"),
    ],
)
def test_an_entry_that_is_not_meant_so_is_named_with_its_number(table: str, says: str) -> None:
    with pytest.raises(BadEntryError, match=f"(?s)difference 2 .*{says}"):
        read(f"{ENTRY}[[difference]]\n{table}\n")


def test_the_message_names_the_entrys_pattern() -> None:
    with pytest.raises(BadEntryError, match="test_that_one"):
        read('[[difference]]\ntest = "test_that_one"')


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[difference]", "no TOML"),
        ('[[differences]]\ntest = "a"\nreason = "b"', "Received: differences"),
        ('[difference]\ntest = "a"\nreason = "b"', r"headed by \[\[difference\]\]"),
        ('difference = ["a"]', r"headed by \[\[difference\]\]"),
        ('difference = "a"', r"headed by \[\[difference\]\]"),
    ],
)
def test_a_file_of_another_form_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadEntryError, match=says):
        read(text)


@pytest.fixture
def known_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    """Put a text in the file's place, with Keras 3.10.0 on TensorFlow on a CPU."""

    def put(text: str, keras: str = "3.10.0") -> None:
        file = tmp_path / "differences.toml"
        file.write_text(text, encoding="utf-8")
        monkeypatch.setattr(expected, "FILE", file)
        monkeypatch.setattr(expected, "keras_version", lambda: keras)
        monkeypatch.delenv("KERAS_BACKEND", raising=False)
        monkeypatch.delenv("MINIDENSE_PARITY_DEVICE", raising=False)
        expected.known.cache_clear()

    yield put
    expected.known.cache_clear()


def test_the_reason_of_a_test_is_found_where_its_entry_holds(known_here: Any) -> None:
    known_here(ENTRY)
    assert expected.reason_for_test("tests/a.py::test_a_thing") == "Keras mended it in 3.12"
    assert expected.reason_for_test("tests/a.py::test_another") is None
    assert expected.reason_for("test_a_thing", "") is None
    known_here(ENTRY, keras="3.12.0")
    assert expected.reason_for_test("tests/a.py::test_a_thing") is None


def test_the_reason_of_a_feature_is_the_first_entrys_that_fits(known_here: Any) -> None:
    entry = '[[difference]]\nfeature = "Dense: *"\nsays = "{}"\nreason = "{}"\n'
    known_here(entry.format("far", "one") + entry.format("near", "two"))
    assert expected.reason_for("Dense: outputs", "it is near") == "two"
    assert expected.reason_for("Dense: outputs", "near or far") == "one"
    assert expected.reason_for("Dense: outputs", "equal") is None
    assert expected.reason_for_test("Dense: outputs") is None


def test_without_keras_nothing_is_expected(
    known_here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> str:
        raise metadata.PackageNotFoundError("keras")

    known_here(ENTRY)
    monkeypatch.setattr(expected, "keras_version", missing)
    assert expected.known() == ()


def test_a_bad_file_is_refused_without_keras_too(
    known_here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_here('[[difference]]\ntest = "a"')
    with pytest.raises(BadEntryError):
        expected.known()
