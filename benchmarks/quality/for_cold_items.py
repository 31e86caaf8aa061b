"""Cold items: half of the items are taken out of the training, and the right ones of them are to reach each user.

Training is the past of the other items. The truth is what the held-out items got in the users' future; a variant, the
one of Amazon's notebooks, takes what they got in all of time. Only held-out items may be recommended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.asking import LENGTH, Questions
from benchmarks.quality.judged import MRR, P10, Judged, codes_of, judged
from benchmarks.quality.markdown import share, table
from benchmarks.quality.recipe_models import trainable
from benchmarks.quality.running import run_job
from benchmarks.quality.splits import FRACTION, Cut, cut, write_tables
from emulator.recipes.catalogue import USER_PERSONALIZATION
from lambdas.evaluate.baselines import COLD_BASELINES
from lambdas.evaluate.catalogue import read_catalogue
from lambdas.evaluate.cold_baselines import cold_baseline_lists
from lambdas.evaluate.genres import Genres
from lambdas.reports.names import BASELINE_LABELS
from lambdas.split_data import outputs
from lambdas.split_data.settings import SplitSettings, Truth
from local.datasets import Dataset

SEEDS = range(5)
COLD_SHARE = 0.5
RECIPES = ("aws-hrnn-coldstart", "aws-user-personalization")
MOST_POPULAR_GENRES = "sum of its genres' popularity"
TRUTHS: dict[Truth, str] = {
    "future": "held-out items in the users' future",
    "all_time": "held-out items in all of time",
}
_GENRES = "GENRES"


@dataclass(frozen=True)
class ColdResults:
    """For each truth the judged lists of every seed. genres: whether the data have any."""

    judged: dict[Truth, list[Judged]]
    genres: bool


def measure_cold_items(dataset: Dataset, folder: Path) -> ColdResults:
    """Split, train and ask for every seed. Both truths have the same training, so the models are trained once."""
    found: dict[Truth, list[Judged]] = {truth: [] for truth in TRUTHS}
    genres_known = False
    for seed in SEEDS:
        cuts = {
            truth: cut(
                dataset,
                SplitSettings("cold_items", FRACTION, COLD_SHARE, seed, truth),
                folder / f"{seed}-{truth}",
            )
            for truth in TRUTHS
        }
        tables = write_tables(cuts["future"].tables, folder / f"{seed}")
        candidates = {truth: _candidates(each) for truth, each in cuts.items()}
        questions: dict[str, Questions] = {
            truth: Questions(each.data.users.to_pylist(), only=_ids(each, candidates[truth]))
            for truth, each in cuts.items()
        }
        names = [name for name in RECIPES if name in trainable(USER_PERSONALIZATION, cuts["future"].tables)]
        ran = {name: run_job(name, tables, questions) for name in names}
        for truth, each in cuts.items():
            lists = {name: codes_of(run.lists[truth], each.data) for name, run in ran.items()}
            baselines = dict(_baselines(each, candidates[truth], seed))
            genres_known = len(baselines) > 1
            found[truth].append(judged(baselines | lists, each.data))
    return ColdResults(found, genres_known)


def cold_tables(results: ColdResults) -> str:
    """One table for each truth: means over the seeds, and the range."""
    head = ("list", "MRR, mean of 5 seeds", "lowest to highest", "P@10, mean of 5 seeds", "lowest to highest")
    parts = [
        f"Truth: {TRUTHS[truth]}:\n\n" + table(head, [_row(seeds, name) for name in seeds[0].values])
        for truth, seeds in results.judged.items()
    ]
    if not results.genres:
        parts.append("The items have no column GENRES: the lists by genres are left out.")
    return "\n\n".join(parts)


def by_summed_popularity(
    genres: Genres, counts: NDArray[np.int64], candidates: NDArray[np.int64]
) -> NDArray[np.int32]:
    """The best LENGTH candidates by the sum of their genres' training interactions, the same for everybody.

    counts: training interactions of the items from code 0. Equal ones in the order of the candidates.
    """
    popularity = genres.totals(counts.astype(np.float64))
    starts = genres.sets.starts
    sums = np.array(
        [popularity[genres.sets.items[starts[item] : starts[item + 1]]].sum() for item in candidates]
    )
    return candidates[np.argsort(-sums, kind="stable")][:LENGTH].astype(np.int32)


def _candidates(one: Cut) -> NDArray[np.int64]:
    """Codes of the held-out items."""
    catalogue = read_catalogue(one.files.path(outputs.CATALOGUE), _GENRES)
    return np.flatnonzero(catalogue.cold_flags(one.data.items))


def _ids(one: Cut, codes: NDArray[np.int64]) -> list[str]:
    ids: list[str] = one.data.items.take(codes).to_pylist()
    return ids


def _baselines(one: Cut, candidates: NDArray[np.int64], seed: int) -> Iterator[tuple[str, NDArray[np.int32]]]:
    """The application's baselines, and genres by the plain sum. Ties are broken by lot."""
    genres = Genres.of(read_catalogue(one.files.path(outputs.CATALOGUE), _GENRES), one.data)
    for name in COLD_BASELINES if genres.known else COLD_BASELINES[:1]:
        yield (
            BASELINE_LABELS[name],
            cold_baseline_lists(name, one.data, genres, candidates, length=LENGTH, seed=seed),
        )
    if genres.known:
        shuffled = np.random.default_rng(seed).permutation(candidates)
        best = by_summed_popularity(genres, one.data.counts, shuffled)
        same = np.full(LENGTH, -1, np.int32)
        same[: len(best)] = best
        yield MOST_POPULAR_GENRES, np.tile(same, (one.data.n_users, 1))


def _row(seeds: Sequence[Judged], name: str) -> list[str]:
    cells = [name]
    for column in (MRR, P10):
        values = [found.means[name, column].mean for found in seeds]
        cells += [share(float(np.mean(values))), f"{share(min(values))} to {share(max(values))}"]
    return cells
