"""Print how good the recipes are, as Markdown. See the package for the tables, and `--help`."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from benchmarks.quality import for_cold_items, for_items, for_users, live
from benchmarks.quality.peers import PEERS
from benchmarks.quality.running import missing_peers
from benchmarks.quality.splits import PER_USER, Cut, cut
from local.datasets import Dataset, load_dataset

NEURAL_SECONDS = 300.0


class Run:
    """One run of the benchmark on one data set."""

    def __init__(self, dataset: Dataset, folder: Path, peers: list[str], seconds: float) -> None:
        self.dataset, self.folder, self.peers, self.seconds = dataset, folder, peers, seconds

    @cached_property
    def cut(self) -> Cut:
        """The last tenth of every user's interactions held out."""
        return cut(self.dataset, PER_USER, self.folder / "split")

    def users(self) -> str:
        """Recommendations for users, beside the peers."""
        found = for_users.measure_users(self.cut, self.folder / "users", self.peers, self.seconds)
        rows = self.cut.tables.interactions.num_rows + self.cut.held.num_rows
        published = self.dataset.name == "ml-1m" and rows == for_users.ML_1M_ROWS
        lines = [for_users.user_tables(found, published=published), _ABOUT_COSTS]
        left_out = [PEERS[name].label for name in PEERS if name not in self.peers]
        if "gru4rec" in self.peers:
            lines.append(
                f"GRU4Rec was given {self.seconds:g} s and no search for parameters; of its epochs "
                "the best is taken, by a part of the training."
            )
        if left_out:
            lines.append(f"Left out: {', '.join(left_out)}. `make quality` installs and includes them.")
        return "\n\n".join(lines)

    def items(self) -> str:
        """Related items."""
        return for_items.item_tables(for_items.measure_items(self.cut, self.folder / "items"))

    def cold(self) -> str:
        """Cold items."""
        return for_cold_items.cold_tables(
            for_cold_items.measure_cold_items(self.dataset, self.folder / "cold")
        )

    def live(self) -> str:
        """Live events."""
        found = live.measure_live(self.cut, self.folder / "live")
        return f"{found.users:,} users:\n\n{live.live_table(found)}"


TABLES: dict[str, tuple[str, Callable[[Run], str]]] = {
    "users": ("User recommendations", Run.users),
    "items": ("Related items, after the last item before the cut", Run.items),
    "cold": ("Cold items", Run.cold),
    "live": ("Live events: the first half of the held-out events arrives, the second is predicted", Run.live),
}
_ABOUT_COSTS = (
    "Training: from tables in memory to a model; of the recipes with the coding of ids and the service's own metrics, "
    "for which most fit two models. Peak: of the process until then, with all that it has loaded. Requests: one user "
    "at a time, 200 of them, in the process. Intervals: 95 %, bootstrap over users."
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--data", type=Path, help="a data set's folder; MovieLens-100K without one")
    parser.add_argument("--only", help=f"tables, separated by commas: {', '.join(TABLES)}")
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--neural-seconds", type=float, default=NEURAL_SECONDS, metavar="N")
    asked = parser.parse_args()
    names = asked.only.split(",") if asked.only else list(TABLES)
    unknown = [name for name in names if name not in TABLES]
    if unknown:
        parser.error(f"there is no table {unknown[0]!r}, only {', '.join(TABLES)}")
    dataset, missing = load_dataset(asked.data), missing_peers()
    peers = [name for name in PEERS if name not in missing] if asked.peers else []
    with tempfile.TemporaryDirectory() as folder:
        run = Run(dataset, Path(folder), peers, asked.neural_seconds)
        print(f"# {dataset.name}: {_size(run.cut)}")
        for name in names:
            title, measured = TABLES[name]
            print(f"\n## {title}\n\n{measured(run)}", flush=True)


def _size(one: Cut) -> str:
    data, rows = one.data, one.tables.interactions.num_rows
    return (
        f"{rows:,} training and {one.held.num_rows:,} held-out interactions, {data.train_users:,} users of whom "
        f"{data.n_users:,} are judged, {data.catalogue_size:,} items in training"
    )


if __name__ == "__main__":
    main()
