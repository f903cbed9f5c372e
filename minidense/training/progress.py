"""The progress bar that `fit`, `evaluate` and `predict` print, character by character as Keras's.

Mirrors `keras.utils.Progbar` (`keras/src/utils/progbar.py`) and `print_msg`
(`keras/src/utils/io_utils.py`). The clock is `time.time`, read once an update.
"""

import math
import os
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, TypeGuard

import numpy as np

Values: TypeAlias = Iterable[tuple[str, Any]]
"""Metric names with the values of the last step."""

# A bar is made of pieces: an ANSI code and the text that it colours. Only text has a width.
_Piece: TypeAlias = tuple[str, str]
_PLAIN, _BOLD, _GREEN, _WHITE = "", "1", "32", "37"


def print_message(message: object, line_break: bool = True) -> None:
    """Write a message to the standard output at once.

    Where the output's encoding lacks the bar's "━", a "=" stands in for it, and any other
    character that the encoding lacks is left out.

    Args:
        message: what to write; `str` is called on it.
        line_break: whether a newline follows.

    >>> print_message("Epoch 1/5")
    Epoch 1/5
    """
    text = f"{message}\n" if line_break else str(message)
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "utf-8"
        plain = text.replace("━", "=").encode(encoding, errors="ignore")
        sys.stdout.write(plain.decode(encoding))
    sys.stdout.flush()


class Progbar:
    """A bar that moves on one line (verbose 1), or one line at the end (verbose 2).

    A metric is shown as its mean over the steps so far, or as it was last given. By default all
    are averaged; `stateful_metrics` names the exceptions; `stateless_metrics` names the only ones
    that are. The last update shows its own values in any case.

    Args:
        target: the number of steps in all; None where it is not known.
        width: how many characters the bar itself takes.
        verbose: 1 for the moving bar, 2 for a line at the end, 0 for silence.
        interval: seconds that pass at least between two prints of the moving bar.
        stateful_metrics: names of metrics to show as given.
        stateless_metrics: names of metrics to average.
        unit_name: what one step is called in "ms/step".

    Raises:
        ValueError: if both lists of metrics are given.

    >>> bar = Progbar(target=3, verbose=2)
    >>> for step, loss in [(1, 3.0), (2, 2.0), (3, 1.0)]:
    ...     bar.update(step, [("loss", loss)])  # doctest: +ELLIPSIS
    3/3 - 0s - ...s/step - loss: 1.0000
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            lists = "`stateful_metrics` (shown as given) or `stateless_metrics` (averaged)"
            why = "either list decides for all other metrics too"
            raise ValueError(f"Progbar takes {lists}, not both: {why}.")
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.unit_name = unit_name
        self.stateful_metrics = set(stateful_metrics or ()) if stateless_metrics is None else None
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)

        self._dynamic_display = _display_is_dynamic()
        self._metrics: dict[str, tuple[Any, int]] = {}  # a sum, and over how many steps
        self._seen_so_far = 0
        self._start = time.time()
        self._time_after_first_step: float | None = None
        self._last_print = 0.0
        self._printed_width = 0

    def update(
        self,
        current: int,
        values: Values | Callable[[], Values] | None = None,
        finalize: bool | None = None,
    ) -> None:
        """Move to step `current`, and print if it is time to.

        Args:
            current: how many steps are done.
            values: (name, value) pairs of the last step, or a function that returns them. The
                function is called only if a line is printed or a metric may be averaged.
            finalize: whether this is the last update; None means: when `current` has reached
                the target.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        new_steps = max(current - self._seen_so_far, 1)
        self._seen_so_far = current
        if callable(values) and (self.stateless_metrics is None or self.stateless_metrics):
            values = values()
        if values and not callable(values):
            self._record(values, new_steps, finalize)

        now = time.time()
        step_time = self._step_time(current, now)
        if not self._is_due(now, finalize):
            return
        if callable(values):
            self._record(values(), new_steps, finalize)
        if self.verbose == 1:
            self._print_bar(current, now - self._start, step_time, finalize)
        else:
            self._print_line(current, now - self._start, step_time)
        self._last_print = now

    def add(self, n: int, values: Values | Callable[[], Values] | None = None) -> None:
        """Move on by `n` steps, as `update` does.

        Args:
            n: how many steps were done since the last update.
            values: as in `update`.
        """
        self.update(self._seen_so_far + n, values)

    def _is_averaged(self, name: str) -> bool:
        if self.stateless_metrics is not None:
            return name in self.stateless_metrics
        return name not in (self.stateful_metrics or ())

    def _record(self, values: Values, new_steps: int, finalize: bool) -> None:
        for name, value in values:
            if finalize or not self._is_averaged(name):
                self._metrics[name] = (value, 1)
            elif name not in self._metrics:
                self._metrics[name] = (value * new_steps, new_steps)
            else:
                total, steps = self._metrics[name]
                self._metrics[name] = (total + value * new_steps, steps + new_steps)

    def _is_due(self, now: float, finalize: bool) -> bool:
        if self.verbose == 1:
            return finalize or not now - self._last_print < self.interval
        return self.verbose == 2 and finalize and _is_positive(self.target)

    def _step_time(self, current: int, now: float) -> float:
        """Seconds per step; the first step is left out once there are others, as it is slower."""
        if not current:
            return 0.0
        if self._time_after_first_step is not None and current > 1:
            return (now - self._time_after_first_step) / (current - 1)
        if current == 1:
            self._time_after_first_step = now
        return (now - self._start) / current

    def _print_bar(self, current: int, elapsed: float, step_time: float, finalize: bool) -> None:
        duration = f"{elapsed:.0f}s"
        if _is_positive(self.target) and not finalize:
            duration = _time_left(step_time * (self.target - current))
        pieces = [
            *self._bar(current),
            (_PLAIN, " "),
            (_BOLD, duration),
            (_PLAIN, f" {_time_per_unit(step_time, self.unit_name)}{self._metrics_text(abs)}"),
        ]
        width = sum(len(text) for _, text in pieces)
        # The bar before this one is gone over, and what was longer there is blanked.
        back = "\b" * self._printed_width + "\r" if self._dynamic_display else "\n"
        blanks = " " * (self._printed_width - width)
        line_break = "\n" if finalize else ""
        line = "".join(_coloured(code, text) for code, text in pieces)
        print_message(f"{back}{line}{blanks}{line_break}", line_break=False)
        self._printed_width = width

    def _bar(self, current: int) -> list[_Piece]:
        count = _count(current, self.target)
        if not _is_positive(self.target):
            return [(_PLAIN, count)]
        filled = int(self.width * (current / self.target))
        done = [(_GREEN, "━" * filled)] if filled > 0 else []
        left = (_WHITE, "━" * (self.width - filled))
        return [(_BOLD, count), (_PLAIN, " "), *done, left]

    def _print_line(self, current: int, elapsed: float, step_time: float) -> None:
        per_unit = _time_per_unit(step_time, self.unit_name)
        # The sign is left on: in this line alone Keras gives every negative value an exponent.
        metrics = self._metrics_text(lambda mean: mean)
        print_message(f"{_count(current, self.target)} - {elapsed:.0f}s - {per_unit}{metrics}")

    def _metrics_text(self, size: Callable[[float], float]) -> str:
        """Each metric's mean: four decimals where its size is over 0.001, else an exponent."""
        text = ""
        for name, (total, steps) in self._metrics.items():
            mean = (total if isinstance(total, float) else np.mean(total)) / steps
            text += f" - {name}: {mean:.4f}" if size(mean) > 1e-3 else f" - {name}: {mean:.4e}"
        return text


