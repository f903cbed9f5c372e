"""The progress bar by itself, under a clock that the tests move."""

import io
import math
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from minidense.training.progress import Progbar, print_message


class Clock:
    """Stands in for `time.time`; stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    fake = Clock()
    monkeypatch.setattr(time, "time", fake)
    return fake


Output = pytest.CaptureFixture[str]


def test_the_moving_bar_is_green_then_white_with_the_time_left(clock: Clock, capsys: Output):
    bar = Progbar(target=10, width=5)
    clock.now += 2
    bar.update(4, [("loss", 0.5)])
    assert capsys.readouterr().out == (
        "\r\x1b[1m 4/10\x1b[0m \x1b[32m━━\x1b[0m\x1b[37m━━━\x1b[0m "
        "\x1b[1m3s\x1b[0m 500ms/step - loss: 0.5000"
    )


def test_the_last_state_shows_the_time_taken_and_ends_the_line(clock: Clock, capsys: Output):
    bar = Progbar(target=2, width=2)
    clock.now += 7
    bar.update(2)
    assert capsys.readouterr().out == (
        "\r\x1b[1m2/2\x1b[0m \x1b[32m━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m7s\x1b[0m 4s/step\n"
    )


def test_an_unknown_target_gives_no_bar(clock: Clock, capsys: Output):
    bar = Progbar(target=None)
    clock.now += 3
    bar.update(3)
    assert capsys.readouterr().out == "\r      3/Unknown \x1b[1m3s\x1b[0m 1s/step"


def test_the_next_state_goes_over_the_last_and_blanks_its_end(clock: Clock, capsys: Output):
    bar = Progbar(target=None)
    clock.now += 3
    bar.update(1, [("loss", 1.0)])
    capsys.readouterr()
    clock.now += 1
    bar._metrics.clear()
    bar.update(2)
    width = len("      1/Unknown 3s 3s/step - loss: 1.0000")
    assert capsys.readouterr().out == (
        "\b" * width + "\r      2/Unknown \x1b[1m4s\x1b[0m 1s/step" + " " * len(" - loss: 1.0000")
    )


def test_a_bar_that_has_not_begun_is_all_white(clock: Clock, capsys: Output):
    Progbar(target=9, width=3).update(0)
    assert capsys.readouterr().out == (
        "\r\x1b[1m0/9\x1b[0m \x1b[37m━━━\x1b[0m \x1b[1m0s\x1b[0m 0s/step"
    )


def test_the_display_is_dynamic_in_a_terminal_a_notebook_pycharm_and_on_posix(
    monkeypatch: pytest.MonkeyPatch,
):
    for module in ("posix", "ipykernel"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.delenv("PYCHARM_HOSTED", raising=False)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert not Progbar(target=1)._dynamic_display
    with monkeypatch.context() as inner:
        inner.setattr(sys.stdout, "isatty", lambda: True)
        assert Progbar(target=1)._dynamic_display
    for module in ("posix", "ipykernel"):
        with monkeypatch.context() as inner:
            inner.setitem(sys.modules, module, sys)
            assert Progbar(target=1)._dynamic_display
    monkeypatch.setenv("PYCHARM_HOSTED", "1")
    assert Progbar(target=1)._dynamic_display


def test_a_display_that_cannot_go_back_gets_new_lines(clock: Clock, capsys: Output):
    bar = Progbar(target=None)
    bar._dynamic_display = False
    for step in (1, 2):
        clock.now += 1
        bar.update(step)
    lines = capsys.readouterr().out.split("\n")
    assert [line[:15] for line in lines] == ["", "      1/Unknown", "      2/Unknown"]


def test_nothing_is_printed_again_within_the_interval(clock: Clock, capsys: Output):
    bar = Progbar(target=100, interval=0.05)
    bar.update(1)
    assert capsys.readouterr().out
    clock.now += 0.04
    bar.update(2)
    assert capsys.readouterr().out == ""
    clock.now += 0.02
    bar.update(3)
    assert "  3/100" in capsys.readouterr().out


def test_the_last_update_is_printed_even_within_the_interval(clock: Clock, capsys: Output):
    bar = Progbar(target=2)
    bar.update(1)
    capsys.readouterr()
    bar.update(2)
    assert "2/2" in capsys.readouterr().out


@pytest.mark.parametrize("finalize", [None, True])
def test_verbose_0_prints_nothing(finalize: bool | None, capsys: Output):
    Progbar(target=1, verbose=0).update(1, [("loss", 1.0)], finalize=finalize)
    assert capsys.readouterr().out == ""


def test_verbose_2_prints_one_plain_line_at_the_end(clock: Clock, capsys: Output):
    bar = Progbar(target=12, verbose=2)
    for step in range(1, 13):
        clock.now += 0.25
        bar.update(step, [("loss", 2.0), ("mae", 1e-4)])
    assert capsys.readouterr().out == ("12/12 - 3s - 250ms/step - loss: 2.0000 - mae: 1.0000e-04\n")


def test_verbose_2_says_nothing_where_the_target_is_unknown(capsys: Output):
    Progbar(target=None, verbose=2).update(1, finalize=True)
    assert capsys.readouterr().out == ""


def test_a_metric_is_averaged_over_steps_unless_it_is_stateful(clock: Clock, capsys: Output):
    bar = Progbar(target=100, interval=0, stateful_metrics=["last"])
    bar.update(1, [("mean", 1.0), ("last", 1.0)])
    bar.update(4, [("mean", 5.0), ("last", 5.0)])  # three steps at once weigh three times
    assert capsys.readouterr().out.endswith(" - mean: 4.0000 - last: 5.0000")


def test_stateless_metrics_are_the_only_ones_averaged(clock: Clock, capsys: Output):
    bar = Progbar(target=100, interval=0, stateless_metrics=["mean"])
    bar.update(1, [("mean", 1.0), ("last", 1.0)])
    bar.update(2, [("mean", 3.0), ("last", 3.0)])
    assert capsys.readouterr().out.endswith(" - mean: 2.0000 - last: 3.0000")


def test_the_last_update_shows_its_own_values(clock: Clock, capsys: Output):
    bar = Progbar(target=2)
    bar.update(1, [("loss", 1.0)])
    bar.update(2, [("loss", 3.0)])
    assert capsys.readouterr().out.endswith(" - loss: 3.0000\n")


@pytest.mark.parametrize(
    ("value", "verbose_1", "verbose_2"),
    [
        (0.00100001, "0.0010", "0.0010"),
        (0.001, "1.0000e-03", "1.0000e-03"),
        (-2.0, "-2.0000", "-2.0000e+00"),
        (math.nan, "nan", "nan"),
        (-math.inf, "-inf", "-inf"),
        (12345.678, "12345.6780", "12345.6780"),
    ],
)
def test_small_values_have_an_exponent_and_so_have_negative_ones_in_verbose_2(
    value: float, verbose_1: str, verbose_2: str, clock: Clock, capsys: Output
):
    for verbose, text in [(1, verbose_1), (2, verbose_2)]:
        Progbar(target=1, verbose=verbose).update(1, [("loss", value)])
        assert capsys.readouterr().out.endswith(f" - loss: {text}\n")


@pytest.mark.parametrize(
    ("seconds_left", "text"),
    [
        (0.9, "0s"),
        (60, "60s"),
        (61, "1:01"),
        (3600, "60:00"),
        (3601, "1:00:01"),
        (90061, "25:01:01"),
    ],
)
def test_the_time_left_is_in_seconds_then_minutes_then_hours(
    seconds_left: float, text: str, clock: Clock, capsys: Output
):
    bar = Progbar(target=2)
    clock.now += seconds_left
    bar.update(1)
    assert f"\x1b[1m{text}\x1b[0m " in capsys.readouterr().out


def test_the_first_step_does_not_count_for_the_time_per_step(clock: Clock, capsys: Output):
    bar = Progbar(target=3, verbose=2)
    for step, seconds in [(1, 100), (2, 2), (3, 4)]:
        clock.now += seconds
        bar.update(step)
    assert capsys.readouterr().out == "3/3 - 106s - 3s/step\n"


def test_add_goes_on_from_the_last_update(clock: Clock, capsys: Output):
    bar = Progbar(target=5, verbose=2)
    bar.update(2)
    bar.add(3, [("loss", 1.0)])
    assert capsys.readouterr().out == "5/5 - 0s - 0s/step - loss: 1.0000\n"


def test_values_given_as_a_function_are_read_only_for_a_line_that_is_printed(clock: Clock):
    bar = Progbar(target=100, stateless_metrics=())
    reads: list[int] = []
    for step in range(1, 21):
        bar.update(step, lambda step=step: reads.append(step) or [("loss", 1.0)])
        clock.now += 0.01
    assert reads == [1, 6, 11, 16]  # with 0.05 s between two prints


@pytest.mark.parametrize("verbose", [0, 2])
def test_values_given_as_a_function_are_not_read_where_nothing_moves(verbose: int):
    def read() -> list[tuple[str, float]]:
        raise AssertionError("nobody looks at this")

    Progbar(target=100, verbose=verbose, stateless_metrics=()).update(1, read)


def test_values_given_as_a_function_are_read_each_time_where_they_are_averaged(
    clock: Clock, capsys: Output
):
    bar = Progbar(target=100)
    for step in range(1, 5):
        bar.update(step, lambda step=step: [("loss", 2.0**step)])
    clock.now += 1
    bar.update(5, lambda: [("loss", 0.0)])
    assert capsys.readouterr().out.endswith(" - loss: 6.0000")


def test_two_lists_of_metrics_are_refused():
    with pytest.raises(ValueError, match=r"`stateful_metrics`.*or `stateless_metrics`.*not both"):
        Progbar(target=1, stateful_metrics=["a"], stateless_metrics=["b"])


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_an_output_without_the_bar_character_gets_equal_signs(
    encoding: str, monkeypatch: pytest.MonkeyPatch
):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, newline=""))
    print_message("━━ 学loss")
    assert raw.getvalue() == b"== loss\n"


def test_a_message_is_written_at_once_and_its_line_may_stay_open(
    monkeypatch: pytest.MonkeyPatch,
):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="utf-8", newline=""))
    print_message(5, line_break=False)
    assert raw.getvalue() == b"5"


def test_a_bar_takes_one_list_of_metrics() -> None:
    message = (
        r"^Progbar takes `stateful_metrics` \(shown as given\) or `stateless_metrics` "
        r"\(averaged\), not both: either list decides for all other metrics too\.$"
    )
    with pytest.raises(ValueError, match=message):
        Progbar(3, stateful_metrics=["a"], stateless_metrics=["b"])


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)


@pytest.mark.usefixtures("stopped_clock")
def test_a_bar_is_20_characters_long_and_the_first_of_them_is_green(capsys: Output) -> None:
    for step, green in ((0, 0), (1, 1), (19, 19), (20, 20)):
        Progbar(20).update(step, finalize=False)
        bar = f"\x1b[32m{'━' * green}\x1b[0m" if green else ""
        white = f"\x1b[37m{'━' * (20 - green)}\x1b[0m"
        assert f"\x1b[1m{step:2d}/20\x1b[0m {bar}{white} " in capsys.readouterr().out


@pytest.mark.usefixtures("stopped_clock")
def test_a_bar_for_no_steps_knows_no_target(capsys: Output) -> None:
    Progbar(0).update(0)
    assert "      0/Unknown" in capsys.readouterr().out
    Progbar(0, verbose=2).update(0)
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("stopped_clock")
def test_steps_are_added_from_the_first_on(capsys: Output) -> None:
    bar = Progbar(3, verbose=1, interval=0)
    bar.add(1, [("loss", 1.0)])
    assert "1/3" in capsys.readouterr().out
    bar.add(1, [("loss", 2.0)])
    line = capsys.readouterr().out
    assert "2/3" in line
    assert line.endswith(" - loss: 1.5000")
    bar.update(2, [("loss", 6.0)])  # again the same step
    assert capsys.readouterr().out.endswith(" - loss: 3.0000")


@pytest.mark.usefixtures("stopped_clock")
def test_the_first_step_may_be_said_twice(capsys: Output) -> None:
    bar = Progbar(3, interval=0)
    bar.update(1)
    bar.update(1)
    assert capsys.readouterr().out.count("1/3") == 2


@pytest.mark.usefixtures("stopped_clock")
def test_a_first_update_of_several_steps_counts_for_them_all(capsys: Output) -> None:
    bar = Progbar(9, interval=0)
    bar.update(2, [("loss", 1.0)])
    bar.update(3, [("loss", 4.0)])
    assert capsys.readouterr().out.endswith(" - loss: 2.0000")


def test_one_list_of_metrics_leaves_the_other_empty() -> None:
    assert Progbar(3, stateless_metrics=["a"]).stateful_metrics is None
    assert Progbar(3, stateless_metrics=["a"]).stateless_metrics == {"a"}
    assert Progbar(3, stateful_metrics=["a"]).stateful_metrics == {"a"}
    assert Progbar(3).stateful_metrics == set()
    assert Progbar(3).stateless_metrics is None
    assert Progbar(3).width == 20


@pytest.mark.usefixtures("stopped_clock")
@pytest.mark.parametrize("value", [2.0, 2, np.float32(2), np.float32([1, 3]), np.array([[2]])])
def test_a_metric_is_shown_as_one_number(value: Any, capsys: Output) -> None:
    Progbar(1, verbose=2).update(1, [("loss", value)])
    assert capsys.readouterr().out.endswith(" - loss: 2.0000\n")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.6, "600ms"),
        (0.000_600_499_8, "600us"),
        (1.4, "1s"),
        (0.001, "1ms"),
        (0.0014, "1ms"),
        (0.000_001, "1us"),
    ],
)
def test_a_step_takes_whole_seconds_or_thousandths_of_them(
    seconds: float, said: str, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    clock = iter([0.0, seconds])
    monkeypatch.setattr(time, "time", lambda: next(clock))
    Progbar(1, verbose=2).update(1)
    assert capsys.readouterr().out == f"1/1 - {seconds:.0f}s - {said}/step\n"


class Latin(io.StringIO):
    """An output without an encoding, which takes no character above 255."""

    encoding = None  # type: ignore[assignment]

    def write(self, text: str) -> int:
        text.encode("latin-1")
        return super().write(text)


def test_an_output_without_an_encoding_gets_a_plain_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    output = Latin()
    monkeypatch.setattr(sys, "stdout", output)
    print_message("a ━━ bär")
    assert output.getvalue() == "a == bär\n"
