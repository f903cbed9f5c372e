"""Where a summary goes: how wide the place is, which characters it takes, and the way there."""

import builtins
import contextlib
import os
import sys

_DEFAULT_TERMINAL_WIDTH = 80
_NOTEBOOK_WIDTH = 115


def _in_notebook() -> bool:
    """Say whether a Jupyter kernel or Colab runs this, as rich finds it out."""
    shell = getattr(builtins, "get_ipython", lambda: None)()
    return "google.colab" in str(type(shell)) or type(shell).__name__ == "ZMQInteractiveShell"


def console_width() -> int:
    """Return the width at which lines are cut: a notebook's, COLUMNS, the terminal's, or 80."""
    if _in_notebook():
        asked = os.environ.get("JUPYTER_COLUMNS", "")
        return int(asked) if asked.isdigit() else _NOTEBOOK_WIDTH
    asked = os.environ.get("COLUMNS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    for stream in (0, 1, 2):  # piped output still goes to someone who sits at a terminal
        with contextlib.suppress(OSError):
            return os.get_terminal_size(stream).columns or _DEFAULT_TERMINAL_WIDTH
    return _DEFAULT_TERMINAL_WIDTH


def ascii_only() -> bool:
    """Say whether standard output is in an encoding without box characters."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return not encoding.lower().startswith("utf")


def write(text: str) -> None:
    """Write to standard output, with "?" for what it cannot encode; nowhere if there is none."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError as error:
        encodable = text.encode(error.encoding, errors="replace").decode(error.encoding)
        sys.stdout.write(encodable)
    sys.stdout.flush()
