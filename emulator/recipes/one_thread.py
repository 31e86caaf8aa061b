"""Linear algebra on one thread: the last bits of a product depend on how many threads share the work.

With it the same data give the same model on any number of cores. It is also what a busy machine does best: threads that
wait for each other at every step cost more than they bring where a core is taken by something else.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from types import TracebackType


class OneThread:
    """A context that may be entered by several threads at once; the limit ends when the last one leaves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._limits: threadpool_limits | None = None

    def __enter__(self) -> None:
        """Sets the limit."""
        with self._lock:
            if self._limits is None:
                self._limits = threadpool_limits(1, user_api="blas")
            self._inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Puts things back as they were."""
        with self._lock:
            self._inside -= 1
            if not self._inside and self._limits is not None:
                self._limits.restore_original_limits()
                self._limits = None


ONE_THREAD = OneThread()
"""The number of threads is one for the whole process, and so is this."""
