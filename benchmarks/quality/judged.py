"""Lists judged by the application's metrics, and intervals by its bootstrap over users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.quality.asking import LENGTH
from lambdas.evaluate.interactions import EvaluationData, places
from lambdas.evaluate.item_sets import ItemSets
from lambdas.evaluate.judging import judge
from lambdas.evaluate.metrics import USER_METRICS
from lambdas.evaluate.settings import EvaluationSettings
from lambdas.reports.bootstrap import SampledMean, resampled_means
from lambdas.reports.estimates import Difference, Estimate

Column = tuple[str, int]
COLUMNS: tuple[Column, ...] = (
    ("mrr", LENGTH),
    ("precision", 5),
    ("precision", 10),
    ("precision", 25),
    ("ndcg", 10),
    ("ndcg", 25),
    ("ndcg_of_hits", 10),
    ("ndcg_of_hits", 25),
    ("recall", 25),
)
MRR, P10 = COLUMNS[0], COLUMNS[2]
_SETTINGS = EvaluationSettings()


@dataclass(frozen=True)
class Judged:
    """Values of several lists for the same users, shape (users, columns) each, resampled together."""

    values: Mapping[str, NDArray[np.float64]]
    means: Mapping[tuple[str, Column], SampledMean]

    def estimate(self, name: str, column: Column) -> Estimate:
        """The mean over users, with its interval."""
        return self.means[name, column].estimate(_SETTINGS.confidence)

    def difference(self, name: str, other: str, column: Column) -> Difference:
        """The mean of one minus that of the other, with the interval of the paired difference."""
        return self.means[name, column].minus(self.means[other, column], _SETTINGS.confidence)

    def better(self, name: str, other: str, column: Column) -> tuple[float, float]:
        """The shares of users for whom the one is better, and for whom it is worse."""
        place = COLUMNS.index(column)
        change = self.values[name][:, place] - self.values[other][:, place]
        return float(np.mean(change > 0)), float(np.mean(change < 0))


def judged(lists: Mapping[str, NDArray[np.int32]], data: EvaluationData) -> Judged:
    """Every metric of lists of item codes, (users, LENGTH)."""
    values = {}
    for name, codes in lists.items():
        marked = judge(codes, data)
        values[name] = np.stack([USER_METRICS[metric].per_user(marked, k) for metric, k in COLUMNS], axis=1)
    together = np.hstack(list(values.values()))
    draws = resampled_means(together, resamples=_SETTINGS.bootstrap_resamples, seed=_SETTINGS.seed)
    keys = [(name, column) for name in values for column in COLUMNS]
    means = {
        key: SampledMean(float(np.nanmean(together[:, place])), draws[:, place])
        for place, key in enumerate(keys)
    }
    return Judged(values, means)


def codes_of(lists: Sequence[Sequence[str]], data: EvaluationData) -> NDArray[np.int32]:
    """Lists of ids as codes, (users, LENGTH): -1 after the end, one more than the last code for unknown items."""
    codes = np.full((len(lists), LENGTH), -1, dtype=np.int32)
    flat = pa.array([item for items in lists for item in items], pa.string())
    known = places(flat, data.items)
    filled = np.arange(LENGTH) < np.array([len(items) for items in lists])[:, None]
    codes[filled] = np.where(known < 0, len(data.items), known)
    return codes


def with_truth(data: EvaluationData, truth: Sequence[Sequence[str]]) -> EvaluationData:
    """The same users judged by other held-out items."""
    owners = np.repeat(np.arange(len(truth)), [len(items) for items in truth])
    codes = places(pa.array([item for items in truth for item in items], pa.string()), data.items)
    sets = ItemSets.of_pairs(owners, codes, n_users=len(truth), n_items=len(data.items))
    return replace(data, truth=sets)


def for_users(data: EvaluationData, users: Sequence[str]) -> EvaluationData:
    """Some of the users alone, in the order given. What only describes all of them stays as it is."""
    rows = places(pa.array(users, pa.string()), data.users)
    return replace(
        data,
        users=data.users.take(pa.array(rows)),
        seen=_rows_of(data.seen, rows),
        truth=_rows_of(data.truth, rows),
        history=data.history[rows],
    )


def _rows_of(sets: ItemSets, rows: NDArray[np.int32]) -> ItemSets:
    found = [sets.items[sets.starts[row] : sets.starts[row + 1]] for row in rows]
    owners = np.repeat(np.arange(len(rows)), [len(items) for items in found])
    return ItemSets.of_pairs(owners, np.concatenate(found), n_users=len(rows), n_items=sets.n_items)
