"""One model in a process of its own: trained on a folder of tables, asked, and timed.

    python -m benchmarks.quality.job MODEL FOLDER SECONDS QUESTIONS…

Writes NAME.lists beside each file of questions and prints what the model cost, as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.measure import peak_bytes
from benchmarks.quality.asking import Model, Questions, Train, write_lists
from benchmarks.quality.peers import PEERS
from benchmarks.quality.recipe_models import recipe_trainer
from benchmarks.quality.splits import read_tables

REQUESTS, WARM_UP = 200, 10


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of training from tables in memory, peak bytes of the process until then, milliseconds of a request."""

    training: float
    peak: int
    p50: float
    p99: float


def main() -> None:
    """Train, ask and write."""
    model_name, folder, seconds, *files = sys.argv[1:]
    tables, training = read_tables(Path(folder)), trainer_of(model_name)
    started = time.perf_counter()
    model = training(tables, float(seconds))
    trained, peak = time.perf_counter() - started, peak_bytes()
    asked = [(Path(file), Questions.read(Path(file))) for file in files]
    times = request_times(model, asked[0][1])
    for path, questions in asked:
        write_lists(model.lists(questions), path.with_suffix(".lists"))
    p50, p99 = np.quantile(times, [0.5, 0.99]).tolist()
    print(json.dumps(asdict(Cost(trained, peak, 1e3 * p50, 1e3 * p99))))


def trainer_of(name: str) -> Train:
    """A peer by its name, or a recipe."""
    return PEERS[name].train if name in PEERS else recipe_trainer(name)


def request_times(model: Model, questions: Questions) -> list[float]:
    """Seconds of single questions, evenly over all, after some that are not counted."""
    seconds = []
    for place in np.linspace(0, len(questions.users) - 1, WARM_UP + REQUESTS).astype(int):
        one = questions.part(slice(place, place + 1))
        started = time.perf_counter()
        model.lists(one)
        seconds.append(time.perf_counter() - started)
    return seconds[WARM_UP:]


if __name__ == "__main__":
    main()
