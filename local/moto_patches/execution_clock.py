"""The time of one execution, in which a shortened wait still counts in full."""

import math
import threading
import time


class ExecutionClock:
    """Real time plus what was skipped by shortening waits, in seconds from an arbitrary start.

    With a speed factor a Wait of 60 s may take 1 s. A state machine's TimeoutSeconds must still see 60 s, or an
    execution that times out on AWS succeeds here.
    """

    def __init__(self) -> None:
        """Start at real time, without a deadline."""
        self._skipped = 0.0
        self._deadline = math.inf
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the execution's time."""
        return time.monotonic() + self._skipped

    def set_timeout(self, seconds: float) -> None:
        """Let the execution time out this long after now."""
        self._deadline = self.now() + seconds

    def remaining(self) -> float:
        """Return the seconds of execution time up to the timeout; infinite without one, negative when it is over."""
        return self._deadline - self.now()

    def advance_to(self, moment: float) -> None:
        """Skip forward to a moment of execution time.

        Never backwards: of branches that waited at the same time, the longest wait counts, not the sum.
        """
        with self._lock:
            self._skipped = max(self._skipped, moment - time.monotonic())
