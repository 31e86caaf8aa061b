"""Starts jobs: which Python they run with, and what they cost."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import ROOT, measure
from benchmarks.quality.asking import Questions, read_lists
from benchmarks.quality.job import Cost
from benchmarks.quality.peers import PEERS

PEERS_PYTHON = ROOT / ".venv-peers" / "bin" / "python"


@dataclass(frozen=True)
class Ran:
    """What a model cost, and its lists for each set of questions, by name."""

    cost: Cost
    lists: Mapping[str, list[list[str]]]


def run_job(model: str, tables: Path, questions: Mapping[str, Questions], seconds: float = 0) -> Ran:
    """Train a model in a process of its own on the tables of a folder, and ask it."""
    files = {name: tables / f"{name}.questions" for name in questions}
    for name, asked in questions.items():
        asked.write(files[name])
    arguments = ["-m", "benchmarks.quality.job", model, str(tables), str(seconds), *map(str, files.values())]
    measured = measure(arguments, python=python_of(model))
    lists = {name: read_lists(path.with_suffix(".lists")) for name, path in files.items()}
    return Ran(Cost(**json.loads(measured.output.splitlines()[-1])), lists)


def python_of(model: str) -> str | None:
    """The Python that has the model's library: that of the peers' environment, or None for this one."""
    peer = PEERS.get(model)
    if peer is None or peer.library is None or importlib.util.find_spec(peer.library):
        return None
    return str(PEERS_PYTHON)


def missing_peers() -> list[str]:
    """Names of the peers whose library is neither here nor in the peers' environment."""
    return [
        name
        for name, peer in PEERS.items()
        if peer.library and not importlib.util.find_spec(peer.library) and not PEERS_PYTHON.exists()
    ]
