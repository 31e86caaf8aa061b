"""Wall time and peak memory of a program, measured from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Linux counts the resident set in kilobytes, macOS in bytes.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds by the clock, seconds of processor time, peak resident set in bytes, and what was printed."""

    seconds: float
    processor_seconds: float
    peak_bytes: int
    output: str

    @property
    def peak_mb(self) -> float:
        """The peak in MB (10^6 bytes)."""
        return self.peak_bytes / 1e6


def measure(arguments: Sequence[str]) -> Measured:
    """Run Python with these arguments in the repository's folder. Raises RuntimeError when it fails."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        output = process.stdout.read() if process.stdout else ""
        # Not wait(): only wait4 tells the usage of this child and no other.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} exited with {process.returncode}")
    processor = usage.ru_utime + usage.ru_stime
    return Measured(seconds, processor, usage.ru_maxrss * _RSS_UNIT, output)