def _display_is_dynamic() -> bool:
    """Whether the bar may move on its line; on Linux and macOS Keras says yes for files too."""
    is_terminal = hasattr(sys.stdout, "isatty") and sys.stdout.isatty()
    is_system = "ipykernel" in sys.modules or "posix" in sys.modules
    return is_terminal or is_system or "PYCHARM_HOSTED" in os.environ


def _is_positive(target: int | None) -> TypeGuard[int]:
    return target is not None and target > 0


def _count(current: int, target: int | None) -> str:
    """Give "  7/100": the step in as many characters as the target has digits."""
    if not _is_positive(target):
        return f"{int(current):7d}/Unknown"
    digits = int(math.log10(target)) + 1
    return f"{int(current):{digits}d}/{int(target)}"


def _coloured(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if code else text


def _time_left(seconds: float) -> str:
    """Give "59s", "1:05" or "2:01:05"; 60 and 3600 seconds themselves stay in the shorter form.

    >>> _time_left(60), _time_left(61.9), _time_left(3600), _time_left(3601)
    ('60s', '1:01', '60:00', '1:00:01')
    """
    minutes, rest = divmod(int(seconds), 60)
    if seconds > 3600:
        return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
    if seconds > 60:
        return f"{minutes}:{rest:02d}"
    return f"{int(seconds)}s"


def _time_per_unit(seconds: float, unit_name: str) -> str:
    """Give a step's time in s, ms or us, whole.

    >>> _time_per_unit(2.4, "step"), _time_per_unit(0.0024, "step"), _time_per_unit(24e-7, "step")
    ('2s/step', '2ms/step', '2us/step')
    """
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/{unit_name}"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms/{unit_name}"
    return f"{seconds * 1e6:.0f}us/{unit_name}"
