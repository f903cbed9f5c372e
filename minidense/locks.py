"""A lock that may be an attribute of what is copied: each copy has its own."""

import threading
from typing import Any


class OwnLock:
    """Held by one thread at a time, which may take it again.

    >>> import copy
    >>> lock = OwnLock()
    >>> with lock:
    ...     copy.deepcopy(lock) is lock
    False
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *error: Any) -> None:
        self._lock.release()

    def __reduce__(self) -> tuple[Any, ...]:
        return OwnLock, ()
