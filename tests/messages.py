"""What a call says when it fails: the whole message, not a part of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest


def message_of(call: Callable[[], Any]) -> str:
    """Return the class and the message of what a call raises, as a traceback ends."""
    errors = (AttributeError, NotImplementedError, RuntimeError, TypeError, ValueError)
    with pytest.raises(errors) as raised:
        call()
    return f"{raised.type.__name__}: {raised.value}"


def exactly(message: str) -> str:
    """Return the pattern that a message fits as a whole, and no other."""
    return f"^{re.escape(message)}$"
