"""Watches an execution until it ends: the same code for the local platform and for AWS."""

from __future__ import annotations

import time
from collections.abc import Callable

from local.cli.history import HistoryReader, Progress
from local.cli.target import Execution, RunTarget

LOCAL_PAUSE = 0.2
AWS_PAUSE = 2.0
"""Seconds. AWS refills GetExecutionHistory by a few calls a second for the whole account."""


def follow(
    target: RunTarget,
    arn: str,
    show: Callable[[Progress], None],
    *,
    pause: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Execution:
    """Give every piece of news to `show`, as it comes; returns the execution when it has ended."""
    reader = HistoryReader()
    while True:
        # Asked before the history is read: what ended before that moment has its whole history.
        execution = target.describe(arn)
        for progress in reader.read(target.history(arn, reader.last_id)):
            show(progress)
        if execution.ended:
            return execution
        sleep(pause)
