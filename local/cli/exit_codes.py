"""What the exit code of `pipelines` tells a script."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """One code per kind of ending, so that a scheduler or CI job knows whether repeating makes sense."""

    OK = 0
    RUN_FAILED = 1  # the run ended FAILED: read the reason, mend it, resume
    USAGE = 2  # wrong arguments or settings: nothing was started
    DATA = 3  # the data cannot be used: correct it, start a new run
    INTERRUPTED = 4  # Ctrl-C, a stopped execution, or a timeout: resume
    ENVIRONMENT = 5  # AWS or the local platform cannot be reached, or is not set up


HELP = (
    "Exit codes: 0 done, 1 the run failed, 2 wrong arguments or settings, 3 the data cannot be used, "
    "4 interrupted or timed out, 5 AWS or the local platform is not available."
)


class CommandError(Exception):
    """Ends a command with a message for people and a code for scripts."""

    def __init__(self, message: str, code: ExitCode) -> None:
        super().__init__(message)
        self.code = code
