"""How long each scenario takes from the command to the report, and where the time goes.

Runs all five on MovieLens-100K as a person would: each by a command of its own on an empty platform, `hrnn` a second
time on what is there, then all five in one platform. Only runs that succeeded are shown.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = ("hrnn", "sims", "metadata", "coldstart", "put_events")


def main() -> None:
    """Print the times as Markdown tables."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        rows, stages = [], {}
        for scenario in SCENARIOS:
            shutil.rmtree(home, ignore_errors=True)
            rows.append((f"{scenario}, empty platform", _run(scenario, home)))
            stages[scenario] = _stages(home, scenario)
            if scenario == "hrnn":
                rows.append(("hrnn, once more", _run(scenario, home)))
        shutil.rmtree(home, ignore_errors=True)
        rows.append(("all five in one platform", _run("all", home)))
    print("From the command to the report, MovieLens-100K:\n")
    _table(("run", "s"), [(name, f"{seconds:.1f}") for name, seconds in rows])
    names = list(dict.fromkeys(stage for each in stages.values() for stage in each))
    print("\nSeconds in each stage of the state machine:\n")
    cells = [
        (name, *(f"{stages[each][name]:.1f}" if name in stages[each] else "" for each in SCENARIOS))
        for name in names
    ]
    _table(("stage", *SCENARIOS), cells)


def _run(scenario: str, home: Path) -> float:
    """Seconds that the command took. Raises RuntimeError with its output when it failed."""
    command = [sys.executable, "-m", "local.cli", "run", scenario, "--new"]
    environment = {**os.environ, "PIPELINES_HOME": str(home)}
    started = time.perf_counter()
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if ended.returncode:
        raise RuntimeError(
            f"{' '.join(command)} exited with {ended.returncode}:\n{ended.stdout}{ended.stderr}"
        )
    return seconds


def _stages(home: Path, scenario: str) -> dict[str, float]:
    """The stage times that the report holds; the evaluation writes the page and so is not in it."""
    (file,) = (home / "results" / "reports" / scenario).glob("*/metrics.json")
    return {stage["stage"]: stage["seconds"] for stage in json.loads(file.read_text())["facts"]["stages"]}


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for row in (head, ["---"] * len(head), *rows):
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
