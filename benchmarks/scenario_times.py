"""How long each scenario takes from the command to the report, and where the time goes.

Runs all five on MovieLens-100K as a person would: each by a command of its own on an empty platform, `hrnn` a second
time on what is there, `hrnn` in a platform that is kept running, then all five in one platform. Only runs that
succeeded are shown.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = ("hrnn", "sims", "metadata", "coldstart", "put_events")
RUNS_IN_KEPT_PLATFORM = 3
_STAGE_ROW = re.compile(r"(\S.*?) {2,}([\d,]+\.\d)")


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of a command, and of the stages that it printed at its end."""

    seconds: float
    stages: dict[str, float]


def main() -> None:
    """Print the times as Markdown tables."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        rows, stages = [], {}
        for scenario in SCENARIOS:
            shutil.rmtree(home, ignore_errors=True)
            run = _run(scenario, home)
            rows.append((f"{scenario}, empty platform", run.seconds))
            stages[scenario] = run.stages
            if scenario == "hrnn":
                rows.append(("hrnn, once more", _run(scenario, home).seconds))
                with _kept_platform(home):
                    runs = [_run(scenario, home).seconds for _ in range(RUNS_IN_KEPT_PLATFORM)]
                rows.append(("hrnn, first in a kept platform", runs[0]))
                rows.append(("hrnn, last in a kept platform", runs[-1]))
        shutil.rmtree(home, ignore_errors=True)
        rows.append(("all five in one platform", _run("all", home).seconds))
    print("From the command to the report, MovieLens-100K:\n")
    _table(("run", "s"), [(name, f"{seconds:.1f}") for name, seconds in rows])
    names = list(dict.fromkeys(stage for each in stages.values() for stage in each))
    print("\nSeconds in each stage of the state machine:\n")
    cells = [
        (name, *(f"{stages[each][name]:.1f}" if name in stages[each] else "" for each in SCENARIOS))
        for name in names
    ]
    _table(("stage", *SCENARIOS), cells)


def _run(scenario: str, home: Path) -> Run:
    """Run a scenario. Raises RuntimeError with the command's output when it failed."""
    command = [sys.executable, "-m", "local.cli", "run", scenario, "--new"]
    started = time.perf_counter()
    ended = subprocess.run(
        command, cwd=ROOT, env=_environment(home), capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    if ended.returncode:
        raise RuntimeError(
            f"{' '.join(command)} exited with {ended.returncode}:\n{ended.stdout}{ended.stderr}"
        )
    table = ended.stdout.rpartition("\nstep ")[2]
    rows = (_STAGE_ROW.fullmatch(line.rstrip()) for line in table.splitlines())
    return Run(seconds, {row[1]: float(row[2].replace(",", "")) for row in rows if row})


@contextmanager
def _kept_platform(home: Path) -> Iterator[None]:
    """`pipelines up`, for as long as the block lasts."""
    with subprocess.Popen(
        [sys.executable, "-m", "local.cli", "up"],
        cwd=ROOT,
        env=_environment(home),
        stdout=subprocess.PIPE,
        text=True,
    ) as platform:
        try:
            for line in platform.stdout or ():
                if "Ctrl-C ends it" in line:
                    break
            yield
        finally:
            platform.terminate()


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "PIPELINES_HOME": str(home), "COLUMNS": "160", "PYTHONUNBUFFERED": "1"}


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for row in (head, ["---"] * len(head), *rows):
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
