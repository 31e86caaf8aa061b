"""How long each handler takes to import with nothing but its own code and its layer, as at a cold start.

The layers are built for this machine and Python, with bytecode, so the first run fetches packages. Times are of the
processor: what Lambda adds for a new environment is not in them, nor what this machine does besides.
"""

from __future__ import annotations

import platform
import statistics
import sys

from benchmarks.measure import ROOT, measure
from stacks.libraries import build_layer, layer_cache, library_fingerprint

_TASKS = {
    "create_resource": "control",
    "describe_resource": "control",
    "delete_resource": "control",
    "record_failure": "control",
    "replay_events": "data",
    "split_data": "data",
    "evaluate": "data",
    "publish_index": "data",
}
_RUNS = 5
_PROGRAM = "import importlib, sys; sys.path[:0] = {paths}; importlib.import_module('lambdas.{task}.handler')"


def main() -> None:
    """Print the median of each handler."""
    architecture = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    print("| handler | layer | import, processor s | peak MB |\n|---|---|---|---|")
    for task, kind in _TASKS.items():
        layer = layer_cache() / library_fingerprint(kind, architecture, python)
        build_layer(kind, architecture, python, layer)
        program = _PROGRAM.format(paths=[str(ROOT), str(layer / "python")], task=task)
        runs = [measure(["-I", "-S", "-c", program]) for _ in range(_RUNS)]
        seconds = statistics.median(run.processor_seconds for run in runs)
        print(f"| {task} | {kind} | {seconds:.2f} | {max(run.peak_mb for run in runs):.0f} |")


if __name__ == "__main__":
    main()
