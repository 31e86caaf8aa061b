"""What the emulator's recipes cost at scale: seconds, memory, time of a request, size of the model. On made-up data.

Each recipe runs in a process of its own, which first reads the interactions into an Arrow table in memory, ids as
strings, in random order, as an import leaves them. That reading is not in the seconds but the table is in the peak.
The made-up items of a user follow no pattern: pairs of items are more varied than in real data, and the figures say
nothing about quality.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import feather

from benchmarks.made_up import Size, interactions_table
from benchmarks.measure import ROOT, measure, peak_bytes
from benchmarks.recipe_data import Tables, coded
from emulator.recipes.catalogue import RECIPE_ARN_PREFIX, RECIPES, RELATED_ITEMS, USER_PERSONALIZATION, Recipe
from emulator.recipes.contract import fit
from emulator.settings import Limits
from emulator.training.model import Asked, TrainedModel
from emulator.training.train import TrainingRequest, known_parameters, side_of, train, usable_users

LIKE_ML_1M = Size(rows=1_000_000, users=6_040, items=3_700, answers=0)
LIKE_ML_25M = Size(rows=25_000_000, users=160_000, items=100_000, answers=0)
REQUESTS, WARM_UP, COUNT = 200, 10, 25
_GENRES = 18


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one recipe: seconds, bytes, and milliseconds of a request. table: bytes in memory before anything is coded.

    training: from the table to a TrainedModel with the service's metrics, coding included; fit: one pass over the
    coded events to one model.
    """

    recipe: str
    metadata: bool
    coding: float
    training: float
    fit: float
    table: int
    peak: int
    request_p50: float
    request_p99: float
    disk: int

    def __str__(self) -> str:
        """A line of the table in Markdown."""
        name = f"{self.recipe}, metadata" if self.metadata else self.recipe
        return (
            f"| {name} | {self.training:.1f} | {self.coding:.1f} | {self.fit:.1f} | {self.peak / 1e6:,.0f} "
            f"| {self.request_p50:.2f} | {self.request_p99:.2f} | {self.disk / 1e6:,.1f} |"
        )


def main() -> None:
    """Make the data where they are not there yet, train every recipe on each size, print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, help="with --users and --items: one size of your own")
    parser.add_argument("--users", type=int)
    parser.add_argument("--items", type=int)
    parser.add_argument("--small", action="store_true", help="only the size of MovieLens-1M")
    parser.add_argument(
        "--recipes", help="names, separated by commas; all that answer users or items by default"
    )
    parser.add_argument(
        "--metadata", action="store_true", help="also each recipe that uses metadata, with some"
    )
    parser.add_argument("--one", nargs=2, metavar=("FOLDER", "RECIPE"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(asdict(cost(Path(asked.one[0]), asked.one[1], metadata=asked.metadata))))
        return
    given = (asked.rows, asked.users, asked.items)
    if any(given) and not all(given):
        parser.error("a size has --rows, --users and --items")
    sizes = [LIKE_ML_1M] if asked.small else [LIKE_ML_1M, LIKE_ML_25M]
    for size in [Size(*given, answers=0)] if all(given) else sizes:
        print(f"\n{size.rows:,} rows, {size.users:,} users, {size.items:,} items:\n")
        print(
            "| recipe | training, s | of it coding, s | one fit alone, s | peak MB | request p50, ms | p99, ms "
            "| on disk, MB |\n|---|---|---|---|---|---|---|---|"
        )
        run(size, asked.recipes.split(",") if asked.recipes else _names(), metadata=asked.metadata)


def run(size: Size, names: list[str], *, metadata: bool) -> None:
    """Print the line of each recipe when it is known, and what is in the figures."""
    folder = ROOT / ".cache" / "benchmarks" / size.name
    if not (folder / "interactions.arrow").exists():
        make_data(size, folder)
    table = 0
    for name in names:
        recipe = RECIPES[RECIPE_ARN_PREFIX + name]
        for with_metadata in (False, True):
            if with_metadata and not (recipe.metadata and (metadata or "ITEMS" in recipe.required)):
                continue
            if not with_metadata and "ITEMS" in recipe.required:
                continue
            flags = ["--metadata"] if with_metadata else []
            module = ["-m", "benchmarks.recipes_at_scale"]
            measured = Cost(**json.loads(measure([*module, "--one", str(folder), name, *flags]).output))
            print(measured, flush=True)
            table = measured.table
    print(
        f"\nTraining: from the table in memory to a model and the service's metrics, so most recipes fit two models. "
        f"Peak: of the process, until the training ends; Python, libraries and the table alone are "
        f"{table / 1e6:,.0f} MB. Requests: {REQUESTS} lists of {COUNT}, one user or item at a time, in the process."
    )


def make_data(size: Size, folder: Path) -> None:
    """Write interactions, items and users as Feather files that are read in one go."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(size.seed)
    numbers = interactions_table(size)
    ids = {name: numbers[name].cast(pa.string()) for name in ("USER_ID", "ITEM_ID")}
    genres = np.array([f"genre {number}" for number in range(_GENRES)])
    pairs = genres[random.integers(0, _GENRES, (2, size.items))]
    tables = {
        "items": pa.table(
            {
                "ITEM_ID": pa.array(np.arange(1, size.items + 1)).cast(pa.string()),
                "GENRES": pa.array([f"{one}|{other}" for one, other in pairs.T.tolist()]),
                "YEAR": pa.array(random.integers(1930, 2020, size.items)),
            }
        ),
        "users": pa.table(
            {
                "USER_ID": pa.array(np.arange(1, size.users + 1)).cast(pa.string()),
                "AGE": pa.array(random.integers(16, 80, size.users)),
                "OCCUPATION": pa.array(random.integers(0, 21, size.users)).cast(pa.string()),
            }
        ),
        "interactions": pa.table({**ids, "TIMESTAMP": numbers["TIMESTAMP"]}),
    }
    for name, table in tables.items():
        unfinished = folder / f"{name}.unfinished"
        feather.write_feather(table, str(unfinished), compression="uncompressed")
        unfinished.replace(folder / f"{name}.arrow")


