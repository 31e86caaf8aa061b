"""Wall time and peak memory of a program, measured from outside."""

from __future__ import annotations

import os
import resource
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


def peak_bytes() -> int:
    """The peak resident set of this process so far.

    On Linux from /proc: the figure of getrusage also holds the peak of whoever started the process.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT


def measure(arguments: Sequence[str], *, python: str | None = None) -> Measured:
    """Run Python (this one if none is given) with these arguments in the repository's folder.

    Raises RuntimeError when it fails.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        [python or sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
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