def cost(folder: Path, name: str, *, metadata: bool) -> Cost:
    """Train one recipe on the data of a folder in this process, and ask it."""
    recipe = RECIPES[RECIPE_ARN_PREFIX + name]
    kinds = ("interactions", "items", "users") if metadata else ("interactions",)
    tables = Tables(
        **{kind: feather.read_table(str(folder / f"{kind}.arrow"), memory_map=False) for kind in kinds}
    )
    before = peak_bytes()
    started = time.perf_counter()
    interactions = coded(tables, recipe)
    coding = time.perf_counter() - started
    request = TrainingRequest(recipe)
    model = train(interactions, request, Limits()).model
    training, peak = time.perf_counter() - started, peak_bytes()
    disk, times = _on_disk(model), _request_times(model, recipe)
    del model, tables
    events, started = usable_users(interactions.events, request), time.perf_counter()
    if recipe.trainer is not None:
        fit(recipe.trainer, events, known_parameters(request), side_of(interactions))
    fitting = time.perf_counter() - started
    p50, p99 = np.quantile(times, [0.5, 0.99]).tolist()
    return Cost(name, metadata, coding, training, fitting, before, peak, 1e3 * p50, 1e3 * p99, disk)


def _on_disk(model: TrainedModel) -> int:
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "model")
        return sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())


def _request_times(model: TrainedModel, recipe: Recipe) -> list[float]:
    """Seconds of single requests, users or items evenly over all."""
    ids = model.items if recipe.recipe_type == RELATED_ITEMS else list(model.users)
    seconds = []
    for place in np.linspace(0, len(ids) - 1, WARM_UP + REQUESTS).astype(int):
        asked = Asked(item_id=ids[place]) if recipe.recipe_type == RELATED_ITEMS else Asked(ids[place])
        started = time.perf_counter()
        model.answer([asked], COUNT)
        seconds.append(time.perf_counter() - started)
    return seconds[WARM_UP:]


def _names() -> list[str]:
    """The recipes that can be trained and answer with a list for a user or an item."""
    kinds = (USER_PERSONALIZATION, RELATED_ITEMS)
    return [recipe.name for recipe in RECIPES.values() if recipe.trainer and recipe.recipe_type in kinds]


if __name__ == "__main__":
    main()
